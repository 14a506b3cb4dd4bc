"""Grad named given to helper."""

import numpy as np
from srcdiff import grad


def loss(w, x):
    return np.sum((w * x - 1.0) ** 4)


def descend(g, w, x, n):
    for _ in range(n):
        w = w - 0.1 * g(w, x)
    return w


def f(w, x):
    g = grad(loss)
    return np.sum(descend(g, w, x, 2))


POINTS = [
    (
        np.array([0.5, -0.3]),
        np.array([0.1, 0.5]),
    ),
]
