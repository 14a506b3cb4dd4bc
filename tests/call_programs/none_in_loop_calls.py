"""None in loop calls."""

import numpy as np


def step(x, prev=None, act=None):
    y = x if act is None else act(x)
    if prev is not None:
        y = y + prev * 0.5
    return y


def f(x):
    p = None
    s = 0.0
    for i in range(3):
        q = step(x * (i + 1), None, np.sin if i % 2 == 0 else np.cos)
        s = s + step(q, s)
    return s


POINTS = [
    (0.4,),
]
