"""Rules of the helpers that emitted code takes along, for deriving it again."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.operators import stop_gradient
from srcdiff.ir.types import Type, size, unknown
from srcdiff.rules.helpers import (
    array_of_zeros,
    count,
    gathered,
    is_vector,
    numbered,
    product_of_others,
    slope_of_products,
    structured,
    unbroadcast,
    unpadded,
    unpadded_statistics,
    zeros_like,
)
from srcdiff.rules.padding import widths_of
from srcdiff.rules.registry import UNKNOWN, Operands, flat, linear, rule
from srcdiff.rules.shapes import anything, of_kind, same_as_operand


def _like(operands: Operands) -> Type:
    """Give the shape of the second operand."""
    return operands.type("like").of_kind("float")


@linear(unbroadcast, shape=_like)
def unbroadcast_backward(grad, like, *, dy):
    """Gradient of the sum over the axes along which like was broadcast."""
    dgrad = np.broadcast_to(dy, np.shape(grad))
    return dgrad


@linear(structured, shape=_like)
def structured_backward(grad, like, *, dy):
    """Gradient of a gradient that was given tuples: the same without them."""
    dgrad = dy
    return dgrad


@linear(gathered, shape=_like)
def gathered_backward(grad, places, like, *, dy):
    """Gradient of what was added up by places: each number comes from its place."""
    dgrad = np.where(places >= 0, np.take(dy, places), 0)
    return dgrad


def _smaller(operands: Operands) -> Type:
    source, width = operands.type("grad"), operands.constant("pad_width")
    pairs = widths_of(width, source.rank) if source.rank and width is not UNKNOWN else None
    if pairs is None or not isinstance(source.shape, tuple):
        return unknown(form="array").of_kind("float")
    sizes = [
        n - sum(pair) if isinstance(n, int) else size(f"{sorted(n)} in {pair}")
        for n, pair in zip(source.shape, pairs, strict=True)
    ]
    return of_kind(source, tuple(sizes))


@linear(unpadded, shape=_smaller)
def unpadded_backward(grad, pad_width, *, dy):
    dgrad = np.pad(dy, pad_width)
    return dgrad


def _extremes(operands: Operands) -> str:
    return "" if operands.constant("mode") == "mean" else "only that of the mean has one"


@linear(unpadded_statistics, unless=_extremes)
def unpadded_statistics_backward(grad, like, pad_width, mode, stat_length, *, dy):
    dgrad = np.pad(dy, pad_width, mode, stat_length=stat_length)
    return dgrad


def _as_x(operands: Operands) -> Type:
    return operands.type("x").of_kind("float")


@rule(product_of_others, shape=_as_x)
def product_of_others_backward(x, axis, *, dy):
    dx = slope_of_products(x, axis, dy)
    return dx


def _numbers(operands: Operands) -> Type:
    return operands.type("x").of_kind("int")


flat(zeros_like, signature=("x",))
flat(array_of_zeros, is_vector, count, signature=("x",), shape=anything)
flat(stop_gradient, signature=("x",), shape=same_as_operand)
flat(numbered, signature=("x",), shape=_numbers)
