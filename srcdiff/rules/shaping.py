"""Functions that only rearrange, copy or make arrays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir import operators
from srcdiff.ir.nodes import Call
from srcdiff.ir.types import Type, joined, unknown
from srcdiff.rules.conversion import astype, kind_of
from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.registry import ATTRIBUTES, METHODS, Operands, flat, linear, numpys
from srcdiff.rules.shapes import (
    a_float,
    constructed,
    copied,
    length,
    like_operand,
    normalized,
    not_a_number,
    of_kind,
    raised,
    rearranged,
    reshaped,
    shape_of,
    transposed,
    whole_number,
    whole_numbers,
)


def _turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


@linear(np.transpose, shape=transposed)
def transpose_backward(x, axes=None, *, dy):
    """Gradient of np.transpose(x, axes) with respect to x."""
    if axes is None:
        dx = np.transpose(dy)
    else:
        dx = np.transpose(dy, np.argsort(np.mod(axes, len(axes))))  # -1 is the last
    return dx


@linear(*numpys("matrix_transpose"), operators.turned, shape=rearranged(_turned))
def matrix_transpose_backward(x, *, dy):
    dx = np.swapaxes(dy, -1, -2)
    return dx


def _order(operands: Operands) -> str:
    """Refuse an order that follows an array's memory."""
    return (
        "the order follows the array's memory" if operands.constant("order") in ("A", "K") else ""
    )


@linear(np.reshape, shape=reshaped, unless=_order)
def reshape_backward(x, shape, order="C", *, copy=None, dy):
    if order == "C":
        dx = np.reshape(dy, np.shape(x))
    else:
        dx = np.reshape(dy, np.shape(x), order=order)
    return dx


def _flattened(operands: Operands) -> Type:
    source = operands.type("x")
    if source.rank == 1:
        return of_kind(source, source.shape)
    return unknown(form="array").of_kind(source.kind)


@linear(np.ravel, shape=_flattened, unless=_order)
def ravel_backward(x, order="C", *, dy):
    if order == "C":
        dx = np.reshape(dy, np.shape(x))
    else:
        dx = np.reshape(dy, np.shape(x), order=order)
    return dx


def _squeezed(operands: Operands) -> Type:
    source, axis = operands.type("x"), operands.constant("axis")
    if isinstance(source.shape, tuple) and axis is None:
        if all(isinstance(n, int) for n in source.shape):
            return of_kind(source, tuple(n for n in source.shape if n != 1))
    if isinstance(source.shape, tuple) and axis is not None:
        axes = normalized(axis, len(source.shape))
        if axes is not None:
            rest = tuple(n for place, n in enumerate(source.shape) if place not in axes)
            return of_kind(source, rest)
    return unknown(form="number").of_kind(source.kind)


