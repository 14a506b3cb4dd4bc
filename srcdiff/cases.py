"""A callable at arguments of one signature: derived, compiled and called."""

from __future__ import annotations

import functools
import inspect
import types
from typing import Any

from srcdiff.diagnostics import DerivationError, Refusal
from srcdiff.ir.types import Type
from srcdiff.live import Compiled, LiveFunction, Owner
from srcdiff.passed import functions_among
from srcdiff.plain import Plain
from srcdiff.request import Mode
from srcdiff.signatures import call_types, key_of

KEYWORD = inspect.Parameter.KEYWORD_ONLY
Values = dict[str, Any]


class Case:
    """A function for the types of one call.

    Parameters
    ----------
    plain
        The function.
    values
        The call's arguments, by the function's parameters.

    Attributes
    ----------
    given : dict of str to Type
        The types of the parameters, and of the variables outside that the function reads.
    """

    def __init__(self, plain: Plain, values: Values) -> None:
        self.plain = plain
        owner = Owner(plain.leading[0]) if plain.is_method else None
        leading = [*values][: len(plain.leading)] if plain.is_method else ()
        functions = functions_among({n: v for n, v in values.items() if n not in leading})
        self.live = LiveFunction(
            plain.function, owner=owner, again=True, functions=functions, values=values
        )
        self.reads = tuple(self.live.module_variables())
        self.read_key = self._read_key()
        outside = {name: self.live.value(name) for name in self.reads}
        self.given: dict[str, Type] = call_types({**values, **outside})
        parameters = inspect.signature(plain.function).parameters.values()
        self.keyword = frozenset(p.name for p in parameters if p.kind is KEYWORD)
        self._compiled: dict[Any, Compiled] = {}

    @property
    def name(self) -> str:
        """The function's name in derived code."""
        return self.live.read.name

    @property
    def is_closed(self) -> bool:
        """Whether the function sees nothing outside that may change."""
        changing = self.live.outside or self.live.called or self.plain.before
        return not changing and self.live.owner is None

    def is_outdated(self) -> bool:
        """Whether what the function sees outside is of another kind by now."""
        for refresh in self.plain.before:
            refresh()
        return self.live.is_changed() or self._read_key() != self.read_key

    def _read_key(self) -> tuple[Any, ...]:
        seen = [self.live.value(name) for name in self.reads]
        return tuple(map(key_of, [*seen, *self.live.attribute_values().values()]))

    def differentiable(self) -> tuple[str, ...]:
        """Give the parameters whose arguments are made of numbers."""
        names = inspect.signature(self.plain.function).parameters
        return tuple(name for name in names if self.given[name].form != "other")

    def compiled(self, wrt: tuple[str, ...] | str | None, mode: Mode) -> Compiled:
        """Derive for this case, once.

        Raises
        ------
        DerivationError
            The function can't be differentiated correctly.
        """
        found = self._compiled.get((wrt, mode))
        if found is None:
            found = self.live.compiled(wrt, mode, dict(self.given))
            self._compiled[wrt, mode] = found
        return found

    def refused(self, code: str, message: str, hint: str) -> DerivationError:
        """Make an error at the place of the function."""
        span = self.live.read.name_span
        source = self.live.read.source
        problems = source.problems()
        problems.add(Refusal(code, message, hint, span))
        return DerivationError(problems.found)

    def refresh(self, compiled: Compiled) -> None:
        """Let emitted code see the present values of the variables outside."""
        for name in self.live.outside:
            compiled.namespace[name] = self.live.value(name)

    def call(
        self, compiled: Compiled, suffix: str, values: Values, upstream: Values | None = None
    ) -> Any:
        """Call an emitted function with the arguments of a call."""
        self.refresh(compiled)
        function = compiled.function(f"{self.name}_{suffix}")
        positional = [value for name, value in values.items() if name not in self.keyword]
        named = {name: value for name, value in values.items() if name in self.keyword}
        return function(*positional, **named, **(upstream or {}))

    def derived(self, compiled: Compiled, suffix: str) -> Plain:
        """Give an emitted function as a plain one, to be derived again."""
        function = compiled.function(f"{self.name}_{suffix}")
        assert isinstance(function, types.FunctionType)
        before = self.plain.before
        if self.live.outside:
            before = (*before, functools.partial(self.refresh, compiled))
        plain = self.plain
        return Plain(function, plain.leading, plain.keywords, before, plain.is_method)
