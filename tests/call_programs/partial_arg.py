"""Partial arg."""

import functools
import numpy as np


def scaled(a, x, b=1.0):
    return a * np.sin(x) + b * x


def f(x, g):
    return np.sum(g(x) ** 2)


POINTS = [
    (
        np.array([0.3, 0.8]),
        functools.partial(scaled, 0.5, b=2.0),
    ),
]
