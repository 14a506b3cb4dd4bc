"""Mutants that compute the same as the rule itself, each with the reason why it does."""

from __future__ import annotations

ALONE = "NumPy takes this argument with the one mode alone that gives the gradient another value"
NO_PLACE = "any negative number stands for what is no place"

EQUIVALENT: dict[str, dict[str, str]] = {
    "pad_backward": {
        "factor: 0.0 -> 1.0": ALONE,
        "factor: 0.0 -> 1.0 (#2)": ALONE,
        "index: -1 -> -2": NO_PLACE,
    },
}
