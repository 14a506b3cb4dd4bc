"""Functions made from functions: what all transforms have in common, and the gradients.

A call derives, once for each signature of the arguments, and runs emitted code. A transform of a
transform derives that emitted code again.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from srcdiff.cases import Case, Values
from srcdiff.demands import check_output, checked_value, is_number
from srcdiff.live import Compiled, LiveFunction
from srcdiff.plain import Plain, by_rule, parameters_of, plain_of
from srcdiff.request import Mode
from srcdiff.rules.helpers import copied
from srcdiff.signatures import PLAIN, key_of, wrong
from srcdiff.syntax.numbered import numbered
from srcdiff.syntax.scope import known_module

Argnums = int | Sequence[int]
MOST_VERSIONS = 1000


class Transform:
    """A function made from another one.

    Parameters
    ----------
    function
        Any callable that can be read.
    argnums
        Which arguments to differentiate: a position, or several.
    """

    word = "gradient"

    def __init__(self, function: Callable[..., Any], argnums: Argnums = 0) -> None:
        if not callable(function):
            raise wrong(
                "SD118",
                f"{type(self).word} takes a function, not {function!r}.",
                "Pass the function itself, not its value: grad(f)(x).",
            )
        self.function = function
        self.argnums = _checked(argnums)
        self._cases: dict[Any, Case] = {}
        self._direct: dict[Any, Callable[..., Any]] = {}
        self._counted: dict[Callable[..., Any], Transform] = {}
        self._general: tuple[LiveFunction, Compiled] | None = None
        given = getattr(function, "__name__", "f")
        name = given if given.isidentifier() else "f"
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self).__name__).lower()
        self.__name__ = f"{kind}_of_{name}"
        self.__doc__ = f"The {type(self).word} of {name}."

    def _called(self, args: tuple[Any, ...], kwargs: Values) -> Any:
        """Call the function itself; what it writes into its arguments stays unseen."""
        return self.function(*copied(args), **copied(kwargs))  # type: ignore[no-untyped-call]  # a rule

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Transform)
            and type(self) is type(other)
            and self.function == other.function
            and self.argnums == other.argnums
        )

    def __hash__(self) -> int:
        return hash((type(self), self.function, self.argnums))

    def __repr__(self) -> str:
        return f"<{type(self).word} of {self.function!r}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute at these arguments."""
        if not kwargs:
            # `key_of`, written out: a call per argument would cost more than small gradients do.
            key = tuple(
                [
                    (a.shape, a.dtype)
                    if type(a) is ndarray
                    else type(a)
                    if type(a) in PLAIN
                    else key_of(a)
                    for a in args
                ]
            )
            direct = self._direct.get(key)
            if direct is not None:
                return direct(*args)
        case, values = self.case(args, kwargs)
        return self.run(case, values, len(args))

    def case(self, args: tuple[Any, ...], kwargs: Values) -> tuple[Case, Values]:
        """Give what is derived for arguments of these types, and the arguments by name."""
        key = (*map(key_of, args), *((k, key_of(v)) for k, v in sorted(kwargs.items())))
        case = self._cases.get(key)
        if case is not None and not case.is_outdated():
            return case, case.plain.bound(args, kwargs)
        plain = plain_of(self.function, args, kwargs)
        values = plain.bound(args, kwargs)
        if len(self._cases) >= MOST_VERSIONS:
            self._cases.clear()
        case = self._cases[key] = Case(plain, values)
        self._direct.clear()
        if not (kwargs or plain.keywords or case.keyword) and len(values) == len(
            (*plain.leading, *args)
        ):
            direct = self.direct(case, values, len(args))
            if direct is not None:
                self._direct[key] = direct
        return case, values

    def general(self) -> types.FunctionType:
        """Refuse: only gradients can be called by another function that is differentiated."""
        raise wrong(
            "SD103",
            f"the {type(self).word} of a function can't be differentiated inside another.",
            "Transform the whole function instead, or use grad.",
        )

    def present(self) -> types.FunctionType:
        """Give the function for any types, as it sees the variables outside now."""
        self.refresh()
        return self.general()

    def counted(self, count: int, keywords: tuple[str, ...]) -> Transform:
        """Give this transform for calls with so many arguments by position, and these by keyword.

        It is another one where the function has starred parameters, or wraps another function.
        """
        inner: Any = self.function
        found = inner
        if isinstance(inner, Transform):
            found = inner.counted(count, keywords)
        elif isinstance(inner, types.FunctionType) and not known_module(inner):
            found = numbered(by_rule(inner), count, keywords)
        if found is inner:
            return self
        return self._counted.setdefault(found, type(self)(found, self.argnums))

    def refresh(self) -> None:
        """Let what is derived for another function see the present values outside."""
        if isinstance(self.function, Transform):
            self.function.refresh()

    def direct(self, case: Case, values: Values, count: int) -> Callable[..., Any] | None:
        """Give the emitted function, where a call does no more than run it."""
        del case, values, count  # some transforms never do
        return None

    def run(self, case: Case, values: Values, count: int) -> Any:
        """Compute for one case; `count` arguments were given by position."""
        raise NotImplementedError

    def quick(self, case: Case, compiled: Compiled, suffix: str) -> Callable[..., Any]:
        """Give an emitted function that sees the present values of the variables outside."""
        function = compiled.function(f"{case.name}_{suffix}")
        leading = case.plain.leading
        if case.is_closed and not leading:
            return function

        def quick(*args: Any) -> Any:
            if case.is_outdated():
                self._direct.clear()
                return self(*args)
            case.refresh(compiled)
            return function(*leading, *args)

        return quick

    def wrt(self, case: Case, values: Values, count: int) -> tuple[str, ...] | str:
        """Give the names of the parameters to be differentiated.

        Raises
        ------
        DerivationError
            The call has no such argument, or it isn't made of numbers.
        """
        names = list(values)[len(case.plain.leading) :]
        one = isinstance(self.argnums, int)
        found: list[str] = []
        for number in (self.argnums,) if isinstance(self.argnums, int) else self.argnums:
            place = number + count if number < 0 else number
            if not 0 <= place < len(names):
                raise case.refused(
                    "SD117",
                    f"argnums is {number}, but {case.name} is called with {count}.",
                    "Count the arguments from 0.",
                )
            if case.given[names[place]].form == "other":
                kind = type(values[names[place]]).__name__
                raise case.refused(
                    "SD113",
                    f"the argument {names[place]} is a {kind}, which has no gradient.",
                    "Choose another argument by argnums, or pass numbers.",
                )
            found.append(names[place])
        return found[0] if one else tuple(found)


