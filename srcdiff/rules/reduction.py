"""Reductions over axes."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.helpers import count, for_each, unbroadcast
from srcdiff.rules.minors import product_of_others
from srcdiff.rules.registry import METHODS, Operands, flat, linear, rule
from srcdiff.rules.shapes import of_kind, reduced, reduced_to_bool, reduced_to_float, reduced_to_int


@linear(np.sum, shape=reduced)
def sum_backward(x, axis=None, *, keepdims=False, dy):
    """Gradient of np.sum(x, axis) with respect to x."""
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = np.broadcast_to(dy, np.shape(x))
    return dx


def _rows_summed(operands: Operands) -> Type:
    source = operands.type("x")
    if not isinstance(source.shape, tuple) or not source.shape:
        return unknown(form="number").of_kind(source.kind)
    return of_kind(source, source.shape[1:])


@linear(sum, shape=_rows_summed)
def rows_sum_backward(x, *, dy):
    """Gradient of Python's sum(x), which adds along the first axis."""
    dx = for_each(dy, x)
    return dx


@linear(np.mean, shape=reduced_to_float)
def mean_backward(x, axis=None, *, keepdims=False, dy):
    """Gradient of np.mean(x, axis) with respect to x."""
    n = count(x, axis)
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = np.broadcast_to(dy / n, np.shape(x))
    return dx


@rule(np.prod, shape=reduced, takes_complex=True, fresh=True)
def prod_backward(x, axis=None, *, keepdims=False, dy):
    """Gradient of np.prod(x, axis) with respect to x, right where elements are zero."""
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = product_of_others(x, axis) * dy
    return dx


@rule(np.max, np.amax, shape=reduced, fresh=True)
def max_backward(x, axis=None, *, keepdims=False, dy):
    """Gradient of np.max(x, axis) with respect to x; equal entries share."""
    y = np.max(x, axis, keepdims=keepdims)
    if axis is not None and not keepdims:
        y = np.expand_dims(y, axis)
        dy = np.expand_dims(dy, axis)
    largest = np.where(x == y, np.ones_like(y), 0)
    if axis is None:
        dx = largest * (dy / np.sum(largest))
    else:
        dx = largest * (dy / np.sum(largest, axis=axis, keepdims=True))
    return dx


@rule(np.min, np.amin, shape=reduced, fresh=True)
def min_backward(x, axis=None, *, keepdims=False, dy):
    """Gradient of np.min(x, axis) with respect to x; equal entries share."""
    y = np.min(x, axis, keepdims=keepdims)
    if axis is not None and not keepdims:
        y = np.expand_dims(y, axis)
        dy = np.expand_dims(dy, axis)
    smallest = np.where(x == y, np.ones_like(y), 0)
    if axis is None:
        dx = smallest * (dy / np.sum(smallest))
    else:
        dx = smallest * (dy / np.sum(smallest, axis=axis, keepdims=True))
    return dx


@rule(np.ptp, shape=reduced, fresh=True)
def ptp_backward(x, axis=None, *, keepdims=False, dy):
    """Gradient of np.ptp(x, axis), largest less smallest; equal entries share."""
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    largest = np.where(x == np.max(x, axis=axis, keepdims=True), np.ones_like(x), 0)
    smallest = np.where(x == np.min(x, axis=axis, keepdims=True), np.ones_like(x), 0)
    highest = largest / np.sum(largest, axis=axis, keepdims=True)
    dx = (highest - smallest / np.sum(smallest, axis=axis, keepdims=True)) * dy
    return dx


@rule(np.var, shape=reduced_to_float, fresh=True)
def var_backward(x, axis=None, *, ddof=0, keepdims=False, dy):
    """Gradient of np.var(x, axis) with respect to x."""
    n = count(x, axis)
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    share = dy / n if ddof == 0 else dy / (n - ddof if n != ddof else np.nan)
    if axis is None:
        dx = 2 * (x - np.mean(x)) * share
    else:
        dx = 2 * (x - np.mean(x, axis=axis, keepdims=True)) * share
    return dx


@rule(np.std, shape=reduced_to_float, fresh=True)
def std_backward(x, axis=None, *, ddof=0, keepdims=False, dy):
    """Gradient of np.std(x, axis); zero where all elements are equal."""
    y = np.std(x, axis, ddof=ddof, keepdims=keepdims)
    n = count(x, axis)
    scale = dy / np.where(y == 0, 1, y) / (n - ddof)
    if axis is not None and not keepdims:
        scale = np.expand_dims(scale, axis)
    if axis is None:
        dx = (x - np.mean(x)) * scale
    else:
        dx = (x - np.mean(x, axis=axis, keepdims=True)) * scale
    return dx


# The same with where=, initial= or dtype=


@rule(np.sum, shape=reduced, rare=True)
def masked_sum_backward(
    x,
    axis=None,
    *,
    dtype=None,
    keepdims=False,
    initial=0,
    where=True,
    dy,
):
    """Gradients of np.sum(x, axis, initial=..., where=...) for x and initial."""
    dinitial = np.sum(dy)
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = np.broadcast_to(np.where(where, dy, np.zeros_like(x)), np.shape(x))
    return dx, dinitial


