"""Tree recursion list several."""

import numpy as np


def fold(t):
    if not isinstance(t, (list, tuple)):
        return t, t * t
    s, p = 0.0, 1.0
    for v in t:
        a, b = fold(v)
        s = s + a
        p = p * b
    return s, p


def f(t):
    s, p = fold(t)
    return s * p


POINTS = [
    ([1.0, [2.0, 0.5]],),
]
