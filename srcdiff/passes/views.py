"""Which values may share memory.

Takes an expression. Gives the variables whose memory its value may lie in. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from srcdiff.ir.nodes import (
    Attribute,
    Call,
    Choice,
    Const,
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
        case Item(value=Call(function=UserFunction()) as call, index=Const(value=int(place))):
            found = (argument for argument, _ in given_back(call, place))
            return {v for argument in found for v in views(argument, expansions)}
        case Item():
            return views(node.value, expansions)
        case Attribute(value=value) if view_of(node) is not None:
            return views(value, expansions)
        case Choice():
            return views(node.then, expansions) | views(node.otherwise, expansions)
        case Group():
            return {v for item in node.items for v in views(item, expansions)}
        case Call(function=UserFunction() | Member()):
            found = (argument for argument, _ in given_back(node))
            return {v for argument in found for v in views(argument, expansions)}
        case Call() if node.arguments and "copy" in dict(node.keywords):  # it may make none
            return views(node.arguments[0], expansions)
        case Call(function=np.einsum, arguments=(_, _)):  # "ii->i" and "ij->ji" are views
            return {v for argument in node.arguments for v in views(argument, expansions)}
        case Call(function=np.conjugate, spelling="method"):  # of a real array: the array itself
            return views(node.arguments[0], expansions)
        case Call(function=function) if function in VIEWS:
            return views(node.arguments[0], expansions)
    return set()


def copies_items(node: Expression) -> bool:
    """Whether a value is a copy that of a list or dict holds the same items: `x.copy()`.

    `np.copy` makes an array of whatever it is given.
    """
    return isinstance(node, Call) and node.function is np.copy and node.spelling != "function"


def given_back(call: Call, place: int | None = None) -> Iterator[tuple[Expression, bool]]:
    """Give the arguments whose memory a call of a function of the user's may give back.

    With each comes whether what is given back is a copy at most, which of a list holds the same
    items. `place` asks for one of several results.
    """
    given = (*enumerate(call.arguments), *call.keywords)
    function = call.function
    if not isinstance(function, UserFunction) or function.gives is None:
        yield from ((value, False) for _, value in given)
        return
    gives = function.gives.of(place)
    for key, value in given:
        if any(key in output.shared for output in gives):
            yield value, False
        elif any(key in output.copied for output in gives):
            yield value, True


def taken_apart(function: Function) -> dict[Expression, Call]:
    """Give the reads of what only holds several results until each has its own name.

    With each comes the call that gives these; those of the user's functions may share memory with
    arguments, each result with its own.
    """
    found: dict[Expression, Call] = {}
    for statement in function.statements:
        apart = {
            bind.variable: bind.value
            for bind in statement.binds
            if not bind.variable.wish and isinstance(bind.value, Call) and _is_apart(bind.value)
        }
        values = [bind.value for bind in statement.binds]
        values += [write.value for write in statement.writes]
        for read in (value.value for value in values if isinstance(value, Item)):
            if isinstance(read, Read) and read.variable in apart:
                found[read] = apart[read.variable]
    return found


def _is_apart(node: Call) -> bool:
    """Whether a call has several results, of which it is known what memory each lies in."""
    if isinstance(node.function, UserFunction):
        gives = node.function.gives
        return gives is not None and gives.apart and not gives.whole
    rule = registry.rule_of(node)
    return rule is not None and len(registry.upstream_names(rule)) > 1
