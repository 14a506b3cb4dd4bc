"""Calls that make records: named tuples and dataclasses, whose fields are given.

Takes the call of a class. Gives the record. Refuses a record without all of its fields.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import Const, Expression, Group
from srcdiff.ir.records import RecordClass

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader


def record_made(
    reader: ExpressionReader,
    name: str,
    arguments: tuple[Expression, ...],
    keywords: dict[str, Expression],
    node: cst.Call,
    span: Span,
) -> Group | None:
    """Give the record that a call of a class makes; None for other calls.

    Raises
    ------
    Refusal
        The class says itself how it is made, or a field is missing.
    """
    known = None if name in reader.inner or name in reader.assigned else reader.scope.lookup(name)
    if not isinstance(known, RecordClass):
        return None
    if not known.is_plain:
        raise reader.refuse(
            "SD103",
            f"{name} says itself how its objects are made, which isn't read here.",
            "Write a function that returns the values, or leave it to the class alone.",
            node,
        )
    usual = {name: Const(value, repr(value)) for name, value in known.defaults}
    given = usual | dict(zip(known.record.fields, arguments, strict=False)) | keywords
    if given.keys() != set(known.record.fields) or len(arguments) > len(given):
        reader.objects.take_apart(name)
        raise reader.refuse(
            "SD103",
            f"{name} is made without some of its fields, or with others.",
            f"Give all of them: {', '.join(known.record.fields)}.",
            node,
        )
    items = tuple(given[field] for field in known.record.fields)
    return Group("tuple", items, span, replace(known.record, name=name))
