"""Top none called."""

import numpy as np


def f(x, act=None, w=None):
    y = x if w is None else x * w
    if act is not None:
        y = act(y)
    return np.sum(y * y)


POINTS = [
    (np.array([0.4, 0.2]),),
    (
        np.array([0.4, 0.2]),
        None,
        np.array([1.0, 3.0]),
    ),
]
