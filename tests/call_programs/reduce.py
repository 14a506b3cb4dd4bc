"""Reduce."""

from functools import reduce
import numpy as np


def f(x):
    return reduce(lambda a, b: a * b + 1.0, x)


POINTS = [
    (np.array([0.4, 0.3, 2.0]),),
]
