"""Containers that the function itself makes, and how deep only their own name reaches.

Takes a function over variables, and its types. Gives, for each list or dict that the function
makes, the longest path of indices along which a write changes what no other name stands for: 1 for
`hs[t] = h` where `h` is only held in `hs`, 2 for `table[i][j] = v`. Refuses nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator

import numpy as np

from srcdiff.ir.nodes import (
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Function,
    Group,
    Item,
    Read,
    Variable,
    Write,
)
from srcdiff.ir.walk import held_in
from srcdiff.passes.infer import Types
from srcdiff.passes.share import VIEWS
from srcdiff.passes.views import copies_items, views
from srcdiff.rules.helpers import zeros_like

DEEPEST = 8
JOINING = (operator.mul, operator.add)


def private(function: Function, types: Types) -> dict[Variable, int]:
    """Give how many indices deep each container is reached by its own name alone."""
    binds = [bind for statement in function.statements for bind in statement.binds]
    writes = [write for statement in function.statements for write in statement.writes]
    made = {b for b in binds if _is_own(b.value, types)}
    depths = {bind.variable: DEEPEST for bind in made}
    for bind in binds:
        if bind not in made:
            depths.pop(bind.variable, None)
    for parameter in function.parameters:
        depths.pop(parameter.variable, None)
    lines: list[Bind | Write] = [*binds, *writes]
    for line in lines:
        for source, steps, place in held_parts(line, types):
            if types.guess(line.value).form == "scalar" or types.of(Read(source)).form == "scalar":
                continue
            for variable, reached in ((line.variable, place), (source, steps)):
                if variable in depths:
                    depths[variable] = min(depths[variable], reached)
    for bind in binds:
        if bind.variable in depths and _repeats(bind.value):
            depths[bind.variable] = min(depths[bind.variable], 1)
    return {variable: depth for variable, depth in depths.items() if depth}


def held_parts(line: Bind | Write, types: Types) -> Iterator[tuple[Variable, int, int]]:
    """Give the variables of which a line puts parts somewhere: how deep, and to what depth."""
    if not isinstance(line, Write) or not _sets_items(line, types):
        yield from _held(line.value, types, _start(line))
        return
    for variable, steps, place in _held(line.value, types, 0):
        whole = not place  # of which the items are put there
        yield variable, steps + whole, len(line.path) + place - (not whole)


def is_made(node: Expression) -> bool:
    """Whether an expression certainly makes a new list or dict."""
    match node:
        case Group(kind="list" | "dict"):
            return True
        case Call(function=function, arguments=arguments) if function in JOINING:
            return any(isinstance(a, Group) and a.kind == "list" for a in arguments)
    return False


def _is_own(node: Expression, types: Types) -> bool:
    return is_made(node) or cuts_list(node, types) or _is_own_dict(node, types)


def _is_own_dict(node: Expression, types: Types) -> bool:
    """Whether a dict is a copy, whose entries may be held elsewhere, or made of zeros."""
    copied = isinstance(node, Call) and node.function in (np.copy, zeros_like)
    return copied and types.of(node).form == "dict"


def cuts_list(node: Expression, types: Types) -> bool:
    """Whether a value is a list of some of a list's items: items[1:]."""
    match node:
        case Item(index=Group(kind="slice")):
            return types.guess(node.value).form == "list"
    return False


def _sets_items(write: Write, types: Types) -> bool:
    """Whether a write puts the items of a list in the places of some of a list's."""
    match write.path:
        case (Group(kind="slice"),) if write.mode == "set":
            return types.guess(Read(write.variable)).form == "list"
    return False


def _start(line: Bind | Write) -> int:
    """Give how many indices lead to where a line puts its value."""
    if isinstance(line, Bind):
        return 0
    return len(line.path) + (line.mode == "append")


def _held(
    node: Expression, types: Types, place: int, steps: int = 0
) -> Iterator[tuple[Variable, int, int]]:
    """Give the variables of which a value holds parts: how deep these are, and where they go."""
    node = types.expansions.get(node, node)
    match node:
        case Read(variable=variable):
            yield variable, steps, place
        case Item() if cuts_list(node, types):
            yield from ((v, 1, place + 1) for v in views(node.value, types.expansions))
        case Item():
            yield from _held(node.value, types, place, steps + (not _is_view(node, types)))
        case Group():
            for _, item in held_in(node):
                yield from _held(item, types, place + 1)
        case Choice():
            yield from _held(node.then, types, place, steps)
            yield from _held(node.otherwise, types, place, steps)
        case Call(function=function, arguments=arguments) if function in JOINING and is_made(node):
            for argument in arguments:
                if isinstance(argument, Group):
                    yield from _held(argument, types, place)
                else:
                    yield from ((v, 1, place + 1) for v in views(argument, types.expansions))
        case Call(arguments=(source, *_)) if copies_items(node):
            yield from ((v, 1, place + 1) for v in views(source, types.expansions))
        case Call(function=function, arguments=(source, *_)) if function in VIEWS:
            yield from _held(source, types, place, steps)
        case _:
            yield from ((variable, 0, place) for variable in views(node, types.expansions))


def _is_view(node: Item, types: Types) -> bool:
    """Whether this may be a part of an array that a container holds, and so changes with it."""
    inner = not isinstance(node.value, Read)
    if isinstance(node.value, Item) and isinstance(node.value.value, Read):
        inner = node.value.value.variable not in types.nested
    return inner and types.guess(node.value).form in ("array", "number", "any")


def _repeats(node: Expression) -> bool:
    """Whether a list holds one thing several times, so that a write into one is into all."""
    if not isinstance(node, Call) or node.function is not operator.mul:
        return False
    groups = [a for a in node.arguments if isinstance(a, Group)]
    return any(not isinstance(item, Const) for group in groups for item in group.items)
