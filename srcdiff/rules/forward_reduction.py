"""Forward rules of reductions and of functions with ties, beside their backward rules."""

from __future__ import annotations

import numpy as np

from srcdiff.rules.forwards import forward
from srcdiff.rules.helpers import count, is_fixed
from srcdiff.rules.minors import product_of_others
from srcdiff.rules.reduction import (
    bounded_max_backward,
    bounded_min_backward,
    masked_mean_backward,
    masked_prod_backward,
    masked_std_backward,
    masked_sum_backward,
    masked_var_backward,
    max_backward,
    min_backward,
    prod_backward,
    ptp_backward,
    std_backward,
    var_backward,
)
from srcdiff.rules.selection import (
    largest_backward,
    maximum_backward,
    minimum_backward,
    smallest_backward,
)

# Ties


@forward(largest_backward)
def largest_forward(x, y, *, dx=None, dy=None):
    """Tangent of Python's max(x, y): of the operand that is returned."""
    if dx is None:
        dz = dy if y > x else 0.0
    elif dy is None and is_fixed(y):
        dz = dx if x > y else 0.0
    elif dy is None:
        dz = dx if x >= y else 0.0
    else:
        dz = dx if x >= y else dy
    return dz


@forward(smallest_backward)
def smallest_forward(x, y, *, dx=None, dy=None):
    """Tangent of Python's min(x, y): of the operand that is returned."""
    if dx is None:
        dz = dy if y < x else 0.0
    elif dy is None and is_fixed(y):
        dz = dx if x < y else 0.0
    elif dy is None:
        dz = dx if x <= y else 0.0
    else:
        dz = dx if x <= y else dy
    return dz


@forward(maximum_backward)
def maximum_forward(x, y, *, dx=None, dy=None):
    """Tangent of np.maximum(x, y): ties are shared, but a constant takes them."""
    if dx is None and is_fixed(x):
        dz = (y > x) * dy
    elif dx is None:
        dz = ((y > x) * dy + (y >= x) * dy) / 2
    elif dy is None and is_fixed(y):
        dz = (x > y) * dx
    elif dy is None:
        dz = ((x > y) * dx + (x >= y) * dx) / 2
    else:
        dz = np.where(x > y, dx, np.where(x < y, dy, (dx + dy) / 2))
    return dz


@forward(minimum_backward)
def minimum_forward(x, y, *, dx=None, dy=None):
    """Tangent of np.minimum(x, y): ties are shared, but a constant takes them."""
    if dx is None and is_fixed(x):
        dz = (y < x) * dy
    elif dx is None:
        dz = ((y < x) * dy + (y <= x) * dy) / 2
    elif dy is None and is_fixed(y):
        dz = (x < y) * dx
    elif dy is None:
        dz = ((x < y) * dx + (x <= y) * dx) / 2
    else:
        dz = np.where(x < y, dx, np.where(x > y, dy, (dx + dy) / 2))
    return dz


# Reductions


@forward(max_backward)
def max_forward(x, axis=None, *, keepdims=False, dx):
    """Tangent of np.max(x, axis): the mean over equal largest entries."""
    if axis is None and not keepdims:
        y = np.max(x, axis, keepdims=keepdims)
        largest = np.where(x == y, np.ones_like(y), 0)
        dy = np.sum(largest * dx) / np.sum(largest)
    elif keepdims:
        y = np.max(x, axis, keepdims=keepdims)
        largest = np.where(x == y, np.ones_like(y), 0)
        total = np.sum(largest * dx, axis=axis, keepdims=True)
        dy = total / np.sum(largest, axis=axis, keepdims=True)
    else:
        y = np.max(x, axis, keepdims=keepdims)
        largest = np.where(x == np.expand_dims(y, axis), np.ones_like(x), 0)
        dy = np.sum(largest * dx, axis=axis) / np.sum(largest, axis=axis)
    return dy


