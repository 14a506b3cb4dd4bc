"""Dicts: displays, `dict(...)`, and the methods that read or add an entry.

Takes what a display or a call is of. Gives the tree, with statements before it where an entry may
be missing. Refuses displays with starred parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir import operators
from srcdiff.ir.nodes import Call, Const, Expression, Group, Item, Read, Write

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader


def display(reader: ExpressionReader, node: cst.Dict, span: Span) -> Group:
    """Read `{key: value, ...}`."""
    items: list[Expression] = []
    for element in node.elements:
        if not isinstance(element, cst.DictElement):
            raise reader.refuse(
                "SD102", "a starred dict isn't supported yet.", "Write the entries out.", element
            )
        items += [reader.read(element.key), reader.read(element.value)]
    return Group("dict", tuple(items), span)


def made(keywords: tuple[tuple[str, Expression], ...], span: Span) -> Group:
    """Give what `dict(a=x, b=y)` makes."""
    items: list[Expression] = []
    for name, value in keywords:
        items += [Const(name, f'"{name}"'), value]
    return Group("dict", tuple(items), span)


def got(
    reader: ExpressionReader,
    method: str,
    holder: Expression,
    arguments: tuple[Expression, ...],
    span: Span,
) -> Expression | None:
    """Give what `get` or `setdefault` of a dict gives; None for other calls."""
    if method not in ("get", "setdefault") or len(arguments) not in (1, 2):
        return None
    if not isinstance(holder, Read) or holder.variable.role == "global":
        return None
    key = arguments[0] if isinstance(arguments[0], Const) else reader.simple(arguments[0])
    default = arguments[1] if len(arguments) == 2 else Const(None, "None")
    entry = Item(holder, key, span)
    test = Call(operators.within, (key, holder), (), "operator", span)
    if method == "get":
        return reader.branched(test, ((entry, []), (default, [])), span)
    missing = Call(operators.not_within, (key, holder), (), "operator", span)
    reader.added(missing, Write(holder.variable, (key,), default, "set"), span)
    return entry


def updates(reader: ExpressionReader, node: cst.Call) -> Group | None:
    """Give the entries that `d.update(...)` sets, where they are written out."""
    if any(argument.star for argument in node.args):
        return None
    items: list[Expression] = []
    for argument in node.args:
        if argument.keyword is not None:
            name = argument.keyword.value
            items += [Const(name, f'"{name}"'), reader.read(argument.value)]
            continue
        value = reader.read(argument.value)
        if not isinstance(value, Group) or value.kind != "dict":
            return None
        items += value.items
    return Group("dict", tuple(items))
