"""Results used partly in loop."""

import numpy as np


def rec(x, n):
    if n == 0:
        return x, [x, x * 2], {"a": x * x}
    a, b, c = rec(x * 1.1, n - 1)
    return a * b[0], [b[1], a], {"a": c["a"] * a}


def f(x):
    a, b, c = rec(x, 2)
    return a + b[0] * b[1] + c["a"]


POINTS = [
    (0.4,),
]
