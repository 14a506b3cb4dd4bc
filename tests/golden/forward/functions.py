import math

import numpy as np


def staged(x, y):
    sigy = 1.0 / (1 + math.exp(-y))  # sigmoid
    num = x + sigy
    den = x**2 + y
    f = num / den
    return f


def loss(x: np.ndarray, w: np.ndarray, b, y):
    s = x @ w + b
    p = 1 / (1 + np.exp(-s))  # prediction
    e = p - y
    return 0.5 * np.sum(e**2)


def heat(u, k, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])
    return u


def bent(x, y):
    if x > 0:
        z = x**3 * y
    else:
        z = 0.0
    while z > 10:
        z = z / 2
    return z * z


def decay(x, n):
    for _ in range(n):
        x = 0.7 * math.sin(x)
    return x


def twice(x, y):
    z = decay(x, 2)
    return z * y, z
