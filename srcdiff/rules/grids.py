"""Arrays made of a few numbers: evenly spaced ones, constant ones."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.registry import UNKNOWN, Operands, rule
from srcdiff.rules.shapes import constructed, like_operand


def _spaced(operands: Operands) -> Type:
    """Give the type of numbers between two others; of rows, where these are arrays."""
    ends = operands.type("start"), operands.type("stop")
    num = operands.constant("num", 50)
    if any(end.shape != () for end in ends):
        return unknown(form="array").of_kind("float")
    if num is UNKNOWN:
        value = operands.typed(operands.expressions["num"]).value
        return Type("array", "float", unknown().shape if value is None else (value,))
    return Type("array", "float", (num,))


def _pair(operands: Operands) -> str:
    return "it gives the step too" if operands.constant("retstep", False) else ""


@rule(np.linspace, shape=_spaced, unless=_pair)
def linspace_backward(start, stop, num=50, endpoint=True, retstep=False, *, axis=0, dy):
    """Gradients of np.linspace(start, stop, num): each lies a part of the way."""
    parts = np.linspace(0, 1, num, endpoint)
    if np.ndim(dy) == 1:
        dstart = np.dot(1 - parts, dy)
        dstop = np.dot(parts, dy)
    else:
        rows = np.moveaxis(dy, axis, 0)
        dstart = unbroadcast(np.tensordot(1 - parts, rows, 1), start)
        dstop = unbroadcast(np.tensordot(parts, rows, 1), stop)
    return dstart, dstop


@rule(np.geomspace, shape=_spaced)
def geomspace_backward(start, stop, num=50, endpoint=True, *, axis=0, dz):
    """Gradients of np.geomspace(start, stop, num), evenly spaced in logarithms."""
    z = np.geomspace(start, stop, num, endpoint, axis=axis)
    parts = np.linspace(0, 1, num, endpoint)
    rows = np.moveaxis(z * dz, axis, 0)
    dstart = unbroadcast(np.tensordot(1 - parts, rows, 1) / start, start)
    dstop = unbroadcast(np.tensordot(parts, rows, 1) / stop, stop)
    return dstart, dstop


@rule(np.logspace, shape=_spaced)
def logspace_backward(start, stop, num=50, endpoint=True, base=10.0, *, axis=0, dz):
    """Gradients of np.logspace(start, stop, num, base=base): powers of base."""
    z = np.logspace(start, stop, num, endpoint, base, axis=axis)
    exponents = np.linspace(start, stop, num, endpoint, axis=axis)
    parts = np.linspace(0, 1, num, endpoint)
    rows = np.moveaxis(np.log(base) * z * dz, axis, 0)
    dstart = unbroadcast(np.tensordot(1 - parts, rows, 1)[()], start)
    dstop = unbroadcast(np.tensordot(parts, rows, 1)[()], stop)
    dbase = unbroadcast(exponents / base * z * dz, base)[()]
    return dstart, dstop, dbase


def _filled(operands: Operands) -> Type:
    known = constructed(operands)
    return known if operands.has("dtype") else known.of_kind(operands.type("fill_value").kind)


@rule(np.full, shape=_filled)
def full_backward(shape, fill_value, dtype=None, order="C", *, dy):
    """Gradient of np.full(shape, fill_value) with respect to fill_value."""
    if np.ndim(fill_value) == 0:
        dfill_value = np.sum(dy)
    else:
        dfill_value = unbroadcast(dy, fill_value)
    return dfill_value


def _filled_like(operands: Operands) -> Type:
    return like_operand(
        Operands({**operands.expressions, "x": operands.expressions["a"]}, operands.typed)
    )


def _whole(operands: Operands) -> str:
    like = operands.type("a")
    if like.kind in ("int", "bool") and not operands.has("dtype"):
        return "the array is one of whole numbers, to which the value is rounded"
    if like.kind == "any" and not operands.has("dtype"):
        return (
            "the array may be one of whole numbers, to which the value is rounded; say dtype=float"
        )
    return ""


@rule(np.full_like, shape=_filled_like, unless=_whole)
def full_like_backward(a, fill_value, dtype=None, *, dy):
    """Gradient of np.full_like(a, fill_value) with respect to fill_value."""
    if np.ndim(fill_value) == 0:
        dfill_value = np.sum(dy)
    else:
        dfill_value = unbroadcast(dy, fill_value)
    return dfill_value
