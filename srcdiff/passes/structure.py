"""Gradients get the structure of their parameters: lists for lists, tuples for tuples.

Takes the backward lines and the gradient variables. Gives lines in which a container's gradient is
held as an array where whole-array contributions reach it, and what is returned for each parameter.
Refuses nothing.
"""

from __future__ import annotations

import operator

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Forward,
    Group,
    Item,
    Read,
    Variable,
    Write,
)
from srcdiff.ir.types import Type, array
from srcdiff.passes.backward import BackwardGroup, BackwardNode, groups_in
from srcdiff.passes.infer import Types
from srcdiff.passes.record import JOINING, Recorder
from srcdiff.rules.helpers import structured, zeros_like

CONTAINERS = frozenset(["list", "tuple", "any"])


class Structure:
    """Follows the containers of one derivation."""

    def __init__(
        self,
        types: Types,
        adjoints: dict[Variable, Variable],
        grown: frozenset[Variable],
        optional: frozenset[Variable],
    ) -> None:
        self.types = types
        self.grown = grown
        self.optional = optional
        self.adjoints = adjoints
        self.as_array: set[Variable] = set()
        self.deep: set[Variable] = set()

    def settled(self, nodes: list[BackwardNode]) -> list[BackwardNode]:
        """Decide how each container's gradient is held."""
        groups = list(groups_in(nodes))
        for forward, adjoint in self.adjoints.items():
            known = self.types.of(Read(forward))
            if known.form not in CONTAINERS or forward in self.grown:
                continue
            lines = [
                line
                for group in groups
                for line in group.lines
                if isinstance(line, (Bind, Write)) and line.variable is adjoint
            ]
            parts = any(isinstance(line, Write) and line.path for line in lines)
            if parts and not all(isinstance(node, BackwardGroup) for node in nodes):
                self.deep.add(adjoint)
            joined = [line for line in lines if _is_list(line)]
            if joined and len(lines) > 1:
                raise Refusal(
                    "SD102",
                    f"the list {forward.wish} is joined, and used in another way too.",
                    "Join a list written out, np.concatenate([a, b]), or use the list once.",
                )
            wholes = any(
                not self._is_zeros(line)
                for line in lines
                if not _is_part(line) and line not in joined
            )
            if wholes:
                self.as_array.add(adjoint)
                self.types.variables[adjoint] = (
                    array(known.shape) if parts else Type("number", "float", known.shape)
                )
            self._rewrite(groups, forward, adjoint, known, wholes=wholes)
        return nodes

    @staticmethod
    def _is_zeros(line: Bind | Write) -> bool:
        value = line.value
        return isinstance(line, Bind) and isinstance(value, Call) and value.function is zeros_like

    def _rewrite(
        self,
        groups: list[BackwardGroup],
        forward: Variable,
        adjoint: Variable,
        known: Type,
        *,
        wholes: bool,
    ) -> None:
        """Choose the zeros that the parts are written into."""
        for group in groups:
            for index, line in enumerate(group.lines):
                if not isinstance(line, Bind) or line.variable is not adjoint:
                    continue
                if not self._is_zeros(line):
                    continue
                if wholes and forward not in self.optional:
                    shape = Call(np.shape, (Forward(Read(forward)),))
                    zeros: Expression = Call(np.zeros, (shape,))
                    if known.form == "any":  # a number's are a number, not an array without axes
                        zeros = Item(zeros, Const(()))
                    group.lines[index] = Bind(adjoint, zeros)
                elif known.form != "any" and known.rank == 1:
                    count = Call(len, (Forward(Read(forward)),))
                    single = Group("list", (Const(0.0),))
                    zeros = Call(operator.mul, (single, count), (), "operator")
                    group.lines[index] = Bind(adjoint, zeros)

    def gradient(self, variable: Variable, recorder: Recorder) -> Expression:
        """Give what is returned as the gradient of a parameter."""
        known = self.types.of(Read(variable))
        adjoint = self.adjoints.get(variable)
        if adjoint is None:
            return recorder.placed(self._zeros(variable, known))
        value: Expression = Read(adjoint)
        if known.form in ("list", "tuple") and adjoint in self.as_array:
            arrays = known.items is not None and any(i.form == "array" for i in known.items)
            value = Call(list, (value,)) if arrays else Call(_to_list, (value,), (), "method")
        deep = known.form == "any" and adjoint in self.deep
        if (_has_inner_tuples(known) or deep) and adjoint not in self.as_array:
            return Call(structured, (value, recorder.placed(Forward(Read(variable)))))
        if known.form == "tuple":
            value = Call(tuple, (value,))
        return value

    def _zeros(self, variable: Variable, known: Type) -> Expression:
        forward = Forward(Read(variable))
        if known.form == "scalar":
            return Const(0.0)
        if known.form == "array" and known.kind == "float":
            return Call(np.zeros_like, (forward,))
        zeros: Expression = Call(zeros_like, (forward,))
        return Call(tuple, (zeros,)) if known.form == "tuple" else zeros


def _has_inner_tuples(known: Type) -> bool:
    """Whether tuples stand inside a container."""
    inner = known.items or ()
    return any(item.form == "tuple" or _has_inner_tuples(item) for item in inner)


def _is_list(line: Bind | Write) -> bool:
    """Whether a line gives a list of gradients, one for each of the arrays that were joined."""
    value = line.value
    return isinstance(value, Call) and value.function in JOINING


def _is_part(line: Bind | Write) -> bool:
    return isinstance(line, Write) and bool(line.path)


def _to_list(values: np.ndarray) -> list[float]:
    return values.tolist()  # type: ignore[no-any-return]  # a list of floats


_to_list.__name__ = "tolist"
