"""Jacobian inside."""

import numpy as np
from srcdiff import jacobian


def g(x):
    return np.array([x[0] * x[1], np.sin(x[0])])


def f(x):
    J = jacobian(g)(x)
    return np.linalg.det(J)


POINTS = [
    (np.array([0.5, -0.3]),),
]
