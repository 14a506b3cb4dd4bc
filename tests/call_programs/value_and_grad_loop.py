"""Value_and_grad loop."""

import numpy as np
from srcdiff import value_and_grad


def loss(p, x):
    return np.sum(np.tanh(x @ p["w"] + p["b"]) ** 2)


def f(p, x):
    w, b = p["w"], p["b"]
    total = 0.0
    step = value_and_grad(loss)
    for _ in range(2):
        v, g = step({"w": w, "b": b}, x)
        w = w - 0.1 * g["w"]
        b = b - 0.1 * g["b"]
        total = total + v
    return total + loss({"w": w, "b": b}, x)


POINTS = [
    (
        {"w": np.array([0.3, 0.8]), "b": 0.1},
        np.array([[0.3, 0.8], [-1.0, 0.2]]),
    ),
]
