"""Mutual statements."""

import numpy as np


def even(x, n):
    if n == 0:
        return x
    y = odd(x, n - 1)
    return y * np.sin(x)


def odd(x, n):
    if n == 0:
        return x * x
    return x + even(x, n - 1)


def f(x):
    return even(x, 4)


POINTS = [
    (0.7,),
    (1.3,),
]
