"""Functions that emitted code may take along for running extremes, quantiles and statistics."""

from __future__ import annotations

import math

import numpy as np


def latest(hits, axis):
    """The place along axis of the latest hit up to each place."""
    marks = np.moveaxis(hits, axis, 0)
    places = np.reshape(np.arange(len(marks)), (-1,) + (1,) * (np.ndim(marks) - 1))
    return np.moveaxis(np.maximum.accumulate(np.where(marks, places, 0), 0), 0, axis)


def in_rows(x, axis):
    """X as a matrix, with a row of what lies along axis for each place outside it."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(range(np.ndim(x))) if axis is None else axes
    moved = np.moveaxis(x, axes, range(-len(axes), 0))
    kept = math.prod(np.shape(moved)[: np.ndim(x) - len(axes)])
    return np.reshape(moved, (kept, np.size(x) // max(kept, 1)))


def from_rows(rows, like, axis):
    """An array in the shape of like with the rows along axis: in_rows undone."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(range(np.ndim(like))) if axis is None else axes
    last = range(-len(axes), 0)
    moved = np.reshape(rows, np.shape(np.moveaxis(like, axes, last)))
    return np.moveaxis(moved, last, axes)


def quantile_places(rows, q, method, skips):
    """The place of each quantile in each row's sorted elements, and their counts."""
    n = np.shape(rows)[1]
    counts = np.sum(~np.isnan(rows), axis=1) if skips else np.full(len(rows), n)
    inner = [np.arange(max(m, 1)) for m in counts]
    places = [np.quantile(numbers, np.ravel(q), method=method) for numbers in inner]
    return np.reshape(places, (len(rows), np.size(q))), counts[:, None]


def ranked(x, q, axis, shares):
    """An array in the shape of q and x with shares by rank; equal elements share."""
    rows = in_rows(x, axis)
    ordered = np.sort(rows, axis=1)
    weights = np.zeros((len(rows), np.size(q), np.shape(rows)[1]))
    for place, share in shares:
        found = rows[:, None] == np.take_along_axis(ordered, place, axis=1)[..., None]
        weights += found * (share / np.maximum(np.sum(found, axis=2), 1))[..., None]
    parts = [from_rows(weights[:, k], x, axis) for k in range(np.size(q))]
    parts = np.array(parts, np.result_type(np.asarray(x), 1.0))
    return np.reshape(parts, np.shape(q) + np.shape(x))


def quantile_weights(x, q, axis, method, skips):
    """The weights of the elements of x in np.quantile(x, q, axis, method=method).

    A quantile lies between two elements in order, or on one; equal ones share. Elements
    that are NaN are skipped if skips is true.
    """
    rows = in_rows(x, axis)
    n = np.shape(rows)[1]
    places, _ = quantile_places(rows, q, method, skips)
    low = np.clip(np.floor(places).astype(int), 0, n - 1)
    shares = (low, 1 - (places - low)), (np.minimum(low + 1, n - 1), places - low)
    return ranked(x, q, axis, shares)


def quantile_slopes(x, q, axis, method, skips):
    """The slopes of quantile_weights(x, q, axis, method, skips) with respect to q.

    The place of a quantile moves by n + shift for one step of q; Hyndman and Fan,
    Sample quantiles in statistical packages, The American Statistician 50 (1996). Other
    methods are steps.
    """
    shifts = {"linear": -1, "interpolated_inverted_cdf": 0, "hazen": 0, "weibull": 1}
    shifts |= {"median_unbiased": 1 / 3, "normal_unbiased": 1 / 4}
    if method not in shifts:
        return np.zeros(np.shape(q) + np.shape(x))
    places, counts = quantile_places(in_rows(x, axis), q, method, skips)
    low = np.clip(np.floor(places), 0, np.maximum(counts - 2, 0)).astype(int)
    high = np.minimum(low + 1, np.maximum(counts - 1, 0))
    speed = counts + shifts[method] + np.zeros_like(places)
    if method != "linear":
        speed = np.where((places <= 0) | (places >= counts - 1), 0, speed)
    return ranked(x, q, axis, ((low, -speed), (high, speed)))


def behind(x, axis):
    """Axes of x counted from the last one, -1: all of them if axis is None."""
    if axis is None:
        return tuple(range(-np.ndim(x), 0))
    axes = axis if isinstance(axis, tuple) else (axis,)
    return tuple(a % np.ndim(x) - np.ndim(x) for a in axes)


def spread_quantiles(grad, x, q, axis):
    """The gradient of quantiles q along axis, with axes of size 1 where x has these."""
    grad = np.asarray(grad, np.result_type(grad, np.asarray(x)))
    return np.reshape(grad, np.shape(q) + np.shape(np.sum(x, axis=axis, keepdims=True)))


def spread_weights(weights, x, axis):
    """Weights of the elements along axis, with axes of size 1 for the others."""
    axes = [a % np.ndim(x) for a in (axis if isinstance(axis, tuple) else (axis,))]
    others = tuple(a for a in range(np.ndim(x)) if a not in axes)
    return np.expand_dims(np.transpose(weights, np.argsort(axes)), others)


def weights_summed(grad, axis):
    """The gradient of weights of the elements along axis: sums over the others."""
    axes = [a % np.ndim(grad) for a in (axis if isinstance(axis, tuple) else (axis,))]
    others = tuple(a for a in range(np.ndim(grad)) if a not in axes)
    return np.transpose(np.sum(grad, axis=others), np.argsort(np.argsort(axes)))


def observations(x, y, rowvar):
    """The variables of x, and of y if there is one, as rows of one matrix."""
    rows = np.atleast_2d(x)
    rows = np.transpose(rows) if not rowvar and np.ndim(x) == 2 else rows
    if y is None:
        return rows
    others = np.atleast_2d(y)
    others = others if rowvar or len(others) == 1 else np.transpose(others)
    return np.concatenate([rows, others])


def variables_of(x, rows, turned, first):
    """The first or last rows as an array like x, as its columns if turned."""
    n = np.shape(np.atleast_2d(x))[1 if turned else 0]
    own = rows[:n] if first else rows[len(rows) - n :]
    return np.reshape(np.transpose(own) if turned else own, np.shape(x))


def bessel_i1(x):
    """The derivative of np.i0, the modified Bessel function of order 1.

    It is the mean of cos(t) * exp(x * cos(t)) over a full turn (Abramowitz and Stegun,
    Handbook of Mathematical Functions, 9.6.19), of which equal steps give all digits.
    """
    kind = np.result_type(np.asarray(x), 1.0)
    turns = np.cos((np.arange(128) + 0.5) * (math.pi / 256)).astype(kind)
    return np.mean(turns * np.sinh(np.multiply.outer(x, turns)), -1)
