"""Equal free names."""

import numpy as np


def make(a):
    def g(x):
        y = x * a
        return np.sin(y) * y

    return g


g1, g2 = make(2.0), make(3.0)


def f(x):
    return g1(x) * g2(x)


POINTS = [
    (0.4,),
]
