"""Scalars, reuse, the sigmoid idiom."""

import math


def staged(x: float, y: float):
    sigy = 1.0 / (1 + math.exp(-y))  # sigmoid in numerator
    num = x + sigy  # numerator
    sigx = 1.0 / (1 + math.exp(-x))  # sigmoid in denominator
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr  # denominator
    invden = 1.0 / den
    f = num * invden
    return f


def one_line(a: float, b: float, c: float, d: float):
    return (a + b) / (c + d)


def relu(a: float):
    x = max(a, 0)
    return x


def bell(x: float, width: float) -> float:
    y = math.exp(-x * x / width)
    return y * x
