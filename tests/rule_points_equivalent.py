"""Mutants that compute the same as the rule itself, each with the reason why it does."""

from __future__ import annotations

ALONE = "NumPy takes this argument with the one mode alone that gives the gradient another value"
NO_PLACE = "any negative number stands for what is no place"
ALL_ZERO = "where the length is 0, so is all that is multiplied with the quotient"
SAME_SHAPE = "unbroadcast changes nothing of what has the shape already"

EQUIVALENT: dict[str, dict[str, str]] = {
    "pad_backward": {
        "factor: 0.0 -> 1.0": ALONE,
        "factor: 0.0 -> 1.0 (#2)": ALONE,
        "index: -1 -> -2": NO_PLACE,
    },
    "cross_backward": {
        "function: np.zeros_like(dc) -> np.ones_like(dc)": (
            "x and w lie in the plane, so that this reaches the third component alone, which is cut off"
        ),
    },
    "insert_backward": {"index: -1 -> -2": NO_PLACE, "index: -1 -> -2 (#2)": NO_PLACE},
    "tril_backward": {"index: 1 -> 2": SAME_SHAPE},
    "triu_backward": {"index: 1 -> 2": SAME_SHAPE},
    "length_backward": {"index: 1 -> 2": ALL_ZERO},
    "lengths_backward": {"index: 1 -> 2": ALL_ZERO},
    "kept_lengths_backward": {"index: 1 -> 2": ALL_ZERO},
}
