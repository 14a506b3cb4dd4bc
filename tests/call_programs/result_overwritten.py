"""Result overwritten."""

import numpy as np


def rec(x, n):
    if n == 0:
        return x * 1.0, x * x
    a, b = rec(x, n - 1)
    a = a * b
    a, b = rec(a, n - 1)
    return a + b, b * a


def f(x):
    a, b = rec(x, 2)
    return a * b


POINTS = [
    (0.4,),
    (np.array([0.4, 0.3]),),
]