@rule(np.mean, shape=reduced_to_float, rare=True)
def masked_mean_backward(x, axis=None, *, dtype=None, keepdims=False, where=True, dy):
    """Gradient of np.mean(x, axis, where=...) with respect to x."""
    if where is True:
        n = count(x, axis)
    else:
        n = np.sum(np.where(where, np.ones_like(x), 0), axis=axis, keepdims=True)
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = np.broadcast_to(np.where(where, dy / n, np.zeros_like(x)), np.shape(x))
    return dx


@rule(np.prod, shape=reduced, rare=True, fresh=True)
def masked_prod_backward(
    x,
    axis=None,
    *,
    dtype=None,
    keepdims=False,
    initial=1,
    where=True,
    dy,
):
    """Gradients of np.prod(x, axis, initial=..., where=...) for x and initial."""
    factors = np.where(where, x, np.ones_like(x))
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = np.where(where, product_of_others(factors, axis) * (initial * dy), 0)
    dinitial = np.sum(np.prod(factors, axis=axis, keepdims=True) * dy)
    return dx, dinitial


@rule(np.max, np.amax, shape=reduced, rare=True, fresh=True)
def bounded_max_backward(x, axis=None, *, keepdims=False, initial=None, where=True, dy):
    """Gradients of np.max(x, axis, initial=..., where=...); equal entries share."""
    y = np.max(x, axis, keepdims=keepdims, initial=initial, where=where)
    if axis is not None and not keepdims:
        y = np.expand_dims(y, axis)
        dy = np.expand_dims(dy, axis)
    largest = np.where(np.logical_and(where, x == y), np.ones_like(y), 0)
    bound = 0 if initial is None else np.where(y == initial, np.ones_like(y), 0)
    share = dy / (np.sum(largest, axis=axis, keepdims=True) + bound)
    dx = largest * share
    dinitial = np.sum(bound * share)
    return dx, dinitial


@rule(np.min, np.amin, shape=reduced, rare=True, fresh=True)
def bounded_min_backward(x, axis=None, *, keepdims=False, initial=None, where=True, dy):
    """Gradients of np.min(x, axis, initial=..., where=...); equal entries share."""
    y = np.min(x, axis, keepdims=keepdims, initial=initial, where=where)
    if axis is not None and not keepdims:
        y = np.expand_dims(y, axis)
        dy = np.expand_dims(dy, axis)
    smallest = np.where(np.logical_and(where, x == y), np.ones_like(y), 0)
    bound = 0 if initial is None else np.where(y == initial, np.ones_like(y), 0)
    share = dy / (np.sum(smallest, axis=axis, keepdims=True) + bound)
    dx = smallest * share
    dinitial = np.sum(bound * share)
    return dx, dinitial


@rule(np.var, shape=reduced_to_float, rare=True, fresh=True)
def masked_var_backward(
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
    """Gradients of np.var(x, axis, where=..., mean=...) for x and the mean."""
    if where is True:
        n = count(x, axis)
    else:
        n = np.sum(np.where(where, np.ones_like(x), 0), axis=axis, keepdims=True)
    if mean is None:
        centre = np.mean(x, axis=axis, keepdims=True, where=where)
    else:
        centre = mean
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = np.where(where, 2 * (x - centre) * (dy / (n - ddof)), 0)
    if mean is None:
        dmean = 0.0
    else:
        dmean = unbroadcast(-dx, mean)
    return dx, dmean


@rule(np.std, shape=reduced_to_float, rare=True, fresh=True)
def masked_std_backward(
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
    """Gradients of np.std(x, axis, where=..., mean=...); zero where all are equal."""
    if mean is None:
        y = np.std(x, axis, ddof=ddof, keepdims=keepdims, where=where)
    else:
        y = np.std(x, axis, ddof=ddof, keepdims=keepdims, where=where, mean=mean)
    if where is True:
        n = count(x, axis)
    else:
        n = np.sum(np.where(where, np.ones_like(x), 0), axis=axis, keepdims=True)
    if mean is None:
        centre = np.mean(x, axis=axis, keepdims=True, where=where)
    else:
        centre = mean
    scale = dy / np.where(y == 0, 1, y)
    if axis is not None and not keepdims:
        scale = np.expand_dims(scale, axis)
    dx = np.where(where, (x - centre) * (scale / (n - ddof)), 0)
    if mean is None:
        dmean = 0.0
    else:
        dmean = unbroadcast(-dx, mean)
    return dx, dmean


SIGNATURE = ("x", "axis", "out", "keepdims")
flat(np.argmax, np.argmin, np.nanargmax, np.nanargmin, signature=SIGNATURE, shape=reduced_to_int)
flat(np.count_nonzero, signature=("x", "axis", "keepdims"), shape=reduced_to_int)
flat(np.any, np.all, signature=SIGNATURE, shape=reduced_to_bool)
if hasattr(np.ndarray, "ptp"):  # before NumPy 2
    METHODS.update({"ptp": np.ptp})
