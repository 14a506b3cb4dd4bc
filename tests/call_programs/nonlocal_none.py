"""Nonlocal none."""

import numpy as np


def helper(x, prev=None):
    def step(v):
        nonlocal prev
        if prev is None:
            prev = v
        return prev * v

    a = step(x)
    b = step(x * 2)
    return a + b


def f(x):
    return helper(x) * x


POINTS = [
    (0.4,),
]
