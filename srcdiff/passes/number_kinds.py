"""The kinds of number that operations give.

Takes a call. Gives the kind that it states itself; says which functions give truth values, and
which give ints for ints. Refuses nothing.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.nodes import Call, Expression, Read
from srcdiff.ir.types import Form, Kind, Type
from srcdiff.rules import registry
from srcdiff.rules.conversion import astype, kind_of

TRUTH = operators.COMPARISONS | {
    operator.not_,
    operator.is_,
    operator.is_not,
    operators.within,
    operators.not_within,
}
WHOLE = frozenset(
    [operator.add, operator.sub, operator.mul, operator.neg, operator.floordiv, operator.mod,
     operator.pow, operator.pos, operator.and_, operator.or_, operator.invert, operator.lshift,
     operator.rshift, abs, max, min, np.where, np.clip, np.real_if_close]
)  # fmt: skip
STAYS_TRUTH = frozenset(
    [operator.and_, operator.or_, operator.invert, operator.mul, operator.add, np.where, np.clip]
)  # fmt: skip
"""Of arrays of truth values these give such an array: in NumPy, a product is an `and`."""
LETTERS = {"bool": "?", "int": "l", "float": "d", "complex": "D"}
KINDS: dict[str, Kind] = {letter: kind for kind, letter in LETTERS.items()}  # type: ignore[misc]


def elementwise_kind(function: Any, kind: Kind, form: Form) -> Kind:
    """Give the kind of what a function of each entry gives for operands of one kind."""
    if isinstance(function, np.ufunc):
        return _kind_of_ufunc(function, kind)
    if function in TRUTH:
        return "bool"
    if function not in WHOLE and kind in ("int", "bool"):
        return "float"
    if kind == "bool" and not (function in STAYS_TRUTH and form != "scalar"):
        return "int"
    return kind


@functools.cache
def _kind_of_ufunc(function: np.ufunc, kind: Kind) -> Kind:
    """Look up the kind among those that NumPy says the function gives, as "ll->l"."""
    results = {loop[-1] for loop in function.types}
    if results == {"?"}:
        return "bool"
    if kind not in LETTERS:
        return kind
    operands = LETTERS[kind] * function.nin
    given = [loop[-1] for loop in function.types if loop.startswith(f"{operands}->")]
    return KINDS.get(given[0], kind) if given else "complex" if kind == "complex" else "float"


def stated_kind(node: Call, type_of: Callable[[Expression], Type] | None = None) -> Kind:
    """Give the kind of number that a call states for its result, as dtype; else "any".

    It is stated as a type, by position or by name; where types are given, also as another array's.
    """
    flat = registry.FLAT.get(node.function)
    names = (flat.signature if flat is not None else ()) + ("",) * len(node.arguments)
    for name, value in (*zip(names, node.arguments, strict=False), *node.keywords):
        if type(value) is Read:
            continue
        if type_of and isinstance(value, Call) and value.function is operators.dtype:
            return type_of(value.arguments[0]).kind
        stated = registry.constant(value)
        named = name == "dtype" or (node.function is astype and isinstance(stated, str))
        if named or isinstance(stated, (type, np.dtype)):
            return kind_of(stated)
    return "any"
