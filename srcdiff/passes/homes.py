"""The block to which each variable belongs.

Takes a function over variables. Gives, for each inner block, the variables that are assigned and
read only in one run of it. Refuses nothing.
"""

from __future__ import annotations

from srcdiff.ir.live import live_at_head, live_before, live_into
from srcdiff.ir.nodes import Block, Expression, Function, If, Jump, Loop, Statement, Variable
from srcdiff.ir.walk import variables

Path = tuple[tuple[int, str], ...]


class Homes:
    """Where the variables of one function belong."""

    def __init__(self, function: Function) -> None:
        self.paths: dict[Variable, Path] = {}
        for parameter in function.parameters:
            self._see(parameter.variable, ())
        self._block(function.body, ())
        for output in function.outputs:
            self._see_in(output.value, ())
        live = {v for output in function.outputs for v in variables(output.value)}
        self._expose(function.body, (), live)

    def inside(self, variable: Variable, path: Path) -> bool:
        """Whether a variable belongs to a block or to one in it."""
        return self.paths.get(variable, ())[: len(path)] == path

    def _see(self, variable: Variable, path: Path) -> None:
        if variable.role in ("global", "attribute", "object"):
            path = ()
        known = self.paths.get(variable)
        self.paths[variable] = path if known is None else _common(known, path)

    def _see_in(self, tree: Expression, path: Path) -> None:
        for variable in variables(tree):
            self._see(variable, path)

    def _statement(self, statement: Statement, path: Path) -> None:
        for bind in statement.binds:
            self._see(bind.variable, path)
            self._see_in(bind.value, path)
        for write in statement.writes:
            self._see(write.variable, path)
            for tree in (write.value, *write.path):
                self._see_in(tree, path)

    def _block(self, block: Block, path: Path) -> None:
        for node in block:
            match node:
                case Statement():
                    self._statement(node, path)
                case If():
                    self._see_in(node.test, path)
                    self._block(node.then, (*path, (id(node), "then")))
                    self._block(node.otherwise, (*path, (id(node), "otherwise")))
                case Loop():
                    for tree in (node.sequence, node.test):
                        if tree is not None:
                            self._see_in(tree, path)
                    if node.rounds is not None:
                        self._see(node.rounds, path)
                    inner = (*path, (id(node), "body"))
                    if node.index is not None:
                        self._see(node.index, inner)
                    self._statement(node.header, inner)
                    self._block(node.body, inner)

    def _expose(self, block: Block, path: Path, live: set[Variable]) -> None:
        """Move out of a loop what one round leaves to the next, or to what follows."""
        needed: list[set[Variable]] = []
        for node in reversed(block):
            needed.append(live)
            live = live_into((node,), live)
        for node, after in zip(block, reversed(needed), strict=True):
            match node:
                case If():
                    self._expose(node.then, (*path, (id(node), "then")), after)
                    self._expose(node.otherwise, (*path, (id(node), "otherwise")), after)
                case Loop():
                    inner = (*path, (id(node), "body"))
                    head = live_at_head(node, after)
                    start = live_before(node.header, live_into(node.body, head))
                    if node.index is not None:
                        start.discard(node.index)
                    for variable in start:
                        if self.inside(variable, inner):
                            self.paths[variable] = path
                    self._expose(node.body, inner, head)
                case Jump() | Statement():
                    pass


def _common(left: Path, right: Path) -> Path:
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return left[:count]
