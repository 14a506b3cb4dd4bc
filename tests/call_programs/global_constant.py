"""Global constant."""

import numpy as np

G = 9.81


def f(x):
    global G
    return np.sin(x) * G


POINTS = [
    (0.4,),
]
