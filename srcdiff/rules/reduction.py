"""Reductions over axes."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.helpers import product_of_others
from srcdiff.rules.registry import Operands, flat, linear, rule
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
    dx = np.broadcast_to(dy, np.shape(x))
    return dx


@linear(np.mean, shape=reduced_to_float)
def mean_backward(x, axis=None, *, keepdims=False, dy):
    """Gradient of np.mean(x, axis) with respect to x."""
    if axis is None:
        n = np.size(x)
    elif isinstance(axis, int):
        n = np.shape(x)[axis]
    else:
        n = np.size(x) / np.size(dy)
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = np.broadcast_to(dy / n, np.shape(x))
    return dx


@rule(np.prod, shape=reduced)
def prod_backward(x, axis=None, *, keepdims=False, dy):
    """Gradient of np.prod(x, axis) with respect to x, right where elements are zero."""
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = product_of_others(x, axis) * dy
    return dx


@rule(np.max, np.amax, shape=reduced)
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


@rule(np.min, np.amin, shape=reduced)
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


@rule(np.var, shape=reduced_to_float)
def var_backward(x, axis=None, *, ddof=0, keepdims=False, dy):
    """Gradient of np.var(x, axis) with respect to x."""
    if axis is None:
        n = np.size(x)
    elif isinstance(axis, int):
        n = np.shape(x)[axis]
    else:
        n = np.size(x) / np.size(dy)
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    if axis is None:
        dx = 2 * (x - np.mean(x)) * (dy / (n - ddof))
    else:
        dx = 2 * (x - np.mean(x, axis=axis, keepdims=True)) * (dy / (n - ddof))
    return dx


@rule(np.std, shape=reduced_to_float)
def std_backward(x, axis=None, *, ddof=0, keepdims=False, dy):
    """Gradient of np.std(x, axis) with respect to x; zero where all elements are equal."""
    y = np.std(x, axis, ddof=ddof, keepdims=keepdims)
    if axis is None:
        n = np.size(x)
    elif isinstance(axis, int):
        n = np.shape(x)[axis]
    else:
        n = np.size(x) / np.size(dy)
    scale = dy / np.where(y == 0, 1, y) / (n - ddof)
    if axis is not None and not keepdims:
        scale = np.expand_dims(scale, axis)
    if axis is None:
        dx = (x - np.mean(x)) * scale
    else:
        dx = (x - np.mean(x, axis=axis, keepdims=True)) * scale
    return dx


SIGNATURE = ("x", "axis", "out", "keepdims")
flat(np.argmax, np.argmin, np.count_nonzero, signature=SIGNATURE, shape=reduced_to_int)
flat(np.any, np.all, signature=SIGNATURE, shape=reduced_to_bool)
