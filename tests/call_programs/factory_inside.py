"""Factory inside."""

import numpy as np


def make_step(h):
    def step(x):
        return x + h * np.sin(x)

    return step


def f(x, h):
    step = make_step(h)
    for _ in range(3):
        x = step(x)
    return x * x


POINTS = [
    (
        0.7,
        0.1,
    ),
]
