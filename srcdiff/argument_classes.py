"""The classes of arguments: what their methods are, and whether a function asks for that."""

from __future__ import annotations

import types
from typing import Any

import numpy as np

from srcdiff.ir.nodes import Attribute, Call, Function, Member
from srcdiff.ir.walk import nodes_of
from srcdiff.syntax.outside_objects import single_class

Classes = dict[str, tuple[type, bool]]
"""The classes of arguments by the parameters, and whether they are of what these hold."""


def classes_of_arguments(values: dict[str, Any]) -> Classes:
    """Give the classes of the arguments that are objects of the user's, or hold such."""
    found = {name: single_class(value) for name, value in values.items()}
    return {name: cls for name, cls in found.items() if cls is not None}


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
