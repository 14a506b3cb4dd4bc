"""Jvp both lambda."""

import numpy as np
from srcdiff import jvp


def f(x, w, v):
    out, t = jvp(lambda a, b: np.sum(np.tanh(a * b) * w), (x, w), (v, x))
    return out * t


POINTS = [
    (
        np.array([0.5, -0.3]),
        np.array([0.2, 0.4]),
        np.array([1.0, 0.4]),
    ),
]
