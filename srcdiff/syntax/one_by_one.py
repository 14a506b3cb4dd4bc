"""Statements that write into parts: several as one by one, updates as sums or new values."""

from __future__ import annotations

import operator

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import Bind, Call, Expression, Statement, Variable, Write
from srcdiff.ir.walk import variables


def is_moved(writes: list[Write], binds: list[Bind]) -> bool:
    """Whether a name that a part is found by gets another value in the same statement."""
    bound = {bind.variable for bind in binds}
    return any(
        write.mode != "pop"
        and not bound.isdisjoint({write.variable, *(v for t in write.path for v in variables(t))})
        for write in writes
    )


def one_by_one(
    binds: list[Bind], writes: list[Write], places: list[int], span: Span
) -> list[Statement]:
    """Give the assignments of a statement in their order, each as one of its own."""
    found: list[Statement] = []
    start = 0
    for write, place in zip(writes, places, strict=True):
        if place > start:
            found.append(Statement(tuple(binds[start:place]), span, form="made"))
            start = place
        found.append(Statement((), span, form="made", writes=(write,)))
    if binds[start:]:
        found.append(Statement(tuple(binds[start:]), span, form="made"))
    return found


def updated(
    variable: Variable,
    path: tuple[Expression, ...],
    function: object,
    value: Expression,
    old: Expression,
) -> Write:
    """Give the update of a part: sums stay sums, all others compute the new value."""
    if function is operator.add:
        return Write(variable, path, value, "add", updates=True)
    if function is operator.sub:
        less = Call(operator.neg, (value,), (), "operator")
        return Write(variable, path, less, "add", updates=True)
    new = Call(function, (old, value), (), "operator", old.span)
    return Write(variable, path, new, "set", updates=True)