@linear(np.squeeze, shape=_squeezed)
def squeeze_backward(x, axis=None, *, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


def _expanded(operands: Operands) -> Type:
    source, axis = operands.type("x"), operands.constant("axis")
    new = axis if isinstance(axis, tuple) else (axis,)
    if not isinstance(source.shape, tuple) or not all(isinstance(a, int) for a in new):
        return unknown(form="array").of_kind(source.kind)
    axes = normalized(new, len(source.shape) + len(new))
    if axes is None:
        return unknown(form="array").of_kind(source.kind)
    shape = list(source.shape)
    for at in sorted(axes):
        shape.insert(at, 1)
    return of_kind(source, tuple(shape))


@linear(np.expand_dims, shape=_expanded)
def expand_dims_backward(x, axis, *, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


@linear(np.swapaxes, shape=rearranged(np.swapaxes, axis1=..., axis2=...))
def swapaxes_backward(x, axis1, axis2, *, dy):
    dx = np.swapaxes(dy, axis1, axis2)
    return dx


@linear(np.moveaxis, shape=rearranged(np.moveaxis, source=..., destination=...))
def moveaxis_backward(x, source, destination, *, dy):
    dx = np.moveaxis(dy, destination, source)
    return dx


@linear(np.rollaxis, shape=rearranged(np.rollaxis, axis=..., start=0))
def rollaxis_backward(x, axis, start=0, *, dy):
    """Gradient of np.rollaxis(x, axis, start): the axis goes back to its place."""
    rank = np.ndim(x)
    before = start + rank if start < 0 else start
    place = before - 1 if axis % rank < before else before
    dx = np.moveaxis(dy, place, axis)
    return dx


@linear(np.broadcast_to, shape=reshaped)
def broadcast_to_backward(x, shape, *, subok=False, dy):
    dx = unbroadcast(dy, x)
    return dx


@linear(np.copy, shape=copied)
def copy_backward(x, order="K", *, subok=False, dy):
    dx = dy
    return dx


@linear(np.ascontiguousarray, np.asfortranarray, shape=raised(1))
def contiguous_backward(x, *, dtype=None, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


def _as_array(operands: Operands) -> Type:
    source = operands.type("x")
    stated = kind_of(operands.constant("dtype"))
    return Type("array", source.kind if stated == "any" else stated, source.shape)


@linear(np.asarray, np.asanyarray, np.asarray_chkfinite, np.require, shape=_as_array)
def asarray_backward(x, dtype=None, order=None, *, requirements=None, copy=None, dy):
    dx = dy
    return dx


def _new_array(operands: Operands) -> Type:
    known = _as_array(operands)
    least = operands.constant("ndmin", 0)
    if not least:
        return known
    if not isinstance(known.shape, tuple) or not isinstance(least, int):
        return unknown(form="array").of_kind(known.kind)
    return Type("array", known.kind, (1,) * (least - len(known.shape)) + known.shape)


@linear(np.array, shape=_new_array)
def array_backward(x, dtype=None, *, copy=None, order="K", subok=False, ndmin=0, dy):
    if ndmin == 0:
        dx = dy
    else:
        dx = np.reshape(dy, np.shape(x))[()]
    return dx


def _as_float(operands: Operands) -> Type:
    expression = operands.expressions["x"]
    if isinstance(expression, Call) and expression.function is str:
        raise Refusal(
            "SD103",
            "a number that is read from a text has lost what it depends on.",
            "Use the number itself.",
            expression.span,
        )
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


@linear(np.atleast_1d, shape=raised(1))
def atleast_1d_backward(x, *, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


@linear(np.atleast_2d, shape=raised(2))
def atleast_2d_backward(x, *, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


@linear(np.atleast_3d, shape=raised(3))
def atleast_3d_backward(x, *, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


def item(x):
    """`x.item()`."""
    return x.item()


@linear(item, shape=_as_float)
def item_backward(x, *, dy):
    dx = np.reshape(dy, np.shape(x))
    return dx


def tolist(x):
    """`x.tolist()`."""
    return x.tolist()


def _as_list(operands: Operands) -> Type:
    source = operands.type("x")
    if source.form == "other":  # a range
        return Type("list", "int", unknown().shape)
    return Type("list", source.kind, source.shape, source.items)


def _as_tuple(operands: Operands) -> Type:
    return replace(_as_list(operands), form="tuple")


@linear(tuple, shape=_as_tuple)
def tuple_backward(x, *, dy):
    """Gradient of tuple(x), which has the items of x."""
    if isinstance(x, np.ndarray):
        dx = np.array(dy)
    else:
        dx = dy
    return dx


@linear(list, shape=_as_list)
def list_backward(x, *, dy):
    """Gradient of list(x), which has the items of x."""
    if isinstance(x, np.ndarray):
        dx = np.array(dy)
    else:
        dx = dy
    return dx


@linear(tolist, shape=_as_list)
def tolist_backward(x, *, dy):
    """Gradient of x.tolist(), a list of lists of the numbers of x."""
    dx = np.array(dy)
    return dx


def _eye(operands: Operands) -> Type:
    n = operands.typed(operands.expressions["x"]).value
    if n is None or operands.has("m"):
        return unknown(form="array").of_kind("float")
    return Type("array", "float", (n, n))


def _arange(operands: Operands) -> Type:
    n = operands.type("x").value
    ends = [operands.type(name) for name in ("x", "stop", "step") if operands.has(name)]
    kind = joined(ends)[1]
    if n is None or operands.has("stop"):
        return unknown(form="array").of_kind(kind)
    return Type("array", kind, (n,))


def _rounded(operands: Operands) -> Type:
    return a_float(operands) if operands.has("ndigits") else whole_number(operands)


flat(np.zeros, np.ones, np.empty, np.ndarray, signature=("shape", "dtype"), shape=constructed)
flat(np.zeros_like, np.ones_like, np.empty_like, signature=("x", "dtype"), shape=like_operand)
flat(np.eye, np.identity, signature=("x", "m"), shape=_eye)
flat(np.arange, signature=("x", "stop", "step"), shape=_arange)
flat(np.nonzero, signature=("x",), shape=whole_numbers)
flat(np.shape, signature=("x",), shape=shape_of)
flat(np.result_type, isinstance, str, type, range, slice, shape=not_a_number)
flat(np.ndim, np.size, int, shape=whole_number)
flat(round, signature=("x", "ndigits"), shape=_rounded)
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
        "tolist": tolist,
    }
)
flat(operators.dtype, signature=("x",), shape=not_a_number)
ATTRIBUTES.update({"dtype": operators.dtype})
ATTRIBUTES.update(
    {
        "T": np.transpose,
        "flat": np.ravel,
        "mT": operators.turned,
        "shape": np.shape,
        "size": np.size,
        "ndim": np.ndim,
    }
)
