"""The types of elements, fields and results of which only the place is known.

Takes an item and the type of what it is taken from, or a call of a function of the user's. Gives
the origin of its shape, or its type.
Refuses attributes that no record has.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from srcdiff.diagnostics import DerivationError, Refusal
from srcdiff.ir.nodes import (
    Attribute,
    Call,
    Const,
    Expression,
    Group,
    Item,
    Member,
    Read,
    UserFunction,
)
from srcdiff.ir.types import OTHER, Form, Type, joined, unknown
from srcdiff.passes.drawn import is_drawn
from srcdiff.rules.refused import REASONS

CHANGES = "an entry whose values may differ in shape"


class Slot:
    """The origin of an element's shape: the same element of the same variable is alike.

    Unless it isn't `steady`, because something else may be put there: then each reading has an
    origin of its own.
    """

    def __init__(self, node: Item | Call, *, steady: bool = True) -> None:
        if isinstance(node, Call) or not steady:
            self.key: tuple[Any, ...] = (node,)
            return
        value = node.value
        index = node.index
        constant = isinstance(index, Const)
        known = isinstance(value, Read) and constant
        self.key = (
            (value.variable, repr(index.value))  # type: ignore[union-attr]  # checked above
            if known
            else (node,)
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slot) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def field_type(node: Item, value: Type, *, unsteady: bool) -> Type:
    """Give the type of a field, from that of the record; `unsteady` if it has several values.

    Raises
    ------
    Refusal
        What has the attribute isn't a record, or it is none of its fields.
    """
    assert isinstance(node.index, Const)
    name, record = str(node.index.value), value.record
    reason = REASONS.get(f"ndarray.{name}")
    may_be = value.form in ("any", "other") or isinstance(node.value, Item)
    if not (name in record.fields if record is not None else may_be and not reason):
        raise Refusal(
            "SD104",
            f"srcdiff knows nothing of the attribute {name}{f': {reason}' if reason else ''}.",
            "Pass the value as a parameter of its own.",
            node.span,
        )
    if record is not None and value.items is not None:
        return value.items[record.fields.index(name)]
    return unknown().of_kind(value.kind) if unsteady else Type("any", value.kind, _at(node))


def of_record_or_array(node: Call | Attribute, name: str = "this") -> Refusal:
    """Make the refusal of an attribute that a record or an array may have."""
    return Refusal(
        "SD131",
        f"{name} may be a field of a record here, or the attribute of an array.",
        "Annotate the parameter with its class, or give the field another name.",
        node.span,
    )


def check_owner(node: Call, operands: tuple[Type, ...]) -> None:
    """Refuse an array's method or attribute of what is a record, or an object of another kind.

    Raises
    ------
    Refusal
        It isn't known what the method computes.
    """
    foreign = isinstance(node.function, (UserFunction, Member)) or is_drawn(node)
    if node.spelling not in ("method", "attribute") or foreign or not operands:
        return
    if node.spelling == "attribute" and operands[0].record is not None:
        raise of_record_or_array(node)
    of_text = getattr(node.function, "__objclass__", None) is str
    if operands[0].record is not None or (operands[0] == OTHER and not of_text):
        raise of_unknown_method(node)


def of_unknown_method(node: Call) -> Refusal:
    """Make the refusal of an object's method that has the name of one of an array's."""
    return Refusal(
        "SD103",
        f"the method {node.function.__name__} belongs to an object whose class isn't read.",
        "Write a function in this file for it.",
        node.span,
    )


def of_foreign(node: Call) -> Type:
    """Give the type of what a function or a method of the user's gives."""
    gives = isinstance(node.function, UserFunction) and _gives_dict(node.function)
    return unknown(Slot(node), "dict") if gives else unknown()


@functools.lru_cache(maxsize=1024)
def _gives_dict(function: UserFunction) -> bool:
    """Whether a function returns a dict that it makes."""
    try:
        read = function.read()
    except DerivationError:
        return False
    if len(read.outputs) != 1 or read.gives_one:
        return False
    value = read.values[0]
    held = [value]
    if isinstance(value, Read):
        binds = [bind for statement in read.statements for bind in statement.binds]
        held = [bind.value for bind in binds if bind.variable is value.variable]
    return bool(held) and all(isinstance(n, Group) and n.kind == "dict" for n in held)


def entry_of(known: Type, node: Item) -> Type:
    """Give the type that an entry of a dict has where it is read."""
    if known.shape != frozenset([CHANGES]):
        return known
    return replace(known, shape=frozenset([Slot(node, steady=False)]))


def one_of(
    items: tuple[Type, ...], index: Expression, of: Callable[[Expression], Type]
) -> Type | None:
    """Give the type of the item at an index, where it is known; of any, where all are alike."""
    if isinstance(index, Const) and isinstance(index.value, int):
        if -len(items) <= index.value < len(items):
            return items[index.value]
    if any(item.record is not None for item in items) and of(index).kind == "int":
        return common(items)
    if items and items[0].form == "array" and all(item == items[0] for item in items):
        at = of(index)
        return items[0] if at.kind == "int" and at.is_scalar else None
    return None


def part_of(items: tuple[Type, ...] | None, index: Expression) -> tuple[Type, ...] | None:
    """Give the types of the items in a slice with known bounds."""
    if items is not None and isinstance(index, Group) and index.kind == "slice":
        bounds = [b.value for b in index.items if isinstance(b, Const)]
        if len(bounds) == 3 and all(b is None or type(b) is int for b in bounds):
            return items[slice(*bounds)] if bounds[2] != 0 else None
    return None


def item_form(value: Type, index: Expression) -> Form:
    """Give whether a list's item that is none of known number is a list or a tuple."""
    tuples = bool(value.items) and all(item.form == "tuple" for item in value.items or ())
    sliced = isinstance(index, Group) and index.kind == "slice"
    return "tuple" if tuples and not sliced else value.form


def common(types: tuple[Type, ...]) -> Type:
    """Give what holds for each of some items: of records of one class, field by field."""
    first = types[0]
    if all(known == first for known in types):
        return first
    fields = [known.items for known in types]
    if first.record is None or any(known.record != first.record for known in types):
        kinds = {known.kind for known in types}
        return unknown().of_kind("complex" if "complex" in kinds else "any")
    if any(items is None for items in fields):
        return Type("tuple", "any", unknown().shape, record=first.record)
    items = tuple(common(column) for column in zip(*(i for i in fields if i), strict=True))
    return Type("tuple", first.kind, unknown().shape, items, record=first.record)


def joined_lists(node: Call, operands: tuple[Type, ...]) -> Type:
    """Give the type of two lists one after the other, or of a list that is repeated."""
    left, right = operands
    if left.form not in ("list", "tuple"):
        left, right = right, left
    if right.form in ("array", "number", "any"):
        return unknown(form="number")
    kind = left.kind if right.form == "scalar" else joined([left, right])[1]
    if right.form == "scalar" and isinstance(left.shape, tuple) and left.shape[:1] == (1,):
        if right.value is not None:
            return Type(left.form, kind, (right.value, *left.shape[1:]))
    return Type(left.form, kind, frozenset([Slot(node)]))


def _at(node: Item) -> frozenset[Slot]:
    return frozenset([Slot(node)])
