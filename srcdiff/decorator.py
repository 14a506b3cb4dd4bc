"""`derive_backward`: a function or class gets its backward pass."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import numpy as np
from numpy import ndarray

from srcdiff.diagnostics import DerivationError
from srcdiff.ir.types import is_container, known_sizes
from srcdiff.passed import ByFunctions
from srcdiff.signatures import (
    BY_PLACE,
    PLAIN,
    as_float,
    boxed,
    by_place,
    call_types,
    is_point,
    key_of,
    wrong,
)

if TYPE_CHECKING:
    from srcdiff.ir.types import Type
    from srcdiff.live import Compiled, LiveFunction
    from srcdiff.request import Mode

UNSURE = frozenset(["SD110", "SD130", "SD131"])
"""Problems that the arguments' types may solve: what shares memory, is real, is a record."""

F = TypeVar("F", bound=Callable[..., Any])
Wrt = tuple[str, ...] | str | None


@overload
def derive_backward(target: F, /) -> F: ...
@overload
def derive_backward(
    target: None = None,
    /,
    *,
    wrt: Wrt = None,
    mode: Literal["joint", "split"] = "joint",
    outputs: tuple[str, ...] | str | None = None,
) -> Callable[[F], F]: ...
@overload
def derive_backward(
    target: F,
    /,
    *,
    wrt: Wrt = None,
    mode: Literal["joint", "split"] = "joint",
    outputs: tuple[str, ...] | str | None = None,
) -> F: ...
def derive_backward(
    target: Any = None,
    /,
    *,
    wrt: Any = None,
    mode: Literal["joint", "split"] = "joint",
    outputs: Any = None,
) -> Any:
    """Derive the backward pass of a function, or of a class with a `forward` method.

    Parameters
    ----------
    target
        A Python function, or a class. Left out, a decorator comes back.
    wrt
        The parameters to differentiate: a name, for the bare gradient, or several. Left out: every
        parameter that the output depends on differentiably, in the order of the signature.
    mode
        "joint" gives `f.backward(*args, dout=1.0)`; "split" gives `f.forward(*args)`, which returns
        the output and a cache, and `f.backward(dout, cache)`.
    outputs
        The returned values that have an upstream gradient, by name; the others are left out. For a
        function that returns nothing: the arguments whose contents at the end are its outputs.
        Left out: all that it returns or writes into.

    Returns
    -------
    The same function, with `.backward` and `.value_and_grad` (and `.forward`, if split); or the
    same class, with a method `backward`.

    Raises
    ------
    DerivationError
        The function can't be differentiated correctly.
    """
    if target is None:
        return lambda function: derive_backward(function, wrt=wrt, mode=mode, outputs=outputs)
    if mode not in ("joint", "split"):
        raise wrong("SD117", f"there is no mode {mode!r}.", 'The modes are "joint" and "split".')
    if isinstance(wrt, list):
        wrt = tuple(wrt)
    if wrt is not None and not _is_names(wrt):
        raise wrong("SD117", f"wrt={wrt!r} isn't a name or names.", 'Write wrt="x" or ("x", "y").')
    asked = (outputs,) if isinstance(outputs, str) else tuple(outputs or ())
    if not _is_names(asked):
        raise wrong("SD117", f"outputs={outputs!r} isn't a name or names.", 'Write outputs=("A",).')
    if isinstance(target, type):
        if wrt is not None or asked or mode != "joint":
            raise wrong(
                "SD118",
                "a class takes neither wrt nor mode nor outputs.",
                "Its backward returns the gradients of forward's arguments.",
            )
        from srcdiff.classes import derive_class

        return derive_class(target)
    if not isinstance(target, types.FunctionType):
        message = f"derive_backward takes a Python function or a class, not {target!r}."
        raise wrong("SD118", message, "Wrap it in a function: def f(x): return ...")
    from srcdiff.emitted import attach_split
    from srcdiff.live import LiveFunction
    from srcdiff.plain import by_rule

    if mode == "split":
        attach_split(target, LiveFunction(by_rule(target), asked), wrt)
    else:
        backward = Backward(target, wrt, asked)
        target.backward = backward  # type: ignore[attr-defined]  # what the decorator is for
        target.value_and_grad = ValueAndGrad(backward)  # type: ignore[attr-defined]  # the same
    return target


def _is_names(wrt: Any) -> bool:
    return isinstance(wrt, str) or (
        isinstance(wrt, tuple) and all(isinstance(name, str) for name in wrt)
    )


