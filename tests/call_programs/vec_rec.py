"""Vec rec."""

import numpy as np


def cumulate(x, acc):
    if len(x) == 0:
        return acc, 0.0 * acc
    a, b = cumulate(x[1:], acc * x[0] + 1.0)
    return a, b + acc


def f(x):
    a, b = cumulate(x, x[0])
    return a * b


POINTS = [
    (np.array([1.0, 2.0, 0.5, 0.3]),),
]
