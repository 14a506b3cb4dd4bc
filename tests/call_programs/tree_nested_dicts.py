"""Tree nested dicts."""

import numpy as np


def apply(node, x):
    if node["kind"] == "leaf":
        return node["w"] * x
    left = apply(node["left"], x)
    right = apply(node["right"], x)
    return np.tanh(left + right)


def f(tree, x):
    return apply(tree, x)


POINTS = [
    (
        {"kind": "node", "left": {"kind": "leaf", "w": 0.3}, "right": {"kind": "leaf", "w": 0.5}},
        0.7,
    ),
]
