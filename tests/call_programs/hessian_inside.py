"""Hessian inside."""

import numpy as np
from srcdiff import hessian


def g(x):
    return np.sum(x**3) + x[0] * x[1]


def f(x):
    return np.trace(hessian(g)(x))


POINTS = [
    (np.array([0.5, -0.3]),),
]
