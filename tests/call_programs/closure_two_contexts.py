"""Closure two contexts."""

import numpy as np


def apply(g, k):
    k = k + 1.0
    return g(k) * k


def f(x, k):
    def g(v):
        return v * k * x

    a = apply(g, x)
    k = k * 2
    return a + apply(g, k)


POINTS = [
    (
        0.4,
        1.3,
    ),
]
