"""Qr recursion matrix."""

import numpy as np


def lu(a):
    n = a.shape[0]
    if n == 1:
        return np.ones((1, 1)), a
    l = a[1:, 0] / a[0, 0]
    s = a[1:, 1:] - np.outer(l, a[0, 1:])
    l2, u2 = lu(s)
    lo = np.zeros((n, n))
    lo[0, 0] = 1.0
    lo[1:, 0] = l
    lo[1:, 1:] = l2
    up = np.zeros((n, n))
    up[0] = a[0]
    up[1:, 1:] = u2
    return lo, up


def f(a):
    l, u = lu(a)
    return np.sum(l * 2.0) + np.sum(u**2)


POINTS = [
    (np.array([[2.0, 0.3, 0.1], [0.4, 1.5, 0.2], [0.3, -0.2, 1.0]]),),
]
