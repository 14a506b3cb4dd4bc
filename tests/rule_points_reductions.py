"""Points for reductions with rarer arguments, and for what is sorted, counted or summed up."""

from __future__ import annotations

import math
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
    spread,
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
    *(
        given(SINGLE, where=M23),
        given(A([1, 2, 4]), where=M3),
        given(X23, 0, where=COLUMN),
        given(X3, where=True),
    ),
]
TYPED = [given(X23, dtype=float), given(X23, 0, dtype=np.float64), given(A([1, 2]), dtype=float)]
ABOUT_A_MEAN = [
    *(given(X23, 1, mean=A([[0.3], [-0.2]])), given(X23, 0, mean=A([[0.3, 1.0, -0.2]]), ddof=1)),
    *(given(X23, mean=0.4), given(X23, 1, mean=A([[0.3], [-0.2]]), where=M23, keepdims=True)),
] * int(np.__version__[0] != "1")  # from NumPy 2 on
ABOUT_A_MEAN_OF_ONE = [given(A([[np.nan, 2.0], [1.0, 3.0]]), 1, mean=A([[1.5], [1.2]]))] * int(
    np.__version__[0] != "1"
)
STARTED = [
    *(given(X3, initial=0.7), given(X23, 0, initial=-1.5), given(X23, 1, initial=2, keepdims=True)),
    *(given(X23, -1, where=M23, initial=0.7), given(SINGLE, initial=2.0, wrt=("x",))),
    given(X23, 0, initial=-1.5, wrt=("x",)),
]
ALL_OF_IT = [given(X23, where=True), given(X23, 1, where=True), given(X232, (0, 2), where=True)]

