"""None default twice."""

import numpy as np


def norm(x, w=None, act=None):
    if w is None:
        w = np.ones(2) * x
    w = w * 2
    if act is None:
        act = np.tanh
    return np.sum(act(x * w))


def f(x):
    return norm(x) + norm(x, x * x) + norm(x, act=np.sin)


POINTS = [
    (np.array([0.4, 0.3]),),
]
