"""Parameters for which `+` and `*` might join or repeat lists.

Takes a function and its types. Gives the parameters of unknown type that are added or multiplied to
something whose items are used: were they lists, the operators would mean something else, and what
is derived would be wrong. Refuses nothing; the emitted code checks them.
"""

from __future__ import annotations

import operator

from srcdiff.ir.nodes import Call, Expression, Function, Group, Item, Read, Variable
from srcdiff.ir.walk import walk
from srcdiff.passes.infer import Types

JOINS = frozenset([operator.add, operator.mul])
OF_ITEMS = frozenset([sum, len, max, min, list, sorted])


def never_lists(function: Function, types: Types) -> list[Variable]:
    """Give the parameters that must not be lists, in the order of the signature."""
    statements = function.statements
    trees = [bind.value for statement in statements for bind in statement.binds]
    trees += [tree for s in statements for w in s.writes for tree in (w.value, *w.path)]
    trees += function.values
    used = {id(node) for tree in trees for node in _with_items(tree)}
    by_item = {n.variable for tree in trees for n in _with_items(tree) if isinstance(n, Read)}
    sources: dict[Variable, set[Variable]] = {}
    found: set[Variable] = set()
    for statement in statements:
        for bind in statement.binds:
            sources.setdefault(bind.variable, set()).update(_lists_in(bind.value, types))
            if bind.variable in by_item and _is_join(bind.value):
                found |= _lists_in(bind.value, types)
    for tree in trees:
        for node in walk(tree):
            if _is_join(node) and id(node) in used:
                found |= _lists_in(node, types)
    pending = list(found)
    while pending:
        more = sources.get(pending.pop(), set()) - found
        found |= more
        pending += more
    return [p.variable for p in function.parameters if p.variable in found]


def _is_join(node: Expression) -> bool:
    return isinstance(node, Call) and node.function in JOINS


def _with_items(tree: Expression) -> list[Expression]:
    """Give the values of which items are used, or which are gone through."""
    found: list[Expression] = []
    for node in walk(tree):
        if isinstance(node, Item) and not _is_of_array(node.index):
            found.append(node.value)
        elif isinstance(node, Call) and node.function in OF_ITEMS and node.arguments:
            found.append(node.arguments[0])
    return found


def _is_of_array(index: Expression) -> bool:
    return isinstance(index, Group) and index.kind == "tuple"


def _lists_in(node: Expression, types: Types) -> set[Variable]:
    """Give the variables of unknown type that a value is, or joins, or is a slice of."""
    match node:
        case Read(variable=variable):
            return {variable} if types.of(node).form == "any" else set()
        case Item(index=Group(kind="slice")):
            return _lists_in(node.value, types)
        case Call() if node.function in JOINS:
            return {v for argument in node.arguments for v in _lists_in(argument, types)}
    return set()
