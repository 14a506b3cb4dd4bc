"""Shapes that are put together with stars: `(2, *x.shape)` is read as `(2,) + x.shape`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import Call, Expression, Group


def joins_shapes(elements: Any) -> bool:
    """Whether a tuple has starred items, and all of them are shapes or parts of shapes."""
    starred = [e.value for e in elements if isinstance(e, cst.StarredElement)]
    owners = [e.value if isinstance(e, cst.Subscript) else e for e in starred]
    return bool(starred) and all(
        isinstance(owner, cst.Attribute) and owner.attr.value == "shape" for owner in owners
    )


def joined(
    elements: Any, span: Span, read: Callable[[cst.BaseExpression], Expression]
) -> Expression:
    """Give the sum of tuples that a tuple with starred items stands for."""
    parts: list[Expression] = []
    for element in elements:
        value = read(element.value)
        last = parts[-1] if parts else None
        if isinstance(element, cst.StarredElement):
            parts.append(value)
        elif isinstance(last, Group):
            parts[-1] = Group("tuple", (*last.items, value), span)
        else:
            parts.append(Group("tuple", (value,), span))
    total = parts[0]
    for part in parts[1:]:
        total = Call(operator.add, (total, part), (), "operator", span)
    return total
