"""Helper has g module."""

import numpy as np
from srcdiff import grad


def g(x):
    return x * x * x


def helper(fun, x):
    g = grad(fun)
    return g(x)


def loss(x):
    return np.sum(np.sin(x))


def f(x):
    a = helper(loss, x)
    return np.sum(g(a) + g(x))


POINTS = [
    (np.array([0.5, -0.3]),),
]
