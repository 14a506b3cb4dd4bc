"""Any callable as a plain Python function with text: methods, partials, objects, NumPy's own."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from srcdiff.rules import registry
from srcdiff.signatures import wrong
from srcdiff.syntax.made import written
from srcdiff.syntax.numbered import numbered
from srcdiff.syntax.scope import OPAQUE, known_module
from srcdiff.syntax.spelled import spelled
from srcdiff.syntax.vocabulary import PATHS

STARS = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
SIMPLE = (bool, int, float, str, type(None))


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain Python function, and what its calls have before the caller's arguments.

    Parameters
    ----------
    function
        With its text.
    leading, keywords
        Arguments that are bound already: the object of a method, those of a partial.
    before
        What must run before each call, because the function reads what may have changed.
    is_method
        Whether the first of the leading arguments is the object of a method.
    """

    function: types.FunctionType
    leading: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    before: tuple[Callable[[], None], ...] = ()
    is_method: bool = False

    def bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Give the arguments of a call by the function's parameters, defaults put in."""
        signature = inspect.signature(self.function)
        try:
            bound = signature.bind(*self.leading, *args, **{**self.keywords, **kwargs})
        except TypeError as error:
            raise TypeError(f"{self.function.__name__}() {error}") from None
        bound.apply_defaults()
        return bound.arguments


@runtime_checkable
class Derived(Protocol):
    """A function that is made by deriving, so that its text depends on its arguments' types."""

    def plain(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Plain:
        """Give the plain function that computes it for arguments of these types."""


def plain_of(target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Plain:
    """Give the plain function that a call of a callable runs.

    Raises
    ------
    DerivationError
        There is no text that says what the callable computes.
    """
    if isinstance(target, Derived):
        return target.plain(args, kwargs)
    if isinstance(target, types.FunctionType) and not known_module(target):
        return Plain(numbered(by_rule(target), len(args), tuple(sorted(kwargs))))
    if isinstance(target, types.MethodType):
        inner = plain_of(target.__func__, (target.__self__, *args), kwargs)
        own = not inner.leading
        leading = (*inner.leading, target.__self__)
        return replace(inner, leading=leading, is_method=own or inner.is_method)
    if isinstance(target, functools.partial):
        given = {**target.keywords, **kwargs}
        inner = plain_of(target.func, (*target.args, *args), given)
        keywords = {**inner.keywords, **target.keywords}
        return replace(inner, leading=(*inner.leading, *target.args), keywords=keywords)
    if known_module(target) and callable(target):
        return _of_library(target, args, kwargs)
    call = vars(type(target)).get("__call__") if callable(target) else None
    if isinstance(call, types.FunctionType):
        return Plain(call, (target,), is_method=True)
    raise wrong(
        "SD118",
        f"{_named(target)} isn't a function that can be read.",
        "Pass a Python function, a lambda, a method, or a function of NumPy.",
    )


def by_rule(function: types.FunctionType) -> types.FunctionType:
    """Give a function that calls one with a rule of the user's, so that the rule counts.

    A function without a rule is given back itself.
    """
    if id(function) not in OPAQUE:
        return function
    return _calling(function)


@functools.lru_cache(maxsize=512)
def _calling(function: types.FunctionType) -> types.FunctionType:
    own = function.__name__ if function.__name__.isidentifier() else "f"
    parameters, call = [], []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in STARS:
            starred = STARS[parameter.kind] + parameter.name
            parameters.append(starred)
            call.append(starred)
            continue
        alone = parameter.kind is parameter.KEYWORD_ONLY
        if alone and not any(name.startswith("*") for name in parameters):
            parameters.append("*")
        usual = parameter.default
        simple = usual is not parameter.empty and _is_simple(usual)
        parameters.append(parameter.name + (f"={spelled(usual)}" if simple else ""))
        call.append(f"{parameter.name}={parameter.name}" if alone else parameter.name)
    text = f"def {own}({', '.join(parameters)}):\n    return {own}_({', '.join(call)})\n"
    return written(text, own, {f"{own}_": function})


def _named(target: Any) -> str:
    return getattr(target, "__name__", None) or f"an object of type {type(target).__name__}"


def _of_library(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Plain:
    """Write the function whose one statement calls a library's."""
    keywords = frozenset(kwargs)
    constants = {name: value for name, value in kwargs.items() if _is_simple(value)}
    made = _wrapper(function, len(args), keywords, tuple(sorted(constants.items())))
    return Plain(made)


def _is_simple(value: Any) -> bool:
    """Whether a value can be written into a text."""
    if isinstance(value, tuple):
        return all(map(_is_simple, value))
    return type(value) in SIMPLE


@functools.lru_cache(maxsize=512)
def _wrapper(
    function: Any, count: int, keywords: frozenset[str], constants: tuple[tuple[str, Any], ...]
) -> types.FunctionType:
    path, name = _path(function)
    parameters = _parameters(function, count)
    given = dict(constants)
    values = {k: spelled(given[k]) if k in given else k for k in keywords}
    call = [*parameters, *(f"{k}={value}" for k, value in values.items())]
    parameters += sorted(keywords - given.keys())
    parameters += [f"{k}={values[k]}" for k in sorted(given)]
    module = path.split(".")[0]
    called = f"{path}.{name}".replace("numpy.", "np.", 1) if module == "numpy" else f"{path}.{name}"
    own = name if name.isidentifier() else "f"
    text = f"def {own}({', '.join(parameters)}):\n    return {called}({', '.join(call)})\n"
    return written(text, own, {"np": np, module: __import__(path)})


def _path(function: Any) -> tuple[str, str]:
    """Give the module and the name under which a library's function is found."""
    if id(function) in PATHS:
        return PATHS[id(function)]
    module, name = getattr(function, "__module__", "") or "", getattr(function, "__name__", "")
    try:
        found = getattr(__import__(module, fromlist=[name]), name)
    except (AttributeError, ImportError, ValueError):
        found = None
    if found is not function:
        raise wrong(
            "SD118",
            f"{_named(function)} isn't a function that can be read.",
            "Wrap it in a function of your own.",
        )
    return module, name


def parameters_of(function: Any) -> list[inspect.Parameter]:
    """Give the parameters of a library's function, as its rule has them."""
    rule = registry.RULES.get(function) if callable(function) else None
    return list(registry.forward_parameters(rule)) if rule is not None else []


def _parameters(function: Any, count: int) -> list[str]:
    """Name the positional parameters of a library's function."""
    names = ["x", "y", "z", "w"]
    if function in registry.RULES:
        rule = registry.RULES[function]
        names = [p.name for p in registry.forward_parameters(rule)]
    elif function in registry.FLAT:
        names = list(registry.FLAT[function].signature)
    names += [f"x{i}" for i in range(len(names), count)]
    return names[:count]
