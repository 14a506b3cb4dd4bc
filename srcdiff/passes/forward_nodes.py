"""The nodes of a forward pass: lines, branches and loops, as they are to be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from srcdiff.ir.nodes import Expression, If, Jump, Loop, Variable, Write
from srcdiff.ir.walk import variables
from srcdiff.passes.backward import Line
from srcdiff.passes.record import ForwardLine


@dataclass(slots=True)
class ForwardIf:
    """An if statement of the forward pass."""

    node: If
    test: Expression
    verbatim: bool
    then: list[ForwardNode]
    otherwise: list[ForwardNode]


@dataclass(slots=True)
class ForwardLoop:
    """A loop of the forward pass; `first` comes before what the header binds in each round."""

    node: Loop
    sequence: Expression | None
    test: Expression | None
    verbatim: bool
    first: list[ForwardNode]
    body: list[ForwardNode]


@dataclass(slots=True)
class ForwardJump:
    """A break, continue or raise of the forward pass."""

    jump: Jump


@dataclass(slots=True)
class TangentLine:
    """A line of forward mode, which stands beside the statement that it belongs to."""

    line: Line


ForwardNode = ForwardLine | ForwardIf | ForwardLoop | ForwardJump | TangentLine


def tangent_lines(nodes: list[ForwardNode]) -> Iterator[Line]:
    """Give all lines of tangents, those of inner blocks too."""
    for node in nodes:
        match node:
            case TangentLine():
                yield node.line
            case ForwardIf():
                yield from tangent_lines(node.then)
                yield from tangent_lines(node.otherwise)
            case ForwardLoop():
                yield from tangent_lines(node.body)


def forward_lines(nodes: list[ForwardNode]) -> Iterator[ForwardLine]:
    """Give all lines, those of inner blocks too."""
    for node in nodes:
        match node:
            case ForwardLine():
                yield node
            case ForwardIf():
                yield from forward_lines(node.then)
                yield from forward_lines(node.otherwise)
            case ForwardLoop():
                yield from forward_lines(node.first)
                yield from forward_lines(node.body)


def read_by_write(write: Write) -> Iterator[Variable]:
    """Give the variables that an update in place reads, with what it updates."""
    yield write.variable
    for tree in (write.value, *write.path):
        yield from variables(tree)


def surely_bound(nodes: list[ForwardNode]) -> set[Variable]:
    """Give the variables that have a value after a forward pass, whatever way it takes."""
    found: set[Variable] = set()
    for node in nodes:
        match node:
            case ForwardLine():
                found |= {bind.variable for bind in node.binds}
            case ForwardIf():
                found |= surely_bound(node.then) & surely_bound(node.otherwise)
    return found
