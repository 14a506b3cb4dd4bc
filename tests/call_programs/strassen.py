"""Strassen."""

import numpy as np


def strassen(a, b):
    n = a.shape[0]
    if n == 1:
        return a * b
    h = n // 2
    a11, a12, a21, a22 = a[:h, :h], a[:h, h:], a[h:, :h], a[h:, h:]
    b11, b12, b21, b22 = b[:h, :h], b[:h, h:], b[h:, :h], b[h:, h:]
    c11 = strassen(a11, b11) + strassen(a12, b21)
    c12 = strassen(a11, b12) + strassen(a12, b22)
    c21 = strassen(a21, b11) + strassen(a22, b21)
    c22 = strassen(a21, b12) + strassen(a22, b22)
    return np.vstack([np.hstack([c11, c12]), np.hstack([c21, c22])])


def f(a, b):
    return strassen(a, b)


POINTS = [
    (
        np.array([[1.0, 2.0], [0.3, 0.4]]),
        np.array([[0.5, 2.0], [-0.3, 0.4]]),
    ),
]
