"""Functions that emitted code may take along for running extremes, quantiles and statistics."""

from __future__ import annotations

import math

import numpy as np


def running_products(dy, x, axis):
    """The gradient of np.cumprod(x, axis), right where elements are zero.

    An element's gradient is the product of those before it, times the sum over the products after
    it, which is gathered from the end.
    """
    values = np.ravel(x) if axis is None else np.moveaxis(x, axis, 0)
    upstream = dy if axis is None else np.moveaxis(dy, axis, 0)
    before = np.cumprod(values, 0)[:-1]
    gathered = np.array(upstream, dtype=np.result_type(np.asarray(x), dy, 1.0))
    for i in range(len(values) - 2, -1, -1):
        gathered[i] += values[i + 1] * gathered[i + 1]
    gathered[1:] *= before
    return np.reshape(gathered, np.shape(x)) if axis is None else np.moveaxis(gathered, 0, axis)


def since_latest(dy, hits, axis):
    """For each hit along axis, the sum of dy from its place to the one before the next hit."""
    upstream, marks = np.moveaxis(dy, axis, 0), np.moveaxis(hits, axis, 0)
    total = np.zeros(np.shape(upstream), np.result_type(dy, 1.0))
    rest = np.zeros(np.shape(upstream)[1:], np.result_type(dy, 1.0))
    for i in range(len(upstream) - 1, -1, -1):
        rest = rest + upstream[i]
        total[i] = np.where(marks[i], rest, 0.0)
        rest = np.where(marks[i], 0.0, rest)
    return np.moveaxis(total, 0, axis)


def in_rows(x, axis):
    """X as a matrix, with a row of what lies along axis for each place outside of it."""
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
    return np.moveaxis(np.reshape(rows, np.shape(np.moveaxis(like, axes, last))), last, axes)


def quantile_places(rows, q, method, skips):
    """The place of each quantile among the elements of each row in order, and their counts."""
    n = np.shape(rows)[1]
    counts = np.sum(~np.isnan(rows), axis=1) if skips else np.full(len(rows), n)
    places = [np.quantile(np.arange(max(m, 1)), np.ravel(q), method=method) for m in counts]
    return np.reshape(places, (len(rows), np.size(q))), counts[:, None]


def by_rank(dy, x, q, axis, method, skips):
    """The gradient of np.quantile(x, q, axis, method=method) with respect to x.

    A quantile lies between two elements in order, or on one; equal ones share. Elements that are
    NaN are skipped if skips is true.
    """
    rows = in_rows(x, axis)
    n = np.shape(rows)[1]
    upstream = np.transpose(np.reshape(dy, (np.size(q), len(rows))))
    places, _ = quantile_places(rows, q, method, skips)
    low = np.clip(np.floor(places).astype(int), 0, n - 1)
    high = np.minimum(low + 1, n - 1)
    ordered = np.sort(rows, axis=1)
    drows = np.zeros(np.shape(rows), np.result_type(np.asarray(x), 1.0))
    for place, share in ((low, 1 - (places - low)), (high, places - low)):
        found = rows[:, None] == np.take_along_axis(ordered, place, axis=1)[..., None]
        count = np.maximum(np.sum(found, axis=2), 1)
        drows = drows + np.sum(found * (upstream * share / count)[..., None], axis=1)
    return from_rows(np.asarray(drows, np.result_type(np.asarray(x), 1.0)), x, axis)


def quantile_slope(dy, x, q, axis, method, skips):
    """The gradient of np.quantile(x, q, axis, method=method) with respect to q.

    The place of a quantile moves by n + shift for one step of q; Hyndman and Fan, Sample quantiles
    in statistical packages, The American Statistician 50 (1996). Other methods are steps.
    """
    shifts = {"linear": -1, "interpolated_inverted_cdf": 0, "hazen": 0, "weibull": 1}
    shifts |= {"median_unbiased": 1 / 3, "normal_unbiased": 1 / 4}
    if method not in shifts:
        return np.zeros(np.shape(q))[()]
    rows = in_rows(x, axis)
    upstream = np.transpose(np.reshape(dy, (np.size(q), len(rows))))
    places, counts = quantile_places(rows, q, method, skips)
    low = np.clip(np.floor(places), 0, np.maximum(counts - 2, 0)).astype(int)
    high = np.minimum(low + 1, np.maximum(counts - 1, 0))
    ordered = np.sort(rows, axis=1)
    rise = np.take_along_axis(ordered, high, axis=1) - np.take_along_axis(ordered, low, axis=1)
    speed = counts + shifts[method]
    if method != "linear":
        speed = np.where((places <= 0) | (places >= counts - 1), 0, speed)
    return np.reshape(np.sum(rise * speed * upstream, axis=0), np.shape(q))[()]


def spread_weights(weights, x, axis):
    """Weights of the elements along axis, with axes of size 1 in the place of the others."""
    axes = [a % np.ndim(x) for a in (axis if isinstance(axis, tuple) else (axis,))]
    others = tuple(a for a in range(np.ndim(x)) if a not in axes)
    return np.expand_dims(np.transpose(weights, np.argsort(axes)), others)


def weights_summed(grad, axis):
    """The gradient of weights of the elements along axis: grad summed over all others."""
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
    return np.concatenate([rows, others if rowvar or len(others) == 1 else np.transpose(others)])


def variables_of(x, rows, turned, first):
    """The first or the last rows that make an array like x, whose rows are columns if turned."""
    n = np.shape(np.atleast_2d(x))[1 if turned else 0]
    own = rows[:n] if first else rows[len(rows) - n :]
    return np.reshape(np.transpose(own) if turned else own, np.shape(x))


def bessel_i1(x):
    """The derivative of np.i0, the modified Bessel function of order 1.

    It is the mean of cos(t) * exp(x * cos(t)) over a full turn (Abramowitz and Stegun, Handbook of
    Mathematical Functions, 9.6.19), of which equal steps give all digits.
    """
    turns = np.cos((np.arange(128) + 0.5) * (math.pi / 256)).astype(
        np.result_type(np.asarray(x), 1.0)
    )
    return np.mean(turns * np.sinh(np.multiply.outer(x, turns)), -1)
