"""The classes and kinds of arguments: what their methods and operators are, and who asks."""

from __future__ import annotations

import operator
import types
from typing import Any

import numpy as np

from srcdiff.ir.nodes import Attribute, Call, Function, Member
from srcdiff.ir.walk import nodes_of
from srcdiff.syntax.bindings import Kind, Nesting
from srcdiff.syntax.outside_objects import single_class

JOINING = frozenset([operator.add, operator.mul, np.sort])
Classes = dict[str, tuple[type, bool]]
"""The classes of arguments by the parameters, and whether they are of what these hold."""


def classes_of_arguments(values: dict[str, Any]) -> Classes:
    """Give the classes of the arguments that are objects of the user's, or hold such."""
    found = {name: single_class(value) for name, value in values.items()}
    return {name: cls for name, cls in found.items() if cls is not None}


def kinds_of_arguments(values: dict[str, Any]) -> dict[str, Nesting]:
    """Give of what kinds the arguments are that are lists or tuples, and what these hold."""
    return {name: kinds for name, value in values.items() if (kinds := _kinds(value))}


def _kinds(value: Any) -> Nesting:
    if type(value) not in (list, tuple):
        return ()
    inner = {_kinds(item) for item in value}
    kind: Kind = "list" if type(value) is list else "tuple"
    return (kind, *(inner.pop() if len(inner) == 1 else ()))


def may_join(function: Function) -> bool:
    """Whether a function has operators that would join or repeat lists, or sorts."""
    return any(isinstance(node, Call) and node.function in JOINING for node in nodes_of(function))


KNOWN = {n for c in (np.ndarray, list, dict, str, np.random.Generator) for n in dir(c)} - {"f"}
"""Methods that are known for what they do; f is the name of a draw, but of much else too."""


def calls_members(function: Function) -> bool:
    """Whether a function calls methods of objects whose class isn't known from its text."""
    calls = (node.function for node in nodes_of(function) if isinstance(node, Call))
    return any(isinstance(called, Member) and called.name not in KNOWN for called in calls)


def uses_methods(function: Function, classes: Classes) -> bool:
    """Whether a function names a method or a property of one of some classes."""
    used: set[str] = set()
    for node in nodes_of(function) if classes else ():
        match node:
            case Call(function=Member(name=name)) | Attribute(name=name):
                used.add(name)
    return any(
        isinstance(vars(above).get(name), (types.FunctionType, property, staticmethod, classmethod))
        for cls, _ in classes.values()
        for above in cls.__mro__
        for name in used
    )