def either(argnums: Argnums | None, argnum: Argnums | None) -> Argnums | None:
    """Give the positions under either spelling; None if there are none.

    Raises
    ------
    DerivationError
        There are both.
    """
    if argnums is not None and argnum is not None:
        raise wrong("SD117", "both argnums and argnum are given.", "Give one of them.")
    return argnum if argnums is None else argnums


def _checked(argnums: Any) -> int | tuple[int, ...]:
    if isinstance(argnums, (int, np.integer)) and not isinstance(argnums, bool):
        return int(argnums)
    if isinstance(argnums, Sequence) and argnums and not isinstance(argnums, str):
        if all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in argnums):
            return tuple(int(n) for n in argnums)
    raise wrong(
        "SD117",
        f"argnums={argnums!r} is neither a position nor several.",
        "Write argnums=0 or argnums=(0, 1).",
    )


class Nestable(Transform):
    """A transform whose function can be called by another one that is differentiated."""

    mode: Mode = "joint"

    def general(self) -> types.FunctionType:
        """Give the emitted function for arguments of any types, to be called by another function.

        Raises
        ------
        DerivationError
            It takes the arguments' types to differentiate the function.
        """
        if self._general is None:
            function = general_of(self.function)
            live = LiveFunction(function, again=True)
            names = list(inspect.signature(function).parameters)
            compiled = live.compiled(self._named(names), self.mode, None)
            self._general = (live, compiled)
        live, compiled = self._general
        suffix = {"value": "value_and_grad", "jvp": "jvp"}.get(self.mode, "backward")
        return compiled.function(f"{live.read.name}_{suffix}")  # type: ignore[return-value]  # emitted

    def upstreams(self) -> tuple[str, ...]:
        """Give the names of the general function's upstream gradients."""
        self.general()
        assert self._general is not None
        return tuple(self._general[1].derivation.upstream_names())

    def _named(self, names: list[str]) -> tuple[str, ...] | str:
        numbers = (self.argnums,) if isinstance(self.argnums, int) else self.argnums
        if any(not -len(names) <= number < len(names) for number in numbers):
            raise wrong(
                "SD117", f"argnums is {self.argnums}, which isn't among {', '.join(names)}.", ""
            )
        found = tuple(names[number] for number in numbers)
        return found[0] if isinstance(self.argnums, int) else found

    def refresh(self) -> None:
        """Let the general function see the present values of the variables outside."""
        super().refresh()
        if self._general is None:
            return
        live, compiled = self._general
        if live.is_changed():
            self._general = None
            return
        for name in live.outside:
            compiled.namespace[name] = live.value(name)


