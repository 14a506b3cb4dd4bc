"""Points for scipy's functions, where scipy is installed."""

from __future__ import annotations

import numpy as np
from rule_points import Point, at, binary, spread, unary

A = np.array
INF = np.inf
V3, M23, M33 = spread(-2, 2, (3,)), spread(-2, 2, (2, 3)), spread(-2, 2, (3, 3))
STEEP = M33 + 4 * np.eye(3)
POSITIVE = STEEP @ STEEP.T
SMALL = M33 / 4


def positive(low: float = 0.4, high: float = 3.0) -> list[Point]:
    """Give points for an elementwise function of positive numbers."""
    return [p for p in unary(low, high) if not _single(p)]


def anywhere(low: float = -2.5, high: float = 2.5) -> list[Point]:
    """Give points for an elementwise function of any number."""
    return [p for p in unary(low, high) if not _single(p)]


def pairs(first: tuple[float, float], second: tuple[float, float]) -> list[Point]:
    """Give points for an elementwise function of two numbers."""
    return binary(first, second, single=False)


def ordered(*orders: float) -> list[Point]:
    """Give points for functions of an order that isn't differentiated."""
    return [Point((v, x), wrt=("x",)) for v in orders for x in (1.3, spread(0.4, 3, (3,)))]


def _single(point: Point) -> bool:
    return any(getattr(x, "dtype", None) == np.float32 for x in point.args)


XLOG1PY_AT_ZERO = Point((A([0.0]), A([-1.0])), expected={"y": A([0.0])}, wrt=("y",))
XLOGY_AT_ZERO = Point((A([0.0]), A([0.0])), expected={"y": A([0.0])}, wrt=("y",))

SPECIAL: dict[str, list[Point]] = {
    **dict.fromkeys(["expit", "log_expit", "special_erf", "special_erfc", "erfcx"], anywhere()),
    **dict.fromkeys(["ndtr", "log_ndtr", "j0", "j1", "special_i0", "i1", "i0e"], anywhere()),
    **dict.fromkeys(["special_expm1", "special_exp2", "exp10"], anywhere()),
    **dict.fromkeys(["logit", "ndtri"], positive(0.1, 0.9)),
    **dict.fromkeys(["erfinv"], anywhere(-0.9, 0.9)),
    **dict.fromkeys(["erfcinv"], positive(0.1, 1.9)),
    **dict.fromkeys(["gammaln", "special_gamma", "rgamma", "special_digamma"], positive()),
    **dict.fromkeys(["entr", "y0", "y1", "k0", "k1", "expi", "exp1"], positive()),
    "special_log1p": positive(-0.5, 2),
    "polygamma": ordered(0, 1, 2),
    **dict.fromkeys(["beta", "betaln", "rel_entr", "kl_div"], pairs((0.4, 3), (0.5, 2))),
    "xlogy": [*pairs((-2, 3), (0.5, 2)), XLOGY_AT_ZERO],
    "xlog1py": [*pairs((-2, 3), (-0.5, 2)), XLOG1PY_AT_ZERO],
    "jv": ordered(0, 1, 2, 0.5),
    "yv": ordered(0, 1, 2, 0.5),
    "iv": ordered(0, 1, 2, 0.5),
    "kv": ordered(0, 1, 2, 0.5),
    "gammainc": [Point((2.5, x), wrt=("x",)) for x in (1.3, spread(0.4, 3, (3,)))],
    "gammaincc": [Point((2.5, x), wrt=("x",)) for x in (1.3, spread(0.4, 3, (3,)))],
    "betainc": [Point((2.5, 1.5, x), wrt=("x",)) for x in (0.3, spread(0.1, 0.9, (3,)))],
    "multigammaln": [Point((3.5, 2), wrt=("a",)), Point((spread(2, 4, (3,)), 3), wrt=("a",))],
    "logsumexp": [
        *(at(V3), at(M23), at(M23, 0), at(M23, axis=1), at(M23, axis=1, keepdims=True)),
        *(at(V3, b=A([0.5, 2.0, 1.0])), at(M23, axis=1, b=A([0.5, 2.0, 1.0])), at(V3 + 80)),
        Point((A([0.0, -INF]),), expected={"a": A([1.0, 0.0])}),
        Point((A([-INF, -INF]),), expected={"a": A([0.0, 0.0])}),
        Point((A([np.nan, 1.0]),), expected={"a": A([np.nan, np.nan])}),
        Point((A([INF, 1.0]),), expected={"a": A([np.nan, 0.0])}),
    ],
    "softmax_function": [at(V3), at(M23), at(M23, 0), at(M23, axis=-1)],
    "log_softmax": [at(V3), at(M23), at(M23, 0), at(M23, axis=-1)],
}

LINALG: dict[str, list[Point]] = {
    "solve_of_scipy": [at(STEEP, V3), at(STEEP, M23.T)],
    "solve_triangular": [
        *(at(STEEP, V3), at(STEEP, M23.T), at(STEEP, V3, lower=True), at(STEEP, V3, 1)),
        *(at(STEEP, M23.T, trans="T", lower=True), at(STEEP, V3, "N")),
    ],
    "cholesky_of_scipy": [at(POSITIVE), at(POSITIVE, True), at(POSITIVE, lower=True)],
    "expm": [at(SMALL), at(A([[0.5]])), at(M33)],
    "sqrtm": [at(POSITIVE), at(A([[2.5]]))],
}

POINTS = {
    f"{name}_backward": points for family in (SPECIAL, LINALG) for name, points in family.items()
}
