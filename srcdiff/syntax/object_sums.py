"""`sum` of objects: the additions that it makes, as their class says them.

Takes a call whose arguments are read. Gives the object that it comes to; None for sums of other
values. Refuses nothing of its own.
"""

from __future__ import annotations

import functools
from typing import Any

import libcst as cst

from srcdiff.ir.nodes import Const, Expression
from srcdiff.syntax.arguments import Arguments
from srcdiff.syntax.closures import Closure
from srcdiff.syntax.instance import Instance
from srcdiff.syntax.object_values import ObjectValues
from srcdiff.syntax.statements import parts

FROM_OBJECT = """\
def total(items, start):
    result = start
    for item in items:
        result = result + item
    return result
"""
FROM_NUMBER = """\
def total(items, start):
    result = start + items[0]
    for i in range(1, len(items)):
        result = result + items[i]
    return result
"""


class ObjectSums(ObjectValues):
    """Adds the objects of one function."""

    def summed(
        self,
        function: Any,
        arguments: tuple[Expression, ...],
        keywords: tuple[tuple[str, Expression], ...],
        node: cst.Call,
    ) -> Expression | None:
        """Give what `sum` makes of objects; None for other calls."""
        given = (*arguments, *(value for name, value in keywords if name == "start"))
        if function is not sum or len(given) not in (1, 2) or self.of(given[0]) is None:
            return None
        start = given[1] if len(given) == 2 else Const(0, "0")
        begun = self.of(start)
        definition = _parsed(FROM_OBJECT if isinstance(begun, Instance) else FROM_NUMBER)
        positions = self.expressions.positions
        pending: list[cst.CSTNode] = [definition]
        while pending:
            inner = pending.pop()
            positions.stand_in([inner], node)
            pending += parts(inner)
        closure = Closure(definition, {}, {}, {})
        held = Arguments((self.of(given[0]), begun or start))  # type: ignore[arg-type]  # no None
        return self.inliner.applied(closure, held, node, positions.span(node))


@functools.cache
def _parsed(text: str) -> cst.FunctionDef:
    return cst.ensure_type(cst.parse_module(text).body[0], cst.FunctionDef)
