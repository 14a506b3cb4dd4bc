"""What forward writes into lies apart from the steps whose values backward reads.

Takes a forward pass, in which parts of expressions have names of their own, and the backward pass.
Gives it with copies where a variable would lie in the memory of such a part and is changed in
place. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from srcdiff.ir.nodes import Bind, Call, Expression, Read, Variable
from srcdiff.ir.walk import children
from srcdiff.passes.backward import BackwardGroup, BackwardIf, BackwardLoop, BackwardNode
from srcdiff.passes.cleanup import values
from srcdiff.passes.forward_nodes import ForwardNode, forward_lines
from srcdiff.passes.infer import Types
from srcdiff.passes.memory import Memory
from srcdiff.passes.record import SHAPE_ONLY
from srcdiff.passes.views import views
from srcdiff.rules.helpers import copied, unbroadcast


def apart(
    forward: list[ForwardNode],
    backward: list[BackwardNode],
    outputs: Iterable[Expression],
    memory: Memory,
    types: Types,
) -> list[ForwardNode]:
    """Copy what lies in the memory of a named part that is read later, and is changed in place."""
    read = {v for node in _trees(backward) for v in _valued(node)}
    read |= {v for node in outputs for v in _valued(node)}
    steps = {v for v in read if v.role == "staged" and v.wish}
    for line in forward_lines(forward) if steps else ():
        line.binds = tuple(_apart(bind, steps, memory, types) for bind in line.binds)
    return forward


def _apart(bind: Bind, steps: set[Variable], memory: Memory, types: Types) -> Bind:
    known = types.of(bind.value)
    shared = memory.is_changed(bind.variable) and not steps.isdisjoint(views(bind.value))
    if not shared or types.of(Read(bind.variable)).form == "scalar" or known.form == "scalar":
        return bind
    copy = Call(np.copy if known.form == "array" else copied, (bind.value,))
    types.note(copy, known)
    return replace(bind, value=copy)


def _trees(nodes: list[BackwardNode]) -> Iterator[Expression]:
    """Give all expressions of a backward pass."""
    for node in nodes:
        match node:
            case BackwardGroup():
                for line in node.lines:
                    yield from values(line)
            case BackwardIf():
                yield from () if node.test is None else (node.test,)
                yield from _trees(node.then)
                yield from _trees(node.otherwise)
            case BackwardLoop():
                yield from () if node.sequence is None else (node.sequence,)
                yield from _trees(node.body)


def _valued(node: Expression) -> Iterator[Variable]:
    """Give the variables of which an expression reads more than the shape."""
    if isinstance(node, Read):
        yield node.variable
        return
    shaped = None
    if isinstance(node, Call) and node.arguments:
        shaped = node.arguments[0] if node.function in SHAPE_ONLY else None
        shaped = node.arguments[1] if node.function is unbroadcast else shaped
    for child in children(node):
        if child is not shaped:
            yield from _valued(child)