class Backward:
    """The backward function of a decorated function.

    Calling it derives, once for each signature of the arguments, a version for just these types
    and ranks, and runs it.

    `source` is the general text, right for the annotated types, or for all where there are none.
    """

    MOST_VERSIONS = 1000

    def __init__(
        self,
        function: types.FunctionType,
        wrt: Wrt,
        asked: tuple[str, ...] = (),
        functions: dict[str, Any] | None = None,
    ) -> None:
        functools.update_wrapper(self, function)
        del self.__dict__["__wrapped__"]  # inspect is to show backward, not forward
        self._forward = function
        self._wrt = wrt
        self._asked = asked
        self._functions = functions
        self._signature = inspect.signature(function)
        self._count = len(self._signature.parameters)
        self._simple = all(p.kind in BY_PLACE for p in self._signature.parameters.values())
        self._passed = ByFunctions(function, lambda own: Backward(function, wrt, asked, own))
        self._begin()
        name = function.__name__ if self._live is None else self._live.read.name
        self.__name__ = f"{name}_backward"
        if self._general is not None:
            self.__signature__ = inspect.signature(self._general.function(self.__name__))

    def _begin(self) -> None:
        """Derive from the function, and from what it calls, as they are now."""
        from srcdiff.live import LiveFunction
        from srcdiff.plain import by_rule

        self._live: LiveFunction | None = None
        self._general: Compiled | None = None
        self._reason: DerivationError | None = None
        self._upstreams: list[str] = []
        self._reads: tuple[str, ...] = ()
        self._called = False
        self._versions: dict[Any, Callable[..., Any]] = {}
        try:
            live = LiveFunction(by_rule(self._forward), self._asked, functions=self._functions)
        except DerivationError as error:
            if {diagnostic.code for diagnostic in error.diagnostics} != {"SD132"}:
                raise
            self._reason = error  # a call says which functions the arguments are
            return
        self._live = live
        try:
            self._general = live.compiled(self._wrt, "joint", None)
        except DerivationError as error:
            codes = {diagnostic.code for diagnostic in error.diagnostics}
            if not codes <= UNSURE and not live.may_be_known(error.diagnostics):
                raise
            # With the arguments' types it may be known what shares memory, or is real, or runs.
            self._reason = error
        self._outputs: dict[Any, tuple[Type, ...]] = {}
        held = self._general.derivation.containers() if self._general is not None else ()
        self._upstreams = live.upstream_names()
        pairs = zip(self._upstreams, held, strict=False)
        self._containers = frozenset(name for name, own in pairs if own)
        self._reads = tuple(live.outside) or live.module_variables()
        self._called = bool(live.called)

    @property
    def source(self) -> str:
        """The general text.

        Raises
        ------
        DerivationError
            Without the arguments' types the function can't be differentiated.
        """
        if self._general is None:
            assert self._reason is not None
            raise self._reason
        return self._general.text

    def _refresh(self) -> None:
        """Begin again if a function that is called has been replaced."""
        if self._live is not None and self._live.is_changed():
            self._begin()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Give the gradients at these arguments."""
        if self._called:
            self._refresh()
        if not kwargs:
            # The quick way: what follows is `key_of`, written out, because a call per argument
            # would cost more than small gradients do.
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
            version = self._versions.get(key)
            if version is not None:
                return version(*args)
        return self.run("joint", args, kwargs)

    def run(self, mode: Mode, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the version for these arguments."""
        own = self._passed.of(args, kwargs) if self._functions is None else None
        if own is not None:
            own._refresh()
            return own.run(mode, args, kwargs)
        if self._live is None:
            assert self._reason is not None
            raise self._reason
        given = None if kwargs else args
        if kwargs or len(args) != self._count or not self._simple:
            args, kwargs = self._bound(args, kwargs)
        values = args
        if self._reads:
            values = (*args, *map(self._live.value, self._reads))
        quick = mode == "joint" and not self._reads and self._simple
        key = tuple(map(key_of, values)) if quick else (mode, *map(key_of, values))
        version = self._versions.get(key)
        if version is None:
            version = self._derived(mode, key, values)
        if kwargs:
            kwargs = self._fitted(key, kwargs)
        elif quick and given is not None and len(given) < self._count:
            self._remember_short(given, args[len(given) :], version)
        return version(*args, **kwargs)

    def _remember_short(
        self, given: tuple[Any, ...], defaults: tuple[Any, ...], version: Callable[..., Any]
    ) -> None:
        """Let the next call without the last arguments find its version at once."""

        def short(*args: Any) -> Any:
            return version(*args, *defaults)

        self._versions[tuple(map(key_of, given))] = short

    def _fitted(self, key: Any, upstream: dict[str, Any]) -> dict[str, Any]:
        """Refuse an upstream gradient that is not of its output's shape or kind of number."""
        fitted = dict(upstream)
        for name, known in zip(self._upstreams, self._outputs.get(key, ()), strict=False):
            if name not in upstream or name in self._containers or is_container(known):
                continue
            value, wanted = as_float(upstream[name]), known_sizes(known.shape)
            fitted[name], given = value, np.shape(value)
            if wanted is not None and given not in ((), wanted):
                raise ValueError(
                    f"{self.__name__}() got {name} of shape {given}; the output has shape {wanted}"
                )
            if known.kind != "complex" and np.iscomplexobj(value):
                raise wrong(
                    "SD108",
                    f"the upstream gradient {name} is complex, the output is real.",
                    "Pass the upstream gradient's real part.",
                )
        return fitted

    def _bound(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Give all arguments by position, and the upstream gradients by name."""
        names = self._upstreams
        upstream = {name: kwargs.pop(name) for name in names if name in (kwargs := dict(kwargs))}
        extra = len(args) - self._count
        if 0 < extra <= len(names) and self._simple:
            for name, value in zip(names, args[self._count :], strict=False):
                if name in upstream:
                    raise TypeError(f"{self.__name__}() got two values for {name!r}")
                upstream[name] = value
            args = args[: self._count]
        try:
            bound = self._signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.__name__}() {error}") from None
        bound.apply_defaults()
        missing = [name for name in names if name not in upstream]
        if missing and (len(names) > 1 or self._containers):
            raise TypeError(
                f"{self.__name__}() needs the upstream gradients of all outputs: "
                f"{', '.join(missing)} missing"
            )
        return tuple(bound.arguments.values()), upstream

    def _derived(self, mode: Mode, key: Any, values: tuple[Any, ...]) -> Callable[..., Any]:
        names = [*self._signature.parameters, *self._reads]
        given = call_types(dict(zip(names, values, strict=True)))
        wrt = self._effective_wrt()
        for wanted in (wrt,) if isinstance(wrt, str) else wrt or ():
            value = values[names.index(wanted)]  # None's gradient is None, unless it is asked for
            if given[wanted].form == "other" and (value is not None or self._wrt is not None):
                raise wrong(
                    "SD113",
                    f"the argument {wanted} is a {type(value).__name__}, which has no gradient.",
                    "Leave it out of wrt, or pass numbers.",
                )
        assert self._live is not None
        live = self._live.for_values(dict(zip(names, values, strict=True)))
        self._called = bool(self._live.called)
        compiled = live.compiled(wrt, mode, given)
        suffix = "value_and_grad" if mode == "value" else "backward"
        function = compiled.function(f"{self._live.read.name}_{suffix}")
        derivation = compiled.derivation
        boxes = [is_point(values[names.index(v.wish)]) for v in derivation.wanted]
        if any(boxes):
            function = boxed(function, boxes, bare=derivation.bare, second=mode == "value")
        version = by_place(function, self._signature)
        if live.outside:
            version = self._refreshing(version, compiled.namespace, live)
        if len(self._versions) >= self.MOST_VERSIONS:
            self._versions.clear()
        self._versions[key] = version
        self._outputs[key] = tuple(map(derivation.types.of, derivation.function.values))
        return version

    def _effective_wrt(self) -> Wrt:
        """Give the parameters of the general text: a version returns the same ones."""
        if self._wrt is not None or self._general is None:
            return self._wrt
        names = tuple(v.wish for v in self._general.derivation.wanted)
        return names[0] if self._general.derivation.bare else names

    def _refreshing(
        self, version: Callable[..., Any], namespace: dict[str, Any], live: LiveFunction
    ) -> Callable[..., Any]:
        """Let a version see the present values of the variables outside."""

        def refreshed(*args: Any, **kwargs: Any) -> Any:
            for name in live.outside:
                namespace[name] = live.value(name)
            return version(*args, **kwargs)

        return refreshed


class ValueAndGrad:
    """`f.value_and_grad(*args)`: the output and the gradients, from one forward pass."""

    def __init__(self, backward: Backward) -> None:
        self._backward = backward
        self.__name__ = backward.__name__.removesuffix("_backward") + "_value_and_grad"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Give the output and the gradients at these arguments."""
        if self._backward._called:
            self._backward._refresh()
        return self._backward.run("value", args, kwargs)
