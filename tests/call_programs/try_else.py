"""Try else."""

import numpy as np


def f(a, b):
    try:
        x = np.linalg.solve(a, b)
    except np.linalg.LinAlgError as e:
        print("singular")
        raise ValueError("singular") from e
    else:
        x = x * 2
    return np.sum(x**2)


POINTS = [
    (
        np.array([[2.0, 0.2], [0.3, 1.0]]),
        np.array([1.0, 2.0]),
    ),
]
