"""Functions that emitted code may take along for padding with statistics and odd reflections."""

from __future__ import annotations

import numpy as np

from srcdiff.rules.ranks import quantile_weights


def statistic_shares(values, mode):
    """The shares of the elements along the first axis in their statistic."""
    if mode == "mean":
        return np.full(np.shape(values), 1 / len(values), np.result_type(values, 1.0))
    if mode == "median":
        return quantile_weights(values, 0.5, 0, "linear", False)
    best = np.max(values, 0) if mode == "maximum" else np.min(values, 0)
    chosen = np.asarray(values == best, np.result_type(values, 1.0))
    return chosen / np.sum(chosen, 0)


def padded_statistics(moved, like, pad_width, mode, stat_length):
    """The tangent of np.pad(like, pad_width, mode), if mode is a statistic."""
    rank = np.ndim(like)
    pairs = np.broadcast_to(pad_width, (rank, 2))
    for axis in range(rank):
        ahead = [tuple(pair) for pair in pairs[:axis]] + [(0, 0)] * (rank - axis)
        padded = np.pad(like, ahead, mode, stat_length=stat_length)
        values = np.moveaxis(padded, axis, 0)
        rows = np.moveaxis(moved, axis, 0)
        n = len(values)
        given = n if stat_length is None else stat_length
        lengths = np.broadcast_to(given, (rank, 2))[axis]
        first, last = slice(0, min(lengths[0], n)), slice(max(n - lengths[1], 0), n)
        ends = [
            np.sum(statistic_shares(values[part], mode) * rows[part], 0, keepdims=True)
            for part in (first, last)
        ]
        sides = zip(ends, pairs[axis], strict=True)
        before, behind = (np.repeat(end, k, 0) for end, k in sides)
        moved = np.moveaxis(np.concatenate([before, rows, behind]), 0, axis)
    return moved


def unpadded_statistics(grad, like, pad_width, mode, stat_length):
    """The gradient of np.pad(like, pad_width, mode), if mode is a statistic."""
    rank = np.ndim(like)
    pairs = np.broadcast_to(pad_width, (rank, 2))
    for axis in range(rank - 1, -1, -1):
        ahead = [tuple(pair) for pair in pairs[:axis]] + [(0, 0)] * (rank - axis)
        padded = np.pad(like, ahead, mode, stat_length=stat_length)
        values = np.moveaxis(padded, axis, 0)
        rows = np.moveaxis(grad, axis, 0)
        before = pairs[axis][0]
        n = len(values)
        inner = np.array(rows[before : before + n])
        given = n if stat_length is None else stat_length
        lengths = np.broadcast_to(given, (rank, 2))[axis]
        first, last = slice(0, min(lengths[0], n)), slice(max(n - lengths[1], 0), n)
        for part, outer in ((first, rows[:before]), (last, rows[before + n :])):
            inner[part] += statistic_shares(values[part], mode) * np.sum(outer, 0)
        grad = np.moveaxis(inner, 0, axis)
    return grad


def unreflected(grad, pad_width, mode):
    """The gradient of np.pad(x, pad_width, mode, reflect_type="odd")."""
    pairs = np.broadcast_to(pad_width, (np.ndim(grad), 2))
    for axis, (before, behind) in enumerate(pairs):
        n = np.shape(grad)[axis] - before - behind
        edges = ((before, behind), (0, 0))
        places = np.pad(np.eye(n, dtype=grad.dtype), edges, mode, reflect_type="odd")
        grad = np.moveaxis(np.tensordot(grad, places, ((axis,), (0,))), -1, axis)
    return grad
