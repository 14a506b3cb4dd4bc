"""The points at which test_rules.py checks each rule: one entry per rule, none may be missing.

At an ordinary point, a rule is compared with central differences. At a hard point (a tie, a kink,
a number that is very large or very small), the expected gradients are listed; they belong to an
upstream gradient of ones.
"""

from __future__ import annotations

import importlib.util
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

INFINITY = math.inf
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Point:
    """One call of a function.

    Parameters
    ----------
    args, kwargs
        The call's arguments.
    wrt
        The parameters whose gradients are checked; None for all that the rule returns. Others are
        constants: in a derived function they stand in the text.
    expected
        The gradients by parameter name, for an upstream gradient of ones; None for central
        differences.
    functions
        The names of the functions that the point is for, `cross` or `numpy.cross`; none for all
        of the rule.
    derived_only
        Whether the rule's text asks if an operand is a constant, which only the engine knows.
    results
        The places of those of several results that are used; none for all.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    wrt: tuple[str, ...] | None = None
    expected: dict[str, Any] | None = None
    functions: tuple[str, ...] = ()
    derived_only: bool = False
    results: tuple[int, ...] = ()

    def __str__(self) -> str:
        """Give the call's arguments as text."""
        named = (f"{name}={value!r}" for name, value in self.kwargs.items())
        text = ", ".join([*map(repr, self.args), *named])
        return "at (" + re.sub(r"\s+", " ", text) + ")"


def at(*args: Any, **kwargs: Any) -> Point:
    """Give an ordinary point."""
    return Point(args, kwargs)


def kink(*args: Any, wrt: tuple[str, ...] | None = None, **expected: Any) -> Point:
    """Give a hard point with the gradients expected there."""
    return Point(args, expected=expected, wrt=wrt or tuple(expected))


def spread(low: float, high: float, shape: Shape = (), start: int = 1, dtype: Any = float) -> Any:
    """Give distinct values between low and high in no order; a float for the shape ()."""
    count = math.prod(shape)
    steps = (np.arange(start, start + count) * 0.6180339887498949) % 1
    values = low + (high - low) * (0.03 + 0.94 * steps)
    return values.astype(dtype).reshape(shape) if shape else float(values[0])


def unary(low: float, high: float, *hard: Point, whole: Sequence[int] = ()) -> list[Point]:
    """Give points for an elementwise function of one operand between low and high."""
    points = [at(spread(low, high, start=start)) for start in (1, 2, 3)]
    points += [at(spread(low, high, shape)) for shape in ((3,), (2, 3), (1,), (0,), (2, 1, 2))]
    points += [at(spread(low, high, shape, dtype=np.float32)) for shape in ((3,), (2, 3))]
    points.append(at(spread(low, high, (3, 2)).T))
    if whole:
        points += [at(whole[0]), at(np.array(whole))]
    return [*points, *hard]


PAIRS: tuple[tuple[Shape, Shape], ...] = (
    ((), ()),
    ((3,), (3,)),
    ((3,), ()),
    ((), (2, 3)),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((3, 1), (3,)),
    ((1,), (2, 3)),
    ((2, 1, 3), (4, 1)),
    ((1,), ()),
    ((1, 1), (2, 1)),
    ((0,), ()),
    ((0, 3), (3,)),
    ((1,), (0,)),
)
"""Shapes that broadcast."""


def binary(
    first: tuple[float, float],
    second: tuple[float, float],
    *hard: Point,
    single: bool = True,
) -> list[Point]:
    """Give points for an elementwise function of two operands in the given ranges."""
    points = [at(spread(*first, left), spread(*second, right, 7)) for left, right in PAIRS]
    if single:
        for left, right in (((2, 3), (3,)), ((3, 1), (3,)), ((3,), (3,))):
            f32 = np.float32
            points.append(at(spread(*first, left, 1, f32), spread(*second, right, 7, f32)))
        points.append(at(spread(*first, (3,), 1, np.float32), spread(*second, (), 7)))
        points.append(at(spread(*first, (), 1), spread(*second, (3,), 7, np.float32)))
    return [*points, *hard]


def only(*names: str, points: Sequence[Point]) -> list[Point]:
    """Restrict points to functions of the given names."""
    return [Point(p.args, p.kwargs, p.wrt, p.expected, names, p.derived_only) for p in points]


def wrt(*names: str, points: Sequence[Point]) -> list[Point]:
    """Restrict the checked gradients of points."""
    return [Point(p.args, p.kwargs, names, p.expected, p.functions, p.derived_only) for p in points]


def derived(*points: Point) -> list[Point]:
    """Mark points that only a derived function can tell from others."""
    return [
        Point(p.args, p.kwargs, p.wrt, p.expected, p.functions, derived_only=True) for p in points
    ]


A = np.array
ANY = (-2.0, 2.0)
POSITIVE = (0.3, 2.5)
INSIDE = (-0.9, 0.9)

RIGHT_OF_MINUS_ONE = -1 + 1e-12
LEFT_OF_ONE = 1 - 1e-12
EDGE = 1 / math.sqrt(1 - Fraction(LEFT_OF_ONE) ** 2)
EULER = 0.57721566490153286


def slope_of_sinc(x: float) -> float:
    """Give the derivative of np.sinc near 0 by its series."""
    return math.fsum(
        (-1) ** k * 2 * k * math.pi ** (2 * k) * x ** (2 * k - 1) / math.factorial(2 * k + 1)
        for k in range(1, 10)
    )


# Arithmetic

