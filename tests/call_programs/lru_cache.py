"""Lru cache."""

from functools import lru_cache
import numpy as np


@lru_cache(maxsize=None)
def coeff(n):
    return 1.0 / (n + 1)


def f(x):
    s = 0.0
    for i in range(4):
        s = s + coeff(i) * x**i
    return s


POINTS = [
    (0.7,),
]
