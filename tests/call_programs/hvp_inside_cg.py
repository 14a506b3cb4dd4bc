"""Hvp inside cg."""

import numpy as np
from srcdiff import grad, hvp


def loss(w):
    return np.sum(np.log(1 + np.exp(w))) + np.sum(w**2)


def f(w):
    g = grad(loss)(w)
    x = np.zeros_like(g)
    r = g.copy()
    p = r.copy()
    for _ in range(2):
        Ap = hvp(loss)(w, p)
        a = (r @ r) / (p @ Ap)
        x = x + a * p
        r2 = r - a * Ap
        p = r2 + (r2 @ r2) / (r @ r) * p
        r = r2
    return np.sum(x)


POINTS = [
    (np.array([0.5, -0.3, 1.0]),),
]
