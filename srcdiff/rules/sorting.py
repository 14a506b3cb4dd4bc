"""What depends on the order of elements: sorted arrays, medians, quantiles."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.ranks import behind, quantile_slopes, quantile_weights, spread_quantiles
from srcdiff.rules.registry import Operands, rule
from srcdiff.rules.shapes import along_or_flat, arranged, reduced_to_float


def _sorted(operands: Operands) -> Type:
    return along_or_flat(operands, -1)


@rule(np.sort, shape=_sorted, fresh=True)
def sort_backward(x, axis=-1, kind=None, order=None, *, stable=None, dy):
    """Gradient of np.sort(x, axis); of equal elements, the first is the first."""
    if axis is None:
        ranks = np.argsort(np.argsort(x, axis=None, kind="stable"))
        dx = np.reshape(np.take(dy, ranks), np.shape(x))
    else:
        ranks = np.argsort(np.argsort(x, axis=axis, kind="stable"), axis=axis)
        dx = np.take_along_axis(dy, ranks, axis=axis)
    return dx


@rule(np.partition, shape=_sorted, fresh=True)
def partition_backward(x, kth, axis=-1, kind="introselect", order=None, *, dy):
    """Gradient of np.partition(x, kth, axis), which keeps each element's rank."""
    y = np.partition(x, kth, axis)
    if axis is None:
        ranks = np.argsort(np.argsort(x, axis=None, kind="stable"))
        places = np.take(np.argsort(y, kind="stable"), ranks)
        dx = np.reshape(np.take(dy, places), np.shape(x))
    else:
        ranks = np.argsort(np.argsort(x, axis=axis, kind="stable"), axis=axis)
        order_of_y = np.argsort(y, axis=axis, kind="stable")
        ordered = np.take_along_axis(dy, order_of_y, axis=axis)
        dx = np.take_along_axis(ordered, ranks, axis=axis)
    return dx


@rule(np.unique, shape=arranged)
def unique_backward(x, *, dy):
    """Gradient of np.unique(x); equal elements share."""
    places = np.searchsorted(np.unique(x), x)
    counts = np.bincount(np.ravel(places), minlength=np.size(dy))
    shares = np.asarray(1 / counts, dtype=np.result_type(np.asarray(x), 1.0))
    dx = np.take(dy * shares, places)
    return dx


def _overwritten(operands: Operands) -> str:
    """Refuse what may leave its operand in another order, which nothing follows."""
    if operands.constant("overwrite_input", False) is not False:
        return "it may overwrite its operand; leave overwrite_input out"
    if isinstance(operands.constant("axis"), list):
        return "its axes are a list; write a tuple"
    return ""


@rule(np.median, shape=reduced_to_float, fresh=True, unless=_overwritten)
def median_backward(x, axis=None, *, overwrite_input=False, keepdims=False, dy):
    """Gradient of np.median(x, axis): the middle element, or halves of two."""
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = quantile_weights(x, 0.5, axis, "linear", False) * dy
    return dx


@rule(np.nanmedian, shape=reduced_to_float, fresh=True, unless=_overwritten)
def nanmedian_backward(x, axis=None, *, overwrite_input=False, keepdims=False, dy):
    """Gradient of np.nanmedian(x, axis); zero where x is NaN."""
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = quantile_weights(x, 0.5, axis, "linear", True) * dy
    return dx


def _quantiles(operands: Operands) -> Type:
    if operands.type("q").shape == ():
        return reduced_to_float(operands)
    return unknown(form="number").of_kind("float")


@rule(np.quantile, shape=_quantiles, fresh=True, unless=_overwritten)
def quantile_backward(
    x,
    q,
    axis=None,
    *,
    overwrite_input=False,
    method="linear",
    keepdims=False,
    dy,
):
    """Gradients of np.quantile(x, q, axis) with respect to x and q."""
    upstream = spread_quantiles(dy, x, q, axis)
    if np.ndim(q) == 0:
        dx = quantile_weights(x, q, axis, method, False) * upstream
    else:
        weighted = quantile_weights(x, q, axis, method, False) * upstream
        dx = np.sum(weighted, axis=tuple(range(np.ndim(q))))
    slopes = quantile_slopes(x, q, axis, method, False)
    rise = slopes * np.where(slopes == 0, 0, x)
    dq = np.sum(rise * upstream, axis=behind(x, None))
    return dx, dq


@rule(np.nanquantile, shape=_quantiles, fresh=True, unless=_overwritten)
def nanquantile_backward(
    x,
    q,
    axis=None,
    *,
    overwrite_input=False,
    method="linear",
    keepdims=False,
    dy,
):
    """Gradients of np.nanquantile(x, q, axis) for x and q; zero where x is NaN."""
    upstream = spread_quantiles(dy, x, q, axis)
    if np.ndim(q) == 0:
        dx = quantile_weights(x, q, axis, method, True) * upstream
    else:
        weighted = quantile_weights(x, q, axis, method, True) * upstream
        dx = np.sum(weighted, axis=tuple(range(np.ndim(q))))
    slopes = quantile_slopes(x, q, axis, method, True)
    rise = slopes * np.where(slopes == 0, 0, x)
    dq = np.sum(rise * upstream, axis=behind(x, None))
    return dx, dq


@rule(np.percentile, shape=_quantiles, fresh=True, unless=_overwritten)
def percentile_backward(
    x,
    q,
    axis=None,
    *,
    overwrite_input=False,
    method="linear",
    keepdims=False,
    dy,
):
    """Gradients of np.percentile(x, q, axis) with respect to x and q."""
    upstream = spread_quantiles(dy, x, q, axis)
    if np.ndim(q) == 0:
        dx = quantile_weights(x, np.divide(q, 100), axis, method, False) * upstream
    else:
        weights = quantile_weights(x, np.divide(q, 100), axis, method, False)
        dx = np.sum(weights * upstream, axis=tuple(range(np.ndim(q))))
    slopes = quantile_slopes(x, np.divide(q, 100), axis, method, False)
    rise = slopes * np.where(slopes == 0, 0, x)
    dq = np.sum(rise * upstream, axis=behind(x, None)) / 100
    return dx, dq


@rule(np.nanpercentile, shape=_quantiles, fresh=True, unless=_overwritten)
def nanpercentile_backward(
    x,
    q,
    axis=None,
    *,
    overwrite_input=False,
    method="linear",
    keepdims=False,
    dy,
):
    """Gradients of np.nanpercentile(x, q, axis) for x and q; zero where x is NaN."""
    upstream = spread_quantiles(dy, x, q, axis)
    if np.ndim(q) == 0:
        dx = quantile_weights(x, np.divide(q, 100), axis, method, True) * upstream
    else:
        weights = quantile_weights(x, np.divide(q, 100), axis, method, True)
        dx = np.sum(weights * upstream, axis=tuple(range(np.ndim(q))))
    slopes = quantile_slopes(x, np.divide(q, 100), axis, method, True)
    rise = slopes * np.where(slopes == 0, 0, x)
    dq = np.sum(rise * upstream, axis=behind(x, None)) / 100
    return dx, dq
