"""Closure in closure."""

import numpy as np


def make(k):
    def inner(x):
        y = x
        for _ in range(2):
            y = np.sin(y) * k
        return y

    def outer(x, k=2.0):
        return inner(x) * k

    return outer


g1 = make(2.0)
g2 = make(0.3)


def f(x):
    return np.sum(g1(x) * g2(x))


POINTS = [
    (np.array([0.4, -0.3]),),
]
