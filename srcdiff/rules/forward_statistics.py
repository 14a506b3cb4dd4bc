"""Forward rules of statistics: what leaves out NaN, weighted means, quantiles."""

from __future__ import annotations

import numpy as np

from srcdiff.rules.forwards import forward, linear_in
from srcdiff.rules.minors import product_of_others
from srcdiff.rules.missing import (
    nancumprod_backward,
    nancumsum_backward,
    nanmax_backward,
    nanmean_backward,
    nanmin_backward,
    nanprod_backward,
    nanstd_backward,
    nansum_backward,
    nanvar_backward,
)
from srcdiff.rules.ranks import (
    behind,
    latest,
    quantile_slopes,
    quantile_weights,
    spread_weights,
)
from srcdiff.rules.running import running_max_backward, running_min_backward
from srcdiff.rules.sorting import (
    median_backward,
    nanmedian_backward,
    nanpercentile_backward,
    nanquantile_backward,
    percentile_backward,
    quantile_backward,
    unique_backward,
)
from srcdiff.rules.statistics import average_backward, bincount_backward

# What leaves out NaN


@forward(nansum_backward)
def nansum_forward(
    x,
    axis=None,
    *,
    dtype=None,
    keepdims=False,
    initial=0,
    where=True,
    dx=None,
    dinitial=None,
):
    """Tangent of np.nansum(x, axis); zero where x is NaN."""
    moved = np.zeros(np.shape(x), np.result_type(x, 1.0))
    if dx is not None:
        moved = np.where(np.isnan(x), moved, dx)
    start = 0 if dinitial is None else dinitial
    dy = np.sum(moved, axis=axis, keepdims=keepdims, initial=start, where=where)
    return dy


@forward(nanprod_backward)
def nanprod_forward(
    x,
    axis=None,
    *,
    dtype=None,
    keepdims=False,
    initial=1,
    where=True,
    dx=None,
    dinitial=None,
):
    """Tangent of np.nanprod(x, axis); zero where x is NaN."""
    counted = np.logical_and(where, np.logical_not(np.isnan(x)))
    factors = np.where(counted, x, np.ones_like(x))
    dy = np.zeros_like(np.sum(factors, axis=axis, keepdims=keepdims))
    if dx is not None:
        moved = np.where(counted, product_of_others(factors, axis) * dx, 0)
        dy = dy + initial * np.sum(moved, axis=axis, keepdims=keepdims)
    if dinitial is not None:
        dy = dy + np.prod(factors, axis=axis, keepdims=keepdims) * dinitial
    return dy


@forward(nanmean_backward)
def nanmean_forward(x, axis=None, *, dtype=None, keepdims=False, where=True, dx):
    """Tangent of np.nanmean(x, axis); zero where x is NaN."""
    counted = np.logical_and(where, np.logical_not(np.isnan(x)))
    n = np.sum(np.where(counted, np.ones_like(x), 0), axis=axis, keepdims=keepdims)
    total = np.sum(np.where(counted, dx, 0), axis=axis, keepdims=keepdims)
    dy = total / np.maximum(n, 1)
    return dy


@forward(nanmax_backward)
def nanmax_forward(
    x, axis=None, *, keepdims=False, initial=None, where=True, dx=None, dinitial=None
):
    """Tangent of np.nanmax(x, axis): a mean over equal largest entries."""
    y = np.nanmax(x, axis=axis, keepdims=True, initial=initial, where=where)
    largest = np.where(np.logical_and(where, x == y), np.ones_like(y), 0)
    bound = 0 if initial is None else np.where(y == initial, np.ones_like(y), 0)
    total = 0 if dx is None else np.sum(largest * dx, axis=axis, keepdims=True)
    moved = total if dinitial is None else total + bound * dinitial
    dy = moved / np.maximum(np.sum(largest, axis=axis, keepdims=True) + bound, 1)
    if not keepdims:
        dy = np.squeeze(dy, axis)[()]
    return dy


@forward(nanmin_backward)
def nanmin_forward(
    x, axis=None, *, keepdims=False, initial=None, where=True, dx=None, dinitial=None
):
    """Tangent of np.nanmin(x, axis): a mean over equal smallest entries."""
    y = np.nanmin(x, axis=axis, keepdims=True, initial=initial, where=where)
    smallest = np.where(np.logical_and(where, x == y), np.ones_like(y), 0)
    bound = 0 if initial is None else np.where(y == initial, np.ones_like(y), 0)
    total = 0 if dx is None else np.sum(smallest * dx, axis=axis, keepdims=True)
    moved = total if dinitial is None else total + bound * dinitial
    dy = moved / np.maximum(np.sum(smallest, axis=axis, keepdims=True) + bound, 1)
    if not keepdims:
        dy = np.squeeze(dy, axis)[()]
    return dy


