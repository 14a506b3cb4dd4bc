"""Grad argnums tuple."""

import numpy as np
from srcdiff import grad


def H(q, p):
    return np.sum(p**2 * q) / 2 + np.sum(1 - np.cos(q))


def f(q, p):
    dq, dp = grad(H, (0, 1))(q, p)
    return np.sum(dq * dp)


POINTS = [
    (
        np.array([0.5, -0.3]),
        np.array([0.1, 0.5]),
    ),
]
