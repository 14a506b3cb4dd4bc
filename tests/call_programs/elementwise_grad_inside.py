"""Elementwise grad inside."""

import numpy as np
from srcdiff import elementwise_grad


def u(t, w):
    return np.tanh(w * t)


def f(w, t):
    return np.sum((elementwise_grad(u)(t, w) + u(t, w)) ** 2)


POINTS = [
    (
        0.7,
        np.array([0.1, 0.5]),
    ),
]
