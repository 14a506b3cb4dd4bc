"""List of closures."""

import numpy as np


def make(k):
    def layer(x):
        y = x
        for _ in range(2):
            y = np.sin(y) * k
        return y

    return layer


LAYERS = [make(2.0), make(0.5), make(3.0)]


def f(x):
    for layer in LAYERS:
        x = layer(x)
    return np.sum(x)


POINTS = [
    (np.array([0.4, -0.3]),),
]
