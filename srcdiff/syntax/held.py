"""What a scope says of texts that are needed, and of functions that variables hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from srcdiff.ir.nodes import Const


class NeedsText(Exception):
    """A function's statements are to be written out, so its text is needed too."""


@dataclass(frozen=True, slots=True)
class Held:
    """The functions that a live tuple, list or dict holds.

    Parameters
    ----------
    keys
        Of a dict.
    names
        By which the scope knows the functions.
    functions
        As they were when they were looked up.
    """

    keys: tuple[Any, ...] | None
    names: tuple[str, ...]
    functions: tuple[Any, ...]

    def is_still(self, value: Any) -> bool:
        """Whether a value holds the same functions."""
        if type(value) not in (tuple, list, dict):
            return False
        keys = tuple(value) if isinstance(value, dict) else None
        present = tuple(value.values()) if isinstance(value, dict) else tuple(value)
        same = len(present) == len(self.functions) and keys == self.keys
        return same and all(a is b for a, b in zip(present, self.functions, strict=True))


Keys = tuple[int | str, ...]
"""The numbers of a sequence's items, or the keys of a dict's."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many items a live tuple, list or dict has, where derived code relies on it."""

    keys: Keys

    def is_still(self, value: Any) -> bool:
        """Whether a value has as many items, under the same keys."""
        return keys_of(value) == self.keys


def keys_of(value: Any) -> Keys | None:
    """Give the keys of a tuple, list or dict of named entries; None for anything else."""
    if type(value) is dict:
        return tuple(value) if all(isinstance(key, str) for key in value) else None
    return tuple(range(len(value))) if type(value) in (tuple, list) else None


@dataclass(frozen=True, slots=True)
class Bound:
    """A live partial: its function and its arguments, plain ones or by the scope's names."""

    function: str
    positional: tuple[Const | str, ...]
    keywords: tuple[tuple[str, Const | str], ...]
