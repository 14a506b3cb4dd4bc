"""Forward values beside the statement that computes them, for the lines of tangents.

Takes a function, its types, and the lines that read forward values. Gives these lines over
variables, and the lines that name parts of statements. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from srcdiff.ir.nodes import Call, Expression, Function, Statement, Unpack
from srcdiff.passes.backward import Line
from srcdiff.passes.forward_nodes import ForwardNode, TangentLine
from srcdiff.passes.infer import Types
from srcdiff.passes.record import Recorder


@dataclass(slots=True)
class Beside:
    """The tangent lines of one statement."""

    before: list[Line] = field(default_factory=list)
    behind: list[Line] = field(default_factory=list)


class Placer(Recorder):
    """Names forward values where they are computed: what comes later isn't at hand."""

    def __init__(self, function: Function, types: Types) -> None:
        super().__init__(function, types)
        for statement in function.statements:
            for write in statement.writes:
                for tree in (write.value, *write.path):
                    self._note(tree)

        self.called: dict[Expression, list[Line]] = {}

    def given(self, called: dict[Call, list[Line]]) -> None:
        """Note the calls whose companions give their values with their tangents."""
        for node, lines in called.items():
            last = lines[-1]
            assert isinstance(last, Unpack)
            assert last.variables[0] is not None
            self.staged[node] = last.variables[0]
        self.called = {n: list(map(self.placed_line, lines)) for n, lines in called.items()}

    def before(self, statement: Statement, trees: list[Expression]) -> list[ForwardNode]:
        """Give the lines for the named parts of a statement, inner ones first."""
        makers = {self.staged[node]: lines for node, lines in self.called.items()}
        found: list[ForwardNode] = []
        for line in self.staged_in(statement, trees):
            made = makers.get(line.binds[0].variable)
            found += map(TangentLine, made) if made is not None else [line]
        return found

    def shaped_like(self, node: Expression, **_: bool) -> Expression:
        """Give the value itself: a shape needs no other."""
        return self.value_of(node)
