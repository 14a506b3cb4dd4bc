"""List of layers."""

import numpy as np


def relu(x):
    return np.maximum(x, 0.0)


LAYERS = [relu, np.tanh, relu]


def f(x, ws):
    for g, w in zip(LAYERS, ws):
        x = g(w @ x)
    return np.sum(x)


POINTS = [
    (
        np.array([0.3, 0.8]),
        [np.array([[0.3, 0.8], [-1.0, 0.2]]), np.eye(2), np.ones((2, 2))],
    ),
]
