"""What the writer asks of the operands of an operator.

Takes expressions. Says which are truth values or zero, and gives lists as arrays.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.nodes import Attribute, Call, Const, Expression, Forward, Item, Read
from srcdiff.ir.records import Field
from srcdiff.ir.types import Type

TRUTH_OF_TRUTHS = (operator.and_, operator.or_, operator.invert, operator.mul)
AS_THEY_ARE = frozenset(
    [operator.is_, operator.is_not, operator.not_, operator.eq, operator.ne, operators.within,
     operators.not_within, operators.both, operators.either]
)  # fmt: skip
"""Operators that ask about a list itself."""


NUMPYS: dict[Any, Any] = {
    operators.place_of_greatest: np.argmax,
    operators.place_of_least: np.argmin,
}


def computing(node: Call, operand: Expression, type_of: Callable[[Expression], Type]) -> Expression:
    """Give an operand, as an array where it is a list: NumPy's functions took it for one."""
    inner = operand.node if isinstance(operand, Forward) else operand
    if node.function in AS_THEY_ARE or not isinstance(inner, Read):
        return operand
    return Call(np.asarray, (operand,)) if type_of(inner).form in ("list", "tuple") else operand


def over_places(node: Call, type_of: Callable[[Expression], Type]) -> Call:
    """Give the call by which a function of keys is written.

    NumPy's functions find places too, but only where each key is a number.
    """
    (keys,) = node.arguments
    short = NUMPYS.get(node.function)
    known, first = type_of(keys), type_of(Item(keys, Const(0)))
    if short and (known.form == "array" or known.rank == 1 or first.form in ("scalar", "number")):
        return Call(short, (keys,))
    places = Call(range, (Call(len, (keys,)),))
    picked = ("key", Attribute(keys, "__getitem__"))
    return Call(operators.BY_KEYS[node.function], (places,), (picked, *node.keywords))


def is_truth(node: Expression, type_of: Callable[[Expression], Type]) -> bool:
    """Whether an operand is a truth value, or an array of them."""
    inner = node.node if isinstance(node, Forward) else node
    if isinstance(inner, Call) and inner.function in TRUTH_OF_TRUTHS:
        return all(is_truth(argument, type_of) for argument in inner.arguments)
    return type_of(inner).kind == "bool"


def is_zero(node: Expression) -> bool:
    """Whether an expression is the number zero, written out."""
    return isinstance(node, Const) and node.value == 0


def factors(node: Expression) -> list[tuple[str, Expression]]:
    """Give the operands of a chain of multiplications and divisions."""
    if isinstance(node, Call) and node.spelling == "operator":
        if node.function in (operator.mul, operator.truediv):
            left, right = node.arguments
            return [*factors(left), (operators.BINARY[node.function][0], right)]
    return [("", node)]


def is_plain(node: Expression) -> bool:
    """Whether the formatter counts an operand as simple: a name, a number, a sign before it."""
    match node:
        case Forward(node=inner) | Attribute(value=inner):
            return is_plain(inner)
        case Const(value=value):
            return isinstance(value, (int, float, complex))
        case Item(value=inner, index=Const(value=Field())):
            return is_plain(inner)
        case Call(function=operator.neg, arguments=(inner, *_)):
            return isinstance(inner, (Read, Const))
        case Call(spelling="attribute", arguments=(inner, *_)):
            return is_plain(inner)
    return isinstance(node, Read)
