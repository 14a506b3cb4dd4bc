"""Arrays of whole numbers: what is known of them, and that they cut a derivative off."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from rule_points import Point
from test_rules import PAIRS, bind, count_positional, points_of

from srcdiff import derive_backward
from srcdiff.file import SourceFile
from srcdiff.ir.nodes import Call, Const, Expression, Read, Variable
from srcdiff.ir.types import Type
from srcdiff.passes.infer import Types
from srcdiff.rules import registry
from srcdiff.rules.conversion import kind_of
from srcdiff.rules.registry import AnyFunction, Rule
from srcdiff.signatures import call_types
from srcdiff.wishes import Wish

WHOLE = ("int", "bool")


def rounded(value: Any) -> Any:
    """Give a value with whole numbers for its floating ones."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(rounded, value))
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.rint(np.nan_to_num(value)).astype(int)
    return int(value) if isinstance(value, np.floating) else value


def typed_and_given(rule: Rule, function: AnyFunction, point: Point) -> tuple[Type, Any]:
    """Give the type that is inferred for a call with whole numbers, and the call's result."""
    values = {name: rounded(value) for name, value in bind(rule, point).values.items()}
    types = call_types(values)
    known: dict[Variable, Type] = {}

    def operand(name: str) -> Expression:
        value = values[name]
        if not isinstance(value, (np.ndarray, list)):
            return Const(value)
        known[variable := Variable(name, "parameter")] = types[name]
        return Read(variable)

    names = list(values)
    places, others = names[: (count := count_positional(rule, point))], names[count:]
    call = Call(function, tuple(map(operand, places)), tuple((n, operand(n)) for n in others))
    given = copy.deepcopy(values)
    with np.errstate(all="ignore"):
        result = function(*(given[n] for n in places), **{n: given[n] for n in others})
    return Types(known).of(call), result


def claims(known: Type, result: Any) -> Iterator[tuple[str, str]]:
    """Give each kind that a type states, with that of the result."""
    if not isinstance(result, (list, tuple)):
        yield known.kind, kind_of(np.asarray(result).dtype)
    elif known.items is not None and len(known.items) == len(result):
        for item, part in zip(known.items, result, strict=True):
            yield from claims(item, part)


@pytest.mark.parametrize(
    ("rule", "function"), PAIRS, ids=[f"{r.backward.__name__}-{f.__name__}" for r, f in PAIRS]
)
def test_what_is_said_to_be_whole_numbers_is(rule: Rule, function: AnyFunction) -> None:
    """Of whole numbers, at each of a rule's points: NumPy itself tells what its functions give."""
    wrong = []
    for point in () if registry.extra_arguments(rule) else points_of(rule, function):
        try:
            known, result = typed_and_given(rule, function, point)
        except (TypeError, ValueError, ArithmeticError, np.linalg.LinAlgError, IndexError):
            continue  # no function of whole numbers
        wrong += [(k, r, point) for k, r in claims(known, result) if k in WHOLE and r not in WHOLE]
    assert wrong == []


