"""Inner calls inner."""

import numpy as np
from srcdiff import grad


def f(w, x):
    def model(v):
        return np.tanh(v * x)

    def loss(v):
        return np.sum(model(v) ** 2)

    return np.sum(grad(loss)(w) * w)


POINTS = [
    (
        np.array([0.5, -0.3]),
        np.array([0.1, 0.5]),
    ),
]
