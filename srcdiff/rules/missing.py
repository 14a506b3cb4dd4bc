"""Reductions and running sums that leave out what isn't a number: nansum and the like."""

from __future__ import annotations

import numpy as np

from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.minors import product_of_others
from srcdiff.rules.registry import rule
from srcdiff.rules.shapes import along, reduced, reduced_to_float


@rule(np.nansum, shape=reduced, takes_complex=True, fresh=True)
def nansum_backward(
    x,
    axis=None,
    *,
    dtype=None,
    keepdims=False,
    initial=0,
    where=True,
    dy,
):
    """Gradients of np.nansum(x, axis) for x and initial; zero where x is NaN."""
    dinitial = np.sum(dy)
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    if where is True:
        dx = np.where(np.isnan(x), np.zeros_like(x), dy)
    else:
        counted = np.logical_and(where, np.logical_not(np.isnan(x)))
        dx = np.where(counted, dy, np.zeros_like(x))
    return dx, dinitial


@rule(np.nanprod, shape=reduced, takes_complex=True)
def nanprod_backward(
    x,
    axis=None,
    *,
    dtype=None,
    keepdims=False,
    initial=1,
    where=True,
    dy,
):
    """Gradients of np.nanprod(x, axis) for x and initial; zero where x is NaN."""
    counted = np.logical_and(where, np.logical_not(np.isnan(x)))
    factors = np.where(counted, x, np.ones_like(x))
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = np.where(counted, product_of_others(factors, axis) * (initial * dy), 0)
    dinitial = np.sum(np.prod(factors, axis=axis, keepdims=True) * dy)
    return dx, dinitial


@rule(np.nanmean, shape=reduced_to_float, takes_complex=True, fresh=True)
def nanmean_backward(x, axis=None, *, dtype=None, keepdims=False, where=True, dy):
    """Gradient of np.nanmean(x, axis) with respect to x; zero where x is NaN."""
    counted = np.logical_and(where, np.logical_not(np.isnan(x)))
    ones = np.where(counted, np.ones_like(x), 0)
    n = np.maximum(np.sum(ones, axis=axis, keepdims=True), 1)
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = np.where(counted, dy / n, np.zeros_like(x))
    return dx


@rule(np.nanmax, shape=reduced, fresh=True)
def nanmax_backward(x, axis=None, *, keepdims=False, initial=None, where=True, dy):
    """Gradients of np.nanmax(x, axis), shared by equal entries and by initial."""
    y = np.nanmax(x, axis, keepdims=keepdims, initial=initial, where=where)
    if axis is not None and not keepdims:
        y = np.expand_dims(y, axis)
        dy = np.expand_dims(dy, axis)
    largest = np.where(np.logical_and(where, x == y), np.ones_like(y), 0)
    bound = 0 if initial is None else np.where(y == initial, np.ones_like(y), 0)
    n = np.sum(largest, axis=axis, keepdims=True) + bound
    share = dy / np.maximum(n, 1)
    dx = largest * share
    dinitial = np.sum(bound * share)
    return dx, dinitial


@rule(np.nanmin, shape=reduced, fresh=True)
def nanmin_backward(x, axis=None, *, keepdims=False, initial=None, where=True, dy):
    """Gradients of np.nanmin(x, axis), shared by equal entries and by initial."""
    y = np.nanmin(x, axis, keepdims=keepdims, initial=initial, where=where)
    if axis is not None and not keepdims:
        y = np.expand_dims(y, axis)
        dy = np.expand_dims(dy, axis)
    smallest = np.where(np.logical_and(where, x == y), np.ones_like(y), 0)
    bound = 0 if initial is None else np.where(y == initial, np.ones_like(y), 0)
    n = np.sum(smallest, axis=axis, keepdims=True) + bound
    share = dy / np.maximum(n, 1)
    dx = smallest * share
    dinitial = np.sum(bound * share)
    return dx, dinitial


@rule(np.nanvar, shape=reduced_to_float, fresh=True)
def nanvar_backward(
    x,
    axis=None,
    *,
    dtype=None,
    ddof=0,
    keepdims=False,
    where=True,
    mean=None,
    dy,
):
    """Gradients of np.nanvar(x, axis, mean=...); zero where x is NaN."""
    counted = np.logical_and(where, np.logical_not(np.isnan(x)))
    ones = np.where(counted, np.ones_like(x), 0)
    n = np.maximum(np.sum(ones, axis=axis, keepdims=True), 1)
    if mean is None:
        centre = np.sum(np.where(counted, x, 0), axis=axis, keepdims=True) / n
    else:
        centre = mean
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = np.where(counted, 2 * (x - centre) * (dy / (n - ddof)), 0)
    if mean is None:
        dmean = 0.0
    else:
        dmean = unbroadcast(-dx, mean)
    return dx, dmean


@rule(np.nanstd, shape=reduced_to_float, fresh=True)
def nanstd_backward(
    x,
    axis=None,
    *,
    dtype=None,
    ddof=0,
    keepdims=False,
    where=True,
    mean=None,
    dy,
):
    """Gradients of np.nanstd(x, axis, mean=...); zero where x is NaN or all equal."""
    if mean is None:
        y = np.nanstd(x, axis, dtype=dtype, ddof=ddof, keepdims=keepdims, where=where)
    else:
        y = np.nanstd(
            x,
            axis,
            dtype=dtype,
            ddof=ddof,
            keepdims=keepdims,
            where=where,
            mean=mean,
        )
    counted = np.logical_and(where, np.logical_not(np.isnan(x)))
    ones = np.where(counted, np.ones_like(x), 0)
    n = np.maximum(np.sum(ones, axis=axis, keepdims=True), 1)
    if mean is None:
        centre = np.sum(np.where(counted, x, 0), axis=axis, keepdims=True) / n
    else:
        centre = mean
    scale = dy / np.where(y == 0, 1, y)
    if axis is not None and not keepdims:
        scale = np.expand_dims(scale, axis)
    dx = np.where(counted, (x - centre) * (scale / (n - ddof)), 0)
    if mean is None:
        dmean = 0.0
    else:
        dmean = unbroadcast(-dx, mean)
    return dx, dmean


@rule(np.nancumsum, shape=along, fresh=True)
def nancumsum_backward(x, axis=None, *, dtype=None, dy):
    """Gradient of np.nancumsum(x, axis) with respect to x; zero where x is NaN."""
    if axis is None:
        total = np.reshape(np.cumsum(dy[::-1])[::-1], np.shape(x))
    else:
        total = np.flip(np.cumsum(np.flip(dy, axis), axis), axis)
    dx = np.where(np.isnan(x), 0, total)
    return dx


@rule(np.nancumprod, shape=along, fresh=True)
def nancumprod_backward(x, axis=None, *, dtype=None, dy):
    """Gradient of np.nancumprod(x, axis) with respect to x; zero where x is NaN."""
    factors = np.where(np.isnan(x), np.ones_like(x), x)
    values = np.ravel(factors) if axis is None else np.moveaxis(factors, axis, 0)
    upstream = dy if axis is None else np.moveaxis(dy, axis, 0)
    before = np.cumprod(values, 0)[:-1]
    gathered = np.array(upstream, dtype=np.result_type(factors, dy, 1.0))
    for i in range(len(values) - 2, -1, -1):
        gathered[i] += values[i + 1] * gathered[i + 1]
    gathered[1:] *= before
    if axis is None:
        total = np.reshape(gathered, np.shape(x))
    else:
        total = np.moveaxis(gathered, 0, axis)
    dx = np.where(np.isnan(x), 0, total)
    return dx
