"""The forward pass of a function whose statements each run once and write into nothing.

Takes a placed backward pass and what it needs. Gives the statements that this comes from. Refuses
nothing.
"""

from __future__ import annotations

from srcdiff.ir.nodes import Expression, Statement, Variable
from srcdiff.passes.backward import BackwardNode
from srcdiff.passes.forward_nodes import ForwardNode
from srcdiff.passes.record import Recorder


class StraightPlanner:
    """Chooses the forward statements of straight code."""

    def __init__(self, recorder: Recorder, groups: list[BackwardNode], *, whole: bool) -> None:
        self.recorder = recorder
        self.groups = groups
        self.whole = whole

    def plan(self) -> list[ForwardNode]:
        """Give the forward pass."""
        return list(self.recorder.forward(whole=self.whole))

    def stand_ins(self) -> dict[Variable, Expression]:
        """Give what backward reads in the place of what forward doesn't compute: nothing."""
        return {}

    def outputs(self, values: list[Expression]) -> list[Expression]:
        """Give the outputs: backward changes none of them."""
        return values

    def kept_whole(self) -> set[Statement]:
        """Give the updates that must not be done in place: there are none."""
        return set()
