"""No gradient buffer is shared by accident.

Takes the backward lines in order and what is returned. Gives lines in which an update in place
touches only a buffer that nobody else holds, and returned gradients that share no memory with one
another, with an argument or with the upstream gradient. Refuses nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterable

import numpy as np

from srcdiff.ir.nodes import Bind, Call, Choice, Expression, Item, Read, Unpack, Variable
from srcdiff.passes.backward import BackwardGroup, Line
from srcdiff.passes.cleanup import reads
from srcdiff.passes.infer import Types
from srcdiff.passes.record import JOINING
from srcdiff.rules import registry
from srcdiff.rules.helpers import unbroadcast

VIEWS = frozenset(
    [
        np.transpose,
        np.reshape,
        np.ravel,
        np.expand_dims,
        np.squeeze,
        np.swapaxes,
        np.moveaxis,
        np.broadcast_to,
        np.asarray,
        np.asanyarray,
        np.float64,
        np.float32,
        np.flip,
        np.atleast_1d,
        np.atleast_2d,
        np.ascontiguousarray,
        unbroadcast,
        operator.getitem,
    ]
)
FOREIGN = "foreign"
Buffers = frozenset[Hashable]


class Sharing:
    """Follows which buffers a variable may stand for.

    Parameters
    ----------
    types
        Of the derivation.
    returned
        The gradients to be returned, in order.
    """

    def __init__(self, types: Types, returned: list[Variable]) -> None:
        self.types = types
        self.returned = returned
        self.buffers: dict[Variable, Buffers] = {}

    def own(self, variables: Iterable[Variable]) -> None:
        """Note variables whose buffers the derived function made itself."""
        for variable in variables:
            self.buffers[variable] = frozenset([object()])

    def separated(self, groups: list[BackwardGroup]) -> list[BackwardGroup]:
        """Give the groups with copies where they are needed, and only there."""
        lines = [line for group in groups for line in group.lines]
        last_read: dict[Variable, int] = {v: len(lines) for v in self.returned}
        for index, line in enumerate(lines):
            for variable in reads(line):
                last_read[variable] = max(last_read.get(variable, 0), index)
        index = 0
        for group in groups:
            result: list[Line] = []
            for line in group.lines:
                result += self._line(line, index, last_read)
                index += 1
            group.lines = result
        self._separate_returned(groups)
        return groups

    def _line(self, line: Line, index: int, last_read: dict[Variable, int]) -> list[Line]:
        if isinstance(line, Bind):
            self.buffers[line.variable] = self._sources(line.value) or frozenset([object()])
            return [line]
        if isinstance(line, Unpack):
            sources = self._sources(line.value)
            for variable in line.variables:
                if variable is not None:
                    self.buffers[variable] = sources or frozenset([object()])
            return [line]
        variable = line.variable
        if self.types.of(Read(variable)).form == "scalar" or not self._held(
            variable, index, last_read
        ):
            return [line]
        self.buffers[variable] = frozenset([object()])
        if not line.path:
            total = Call(operator.add, (Read(variable), line.value), (), "operator")
            return [Bind(variable, total)]
        return [Bind(variable, self._copy(Read(variable))), line]

    def _held(self, variable: Variable, index: int, last_read: dict[Variable, int]) -> bool:
        """Whether somebody else may still look at a variable's buffer after a line."""
        own = self.buffers.get(variable, frozenset([FOREIGN]))
        if FOREIGN in own:
            return True
        return any(
            other is not variable and own & buffers and last_read.get(other, -1) > index
            for other, buffers in self.buffers.items()
        )

    def _sources(self, node: Expression) -> Buffers:
        """Give the buffers that an expression's value may lie in; none if it is fresh."""
        if self.types.of(node).form == "scalar":
            return frozenset()
        match node:
            case Read(variable=variable):
                return self.buffers.get(variable, frozenset([FOREIGN]))
            case Choice():
                return self._sources(node.then) | self._sources(node.otherwise)
            case Item():
                return self._sources(node.value)
            case Call(function=function) if function in VIEWS:
                sources = self._sources(node.arguments[0])
                return sources | {FOREIGN} if function is np.broadcast_to else sources
            case Call(function=function):
                rule = next((r for r in registry.RULES.values() if r.backward is function), None)
                if rule is not None and rule.family != "bilinear" and function not in JOINING:
                    return frozenset([FOREIGN])
        return frozenset()

    def _copy(self, node: Expression) -> Expression:
        known = self.types.of(node)
        if known.form == "array":
            copied = Call(np.copy, (node,))
        else:
            copied = Call(operator.pos, (node,), (), "operator")
        self.types.note(copied, known)
        return copied

    def _separate_returned(self, groups: list[BackwardGroup]) -> None:
        taken: set[Hashable] = {FOREIGN}
        for variable in dict.fromkeys(self.returned):
            if self.types.of(Read(variable)).form == "scalar":
                continue
            own = self.buffers.get(variable, frozenset([FOREIGN]))
            if own & taken:
                self._copy_where_made(variable, groups)
            taken |= own

    def _copy_where_made(self, variable: Variable, groups: list[BackwardGroup]) -> None:
        for group in reversed(groups):
            for index in range(len(group.lines) - 1, -1, -1):
                line = group.lines[index]
                if isinstance(line, Bind) and line.variable is variable:
                    group.lines[index] = Bind(variable, self._copy(line.value))
                    return
                if isinstance(line, Unpack) and variable in line.variables:
                    group.lines.insert(index + 1, Bind(variable, self._copy(Read(variable))))
                    return
        groups.append(BackwardGroup([], [Bind(variable, self._copy(Read(variable)))]))
