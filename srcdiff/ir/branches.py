"""The statements of a rule besides assignments."""

from __future__ import annotations

from dataclasses import dataclass

from srcdiff.ir.nodes import Bind, Expression


@dataclass(frozen=True, eq=False, slots=True)
class Branch:
    """An if statement of a rule."""

    test: Expression
    then: tuple[Bind | Branch | Never, ...]
    otherwise: tuple[Bind | Branch | Never, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Never:
    """A raise statement of a rule: what is refused, and why."""

    reason: str
