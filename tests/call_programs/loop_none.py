"""Loop none."""

import numpy as np


def helper(xs, prev=None):
    s = 0.0
    for v in xs:
        if prev is not None:
            s = s + prev * v
        prev = v
    return s


def f(x):
    return helper(x)


POINTS = [
    (np.array([0.4, 0.2, 0.7]),),
]
