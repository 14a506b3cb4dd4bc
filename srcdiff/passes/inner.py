"""Objects that a class's forward finds in lists, or under other names.

Takes a resolved function and what is active in it. Says of which list the objects are that a loop
calls, another one each round. Refuses fields of such objects that have a gradient: there is no
place where it would be looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import Call, Const, Expression, Function, Group, Item, Loop, Read, Variable
from srcdiff.ir.records import Field
from srcdiff.ir.walk import nodes_of
from srcdiff.passes.activity import Activity


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of an object whose forward is called.

    Parameters
    ----------
    parameters, wanted
        The names of its forward's parameters; of those whose gradients its backward returns.
    stores, parts
        The attributes that its forward sets; what is known of the objects that it has itself.
    """

    parameters: tuple[str, ...]
    wanted: tuple[str, ...]
    stores: frozenset[str]
    parts: Mapping[str, Part]

    def of(self, path: list[str]) -> Part | None:
        """Give what is known of an object that this one has."""
        inner = self.parts.get(path[0]) if path else None
        return self if not path else inner and inner.of(path[1:])


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


def one_of_each(
    receiver: Expression, loop: Loop, definitions: Mapping[Variable, Expression]
) -> Variable | None:
    """Give the attribute that holds the objects of which a loop calls another one each round."""
    value = definitions.get(receiver.variable) if isinstance(receiver, Read) else receiver
    if not isinstance(value, Item):
        return None
    index = value.index
    if not isinstance(receiver, Read):  # self.layers[i]
        if not (isinstance(index, Read) and index.variable is loop.index):
            return None
        if not _counts(loop.sequence, value.value):
            return None
    elif all(bind.variable is not receiver.variable for bind in loop.header.binds):
        return None
    return owner_of(value.value, definitions)


def owner_of(node: Expression, definitions: Mapping[Variable, Expression]) -> Variable | None:
    """Give the attribute of which a list is a part, or another name."""
    while True:
        if isinstance(node, Item) and isinstance(node.index, Group) and node.index.kind == "slice":
            node = node.value
        elif isinstance(node, Read) and node.variable in definitions:
            node = definitions[node.variable]
        else:
            break
    known = isinstance(node, Read) and node.variable.role == "attribute"
    return node.variable if known and isinstance(node, Read) else None


def _counts(sequence: Expression | None, held: Expression) -> bool:
    """Whether a loop runs over `range(len(held))`."""
    match sequence:
        case Call(arguments=(Call(arguments=(Read(variable=variable),), function=size),)):
            known = isinstance(held, Read) and held.variable is variable
            return known and sequence.function is range and size is len
    return False
