"""Value_and_grad tuple."""

import numpy as np
from srcdiff import value_and_grad


def loss(w, b, x):
    return np.sum(np.tanh(x @ w + b) ** 2)


def f(w, b, x):
    v, (gw, gb) = value_and_grad(loss, (0, 1))(w, b, x)
    return v + np.sum(gw**2) * gb


POINTS = [
    (
        np.array([0.3, 0.8]),
        0.1,
        np.array([[0.3, 0.8], [-1.0, 0.2]]),
    ),
]
