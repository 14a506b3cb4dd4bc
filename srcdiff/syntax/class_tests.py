"""Tests of what class a value is of, which the text answers: `isinstance(other, Value)`.

Takes a test, and what names stand for. Gives its answer, where the class of the value is known
while the function is read; None elsewhere. Refuses nothing.
"""

from __future__ import annotations

import numbers
import operator
from typing import TYPE_CHECKING

import libcst as cst
import numpy as np

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import (
    Call,
    Const,
    Expression,
    Group,
    If,
    Jump,
    Node,
    Read,
    Statement,
    Variable,
)
from srcdiff.syntax.closures import (
    Closure,
    Partial,
    Picked,
    Static,
    Table,
    is_static,
    library_function,
)
from srcdiff.syntax.instance import ClassRef, Instance, Several
from srcdiff.syntax.object_classes import ObjectClass

if TYPE_CHECKING:
    from srcdiff.syntax.known_objects import KnownObjects

NUMBERS = (int, float, complex, bool, np.number, np.floating, np.integer, numbers.Number)
NO_OBJECTS = frozenset([*NUMBERS, numbers.Real, str, list, dict, set, np.ndarray, type(None)])
"""Classes of which no object of a user's class is, unless that says so."""
GIVEN = (int, float, complex, np.number, np.ndarray)
"""Classes of arguments of which nothing is said."""
Class = ObjectClass | type


def answered_class(objects: KnownObjects, node: cst.Call) -> bool | None:
    """Say whether `isinstance(value, classes)` holds; None for all other calls.

    A test that was found to decide between an object and a number is one of numbers; what then
    isn't one is refused when the program runs.
    """
    match node:
        case cst.Call(
            func=cst.Name(value="isinstance"), args=[cst.Arg(value=of), cst.Arg(value=named)]
        ):
            if library_function(objects.expressions, node) is not isinstance:
                return None
            value, classes = _value(objects, of), _classes(objects, named)
            if value is None or classes is None:
                return None
            found = [_is_of(objects, value, cls) for cls in classes]
            if any(found):
                return True
            if None not in found:
                return False
            return _decided(objects, node, value, classes)
    return None


def _decided(
    objects: KnownObjects, node: cst.Call, value: Expression | Static, classes: list[Class]
) -> bool | None:
    """Say that a value is a number, and let the program refuse others, if it has to be known."""
    kinds, place = objects.expressions.kinds, objects.expressions.positions.span(node).start
    if not isinstance(value, Read) or not kinds.is_plain(value, given=True):
        return None
    of_numbers = all(cls in NUMBERS for cls in classes)
    if not of_numbers and not all(isinstance(cls, ObjectClass) for cls in classes):
        return None
    if place not in objects.notes.numbers:
        kinds.undecided.add(place)
        return None
    asked = classes if of_numbers else GIVEN
    what = "a number" if of_numbers else "a number or an array"
    consts = tuple(Const(cls) for cls in asked)
    test = Call(isinstance, (value, Group("tuple", consts)), (), "function")
    error = f"{value.variable.wish} must be {what}"
    span = objects.expressions.positions.span(node)
    header = Statement((), span, form="made")
    jump = Jump("raise", header, Call(TypeError, (Const(error, f'"{error}"'),)))
    guard = If(Call(operator.not_, (test,), (), "operator"), (jump,), (), header)
    before = objects.expressions.before
    if not before or not _guards(before[-1], value.variable, span):
        before.append(guard)
    objects.expressions.rewritten.add(objects.expressions.place)
    return of_numbers


def _guards(node: Node, variable: Variable, span: Span) -> bool:
    """Whether a statement is what refuses other values of a variable in the same test."""
    match node:
        case If(test=Call(arguments=(Call(arguments=(Read(variable=asked), _)),)), header=header):
            return asked is variable and header.span == span
    return False


def ask_again(objects: KnownObjects, test: Expression) -> None:
    """Let a function be read again, if a test asks of a value whether it is a number."""
    while isinstance(test, Call) and test.function is operator.not_:
        test = test.arguments[0]
    if isinstance(test, Call) and test.function is isinstance and test.span is not None:
        place = test.span.start
        if place in objects.expressions.kinds.undecided and place not in objects.notes.numbers:
            objects.again(objects.notes.numbers, place)


def _value(objects: KnownObjects, node: cst.BaseExpression) -> Expression | Static | None:
    """Give what a text stands for, where reading it adds no statement."""
    known = objects.expressions
    match node:
        case cst.Name(value=name):
            if name in known.variables:
                return Read(known.variables[name])
            return known.inner.get(name)
        case cst.Attribute(value=of, attr=cst.Name(value=field)):
            holder = objects.at(of)
            return holder.fields.get(field) if isinstance(holder, Instance) else None
        case cst.Integer() | cst.Float() | cst.SimpleString():
            return known.read(node)
    return None


def _classes(objects: KnownObjects, node: cst.BaseExpression) -> list[Class] | None:
    """Give the classes that a test names; None where one of them isn't known."""
    match node:
        case cst.Tuple(elements=elements):
            return _all_of(objects, [element.value for element in elements])
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            return _all_of(objects, [left, right])
    own = objects.class_at(node)
    if own is not None:
        return [own]
    if not isinstance(node, (cst.Name, cst.Attribute)):
        return None
    found = library_function(objects.expressions, cst.Call(node))
    return [found] if isinstance(found, type) else None


def _all_of(objects: KnownObjects, nodes: list[cst.BaseExpression]) -> list[Class] | None:
    found: list[Class] = []
    for node in nodes:
        classes = _classes(objects, node)
        if classes is None:
            return None
        found += classes
    return found


def _is_of(objects: KnownObjects, value: Expression | Static, cls: Class) -> bool | None:
    """Say whether a value is of a class; None if that isn't known."""
    value = objects.of(value) or value
    if isinstance(value, Instance):
        return _is_object_of(value.cls, cls)
    if isinstance(value, Picked):
        found = {_is_of(objects, item, cls) for item in value.table.items}
        return found.pop() if len(found) == 1 else None
    if isinstance(value, Const) and not is_static(value):
        return isinstance(value.value, cls) if isinstance(cls, type) else False
    if isinstance(value, (Several, Table)) or is_static(value):
        return False if isinstance(cls, ObjectClass) else None
    assert not isinstance(value, (Closure, Partial, ClassRef))
    kinds = objects.expressions.kinds
    known = kinds.of(value)
    if isinstance(known, ObjectClass):
        return (_is_object_of(known, cls) or None) if isinstance(cls, ObjectClass) else None
    if isinstance(cls, type) or not kinds.is_plain(value, given=not objects.is_record(cls)):
        return None
    return False


def _is_object_of(own: ObjectClass, cls: Class) -> bool | None:
    if isinstance(cls, ObjectClass):
        return own.is_of(cls)
    return True if cls is object else False if cls in NO_OBJECTS else None
