"""Compose star."""

import numpy as np


def compose(*fs):
    def composed(x):
        for g in fs:
            x = g(x)
        return x

    return composed


def f(x):
    h = compose(np.sin, np.exp, lambda t: t * x)
    return h(x)


POINTS = [
    (0.4,),
]
