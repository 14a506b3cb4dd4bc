"""The types of a call's arguments, and what the choice of a version depends on."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy import ndarray

from srcdiff.diagnostics import DerivationError, Diagnostic
from srcdiff.ir.nodes import Const
from srcdiff.ir.records import Record
from srcdiff.ir.types import (
    COMPLEX,
    DTYPES,
    NOTHING,
    OTHER,
    Kind,
    Type,
    array,
    is_complex,
    size_of,
)
from srcdiff.rules.records import fields_of
from srcdiff.syntax.spelled import spelled

BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
PLAIN = frozenset([float, int, bool, complex, np.float64])


FUNCTIONS = (types.FunctionType, types.MethodType, functools.partial, np.ufunc)
OTHER_ARRAYS = (np.matrix, np.ma.MaskedArray)
"""Kinds of arrays with a meaning of their own for * or for entries."""


def is_function(value: Any) -> bool:
    """Whether a value is a function, or several in a list, a tuple or a dict."""
    if type(value) in (list, tuple, dict):
        items = value.values() if isinstance(value, dict) else value
        return bool(value) and all(map(is_function, items))
    if isinstance(value, FUNCTIONS) or hasattr(type(value), "general"):
        return True
    if not callable(value) or isinstance(value, type):
        return False
    from srcdiff.syntax.scope import known_module

    return known_module(value)


def key_of(value: Any) -> Any:
    """Give what of an argument the choice of a version depends on."""
    kind = type(value)
    if kind is ndarray:
        return value.shape, value.dtype
    if kind in PLAIN:
        return kind
    if isinstance(value, ndarray):
        return kind, value.shape, value.dtype
    if kind in (list, tuple):
        return kind, *map(key_of, value)
    if kind is not dict and is_function(value):
        return kind, _key_of_function(value)
    fields = fields_of(value)  # type: ignore[no-untyped-call]  # emitted as it stands
    if fields is None and isinstance(value, dict):
        fields = value
    if fields is not None:
        return kind, *((name, key_of(item)) for name, item in fields.items())
    if isinstance(value, (list, tuple)):
        return kind, *map(key_of, value)
    return kind


def _key_of_function(value: Any) -> Any:
    """Give what tells a function from others: its code, if that is all there is to it."""
    if isinstance(value, types.FunctionType):
        if not (value.__closure__ or value.__defaults__ or value.__kwdefaults__):
            return value.__code__, id(value.__globals__)
    return value if isinstance(value, Hashable) else id(value)


def call_types(values: dict[str, Any]) -> dict[str, Type]:
    """Give the types of a call's arguments.

    Equal sizes get one name, so that what holds for this call is known while deriving.
    """
    return {name: _typed(value, name) for name, value in values.items()}


def _typed(value: Any, name: str) -> Type:
    if isinstance(value, (bool, np.bool_)):
        return Type("scalar", "bool", ())
    if isinstance(value, (int, np.integer)):
        return Type("scalar", "int", ())
    if isinstance(value, (float, np.floating)):
        return Type("scalar", "float", ())
    if isinstance(value, (complex, np.complexfloating)):
        return COMPLEX
    if isinstance(value, np.ndarray):
        if isinstance(value, OTHER_ARRAYS):
            raise wrong(
                "SD118",
                f"{name} is a {type(value).__name__}, whose operators aren't those of arrays.",
                "Pass np.asarray of it.",
            )
        return _typed_array(value)
    if is_function(value):
        return OTHER
    fields = fields_of(value)  # type: ignore[no-untyped-call]  # emitted as it stands
    if fields is not None:
        return _typed_record(value, fields, name)
    if isinstance(value, (list, tuple)):
        return _typed_sequence(value, name)
    if isinstance(value, dict):
        fields = tuple((key, _typed(item, f"{name}[{key!r}]")) for key, item in value.items())
        kind: Kind = "complex" if any(t.kind == "complex" for _, t in fields) else "any"
        return Type("dict", kind, frozenset([name]), fields=fields)
    return NOTHING if value is None else OTHER


def _typed_array(value: np.ndarray) -> Type:
    shape = tuple(map(size_of, value.shape))
    if value.dtype.kind not in DTYPES:
        return OTHER
    return array(shape, DTYPES[value.dtype.kind])


def _typed_record(value: Any, fields: dict[str, Any], name: str) -> Type:
    own = isinstance(value, tuple)
    record = Record(type(value).__name__, tuple(fields), own)
    if own:
        return replace(_typed_sequence(value, name), record=record)
    items = tuple(_typed(item, f"{name}.{field}") for field, item in fields.items())
    kind: Kind = "complex" if any(item.kind == "complex" for item in items) else "any"
    return Type("tuple", kind, frozenset([name]), items, record=record)


def _typed_sequence(value: list[Any] | tuple[Any, ...], name: str) -> Type:
    items = tuple(_typed(item, name) for item in value)
    form: Literal["list", "tuple"] = "list" if isinstance(value, list) else "tuple"
    if not items:
        return Type(form, "float", (0,), items)
    shapes = {item.shape for item in items}
    kinds = {item.kind for item in items}
    kind: Kind = "complex" if "complex" in kinds else kinds.pop() if len(kinds) == 1 else "any"
    inner = items[0].shape
    alike = len(shapes) == 1 and isinstance(inner, tuple)
    boxed = inner == () and any(item.form == "array" for item in items)  # changed in place
    if alike and not boxed and all(item.form != "other" for item in items):
        return Type(form, kind, (len(items), *inner), items)
    kind = "complex" if kind == "complex" else "any"
    return Type(form, kind, frozenset([name]), items)


def check_real(function: Any, values: dict[str, Any]) -> None:
    """Refuse complex arguments of code that was derived without knowing of them.

    Raises
    ------
    DerivationError
        A parameter is complex that has no annotation saying so.
    """
    parameters = inspect.signature(function).parameters
    for name, value in values.items():
        stated = str(parameters[name].annotation) if name in parameters else ""
        if is_complex(value) and "complex" not in stated.lower():
            raise wrong(
                "SD108",
                f"{name} is complex, and {function.__qualname__} was derived for real numbers.",
                "Annotate the parameter as complex or NDArray[complex]; pass an attribute as one.",
            )


def wrong(code: str, message: str, hint: str) -> DerivationError:
    """Make the error for a call that can't be derived for."""
    return DerivationError([Diagnostic(code, message, hint)])


