"""What a loop runs over: what it depends on, and the same from the last round to the first.

Takes the sequence of a loop. Gives variables, or another sequence. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from srcdiff.ir.nodes import (
    Call,
    Const,
    Expression,
    Group,
    Item,
    Loop,
    Read,
    Variable,
    Write,
    leaves,
)
from srcdiff.ir.walk import walk


def only_bounds(sequence: Expression, loop: Loop) -> set[Variable]:
    """Give the variables whose values a sequence depends on.

    Written arrays stay as long, and a dict has the same keys if the entries at these change.
    """
    bound = {b.variable for s in leaves((loop,)) for b in s.binds}
    resized = set(bound)
    for statement in leaves((loop,)):
        resized |= {w.variable for w in statement.writes if w.mode in ("append", "pop")}
    bounds = {
        node.variable
        for node in walk(sequence)
        if isinstance(node, Read) and (node.variable in resized or not _is_length(node, sequence))
    }
    holder = _holder(sequence)
    if holder in bounds - bound:
        writes = [w for s in leaves((loop,)) for w in s.writes if w.variable is holder]
        if all(keeps_keys(write, [loop]) for write in writes):
            bounds.discard(holder)
    return bounds


def keeps_keys(write: Write, loops: Iterable[Loop]) -> bool:
    """Whether a dict that is written has the same keys after: loops that run over them do so."""
    if write.mode == "del":
        return False
    match write.path:
        case (Read(variable),):
            return any(
                loop.index is variable and _holder(loop.sequence) is write.variable
                for loop in loops
            )
    return len(write.path) > 1


def _holder(sequence: Expression | None) -> Variable | None:
    """Give the dict whose keys a loop runs over."""
    match sequence:
        case Call(function=function, arguments=(inner,)) if function is reversed:
            return _holder(inner)
        case Call(function=function, arguments=(Read(variable),)) if function in (list, sorted):
            return variable
    return None


def _is_length(read: Read, sequence: Expression) -> bool:
    lengths = [n for n in walk(sequence) if isinstance(n, Call) and n.function in (len, np.shape)]
    return any(read is inner for node in lengths for inner in walk(node))


def backwards(sequence: Expression, rounds: Variable | None) -> Expression:
    """Give what a loop runs over from its last round to its first."""
    if isinstance(sequence, Call) and sequence.function is reversed and rounds is None:
        return sequence.arguments[0]
    if rounds is not None:
        if isinstance(sequence, Call) and sequence.function is reversed:
            sequence = Call(list, (sequence,))
        cut = Group("slice", (Const(None), Read(rounds), Const(None)))
        sequence = Item(sequence, cut)
    return Call(reversed, (sequence,))
