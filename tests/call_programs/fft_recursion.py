"""Fft recursion."""

import numpy as np


def fft_real(x):
    n = len(x)
    if n == 1:
        return x, np.zeros(1)
    er, ei = fft_real(x[0::2])
    our, oi = fft_real(x[1::2])
    k = np.arange(n // 2)
    c, s = np.cos(2 * np.pi * k / n), -np.sin(2 * np.pi * k / n)
    tr = c * our - s * oi
    ti = c * oi + s * our
    return np.concatenate([er + tr, er - tr]), np.concatenate([ei + ti, ei - ti])


def f(x):
    re, im = fft_real(x)
    return np.sum((re**2 + im**2) * np.arange(len(x)))


POINTS = [
    (np.array([0.3, 0.8, -1.0, 0.4]),),
    (np.array([0.3, 0.8]),),
]
