"""What a function gives back of the memory of its arguments."""

from __future__ import annotations

from dataclasses import dataclass

Keys = frozenset[int | str]
"""Arguments, by place and by keyword."""


@dataclass(frozen=True, slots=True)
class Lent:
    """The arguments that an output may share memory with.

    Parameters
    ----------
    shared
        Those of which it may be a part, or which it may hold.
    copied
        Those of which it is a copy at most, which holds the same items if it is one of a list.
    """

    shared: Keys
    copied: Keys


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What each output of a function may share memory with.

    Parameters
    ----------
    outputs
        In their order.
    whole
        Whether the one output is the value itself, not a tuple's only item.
    apart
        Whether no two outputs share memory.
    """

    outputs: tuple[Lent, ...]
    whole: bool
    apart: bool = True

    def of(self, place: int | None) -> tuple[Lent, ...]:
        """Give what the item at a place may share memory with; all outputs if it isn't one."""
        one = (
            place is not None and not self.whole and -len(self.outputs) <= place < len(self.outputs)
        )
        return (self.outputs[place],) if one and place is not None else self.outputs
