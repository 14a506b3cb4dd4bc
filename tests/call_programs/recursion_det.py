"""Recursion det."""

import numpy as np


def det(a):
    n = a.shape[0]
    if n == 1:
        return a[0, 0]
    total = 0.0
    for j in range(n):
        minor = np.delete(a[1:], j, axis=1)
        total = total + (-1) ** j * a[0, j] * det(minor)
    return total


def f(a):
    return det(a)


POINTS = [
    (np.array([[1.0, 2.0, 0.5], [0.3, 0.4, 1.0], [0.2, -0.4, 0.7]]),),
]