ARITHMETIC: dict[str, list[Point]] = {
    "add": binary(ANY, ANY, at(2, 3), at(A([1, 2]), 1.5)),
    "subtract": binary(ANY, ANY, at(2, 3), at(A([1, 2]), 1.5)),
    "multiply": binary(ANY, ANY, at(2, 3), at(A([1, 2]), 1.5), at(0.0, 0.0)),
    "divide": binary(
        ANY,
        POSITIVE,
        at(2, 3),
        at(A([1, 2]), 2),
        at(0.0, -2.0),
        kink(3e200, 2e200, x=0.5e-200, y=-0.75e-200),
        kink(3e-200, 2e-200, x=0.5e200, y=-0.75e200),
    ),
    "power": [
        *only("power", "pow", points=binary(POSITIVE, ANY)),
        *only("float_power", points=binary(POSITIVE, ANY, single=False)),
        *wrt(
            "x",
            points=[
                *(at(base, n) for base in (-1.7, -1, 0.0, 2, 0.4) for n in (1, 2, 3, 2.0)),
                *(at(base, n) for base in (-1.7, -0.5, 0.4) for n in (-1, -2, 0, -1.0)),
                *(at(A([-1.5, 0.0, 2.0]), n) for n in (1, 2, 3, 4.0)),
                *(at(A([-1.5, 0.7, 2.0]), n) for n in (-1, -2, 0, 0.0)),
                at(A([0.5, 1.5, 2.0]), 0.5),
                at(A([1, -2, 3]), 2),
                at(A([[-1.5, 0.0], [2.0, 0.3]]), A([2, 3])),
                at(A([-1.5, 0.0, 2.0]), A([2.0, 3.0, 1.0])),
            ],
        ),
        *wrt("n", points=[at(2.0, 1.5), at(0.5, A([1.0, -2.0])), at(3, -1.2), at(0.0, 1.5)]),
        *only(
            "power",
            "pow",
            points=wrt(
                "x",
                points=[at(A([-1.5, 0.7], np.float32), n) for n in (-1, 0, 1, 2, 3.0)],
            ),
        ),
        # 0**0 is 1 for every base nearby, and so is x**0 with an exponent in an array.
        kink(0.0, 0, x=0.0),
        kink(0.0, 1, x=1.0),
        kink(A([0.0, 0.0, 0.0]), A([0, 1, 2]), x=A([0.0, 1.0, 0.0])),
        kink(A([0.0, -2.0]), A([0.0, 0.0]), x=A([0.0, 0.0])),
        kink(A([0.0, 0.0]), A([0.5, 2.0]), x=A([INFINITY, 0.0])),
        # 0**n is 0 for every positive exponent nearby.
        kink(0.0, 2.5, x=0.0, n=0.0),
        kink(A([0.0, 2.0]), A([1.0, 3.0]), x=A([1.0, 12.0]), n=A([0.0, 8 * math.log(2)])),
        *only("power", "pow", points=[kink(2, 3, x=12.0, n=8 * math.log(2))]),
    ],
    "negative": unary(-2, 2, whole=(1, 0, -2)),
    "positive": unary(-2, 2, whole=(1, 0, -2)),
    "mod": [
        *(at(x, y) for x in (7.3, -7.3) for y in (2.0, -2.0)),
        at(A([7.3, -7.3, 0.5]), 2.0),
        at(7.3, A([2.0, -2.0, 1.5])),
        at(A([7.3, -7.3, 0.5]), A([[2.0], [-3.0]])),
        at(A([7.3, -7.3], np.float32), A([2.0, -2.0], np.float32)),
        at(np.zeros((0, 2)), A([2.0, 3.0])),
    ],
    "fmod": [
        *(at(x, y) for x in (7.3, -7.3) for y in (2.0, -2.0)),
        at(A([7.3, -7.3, 0.5]), 2.0),
        at(7.3, A([2.0, -2.0, 1.5])),
        at(A([7.3, -7.3, 0.5]), A([[2.0], [-3.0]])),
        at(A([7.3, -7.3], np.float32), A([2.0, -2.0], np.float32)),
        at(np.zeros((0, 2)), A([2.0, 3.0])),
    ],
    "square": unary(-2, 2, whole=(1, 0, -2)),
    "reciprocal": [*unary(0.3, 2), *unary(-2, -0.3)],
}

# Elementary functions

