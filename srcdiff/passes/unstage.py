"""Short values that only one backward line reads are written there, not named before.

Takes the forward lines and the placed backward lines. Gives them without such temporaries: each is
still computed once. Refuses nothing.
"""

from __future__ import annotations

import operator
from collections import Counter

from srcdiff.ir.nodes import Bind, Call, Const, Expression, Read, Variable
from srcdiff.ir.walk import rebuild, variables, walk
from srcdiff.passes.backward import BackwardGroup
from srcdiff.passes.cleanup import changed, reads
from srcdiff.passes.infer import Types
from srcdiff.passes.record import ForwardLine

MOST_OPERATIONS = 2


def unstage(
    forward: list[ForwardLine],
    groups: list[BackwardGroup],
    outputs: list[Expression],
    named: set[Variable],
    types: Types,
) -> list[ForwardLine]:
    """Write short single-use temporaries into the backward lines; give the forward lines left.

    Those in `named`, the outputs, keep their names.
    """
    uses = Counter(v for line in forward for b in line.binds for v in variables(b.value))
    uses.update(v for output in outputs for v in variables(output))
    behind = Counter(v for group in groups for line in group.lines for v in reads(line))
    table: dict[Variable, Expression] = {}
    kept: list[ForwardLine] = []
    for line in forward:
        bind = line.binds[0]
        once = behind[bind.variable] == 1 and uses[bind.variable] == 0
        own = bind.variable.role == "staged" and bind.variable.wish and bind.variable not in named
        if own and once and is_short(bind.value):
            table[bind.variable] = bind.value
        else:
            kept.append(line)

    def written(node: Expression) -> Expression:
        if isinstance(node, Read):
            return table.get(node.variable, node)
        new = rebuild(node, written)
        if new is not node:
            types.note(new, types.of(node))
        return new

    if table:
        for group in groups:
            group.lines = [changed(line, written) for line in group.lines]
    return kept


def is_short(value: Expression) -> bool:
    """Whether a value is an operation or two on names and numbers."""
    nodes = list(walk(value))
    operations = [n for n in nodes if isinstance(n, Call) and n.spelling == "operator"]
    if any(isinstance(n, Call) and n.function is operator.matmul for n in nodes):
        return False
    plain = all(isinstance(n, (Read, Const)) or n in operations for n in nodes)
    return plain and len(operations) <= MOST_OPERATIONS
