"""Try raise."""

import numpy as np


def f(a, b):
    try:
        x = np.linalg.solve(a, b)
    except np.linalg.LinAlgError as e:
        raise ValueError("singular") from e
    return np.sum(x**2)


POINTS = [
    (
        np.array([[2.0, 0.2], [0.3, 1.0]]),
        np.array([1.0, 2.0]),
    ),
]
