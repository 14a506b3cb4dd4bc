"""Conversions of arrays to other types of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.nodes import Call
from srcdiff.ir.types import DTYPES, Kind, Type
from srcdiff.rules.registry import UNKNOWN, Operands, linear
from srcdiff.rules.shapes import of_kind


def astype(x, dtype):
    """`x.astype(dtype)`."""
    return x.astype(dtype)


def kind_of(dtype: Any) -> Kind:
    """Give the kind of number that a constant dtype stands for."""
    if dtype is UNKNOWN or dtype is None:
        return "any"
    try:
        return DTYPES.get(np.dtype(dtype).kind, "any")
    except TypeError:
        return "any"


def _converted(operands: Operands) -> Type:
    source = operands.type("x")
    return of_kind(source, source.shape, kind_of(operands.constant("dtype", UNKNOWN)))


def _kept(operands: Operands) -> str:
    """Say what keeps the derivative from being known: an int type would make it zero."""
    dtype = operands.expressions["dtype"]
    if isinstance(dtype, Call) and dtype.function is operators.dtype:
        whole = operands.typed(dtype.arguments[0]).kind in ("int", "bool")
        return "it gives whole numbers" if whole else ""
    if operands.constant("dtype", UNKNOWN) is not UNKNOWN:
        return ""
    return "its type isn't known before the program runs, and may be one of whole numbers"


@linear(astype, shape=_converted, unless=_kept)
def astype_backward(x, dtype, order="K", *, casting="unsafe", subok=True, copy=True, dy):
    dx = dy
    return dx