ELEMENTARY: dict[str, list[Point]] = {
    "exp": unary(-2, 2, kink(0.0, x=1.0), kink(-INFINITY, x=0.0), whole=(1, 0, -2)),
    "exp2": unary(-2, 2, kink(0.0, x=math.log(2)), whole=(1, 0, -2)),
    "expm1": unary(
        -2,
        2,
        kink(0.0, x=1.0),
        kink(-40.0, x=math.exp(-40)),
        kink(A([-40.0, 1e-20]), x=A([math.exp(-40), 1.0])),
        whole=(1, 0, -2),
    ),
    "log": unary(0.2, 3, kink(1e-300, x=1e300), kink(1e300, x=1e-300), whole=(1, 2, 5)),
    "log_to_base": [
        *unary(0.2, 3, kink(1e-300, x=1e300), whole=(1, 2, 5)),
        at(0.7, 2.0),
        at(3.0, 10),
        at(5, 0.3),
        *wrt("x", points=[at(0.7, 2), at(3.0, 10.0)]),
        *wrt("base", points=[at(0.7, 2.0), at(3, 10.0)]),
    ],
    "log2": unary(0.2, 3, kink(1e-300, x=1e300 / math.log(2)), whole=(1, 2, 5)),
    "log10": unary(0.2, 3, kink(1e-300, x=1e300 / math.log(10)), whole=(1, 2, 5)),
    "log1p": unary(
        -0.8,
        3,
        kink(0.0, x=1.0),
        kink(1e-20, x=1.0),
        kink(RIGHT_OF_MINUS_ONE, x=1 / (1 + RIGHT_OF_MINUS_ONE)),
        whole=(0, 2, 5),
    ),
    "logaddexp": binary(
        ANY,
        ANY,
        kink(0.7, 0.7, x=0.5, y=0.5),
        kink(800.0, 800.0, x=0.5, y=0.5),
        kink(-INFINITY, -INFINITY, x=0.5, y=0.5),
        kink(-INFINITY, 2.0, x=0.0, y=1.0),
        kink(1e4, -1e4, x=1.0, y=0.0),
        kink(
            A([-INFINITY, -INFINITY, 3.0, -1e4]),
            A([-INFINITY, 1.0, -INFINITY, 1e4]),
            x=A([0.5, 0.0, 1.0, 0.0]),
            y=A([0.5, 1.0, 0.0, 1.0]),
        ),
    ),
    "logaddexp2": binary(
        ANY,
        ANY,
        kink(0.7, 0.7, x=0.5, y=0.5),
        kink(-INFINITY, -INFINITY, x=0.5, y=0.5),
        kink(-INFINITY, 2.0, x=0.0, y=1.0),
        kink(
            A([-INFINITY, -INFINITY, 3.0, -1e4]),
            A([-INFINITY, 1.0, -INFINITY, 1e4]),
            x=A([0.5, 0.0, 1.0, 0.0]),
            y=A([0.5, 1.0, 0.0, 1.0]),
        ),
    ),
    "sqrt": unary(
        0.2,
        3,
        kink(1e-300, x=0.5e150),
        kink(A([0.0, 4.0]), x=A([INFINITY, 0.25])),
        whole=(1, 4, 5),
    ),
    "cbrt": [
        *unary(0.2, 3, whole=(1, 8, 5)),
        *unary(-3, -0.2),
        kink(A([0.0, -8.0]), x=A([INFINITY, 1 / 12])),
    ],
    "hypot": binary(
        ANY,
        POSITIVE,
        at(3, 4),
        kink(0.0, 0.0, x=0.0, y=0.0),
        kink(A([0.0, 0.0, 3.0]), A([0.0, -2.0, 4.0]), x=A([0, 0, 0.6]), y=A([0, -1, 0.8])),
        kink(3e-200, 4e-200, x=0.6, y=0.8),
        kink(3e200, 4e200, x=0.6, y=0.8),
    ),
    "sin": unary(-4, 4, kink(0.0, x=1.0), whole=(0, 1, -3)),
    "cos": unary(-4, 4, kink(0.0, x=0.0), kink(1e-200, x=-1e-200), whole=(0, 1, -3)),
    "tan": unary(-1.3, 1.3, kink(0.0, x=1.0), whole=(0, 1, -1)),
    "arcsin": unary(
        -0.9,
        0.9,
        kink(0.0, x=1.0),
        kink(LEFT_OF_ONE, x=EDGE),
        kink(-LEFT_OF_ONE, x=EDGE),
        kink(A([1.0, -1.0]), x=A([INFINITY, INFINITY])),
        whole=(0,),
    ),
    "arccos": unary(
        -0.9,
        0.9,
        kink(0.0, x=-1.0),
        kink(LEFT_OF_ONE, x=-EDGE),
        kink(-LEFT_OF_ONE, x=-EDGE),
        kink(A([1.0, -1.0]), x=A([-INFINITY, -INFINITY])),
        whole=(0,),
    ),
    "arctan": unary(
        -3,
        3,
        kink(0.0, x=1.0),
        kink(1e200, x=0.0),
        kink(-1e150, x=1e-300),
        whole=(0, 1, -3),
    ),
    "arctan2": binary(
        ANY,
        POSITIVE,
        at(3, 4),
        *(at(*pair) for pair in ((0.0, 1.0), (1.0, 0.0), (-1.0, 0.0), (-0.3, -0.8), (0.3, -0.8))),
        kink(0.0, -2.0, y=-0.5, x=0.0),
        kink(3e-200, 4e-200, y=1.6e199, x=-1.2e199),
        kink(3e200, 4e200, y=1.6e-201, x=-1.2e-201),
    ),
    "degrees": unary(-4, 4, kink(0.0, x=180 / math.pi), whole=(0, 1, -3)),
    "radians": unary(-4, 4, kink(0.0, x=math.pi / 180), whole=(0, 1, -3)),
    "sinc": unary(
        -3,
        3,
        kink(0.0, x=0.0),
        kink(1e-8, x=-(math.pi**2) / 3 * 1e-8),
        kink(-1e-8, x=(math.pi**2) / 3 * 1e-8),
        kink(A([0.0, 1.0, -2.0]), x=A([0.0, -1.0, -0.5])),
        *(kink(x, x=slope_of_sinc(x)) for x in (0.0499, 0.0501, -0.03, 0.08)),
        at(A([0.0, 0.01, -0.0499, -0.0501], np.float32)),
        whole=(1, 0, -2),
    ),
    "sinh": unary(-2, 2, kink(0.0, x=1.0), whole=(0, 1, -2)),
    "cosh": unary(-2, 2, kink(0.0, x=0.0), kink(1e-200, x=1e-200), whole=(0, 1, -2)),
    "tanh": unary(-2, 2, kink(0.0, x=1.0), kink(-1e9, x=0.0), whole=(0, 1, -2)),
    "arcsinh": unary(
        -3,
        3,
        kink(0.0, x=1.0),
        kink(1e200, x=1e-200),
        kink(-1e200, x=1e-200),
        whole=(0, 1, -3),
    ),
    "arccosh": unary(
        1.1,
        3,
        kink(1 + 2**-40, x=1 / math.sqrt(Fraction(1 + 2**-40) ** 2 - 1)),
        kink(A([1.0, 2.0]), x=A([INFINITY, 1 / math.sqrt(3)])),
        whole=(2, 3, 5),
    ),
    "arctanh": unary(-0.9, 0.9, kink(0.0, x=1.0), kink(LEFT_OF_ONE, x=EDGE**2), whole=(0,)),
    "copysign": [
        *wrt("x", points=binary(POSITIVE, ANY)),
        *wrt("x", points=binary((-2, -0.3), ANY)),
        kink(2.0, -0.0, x=-1.0),
        kink(-2.0, 0.0, x=-1.0),
        kink(0.0, -3.0, x=0.0),
        kink(A([0.0, 2.0]), A([[-1.0], [0.0]]), x=A([0.0, 0.0])),
    ],
    "ldexp": [
        at(0.7, 3),
        at(-0.7, -2),
        at(1, 4),
        at(A([0.7, 0.0, -2.0]), 3),
        at(A([0.7, 0.0, -2.0]), A([3, 0, -1])),
        at(0.7, A([3, 0, -1])),
        at(A([[0.7], [2.0]]), A([3, 0, -1])),
        at(A([0.7, 2.0], np.float32), A([3, -1])),
        at(np.zeros(0), 3),
    ],
    "remainder": [at(x, y) for x in (7.3, -7.3, 0.4) for y in (2.0, -2.0)],
    "heaviside": [
        kink(0.0, 0.5, at_zero=1.0),
        kink(2.0, 0.5, at_zero=0.0),
        kink(-2.0, 0.5, at_zero=0.0),
        kink(A([-1.0, 0.0, 2.0]), A([0.5, 0.5, 0.5]), at_zero=A([0.0, 1.0, 0.0])),
        kink(A([[-1.0, 0.0, 2.0], [0.0, 0.0, 1.0]]), 0.5, at_zero=3.0),
        at(A([0.0, 1.0], np.float32), A([0.5, 0.5], np.float32)),
    ],
    "erf": unary(-2, 2, kink(0.0, x=2 / math.sqrt(math.pi)), kink(1e200, x=0.0), whole=(0,)),
    "erfc": unary(-2, 2, kink(0.0, x=-2 / math.sqrt(math.pi)), kink(-1e200, x=0.0), whole=(0,)),
    "lgamma": [
        *unary(0.2, 3),
        *unary(20, 30),
        *(at(x) for x in (-0.5, -1.3, -7.7, 9.99, 10.01)),
        kink(1, x=-EULER),
        kink(0.5, x=-EULER - 2 * math.log(2)),
        kink(-0.5, x=-EULER - 2 * math.log(2) + 2),
        kink(10.0, x=-EULER + sum(1 / k for k in range(1, 10))),
        kink(1e-200, x=-1e200),
        kink(-1e-200, x=1e200),
        kink(1e200, x=200 * math.log(10)),
    ],
    "gamma": [
        *unary(0.2, 3),
        *(at(x) for x in (-0.5, -1.3, -3.7, 9.99, 10.01)),
        kink(1, x=-EULER),
        kink(2.0, x=1 - EULER),
        kink(0.5, x=math.sqrt(math.pi) * (-EULER - 2 * math.log(2))),
    ],
}

