"""Hamiltonian."""

import numpy as np
from srcdiff import grad


def H(q, p):
    return np.sum(p**2) / 2 + np.sum(1 - np.cos(q))


def f(q, p):
    for _ in range(3):
        p = p - 0.1 * grad(H, 0)(q, p)
        q = q + 0.1 * grad(H, 1)(q, p)
    return H(q, p) + np.sum(q)


POINTS = [
    (
        np.array([0.5, -0.3]),
        np.array([0.1, 0.5]),
    ),
]
