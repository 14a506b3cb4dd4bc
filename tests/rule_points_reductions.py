"""Points for reductions with rarer arguments, and for what is sorted, counted or summed up."""

from __future__ import annotations

from typing import Any

import numpy as np
from rule_points import (
    SINGLE,
    TIES,
    X3,
    X23,
    X232,
    ZEROS,
    Point,
    axes,
)

A = np.array
NAN, INFINITY = np.nan, np.inf
M3, M23 = A([True, False, True]), A([[True, False, True], [False, True, True]])
ROW, COLUMN = A([[True, False, True]]), A([[True], [False]])


def given(*args: Any, wrt: tuple[str, ...] | None = None, **kwargs: Any) -> Point:
    """Give an ordinary point, whose keyword arguments may have any name."""
    return Point(args, kwargs, wrt)


def expecting(args: tuple[Any, ...], kwargs: dict[str, Any], **expected: Any) -> Point:
    """Give a hard point with keyword arguments."""
    return Point(args, kwargs, tuple(expected), expected)


MASKED = [
    *(given(X3, where=M3), given(X23, where=M23), given(X23, where=ROW), given(X23, where=M3)),
    *(given(X23, 0, where=M23), given(X23, -1, where=M23), given(X23, (0, 1), where=M23)),
    *(given(X23, 1, where=M23, keepdims=True), given(X23, where=M23, keepdims=True)),
    *(given(X232, (0, -1), where=M23[:, :, None]), given(SINGLE, 1, where=M23)),
    *(given(A([1, 2, 4]), where=M3), given(X23, 0, where=COLUMN), given(X3, where=True)),
]
TYPED = [given(X23, dtype=float), given(X23, 0, dtype=np.float64), given(A([1, 2]), dtype=float)]
STARTED = [
    *(given(X3, initial=0.7), given(X23, 0, initial=-1.5), given(X23, 1, initial=2, keepdims=True)),
    *(given(X23, -1, where=M23, initial=0.7), given(SINGLE, initial=2.0, wrt=("x",))),
    given(X23, 0, initial=-1.5, wrt=("x",)),
]

RARE: dict[str, list[Point]] = {
    "masked_sum": [*MASKED, *TYPED, *STARTED, given(np.zeros((0, 2)), 0, initial=1.5)],
    "masked_mean": [
        *(*MASKED, *TYPED),
        expecting(
            (A([[1.0, 2.0], [3.0, 4.0]]), 1),
            {"where": A([[True, True], [False, False]])},
            x=A([[0.5, 0.5], [0.0, 0.0]]),
        ),
    ],
    "masked_prod": [
        *(*MASKED, *TYPED, *STARTED, given(ZEROS, 0, where=ZEROS < 5, initial=1.5)),
        expecting((A([2.0, 0.0, 3.0]),), {"where": M3}, x=A([3.0, 0.0, 2.0])),
    ],
    "bounded_max": [
        *(given(X23, initial=-3.0), given(X23, initial=0.1), given(X23, 0, initial=0.1)),
        *(given(X23, 1, initial=-9.0, where=M23), given(X23, 1, initial=0, keepdims=True)),
        *(given(np.zeros(0), initial=1.5), given(SINGLE, 1, initial=-5, where=M23)),
        expecting((TIES,), {"initial": 3.0}, x=A([[0, 1, 1], [0, 0, 0]]) / 3, initial=1 / 3),
        expecting((TIES, 1), {"initial": 2}, x=A([[0, 0.5, 0.5], [0.25] * 3]), initial=0.25),
        expecting(
            (TIES, 0),
            {"initial": 0.0, "where": A([[True, False, True], [False, False, True]])},
            x=A([[1.0, 0, 1], [0, 0, 0]]),
            initial=1.0,
        ),
    ],
    "bounded_min": [
        *(given(X23, initial=3.0), given(X23, initial=0.1), given(X23, 0, initial=0.1)),
        *(given(X23, 1, initial=9.0, where=M23), given(X23, 1, initial=0, keepdims=True)),
        *(given(np.zeros(0), initial=1.5), given(SINGLE, 1, initial=5, where=M23)),
        expecting((-TIES,), {"initial": -3.0}, x=A([[0, 1, 1], [0, 0, 0]]) / 3, initial=1 / 3),
        expecting((-TIES, 1), {"initial": -2}, x=A([[0, 0.5, 0.5], [0.25] * 3]), initial=0.25),
    ],
    "masked_var": [
        *(*MASKED, *TYPED, given(X23, 1, where=M23, ddof=1), given(X23, dtype=float, ddof=1)),
        expecting((A([2.0, 7.0, 2.0]),), {"where": M3}, x=np.zeros(3)),
    ],
    "masked_std": [
        *(p for p in MASKED if np.shape(p.args[0]) != (2, 3) or p.args[1:] != (0,)),
        *(*TYPED, given(X23, 1, where=M23, ddof=1), given(X23, dtype=float, ddof=1)),
        expecting((A([2.0, 7.0, 2.0]),), {"where": M3}, x=np.zeros(3)),
        expecting((X23, 0), {"where": COLUMN}, x=np.zeros((2, 3))),
    ],
    "ptp": axes(
        expecting((TIES,), {}, x=A([[-1, 0.5, 0.5], [0, 0, 0]])),
        expecting((TIES, 1), {}, x=A([[-1, 0.5, 0.5], [0, 0, 0]])),
        expecting((TIES, 0), {"keepdims": True}, x=A([[-1, 1, 1], [1, -1, -1]])),
        empty=False,
    ),
}

POINTS = {f"{name}_backward": points for family in (RARE,) for name, points in family.items()}