# Ties and kinks

TAKES_NO_BOUNDS = np.lib.NumpyVersion(np.__version__) >= "2.1.0"
CLIP = A([-2.0, -0.5, 0.3, 2.5])

AGAINST_CONSTANTS = [
    *wrt("x", points=[at(CLIP, 0.5), at(0.7, 0), at(CLIP.astype(np.float32), 0.5)]),
    *wrt("y", points=[at(0.5, CLIP), at(0, 0.7), at(0.5, CLIP.astype(np.float32))]),
]

SELECTION: dict[str, list[Point]] = {
    "largest": [
        at(1.5, -0.5),
        at(-0.5, 1.5),
        at(2, 1.5),
        kink(1.5, 1.5, x=1.0, y=0.0),
        kink(1.5, np.float64(1.5), x=1.0),
        *derived(
            kink(0.0, 0.0, x=0.0),
            kink(0.0, 0.0, y=0.0),
            kink(1.0, 0, x=1.0),
            kink(0, 1.0, y=1.0),
        ),
    ],
    "smallest": [
        at(1.5, -0.5),
        at(-0.5, 1.5),
        at(2, 1.5),
        kink(1.5, 1.5, x=1.0, y=0.0),
        kink(1.5, np.float64(1.5), x=1.0),
        *derived(
            kink(0.0, 0.0, x=0.0),
            kink(0.0, 0.0, y=0.0),
            kink(-1.0, 0, x=1.0),
            kink(0, -1.0, y=1.0),
        ),
    ],
    "maximum": binary(
        ANY,
        (-1.5, 1.7),
        kink(0.5, 0.5, x=0.5, y=0.5),
        kink(A([1.0, 2.0, 3.0]), A([3.0, 2.0, 1.0]), x=A([0, 0.5, 1]), y=A([1, 0.5, 0])),
        kink(A([1.0, 2.0, 3.0]), 2.0, x=A([0, 0.5, 1]), y=1.5),
        kink(A([INFINITY, -INFINITY]), A([INFINITY, 1.0]), x=A([0.5, 0]), y=A([0.5, 1])),
        *AGAINST_CONSTANTS,
        *derived(
            kink(A([-1.0, 0.0, 2.0]), 0, x=A([0.0, 0.0, 1.0])),
            kink(0.0, A([-1.0, 0.0, 2.0]), y=A([0.0, 0.0, 1.0])),
        ),
    ),
    "minimum": binary(
        ANY,
        (-1.5, 1.7),
        kink(0.5, 0.5, x=0.5, y=0.5),
        kink(A([1.0, 2.0, 3.0]), A([3.0, 2.0, 1.0]), x=A([1, 0.5, 0]), y=A([0, 0.5, 1])),
        kink(A([1.0, 2.0, 3.0]), 2.0, x=A([1, 0.5, 0]), y=1.5),
        kink(A([INFINITY, -INFINITY]), A([INFINITY, 1.0]), x=A([0.5, 1]), y=A([0.5, 0])),
        *AGAINST_CONSTANTS,
        *derived(
            kink(A([-1.0, 0.0, 2.0]), 0, x=A([1.0, 0.0, 0.0])),
            kink(0.0, A([-1.0, 0.0, 2.0]), y=A([1.0, 0.0, 0.0])),
        ),
    ),
    "fmax": binary(
        ANY,
        (-1.5, 1.7),
        kink(0.5, 0.5, x=0.5, y=0.5),
        kink(A([1.0, 2.0, 3.0]), A([3.0, 2.0, 1.0]), x=A([0, 0.5, 1]), y=A([1, 0.5, 0])),
        kink(A([math.nan, 2.0]), A([3.0, math.nan]), x=A([0, 1]), y=A([1, 0])),
        *AGAINST_CONSTANTS,
        *derived(
            kink(A([-1.0, 0.0, 2.0, math.nan]), 0, x=A([0.0, 0.0, 1.0, 0.0])),
            kink(0.0, A([-1.0, 0.0, 2.0, math.nan]), y=A([0.0, 0.0, 1.0, 0.0])),
        ),
    ),
    "fmin": binary(
        ANY,
        (-1.5, 1.7),
        kink(0.5, 0.5, x=0.5, y=0.5),
        kink(A([1.0, 2.0, 3.0]), A([3.0, 2.0, 1.0]), x=A([1, 0.5, 0]), y=A([0, 0.5, 1])),
        kink(A([math.nan, 2.0]), A([3.0, math.nan]), x=A([0, 1]), y=A([1, 0])),
        *AGAINST_CONSTANTS,
        *derived(
            kink(A([-1.0, 0.0, 2.0, math.nan]), 0, x=A([1.0, 0.0, 0.0, 0.0])),
            kink(0.0, A([-1.0, 0.0, 2.0, math.nan]), y=A([1.0, 0.0, 0.0, 0.0])),
        ),
    ),
    "absolute": [
        *unary(0.3, 2, whole=(1, 2, 5)),
        *unary(-2, -0.3, whole=(-1, -2)),
        kink(0.0, x=0.0),
        kink(A([0.0, -0.0, 2.0, -3.0]), x=A([0.0, 0.0, 1.0, -1.0])),
        kink(-INFINITY, x=-1.0),
    ],
    "clip": [
        at(0.3, -1.0, 1.0),
        at(-2.5, -1.0, 1.0),
        at(CLIP, -1.0, 1.0),
        at(CLIP, A([-1.0, -1.0, 0.5, 1.0]), 2.0),
        at(CLIP.reshape(2, 2), A([-1.0, -1.0]), A([[1.0], [2.0]])),
        at(CLIP, A([[-1.0], [0.0]]), A([[1.0], [2.0]])),
        at(CLIP.astype(np.float32), np.float32(-1.0), np.float32(1.0)),
        at(0.3, A([-1.0, 0.5]), A([1.0, 2.0])),
        at(np.zeros((0, 2)), A([-1.0, 0.5]), 1.0),
        *wrt(
            "x",
            points=[
                at(CLIP, -1.0, 1.0),
                at(CLIP, -1, 1),
                at(CLIP, 0, None),
                at(CLIP, None, 1.0),
                at(CLIP, -1.0, a_max=1.0),
                at(CLIP, a_min=None, a_max=1.0),
            ],
        ),
        *wrt(
            "x",
            "a_min",
            points=[at(CLIP, -1.0, None), at(CLIP, A([-1.0, 0, 0, 0.5]), None)],
        ),
        *wrt(
            "x",
            "a_max",
            points=[at(CLIP, None, 1.0), at(CLIP, None, A([-1.0, 0, 0, 0.5]))],
        ),
        kink(A([-1.0, 0.0, 1.0]), -1.0, 1.0, x=A([0.0, 1.0, 0.0]), a_min=1.0, a_max=1.0),
        kink(A([-1.0, 0.0, 1.0]), -1.0, None, x=A([0.0, 1.0, 1.0]), a_min=1.0),
        kink(A([-1.0, 0.0, 1.0]), None, 1.0, x=A([1.0, 1.0, 0.0]), a_max=1.0),
        *[at(CLIP, None, None), at(CLIP)] * TAKES_NO_BOUNDS,
        kink(A([-1.0, 0.0, 1.0]), 1.0, -1.0, x=A([0.0, 0.0, 0.0]), a_min=0.0, a_max=3.0),
        kink(A([-1.0, 0.0, 1.0]), 0.0, 0.0, x=A([0.0, 0.0, 0.0]), a_min=0.0, a_max=3.0),
    ],
    "where": [
        at(True, 0.4, 0.7),
        at(A([True, False, True]), spread(-2, 2, (3,)), spread(-2, 2, (3,), 5)),
        at(A([True, False, True]), spread(-2, 2, (3,)), 0.7),
        at(A([True, False, True]), 0.7, spread(-2, 2, (3,))),
        at(A([[True], [False]]), spread(-2, 2, (3,)), spread(-2, 2, (2, 3), 5)),
        at(A([[True], [False]]), 0.4, 0.7),
        at(A([True, False]), A([1.0, 2.0], np.float32), A([3.0, 4.0], np.float32)),
        at(np.zeros((0, 2), bool), A([1.0, 2.0]), 0.5),
        *wrt("x", points=[at(A([True, False, True]), spread(-2, 2, (3,)), 0.0)]),
        *wrt("y", points=[at(A([True, False, True]), 0, spread(-2, 2, (3,)))]),
    ],
}

