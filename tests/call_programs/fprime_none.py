"""Fprime none."""

import numpy as np


def newton(fun, x0, fprime=None):
    x = x0
    for _ in range(5):
        if fprime is None:
            h = 1e-3
            d = (fun(x + h) - fun(x - h)) / (2 * h)
        else:
            d = fprime(x)
        x = x - fun(x) / d
    return x


def f(a):
    return newton(lambda x: x**2 - a, 1.0) + newton(lambda x: x**3 - a, 1.0, lambda x: 3 * x**2)


POINTS = [
    (2.0,),
]
