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
    "dstack": [
        at([M23, W23]),
        at([V3, V3 + 1]),
        at([T232, T234]),
        at([1.5, 0.5]),
        at([M23, T232]),
        at(T232),
    ],
    "column_stack": [at(M23), at([1.5, 0.5]), at([M33, V3])],
    "block": [
        *(at([V3, V4]), at([[M33, M23.T], [V3, A([1.5, 2.0])]]), at([[M23], [W23]])),
        *(at([[1.5, 0.5], [2.5, -1.0]]), at([1.5, V3]), at([M23, W23]), at([[M23, W23]])),
    ],
    "c": [at([V3, V3 + 1]), at([M33, V3]), at([M23, M33[:2]]), at([1.5, 0.5])],
    "r": [at([V3, 0.5, V4]), at([M23, W23]), at([1.5])],
    "append": [
        *(at(V3, V4), at(M23, V3), at(M23, W23, 0), at(M23, W23, axis=-1), at(V3, 1.5)),
        *(at(V1, NONE), at(V3, 2.0), at(*SINGLES)),
    ],
}

SHAPING: dict[str, list[Point]] = {
    "matrix_transpose": [at(M23), at(T234)],
    "reshape": [at(M23, (3, 2), order="F"), at(T234, (-1, 4), order="F"), at(NONE, (0, 2))],
    "ravel": [at(M23, "F"), at(T234, order="F")],
    "squeeze": [at(M23[None], 0), at(V1), at(M23[None, :, :, None], (0, -1))],
    "expand_dims": [at(M23, (0, 2)), at(M23, (-1, 0)), at(1.5, 0)],
    "swapaxes": [at(T234, 0, -1)],
    "moveaxis": [at(T234, (0, 1), (-1, 0))],
    "rollaxis": [at(T234, 2), at(T234, 1, 3), at(T234, -1, 1), at(T234, 0, -1), at(T234, 1, 1)],
    "contiguous": [at(M23), at(T232), at(1.5)],
    "array": [at(M23), at(V3, float), at(V3, ndmin=2), at(1.5, ndmin=1), at([1.5, -2.0])],
    "asarray": [at(V3, float)],
    "atleast_1d": [at(1.5), at(V3), at(M23)],
    "atleast_2d": [at(1.5), at(V3), at(M23), at(T232)],
    "atleast_3d": [at(1.5), at(V3), at(M23), at(T232)],
    "tolist": [at(V3), at(M23)],
    "tuple": [at(V3), at(M23), at([1.5, -2.0])],
    "unstack": [at(M23), at(T234, axis=-1)],
}

PICKING: dict[str, list[Point]] = {
    "tile": [at(SINGLES[0], 2), at(V3, (3,)), at(M23, (2, 2, 1)), at(V3, 0), at(NONE, 2)],
    "repeat": [at(SINGLES[0], 2), at(V3, 0), at(NONE, 2), at(1.5, 3), at(V3, A([2, 0, 1]))],
    "take": [
        *(at(V3, 1), at(V3, A([-1, 4]), mode="wrap"), at(V3, A([-1, 4]), mode="clip")),
        *(at(SINGLES[0], A([0, 0])), at(M23, A([[0, 1], [1, 1]]), 0), at(M23, 1, -1)),
        at(V3, A([], int)),
    ],
    "take_along_axis": [
        *(at(V3, A([2, 0, 2]), None), at(M23, A([[0]]), 1), at(M23, A([[1], [0]]), -1)),
    ],
    "compress": [
        *(at(A([True, False, True]), V3), at(A([True, False, True]), M23, 1)),
        *(at(A([False, True]), M23, axis=0), at(A([0, 1, 0, 1]) > 0, M23)),
    ],
    "extract": [at(A([True, False, True]), V3), at(M23 > 0, M23)],
    "delete": [
        *(at(V3, 1), at(V3, A([0, 2])), at(M23, 1, 1), at(V3, A([True, False, True]))),
        *(at(M23, 2), at(V3, -1), at(T234, A([0, -1]), axis=2)),
    ],
    "insert": [
        *(at(V3, 1, 1.5), at(V3, A([1, 2]), A([1.0, 2.0])), at(M23, 1, A([1.0, 2.0]), 1)),
        *(at(V3, -1, 1.5), at(M23, 1, 1.5), at(V3, A([2, 0, 2]), 1.5), at(V3, 1, V4)),
        *(at(M23, A([0, 2]), A([[1.0], [2.0]]), axis=1), at(M23, 0, V3, 0)),
    ],
    "resize": [at(V3, (2, 4)), at(V3, 2), at(M23, (3, 3)), at(M23, (2, 0))],
    "bincount": [at(A([0, 1, 1]), V3), at(A([0, 3, 1]), V3, minlength=6)],
    "last_diagonal": [at(T234), at(M33, offset=1)],
    "trace": [at(M23), at(SINGLES[0] * np.eye(3, dtype=np.float32)), at(T234, 1)],
    "diag": [at(SINGLES[0]), at(M23, 2), at(M23, 5)],
    "vander": [at(V3), at(V3, 4), at(V3, None, True), at(V3, 2, True), at(A([0.0, 1.0]))],
}

