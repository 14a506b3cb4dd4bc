"""Functions among the arguments of a call: what is derived depends on which they are."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from srcdiff.signatures import is_function, key_of

MOST_CHOICES = 100

Made = TypeVar("Made")


def functions_among(values: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments that are functions, by the parameters."""
    return {name: value for name, value in values.items() if is_function(value)}


class ByFunctions(Generic[Made]):
    """What is made for each choice of the functions among a function's arguments.

    Parameters
    ----------
    function
        Whose arguments they are.
    make
        Makes it for the functions that parameters stand for.
    """

    def __init__(
        self, function: types.FunctionType, make: Callable[[dict[str, Any]], Made]
    ) -> None:
        self._signature = inspect.signature(function)
        self._make = make
        self._known: dict[Any, Made] = {}
        given = self._signature.parameters.values()
        self._usual = any(is_function(parameter.default) for parameter in given)

    def of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Made | None:
        """Give what is made for the functions among the arguments of a call; None without any."""
        if not self._usual and not any(map(is_function, (*args, *kwargs.values()))):
            return None
        names = self._signature.parameters
        own = {name: value for name, value in kwargs.items() if name in names}
        try:
            bound = self._signature.bind_partial(*args[: len(names)], **own)
        except TypeError:
            return None  # told where the arguments are bound
        bound.apply_defaults()
        functions = functions_among(bound.arguments)
        if not functions:
            return None
        key = tuple((name, key_of(value)) for name, value in functions.items())
        if key not in self._known:
            if len(self._known) >= MOST_CHOICES:
                self._known.clear()
            self._known[key] = self._make(functions)
        return self._known[key]
