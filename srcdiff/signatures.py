"""The types of a call's arguments, and what the choice of a version depends on."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy import ndarray

from srcdiff.diagnostics import DerivationError, Diagnostic
from srcdiff.ir.types import Dim, Shape, Type, array, size

PLAIN = frozenset([float, int, bool, np.float64])


def key_of(value: Any) -> Any:
    """Give what of an argument the choice of a version depends on."""
    kind = type(value)
    if kind is ndarray:
        return value.shape, value.dtype
    if kind in (list, tuple):
        return kind, *map(key_of, value)
    if kind is dict:
        return kind, *((name, key_of(item)) for name, item in value.items())
    return kind


def call_types(values: dict[str, Any]) -> dict[str, Type]:
    """Give the types of a call's arguments.

    Equal sizes get one name, so that what holds for this call is known while deriving.
    """
    return {name: _typed(value, name) for name, value in values.items()}


def _dim(n: int) -> Dim:
    return 1 if n == 1 else size(f"size {n}")


def _typed(value: Any, name: str) -> Type:
    if isinstance(value, (bool, np.bool_)):
        return Type("scalar", "bool", ())
    if isinstance(value, (int, np.integer)):
        return Type("scalar", "int", ())
    if isinstance(value, (float, np.floating)):
        return Type("scalar", "float", ())
    if isinstance(value, (complex, np.complexfloating)):
        raise complex_number(name)
    if isinstance(value, np.ndarray):
        return _typed_array(value, name)
    if isinstance(value, (list, tuple)):
        return _typed_sequence(value, name)
    if isinstance(value, dict):
        fields = tuple((key, _typed(item, f"{name}[{key!r}]")) for key, item in value.items())
        return Type("any", "any", frozenset([name]), fields=fields)
    return Type("other", "any", ())


def complex_number(name: str) -> DerivationError:
    """Make the error for a complex argument."""
    return wrong(
        "SD108",
        f"the argument {name} is complex; complex numbers are not supported yet.",
        "Split the computation into real and imaginary parts.",
    )


def _typed_array(value: np.ndarray, name: str) -> Type:
    shape = tuple(map(_dim, value.shape))
    kinds: dict[str, Any] = {"f": "float", "i": "int", "u": "int", "b": "bool"}
    if value.dtype.kind == "c":
        raise complex_number(name)
    if value.dtype.kind not in kinds:
        return Type("other", "any", ())
    return array(shape, kinds[value.dtype.kind])


def _typed_sequence(value: list[Any] | tuple[Any, ...], name: str) -> Type:
    items = tuple(_typed(item, name) for item in value)
    form: Literal["list", "tuple"] = "list" if isinstance(value, list) else "tuple"
    if not items:
        return Type(form, "float", (0,), items)
    shapes = {item.shape for item in items}
    kind = items[0].kind if len({item.kind for item in items}) == 1 else "any"
    inner = items[0].shape
    if len(shapes) == 1 and isinstance(inner, tuple) and items[0].form != "other":
        return Type(form, kind, (len(items), *inner), items)
    return Type(form, "any", frozenset([name]), items)


def known_sizes(shape: Shape) -> tuple[int, ...] | None:
    """Give a shape in numbers, if all its sizes are those of arguments."""
    if not isinstance(shape, tuple):
        return None
    sizes: list[int] = []
    for dim in shape:
        if isinstance(dim, int):
            sizes.append(dim)
            continue
        words = {name.removeprefix("size ") for name in dim}
        if len(words) != 1 or not all(word.isdigit() for word in words):
            return None
        sizes.append(int(words.pop()))
    return tuple(sizes)


def wrong(code: str, message: str, hint: str) -> DerivationError:
    """Make the error for a call that can't be derived for."""
    return DerivationError([Diagnostic(code, message, hint)])


def as_float(value: Any) -> Any:
    """Give an upstream gradient of a floating type."""
    if isinstance(value, (int, np.integer)):
        return float(value)
    if np.iscomplexobj(value):
        raise complex_number("upstream gradient")
    if isinstance(value, (list, tuple)):
        return np.asarray(value, dtype=float)
    if isinstance(value, np.ndarray) and value.dtype.kind in "iub":
        return value.astype(float)
    return value
