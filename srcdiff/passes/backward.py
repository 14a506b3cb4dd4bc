"""What the backward pass is made of: lines, groups of lines, guards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from srcdiff.ir.nodes import Bind, Expression, Statement, Unpack, Variable, Write

Line = Bind | Write | Unpack
Path = tuple[Expression, ...]


@dataclass(slots=True)
class BackwardGroup:
    """The backward lines of one statement, and of those that it was taken together with."""

    statements: list[Statement]
    lines: list[Line] = field(default_factory=list)


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
    groups: list[BackwardGroup]
    adjoints: dict[Variable, Variable]