class Grad(Nestable):
    """The gradient of a function whose output is one number."""

    scalar = True

    def direct(self, case: Case, values: Values, count: int) -> Callable[..., Any] | None:
        """Give the emitted backward function, if the output is known to be a number."""
        compiled = case.compiled(self.wrt(case, values, count), "joint")
        check_output(case, compiled)
        if self.scalar and not is_number(case, compiled):
            return None
        return self.quick(case, compiled, "backward")

    def run(self, case: Case, values: Values, count: int) -> Any:
        """Give the gradient."""
        wrt = self.wrt(case, values, count)
        compiled = case.compiled(wrt, "joint")
        check_output(case, compiled)
        if self.scalar and not is_number(case, compiled):
            return checked_value(case, wrt, values)[1]
        return case.call(compiled, "backward", values)

    def plain(self, args: tuple[Any, ...], kwargs: Values) -> Plain:
        """Give the emitted backward function."""
        case, values = self.case(args, kwargs)
        wrt = self.wrt(case, values, len(args))
        compiled = case.compiled(wrt, "joint")
        check_output(case, compiled)
        if self.scalar and not is_number(case, compiled):
            checked_value(case, wrt, values)
        return case.derived(compiled, "backward")


class ValueAndGrad(Nestable):
    """A function's value, one number, and its gradient."""

    word = "value and gradient"
    mode = "value"

    def direct(self, case: Case, values: Values, count: int) -> Callable[..., Any] | None:
        """Give the emitted function that returns both."""
        compiled = case.compiled(self.wrt(case, values, count), "value")
        return self.quick(case, compiled, "value_and_grad") if is_number(case, compiled) else None

    def run(self, case: Case, values: Values, count: int) -> Any:
        """Give the value and the gradient."""
        return checked_value(case, self.wrt(case, values, count), values)

    def plain(self, args: tuple[Any, ...], kwargs: Values) -> Plain:
        """Give the emitted function that returns both."""
        case, values = self.case(args, kwargs)
        compiled = case.compiled(self.wrt(case, values, len(args)), "value")
        is_number(case, compiled)
        return case.derived(compiled, "value_and_grad")


def general_of(function: Callable[..., Any]) -> types.FunctionType:
    """Give the plain function that a callable runs whatever its arguments are."""
    if isinstance(function, Transform):
        return function.general()
    if isinstance(function, types.FunctionType) and not known_module(function):
        return function
    given = [p for p in parameters_of(function) if p.default is inspect.Parameter.empty]
    plain = plain_of(function, (0.0,) * max(len(given), 1), {})
    if plain.leading or plain.keywords:
        raise wrong(
            "SD118",
            "a method or a partial can't be transformed inside another function.",
            "Write a lambda that calls it.",
        )
    return plain.function
