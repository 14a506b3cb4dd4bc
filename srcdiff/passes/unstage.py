"""Short values that only one backward line reads are written there, not named before.

Takes the forward lines and the placed backward lines. Gives them without such temporaries: each is
still computed once. Refuses nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from srcdiff.ir.nodes import Expression, Read, Variable
from srcdiff.ir.walk import rebuild, variables
from srcdiff.passes.backward import BackwardNode, groups_in
from srcdiff.passes.cleanup import changed, reads
from srcdiff.passes.forward_nodes import ForwardNode, forward_lines
from srcdiff.passes.infer import Types
from srcdiff.passes.suggest import is_short


def unstage(
    forward: list[ForwardNode],
    groups: Sequence[BackwardNode],
    outputs: list[Expression],
    named: set[Variable],
    types: Types,
) -> list[ForwardNode]:
    """Write short single-use temporaries into the backward lines; give the forward lines left.

    Those in `named`, the outputs, keep their names.
    """
    lines = list(forward_lines(forward))
    uses = Counter(v for line in lines for b in line.binds for v in variables(b.value))
    uses.update(v for output in outputs for v in variables(output))
    behind = Counter(v for group in groups_in(groups) for line in group.lines for v in reads(line))
    table: dict[Variable, Expression] = {}
    kept: list[ForwardNode] = []
    for line in lines:
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
        for group in groups_in(groups):
            group.lines = [changed(line, written) for line in group.lines]
    return kept
