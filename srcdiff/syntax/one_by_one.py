"""Statements whose assignments depend on each other's order, as several statements."""

from __future__ import annotations

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import Bind, Statement, Write
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
