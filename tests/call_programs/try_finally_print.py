"""Try finally print."""

import numpy as np


def f(x):
    try:
        y = np.sin(x) * x
    finally:
        print("done")
    return y


POINTS = [
    (0.4,),
]
