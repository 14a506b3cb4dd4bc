"""Try return inside."""

import numpy as np


def f(x):
    try:
        if x > 1:
            return x * x
        y = np.sin(x)
    except ValueError:
        raise
    return y


POINTS = [
    (0.4,),
    (1.4,),
]
