"""Callback default none."""

import numpy as np


def solve(fun, x0, n=5, callback=None):
    x = x0
    for i in range(n):
        x = x - 0.1 * fun(x)
        if callback is not None:
            callback(x)
    return x


def f(x0, k):
    return solve(lambda x: k * x**3, x0)


POINTS = [
    (
        0.4,
        1.5,
    ),
]
