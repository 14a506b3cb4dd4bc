"""What a derivation assumes of parameters and items, because it couldn't be right without."""

from __future__ import annotations

from dataclasses import dataclass, field

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import Read, Statement, Variable
from srcdiff.ir.types import is_container
from srcdiff.passes.infer import Types
from srcdiff.passes.number_guards import Numbers


class Assumption(Exception):
    """What must hold of parameters for a function to be differentiated.

    Parameters
    ----------
    ranks
        How many axes each parameter must have; None where any number will do.
    refusal
        What is said where that isn't enough.
    parts
        Names for parts of arrays that are to be written out.
    numbers
        Assignments of items that must be numbers.
    """

    def __init__(
        self,
        ranks: dict[Variable, int | None],
        refusal: Refusal,
        parts: frozenset[Variable] = frozenset(),
        numbers: Numbers | None = None,
    ) -> None:
        super().__init__(ranks)
        self.ranks = ranks
        self.parts = parts
        self.numbers = numbers or {}
        self.refusal = refusal


@dataclass(slots=True)
class Assumed:
    """What a derivation assumes because it couldn't be right without."""

    ranks: dict[Variable, int | None] = field(default_factory=dict)
    parts: frozenset[Variable] = frozenset()
    numbers: Numbers = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        """Whether something is assumed of the arguments."""
        return bool(self.ranks or self.numbers)

    def including(self, more: Assumption) -> bool:
        """Assume something more; say whether it is new."""
        known = more.ranks.items() <= self.ranks.items() and more.parts <= self.parts
        known = known and more.numbers.keys() <= self.numbers.keys()
        self.ranks |= more.ranks
        self.parts |= more.parts
        self.numbers = more.numbers | self.numbers
        return not known


def of_two_names(changed: Variable, other: str, statement: Statement, types: Types) -> Refusal:
    """Make the refusal of a write that may change what another name stands for."""
    known = types.of(Read(changed))
    name = changed.wish or "what is written into"
    if is_container(known):
        return Refusal(
            "SD110",
            f"this changes {other} too: {name} and {other} may be one {known.form}, or parts of "
            "one.",
            "Copy it first: .copy().",
            statement.span,
        )
    return Refusal(
        "SD110",
        f"this changes {other} too, if {name} is an array: both are names of the same memory.",
        "Copy the array first: .copy(), or write the part out: x[1:] instead of a name for it.",
        statement.span,
    )