def as_float(value: Any) -> Any:
    """Give an upstream gradient of a floating type."""
    if isinstance(value, (int, np.integer)):
        return float(value)
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return np.asarray(value, dtype=complex if np.iscomplexobj(value) else float)
    if isinstance(value, np.ndarray) and value.dtype.kind in "iub":
        return value.astype(float)
    return value


def plain_defaults(function: types.FunctionType) -> dict[str, Const]:
    """Give the values that the parameters' defaults had at the definition, where they are plain."""
    given = inspect.signature(function).parameters.values()
    plain = (int, float, complex, bool, str, type(None))
    return {p.name: Const(p.default, spelled(p.default)) for p in given if type(p.default) in plain}


def is_point(value: Any) -> bool:
    """Whether an argument is an array without axes."""
    return isinstance(value, np.ndarray) and value.shape == ()


def boxed(
    function: Callable[..., Any], boxes: list[bool], *, bare: bool, second: bool
) -> Callable[..., Any]:
    """Let gradients of arrays without axes be arrays, which the code holds for numbers.

    Parameters
    ----------
    function
        Gives one gradient if it is `bare`, else a tuple of them; after the value if they come
        `second`.
    boxes
        Which of the gradients are to be arrays.
    """

    def called(*args: Any, **kwargs: Any) -> Any:
        found = function(*args, **kwargs)
        given = found[1] if second else found
        parts = (given,) if bare else given
        made = tuple(np.asarray(g) if box else g for g, box in zip(parts, boxes, strict=True))
        gradients = made[0] if bare else made
        return (found[0], gradients) if second else gradients

    return called


def by_place(function: Callable[..., Any], signature: inspect.Signature) -> Callable[..., Any]:
    """Let a function take all arguments by position, a tuple for `*xs`, a dict for `**options`."""
    kinds = [(p.name, p.kind) for p in signature.parameters.values()]
    if all(kind in BY_PLACE for _, kind in kinds):
        return function

    def called(*args: Any, **kwargs: Any) -> Any:
        placed: list[Any] = []
        for (name, kind), value in zip(kinds, args, strict=True):
            if kind in BY_PLACE:
                placed.append(value)
            elif kind is inspect.Parameter.VAR_POSITIONAL:
                placed += value
            elif kind is inspect.Parameter.VAR_KEYWORD:
                kwargs |= value
            else:
                kwargs[name] = value
        return function(*placed, **kwargs)

    return called