@forward(nanvar_backward)
def nanvar_forward(
    x,
    axis=None,
    *,
    dtype=None,
    ddof=0,
    keepdims=False,
    where=True,
    mean=None,
    dx=None,
    dmean=None,
):
    """Tangent of np.nanvar(x, axis, mean=...); zero where x is NaN."""
    counted = np.logical_and(where, np.logical_not(np.isnan(x)))
    ones = np.where(counted, np.ones_like(x), 0)
    n = np.maximum(np.sum(ones, axis=axis, keepdims=True), 1)
    if mean is None:
        centre = np.sum(np.where(counted, x, 0), axis=axis, keepdims=True) / n
    else:
        centre = mean
    moved = np.zeros_like(x) if dx is None else dx
    if dmean is not None:
        moved = moved - dmean
    total = 2 * np.where(counted, (x - centre) * moved, 0) / (n - ddof)
    dy = np.sum(total, axis=axis, keepdims=keepdims)
    return dy


@forward(nanstd_backward)
def nanstd_forward(
    x,
    axis=None,
    *,
    dtype=None,
    ddof=0,
    keepdims=False,
    where=True,
    mean=None,
    dx=None,
    dmean=None,
):
    """Tangent of np.nanstd(x, axis, mean=...); zero where all elements are equal."""
    counted = np.logical_and(where, np.logical_not(np.isnan(x)))
    ones = np.where(counted, np.ones_like(x), 0)
    n = np.maximum(np.sum(ones, axis=axis, keepdims=True), 1)
    if mean is None:
        y = np.nanstd(x, axis, dtype=dtype, ddof=ddof, keepdims=keepdims, where=where)
        centre = np.sum(np.where(counted, x, 0), axis=axis, keepdims=True) / n
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
        centre = mean
    moved = np.zeros_like(x) if dx is None else dx
    if dmean is not None:
        moved = moved - dmean
    total = np.where(counted, (x - centre) * moved, 0) / (n - ddof)
    dy = np.sum(total, axis=axis, keepdims=keepdims) / np.where(y == 0, 1, y)
    return dy


@forward(nancumsum_backward)
def nancumsum_forward(x, axis=None, *, dtype=None, dx):
    """Tangent of np.nancumsum(x, axis); zero where x is NaN."""
    dy = np.cumsum(np.where(np.isnan(x), 0, dx), axis)
    return dy


@forward(nancumprod_backward)
def nancumprod_forward(x, axis=None, *, dtype=None, dx):
    """Tangent of np.nancumprod(x, axis): each product's follows from the one before."""
    factors = np.where(np.isnan(x), np.ones_like(x), x)
    steps = np.where(np.isnan(x), np.zeros_like(x), dx)
    values = np.ravel(factors) if axis is None else np.moveaxis(factors, axis, 0)
    moved = np.ravel(steps) if axis is None else np.moveaxis(steps, axis, 0)
    before = np.concatenate([np.ones_like(values[:1]), np.cumprod(values, 0)[:-1]])
    dy = before * moved
    for i in range(1, len(values)):
        dy[i] += values[i] * dy[i - 1]
    if axis is not None:
        dy = np.moveaxis(dy, 0, axis)
    return dy


# Running extremes


@forward(running_max_backward)
def running_max_forward(x, axis=0, *, dx):
    """Tangent of np.maximum.accumulate(x, axis); of equals, that of the latest."""
    y = np.maximum.accumulate(x, axis)
    dy = np.take_along_axis(dx, latest(x == y, axis), axis)
    return dy


@forward(running_min_backward)
def running_min_forward(x, axis=0, *, dx):
    """Tangent of np.minimum.accumulate(x, axis); of equals, that of the latest."""
    y = np.minimum.accumulate(x, axis)
    dy = np.take_along_axis(dx, latest(x == y, axis), axis)
    return dy


# Means and counts


@forward(average_backward)
def average_forward(
    x,
    axis=None,
    weights=None,
    *,
    keepdims=False,
    dx=None,
    dweights=None,
):
    """Tangent of np.average(x, axis, weights)."""
    if weights is None:
        dy = np.mean(dx, axis=axis, keepdims=keepdims)
    else:
        if np.shape(weights) == np.shape(x):
            shares, moved = weights, dweights
        else:
            shares = spread_weights(weights, x, axis)
            moved = None if dweights is None else spread_weights(dweights, x, axis)
        whole = np.broadcast_to(shares, np.shape(x))
        total = np.sum(whole, axis=axis, keepdims=True)
        y = np.sum(x * whole, axis=axis, keepdims=True) / total
        parts = np.zeros_like(x) if dx is None else whole * dx
        if moved is not None:
            parts = parts + (x - y) * moved
        dy = np.sum(parts / total, axis=axis, keepdims=keepdims)
    return dy


