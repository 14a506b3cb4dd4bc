"""Which containers hold lists and dicts only, as the function itself writes them out.

Takes a function. Gives the variables of containers whose every item is a list or dict that is
written out where it is put there. Refuses nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator

from srcdiff.ir.nodes import Call, Expression, Function, Group, Item, Read, Variable, Write
from srcdiff.ir.walk import children, loops, nodes_of


def nested(function: Function) -> frozenset[Variable]:
    """Give the variables all of whose items are certainly lists or dicts, and no arrays."""
    found: set[Variable] = set()
    others = {parameter.variable for parameter in function.parameters}
    names: list[tuple[Variable, Variable]] = []
    for statement in function.statements:
        for bind in statement.binds:
            if isinstance(bind.value, Read):
                names.append((bind.variable, bind.value.variable))
                found.add(bind.variable)
            else:
                (found if _holds_displays(bind.value) else others).add(bind.variable)
        for write in statement.writes:
            if not _keeps(write):
                others.add(write.variable)
            if isinstance(write.value, Read):
                others.add(write.value.variable)
    others |= {loop.index for loop in loops(function.body) if loop.index is not None}
    for node in nodes_of(function):
        others.update(_given_away(node))
    while True:  # what one name isn't, its other names aren't
        more = {v for pair in names if others & {*pair} for v in pair} - others
        if not more:
            return frozenset(found - others)
        others |= more


def _is_display(node: Expression) -> bool:
    """Whether a value is a list or dict written out, or such a list several times."""
    if isinstance(node, Call) and node.function is operator.mul:
        return any(isinstance(a, Group) and a.kind == "list" for a in node.arguments)
    return isinstance(node, Group) and node.kind in ("list", "dict")


def _holds_displays(node: Expression) -> bool:
    if not isinstance(node, Group) or node.kind not in ("list", "dict"):
        return False
    items = node.items[1::2] if node.kind == "dict" else node.items
    return all(map(_is_display, items))


def _keeps(write: Write) -> bool:
    """Whether a write leaves all items lists and dicts: it puts one there, or takes one away."""
    if write.mode in ("pop", "del"):
        return True
    if write.updates or write.mode not in ("set", "append"):
        return not write.updates and len(write.path) > 1
    depth = len(write.path) + (write.mode == "append")
    if depth > 1:
        return True
    whole = isinstance(write.path[0], Group) if write.path else write.mode != "append"
    return not whole and _is_display(write.value)


def _given_away(node: Expression) -> Iterator[Variable]:
    """Give the variables whose values something else may hold, or write into, from here on."""
    if isinstance(node, (Read, Item)) or (isinstance(node, Call) and node.function is len):
        return
    yield from (child.variable for child in children(node) if isinstance(child, Read))
