"""Partial inside."""

from functools import partial
import numpy as np


def scaled(a, x, b=1.0):
    return a * np.sin(x) + b * x


def f(x, w):
    g = partial(scaled, w, b=w * 2)
    return np.sum(g(x) ** 2)


POINTS = [
    (
        np.array([0.3, 0.8]),
        0.4,
    ),
]
