"""Grad in branch."""

import numpy as np
from srcdiff import grad


def l1(v):
    return np.sum(v**4)


def l2(v):
    return np.sum(np.sin(v))


def f(w, flag):
    if flag > 0:
        g = grad(l1)
    else:
        g = grad(l2)
    return np.sum(g(w) * w)


POINTS = [
    (
        np.array([0.5, -0.3]),
        1,
    ),
    (
        np.array([0.5, -0.3]),
        0,
    ),
]
