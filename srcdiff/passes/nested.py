"""Which containers hold lists and dicts only, as the function itself writes them out.

Takes a function and its types. Gives the variables of containers whose every item is a list or
dict that is written out where it is put there. Refuses nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator

from srcdiff.ir.nodes import Call, Expression, Function, Group, Item, Read, Variable, Write
from srcdiff.ir.walk import children, loops, nodes_of
from srcdiff.passes.infer import Types


def nested(function: Function, types: Types) -> frozenset[Variable]:
    """Give the variables all of whose items are certainly lists or dicts, and no arrays."""
    if not any(isinstance(node, Group) and node.kind != "slice" for node in nodes_of(function)):
        return frozenset()
    found: set[Variable] = set()
    others = {parameter.variable for parameter in function.parameters}
    names: list[tuple[Variable, Variable]] = []
    for statement in function.statements:
        for bind in statement.binds:
            if isinstance(bind.value, Read):
                names.append((bind.variable, bind.value.variable))
                found.add(bind.variable)
            else:
                (found if _holds_displays(bind.value, types) else others).add(bind.variable)
        for write in statement.writes:
            if not _keeps(write, types):
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


def _is_display(node: Expression, types: Types) -> bool:
    """Whether a value is a list or dict written out, or such a list several times.

    An array times a list is an array.
    """
    if isinstance(node, Call) and node.function is operator.mul:
        forms = [(types.guess(a).form, types.guess(a).kind) for a in node.arguments]
        return ("scalar", "int") in forms and any(map(_is_list, node.arguments))
    return _is_list(node) or (isinstance(node, Group) and node.kind == "dict")


def _is_list(node: Expression) -> bool:
    return isinstance(node, Group) and node.kind == "list"


def _holds_displays(node: Expression, types: Types) -> bool:
    if not isinstance(node, Group) or node.kind not in ("list", "dict"):
        return False
    items = node.items[1::2] if node.kind == "dict" else node.items
    return all(_is_display(item, types) for item in items)


def _keeps(write: Write, types: Types) -> bool:
    """Whether a write leaves all items lists and dicts: it puts one there, or takes one away."""
    if write.mode in ("pop", "del"):
        return True
    depth = len(write.path) + (write.mode == "append")
    if depth > 1:  # inside an item
        return True
    single = depth == 1 and not any(isinstance(index, Group) for index in write.path)
    put = single and not write.updates and write.mode in ("set", "append")
    return put and _is_display(write.value, types)


def _given_away(node: Expression) -> Iterator[Variable]:
    """Give the variables whose values something else may hold, or write into, from here on."""
    if isinstance(node, (Read, Item)) or (isinstance(node, Call) and node.function is len):
        return
    yield from (child.variable for child in children(node) if isinstance(child, Read))
