"""What a loop runs over: what it depends on, and the same from the last round to the first.

Takes the sequence of a loop. Gives variables, or another sequence. Refuses nothing.
"""

from __future__ import annotations

import numpy as np

from srcdiff.ir.nodes import Call, Const, Expression, Group, Item, Loop, Read, Variable, leaves
from srcdiff.ir.walk import walk


def only_bounds(sequence: Expression, loop: Loop) -> set[Variable]:
    """Give the variables whose values a sequence depends on; written arrays stay as long."""
    resized = {b.variable for s in leaves((loop,)) for b in s.binds}
    for statement in leaves((loop,)):
        resized |= {w.variable for w in statement.writes if w.mode in ("append", "pop")}
    return {
        node.variable
        for node in walk(sequence)
        if isinstance(node, Read) and (node.variable in resized or not _is_length(node, sequence))
    }


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
