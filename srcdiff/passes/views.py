"""Which values may share memory.

Takes an expression. Gives the variables whose memory its value may lie in. Refuses nothing.
"""

from __future__ import annotations

import numpy as np

from srcdiff.ir.nodes import (
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
from srcdiff.passes.share import VIEWS


def views(node: Expression) -> set[Variable]:
    """Give the variables whose memory an expression's value may share."""
    match node:
        case Read(variable=variable):
            return {variable}
        case Item():
            return views(node.value)
        case Choice():
            return views(node.then) | views(node.otherwise)
        case Group():
            return {v for item in node.items for v in views(item)}
        case Call(function=UserFunction() | Member()):
            return {v for argument in node.arguments for v in views(argument)}
        case Call(function=np.array) if "copy" in dict(node.keywords):
            return views(node.arguments[0])
        case Call(function=np.conjugate, spelling="method"):  # of a real array: the array itself
            return views(node.arguments[0])
        case Call(function=function) if function in VIEWS:
            return views(node.arguments[0])
    return set()