PADDING: dict[str, list[Point]] = {
    "pad": [
        *(at(V4, 2, mode) for mode in ("edge", "reflect", "symmetric", "wrap", "linear_ramp")),
        *(at(V4, 2, mode) for mode in ("mean", "maximum", "minimum")),
        *(at(M23, ((1, 0), (2, 1)), mode) for mode in ("edge", "linear_ramp", "mean", "maximum")),
        *(at(V3, 5, mode) for mode in ("reflect", "wrap")),
        *(at(V4, 2, "mean", stat_length=2), at(V4, (2, 1), "maximum", stat_length=3)),
        *(at(V4, (2, 1), constant_values=1.5), at(V4, (2, 1), constant_values=A([1.5, 2.0]))),
        *(
            at(V4, 2, "linear_ramp", end_values=1.5),
            at(M23, 1, "linear_ramp", end_values=A([1.5, 2])),
        ),
        *(at(SINGLES[1], 1), at(V3, 0), at(NONE, 2), at(V3, 0, "empty")),
        *(at(V4, (1, 2), "median"), at(M23, ((1, 0), (2, 1)), "median", stat_length=2)),
        *(at(V3, 7, "reflect", reflect_type="odd"), at(V4, 2, "symmetric", reflect_type="odd")),
        at(M23, ((1, 2), (0, 1)), "reflect", reflect_type="odd"),
        Point(
            (A([2.0, 2.0, 1.0]), (1, 0), "maximum"),
            expected={"array": A([1.5, 1.5, 1.0])},
            wrt=("array",),
        ),
    ],
}

GRIDS: dict[str, list[Point]] = {
    "linspace": [
        *(at(1.5, 3.0), at(1.5, 3.0, 5), at(1.5, 3.0, 4, False), at(1.5, 3.0, 1), at(1.5, 3.0, 0)),
        *(at(V3, 0.5, 4), at(V3, V3 + 2, 4, axis=1), at(0.5, M23, 3, axis=-1)),
    ],
    "geomspace": [
        at(1.5, 9.0, 4),
        at(-1.5, -9.0, 4),
        at(1.5, 9.0, 4, False),
        at(2.0, A([4.0, 9.0]), 3),
    ],
    "logspace": [at(0.1, 0.5, 4), at(0.1, 0.5, 4, False), at(0.1, 0.5, 4, base=2.5)],
    "full": [at(3, 1.5), at((2, 3), V3), at((2, 3), 1.5), at(0, 1.5)],
    "full_like": [at(M23, 1.5, float), at(M23, V3, float)],
}

PLACES = A([0.0, 0.5, 0.75, 1.5, 2.5])
V5 = spread(-2, 2, (5,))
TURNING = A([0.1, 0.5, 1.2, 1.65])
KNOTS, HEIGHTS = A([0.0, 1.0, 2.0, 3.0]), A([1.0, 3.0, 2.0, 5.0])

