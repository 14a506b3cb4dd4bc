"""Points for the rules of shaping and joining: those that the other files don't list."""

from __future__ import annotations

import numpy as np
from rule_points import Point, at, spread

A = np.array
V3, V4, V1 = spread(-2, 2, (3,)), spread(-1, 2, (4,)), spread(-2, 2, (1,))
M23, M33 = spread(-2, 2, (2, 3)), spread(-2, 2, (3, 3))
W23 = spread(-1, 3, (2, 3), 7)
T232, T234 = spread(-2, 2, (2, 3, 2)), spread(-2, 2, (2, 3, 4))
NONE = np.zeros((0,))
SINGLES = [V3.astype(np.float32), V4.astype(np.float32)]

JOINING: dict[str, list[Point]] = {
    "concatenate": [at(M23), at(T234, 1), at([V3, NONE]), at(SINGLES)],
    "stack": [at(M23), at(T234, 1)],
    "vstack": [at(M23), at([M23, V3])],
    "hstack": [at(M23), at(T234)],
    "dstack": [at([M23, W23]), at([V3, V3 + 1]), at([T232, T234]), at([1.5, 0.5]), at([M23, T232])],
    "column_stack": [at(M23), at([1.5, 0.5]), at([M33, V3])],
    "block": [
        *(at([V3, V4]), at([[M33, M23.T], [V3, A([1.5, 2.0])]]), at([[M23], [W23]])),
        *(at([[1.5, 0.5], [2.5, -1.0]]), at([1.5, V3]), at([M23, W23])),
    ],
    "c": [at([V3, V3 + 1]), at([M33, V3]), at([1.5, 0.5])],
    "r": [at([V3, 0.5, V4]), at([M23, W23]), at([1.5])],
    "append": [
        *(at(V3, V4), at(M23, V3), at(M23, W23, 0), at(M23, W23, axis=-1), at(V3, 1.5)),
        *(at(V1, NONE), at(V3, 2.0), at(*SINGLES)),
    ],
}

POINTS: dict[str, list[Point]] = {
    f"{name}_backward": points for family in (JOINING,) for name, points in family.items()
}
