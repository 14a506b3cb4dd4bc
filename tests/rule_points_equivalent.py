"""Mutants that compute the same as the rule itself, each with the reason why it does."""

from __future__ import annotations

ALONE = "NumPy takes this argument with the one mode alone that gives the gradient another value"
NO_PLACE = "any negative number stands for what is no place"
ALL_ZERO = "where the length is 0, so is all that is multiplied with the quotient"
SAME_SHAPE = "unbroadcast changes nothing of what has the shape already"
ANY_NEGATIVE = "np.reshape takes any negative size for what is left"
NOT_GIVEN = "an operand that isn't given has no gradient"

EQUIVALENT: dict[str, dict[str, str]] = {
    "pad_backward": {
        "factor: 0.0 -> 1.0": ALONE,
        "factor: 0.0 -> 1.0 (#2)": ALONE,
        "index: -1 -> -2": NO_PLACE,
    },
    "cross_backward": {
        "function: np.zeros_like(dc) -> np.ones_like(dc)": (
            "x and w lie in the plane: it reaches the third component alone, which is cut off"
        ),
    },
    "insert_backward": {"index: -1 -> -2": NO_PLACE, "index: -1 -> -2 (#2)": NO_PLACE},
    "tril_backward": {"index: 1 -> 2": SAME_SHAPE},
    "triu_backward": {"index: 1 -> 2": SAME_SHAPE},
    "length_backward": {"index: 1 -> 2": ALL_ZERO},
    "lengths_backward": {"index: 1 -> 2": ALL_ZERO},
    "kept_lengths_backward": {"index: 1 -> 2": ALL_ZERO},
    "power_backward": {"factor: dx = 0.0 * dz -> dx = 2 * (0.0 * dz)": "twice 0 is 0"},
    "solve_triangular_backward": {
        "index: 1 -> 2": "the matrix is real: its conjugate transpose is its transpose",
        "index: -1 -> -2": ANY_NEGATIVE,
        "index: -1 -> -2 (#2)": ANY_NEGATIVE,
    },
    "observations_backward": {"factor: 0.0 -> 1.0": NOT_GIVEN},
    "bessel_i1_backward": {
        "index: 0 -> 1 (#2)": "it saves a warning alone, which test_second_order looks for",
        "index: 1 -> 2": "the other branch is taken there",
    },
}
