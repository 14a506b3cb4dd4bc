"""What a derived function and its companions see of their modules, while they run."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from typing import Any

from srcdiff.ir.nodes import Function
from srcdiff.pipeline import Derivation
from srcdiff.syntax.objects import ObjectScope

Seen = tuple[ObjectScope, tuple[str, ...]]
"""Names, and where they have a value."""


def origins_of(
    derivation: Derivation, function: types.FunctionType
) -> dict[str, types.FunctionType]:
    """Give the live functions of a derivation's companions, by the companions' names."""
    return {
        companion.text_name: companion.function.origin
        for companion in derivation.companions
        if companion.function.origin not in (None, function)
    }


def seen_by_companions(derivation: Derivation, read: Callable[[Any], Function]) -> list[Seen]:
    """Give the variables of modules that a derivation's companions read."""
    found = (companion.function for companion in derivation.companions)
    return [(ObjectScope(own.origin, read), tuple(own.reads)) for own in found]


def bound_outside(
    seen: Iterable[Seen],
    namespace: dict[str, Any],
    clash: Callable[[str, types.FunctionType], Exception],
) -> dict[str, ObjectScope]:
    """Give names their values; those of each, and where they are found anew."""
    found: dict[str, ObjectScope] = {}
    for scope, names in seen:
        for name in names:
            value = scope.value(name)
            if namespace.setdefault(name, value) is not value:
                raise clash(name, scope.function)
            found[name] = scope
    return found
