"""Which values may share memory.

Takes an expression. Gives the variables whose memory its value may lie in. Refuses nothing.
"""

from __future__ import annotations

import numpy as np

from srcdiff.ir.nodes import (
    Attribute,
    Call,
    Choice,
    Expression,
    Group,
    Item,
    Member,
    Read,
    UserFunction,
    Variable,
)
from srcdiff.ir.parts import is_flat, view_of
from srcdiff.passes.share import VIEWS


def views(node: Expression) -> set[Variable]:
    """Give the variables whose memory an expression's value may share."""
    match node:
        case Read(variable=variable):
            return {variable}
        case Item(value=value) if is_flat(value):
            return set()  # a part of .flat is a copy
        case Item():
            return views(node.value)
        case Attribute(value=value) if view_of(node) is not None:
            return views(value)
        case Choice():
            return views(node.then) | views(node.otherwise)
        case Group():
            return {v for item in node.items for v in views(item)}
        case Call(function=UserFunction() | Member()):
            return {v for argument in node.arguments for v in views(argument)}
        case Call() if node.arguments and "copy" in dict(node.keywords):  # it may make none
            return views(node.arguments[0])
        case Call(function=np.einsum):  # "ii->i" and "ij->ji" are views
            return {v for argument in node.arguments for v in views(argument)}
        case Call(function=np.conjugate, spelling="method"):  # of a real array: the array itself
            return views(node.arguments[0])
        case Call(function=function) if function in VIEWS:
            return views(node.arguments[0])
    return set()
