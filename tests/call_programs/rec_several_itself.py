"""Rec several itself."""

import numpy as np


def f(x, n=3):
    if n == 0:
        return x, x * x
    a, b = f(x, n - 1)
    return a * b, a + b


POINTS = [
    (
        0.7,
        3,
    ),
]
