"""Products with the Jacobian, from either side."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.cases import Case, Values
from srcdiff.demands import check_output
from srcdiff.diagnostics import DerivationError
from srcdiff.gradients import Argnums, Transform
from srcdiff.live import Compiled
from srcdiff.signatures import as_float


class Vjp(Transform):
    """A function's value, and the function that takes its gradient back to the arguments.

    Parameters
    ----------
    argnums
        As in `grad`; None for all arguments that are made of numbers.
    """

    word = "vector-Jacobian product"

    def __init__(self, function: Callable[..., Any], argnums: Argnums | None = None) -> None:
        super().__init__(function, 0 if argnums is None else argnums)
        self.all = argnums is None

    def run(self, case: Case, values: Values, count: int) -> tuple[Any, Pullback]:
        """Give the value and the function back."""
        names = list(values)[len(case.plain.leading) :][:count]
        numbers = case.differentiable()
        wrt = tuple(n for n in names if n in numbers) if self.all else self.wrt(case, values, count)
        if not wrt:
            raise case.refused(
                "SD113", f"no argument of {case.name} is made of numbers.", "Pass numbers."
            )
        compiled = case.compiled(wrt, "split")
        value, cache = case.call(compiled, "forward", values)
        value = _as_returned(value, compiled)
        return value, Pullback(case, compiled, value, cache, names if self.all else None)


class Pullback:
    """The linear function from the gradient of a call's value to those of its arguments."""

    def __init__(
        self, case: Case, compiled: Compiled, value: Any, cache: Any, names: list[str] | None
    ) -> None:
        derivation = compiled.derivation
        self.function = compiled.function(f"{case.name}_backward")
        self.containers = derivation.containers()
        self.several = len(self.containers) > 1 or derivation.function.gives_one
        values = zip(value if self.several else (value,), self.containers, strict=True)
        self.shapes = [None if held else np.shape(v) for v, held in values]
        self.cache = cache
        self.names = names
        self.wanted = [variable.wish for variable in derivation.wanted]
        matters = {v.wish for v in derivation.adjoints}
        self.without = {
            name for name in self.wanted if name not in matters and case.given[name].kind == "int"
        }

    def __call__(self, upstream: Any) -> Any:
        """Give the gradients of the arguments: for all of them, None where there is none."""
        given = tuple(upstream) if self.several else (upstream,)
        if len(given) != len(self.shapes):
            raise ValueError(f"{len(given)} gradients were given for {len(self.shapes)} outputs")
        whole = zip(given, self.containers, strict=True)
        given = tuple(part if held else as_float(part) for part, held in whole)
        for part, shape in zip(given, self.shapes, strict=True):
            if shape is not None and np.shape(part) != shape:
                raise ValueError(
                    f"the gradient has shape {np.shape(part)}, but the output has {shape}"
                )
        gradients = self.function(*given, self.cache)
        if self.names is None:
            return gradients
        found = dict(zip(self.wanted, gradients, strict=True))
        return tuple(found.get(n) if n not in self.without else None for n in self.names)


class Jvp(Transform):
    """A function's value and its derivative along a direction."""

    word = "Jacobian-vector product"

    def along(self, args: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        """Give the value at the arguments, and how it changes with them along the tangents."""
        case, values = self.case(args, {})
        names = list(values)[len(case.plain.leading) :][: len(args)]
        moving = {
            name: _floating(tangent, argument)
            for name, argument, tangent in zip(names, args, tangents, strict=True)
            if tangent is not None
        }
        for argument, tangent in zip(args, tangents, strict=True):
            plain = isinstance(argument, (int, float, np.ndarray)) and tangent is not None
            if plain and np.shape(tangent) != np.shape(argument):
                raise ValueError(
                    f"a tangent has shape {np.shape(tangent)}, its argument {np.shape(argument)}"
                )
        moving = self._without_idle(case, moving)
        compiled: Compiled | None = None
        with contextlib.suppress(DerivationError):  # then two backward passes may do
            compiled = case.compiled(tuple(moving), "jvp")
        if compiled is not None:
            wished = [variable.wish for variable in compiled.derivation.wanted]
            named = dict(zip(wished, compiled.derivation.upstream_names(), strict=True))
            given = {named[name]: tangent for name, tangent in moving.items()}
            out, change = case.call(compiled, "jvp", values, given)
            return _as_returned(out, compiled), _as_returned(change, compiled)
        value = self._called(args, {})
        return value, self._twice(case, values, tuple(moving), tuple(moving.values()), value)

    @staticmethod
    def _without_idle(case: Case, moving: dict[str, Any]) -> dict[str, Any]:
        """Leave out the tangents of whole numbers that only count, as a depth of recursion does."""
        whole = {name for name in moving if case.given[name].kind == "int"}
        if not whole or whole == moving.keys():
            return moving
        with contextlib.suppress(DerivationError):
            matters = {v.wish for v in case.compiled(None, "jvp").derivation.wanted}
            return {
                n: tangent for n, tangent in moving.items() if n in matters | ({*moving} - whole)
            }
        return moving

    def _twice(
        self,
        case: Case,
        values: Values,
        wrt: tuple[str, ...],
        tangents: tuple[Any, ...],
        value: Any,
    ) -> Any:
        """Differentiate the backward function, which is linear in its upstream gradient."""
        compiled = case.compiled(wrt, "joint")
        check_output(case, compiled)
        plain = case.derived(compiled, "backward")
        upstreams = compiled.derivation.upstream_names()
        several = len(upstreams) > 1 or compiled.derivation.function.gives_one
        outputs = value if several else (value,)
        ones: Values = {}
        for name, output in zip(upstreams, outputs, strict=True):
            kind = complex if np.iscomplexobj(output) else float
            ones[name] = np.ones_like(output, dtype=kind) if np.ndim(output) else kind(1)
        inner = Case(plain, {**values, **ones})
        again = inner.compiled(tuple(upstreams), "joint")
        names = again.derivation.upstream_names()
        given = dict(zip(names, tangents, strict=True))
        found = inner.call(again, "backward", {**values, **ones}, given)
        return tuple(found) if several else found[0]


def _as_returned(value: Any, compiled: Compiled) -> Any:
    """Give the one output of a function in a tuple, if the function returns it in one."""
    return (value,) if compiled.derivation.function.gives_one else value


def _floating(tangent: Any, argument: Any) -> Any:
    """Give a tangent in floating numbers, in the structure of its argument."""
    if isinstance(argument, dict):
        return {key: _floating(tangent[key], value) for key, value in argument.items()}
    if isinstance(argument, (list, tuple)) and not hasattr(argument, "_fields"):
        pairs = zip(tangent, argument, strict=True)
        return type(argument)(_floating(part, value) for part, value in pairs)
    return as_float(tangent)


@functools.lru_cache(maxsize=256)
def shared(kind: Callable[[Any], Transform], function: Callable[..., Any]) -> Transform:
    """Give the one transform of a function that calls of `vjp` and `jvp` share."""
    return kind(function)
