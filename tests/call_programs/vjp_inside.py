"""Vjp inside."""

import numpy as np
from srcdiff import vjp


def layer(w, x):
    return np.tanh(w @ x)


def f(w, x):
    y, pull = vjp(layer, w, x)
    dw, dx = pull(y)
    return np.sum(dw**2) + np.sum(dx)


POINTS = [
    (
        np.array([[0.3, 0.8], [-1.0, 0.2]]),
        np.array([0.5, -0.3]),
    ),
]
