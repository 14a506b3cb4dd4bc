"""Gradient penalty."""

import numpy as np
from srcdiff import grad


def critic(x, w):
    return np.sum(np.tanh(w @ x))


def f(w, x):
    g = grad(critic)(x, w)
    return (np.sqrt(np.sum(g**2)) - 1.0) ** 2 + critic(x, w)


POINTS = [
    (
        np.array([[0.3, 0.8], [-1.0, 0.2]]),
        np.array([0.5, -0.3]),
    ),
]
