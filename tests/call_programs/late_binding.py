"""Late binding."""

import numpy as np
from srcdiff import grad


def f(w, x):
    k = 2.0

    def loss(v):
        return np.sum((v * x * k) ** 4)

    g = grad(loss)
    k = 3.0
    a = g(w)
    x = x * 2
    return np.sum(a * g(w))


POINTS = [
    (
        np.array([0.5, -0.3]),
        np.array([0.1, 0.5]),
    ),
]
