"""Rec several."""

import numpy as np


def rec2(x, n):
    if n == 0:
        return x, x * x
    a, b = rec2(x, n - 1)
    return a * b, a + b


def f(x):
    a, b = rec2(x, 3)
    return np.sin(a) + b


POINTS = [
    (0.7,),
    (np.array([0.3, 0.8]),),
]