# Reductions

X3 = spread(-2, 2, (3,))
X23 = spread(-2, 2, (2, 3))
X232 = spread(-2, 2, (2, 3, 2))
SINGLE = spread(-2, 2, (2, 3), dtype=np.float32)


def axes(*hard: Point, scalar: bool = True, empty: bool = True) -> list[Point]:
    """Give points for a reduction: axes of each kind, with and without keepdims."""
    points = [
        at(X3),
        at(X23),
        at(X232),
        at(spread(-2, 2, (1,))),
        at(spread(-2, 2, (1, 3))),
    ]
    for kept in ({}, {"keepdims": True}, {"keepdims": False}):
        points += [at(X3, axis=axis, **kept) for axis in (None, 0, -1, (0,))]
        points += [at(X23, axis=axis, **kept) for axis in (None, 0, 1, -1, -2, (0, 1), (-1,))]
        points += [
            at(X232, axis=axis, **kept) for axis in (0, 1, -1, (0, 1), (0, -1), (2, 1), (0, 1, 2))
        ]
        points.append(at(SINGLE, axis=0, **kept))
        points.append(at(X232.transpose(2, 0, 1), axis=(1, -1), **kept))
        points.append(at(spread(-2, 2, (1, 3)), axis=0, **kept))
    points += [
        at(X23, 0),
        at(X23, -1),
        at(X23, axis=()),
        at(X232, (0, 2)),
        at(SINGLE),
        at(SINGLE, axis=(0, 1)),
    ]
    points += [at(A([1, 2, 4])), at(A([[1, 2, 4], [3, 7, 0]]), axis=0)]
    if scalar:
        points.append(at(1.7))
    if empty:
        points += [
            at(np.zeros(0)),
            at(np.zeros((0, 3)), axis=0),
            at(np.zeros((3, 0)), axis=1),
        ]
    points += [
        at(np.zeros((0, 3)), axis=1),
        at(np.zeros((3, 0)), axis=0, keepdims=True),
    ]
    return [*points, *hard]


