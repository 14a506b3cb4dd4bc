"""Which values may share memory.

Takes an expression. Gives the variables whose memory its value may lie in. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

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


def views(
    node: Expression, expansions: Mapping[Expression, Expression] = MappingProxyType({})
) -> set[Variable]:
    """Give the variables whose memory an expression's value may share.

    `expansions` says what calls of the user's functions compute, where that is known; any other
    may give back its arguments.
    """
    if node in expansions:
        return views(expansions[node], expansions)
    match node:
        case Read(variable=variable):
            return {variable}
        case Item():
            return views(node.value, expansions)
        case Choice():
            return views(node.then, expansions) | views(node.otherwise, expansions)
        case Group():
            return {v for item in node.items for v in views(item, expansions)}
        case Call(function=UserFunction() | Member()):
            return {v for argument in node.arguments for v in views(argument, expansions)}
        case Call(function=np.array) if "copy" in dict(node.keywords):
            return views(node.arguments[0], expansions)
        case Call(function=np.conjugate, spelling="method"):  # of a real array: the array itself
            return views(node.arguments[0], expansions)
        case Call(function=function) if function in VIEWS:
            return views(node.arguments[0], expansions)
    return set()
