"""Lists that are being filled, and that nothing holds yet but their own name.

Takes a function over variables, and its types. Gives the writes that make a list longer or shorter
which nothing else is, or holds: `row.append(v)` between `row = []` and `rows.append(row)`. Refuses
nothing.
"""

from __future__ import annotations

from srcdiff.ir.nodes import Bind, Block, Function, If, Loop, Statement, Variable, Write
from srcdiff.passes.infer import Types
from srcdiff.passes.private import held_parts, is_made

Fresh = frozenset[Variable]


def unheld(function: Function, types: Types) -> set[Write]:
    """Give the writes into lists that only their own name stands for, where they are written."""
    finder = _Finder(types)
    finder.block(function.body, frozenset())
    return {write for write, own in finder.found.items() if own}


class _Finder:
    def __init__(self, types: Types) -> None:
        self.types = types
        self.found: dict[Write, bool] = {}

    def block(self, block: Block, fresh: Fresh) -> Fresh:
        """Give the lists that nothing else holds after a block."""
        for node in block:
            match node:
                case Statement():
                    fresh = self._statement(node, fresh)
                case If():
                    fresh = self.block(node.then, fresh) & self.block(node.otherwise, fresh)
                case Loop():
                    before: Fresh | None = None
                    while before != fresh:  # what a round gives away isn't fresh in the next
                        before = fresh
                        fresh = before & self.block((node.header, *node.body), before)
                    fresh = self.block(node.otherwise, fresh)
        return fresh

    def _statement(self, statement: Statement, fresh: Fresh) -> Fresh:
        for bind in statement.binds:
            fresh = fresh - self._given_away(bind) - {bind.variable}
            if is_made(bind.value):
                fresh = fresh | {bind.variable}
        for write in statement.writes:
            self.found[write] = write.variable in fresh and not write.path
            fresh = fresh - self._given_away(write)
        return fresh

    def _given_away(self, line: Bind | Write) -> set[Variable]:
        """Give the variables whose very values a line puts somewhere."""
        if self.types.guess(line.value).form == "scalar":
            return set()
        return {source for source, steps, _ in held_parts(line, self.types) if not steps}
