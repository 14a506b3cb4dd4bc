"""Indices that depend on what they index get a value of their own before the write.

Takes a function over variables. Gives it with `x[x > 0] = v` as `mask = x > 0` and `x[mask] = v`:
the backward pass needs the index when the array has its new contents. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Expression,
    Function,
    If,
    Loop,
    Node,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.walk import variables
from srcdiff.passes.suggest import suggest
from srcdiff.passes.webs import changing_in


def indices(function: Function) -> Function:
    """Name the indices that depend on what the statement changes."""
    if function.is_straight:
        return function
    body = _block(function.body)
    if body == function.body:
        return function
    changed = replace(function, body=body)
    return replace(changed, changing=changing_in(changed))


def _block(block: Block) -> Block:
    found: list[Node] = []
    for node in block:
        match node:
            case Statement():
                found += _named(node)
            case If():
                then, otherwise = _block(node.then), _block(node.otherwise)
                same = then == node.then and otherwise == node.otherwise
                found.append(node if same else replace(node, then=then, otherwise=otherwise))
            case Loop():
                body = _block(node.body)
                found.append(node if body == node.body else replace(node, body=body))
            case _:
                found.append(node)
    return tuple(found)


def _named(statement: Statement) -> list[Statement]:
    killed = {write.variable for write in statement.writes}
    binds: list[Bind] = []
    writes: list[Write] = []
    for write in statement.writes:
        path: list[Expression] = []
        for index in write.path:
            shaped = isinstance(index, Call) and index.function is np.diag_indices_from
            if shaped or killed.isdisjoint(variables(index)):
                path.append(index)
                continue
            own = Variable(suggest(index), "staged")
            binds.append(Bind(own, index))
            path.append(Read(own))
        writes.append(replace(write, path=tuple(path)))
    if not binds:
        return [statement]
    first = replace(statement, binds=tuple(binds), writes=(), form="made", comment="")
    return [first, replace(statement, writes=tuple(writes), form="made", leading=())]
