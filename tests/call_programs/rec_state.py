"""Rec state."""

import numpy as np


def tree_reduce(xs):
    n = len(xs)
    if n == 1:
        return xs[0], xs[0] ** 2
    a, b = tree_reduce(xs[: n // 2])
    c, d = tree_reduce(xs[n // 2 :])
    return a * c, b + d


def f(xs):
    p, s = tree_reduce(xs)
    return p + s


POINTS = [
    ([1.0, 2.0, 0.5],),
    (np.array([1.0, 2.0, 0.5, 0.3]),),
]
