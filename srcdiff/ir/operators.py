"""Operators as functions: what each symbol calls, and how tightly it binds."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np


def both(left: Any, right: Any) -> Any:
    """`left and right`."""
    return left and right


def either(left: Any, right: Any) -> Any:
    """`left or right`."""
    return left or right


def within(item: Any, container: Any) -> bool:
    """`item in container`."""
    return item in container


def not_within(item: Any, container: Any) -> bool:
    """`item not in container`."""
    return item not in container


Operator = Callable[..., Any]

BINARY: dict[Operator, tuple[str, int]] = {
    either: ("or", 3),
    both: ("and", 4),
    within: ("in", 6),
    not_within: ("not in", 6),
    operator.is_: ("is", 6),
    operator.is_not: ("is not", 6),
    operator.lt: ("<", 6),
    operator.le: ("<=", 6),
    operator.gt: (">", 6),
    operator.ge: (">=", 6),
    operator.eq: ("==", 6),
    operator.ne: ("!=", 6),
    operator.or_: ("|", 7),
    operator.xor: ("^", 8),
    operator.and_: ("&", 9),
    operator.lshift: ("<<", 10),
    operator.rshift: (">>", 10),
    operator.add: ("+", 11),
    operator.sub: ("-", 11),
    operator.mul: ("*", 12),
    operator.truediv: ("/", 12),
    operator.floordiv: ("//", 12),
    operator.mod: ("%", 12),
    operator.matmul: ("@", 12),
    operator.pow: ("**", 14),
}
"""Symbol and precedence of each binary operator; higher binds tighter (the language reference)."""

UNARY: dict[Operator, tuple[str, int]] = {
    operator.not_: ("not ", 5),
    operator.neg: ("-", 13),
    operator.pos: ("+", 13),
    operator.invert: ("~", 13),
}

CHOICE_PRECEDENCE = 2
ATOM_PRECEDENCE = 16
COMPARISONS = frozenset(
    [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
)


def dtype(x: Any) -> Any:
    """Give x.dtype: the attribute as a function."""
    return x.dtype


def turned(x: Any) -> Any:
    """Give x.mT, with the last two axes swapped."""
    return np.swapaxes(x, -1, -2)


def c_(arrays: Any) -> Any:
    """Give np.c_[a, b]: vectors become columns, which are joined along the last axis."""
    return np.c_[tuple(arrays)]


def r_(arrays: Any) -> Any:
    """Give np.r_[a, b]: numbers become vectors, which are joined along the first axis."""
    return np.r_[tuple(arrays)]


INDEXERS: dict[Operator, str] = {c_: "c_", r_: "r_"}
"""Functions that are written with square brackets, and their names in NumPy."""


def order_of(keys: Any, *, reverse: bool = False) -> Any:
    """Give the places of keys from the least to the greatest."""
    return sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)


def place_of_greatest(keys: Any) -> Any:
    """Give the place of the first of the greatest keys."""
    return max(range(len(keys)), key=keys.__getitem__)


def place_of_least(keys: Any) -> Any:
    """Give the place of the first of the least keys."""
    return min(range(len(keys)), key=keys.__getitem__)


BY_KEYS: dict[Operator, Operator] = {
    order_of: sorted,
    place_of_greatest: max,
    place_of_least: min,
}
"""Functions that are written as a builtin's call over the places of keys."""


def each(targets: Any, values: Any, body: Any) -> Any:
    """Stand for `[body for targets in values]` in a rule's text."""
    raise NotImplementedError("a rule's comprehension is written out or taken along, never called")


def stop_gradient(x: Any) -> Any:
    """Give x, as a constant: no gradient flows through it."""
    return x