def with_ddof(points: Sequence[Point]) -> list[Point]:
    """Repeat points that leave degrees of freedom with ddof=1."""
    chosen = [p for p in points if np.size(p.args[0]) > 1 and np.shape(p.args[0])[0] > 1]
    return [Point(p.args, {**p.kwargs, "ddof": 1}, p.wrt, p.expected) for p in chosen]


ZEROS = A([[2.0, 0.0, 3.0], [0.0, 0.0, 5.0], [2.0, 4.0, 3.0]])
TIES = A([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])

SPREADS = axes(scalar=False, empty=False)
VARIED = [p for p in SPREADS if np.size(p.args[0]) > 1 and np.shape(p.args[0])[0] != 1]

REDUCTION: dict[str, list[Point]] = {
    "rows_sum": [
        *(at(spread(-2, 2, shape)) for shape in ((3,), (2, 3), (1,), (2, 3, 2))),
        at(spread(-2, 2, (2, 3), dtype=np.float32)),
        at([1.5, -0.5, 2.0]),
    ],
    "sum": axes(),
    "mean": axes(empty=False),
    "prod": axes(
        at(ZEROS),
        at(ZEROS, axis=0),
        at(ZEROS, axis=1),
        at(ZEROS, axis=1, keepdims=True),
        kink(A([2.0, 0.0, 3.0]), x=A([0.0, 6.0, 0.0])),
        kink(A([2.0, 0.0, 0.0]), x=A([0.0, 0.0, 0.0])),
        kink(A([[0.0, 0.0], [2.0, 0.0]]), x=np.zeros((2, 2))),
        at(A([2.0, 0.0, 3.0], np.float32)),
        at(A([2, 0, 3])),
        kink(A([1e-200, 1e-200, 1e200]), x=A([1.0, 1.0, 0.0])),
    ),
    "max": axes(
        kink(TIES, x=A([[0, 0.5, 0.5], [0, 0, 0]])),
        Point((TIES,), {"axis": 0}, expected={"x": A([[0, 1, 1], [1, 0, 0]])}),
        Point((TIES,), {"axis": 1}, expected={"x": A([[0, 0.5, 0.5], [1 / 3] * 3])}),
        Point(
            (TIES,),
            {"axis": -1, "keepdims": True},
            expected={"x": A([[0, 0.5, 0.5], [1 / 3] * 3])},
        ),
        Point((np.ones((2, 2)),), {"axis": (0, 1)}, expected={"x": np.full((2, 2), 0.25)}),
        kink(A([INFINITY, 1.0]), x=A([1.0, 0.0])),
        kink(A([-INFINITY, -INFINITY]), x=A([0.5, 0.5])),
        kink(A([2.0, 2.0, 1.0], np.float32), x=A([0.5, 0.5, 0.0])),
        empty=False,
    ),
    "min": axes(
        kink(TIES, x=A([[1, 0, 0], [0, 0, 0]])),
        kink(-TIES, x=A([[0, 0.5, 0.5], [0, 0, 0]])),
        Point((TIES,), {"axis": 0}, expected={"x": A([[1, 0, 0], [0, 1, 1]])}),
        Point((-TIES,), {"axis": 1}, expected={"x": A([[0, 0.5, 0.5], [1 / 3] * 3])}),
        Point(
            (-TIES,),
            {"axis": -1, "keepdims": True},
            expected={"x": A([[0, 0.5, 0.5], [1 / 3] * 3])},
        ),
        Point((np.ones((2, 2)),), {"axis": (0, 1)}, expected={"x": np.full((2, 2), 0.25)}),
        kink(A([-INFINITY, 1.0]), x=A([1.0, 0.0])),
        kink(A([2.0, 2.0, 3.0], np.float32), x=A([0.5, 0.5, 0.0])),
        empty=False,
    ),
    "var": [
        *SPREADS,
        *with_ddof(VARIED),
        kink(A([2.0, 2.0, 2.0]), x=np.zeros(3)),
        kink(1.7, x=0.0),
        Point((X23, 0), {"ddof": 1}),
        Point((X23,), {"ddof": 0.5}),
    ],
    "std": [
        *VARIED,
        *with_ddof(VARIED),
        kink(A([2.0, 2.0, 2.0]), x=np.zeros(3)),
        kink(A([2.0]), x=np.zeros(1)),
        kink(1.7, x=0.0),
        Point((np.ones((2, 3)),), {"axis": 0}, expected={"x": np.zeros((2, 3))}),
        Point((TIES,), {"axis": 0, "keepdims": True}),
        Point(
            (A([[2.0, 2.0], [1.0, 3.0]]),),
            {"axis": 1},
            expected={"x": A([[0.0, 0.0], [-0.5, 0.5]])},
        ),
        Point((X23, 0), {"ddof": 1}),
    ],
}

# Products that sum


def products(*pairs: tuple[Shape, Shape]) -> list[Point]:
    """Give points for a product of two arrays of the given shapes."""
    points = [at(spread(-2, 2, left), spread(-2, 2, right, 5)) for left, right in pairs]
    single = [
        at(spread(-2, 2, left, 1, np.float32), spread(-2, 2, right, 5, np.float32))
        for left, right in pairs[:4]
        if left and right
    ]
    return [*points, *single, at(A([1, 2, 3]), A([0.5, 2.0, 4.0]))]


