"""Factory closure module."""

import numpy as np


def make_step(h):
    def step(x):
        return x + h * np.sin(x)

    return step


step = make_step(0.1)


def f(x):
    for _ in range(3):
        x = step(x)
    return x * x


POINTS = [
    (0.7,),
]
