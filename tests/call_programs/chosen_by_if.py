"""Chosen by if."""

import numpy as np


def f(x, kind):
    if kind == "tanh":
        act = np.tanh
    elif kind == "relu":
        act = lambda t: np.maximum(t, 0.0)
    else:
        act = np.sin
    return np.sum(act(x) ** 2)


POINTS = [
    (
        np.array([0.3, 0.8]),
        "tanh",
    ),
    (
        np.array([0.3, 0.8]),
        "other",
    ),
]