@forward(min_backward)
def min_forward(x, axis=None, *, keepdims=False, dx):
    """Tangent of np.min(x, axis): the mean over equal smallest entries."""
    if axis is None and not keepdims:
        y = np.min(x, axis, keepdims=keepdims)
        smallest = np.where(x == y, np.ones_like(y), 0)
        dy = np.sum(smallest * dx) / np.sum(smallest)
    elif keepdims:
        y = np.min(x, axis, keepdims=keepdims)
        smallest = np.where(x == y, np.ones_like(y), 0)
        total = np.sum(smallest * dx, axis=axis, keepdims=True)
        dy = total / np.sum(smallest, axis=axis, keepdims=True)
    else:
        y = np.min(x, axis, keepdims=keepdims)
        smallest = np.where(x == np.expand_dims(y, axis), np.ones_like(x), 0)
        dy = np.sum(smallest * dx, axis=axis) / np.sum(smallest, axis=axis)
    return dy


@forward(ptp_backward)
def ptp_forward(x, axis=None, *, keepdims=False, dx):
    """Tangent of np.ptp(x, axis), the largest less the smallest."""
    largest = np.where(x == np.max(x, axis=axis, keepdims=True), np.ones_like(x), 0)
    smallest = np.where(x == np.min(x, axis=axis, keepdims=True), np.ones_like(x), 0)
    rise = largest / np.sum(largest, axis=axis, keepdims=True)
    fall = smallest / np.sum(smallest, axis=axis, keepdims=True)
    dy = np.sum((rise - fall) * dx, axis=axis, keepdims=keepdims)
    return dy


@forward(prod_backward)
def prod_forward(x, axis=None, *, keepdims=False, dx):
    """Tangent of np.prod(x, axis), right where elements are zero."""
    if axis is None and not keepdims:
        dy = np.sum(product_of_others(x, axis) * dx)
    else:
        dy = np.sum(product_of_others(x, axis) * dx, axis=axis, keepdims=keepdims)
    return dy


@forward(var_backward)
def var_forward(x, axis=None, *, ddof=0, keepdims=False, dx):
    """Tangent of np.var(x, axis)."""
    n = count(x, axis)
    if axis is None and not keepdims:
        dy = 2 * np.sum((x - np.mean(x)) * dx) / (n - ddof)
    elif keepdims:
        centred = x - np.mean(x, axis=axis, keepdims=True)
        dy = 2 * np.sum(centred * dx, axis=axis, keepdims=True) / (n - ddof)
    else:
        centred = x - np.mean(x, axis=axis, keepdims=True)
        dy = 2 * np.sum(centred * dx, axis=axis) / (n - ddof)
    return dy


@forward(std_backward)
def std_forward(x, axis=None, *, ddof=0, keepdims=False, dx):
    """Tangent of np.std(x, axis); zero where all elements are equal."""
    y = np.std(x, axis, ddof=ddof, keepdims=keepdims)
    n = count(x, axis)
    if axis is None and not keepdims:
        total = np.sum((x - np.mean(x)) * dx)
    elif keepdims:
        centred = x - np.mean(x, axis=axis, keepdims=True)
        total = np.sum(centred * dx, axis=axis, keepdims=True)
    else:
        centred = x - np.mean(x, axis=axis, keepdims=True)
        total = np.sum(centred * dx, axis=axis)
    dy = total / (n - ddof) / np.where(y == 0, 1, y)
    return dy


# With where= or initial=


