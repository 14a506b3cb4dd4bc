"""Random draws and runs of objects: each an assignment of its own, which stays where it stands.

Takes expressions and functions, resolved. Says what is drawn. Refuses draws inside of expressions
where they can't get names of their own: backward code might evaluate them again.
"""

from __future__ import annotations

from srcdiff.diagnostics import Refusal
from srcdiff.ir import operators
from srcdiff.ir.nodes import Call, Choice, Expression, Function, Member, Variable
from srcdiff.ir.walk import walk
from srcdiff.rules.draws import is_draw, telling_arguments


def is_drawn(node: Expression) -> bool:
    """Whether an expression is a draw, or makes a generator."""
    return isinstance(node, Call) and is_draw(node.function)


def is_run(node: Expression) -> bool:
    """Whether an expression runs an object's forward, which keeps values on the object."""
    return isinstance(node, Call) and node.function == Member("forward")


def telling(node: Call) -> tuple[Expression, ...]:
    """Give the arguments of a draw that its numbers depend on, not only how many there are."""
    count = telling_arguments(node.function)
    first = 1 if node.spelling == "method" else 0  # a generator is no number
    named = (value for name, value in node.keywords if count and name not in ("size", "dtype"))
    return (*node.arguments[first : first + count], *named)


def is_conditional(node: Expression) -> bool:
    """Whether an expression may leave out some of its operands, or evaluate them many times."""
    if isinstance(node, Call):
        return node.function in (operators.both, operators.either, operators.each)
    return isinstance(node, Choice)


def refuse_draws(*nodes: Expression) -> None:
    """Refuse draws within expressions.

    Raises
    ------
    Refusal
        There is one.
    """
    for tree in nodes:
        for node in walk(tree):
            if is_drawn(node):
                raise Refusal(
                    "SD103",
                    "a random draw within an expression might be drawn again by backward.",
                    "Assign it to a name of its own: noise = ...; and use that.",
                    getattr(node, "span", None),
                )


def refuse_runs(*nodes: Expression) -> None:
    """Refuse an object's forward within expressions where it can't get a name of its own.

    Raises
    ------
    Refusal
        There is one.
    """
    for tree in nodes:
        for node in walk(tree):
            if is_run(node):
                raise Refusal(
                    "SD103",
                    "an object's forward might be run again here by backward.",
                    "Assign what it gives to a name in a statement of its own.",
                    getattr(node, "span", None),
                )


def run_once(function: Function) -> set[Variable]:
    """Give the variables that hold what must not be computed again."""
    return drawn(function) | {
        bind.variable
        for statement in function.statements
        for bind in statement.binds
        if is_run(bind.value)
    }


def drawn(function: Function) -> set[Variable]:
    """Give the variables that hold draws, or generators."""
    return {
        bind.variable
        for statement in function.statements
        for bind in statement.binds
        if is_drawn(bind.value)
    }
