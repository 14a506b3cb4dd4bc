"""Containers that hold what was their own value: linked lists of tuples, `h = (v, h)`.

Takes a function. Gives the variables that stand for such containers, or for what these hold.
Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from srcdiff.ir.nodes import Choice, Expression, Function, Group, Item, Read, Variable, leaves


def held_in_themselves(function: Function) -> frozenset[Variable]:
    """Give the variables whose values may hold, however deep, what a variable stood for before."""
    names: dict[Variable, set[Variable]] = {}
    holds: dict[Variable, set[Variable]] = {}
    for statement in leaves(function.body):
        for bind in statement.binds:
            names.setdefault(bind.variable, set()).update(_named(bind.value))
            holds.setdefault(bind.variable, set()).update(_held(bind.value))
    around = {variable: names[variable] | holds[variable] for variable in names}
    found = {
        variable
        for variable, inner in holds.items()
        if any(variable in _reached(own, around) for own in inner)
    }
    return frozenset(v for v in around if found & _reached(v, names))


def bound_to_containers(function: Function) -> frozenset[Variable]:
    """Give the variables to which a container is assigned that is written out."""
    binds = [bind for statement in leaves(function.body) for bind in statement.binds]
    return frozenset(bind.variable for bind in binds if any(_held(bind.value)))


def _reached(variable: Variable, steps: dict[Variable, set[Variable]]) -> set[Variable]:
    """Give the variables to which steps lead from one, that one among them."""
    found: set[Variable] = set()
    pending = [variable]
    while pending:
        own = pending.pop()
        if own not in found:
            found.add(own)
            pending += steps.get(own, ())
    return found


def _named(value: Expression) -> Iterator[Variable]:
    """Give the variables whose values, or whose parts, a value may be."""
    match value:
        case Read(variable=variable):
            yield variable
        case Item(value=whole):
            yield from _named(whole)
        case Choice(then=then, otherwise=otherwise):
            yield from _named(then)
            yield from _named(otherwise)


def _held(value: Expression) -> Iterator[Variable]:
    """Give the variables whose values a container that is written out holds."""
    match value:
        case Group(kind="list" | "tuple" | "dict", items=items):
            for item in items:
                yield from _named(item)
                yield from _held(item)
        case Choice(then=then, otherwise=otherwise):
            yield from _held(then)
            yield from _held(otherwise)
