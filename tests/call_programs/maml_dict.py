"""Maml dict."""

import numpy as np
from srcdiff import grad


def loss(p, x, y):
    return np.mean((np.tanh(x @ p["w"] + p["b"]) - y) ** 2)


def f(p, x, y):
    g = grad(loss)(p, x, y)
    q = {k: p[k] - 0.1 * g[k] for k in p}
    return loss(q, x, y)


POINTS = [
    (
        {"w": np.array([0.3, 0.8]), "b": 0.1},
        np.array([[0.3, 0.8], [-1.0, 0.2]]),
        np.array([0.5, -0.3]),
    ),
]
