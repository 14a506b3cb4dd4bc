"""Mutual several."""

import numpy as np


def ping(x, n):
    if n == 0:
        return x, 1.0
    a, b = pong(x * 1.1, n - 1)
    return np.sin(a) * b, a


def pong(x, n):
    if n == 0:
        return x * x, x
    a, b = ping(x, n - 1)
    return a + b, a * b


def f(x):
    a, b = ping(x, 4)
    c, d = pong(x, 3)
    return a * b + c * d


POINTS = [
    (0.4,),
    (np.array([1.0, 2.0, 0.5, 0.3]),),
]
