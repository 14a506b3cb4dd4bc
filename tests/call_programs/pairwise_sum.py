"""Pairwise sum."""

import numpy as np


def pairwise(x):
    n = len(x)
    if n <= 2:
        return np.sum(x)
    m = n // 2
    return pairwise(x[:m]) + pairwise(x[m:])


def f(x):
    return pairwise(np.sin(x)) ** 2


POINTS = [
    (np.array([0.3, 0.8, -1.0, 0.4, 2.0]),),
]
