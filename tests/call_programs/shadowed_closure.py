"""Shadowed closure."""

import numpy as np
from srcdiff import grad


def descend(loss, w, x):
    g = grad(loss)
    return w - x * g(w)


def f(w, x, y):
    def loss(v):
        return np.sum((v * x - y) ** 2)

    return np.sum(descend(loss, w, 0.3))


POINTS = [
    (
        np.array([0.5, -0.3]),
        np.array([0.1, 0.5]),
        2.0,
    ),
]
