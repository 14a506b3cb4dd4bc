"""Where forward rules are registered.

Forward mode follows from the family: the gradients of an elementwise rule are diagonal, and of a
linear function the tangent is the function of the tangent. What is none of these has a forward rule
beside its backward rule, marked `forward`: its keyword-only parameters are the tangents of the
operands, `d` and the operand's name; where there are several, one that is zero is None.
"""

from __future__ import annotations

from collections.abc import Callable

from srcdiff.rules.registry import AnyFunction, F, Reason

TANGENTS: dict[AnyFunction, AnyFunction] = {}
"""The forward rules, by the backward rules that they stand beside."""
NO_TANGENT: dict[AnyFunction, Reason] = {}
"""Why some calls have no tangent, by the backward rules."""
JOINT: dict[AnyFunction, tuple[str, ...]] = {}
"""The operands in which functions are linear together, by the backward rules."""

IN_TURN: set[AnyFunction] = set()
"""The backward rules of functions that are linear in each of any number of operands."""


def forward(backward: AnyFunction, unless: Reason | None = None) -> Callable[[F], F]:
    """Register the forward rule of the functions that a backward rule is for."""

    def add(tangent: F) -> F:
        TANGENTS[backward] = tangent
        if unless is not None:
            NO_TANGENT[backward] = unless
        return tangent

    return add


def linear_in(backward: AnyFunction, *operands: str) -> None:
    """Note that functions are linear in these operands together: all get their tangents at once."""
    JOINT[backward] = operands


def in_turn(backward: AnyFunction) -> None:
    """Note that functions are linear in each of the operands that stand in a call."""
    IN_TURN.add(backward)
