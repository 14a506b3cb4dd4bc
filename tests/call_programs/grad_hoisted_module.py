"""Grad hoisted module."""

import numpy as np
from srcdiff import grad


def H(q):
    return np.sum(q**3)


dH = grad(H)


def f(q):
    return np.sum(dH(q) ** 2)


POINTS = [
    (np.array([0.5, -0.3]),),
]