ONE_AND_TWO: tuple[tuple[Shape, Shape], ...] = (
    ((3,), (3,)),
    ((2, 3), (3, 2)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((1, 3), (3, 1)),
    ((2, 1), (1, 3)),
    ((1,), (1,)),
    ((1, 1), (1,)),
    ((0,), (0,)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((2, 0), (0,)),
)
NUMBERS: tuple[tuple[Shape, Shape], ...] = (
    ((), ()),
    ((), (2, 3)),
    ((3,), ()),
    ((2, 3), ()),
)

OUTER = products(((3,), (2,)), ((1,), (3,)), ((2, 3), (2,)), ((2,), (1, 2)), ((0,), (3,)), *NUMBERS)

CONTRACTION: dict[str, list[Point]] = {
    "dot": [
        *products(
            *ONE_AND_TWO,
            *NUMBERS,
            ((2, 2, 3), (3,)),
            ((3,), (2, 3, 2)),
            ((2, 3), (2, 3, 2)),
            ((2, 2, 3), (3, 2)),
            ((2, 2, 3), (2, 3, 2)),
            ((2, 2, 2, 3), (3,)),
        ),
        at(2, A([1.0, 2.0])),
        *wrt("x", points=[at(A([1.0, 2.0]), 3.0)]),
    ],
    "matmul": products(
        *ONE_AND_TWO,
        ((2, 2, 3), (3,)),
        ((3,), (2, 3, 2)),
        ((2, 3), (2, 3, 2)),
        ((2, 2, 3), (3, 2)),
        ((2, 2, 3), (2, 3, 2)),
        ((1, 2, 3), (2, 3, 2)),
        ((2, 2, 3), (1, 3, 2)),
        ((2, 1, 2, 3), (3, 3, 1)),
        ((2, 1, 2, 3), (3,)),
        ((0, 2, 3), (3, 2)),
    ),
    "outer": products(
        ((3,), (2,)),
        ((1,), (3,)),
        ((3,), (1,)),
        ((2, 3), (2,)),
        ((2,), (2, 2)),
        ((), (3,)),
        ((3,), ()),
        ((), ()),
        ((0,), (3,)),
    ),
    "multiply_outer": OUTER,
    "add_outer": OUTER,
    "subtract_outer": OUTER,
    "vdot": products(((3,), (3,)), ((2, 3), (2, 3)), ((2, 3), (6,)), ((1,), (1,)), ((0,), (0,)),
                     ((), ())),
    "inner": products(
        ((3,), (3,)),
        ((2, 3), (4, 3)),
        ((2, 3), (3,)),
        ((3,), (2, 3)),
        ((2, 2, 3), (4, 3)),
        ((2, 2, 3), (2, 1, 3)),
        *NUMBERS,
        ((1, 1), (1, 1)),
        ((0,), (0,)),
    ),
}  # fmt: skip

# Rearranging and joining

SHAPING: dict[str, list[Point]] = {
    "transpose": [
        *(at(spread(-2, 2, shape)) for shape in ((3,), (2, 3), (2, 3, 2), (1, 3), (0, 3))),
        *(at(X232, axes) for axes in ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, -1, 1), (-2, -1, 0))),
        at(X232, axes=(1, 2, 0)),
        at(X232, axes=[1, 2, 0]),
        at(X23, axes=None),
        at(SINGLE),
        at(A([[1, 2], [3, 4]])),
    ],
    "reshape": [
        *(at(X23, shape) for shape in ((3, 2), (6,), 6, -1, (-1, 2), (1, 2, 3), (3, -1, 1))),
        at(X3, (3, 1)),
        at(X3, [1, 3]),
        at(A([1.5]), ()),
        at(1.5, (1, 1)),
        at(np.zeros((0, 3)), (3, 0)),
        at(SINGLE, (6,)),
    ],
    "ravel": [
        *(at(spread(-2, 2, shape)) for shape in ((3,), (2, 3), (2, 3, 2), (1,), (0, 3))),
        at(SINGLE),
        at(spread(-2, 2, (3, 2)).T),
        at(1.5),
    ],
    "squeeze": [
        *(at(spread(-2, 2, shape)) for shape in ((3,), (1, 3), (3, 1), (1, 1), (2, 1, 3, 1))),
        at(spread(-2, 2, (1, 3)), 0),
        at(spread(-2, 2, (3, 1)), axis=-1),
        at(spread(-2, 2, (1, 2, 1)), axis=(0, 2)),
        at(spread(-2, 2, (1, 3), dtype=np.float32)),
    ],
    "expand_dims": [
        *(at(X23, axis) for axis in (0, 1, 2, -1, -2, (0, 1), (0, -1))),
        at(X3, axis=1),
        at(1.5, 0),
        at(SINGLE, 1),
    ],
    "swapaxes": [at(X23, 0, 1), at(X232, 0, -1), at(X232, 1, 1), at(X232, axis1=2, axis2=1),
                 at(SINGLE, 0, 1)],
    "moveaxis": [
        *(at(X232, *axes) for axes in ((0, 2), (2, 0), (-1, 1), (0, 0), ((0, 1), (2, 0)))),
        at(X232, source=0, destination=-1),
        at(X232, [0, 1], [-1, 0]),
        at(SINGLE, 0, 1),
    ],
    "broadcast_to": [
        at(X3, (2, 3)),
        at(X3, (3,)),
        at(spread(-2, 2, (3, 1)), (3, 2)),
        at(spread(-2, 2, (2, 1, 3)), (4, 2, 5, 3)),
        at(1.5, (2, 3)),
        at(1.5, ()),
        at(A([1.5]), (3,)),
        at(X3, (0, 3)),
        at(A([1.0, 2.0], np.float32), (3, 2)),
        at(X3, shape=(2, 3)),
    ],
    "copy": [at(X3), at(X23), at(SINGLE), at(np.zeros(0)), at(A([1, 2]))],
    "asarray": [
        at(X3),
        at(X23),
        at(SINGLE),
        at(np.zeros(0)),
        at(A([1, 2])),
        at(A([1, 2]), dtype=float),
        at(X3, dtype=np.float64),
        at([0.5, 1.5, 2.5]),
        at([1, 2]),
        at([[0.5, 1.5], [2.5, 0.1]]),
        at((0.5, 1.5)),
        at([A([0.5, 1.5]), A([2.5, 0.1])]),
        at(1.5),
    ],
    "float": [at(1.5), at(2)],
    "floats": [
        *only("float64", points=[at(1.5), at(2), at(X3), at(A([1, 2]))]),
        *only("float32", points=[at(SINGLE)]),
    ],
    "flip": [
        *(at(x) for x in (X3, X23, X232, SINGLE, np.zeros((0, 2)))),
        *(at(X232, axis) for axis in (0, 1, -1, (0, 1), (0, -1), None)),
        at(X23, axis=1),
    ],
    "roll": [
        *(at(X23, shift) for shift in (1, -2, 0, 7)),
        *(at(X23, 1, axis) for axis in (0, 1, -1)),
        at(X232, (1, 2), (0, 1)),
        at(X232, (1, -1), axis=(2, 0)),
        at(X232, 1, axis=(0, 2)),
        at(X23, shift=1, axis=1),
        at(SINGLE, 2, axis=1),
    ],
    "item": [at(spread(-2, 2, shape)) for shape in ((1,), (1, 1))],
    "astype": [
        at(X3, float),
        at(X3, np.float64),
        at(A([1, 2]), float),
        at(A([1, 2]), np.float64),
        at(A([[True, False]]), float),
        at(X3, dtype=float),
        at(SINGLE, np.float32),
        at(X3, int),
        at(X23, bool),
    ],
}  # fmt: skip

