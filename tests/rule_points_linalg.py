"""Points for functions with several results, linear algebra and scipy."""

from __future__ import annotations

import numpy as np
from rule_points import Point, at, binary, spread, unary

A = np.array
V6, M62, M26 = spread(-2, 2, (6,)), spread(-2, 2, (6, 2)), spread(-2, 2, (2, 6))
T243 = spread(-2, 2, (2, 4, 3))
F32 = np.float32

PARTED: dict[str, list[Point]] = {
    "modf": unary(0.1, 0.9) + unary(-2.9, -2.1),
    "frexp": unary(1.05, 1.95) + unary(-3.9, -2.1),
    "divmod": [
        *binary((4.1, 4.9), (2.1, 2.4)),
        *binary((-4.9, -4.5), (2.6, 4.4)),
    ],
    "split": [
        *(at(V6, 3), at(V6, [2, 3]), at(M62, 2), at(M26, 3, 1), at(M62, [1, 4], axis=0)),
        *(at(M26, [2, 2, 9], 1), at(T243, 2, -2), at(V6, 1), at(V6.astype(F32), 2)),
    ],
    "array_split": [at(V6, 4), at(M62, [1, 4]), at(M26, 4, axis=1), at(T243, 3, -2)],
    "hsplit": [at(V6, 3), at(M26, 2), at(T243, [1, 2])],
    "vsplit": [at(M62, 3), at(T243, 2), at(M62, [1])],
    "dsplit": [at(T243, 3), at(T243, [1, 1])],
}

MATRICES: dict[str, list[Point]] = {}

POINTS = {
    f"{name}_backward": points for family in (PARTED, MATRICES) for name, points in family.items()
}
