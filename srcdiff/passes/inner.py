"""What a class's forward reads of objects that stand in lists, or under other names.

Takes a resolved function and what is active in it. Gives nothing. Refuses fields of such objects
that have a gradient: there is no place where it would be looked for.
"""

from __future__ import annotations

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import Const, Expression, Function, Item, Read, Variable
from srcdiff.ir.records import Field
from srcdiff.ir.walk import nodes_of
from srcdiff.passes.activity import Activity


def check_inner(function: Function, activity: Activity, problems: Problems) -> None:
    """Refuse the fields that have a gradient of objects which only a path through self leads to."""
    owned = _owned(function) if function.is_method else set()
    for node in nodes_of(function):
        if not isinstance(node, Item) or not activity.is_active(node):
            continue
        place = node.index
        if isinstance(place, Const) and isinstance(place.value, Field) and _root(node) in owned:
            with problems.within(node.span or function.name_span):
                raise Refusal(
                    "SD101",
                    f"{place.value} belongs to an object that forward finds on its way, and its "
                    "gradient can't be left there yet.",
                    "Name the object where it is read (self.first.W), or let its own forward use "
                    f"{place.value}.",
                )


def _owned(function: Function) -> set[Variable]:
    """Give the variables that stand for attributes, or for parts of them."""
    found = set(function.attributes)
    binds = [bind for statement in function.statements for bind in statement.binds]
    before = -1
    while before != len(found):
        before = len(found)
        found |= {bind.variable for bind in binds if _root(bind.value) in found}
    return found


def _root(node: Expression) -> Variable | None:
    """Give the variable that an expression is a part of."""
    while isinstance(node, Item):
        node = node.value
    return node.variable if isinstance(node, Read) else None
