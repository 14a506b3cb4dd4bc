"""Factory several."""

import numpy as np


def make_rhs(k, c):
    def rhs(t, y):
        dx = y[1]
        dv = -k * y[0] - c * y[1]
        return np.array([dx, dv])

    return rhs


def rk4(rhs, y, h, n):
    t = 0.0
    for _ in range(n):
        k1 = rhs(t, y)
        k2 = rhs(t + h / 2, y + h / 2 * k1)
        k3 = rhs(t + h / 2, y + h / 2 * k2)
        k4 = rhs(t + h, y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        t += h
    return y


def f(y0, k, c):
    return np.sum(rk4(make_rhs(k, c), y0, 0.1, 3) ** 2)


POINTS = [
    (
        np.array([1.0, 0.2]),
        2.0,
        0.3,
    ),
]
