"""Rec in loop."""

import numpy as np


def rec(x, y, n):
    if n == 0:
        return x, y
    a, b = rec(y * x, np.sin(x), n - 1)
    return a + x, b * y


def f(x, y):
    for i in range(3):
        x, y = rec(x, y, i)
    return x * y


POINTS = [
    (
        0.7,
        0.2,
    ),
    (
        np.array([0.3, 0.8]),
        np.array([0.1, 0.5]),
    ),
]
