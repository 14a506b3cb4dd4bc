"""Strings with values in them: an f-string is a call of `format`.

Takes libcst's nodes. Gives the call, `"{:.2f} of {}".format(x, y)` for f"{x:.2f} of {y}", so that
its values are read like any others. Refuses nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import Call, Const, Expression

Strings = cst.SimpleString | cst.FormattedString | cst.ConcatenatedString


def formatted(
    node: Strings, read: Callable[[cst.BaseExpression], Expression], span: Span
) -> Expression:
    """Give the call of `format` that a string with values in it stands for."""
    values: list[Expression] = []
    template = "".join(_template(part, read, values) for part in _strings(node))
    return Call(str.format, (Const(template, _quoted(template)), *values), (), "method", span)


def _quoted(text: str) -> str:
    """Give the text of a string as the formatter writes it."""
    written = repr(text)
    if written[0] == "'" and '"' not in text:
        written = f'"{written[1:-1]}"'
    return written


def has_values(node: cst.BaseExpression) -> bool:
    """Whether a string, or one of those that it is joined from, is an f-string."""
    if isinstance(node, cst.ConcatenatedString):
        return has_values(node.left) or has_values(node.right)
    return isinstance(node, cst.FormattedString)


def _strings(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    if isinstance(node, cst.ConcatenatedString):
        return [*_strings(node.left), *_strings(node.right)]
    return [node]


def _template(
    node: cst.BaseExpression,
    read: Callable[[cst.BaseExpression], Expression],
    values: list[Expression],
) -> str:
    if isinstance(node, cst.FormattedString):
        start = node.start.lower().replace("f", "")  # the quotes, and r
        return _joined(node.parts, start, node.end, read, values)
    assert isinstance(node, cst.SimpleString)
    text: str = ast.literal_eval(node.value)
    return text.replace("{", "{{").replace("}", "}}")


def _joined(
    parts: Iterable[cst.BaseFormattedStringContent],
    start: str,
    end: str,
    read: Callable[[cst.BaseExpression], Expression],
    values: list[Expression],
) -> str:
    template = ""
    for part in parts:
        if isinstance(part, cst.FormattedStringText):
            template += ast.literal_eval(f"{start}{part.value}{end}")
            continue
        assert isinstance(part, cst.FormattedStringExpression)
        values.append(read(part.expression))
        conversion = f"!{part.conversion}" if part.conversion else ""
        if part.equal is not None:
            shown = cst.Module([]).code_for_node(part.expression)
            template += f"{shown}=".replace("{", "{{").replace("}", "}}")
            conversion = conversion or ("" if part.format_spec else "!r")
        spec = _joined(part.format_spec or (), start, end, read, values)
        template += f"{{{conversion}{f':{spec}' if spec else ''}}}"
    return template
