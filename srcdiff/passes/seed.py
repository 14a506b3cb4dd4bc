"""The upstream gradient gets its output's shape where a number wouldn't do.

Takes the backward lines, placed or not. Gives lines such as `df = df * np.ones_like(f)` for those
upstream gradients that are used otherwise than as a factor of something of full shape. Refuses
nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable

import numpy as np

from srcdiff.ir.nodes import (
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Function,
    Read,
    Variable,
    Write,
)
from srcdiff.ir.types import is_container
from srcdiff.ir.walk import children, variables
from srcdiff.passes.backward import BackwardNode, groups_in
from srcdiff.passes.cached import changed_in_place
from srcdiff.passes.cleanup import values
from srcdiff.passes.infer import Types
from srcdiff.passes.record import Recorder
from srcdiff.passes.views import copies_items
from srcdiff.rules.helpers import copy_of, structured


class Seeding:
    """Looks after the upstream gradients of one derivation."""

    def __init__(self, types: Types, function: Function, upstreams: list[Variable]) -> None:
        self.types = types
        self.function = function
        self.upstreams = upstreams

    def prologue(
        self, groups: list[BackwardNode], returned: Iterable[Variable], recorder: Recorder
    ) -> list[Bind]:
        """Give the lines that the backward pass starts with."""
        lines: list[Bind] = []
        returned = set(returned)
        changed = changed_in_place(groups)
        for upstream, output in zip(self.upstreams, self.function.outputs, strict=True):
            if may_be_container(output.value, self.types, self.function):
                if upstream in returned or upstream in changed:
                    lines.append(Bind(upstream, self._copied(upstream)))
                continue
            if self.types.of(output.value).shape == () or not (
                upstream in returned or self._needs_shape(upstream, groups)
            ):
                continue
            like = recorder.shaped_like(output.value, exact=True)
            ones = Call(np.ones_like, (like,))
            self.types.note(ones, self.types.of(output.value))
            value: Expression = Call(operator.mul, (Read(upstream), ones), (), "operator")
            if _may_be_dict(output.value, self.types, self.function):
                test = Call(isinstance, (like, Const(dict, "dict")))
                value = Choice(test, Call(copy_of, (Read(upstream),)), value)
                self.types.note(value, self.types.of(output.value))
            lines.append(Bind(upstream, value))
        return lines

    def _copied(self, upstream: Variable) -> Expression:
        """Give a copy of a list, tuple or dict: backward changes no upstream gradient."""
        known = self.types.of(Read(upstream))
        flat = known.form in ("list", "tuple") and known.rank == 1
        given: Expression = Read(upstream)
        if known.form == "list" and not flat:  # for a list that becomes an array, it is one
            given = Call(list, (given,))
            self.types.note(given, known)
        copied = Call(list if flat else copy_of, (given,))
        self.types.note(copied, known)
        return copied

    def _needs_shape(self, upstream: Variable, groups: list[BackwardNode]) -> bool:
        for group in groups_in(groups):
            for line in group.lines:
                if isinstance(line, Write) and line.variable is upstream:
                    return True
                if not all(self._scales(value, upstream) for value in values(line)):
                    return True
        return False

    def _scales(self, node: Expression, upstream: Variable) -> bool:
        """Whether the upstream gradient stands only where a number does as well as an array."""
        if isinstance(node, Read):
            return node.variable is not upstream
        if upstream not in variables(node):
            return True
        if isinstance(node, Call) and node.function in (operator.mul, operator.truediv):
            left, right = node.arguments
            full = self.types.variables[upstream].shape
            if {self.types.of(left).kind, self.types.of(right).kind} & {"bool", "int"}:
                return False  # a mask times a Python float is of double precision
            if _is(left, upstream) and self.types.of(right).shape == full:
                return self._scales(right, upstream)
            if _is(right, upstream) and node.function is operator.mul:
                return self.types.of(left).shape == full and self._scales(left, upstream)
        if isinstance(node, Call) and node.function is operator.neg:
            return self._scales(node.arguments[0], upstream)
        return all(self._scales(child, upstream) for child in children(node))


def may_be_container(value: Expression, types: Types, function: Function) -> bool:
    """Whether an output is a container, or a gradient that has a parameter's structure.

    So is a parameter to which a list or a dict is assigned on some way through the function.
    """
    known = types.of(value)
    if known.form == "any" and isinstance(value, Read):
        binds = [bind for statement in function.statements for bind in statement.binds]
        own = [bind.value for bind in binds if bind.variable is value.variable]
        return any(is_container(types.guess(found)) for found in own)
    as_given = isinstance(value, Call) and value.function is structured
    return is_container(known) or (known.form == "any" and as_given)


def _may_be_dict(value: Expression, types: Types, function: Function) -> bool:
    """Whether an output may be a copy of an argument that is a dict, with other entries."""
    if not isinstance(value, Read) or types.of(value).form not in ("any", "number"):
        return False
    statements = function.statements
    copies = any(
        bind.variable is value.variable and copies_items(bind.value)
        for statement in statements
        for bind in statement.binds
    )
    written = (write for statement in statements for write in statement.writes)
    return copies and any(
        write.variable is value.variable
        and len(write.path) == 1
        and isinstance(write.path[0], Read)
        for write in written
    )


def _is(node: Expression, variable: Variable) -> bool:
    return isinstance(node, Read) and node.variable is variable
