"""Linked other."""

import numpy as np


def qr2(a):
    u = a[:, 0]
    for _ in range(1):
        n = np.sqrt(u @ u)
    q = u / n
    return q, n


def f(a):
    q, n = qr2(a)
    q2, n2 = qr2(a.T)
    return n * q[0] + n2 * q2[1]


POINTS = [
    (np.array([[1.0, 2.0], [0.3, 0.4]]),),
]
