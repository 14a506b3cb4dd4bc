"""Partial as arg."""

from functools import partial
import numpy as np


def rhs(t, y, k, c):
    return np.array([y[1], -k * y[0] - c * y[1]])


def euler(rhs, y, h, n):
    t = 0.0
    for _ in range(n):
        y = y + h * rhs(t, y)
        t += h
    return y


def f(y0, k, c):
    return np.sum(euler(partial(rhs, k=k, c=c), y0, 0.1, 3) ** 2)


POINTS = [
    (
        np.array([1.0, 0.2]),
        2.0,
        0.3,
    ),
]
