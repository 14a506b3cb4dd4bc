"""Rules of the helpers that emitted code takes along, for deriving it again."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.operators import stop_gradient
from srcdiff.ir.types import Type, size, unknown
from srcdiff.rules.around import (
    padded_statistics,
    statistic_shares,
    unpadded_statistics,
    unreflected,
)
from srcdiff.rules.helpers import (
    added,
    array_of_zeros,
    copied,
    copy_of,
    count,
    digamma,
    for_each,
    gathered,
    is_vector,
    last_named,
    numbered,
    structured,
    trigamma,
    unbroadcast,
    unpadded,
    unramped,
    zeros_like,
)
from srcdiff.rules.minors import product_of_others, slope_of_products
from srcdiff.rules.padding import widths_of
from srcdiff.rules.ranks import (
    behind,
    bessel_i1,
    latest,
    observations,
    quantile_slopes,
    quantile_weights,
    spread_quantiles,
    spread_weights,
    variables_of,
    weights_summed,
)
from srcdiff.rules.registry import UNKNOWN, Operands, elementwise, flat, linear, rule
from srcdiff.rules.shapes import anything, of_kind, same_as_operand, several


def _like(operands: Operands) -> Type:
    """Give the shape of the second operand."""
    return operands.type("like").of_kind("float")


def _as_gradient(operands: Operands) -> Type:
    known = operands.type("grad")
    return known.of_kind(known.gradient_kind)


@linear(unbroadcast, shape=_like)
def unbroadcast_backward(grad, like, *, dy):
    """Gradient of the sum over the axes along which like was broadcast."""
    dgrad = np.broadcast_to(dy, np.shape(grad))
    return dgrad


def _as_items(operands: Operands) -> Type:
    return operands.type("items").of_kind("float")


@linear(for_each, shape=_as_items)
def for_each_backward(grad, items, *, dy):
    """Gradient of what each item of a sum gets."""
    dgrad = np.broadcast_to(sum(dy), np.shape(grad))
    return dgrad


def _in_structure(operands: Operands) -> Type:
    grad, like = operands.type("grad"), operands.type("like")
    return (grad if like.form == "any" and grad.form == "dict" else like).of_kind("float")


@linear(structured, shape=_in_structure)
def structured_backward(grad, like, *, dy):
    """Gradient of a gradient that was given tuples: the same without them."""
    dgrad = dy
    return dgrad


@linear(copy_of, shape=_as_gradient)
def copy_of_backward(grad, *, dy):
    """Gradient of a copy of a gradient."""
    dgrad = dy
    return dgrad


@rule(added, shape=_as_gradient)
def added_backward(grad, other, *, dy):
    """Gradients of the sum of two gradients."""
    dgrad = dy
    dother = dy
    return dgrad, dother


@linear(copied, shape=lambda operands: operands.type("x"))
def copied_backward(x, *, dy):
    """Gradient of a copy."""
    dx = dy
    return dx


@linear(gathered, shape=_like)
def gathered_backward(grad, places, like, *, dy):
    """Gradient of what was added up by places: each number comes from its place."""
    dgrad = np.where(places >= 0, np.take(dy, places), 0)
    return dgrad


@linear(last_named)
def last_named_backward(grad, index, *, dy):
    """Gradient of last_named(grad, index): of what is set twice, the last stays."""
    dgrad = np.zeros(np.shape(grad), np.result_type(dy, 1.0))
    dgrad[index] = dy
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


@linear(unpadded_statistics)
def unpadded_statistics_backward(grad, like, pad_width, mode, stat_length, *, dy):
    dgrad = padded_statistics(dy, like, pad_width, mode, stat_length)
    return dgrad


@linear(padded_statistics)
def padded_statistics_backward(moved, like, pad_width, mode, stat_length, *, dy):
    dmoved = unpadded_statistics(dy, like, pad_width, mode, stat_length)
    return dmoved


@linear(unreflected)
def unreflected_backward(grad, pad_width, mode, *, dy):
    dgrad = np.pad(dy, pad_width, mode, reflect_type="odd")
    return dgrad


@rule(unramped, shape=lambda _: several(*(unknown(form="array").of_kind("float"),) * 2))
def unramped_backward(grad, like, pad_width, end_values, *, dinner, dends):
    """Gradient of the gradients of a padding by ramps: the padding."""
    inner = np.zeros(np.shape(like)) if dinner is None else dinner
    ends = 0 if dends is None else dends
    dgrad = np.pad(inner, pad_width, "linear_ramp", end_values=ends)
    return dgrad


def _as_x(operands: Operands) -> Type:
    return operands.type("x").of_kind("float")


# Ranks


@rule(quantile_weights, shape=anything)
def quantile_weights_backward(x, q, axis, method, skips, *, dy):
    """Gradient with respect to q; in x they are steps."""
    dq = np.sum(quantile_slopes(x, q, axis, method, skips) * dy, axis=behind(x, None))
    return dq


@linear(spread_quantiles, shape=anything)
def spread_quantiles_backward(grad, x, q, axis, *, dy):
    dgrad = np.reshape(dy, np.shape(grad))
    return dgrad


# Weighted means and covariances


@linear(spread_weights, shape=anything)
def spread_weights_backward(weights, x, axis, *, dy):
    dweights = weights_summed(dy, axis)
    return dweights


@linear(weights_summed, shape=anything)
def weights_summed_backward(grad, axis, *, dy):
    dgrad = np.broadcast_to(spread_weights(dy, grad, axis), np.shape(grad))
    return dgrad


@rule(observations, shape=anything)
def observations_backward(x, y, rowvar, *, drows):
    dx = variables_of(x, drows, not rowvar and np.ndim(x) == 2, first=True)
    if y is None:
        dy = 0.0
    else:
        turned = not rowvar and len(np.atleast_2d(y)) != 1
        dy = variables_of(y, drows, turned, first=False)
    return dx, dy


@rule(variables_of, shape=_as_x)
def variables_of_backward(x, rows, turned, first, *, dy):
    """Gradient with respect to the rows: zero for those of the others."""
    own = np.transpose(np.atleast_2d(dy)) if turned else np.atleast_2d(dy)
    count = np.shape(rows)[0] - np.shape(own)[0]
    others = np.zeros((count, np.shape(rows)[1]), np.result_type(dy))
    drows = np.concatenate([own, others] if first else [others, own])
    return drows


@elementwise(bessel_i1)
def bessel_i1_backward(x, *, dy):
    """Gradient of the modified Bessel function; Abramowitz and Stegun, 9.6.26."""
    y = bessel_i1(x)
    dx = np.where(x == 0, 0.5, np.i0(x) - y / np.where(x == 0, 1, x)) * dy
    return dx


@elementwise(digamma)
def digamma_backward(x, *, dy):
    dx = trigamma(x) * dy
    return dx


@rule(product_of_others, shape=_as_x)
def product_of_others_backward(x, axis, *, dy):
    dx = slope_of_products(x, axis, dy)
    return dx


@rule(slope_of_products, shape=_as_x)
def slope_of_products_backward(x, axis, dy, *, dz):
    """Gradients of the products of all but two: those of all but three times both."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    if axis is None:
        axes = tuple(range(np.ndim(x)))
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(x, axes, last)
    entries = int(np.prod(np.shape(moved)[np.ndim(x) - len(axes) :]))
    itself = np.eye(entries, dtype=bool)
    rows = np.shape(moved)[: np.ndim(x) - len(axes)] + np.shape(itself[:1])
    others = np.where(itself, 1.0, np.reshape(moved, rows))
    upstream = np.where(itself, 0.0, np.reshape(np.moveaxis(dy, axes, last), rows))
    slopes = np.where(itself, 0.0, slope_of_products(others, -1, upstream))
    weights = np.swapaxes(np.reshape(np.moveaxis(dz, axes, last), rows), -1, -2)
    total = np.sum(weights * slopes, axis=-2)
    dx = np.moveaxis(np.reshape(total, np.shape(moved)), last, axes)
    ddy = slope_of_products(x, axis, dz)
    return dx, ddy


def _numbers(operands: Operands) -> Type:
    return operands.type("x").of_kind("int")


flat(zeros_like, signature=("x",))
flat(array_of_zeros, is_vector, count, signature=("x",), shape=anything)
flat(stop_gradient, signature=("x",), shape=same_as_operand)
flat(numbered, signature=("x",), shape=_numbers)
flat(latest, behind, quantile_slopes, statistic_shares, signature=("x", "axis"), shape=anything)
