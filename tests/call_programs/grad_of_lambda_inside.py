"""Grad of lambda inside."""

import numpy as np
from srcdiff import grad


def f(x, w):
    g = grad(lambda t: np.sum(np.sin(t * w)))
    return np.sum(g(x) ** 2)


POINTS = [
    (
        np.array([0.5, -0.3]),
        2.0,
    ),
]
