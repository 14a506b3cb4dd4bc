"""The libraries that srcdiff knows: the standard library's and NumPy's numeric modules.

Takes a dotted path. Gives the module, function or constant that it stands for. Refuses nothing:
what isn't known is None.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

KNOWN_MODULES = frozenset(
    ["numpy", "math", "operator", "builtins", "functools", "itertools", "collections",
     "statistics", "cmath", "scipy", "srcdiff"]
)  # fmt: skip
IMPORT_ALIASES = {"autograd.numpy": "numpy", "jax.numpy": "numpy"}


@dataclass(frozen=True, slots=True)
class Library:
    """A module, function or constant of a library that srcdiff knows."""

    value: Any


def library(path: str) -> Library | None:
    """Find a value of a known library by its dotted path."""
    for alias, real in IMPORT_ALIASES.items():
        if path == alias or path.startswith(alias + "."):
            path = real + path[len(alias) :]
    head, *rest = path.split(".")
    if head not in KNOWN_MODULES:
        return None
    try:
        value: Any = importlib.import_module(head)
    except ImportError:
        return None
    for step, name in enumerate(rest):
        try:
            value = getattr(value, name)
        except AttributeError:
            try:
                value = importlib.import_module(".".join([head, *rest[: step + 1]]))
            except ImportError:
                return None
    return Library(value)


def starred(path: str) -> frozenset[str]:
    """Give the names that `from path import *` binds, of a known library."""
    found = library(path)
    module = found.value if found is not None else None
    return frozenset(getattr(module, "__all__", None) or _public(module))


def _public(module: Any) -> list[str]:
    return [name for name in dir(module) if not name.startswith("_")] if module else []