@forward(masked_sum_backward)
def masked_sum_forward(
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
    """Tangent of np.sum(x, axis, initial=..., where=...)."""
    moved = np.zeros(np.shape(x), np.result_type(x, 1.0)) if dx is None else dx
    start = 0 if dinitial is None else dinitial
    dy = np.sum(moved, axis=axis, keepdims=keepdims, initial=start, where=where)
    return dy


@forward(masked_mean_backward)
def masked_mean_forward(x, axis=None, *, dtype=None, keepdims=False, where=True, dx):
    """Tangent of np.mean(x, axis, where=...)."""
    dy = np.mean(dx, axis=axis, keepdims=keepdims, where=where)
    return dy


@forward(masked_prod_backward)
def masked_prod_forward(
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
    """Tangent of np.prod(x, axis, initial=..., where=...)."""
    factors = np.where(where, x, np.ones_like(x))
    dy = np.zeros_like(np.sum(x, axis=axis, keepdims=keepdims))
    if dx is not None:
        moved = np.where(where, product_of_others(factors, axis) * dx, 0)
        dy = dy + initial * np.sum(moved, axis=axis, keepdims=keepdims)
    if dinitial is not None:
        dy = dy + np.prod(factors, axis=axis, keepdims=keepdims) * dinitial
    return dy


@forward(bounded_max_backward)
def bounded_max_forward(
    x, axis=None, *, keepdims=False, initial=None, where=True, dx=None, dinitial=None
):
    """Tangent of np.max(x, axis, initial=..., where=...): equal entries share."""
    y = np.max(x, axis=axis, keepdims=True, initial=initial, where=where)
    largest = np.where(np.logical_and(where, x == y), np.ones_like(y), 0)
    bound = 0 if initial is None else np.where(y == initial, np.ones_like(y), 0)
    total = 0 if dx is None else np.sum(largest * dx, axis=axis, keepdims=True)
    moved = total if dinitial is None else total + bound * dinitial
    dy = moved / (np.sum(largest, axis=axis, keepdims=True) + bound)
    if not keepdims:
        dy = np.squeeze(dy, axis)[()]
    return dy


@forward(bounded_min_backward)
def bounded_min_forward(
    x, axis=None, *, keepdims=False, initial=None, where=True, dx=None, dinitial=None
):
    """Tangent of np.min(x, axis, initial=..., where=...): equal entries share."""
    y = np.min(x, axis=axis, keepdims=True, initial=initial, where=where)
    smallest = np.where(np.logical_and(where, x == y), np.ones_like(y), 0)
    bound = 0 if initial is None else np.where(y == initial, np.ones_like(y), 0)
    total = 0 if dx is None else np.sum(smallest * dx, axis=axis, keepdims=True)
    moved = total if dinitial is None else total + bound * dinitial
    dy = moved / (np.sum(smallest, axis=axis, keepdims=True) + bound)
    if not keepdims:
        dy = np.squeeze(dy, axis)[()]
    return dy


@forward(masked_var_backward)
def masked_var_forward(
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
    """Tangent of np.var(x, axis, where=..., mean=...)."""
    n = np.sum(np.where(where, np.ones_like(x), 0), axis=axis, keepdims=keepdims)
    if mean is None:
        centre = np.mean(x, axis=axis, keepdims=True, where=where)
        centred = np.where(where, x - centre, 0)
    else:
        centred = np.where(where, x - mean, 0)
    moved = np.zeros_like(x) if dx is None else dx
    if dmean is not None:
        moved = moved - dmean
    dy = 2 * np.sum(centred * moved, axis=axis, keepdims=keepdims) / (n - ddof)
    return dy


@forward(masked_std_backward)
def masked_std_forward(
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
    """Tangent of np.std(x, axis, where=..., mean=...); zero where all are equal."""
    if mean is None:
        y = np.std(x, axis=axis, ddof=ddof, keepdims=keepdims, where=where)
    else:
        y = np.std(x, axis=axis, ddof=ddof, keepdims=keepdims, where=where, mean=mean)
    n = np.sum(np.where(where, np.ones_like(x), 0), axis=axis, keepdims=keepdims)
    if mean is None:
        centre = np.mean(x, axis=axis, keepdims=True, where=where)
        centred = np.where(where, x - centre, 0)
    else:
        centred = np.where(where, x - mean, 0)
    moved = np.zeros_like(x) if dx is None else dx
    if dmean is not None:
        moved = moved - dmean
    total = np.sum(centred * moved, axis=axis, keepdims=keepdims)
    dy = total / (n - ddof) / np.where(y == 0, 1, y)
    return dy
