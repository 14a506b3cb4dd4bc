"""Closure changes."""

import numpy as np


def make(k):
    scale = k

    def layer(x):
        y = x
        for _ in range(2):
            y = np.sin(y) * scale
        return y

    def set_scale(v):
        nonlocal scale
        scale = v

    return layer, set_scale


g1, set1 = make(2.0)
g2, set2 = make(0.3)


def f(x):
    return np.sum(g1(x) * g2(x))


POINTS = [
    (np.array([0.4, -0.3]),),
]
