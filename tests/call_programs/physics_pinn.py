"""Physics pinn."""

import numpy as np
from srcdiff import grad


def net(p, t):
    w1, b1, w2 = p
    return np.dot(w2, np.tanh(w1 * t + b1))


def f(p, ts):
    dnet = grad(net, 1)
    s = 0.0
    for t in ts:
        s = s + (dnet(p, t) + net(p, t)) ** 2
    return s / len(ts)


POINTS = [
    (
        [np.array([0.3, 0.8]), np.array([0.1, 0.2]), np.array([0.7, -0.8])],
        [0.1, 0.5],
    ),
]