THREE: list[Any] = [
    spread(-2, 2, (2, 3)),
    spread(-2, 2, (1, 3), 5),
    spread(-2, 2, (2, 3), 9),
]
TWO: list[Any] = [spread(-2, 2, (3,)), spread(-2, 2, (3,), 5)]
EQUAL: list[Any] = [spread(-2, 2, (2, 3)), spread(-2, 2, (2, 3), 5)]
COLUMNS: list[Any] = [
    spread(-2, 2, (2, 3)),
    spread(-2, 2, (2,), 5),
    spread(-2, 2, (2, 1), 9),
]
F32: list[Any] = [SINGLE, SINGLE + 1]

JOINING: dict[str, list[Point]] = {
    "concatenate": [
        at(THREE),
        at(tuple(THREE)),
        at(TWO),
        at([TWO[0]]),
        at([TWO[0], np.zeros(0), A([1.5])]),
        *(at(EQUAL, axis) for axis in (0, 1, -1, -2, None)),
        at(THREE, axis=0),
        at(THREE, axis=None),
        at([X232, X232[:, :1]], axis=1),
        at(F32, axis=1),
        at([A([1, 2]), A([0.5])]),
    ],
    "stack": [
        at(TWO),
        at(tuple(TWO)),
        *(at(EQUAL, axis) for axis in (0, 1, 2, -1, -3)),
        at(EQUAL, axis=1),
        at([0.5, 1.5]),
        at([X3]),
        at(F32),
    ],
    "vstack": [at(THREE), at(tuple(TWO)), at([TWO[0], EQUAL[0]]), at([X232, X232]), at(F32),
               at([0.5, 1.5])],
    "hstack": [at(EQUAL), at(tuple(TWO)), at([*TWO, A([1.5])]), at([TWO[0], A([1.5])]),
               at([X232, X232[:, :1]]), at(F32), at([0.5, A([1.5, 2.5])])],
    "column_stack": [at(COLUMNS), at(tuple(TWO)), at([X23]), at(F32)],
}  # fmt: skip

# Idioms

ROWS = A([[1.0, 1.0, 0.0], [3.0, -2.0, 0.5]])

SOFTMAX_AXES = [
    *(at(X232, axis) for axis in (0, 1, -1)),
    at(X3, 0),
    at(X3, -1),
    at(ROWS, 1),
    at(ROWS, 0),
    at(SINGLE, 1),
    at(spread(-2, 2, (3, 1)), 1),
]

IDIOMS: dict[str, list[Point]] = {
    "sigmoid": unary(-3, 3, kink(0.0, x=0.25), kink(700.0, x=0.0), whole=(0, 1, -2)),
    "inverse": [*unary(0.3, 3, whole=(1, 2)), *unary(-3, -0.3, kink(1e-100, x=-1e200))],
    "size_squared": unary(-3, 3, kink(0.0, x=0.0), kink(-1e200, x=-2e200), whole=(0, 1, -2)),
    "squared_norm": [at(X3), at(X23), kink(A([0.0, 0.0]), x=A([0.0, 0.0]))],
    "softmax": [
        *SOFTMAX_AXES,
        Point((A([1e4, 0.0]), 0), expected={"x": A([0.0, 0.0])}),
    ],
    "plain_softmax": SOFTMAX_AXES,
    "flat_softmax": [at(X3), at(X23), at(SINGLE), at(A([0.7]))],
    "flat_stable_softmax": [at(X3), at(X23), at(ROWS), at(SINGLE), at(A([1e4, 0.0]))],
    "root": unary(0.3, 3, kink(0.0, x=0.0), whole=(1, 2)),
    "length": [
        at(X3),
        at(X23),
        at(SINGLE),
        at(1.5),
        kink(np.zeros(3), x=np.zeros(3)),
        kink(A([3e-200, 4e-200]) * 1e60, x=A([0.6, 0.8])),
    ],
    "lengths": [
        *(at(X232, axis) for axis in (0, 1, -1)),
        at(X23, 1),
        at(X3, 0),
        at(SINGLE, 1),
        Point((A([[0.0, 0.0], [3.0, 4.0]]), 1), expected={"x": A([[0, 0], [0.6, 0.8]])}),
    ],
    "kept_lengths": [
        *(at(X232, axis) for axis in (0, 1, -1)),
        at(X23, 1),
        at(X3, 0),
        at(SINGLE, 1),
        Point((A([[0.0, 0.0], [3.0, 4.0]]), 1), expected={"x": A([[0, 0], [0.6, 0.8]])}),
    ],
}

POINTS: dict[str, list[Point]] = {
    f"{name}_backward": points
    for family in (
        ARITHMETIC,
        ELEMENTARY,
        SELECTION,
        REDUCTION,
        CONTRACTION,
        SHAPING,
        JOINING,
        IDIOMS,
    )
    for name, points in family.items()
}
"""By the name of the rule's function."""

# These are made of what stands above.
from rule_points_arrays import POINTS as ARRAYS  # noqa: E402
from rule_points_complex import POINTS as COMPLEX  # noqa: E402
from rule_points_linalg import POINTS as LINALG  # noqa: E402
from rule_points_reductions import POINTS as REDUCTIONS  # noqa: E402
from rule_points_shaping import POINTS as SHAPED  # noqa: E402

POINTS |= ARRAYS | COMPLEX | REDUCTIONS
if importlib.util.find_spec("scipy") is not None:
    from rule_points_scipy import POINTS as SCIPY

    POINTS |= SCIPY
for more in (SHAPED, LINALG):
    POINTS |= {name: [*POINTS.get(name, []), *points] for name, points in more.items()}
