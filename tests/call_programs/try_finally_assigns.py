"""Try finally assigns."""

import numpy as np


def f(x):
    y = x
    try:
        y = np.sin(x) * y
    finally:
        y = y * 2
    return y


POINTS = [
    (0.4,),
]
