"""Containers whose gradients are alike, because one is handed on to the other.

Takes the lines that set or change the gradient variables of containers. Gives these variables in
groups. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from srcdiff.ir.nodes import (
    Bind,
    Call,
    Choice,
    Expression,
    Function,
    Loop,
    Read,
    Variable,
    Write,
    leaves,
)
from srcdiff.ir.types import Type
from srcdiff.ir.walk import walk


@dataclass(slots=True)
class Holding:
    """A container's gradient variable: what it belongs to, and the lines that set or change it."""

    forward: Variable
    known: Type
    lines: list[Bind | Write] = field(default_factory=list)


def families(held: dict[Variable, Holding]) -> list[list[Variable]]:
    """Give the gradient variables in groups: those that are handed on to each other are alike."""
    family = {adjoint: [adjoint] for adjoint in held}
    for adjoint, own in held.items():
        for line in own.lines:
            for leaf in handed_on(line):
                other = family.get(leaf.variable) if isinstance(leaf, Read) else None
                if other is not None and other is not family[adjoint]:
                    family[adjoint] += other
                    for member in other:
                        family[member] = family[adjoint]
    return list({id(members): members for members in family.values()}.values())


def handed_on(line: Bind | Write) -> list[Expression]:
    """Give the values of which a line's is one, whatever a conditional expression chooses."""
    if not isinstance(line, Bind):
        return []
    pending: list[Expression] = [line.value]
    found: list[Expression] = []
    while pending:
        value = pending.pop()
        if isinstance(value, Choice):
            pending += [value.then, value.otherwise]
        else:
            found.append(value)
    return found


def first_in_loops(function: Function) -> set[Variable]:
    """Give the variables that only loops assign: they may have no value before."""
    begun = {p.variable for p in function.parameters}
    inside: set[Variable] = set()
    for node in function.body:
        found = {bind.variable for statement in leaves((node,)) for bind in statement.binds}
        if isinstance(node, Loop):
            inside |= found
        else:
            begun |= found
    return inside - begun


def summed(function: Function) -> set[Variable]:
    """Give the variables that Python's sum adds up, as one does with lists."""
    trees = [bind.value for statement in function.statements for bind in statement.binds]
    return {
        node.arguments[0].variable
        for tree in [*trees, *function.values]
        for node in walk(tree)
        if isinstance(node, Call) and node.function is sum and isinstance(node.arguments[0], Read)
    }
