"""Conversions of arrays to other types of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcdiff.ir.types import DTYPES, Kind, Type
from srcdiff.rules.forwards import forward
from srcdiff.rules.registry import UNKNOWN, Operands, rule
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


@rule(astype, shape=_converted, takes_complex=True)
def astype_backward(
    x,
    dtype,
    order="K",
    *,
    casting="unsafe",
    subok=True,
    copy=True,
    dy,
):
    """Gradient of x.astype(dtype): zero where that gives whole numbers."""
    if np.issubdtype(dtype, np.inexact):
        dx = dy
    else:
        dx = np.zeros_like(dy)
    return dx


@forward(astype_backward)
def astype_forward(x, dtype, order="K", *, casting="unsafe", subok=True, copy=True, dx):
    """Tangent of x.astype(dtype): zero where that gives whole numbers."""
    if np.issubdtype(dtype, np.inexact):
        dy = dx.astype(dtype)
    else:
        dy = np.zeros_like(dx)
    return dy
