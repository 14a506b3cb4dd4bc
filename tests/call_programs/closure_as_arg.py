"""Closure as arg."""

import numpy as np


def make_rhs(k, c):
    def rhs(t, y):
        return np.array([y[1], -k * y[0] - c * y[1]])

    return rhs


def euler(rhs, y, h, n):
    t = 0.0
    for _ in range(n):
        y = y + h * rhs(t, y)
        t += h
    return y


def f(y0, k, c):
    return np.sum(euler(make_rhs(k, c), y0, 0.1, 3) ** 2)


POINTS = [
    (
        np.array([1.0, 0.2]),
        2.0,
        0.3,
    ),
]
