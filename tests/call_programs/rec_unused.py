"""Rec unused."""

import numpy as np


def rec(x, n):
    if n == 0:
        return x, x * x, n
    a, b, k = rec(np.sin(x), n - 1)
    return a * b, a + b, k + 1


def f(x):
    a, _, k = rec(x, 3)
    return a * k


POINTS = [
    (0.7,),
    (np.array([0.3, 0.8]),),
]
