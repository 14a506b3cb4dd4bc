"""Maml."""

import numpy as np
from srcdiff import grad


def loss(w, x, y):
    return np.mean((x @ w - y) ** 2)


def f(w, x, y):
    g = grad(loss)(w, x, y)
    w2 = w - 0.1 * g
    return loss(w2, x, y)


POINTS = [
    (
        np.array([0.3, 0.8]),
        np.array([[0.3, 0.8], [-1.0, 0.2]]),
        np.array([0.5, -0.3]),
    ),
]
