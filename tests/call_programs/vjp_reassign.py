"""Vjp reassign."""

import numpy as np
from srcdiff import vjp


def layer(w, x):
    return np.tanh(w * x)


def f(w, x):
    y, pull = vjp(layer, w, x)
    w = w * 3
    dw, dx = pull(y)
    s = 0.0
    for i in range(2):
        y2, pull2 = vjp(layer, w, dx)
        dw2, dx = pull2(y2)
        s = s + np.sum(dw2)
    return np.sum(dw * w) + s


POINTS = [
    (
        np.array([0.5, -0.3]),
        np.array([0.1, 0.5]),
    ),
]
