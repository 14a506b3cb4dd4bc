"""Rec item use."""

import numpy as np


def rec(x, n):
    if n == 0:
        return x, x * x
    r = rec(x, n - 1)
    return r[0] * r[1], r[0] + r[1]


def f(x):
    return rec(x, 2)[0] * rec(x, 3)[1]


POINTS = [
    (0.7,),
    (np.array([0.3, 0.8]),),
]
