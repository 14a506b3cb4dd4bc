"""Value_and_grad inside."""

import numpy as np
from srcdiff import value_and_grad


def loss(w, x):
    return np.sum(np.tanh(x @ w) ** 2)


def f(w, x):
    v, g = value_and_grad(loss)(w, x)
    return v + np.sum(g**2)


POINTS = [
    (
        np.array([0.3, 0.8]),
        np.array([[0.3, 0.8], [-1.0, 0.2]]),
    ),
]