RARE: dict[str, list[Point]] = {
    "masked_sum": [
        *(*MASKED, *TYPED, *STARTED, given(np.zeros((0, 2)), 0, initial=1.5)),
        # NumPy rounds it; as everywhere, whole numbers stand for real ones.
        expecting((A([1, 2, 4]),), {"initial": 0.7}, initial=1.0),
    ],
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
        *(*ALL_OF_IT, given(X23, initial=-3.0), given(X23, initial=0.1)),
        given(X23, 0, initial=0.1),
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
        *(*ALL_OF_IT, given(X23, initial=3.0), given(X23, initial=0.1)),
        given(X23, 0, initial=0.1),
        *(given(X23, 1, initial=9.0, where=M23), given(X23, 1, initial=0, keepdims=True)),
        *(given(np.zeros(0), initial=1.5), given(SINGLE, 1, initial=5, where=M23)),
        expecting((-TIES,), {"initial": -3.0}, x=A([[0, 1, 1], [0, 0, 0]]) / 3, initial=1 / 3),
        expecting((-TIES, 1), {"initial": -2}, x=A([[0, 0.5, 0.5], [0.25] * 3]), initial=0.25),
    ],
    "masked_var": [
        *ABOUT_A_MEAN,
        *(*MASKED, *TYPED, given(X23, 1, where=M23, ddof=1), given(X23, dtype=float, ddof=1)),
        expecting((A([2.0, 7.0, 2.0]),), {"where": M3}, x=np.zeros(3)),
    ],
    "masked_std": [
        *ABOUT_A_MEAN,
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

HOLES = A([[1.0, NAN, 2.0], [0.5, 1.5, NAN], [-0.7, 0.3, 0.9]])
HOLED = [
    *(given(HOLES), given(HOLES, 0), given(HOLES, 1), given(HOLES, -1, keepdims=True)),
    *(given(HOLES, axis=(0, 1)), given(HOLES[0]), given(X3), given(X232, (0, 2)), given(SINGLE, 0)),
    *(given(HOLES, where=HOLES != 0.9), given(HOLES.astype(np.float32)), given(A([1.5]))),
    given(HOLES, 1, where=A([[True], [False], [True]]) | (HOLES > 1)),
]
EMPTY_ROW = A([[NAN, NAN], [1.0, 2.0]])

MISSING: dict[str, list[Point]] = {
    "nansum": [
        *(*HOLED, given(HOLES, initial=1.5), given(HOLES, 0, initial=2, dtype=float)),
        expecting((EMPTY_ROW, 1), {}, x=A([[0.0, 0.0], [1.0, 1.0]])),
        expecting((A([1, 2, 4]),), {"initial": 0.7}, initial=1.0),
    ],
    "nanprod": [
        *(*HOLED, given(HOLES, initial=1.5), given(ZEROS), given(ZEROS, 0, initial=2.0)),
        expecting((A([2.0, NAN, 0.0, 3.0]),), {}, x=A([0.0, 0.0, 6.0, 0.0])),
    ],
    "nanmean": [
        *HOLED,
        expecting((EMPTY_ROW, 1), {}, x=A([[0.0, 0.0], [0.5, 0.5]])),
    ],
    "nanmax": [
        *(p for p in HOLED if "where" not in p.kwargs),
        *(given(HOLES, initial=-3.0), given(HOLES, 0, initial=0.1, where=HOLES > 0)),
        expecting((EMPTY_ROW, 1), {}, x=A([[0.0, 0.0], [0.0, 1.0]])),
        expecting((A([NAN, 2.0, 2.0, 1.0]),), {}, x=A([0.0, 0.5, 0.5, 0.0])),
        expecting((A([NAN, 2.0, 1.0]),), {"initial": 2.0}, x=A([0.0, 0.5, 0.0]), initial=0.5),
        given(HOLES, 0, initial=9.0),
    ],
    "nanmin": [
        *(p for p in HOLED if "where" not in p.kwargs),
        *(given(HOLES, initial=3.0), given(HOLES, 0, initial=0.7, where=HOLES > 0)),
        expecting((EMPTY_ROW, 1), {}, x=A([[0.0, 0.0], [1.0, 0.0]])),
        expecting((A([NAN, 1.0, 1.0, 2.0]),), {}, x=A([0.0, 0.5, 0.5, 0.0])),
        expecting((A([NAN, 2.0, 3.0]),), {"initial": 2.0}, x=A([0.0, 0.5, 0.0]), initial=0.5),
    ],
    "nanvar": [
        *(*HOLED, given(HOLES, 1, ddof=1), given(HOLES, ddof=1, keepdims=True), *ABOUT_A_MEAN),
        expecting((EMPTY_ROW, 1), {}, x=A([[0.0, 0.0], [-0.5, 0.5]])),
    ],
    "nanstd": [
        *(p for p in HOLED if np.size(p.args[0]) > 1 and "where" not in p.kwargs),
        *(given(HOLES, 1, ddof=1), given(HOLES, ddof=1, keepdims=True), *ABOUT_A_MEAN),
        given(HOLES, where=HOLES != 0.9),
        *ABOUT_A_MEAN_OF_ONE,
        expecting((A([[NAN, 2.0, 2.0], [1.0, 3.0, NAN]]), 1), {}, x=A([[0, 0, 0], [-0.5, 0.5, 0]])),
    ],
    "nancumsum": [given(HOLES), given(HOLES, 0), given(HOLES, -1), given(HOLES[0]), given(X3, 0)],
    "nancumprod": [
        *(given(HOLES), given(HOLES, 0), given(HOLES, -1), given(HOLES[0]), given(X3, 0)),
        given(A([2.0, NAN, 0.0, 3.0])),
    ],
}

V1, M34 = spread(-2, 2, (1,)), spread(-2, 2, (3, 4))
RUN = [
    *(given(X3), given(V1), given(X23), given(X23, 0), given(X23, -1), given(X232, 1)),
    *(given(np.zeros(0)), given(np.zeros((0, 2)), 0), given(SINGLE, 1), given(X232, -2)),
    *(given(A([1, 2, 4])), given(X23, 1, dtype=float)),
]
RUN_OF_ONE = [
    *(given(X3), given(V1), given(X23, axis=0), given(X23, axis=-1), given(SINGLE, axis=1)),
    *(given(X3, include_initial=True), given(X232, axis=1, include_initial=True)),
    *(given(A([2.0, 0.0, 3.0])), given(X23, axis=1, dtype=float)),
]
RUN_OF_EXTREMES = [
    *(given(X3), given(V1), given(X23), given(X23, 1), given(X232, -2), given(SINGLE)),
    given(np.zeros((0, 2))),
    given(np.zeros((2, 0)), 1),
]

RUNNING: dict[str, list[Point]] = {
    "cumsum": RUN,
    "cumprod": [
        *(*RUN, given(ZEROS), given(ZEROS, 0), given(ZEROS, 1), given(A([0.0, 2.0, 3.0]))),
        given(A([0.0])),
    ],
    "running_max": [
        *RUN_OF_EXTREMES,
        expecting((A([1.0, 3.0, 3.0, 2.0]),), {}, x=A([1.0, 1.0, 2.0, 0.0])),
    ],
    "running_min": [
        *RUN_OF_EXTREMES,
        expecting((A([3.0, 1.0, 1.0, 2.0]),), {}, x=A([1.0, 1.0, 2.0, 0.0])),
    ],
    "unwrap": [
        *(given(X3), given(A([0.0, 3.0, 6.5, 0.5])), given(A([[0.0, 4.0], [5.0, 0.3]]), axis=0)),
    ],
    "unwrap_of_period": [
        *(given(A([0.0, 1.5, 6.3, 9.0, 1.0]), period=4.0), given(X3, 0.9, period=1.1)),
        given(A([[0.0, 4.0], [5.0, 0.3]]), axis=0, period=3.0),
    ],
}
if hasattr(np, "cumulative_sum"):
    RUNNING |= {"cumulative_sum": RUN_OF_ONE, "cumulative_prod": RUN_OF_ONE}

METHODS_OF_QUANTILES = (
    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation"),
    *("interpolated_inverted_cdf", "hazen", "weibull", "linear", "median_unbiased"),
    *("normal_unbiased", "lower", "higher", "midpoint", "nearest"),
)
SEVERAL = A([0.13, 0.55, 0.91])
MEDIANS = [
    *(given(X3), given(V1), given(X23), given(M34), given(X23, 0), given(M34, 1), given(X232, -1)),
    *(given(X232, (0, 2)), given(M34, 0, keepdims=True), given(M34, keepdims=True)),
    *(given(SINGLE, 1), given(A([1, 5, 2, 9])), given(X3, axis=(0,))),
]
TIED = A([3.0, 1.0, 3.0, 2.0, 3.0])


def quantiles(scale: float = 1.0) -> list[Point]:
    """Give points for quantiles, whose places are between 0 and scale."""
    points = [
        *(given(X3, 0.4 * scale), given(X23, 0.3 * scale), given(M34, 0.55 * scale, 0)),
        *(given(M34, 0.55 * scale, -1, keepdims=True), given(X232, 0.7 * scale, (0, 2))),
        *(given(M34, SEVERAL * scale), given(M34, SEVERAL * scale, 1)),
        given(M34, np.reshape(SEVERAL * scale, (3, 1)), 0, keepdims=True),
        *(given(V1, 0.3 * scale, wrt=("x",)), given(SINGLE, 0.3 * scale, 1, wrt=("x",))),
        *(given(M34, place * scale, wrt=("x",)) for place in (0, 1, 0.5)),
        *(given(M34, A([0.0, 0.5, 1.0]) * scale, 0, wrt=("x",)),),
        # Between two values, the quantile rises in q; at one of them, as it does above.
        expecting((A([1.0, 2.0, 5.0]), 0.5 * scale), {}, q=6.0 / scale),
        expecting((A([1.0, 2.0, 5.0]), 1.0 * scale), {}, q=6.0 / scale),
        expecting((A([INFINITY, 1.0, 2.0, 5.0]), 0.3 * scale), {}, q=3.0 / scale),
    ]
    points += [given(M34, 0.33 * scale, method=method) for method in METHODS_OF_QUANTILES]
    points += [given(M34, SEVERAL * scale, 1, method=method) for method in METHODS_OF_QUANTILES]
    return points


def holed_quantiles(scale: float = 1.0) -> list[Point]:
    """Give points for quantiles of what is a number."""
    return [
        *(
            given(HOLES, 0.4 * scale),
            given(HOLES, 0.3 * scale, 0),
            given(HOLES, SEVERAL * scale, 1),
        ),
        *(given(HOLES, 0.3 * scale, -1, keepdims=True), given(M34, 0.55 * scale, 0)),
        given(HOLES, 0.3 * scale, 1, method="hazen"),
        expecting((A([1.0, 2.0, NAN, 5.0]), 0.503 * scale), {}, q=6.0 / scale),
        expecting((EMPTY_ROW, 0.25 * scale, 1), {}, x=A([[0.0, 0.0], [0.75, 0.25]])),
    ]


SORTED: dict[str, list[Point]] = {
    "sort": [
        *(given(X3), given(V1), given(X23), given(X23, 0), given(X23, None), given(X232, 1)),
        *(given(X232, -2), given(SINGLE), given(np.zeros(0)), given(np.zeros((0, 2)))),
        *(given(X3, kind="stable"), given(A([3, 1, 2]))),
        expecting((A([2.0, 1.0, 2.0]),), {}, x=A([1.0, 1.0, 1.0])),
    ],
    "partition": [
        *(given(X3, 1), given(V1, 0), given(M34, 2), given(M34, 1, 0), given(X23, 2, None)),
        *(given(X232, 1, 1), given(spread(-2, 2, (9,)), (2, 5)), given(SINGLE, 1)),
    ],
    "unique": [
        *(given(X3), given(X23), given(V1), given(SINGLE)),
        expecting((A([2.0, 1.0, 2.0]),), {}, x=A([0.5, 1.0, 0.5])),
    ],
    "median": [
        *MEDIANS,
        expecting((TIED,), {}, x=A([1, 0, 1, 0, 1]) / 3),
        expecting((A([1.0, 4.0, 2.0, 3.0]),), {}, x=A([0.0, 0.0, 0.5, 0.5])),
    ],
    "nanmedian": [
        *(*MEDIANS, given(HOLES), given(HOLES, 0), given(HOLES, 1, keepdims=True)),
        expecting((EMPTY_ROW, 1), {}, x=A([[0.0, 0.0], [0.5, 0.5]])),
    ],
    "quantile": quantiles(),
    "percentile": quantiles(100.0),
    "nanquantile": holed_quantiles(),
    "nanpercentile": holed_quantiles(100.0),
}

W3, W23 = spread(0.3, 2, (3,), 5), spread(0.3, 2, (2, 3), 5)
STATISTICS: dict[str, list[Point]] = {
    "average": [
        *(p for p in axes(empty=False, scalar=False) if np.size(p.args[0])),
        *(given(X3, weights=W3), given(X23, weights=W23), given(X23, 0, W23), given(X23, 1, W3)),
        *(given(X23, -1, W3, keepdims=True), given(X232, 1, W3), given(X23, (0, 1), W23)),
        *(given(X3, None, A([1, 2, 3])), given(A([1, 2, 4]), weights=W3)),
        given(SINGLE, 1, weights=W3.astype(np.float32)),
        given(X23, 1, W23, keepdims=True),
        given(X232, (0, 2), spread(0.3, 2, (2, 2), 5)),
        given(X232, (1, 0), spread(0.3, 2, (3, 2), 5)),
    ],
    "cov": [given(X3), given(X23), given(M34), given(spread(-2, 2, (1, 4)))],
    "cov_of_two": [
        *(given(X3, spread(-2, 2, (3,), 9)), given(M34, spread(-2, 2, (2, 4), 9))),
        *(given(M34, rowvar=False), given(M34, bias=True), given(M34, ddof=0), given(X3, ddof=2)),
        *(given(M34, spread(-2, 2, (3, 2), 9), False), given(M34, X3, rowvar=False)),
        *(given(M34, fweights=A([1, 2, 1, 3])), given(M34, spread(-2, 2, (4,), 9), True, True)),
        given(spread(-2, 2, (1, 4)), rowvar=False),
        *(given(M34, aweights=A([1.0, 2.0, 0.5, 1.5])), given(X3, aweights=W3, ddof=0)),
        given(M34, X3, rowvar=False, aweights=W3, fweights=A([1, 3, 2])),
    ],
    "corrcoef": [
        *(given(M34), given(spread(-2, 2, (2, 5))), given(spread(-2, 2, (1, 4)))),
        expecting((X3,), {}, x=np.zeros(3)),
    ],
    "corrcoef_of_two": [
        *(given(M34[0], M34[1]), given(M34, spread(-2, 2, (2, 4), 9))),
        *(given(M34, rowvar=False), given(M34, spread(-2, 2, (3, 2), 9), False)),
        given(M34, X3, rowvar=False),
    ],
    "bincount": [
        *(given(A([0, 2, 0]), X3, wrt=("weights",)), given(A([1, 1, 1]), W3, wrt=("weights",))),
        given(A([0, 3, 1]), weights=X3, minlength=6, wrt=("weights",)),
    ],
}

LIST, OTHER = [1.5, -0.5, 2.0], [0.3, 0.7, -1.1]
NUMBERS: dict[str, list[Point]] = {
    "fsum": [given(LIST), given([2.5])],
    "product": [
        *(given(LIST), given([2.0, 0.0, 3.0]), given([0.0, 0.0, 1.0]), given([2.5])),
        *(given(LIST, start=1.5), given([2.0, 0.0], start=-0.5)),
    ],
    "dist": [given(LIST, OTHER), expecting((LIST, LIST), {}, x=[0.0] * 3, y=[0.0] * 3)],
    "nan_to_num": [
        *(given(X3), given(X23), given(1.7), given(SINGLE), given(X3, nan=2.0)),
        expecting((A([1.0, NAN, INFINITY, -INFINITY]),), {}, x=A([1.0, 0.0, 0.0, 0.0])),
        expecting((A([1.0, NAN]),), {"posinf": 3.0, "neginf": -3.0}, x=A([1.0, 0.0])),
        expecting((A([1.0, NAN, INFINITY]),), {"nan": 2.0, "posinf": 3.0}, nan=1.0, posinf=1.0),
        expecting(
            (A([1.0, -INFINITY, INFINITY, -INFINITY, 0.5]),),
            {"nan": 0.0, "posinf": 3.0, "neginf": -3.0},
            posinf=1.0,
            neginf=2.0,
        ),
    ],
    "real_if_close": [given(X3), given(X23), given(SINGLE)],
    "i0": [
        *(given(X3), given(X23), given(A([0.3, 5.0, -12.0])), given(SINGLE)),
        expecting((A([0.0, 1e-10]),), {}, x=A([0.0, 0.5e-10])),
    ],
}
if hasattr(math, "sumprod"):
    NUMBERS["sumprod"] = [given(LIST, OTHER), given([2.5], [0.5])]

FAMILIES = (RARE, MISSING, RUNNING, SORTED, STATISTICS, NUMBERS)
POINTS = {f"{name}_backward": points for family in FAMILIES for name, points in family.items()}
