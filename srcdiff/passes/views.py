"""Which values may share memory.

Takes an expression. Gives the variables whose memory its value may lie in. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from srcdiff.ir.nodes import (
    Attribute,
    Call,
    Choice,
    Expression,
    Function,
    Group,
    Item,
    Member,
    Read,
    UserFunction,
    Variable,
)
from srcdiff.ir.parts import is_flat, view_of
from srcdiff.passes.share import VIEWS
from srcdiff.rules import registry


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
        case Item(value=value) if is_flat(value):
            return set()  # a part of .flat is a copy
        case Item():
            return views(node.value, expansions)
        case Attribute(value=value) if view_of(node) is not None:
            return views(value, expansions)
        case Choice():
            return views(node.then, expansions) | views(node.otherwise, expansions)
        case Group():
            return {v for item in node.items for v in views(item, expansions)}
        case Call(function=UserFunction() | Member()):
            given = (*node.arguments, *(value for _, value in node.keywords))
            return {v for argument in given for v in views(argument, expansions)}
        case Call() if node.arguments and "copy" in dict(node.keywords):  # it may make none
            return views(node.arguments[0], expansions)
        case Call(function=np.einsum, arguments=(_, _)):  # "ii->i" and "ij->ji" are views
            return {v for argument in node.arguments for v in views(argument, expansions)}
        case Call(function=np.conjugate, spelling="method"):  # of a real array: the array itself
            return views(node.arguments[0], expansions)
        case Call(function=function) if function in VIEWS:
            return views(node.arguments[0], expansions)
    return set()


def several_apart(function: Function) -> set[Expression]:
    """Give the reads of what only holds several results until each has its own name."""
    found: set[Expression] = set()
    for statement in function.statements:
        apart = {
            bind.variable
            for bind in statement.binds
            if not bind.variable.wish and _is_made_apart(bind.value)
        }
        values = [b.value.value for b in statement.binds if isinstance(b.value, Item)]
        found.update(v for v in values if isinstance(v, Read) and v.variable in apart)
    return found


def _is_made_apart(node: Expression) -> bool:
    """Whether a call has several results, each in memory of its own."""
    rule = registry.rule_of(node) if isinstance(node, Call) else None
    return rule is not None and len(registry.upstream_names(rule)) > 1