NEIGHBOURS: dict[str, list[Point]] = {
    "diff": [
        at(V1),
        at(V4, 3),
        at(spread(-2, 2, (6,)), 4),
        at(M23, axis=0),
        at(T234, 2, 1),
        at(SINGLES[0]),
    ],
    "sliding_window_view": [
        *(at(V4, 2), at(V4, 4), at(V4, (3,)), at(M23, (2, 2)), at(V4, 1)),
        *(at(M23, 2, axis=-1), at(M23, 2, 0), at(T234, (2, 3), (1, -1)), at(T234, (2, 2), (2, 2))),
    ],
    "diff_with_edges": [
        *(
            at(V3, prepend=0.5),
            at(V3, append=V4),
            at(V3, prepend=V4),
            at(V1, prepend=0.5),
            at(M23, 1, 0, prepend=M23),
        ),
        *(at(V4, n=2, prepend=V1, append=0.5), at(M23, 1, 1, append=1.5)),
        at(V3, 9, prepend=0.5),
    ],
    "ediff1d": [
        at(V4),
        at(M23),
        at(V1),
        at(V1, V3),
        at(NONE),
        at(V4, V3),
        at(V4, 1.5, V3),
        at(V4, to_begin=0.5),
    ],
    "trapezoid": [
        *(
            at(V5),
            at(V5, PLACES),
            at(V5, None, 0.5),
            at(M23, axis=0),
            at(M23, A([0.0, 1.0, 3.0]), axis=1),
        ),
        *(at(M23, M33[:2]), at(T234, A([0.0, 0.5]), axis=0), at(T234, T234 + 1, axis=1), at(V1)),
        *(at(V4, None, A([0.5, 1.0, 2.0])), at(M23, None, M33[:1], 0), at(SINGLES[0])),
        at(M23, None, A([0.5, 1.0])),
    ],
    "gradient": [
        *(at(V5), at(V5, 0.5), at(V5, PLACES), at(V5, edge_order=2), at(V5, PLACES, edge_order=2)),
        *(at(V3[:2]), at(T234, axis=1), at(T234, 2.0, axis=-1, edge_order=2)),
        at(T234, A([0.0, 0.5, 2.0]), axis=-2),
        at(V5.astype(np.float32), PLACES.astype(np.float32)),
    ],
    "interp": [
        *(at(A([0.3, 1.2, 2.7]), KNOTS, HEIGHTS), at(A([-1.0, 0.3, 5.0]), KNOTS, HEIGHTS)),
        *(at(1.3, KNOTS, HEIGHTS), at(A([-1.0, 0.3, 5.0]), KNOTS, HEIGHTS, 0.5, 1.5)),
        *(at(M23 + 1.05, KNOTS, HEIGHTS), at(A([0.5, 2.0]), A([1.0]), A([3.0]), left=0.5)),
        Point((A([1.0]), KNOTS, HEIGHTS), expected={"x": A([-1.0])}, wrt=("x",)),
        Point((A([0.0, 3.0]), KNOTS, HEIGHTS), expected={"x": A([2.0, 3.0])}, wrt=("x",)),
        Point((A([1.0]), KNOTS[:2], HEIGHTS[:2]), expected={"x": A([2.0])}, wrt=("x",)),
    ],
    "interp_of_period": [
        at(A([-0.5, 1.3, 3.1, 0.05]), TURNING, HEIGHTS, period=2.0),
        *(at(0.3, TURNING, HEIGHTS, period=1.7), at(M23, TURNING[::-1], HEIGHTS, period=2.5)),
        at(A([-0.5, 1.3]), TURNING, HEIGHTS, 0.5, 1.5, period=-2.0),
        at(A([0.3, 1.1, 3.4]), TURNING + A([0.0, 2.0, -2.0, 4.0]), HEIGHTS, period=2.0),
        *(at(0.3, A([0.2]), A([1.5]), period=-2.0), at(A([]), TURNING, HEIGHTS, period=2.0)),
    ],
    "convolve": [
        *(
            at(a, v, mode)
            for a, v in ((V5, V3), (V3, V5), (V4, V3), (V3, V4), (V1, V4), (V4, V5))
            for mode in ("full", "same", "valid")
        ),
        at(*SINGLES),
    ],
    "correlate": [
        *(
            at(a, v, mode)
            for a, v in ((V4, V4 + 1), (V5, V3), (V3, V5), (V4, V3), (V3, V4), (V1, V4), (V4, V5))
            for mode in ("full", "same", "valid")
        ),
        at(*SINGLES),
    ],
}

POLYNOMIALS: dict[str, list[Point]] = {
    "polyval": [at(V3, 1.5), at(V3, V4), at(V3, M23), at(V1, V3), at(SINGLES[0], SINGLES[1])],
    "polyder": [at(V4), at(V4, 2), at(V3, 0)],
    "polymul": [
        *(at(V3, V4), at(V4, V1), Point((A([0.0, 2.0, 1.0]), A([1.5, -0.5])), wrt=("a2",))),
        at(V3.astype(np.float32), A([0.5, 2.0], np.float32)),
    ],
    "poly": [at(V3), at(V4), at(V1), at(A([2.0, 2.0, 0.0]))],
    "polyfit": [
        *(at(V5, V5[::-1] ** 2, 2), at(V4, A([1.0, 0.5, -2.0, 3.0]), 1, w=A([1.0, 2.0, 0.5, 1.5]))),
        *(
            at(V5, np.stack([V5**2, V5[::-1]], 1), 1),
            at(V5, np.stack([V5**2, V5[::-1]], 1), 1, w=A([1.0, 2.0, 0.5, 1.5, 0.7])),
            at(V4, V4[::-1], 0),
        ),
    ],
    "polyint": [at(V4), at(V4, 2), at(V4, 3, V3), at(V4, k=1.5)],
    "polyadd": [at(V3, V5), at(V5, V3), at(V3, 1.5), at(V3, NONE), at(NONE, V3)],
    "polysub": [at(V3, V5), at(V5, V3), at(V3, 1.5), at(V3, NONE), at(NONE, V3)],
}

