"""Derived functions in two parts, as attributes of the function that they were derived from."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srcdiff.ir.types import is_complex
from srcdiff.signatures import check_real

if TYPE_CHECKING:
    from srcdiff.live import LiveFunction


def attach_split(target: Any, live: LiveFunction, wrt: tuple[str, ...] | str | None) -> None:
    """Give a function its forward part and its backward part.

    Raises
    ------
    DerivationError
        The function can't be differentiated correctly.
    """
    compiled = live.compiled(wrt, "split", None)
    name = live.read.name
    forward, backward = (compiled.function(f"{name}_{part}") for part in ("forward", "backward"))

    @functools.wraps(forward)
    def refreshed(*args: Any, **kwargs: Any) -> Any:
        for variable in live.module_variables():
            compiled.namespace[variable] = live.value(variable)
        if any(map(is_complex, (*args, *kwargs.values()))):
            check_real(target, inspect.signature(forward).bind(*args, **kwargs).arguments)
        return forward(*args, **kwargs)

    target.forward = Emitted(refreshed, compiled.text)
    target.backward = Emitted(backward, compiled.text)


class Emitted:
    """A derived function that can be called and read.

    Attributes
    ----------
    source : str
        The text that runs, a complete module.
    """

    def __init__(self, function: Callable[..., Any], source: str) -> None:
        functools.update_wrapper(self, function)
        self.source = source
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function."""
        return self._function(*args, **kwargs)
