"""Cond several."""

import numpy as np


def both(x, n):
    if n > 2:
        return both(x * x, n - 1)
    if n == 0:
        return x, x + 1
    a, b = both(x + 1.0, n - 1)
    return b, a * x


def f(x):
    a, b = both(x, 2)
    return a / b


POINTS = [
    (0.4,),
]
