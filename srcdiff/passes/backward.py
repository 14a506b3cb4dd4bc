"""What the backward pass is made of: lines, groups of lines, guards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from srcdiff.ir.nodes import Bind, Expression, If, Loop, Statement, Unpack, Variable, Write

Line = Bind | Write | Unpack
Path = tuple[Expression, ...]


@dataclass(slots=True)
class BackwardGroup:
    """The backward lines of one statement, and of those that it was taken together with.

    `last` says that they belong behind all others of their block, where all is restored.
    """

    statements: list[Statement]
    lines: list[Line] = field(default_factory=list)
    last: bool = False


@dataclass(slots=True)
class BackwardIf:
    """An if statement run backwards."""

    node: If
    then: list[BackwardNode]
    otherwise: list[BackwardNode]
    test: Expression | None = None


@dataclass(slots=True)
class BackwardLoop:
    """A loop run backwards.

    Parameters
    ----------
    index, sequence
        As they are written: `for index in reversed(sequence)`; None before the pass that says how.
    """

    node: Loop
    body: list[BackwardNode]
    index: Variable | None = None
    sequence: Expression | None = None


BackwardNode = BackwardGroup | BackwardIf | BackwardLoop


def groups_in(nodes: Iterable[BackwardNode]) -> Iterator[BackwardGroup]:
    """Give all groups, those of inner blocks too."""
    for node in nodes:
        match node:
            case BackwardGroup():
                yield node
            case BackwardIf():
                yield from groups_in(node.then)
                yield from groups_in(node.otherwise)
            case BackwardLoop():
                yield from groups_in(node.body)


def steps_in(
    nodes: list[BackwardNode], block: tuple[object, ...] = ()
) -> Iterator[tuple[Line, tuple[object, ...]]]:
    """Give the lines in an order in which they may run, loops twice, each with its block."""
    for node in nodes:
        match node:
            case BackwardGroup():
                yield from ((line, block) for line in node.lines)
            case BackwardIf():
                yield from steps_in(node.then, (*block, id(node), 1))
                yield from steps_in(node.otherwise, (*block, id(node), 0))
            case BackwardLoop():
                yield from steps_in(node.body, (*block, id(node)))
                yield from steps_in(node.body, (*block, id(node)))


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition under which a gradient flows.

    Parameters
    ----------
    kind
        "choice" for one truth value, "where" for one per entry.
    """

    kind: Literal["choice", "where"]
    test: Expression
    positive: bool


@dataclass(slots=True)
class Reversed:
    """The backward pass.

    Parameters
    ----------
    upstreams
        The upstream gradients, one per output.
    groups
        In the order of the backward pass.
    adjoints
        The gradient variables of the forward variables that have one.
    """

    upstreams: list[Variable]
    groups: list[BackwardNode]
    adjoints: dict[Variable, Variable]
