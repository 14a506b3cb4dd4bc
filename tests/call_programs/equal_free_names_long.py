"""Equal free names long."""

import numpy as np


def make(a):
    def g(x):
        y = x
        for _ in range(3):
            y = np.sin(y) * a
        return y

    return g


g1 = make(2.0)
g2 = make(3.0)


def f(x):
    return g1(x) * g2(x)


POINTS = [
    (0.4,),
]
