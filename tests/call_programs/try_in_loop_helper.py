"""Try in loop helper."""

import numpy as np


def root(x):
    try:
        return np.sqrt(x)
    except FloatingPointError:
        raise ValueError("negative")


def f(x):
    s = 0.0
    for v in x:
        s = s + root(v) * v
    return s


POINTS = [
    (np.array([0.4, 0.3]),),
]