linear_in(bincount_backward, "weights")


# Ranks


@forward(unique_backward)
def unique_forward(x, *, dx):
    """Tangent of np.unique(x): the mean over equal elements."""
    places = np.ravel(np.searchsorted(np.unique(x), x))
    counts = np.asarray(np.bincount(places), dtype=np.result_type(np.asarray(x), 1.0))
    dy = np.zeros_like(counts)
    np.add.at(dy, places, np.ravel(dx))
    dy = dy / counts
    return dy


@forward(median_backward)
def median_forward(x, axis=None, *, overwrite_input=False, keepdims=False, dx):
    """Tangent of np.median(x, axis)."""
    weights = quantile_weights(x, 0.5, axis, "linear", False)
    dy = np.sum(weights * dx, axis=axis, keepdims=keepdims)
    return dy


@forward(nanmedian_backward)
def nanmedian_forward(x, axis=None, *, overwrite_input=False, keepdims=False, dx):
    """Tangent of np.nanmedian(x, axis)."""
    weights = quantile_weights(x, 0.5, axis, "linear", True)
    dy = np.sum(weights * dx, axis=axis, keepdims=keepdims)
    return dy


@forward(quantile_backward)
def quantile_forward(
    x,
    q,
    axis=None,
    *,
    overwrite_input=False,
    method="linear",
    keepdims=False,
    dx=None,
    dq=None,
):
    """Tangent of np.quantile(x, q, axis)."""
    parts = 0.0
    if dx is not None:
        parts = quantile_weights(x, q, axis, method, False) * dx
    if dq is not None:
        slopes = quantile_slopes(x, q, axis, method, False)
        rise = slopes * np.where(slopes == 0, 0, x)
        parts = parts + rise * np.expand_dims(dq, behind(x, None))
    dy = np.sum(parts, axis=behind(x, axis), keepdims=keepdims)
    return dy


@forward(nanquantile_backward)
def nanquantile_forward(
    x,
    q,
    axis=None,
    *,
    overwrite_input=False,
    method="linear",
    keepdims=False,
    dx=None,
    dq=None,
):
    """Tangent of np.nanquantile(x, q, axis); zero where x is NaN."""
    parts = 0.0
    if dx is not None:
        parts = quantile_weights(x, q, axis, method, True) * dx
    if dq is not None:
        slopes = quantile_slopes(x, q, axis, method, True)
        rise = slopes * np.where(slopes == 0, 0, x)
        parts = parts + rise * np.expand_dims(dq, behind(x, None))
    dy = np.sum(parts, axis=behind(x, axis), keepdims=keepdims)
    return dy


@forward(percentile_backward)
def percentile_forward(
    x,
    q,
    axis=None,
    *,
    overwrite_input=False,
    method="linear",
    keepdims=False,
    dx=None,
    dq=None,
):
    """Tangent of np.percentile(x, q, axis)."""
    parts = 0.0
    if dx is not None:
        parts = quantile_weights(x, np.divide(q, 100), axis, method, False) * dx
    if dq is not None:
        slopes = quantile_slopes(x, np.divide(q, 100), axis, method, False)
        rise = slopes * np.where(slopes == 0, 0, x)
        parts = parts + rise * np.expand_dims(np.divide(dq, 100), behind(x, None))
    dy = np.sum(parts, axis=behind(x, axis), keepdims=keepdims)
    return dy


@forward(nanpercentile_backward)
def nanpercentile_forward(
    x,
    q,
    axis=None,
    *,
    overwrite_input=False,
    method="linear",
    keepdims=False,
    dx=None,
    dq=None,
):
    """Tangent of np.nanpercentile(x, q, axis); zero where x is NaN."""
    parts = 0.0
    if dx is not None:
        parts = quantile_weights(x, np.divide(q, 100), axis, method, True) * dx
    if dq is not None:
        slopes = quantile_slopes(x, np.divide(q, 100), axis, method, True)
        rise = slopes * np.where(slopes == 0, 0, x)
        parts = parts + rise * np.expand_dims(np.divide(dq, 100), behind(x, None))
    dy = np.sum(parts, axis=behind(x, axis), keepdims=keepdims)
    return dy
