"""Starred items and arguments: tuples and lists that are joined, and calls that take them.

Takes a display or a call with stars. Gives the sum of what it joins, or a call without stars.
Refuses stars where how many arguments they stand for isn't known.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import libcst as cst
import numpy as np

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import Attribute, Call, Const, Expression, Group, Item, Member
from srcdiff.syntax.spread import spread

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader

OF_SHAPES: dict[Any, Any] = {
    np.random.rand: np.random.random_sample,
    np.random.randn: np.random.standard_normal,
}
"""Functions of sizes, with those that draw the same numbers for a shape."""
OF_TWO = frozenset([math.atan2, math.pow, math.fmod, pow, divmod])
OF_ALL = frozenset([max, min])
METHODS = frozenset(["reshape", "transpose"])
"""Methods that take a shape as one argument as well as several."""


def joins_shapes(elements: Any) -> bool:
    """Whether a tuple has starred items, and all of them are shapes or parts of shapes."""
    starred = [e.value for e in elements if isinstance(e, cst.StarredElement)]
    owners = [e.value if isinstance(e, cst.Subscript) else e for e in starred]
    return bool(starred) and all(
        isinstance(owner, cst.Attribute) and owner.attr.value == "shape" for owner in owners
    )


def joined(
    elements: Any,
    span: Span,
    read: Callable[[cst.BaseExpression], Expression],
    kind: Any = tuple,
) -> Expression:
    """Give the sum of tuples, or lists, that a display with starred items stands for."""
    parts: list[Expression] = []
    for element in elements:
        value = read(element.value)
        last = parts[-1] if parts else None
        if isinstance(element, cst.StarredElement) or getattr(element, "star", False):
            parts.append(value if kind is tuple else Call(kind, (value,), (), "function", span))
        elif isinstance(last, Group) and last.kind == kind.__name__:
            parts[-1] = Group(last.kind, (*last.items, value), span)
        else:
            parts.append(Group(kind.__name__, (value,), span))
    total = parts[0]
    for part in parts[1:]:
        total = Call(operator.add, (total, part), (), "operator", span)
    return total


def starred_call(reader: ExpressionReader, node: cst.Call, span: Span) -> Expression:
    """Read a call with starred arguments.

    Raises
    ------
    Refusal
        How many arguments they stand for isn't known.
    """
    function = node.func
    keywords = tuple((a.keyword.value, reader.read(a.value)) for a in node.args if a.keyword)
    given = [a for a in node.args if a.keyword is None]
    if isinstance(function, cst.Attribute):
        read = reader.attribute(function, span, called=True)
    else:
        read = reader.read(function)
    target = read.value if isinstance(read, Const) else None
    if all(a.star != "**" for a in node.args):
        if _is_one_of(target, OF_SHAPES):
            shape = joined(given, span, reader.read)
            return Call(OF_SHAPES[target], (shape,), keywords, "function", span)
        if len(given) == 1:
            call = _of_one(reader, target, reader.read(given[0].value), keywords, span)
            if call is not None:
                return call
        if isinstance(read, Attribute) and read.name in METHODS:
            shape = joined(given, span, reader.read)
            return Call(Member(read.name), (read.value, shape), keywords, "method", span)
    plain = spread(reader, node)
    if plain is not None:
        return reader.read(plain)
    starred = next(argument for argument in node.args if argument.star)
    raise reader.refuse(
        "SD102", "starred arguments are not supported yet.", "Write them out.", starred
    )


def _of_one(
    reader: ExpressionReader,
    target: Any,
    whole: Expression,
    keywords: tuple[tuple[str, Expression], ...],
    span: Span,
) -> Expression | None:
    """Give the call of a function with the items of one sequence; None where it isn't known."""
    if _is_one_of(target, OF_ALL):
        return Call(target, (whole,), keywords, "function", span)
    if target is math.hypot and not isinstance(whole, Group):
        whole = Call(np.asarray, (whole,), (), "function", span)
        return Call(np.linalg.norm, (whole,), keywords, "function", span)
    ufunc = isinstance(target, np.ufunc)
    if not ufunc and target is not math.hypot and not _is_one_of(target, OF_TWO):
        return None
    if isinstance(whole, Group) and whole.kind in ("tuple", "list"):
        return Call(target, whole.items, keywords, "function", span)
    whole = reader.simple(whole)
    count = target.nin if ufunc else 2
    items = tuple(Item(whole, Const(place), span) for place in range(count))
    return Call(target, items, keywords, "function", span)


def _is_one_of(function: Any, functions: Iterable[Any]) -> bool:
    return any(function is known for known in functions)
