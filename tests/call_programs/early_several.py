"""Early several."""

import numpy as np


def split(x, t):
    if np.sum(x) < t:
        return x, x * 2
    a, b = split(x * 0.5, t)
    if a[0] > 0.2:
        return a * b, b
    return b, a + x


def f(x, t):
    a, b = split(x, t)
    return np.sum(a * b)


POINTS = [
    (
        np.array([1.0, 2.0]),
        1.0,
    ),
    (
        np.array([0.3, 2.0]),
        1.0,
    ),
]
