"""Names for values that the source didn't name: they say what the value is."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.nodes import Call, Choice, Const, Expression, Forward, Group, Item, Member, Read
from srcdiff.ir.walk import children, walk
from srcdiff.passes.drawn import is_drawn

OPERATORS: dict[Any, str] = {
    operator.add: "total",
    operator.sub: "difference",
    operator.mul: "product",
    operator.truediv: "ratio",
    operator.matmul: "product",
    operator.pow: "power",
    operator.neg: "negative",
    operator.mod: "remainder",
    np.dot: "product",
    np.matmul: "product",
    np.sum: "total",
    np.max: "largest",
    np.min: "smallest",
    max: "largest",
    min: "smallest",
    np.where: "chosen",
    np.transpose: "transposed",
    np.reshape: "reshaped",
    np.maximum: "larger",
    np.minimum: "smaller",
    np.array: "values",
    **dict.fromkeys(operators.COMPARISONS, "mask"),
}


def plural_of(wish: str) -> str:
    """Give the name of a list of values that have a name."""
    if wish.endswith(("ss", "x", "z", "ch", "sh")) and len(wish) > 2:
        return f"{wish}es"
    return f"all_{wish}" if wish.endswith("s") else f"{wish}s"


def suggest(node: Expression) -> str:
    """Suggest a name for the value of an expression."""
    match node:
        case Forward(node=inner):
            return suggest(inner)
        case Call(function=operators.stop_gradient, arguments=(inner,)):
            return suggest(inner)
        case Read(variable=variable):
            return variable.wish or "value"
        case Choice():
            return "chosen"
        case Group():
            return "parts"
        case Item(value=value):
            return _of(value, "item")
        case Call(function=function):
            if is_drawn(node):
                return "draw"
            if function in OPERATORS:
                name = OPERATORS[function]
                named = function in (np.sum, np.max, np.min)
                return _of(node.arguments[0], name) if named else name
            if isinstance(function, Member) and function.name == "forward":
                return _of(node.arguments[0], "out")
            name = getattr(function, "__name__", "") or getattr(function, "name", "value")
            return f"{name}_{_argument(node)}" if _argument(node) else name
    return "value"


def _of(value: Expression, word: str) -> str:
    if isinstance(value, Read) and value.variable.wish:
        return f"{value.variable.wish}_{word}"
    return word


def _argument(node: Call) -> str:
    """Give the name of a call's only variable, if it has just one argument."""
    if len(node.arguments) != 1:
        return ""
    argument = node.arguments[0]
    if isinstance(argument, Read):
        return argument.variable.wish
    if isinstance(argument, Call) and argument.function is operator.neg:
        inner = argument.arguments[0]
        return f"minus_{inner.variable.wish}" if isinstance(inner, Read) else ""
    return ""


def roles(node: Expression, found: dict[Expression, str]) -> None:
    """Note what a value is to the operation around it: a denominator, a numerator."""
    if isinstance(node, Call) and node.function is operator.truediv:
        numerator, denominator = node.arguments
        if not isinstance(numerator, (Read, Const)):
            found[numerator] = "num"
        if not isinstance(denominator, (Read, Const)):
            found[denominator] = "den"
    for child in children(node):
        roles(child, found)


MOST_OPERATIONS = 2


def is_short(value: Expression) -> bool:
    """Whether a value is an operation or two on names and numbers."""
    nodes = list(walk(value))
    operations = [n for n in nodes if isinstance(n, Call) and n.spelling == "operator"]
    if any(isinstance(n, Call) and n.function is operator.matmul for n in nodes):
        return False
    plain = all(isinstance(n, (Read, Const)) or n in operations for n in nodes)
    return plain and len(operations) <= MOST_OPERATIONS
