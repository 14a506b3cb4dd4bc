"""Which attributes are fields of records.

Takes a function and the types that are known before it runs. Says whether it reads fields of
something, or gets a record. Refuses attributes that may be a record's or an array's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from srcdiff.ir.nodes import (
    Attribute,
    Const,
    Expression,
    Function,
    Item,
    Read,
    Variable,
)
from srcdiff.ir.records import Field
from srcdiff.ir.types import Type
from srcdiff.ir.walk import nodes_of
from srcdiff.passes.slots import of_record_or_array
from srcdiff.rules import registry


class FieldNames:
    """Tells the fields of records from the attributes of arrays that have the same names."""

    def __init__(self, function: Function, stated: dict[Variable, Type]) -> None:
        self.stated = stated
        self.changing = function.changing
        self.names = {name for known in stated.values() for name in _names(known)}
        attributes = [
            node
            for node in nodes_of(function)
            if isinstance(node, Attribute) and isinstance(node.value, Read)
        ]
        self.owners = {
            node.value.variable
            for node in attributes
            if isinstance(node.value, Read) and node.name not in registry.ATTRIBUTES
        }

    def has_field(self, node: Attribute) -> bool:
        """Whether an attribute that arrays have too is the field of a record here.

        Raises
        ------
        Refusal
            It may be the one or the other.
        """
        known = self._known(node.value)
        if known is not None and known.form != "any":
            return known.record is not None and node.name in known.record.fields
        owner = node.value.variable if isinstance(node.value, Read) else None
        if node.name in self.names or owner in self.owners:
            raise of_record_or_array(node, node.name)
        return False

    def _known(self, node: Expression) -> Type | None:
        """Give the type of a parameter, or of an item or field of one."""
        match node:
            case Read(variable=variable):
                return None if variable in self.changing else self.stated.get(variable)
            case Item(value=value, index=Const(value=index)):
                known = self._known(value)
                if known is None:
                    return None
                if isinstance(index, Field) and known.record is not None:
                    index = known.record.fields.index(index)
                if isinstance(index, int) and known.items and index < len(known.items):
                    return known.items[index]
                return dict(known.fields or ()).get(index)
        return None


def _names(known: Type) -> Iterator[str]:
    """Give the names of all fields of a value and of what it holds."""
    if known.record is not None:
        yield from known.record.fields
    for inner in (*(known.items or ()), *(value for _, value in known.fields or ())):
        yield from _names(inner)


def has_records(function: Function, known: Iterable[Type]) -> bool:
    """Whether fields are read, or a value is known to be a record or to hold one."""
    return any(map(holds_record, known)) or any(
        isinstance(node, Item)
        and isinstance(node.index, Const)
        and isinstance(node.index.value, Field)
        for node in nodes_of(function)
    )


def holds_record(known: Type) -> bool:
    """Whether a value is a record, or a container with one."""
    inner = (*(known.items or ()), *(value for _, value in known.fields or ()))
    return known.record is not None or any(map(holds_record, inner))


def may_hold_records(known: Type) -> bool:
    """Whether a list or a tuple is a record, or may hold some."""
    return known.form in ("list", "tuple") and (known.items is None or holds_record(known))
