"""Grad of inner def."""

import numpy as np
from srcdiff import grad


def f(w, x):
    def loss(v):
        return np.sum((x @ v) ** 4)

    g = grad(loss)(w)
    return loss(w - 0.1 * g)


POINTS = [
    (
        np.array([0.5, -0.3]),
        np.array([[0.3, 0.2], [-0.1, 0.2]]),
    ),
]
