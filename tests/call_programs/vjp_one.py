"""Vjp one."""

import numpy as np
from srcdiff import vjp


def layer(x):
    return np.tanh(x) * x[::-1]


def f(x, v):
    y, pull = vjp(layer, x)
    (dx,) = pull(v * y)
    return np.sum(dx**2) + np.sum(y)


POINTS = [
    (
        np.array([0.5, -0.3]),
        np.array([0.2, 0.4]),
    ),
]
