"""Branch none."""

import numpy as np


def helper(x, w=None, flag=True):
    if flag:
        if w is None:
            w = x * 2
    return x * (w if w is not None else 1.0)


def f(x):
    return helper(x) + helper(x, None, False)


POINTS = [
    (np.array([0.4, 0.2, 0.7]),),
]
