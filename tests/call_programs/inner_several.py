"""Inner several."""

import numpy as np


def f(x, y):
    def step(a, b):
        c = a * b
        return c + y, np.sin(c)

    for _ in range(3):
        x, y = step(x, y)
    return x * y


POINTS = [
    (
        0.7,
        0.4,
    ),
]
