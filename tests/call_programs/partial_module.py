"""Partial module."""

import functools
import numpy as np


def scaled(a, x, b=1.0):
    return a * np.sin(x) + b * x


half = functools.partial(scaled, 0.5, b=2.0)


def f(x):
    return np.sum(half(x) ** 2)


POINTS = [
    (np.array([0.3, 0.8]),),
]
