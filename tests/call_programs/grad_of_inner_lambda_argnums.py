"""Grad of inner lambda argnums."""

import numpy as np
from srcdiff import grad


def f(x, w):
    return grad(lambda a, b: np.sin(a * b), argnums=1)(x, w) * x


POINTS = [
    (
        0.5,
        2.0,
    ),
]
