"""Points for the rules of complex numbers and of the discrete Fourier transform.

The points of all other rules are made complex by the test itself.
"""

from __future__ import annotations

import numpy as np
from rule_points import Point, at, spread

A = np.array
V3, V1, V4 = spread(-2, 2, (3,)), spread(-2, 2, (1,)), spread(-2, 2, (4,))
M23, M45 = spread(-2, 2, (2, 3)), spread(-2, 2, (4, 5))
T234 = spread(-2, 2, (2, 3, 4))

NUMBERS: dict[str, list[Point]] = {
    "real": [at(2.5), at(V3), at(V1), at(M23), at(np.zeros((0,))), at(V3.astype(np.float32))],
    "conjugate": [at(2.5), at(V3), at(V1), at(M23), at(np.zeros((0,)))],
    "complex": [at(2.5, -1.0), at(2.5), at(2.5, imag=-1.0)],
}

V5, V2 = spread(-2, 2, (5,)), spread(-2, 2, (2,))
ALONG = [
    *(at(V4), at(V5), at(M45), at(M45, axis=0), at(T234, axis=1), at(V4, norm="ortho")),
    *(at(V5, norm="forward"), at(V4, 3), at(V4, 7), at(V5, n=4, norm="backward"), at(V5, 6)),
    *(at(M45, 3, 0), at(M45, 6, 0, "ortho"), at(V4.astype(np.float32)), at(T234, 5, -2)),
]
ONE = [at(V1), at(V2)]
TAKES_NO_SIZE = int(np.__version__[0] != "1")
"""From NumPy 2 on, the size -1 leaves an axis as it is."""
PLANES = [
    *(at(M45), at(T234), at(M45, norm="ortho"), at(M45, (3, 7)), at(M45, s=(5, 4), norm="forward")),
    *(at(T234, axes=(0, 1)), at(T234, (3, 2), (2, 0)), at(T234, axes=(-1, 0))),
]
PARTLY = [
    *(at(M45, (3, -1), (0, 1)), at(M45, (-1, 3), (0, 1)), at(T234, (5, -1), (0, 2))),
] * TAKES_NO_SIZE
SPACES = [
    *PARTLY,
    *(
        at(M45),
        at(T234),
        at(T234, axes=(1,)),
        at(T234, norm="ortho"),
        at(T234, (3, 3, 3), (0, 1, 2)),
    ),
    *(at(T234, s=(2, 5), axes=(1, 2)), at(T234, axes=(2, 0), norm="forward"), at(V4), at(V5)),
]
SHIFTED = [at(V4), at(V5), at(M45), at(M45, 0), at(T234, axes=(0, 2)), at(T234, -1)]
DISTANCES = [at(4, 0.3), at(7, d=1.7), at(1, 0.5), at(5, 2)]
FOURIER: dict[str, list[Point]] = {
    **{name: [*ALONG, *ONE] for name in ("fft", "ifft", "rfft", "ihfft")},
    **{name: [*ALONG, at(V2), at(V2, 1), at(V4, 1)] for name in ("irfft", "hfft")},
    **{name: [*PLANES, *PARTLY] for name in ("fft2", "ifft2", "rfft2", "irfft2")},
    **dict.fromkeys(("fftn", "ifftn", "rfftn", "irfftn"), SPACES),
    **dict.fromkeys(("fftshift", "ifftshift"), SHIFTED),
    **dict.fromkeys(("fftfreq", "rfftfreq"), DISTANCES),
}

POINTS = {f"{name}_backward": points for name, points in {**NUMBERS, **FOURIER}.items()}

OF_COMPLEX: dict[str, list[Point]] = {
    "imag_backward": [at(2.5), at(V3), at(M23), at(np.zeros((0,)))],
    "angle_backward": [at(2.5), at(V3), at(M23), at(V3, deg=True), at(2.5, True)],
    "absolute_square_backward": [at(2.5), at(V3), at(M23), at(V1)],
    "power_of_complex_backward": [
        *(at(-1.5, 0.7), at(A([-1.5, 0.8]), A([0.7, -1.2]))),
        Point((A([-1.5, 0.8]), A([0.7, -1.2])), wrt=("n",)),
    ],
}
"""Of rules that have operands that are complex, or a result."""

HARD: dict[str, list[Point]] = {
    "absolute_of_complex_backward": [
        Point((0j,), expected={"x": 0j}),
        Point((A([0j, 3 + 4j]),), expected={"x": A([0, 0.6 - 0.8j])}),
    ],
    "absolute_square_backward": [Point((A([0j, 3 + 4j]),), expected={"x": A([0, 6 - 8j])})],
    "norm_of_complex_backward": [
        Point((A([0j, 0j]),), expected={"x": A([0j, 0j])}),
        Point((A([3 + 4j, 5j]), np.inf), expected={"x": A([0.3 - 0.4j, -0.5j])}),
        Point((A([3 + 4j, 0j]), 1), expected={"x": A([0.6 - 0.8j, 0j])}),
        Point((A([3 + 4j, 5j]), -np.inf), expected={"x": A([0.3 - 0.4j, -0.5j])}),
        Point((A([0j, 0j]), 3), expected={"x": A([0j, 0j])}),
        Point((A([0j, 2 + 0j]), 0.5), expected={"x": A([0j, 1])}),
        Point((A([[2j, 0], [0, 0]]), "nuc"), expected={"x": A([[-1j, 0], [0, 0]])}),
    ],
    "std_of_complex_backward": [Point((A([1j, 1j]),), expected={"x": A([0j, 0j])})],
    "power_of_complex_backward": [
        Point((A([0j, 2j]), 2), wrt=("x",), expected={"x": A([0j, 4j])}),
        Point(
            (A([0j, 2j]), A([0j, 1 + 0j])),
            expected={"x": A([0j, 1]), "n": A([0j, 2j * np.log(2j)])},
        ),
        Point((0j, 2 + 0j), expected={"x": 0j, "n": 0j}),
    ],
    "det_backward": [
        Point((A([[1j, 2], [2, -4j]]),), expected={"x": A([[-4j, -2], [-2, 1j]])}),
    ],
}
"""Points at kinks and zeros, with the gradients expected there."""
