"""A dict is taken for what it holds only where its text says so: by key, or by d.values().

Takes a function and its types. Refuses uses of a dict that run over its keys, as `sum(d)`,
`a, b = d` and `zip(d, w)` do: keys have no gradient, and the same tree says of a list that its
items are meant. Loops whose elements pick entries (`for k in d: ... d[k]`) are read as loops over
keys before.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Iterator

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Block,
    Call,
    Const,
    Expression,
    Function,
    If,
    Item,
    Loop,
    Read,
    Statement,
    Variable,
)
from srcdiff.ir.parts import is_key
from srcdiff.ir.walk import same, trees, walk
from srcdiff.passes.infer import Types

OF_DICTS = (len, dict, bool, isinstance, type, np.copy, operator.not_)
COMPARED = (operator.is_, operator.is_not, operator.eq, operator.ne)
LIBRARIES = ("numpy", "scipy", "math", "_operator", "operator", "builtins")


def check_keyed(function: Function, types: Types) -> None:
    """Refuse what would take a dict for the list of its values.

    Raises
    ------
    Refusal
        A dict is used as a sequence.
    """
    for tree in (*_trees(function.body), *function.values):
        for node in walk(tree):
            if isinstance(node, Call) and _runs_over(node):
                for argument in (*node.arguments, *(value for _, value in node.keywords)):
                    _check(argument, node, types)
    for item, holder in _picked(function.body):
        _check(holder, item, types)


def gains_keys(function: Function, variable: Variable, types: Types) -> bool:
    """Whether a dict that is an argument may have more keys when the function ends."""
    given = types.given.get(variable)
    fields = dict(given.fields or ()) if given is not None else {}
    named = {variable}
    for statement in function.statements:
        named |= {b.variable for b in statement.binds if not named.isdisjoint(_copied(b.value))}
        for write in statement.writes:
            if write.variable not in named or len(write.path) != 1 or write.mode != "set":
                continue
            (key,) = write.path
            holder = Read(write.variable)
            if types.of(holder).form != "dict" and not is_key(key):
                continue
            there = isinstance(key, Const) and key.value in fields
            if not there and not any(same(n, Item(holder, key)) for n in walk(write.value)):
                return True
    return False


def _copied(value: Expression) -> tuple[Variable, ...]:
    """Give the dict that a value is, or is a copy of."""
    match value:
        case Read(variable=variable) | Call(function=np.copy, arguments=(Read(variable=variable),)):
            return (variable,)
    return ()


def _check(value: Expression, node: Expression, types: Types) -> None:
    if types.of(value).form == "dict":
        raise Refusal(
            "SD102",
            "this runs over the keys of a dict, which have no gradient.",
            "Say what is meant: d.values(), d.items() or d.keys().",
            node.span,
        )


def _runs_over(node: Call) -> bool:
    """Whether a call is of a function that takes a dict for the sequence of its keys."""
    if node.function in (*OF_DICTS, *COMPARED):
        return False
    module = getattr(node.function, "__module__", None) or ""
    ufunc = isinstance(node.function, np.ufunc)
    ufunc = ufunc or node.function in (operators.place_of_greatest, operators.place_of_least)
    return ufunc or module.split(".")[0] in LIBRARIES


def _trees(block: Block) -> Iterator[Expression]:
    """Give all expressions of a block, but for the keys that loops run over."""
    for node in block:
        match node:
            case Loop():
                yield from trees((node.header,))
                yield from (tree for tree in (node.test,) if tree is not None)
                yield from _trees((*node.body, *node.otherwise))
            case If():
                yield node.test
                yield from _trees((*node.then, *node.otherwise))
            case _:
                yield from trees((node,))


def _picked(block: Block) -> Iterator[tuple[Expression, Expression]]:
    """Give the items that loops and unpacking pick by their number, with what holds them."""
    for node in block:
        match node:
            case If():
                yield from _picked((*node.then, *node.otherwise))
            case Loop():
                if _counts(node.sequence):
                    for tree in trees((node.header,)):
                        for inner in walk(tree):
                            match inner:
                                case Item(holder, Read(variable)) if variable is node.index:
                                    yield inner, holder
                yield from _picked((*node.body, *node.otherwise))
            case Statement(form="unpack"):
                for bind in node.binds:
                    if isinstance(bind.value, Item):
                        yield bind.value, bind.value.value


def _counts(sequence: Expression | None) -> bool:
    """Whether a loop runs over numbers, not over keys."""
    while isinstance(sequence, Call) and sequence.function is builtins.reversed:
        sequence = sequence.arguments[0]
    return isinstance(sequence, Call) and sequence.function is range
