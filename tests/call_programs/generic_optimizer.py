"""Generic optimizer."""

import numpy as np
from srcdiff import grad


def descend(loss, w, lr, steps):
    g = grad(loss)
    for _ in range(steps):
        w = w - lr * g(w)
    return w


def f(x, y):
    def loss(w):
        return np.sum((x * w - y) ** 2)

    return np.sum(descend(loss, np.zeros(2), 0.1, 3))


POINTS = [
    (
        np.array([0.5, -0.3]),
        np.array([0.1, 0.5]),
    ),
]
