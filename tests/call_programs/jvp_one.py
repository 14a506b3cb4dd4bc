"""Jvp one."""

import numpy as np
from srcdiff import jvp


def layer(x, w):
    return np.tanh(x * w)


def f(x, w, v):
    y, t = jvp(layer, (x, w), (v, None))
    return np.sum(y * t**2)


POINTS = [
    (
        np.array([0.5, -0.3]),
        np.array([0.2, 0.4]),
        np.array([1.0, 0.4]),
    ),
]
