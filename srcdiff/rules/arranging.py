"""Running sums, sorting, repeating, padding, picking and diagonals."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.registry import METHODS, Operands, linear, rule
from srcdiff.rules.shapes import anything, of_kind


def _along(operands: Operands) -> Type:
    """Give the type of a running sum: like the operand, flat where no axis is given."""
    source = operands.type("x")
    if operands.constant("axis") is None and source.rank != 1:
        return unknown(form="array").of_kind(source.kind)
    return of_kind(source, source.shape)


@linear(np.cumsum, shape=_along)
def cumsum_backward(x, axis=None, *, dy):
    """Gradient of np.cumsum(x, axis): each element is in all sums from its own on."""
    if axis is None:
        dx = np.reshape(np.cumsum(dy[::-1])[::-1], np.shape(x))
    else:
        dx = np.flip(np.cumsum(np.flip(dy, axis), axis), axis)
    return dx


@rule(np.cumprod, shape=_along, takes_complex=True)
def cumprod_backward(x, axis=None, *, dy):
    """Gradient of np.cumprod(x, axis), right where elements are zero.

    An element's gradient is the product of those before it, times the sum over the products after
    it, which is gathered from the end.
    """
    values = np.ravel(x) if axis is None else np.moveaxis(x, axis, 0)
    upstream = dy if axis is None else np.moveaxis(dy, axis, 0)
    before = np.cumprod(values, 0)[:-1]
    gathered = np.array(upstream, dtype=np.result_type(x, dy, 1.0))
    for i in range(len(values) - 2, -1, -1):
        gathered[i] += values[i + 1] * gathered[i + 1]
    gathered[1:] *= before
    if axis is None:
        dx = np.reshape(gathered, np.shape(x))
    else:
        dx = np.moveaxis(gathered, 0, axis)
    return dx


def _sorted(operands: Operands) -> Type:
    source = operands.type("x")
    if operands.constant("axis", -1) is None:
        return unknown(form="array").of_kind(source.kind)
    return of_kind(source, source.shape)


@rule(np.sort, shape=_sorted)
def sort_backward(x, axis=-1, *, dy):
    """Gradient of np.sort(x, axis); of equal elements, the first is the first."""
    dx = np.zeros(np.size(x) if axis is None else np.shape(x), np.result_type(x, dy, 1.0))
    order = np.argsort(x, axis, kind="stable")
    np.put_along_axis(dx, order, dy, 0 if axis is None else axis)
    dx = np.reshape(dx, np.shape(x))
    return dx


@rule(np.nansum, shape=anything, takes_complex=True)
def nansum_backward(x, axis=None, *, keepdims=False, dy):
    """Gradient of np.nansum(x, axis); zero where x isn't a number."""
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = np.where(np.isnan(x), 0.0, dy)
    return dx


@rule(np.nanmean, shape=anything, takes_complex=True)
def nanmean_backward(x, axis=None, *, keepdims=False, dy):
    """Gradient of np.nanmean(x, axis); zero where x isn't a number."""
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = np.where(np.isnan(x), 0.0, dy / np.sum(~np.isnan(x), axis=axis, keepdims=True))
    return dx


METHODS.update(
    {
        "cumsum": np.cumsum,
        "cumprod": np.cumprod,
        "searchsorted": np.searchsorted,
    }
)
