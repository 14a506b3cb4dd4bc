"""Horner recursion lists."""

import numpy as np


def horner(coeffs, x):
    if len(coeffs) == 1:
        return coeffs[0]
    return coeffs[0] + x * horner(coeffs[1:], x)


def f(coeffs, x):
    return horner(coeffs, x)


POINTS = [
    (
        [1.0, 2.0, 0.5],
        0.3,
    ),
    (
        np.array([1.0, 2.0, 0.5]),
        0.3,
    ),
]
