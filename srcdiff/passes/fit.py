"""A gradient fits its operand: in shape, and in its kind of number.

Takes a gradient as a rule gives it, and the operand that it belongs to. Gives it summed over the
axes along which the operand was broadcast, and real where the operand is. Refuses containers of
which some items are complex and others real.
"""

from __future__ import annotations

import operator

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Call,
    Const,
    Expression,
    Forward,
    Function,
    Group,
    Read,
    UserFunction,
)
from srcdiff.ir.types import Shape
from srcdiff.passes.backward import Guard
from srcdiff.passes.infer import Types
from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.registry import RULES


class Fitter:
    """Fits the gradients of one derivation to their operands."""

    def __init__(self, types: Types) -> None:
        self.types = types

    def fitted(self, gradient: Expression, operand: Expression) -> Expression:
        """Sum a gradient over the axes along which its operand was broadcast."""
        shape, wanted = self.types.of(gradient).shape, self.types.of(operand).shape
        if shape == wanted:
            return gradient
        if wanted == ():
            return Call(np.sum, (gradient,))
        if self._sums_itself(operand) and not isinstance(wanted, tuple):
            return gradient
        axes = _summed_axes(shape, wanted)
        if axes is None:
            return Call(unbroadcast, (gradient, Forward(operand)))
        leading, kept = axes
        if leading:
            axis = Const(leading[0]) if len(leading) == 1 else _group(leading)
            gradient = Call(np.sum, (gradient,), (("axis", axis),))
        if kept:
            axis = Const(kept[0]) if len(kept) == 1 else _group(kept)
            keywords = (("axis", axis), ("keepdims", Const(True)))
            gradient = Call(np.sum, (gradient,), keywords)
        return gradient

    def of_kind(self, gradient: Expression, operand: Expression) -> Expression:
        """Take the real part of a gradient that comes to something real, and make it complex else.

        An operand without a name has no buffer, so that its gradient may be real where it is.

        Raises
        ------
        Refusal
            Some items of the operand are real, others complex.
        """
        given, own = self.types.of(gradient).kind, self.types.of(operand)
        if own.kind != "complex":
            return Call(np.real, (gradient,)) if given == "complex" else gradient
        if {item.kind for item in own.items or ()} - {"complex"} and not isinstance(operand, Group):
            raise Refusal(
                "SD108",
                "some of these items are complex, others are real.",
                "Make them all complex, or keep them apart.",
                getattr(operand, "span", None),
            )
        if given != "complex" and isinstance(operand, Read):
            return Call(operator.add, (gradient, Const(0j)), (), "operator")
        return gradient

    def told_apart(
        self, guards: tuple[Guard, ...], operand: Expression
    ) -> tuple[tuple[Guard, ...], tuple[Guard, ...]]:
        """Tell the masks that a gradient needs before it is summed from the guards that may wait.

        A test of the operand's shape leaves out whole sums. It must wait, because the operand's own
        derivative may not be finite where the test doesn't hold.
        """
        shape = self.types.of(operand).shape
        early = tuple(
            guard
            for guard in guards
            if guard.kind == "where" and self.types.of(guard.test).shape != shape
        )
        return early, tuple(guard for guard in guards if guard not in early)

    @staticmethod
    def _sums_itself(operand: Expression) -> bool:
        """Whether an operand's own rule sums a gradient that is too large for it."""
        rule = RULES.get(operand.function) if isinstance(operand, Call) else None
        return rule is not None and rule.sums


def may_be_real(function: Function, types: Types) -> bool:
    """Whether a variable that is taken for complex may hold real numbers all the same.

    It is complex where it may be: after some rounds of a loop, or as what a function of the user's
    gives for complex arguments. The gradient's buffer has the kind of the value.
    """
    for bind in (bind for statement in function.statements for bind in statement.binds):
        if types.of(Read(bind.variable)).kind == "complex":
            given = isinstance(bind.value, Call) and isinstance(bind.value.function, UserFunction)
            if given or types.of(bind.value).kind != "complex":
                return True
    return False


def _group(axes: list[int]) -> Expression:
    return Group("tuple", tuple(Const(axis) for axis in axes))


def _summed_axes(shape: Shape, wanted: Shape) -> tuple[list[int], list[int]] | None:
    """Give the leading axes to be summed away and those to be kept with size 1, where known."""
    if not isinstance(shape, tuple) or not isinstance(wanted, tuple) or len(shape) < len(wanted):
        return None
    extra = len(shape) - len(wanted)
    kept = []
    for axis, (have, want) in enumerate(zip(shape[extra:], wanted, strict=True)):
        if have == want:
            continue
        if want != 1:
            return None
        kept.append(axis)
    return list(range(extra)), kept