MADE = (
    """
np.zeros(3, dtype=int)|np.zeros(3, int)|np.ones(3, dtype="int32")|np.empty((3,), np.uint8) * 0
np.array([1, 2, 3])|np.asarray((1, 2, 3))|np.array([len(x)] * 3)|np.array([math.floor(x[0]), 1, 2])
np.arange(3)|np.arange(1, 4)|np.arange(0, 6, 2)|np.full(3, 2)|np.full(3, len(x))
np.zeros_like(np.arange(3))|np.zeros_like(x, dtype=int)|np.linspace(0, 4, 3, dtype=int)
np.argsort(x)|np.where(x > 0, 1, 0)|x > 0|x.astype(int)|np.digitize(x, [0.0, 1.0])
np.searchsorted(np.arange(2), x)|np.bincount(np.arange(3))|np.argmax(np.ones((3, 2)), 1)
np.arange(1, 4)[::-1] * 2|np.arange(3) ** 2|np.arange(3) // 2|np.arange(3) << 1|-np.arange(3)
np.maximum(np.arange(3), 1)|np.fmod(np.arange(3), 2)|np.power(np.arange(3), 2)
np.cumsum(np.ones(3, int))|np.concatenate([np.arange(2), np.arange(1)])|np.roll(np.arange(3), 1)
np.sum(np.ones((3, 3), int), axis=0)|np.eye(3, dtype=int) @ np.arange(3)
np.clip(np.arange(3), 0, 1)|np.unique(np.arange(3))
np.kron(np.arange(3), np.array([1]))|np.array([round(x[0]), 1, 2])
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
REAL = (
    """
np.zeros(3)|np.zeros(3, dtype=float)|np.array([1, 2, 3.0])|np.array([1, 2, 3], dtype=float)
np.arange(3.0)|np.arange(0, 1.5, 0.5)|np.arange(3, dtype=float)|np.arange(3) / 2|np.arange(3) * 1.0
np.full(3, 2.0)|np.linspace(0, 2, 3)|np.zeros_like(x)|np.zeros_like(np.arange(3), dtype=float)
np.exp(np.arange(3))|np.arange(3) ** 2.0|np.array([1, 2, x[0]])|(x > 0) * 1.0
np.mean(np.ones((3, 3), int), axis=0)|np.cumsum(np.arange(3), dtype=float)|np.zeros(3, x.dtype)
np.interp(np.arange(3), np.arange(3), np.arange(3))|np.clip(np.arange(3), a_min=0.5, a_max=None)
np.trapezoid(np.ones((3, 3), int), axis=0)|np.linalg.inv(np.eye(3, dtype=int))[0] + 0
np.diff(np.arange(4), append=[0.5])[:3] + 0|np.array([round(x[0], 1), 1, 2])
np.sqrt(np.sum(np.ones((3, 3), int) ** 2, axis=0))
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
X = np.array([0.73, 1.61, -2.33])
TABLE = np.array([1, 2, 3])


def derived(made: str) -> dict[str, Any]:
    """Give functions that write to an array, by the text that makes it, and their gradient."""
    text = (
        "import math\n\nimport numpy as np\n\n\n"
        f"def f(x):\n    z = {made}\n    z[0] = x[0] * 5\n    return np.sum(z * x)\n"
    )
    if not hasattr(np, "trapezoid"):
        text = text.replace("trapezoid", "trapz")
    file = SourceFile(text, "made.py")
    found: dict[str, Any] = {}
    exec(text, found)
    exec(file.module(file.derive(file.chosen("f", Wish()))), found)
    return found


def differences(function: Callable[[np.ndarray], float], x: np.ndarray) -> np.ndarray:
    """Give the gradient by central differences."""
    step = 1e-6
    rows = np.eye(len(x)) * step
    return np.array([(function(x + row) - function(x - row)) / (2 * step) for row in rows])


@pytest.mark.parametrize("made", [*MADE, *REAL])
def test_an_array_of_whole_numbers_cuts_off_what_is_written_to_it(made: str) -> None:
    """NumPy rounds it; one of floating numbers keeps it."""
    found = derived(made)
    np.testing.assert_allclose(found["f_backward"](X), differences(found["f"], X), atol=1e-7)


def test_whole_numbers_among_the_arguments_cut_nothing_off() -> None:
    """A gradient is that of the function of real numbers, wherever it is taken."""

    @derive_backward
    def of_zeros(x):
        y = np.zeros_like(x)
        for i in range(len(x)):
            y[i] = x[i] ** 2
        return np.sum(y)

    @derive_backward
    def of_copy(x):
        y = x.copy()
        y[0] = x[1] * x[2]
        return np.sum(y * x)

    whole = np.array([1, 2, 3])
    for function in (of_zeros, of_copy):
        expected = differences(function, whole.astype(float))
        for given in (whole, whole.astype(float)):
            np.testing.assert_allclose(function.backward(given), expected, rtol=1e-8)


def test_a_table_of_whole_numbers_cuts_off_what_is_written_to_its_copy() -> None:
    """The decorator sees the table; of a parameter, only what a call gives for it."""

    @derive_backward(wrt=("x",))
    def f(x, like):
        y = TABLE.copy()
        y[0] = x[0] * 5
        z = np.zeros_like(like)
        z[1] = x[1] * 4
        return np.sum(y * x) + np.sum(z * x)

    for like in (TABLE, TABLE.astype(float)):
        expected = differences(lambda x, like=like: f(x, like), X)
        (gradient,) = f.backward(X, like)
        np.testing.assert_allclose(gradient, expected, atol=1e-7)