PLACED = A([[0, 2], [-1, 0]])
HELPERS: dict[str, list[Point]] = {
    "gathered": [at(M23[:, :2], PLACED, V3), at(2.5, 1, V3), at(M23[:, :2], PLACED, M23)],
    "last_named": [
        at(V3, [1, 0]),
        at(V3, [2, 0, 2, 2]),
        at(M33, [1, 0, 1]),
        at(M33, 1),
        at(V3, [True, False, True]),
    ],
    "unpadded_statistics": [at(M33, M33[1:, 1:], ((1, 0), (0, 1)), "mean", 1)],
    "unpadded": [at(V4, 1), at(M33, ((1, 0), (0, 2))), at(M23, 0)],
    "padded_statistics": [
        *(at(M33, M33[::-1], ((1, 0), (0, 2)), mode, None) for mode in ("mean", "median")),
        *(at(M33, M33[::-1], ((1, 0), (2, 1)), mode, 2) for mode in ("maximum", "minimum")),
    ],
    "unreflected": [at(V5, 1, "reflect"), at(M33, ((1, 0), (0, 1)), "symmetric")],
    "unramped": [
        *(at(V5, V5[:3], 1, 0.5), at(M33, M33[1:, :2], ((1, 0), (0, 1)), 0.5)),
        at(V5, V5[:2], (1, 2), A([1.5, 2.0])),
    ],
    "quantile_weights": [
        *(at(V5, 0.3, None, "linear", False), at(M33, A([0.2, 0.7]), 1, "hazen", False)),
        *(at(V5, 0.3, None, "lower", False), at(T234, A([[0.2], [0.7]]), (0, 2), "linear", True)),
    ],
    "spread_quantiles": [at(V3, M33, 0.3, 0), at(M23, T234, A([0.1, 0.4]), (0, 2))],
    "spread_weights": [at(V3, M23, 1), at(spread(-1, 2, (4, 2)), T234, (2, 0)), at(V3, T234, -2)],
    "weights_summed": [at(M23, 1), at(T234, (2, 0)), at(T234, -2)],
    "observations": [
        *(at(M23, None, True), at(M23, M33, True), at(M33, M23.T, False), at(M33, V3, False)),
        *(at(V3, M33, False), at(V3, V3 + 1, True), at(M23, None, False)),
    ],
    "variables_of": [
        *(at(M23, spread(-1, 2, (4, 3)), False, True), at(V3, M33, False, False)),
        *(at(M23, spread(-1, 2, (5, 2)), True, False), at(V3, M33[:1], False, True)),
        at(M23.astype(np.float32), spread(-1, 2, (4, 3)).astype(np.float32), False, True),
    ],
    "bessel_i1": [at(1.3), at(V3), at(A([[0.0, 2.0], [-1.5, 6.0]])), at(0.0)],
    "digamma": [*(at(x) for x in (0.7, 3.2, -1.4, 12.5, 2))],
    "product_of_others": [
        *(at(V3, None), at(M23, 1), at(T234, (0, 2)), at(M23, (0,)), at(M23, ())),
        *(at(A([2.0, 0.0, 3.0]), 0), at(A([[0.0, 0.0, 3.0], [1.0, 0.0, 2.0]]), -1)),
    ],
    "cofactors": [
        *(at(M33), at(np.eye(3)), at(A([[1.0, 2.0], [2.0, 4.0]])), at(A([[2.0]]))),
        *(at(spread(-1, 2, (2, 4, 4))), at(A([[0.0, 1.0], [1.0, 0.0]]))),
    ],
    "slope_of_products": [
        *(at(V3, None, V3 + 1), at(M23, 1, W23), at(T234, (0, 2), T234 + 1), at(M23, (), W23)),
        *(at(M23, (0,), W23), at(A([2.0, 0.0, 3.0]), 0, V3), at(T232[0], -1, T232[1])),
    ],
    "einsum_gradient": [
        *(at("ij,jk->ik", place, W23, [M23, M33]) for place in (0, 1)),
        *(at("ii,j->j", 0, V3, [M33, V3]), at("i,ij,j", 1, 1.5, [V3[:2], M23, V3])),
        *(at("...i,i", place, T234[:, :, 0], [T234, V4]) for place in (0, 1)),
    ],
    "resized": [at(V5, V3), at(M23, M33[:, :2]), at(M33, M23)],
    "doubled": [at(V3, 4, 0), at(V3, 5, -1), at(M33, 5, 0)],
    "over_gaps": [at(M33, V3), at(spread(-1, 2, (2, 4, 4)), spread(-2, 2, (2, 4)))],
    "contracted": [
        *(at("ij,jk->ik", [M23, M33]), at("ii", [M33]), at("...i,i", [T234, V4])),
        at("i,ij,j->", [V3[:2], M23, V3]),
    ],
}

FAMILIES = (HELPERS, JOINING, SHAPING, PICKING, PADDING, GRIDS, NEIGHBOURS, POLYNOMIALS)
POINTS: dict[str, list[Point]] = {
    f"{name}_backward": points for family in FAMILIES for name, points in family.items()
}
