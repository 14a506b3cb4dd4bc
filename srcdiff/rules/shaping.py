"""Functions that only rearrange, copy or make arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.types import DTYPES, Kind, Type, unknown
from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.registry import ATTRIBUTES, METHODS, UNKNOWN, Operands, flat, linear
from srcdiff.rules.shapes import (
    a_float,
    anything,
    constructed,
    length,
    like_operand,
    normalized,
    not_a_number,
    of_kind,
    reshaped,
    same_as_operand,
    shape_of,
    transposed,
    whole_number,
)


@linear(np.transpose, shape=transposed)
def transpose_backward(x, axes=None, *, dy):
    """Gradient of np.transpose(x, axes) with respect to x."""
    if axes is None:
        dx = np.transpose(dy)
    else:
        dx = np.transpose(dy, np.argsort(np.mod(axes, len(axes))))  # -1 is the last
    return dx


@linear(np.reshape, shape=reshaped)
def reshape_backward(x, shape, *, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


def _flattened(operands: Operands) -> Type:
    source = operands.type("x")
    if source.rank == 1:
        return of_kind(source, source.shape)
    return unknown(form="array").of_kind(source.kind)


@linear(np.ravel, shape=_flattened)
def ravel_backward(x, *, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


@linear(np.squeeze, shape=anything)
def squeeze_backward(x, axis=None, *, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


def _expanded(operands: Operands) -> Type:
    source, axis = operands.type("x"), operands.constant("axis")
    if not isinstance(source.shape, tuple) or not isinstance(axis, int):
        return unknown(form="array").of_kind(source.kind)
    axes = normalized(axis, len(source.shape) + 1)
    if axes is None:
        return unknown(form="array").of_kind(source.kind)
    at = axes[0]
    return of_kind(source, (*source.shape[:at], 1, *source.shape[at:]))


@linear(np.expand_dims, shape=_expanded)
def expand_dims_backward(x, axis, *, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


@linear(np.swapaxes, shape=anything)
def swapaxes_backward(x, axis1, axis2, *, dy):
    dx = np.swapaxes(dy, axis1, axis2)
    return dx


@linear(np.moveaxis, shape=anything)
def moveaxis_backward(x, source, destination, *, dy):
    dx = np.moveaxis(dy, destination, source)
    return dx


@linear(np.broadcast_to, shape=reshaped)
def broadcast_to_backward(x, shape, *, dy):
    dx = unbroadcast(dy, x)
    return dx


@linear(np.copy, np.ascontiguousarray, shape=same_as_operand)
def copy_backward(x, *, dy):
    dx = dy
    return dx


def _as_array(operands: Operands) -> Type:
    source = operands.type("x")
    stated = kind_of(operands.constant("dtype"))
    return Type("array", source.kind if stated == "any" else stated, source.shape)


@linear(np.asarray, np.array, np.asanyarray, shape=_as_array)
def asarray_backward(x, *, dtype=None, copy=None, dy):
    dx = dy
    return dx


def _as_float(operands: Operands) -> Type:
    return Type("scalar", "float", ())


def _as_floats(operands: Operands) -> Type:
    source = operands.type("x")
    return of_kind(source, source.shape, "float")


@linear(float, shape=_as_float)
def float_backward(x, *, dy):
    dx = dy
    return dx


@linear(np.float64, np.float32, shape=_as_floats)
def floats_backward(x, *, dy):
    dx = dy
    return dx


def _flipped(operands: Operands) -> Type:
    source = operands.type("x")
    return of_kind(source, source.shape)


@linear(np.flip, shape=_flipped)
def flip_backward(x, axis=None, *, dy):
    dx = np.flip(dy, axis)
    return dx


@linear(np.roll, shape=_flipped)
def roll_backward(x, shift, axis=None, *, dy):
    dx = np.roll(dy, np.negative(shift), axis)
    return dx


@linear(np.atleast_1d, np.atleast_2d, shape=anything)
def atleast_backward(x, *, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


def item(x):
    """`x.item()`."""
    return x.item()


@linear(item, shape=_as_float)
def item_backward(x, *, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


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


@linear(astype, shape=_converted)
def astype_backward(x, dtype, *, dy):
    dx = dy
    return dx


def _as_list(operands: Operands) -> Type:
    source = operands.type("x")
    return Type("list", source.kind, source.shape, source.items)


@linear(list, shape=_as_list)
def list_backward(x, *, dy):
    """Gradient of list(x), which has the items of x."""
    if isinstance(x, np.ndarray):
        dx = np.array(dy)
    else:
        dx = dy
    return dx


def _eye(operands: Operands) -> Type:
    n = operands.typed(operands.expressions["x"]).value
    if n is None or operands.has("m"):
        return unknown(form="array").of_kind("float")
    return Type("array", "float", (n, n))


def _arange(operands: Operands) -> Type:
    n = operands.typed(operands.expressions["x"]).value
    if n is None or operands.has("stop"):
        return unknown(form="array")
    return Type("array", "int", (n,))


flat(np.zeros, np.ones, np.empty, np.ndarray, signature=("shape", "dtype"), shape=constructed)
flat(np.zeros_like, np.ones_like, np.empty_like, signature=("x", "dtype"), shape=like_operand)
flat(np.eye, np.identity, signature=("x", "m"), shape=_eye)
flat(np.arange, signature=("x", "stop", "step"), shape=_arange)
flat(np.argsort, np.nonzero, np.flatnonzero, signature=("x", "axis"), shape=anything)
flat(np.shape, signature=("x",), shape=shape_of)
flat(np.result_type, isinstance, str, type, range, slice, shape=not_a_number)
flat(np.ndim, np.size, int, round, shape=whole_number)
flat(len, shape=length)
flat(np.finfo, shape=a_float)

METHODS.update(
    {
        "dot": np.dot,
        "sum": np.sum,
        "mean": np.mean,
        "prod": np.prod,
        "max": np.max,
        "min": np.min,
        "var": np.var,
        "std": np.std,
        "argmax": np.argmax,
        "argmin": np.argmin,
        "any": np.any,
        "all": np.all,
        "transpose": np.transpose,
        "reshape": np.reshape,
        "ravel": np.ravel,
        "flatten": np.ravel,
        "squeeze": np.squeeze,
        "swapaxes": np.swapaxes,
        "copy": np.copy,
        "clip": np.clip,
        "astype": astype,
        "argsort": np.argsort,
        "nonzero": np.nonzero,
        "item": item,
    }
)
flat(operators.dtype, signature=("x",), shape=not_a_number)
ATTRIBUTES.update({"dtype": operators.dtype})
ATTRIBUTES.update({"T": np.transpose, "shape": np.shape, "size": np.size, "ndim": np.ndim})
