"""Running sums, sorting, repeating, padding, picking and diagonals."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.registry import METHODS, Operands, linear, rule
from srcdiff.rules.shapes import anything, of_kind, same_as_operand


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


@linear(np.diff, shape=anything)
def diff_backward(x, n=1, axis=-1, *, dy):
    """Gradient of np.diff(x, n, axis)."""
    dx = np.moveaxis(dy, axis, 0)
    for _ in range(n):
        edge = np.zeros((1, *np.shape(dx)[1:]))
        dx = np.concatenate([edge, dx]) - np.concatenate([dx, edge])
    dx = np.moveaxis(dx, 0, axis)
    return dx


@linear(np.flipud, shape=same_as_operand)
def flipud_backward(x, *, dy):
    dx = np.flipud(dy)
    return dx


@linear(np.fliplr, shape=same_as_operand)
def fliplr_backward(x, *, dy):
    dx = np.fliplr(dy)
    return dx


@linear(np.rot90, shape=anything)
def rot90_backward(x, k=1, axes=(0, 1), *, dy):
    dx = np.rot90(dy, -k, axes)
    return dx


@linear(np.tile, shape=anything)
def tile_backward(x, reps, *, dy):
    """Gradient of np.tile(x, reps): the copies are summed."""
    counts = tuple(np.ravel(reps))
    rank = max(len(counts), np.ndim(x))
    sizes = (1,) * (rank - np.ndim(x)) + np.shape(x)
    counts = (1,) * (rank - len(counts)) + counts
    parts = np.reshape(dy, [n for pair in zip(counts, sizes, strict=True) for n in pair])
    dx = np.reshape(np.sum(parts, axis=tuple(range(0, 2 * rank, 2))), np.shape(x))[()]
    return dx


@linear(np.repeat, shape=anything)
def repeat_backward(x, repeats, axis=None, *, dy):
    """Gradient of np.repeat(x, repeats, axis): what came from one element is summed."""
    count = np.size(x) if axis is None else np.shape(x)[axis]
    places = np.repeat(np.arange(count), repeats)
    rows = dy if axis is None else np.moveaxis(dy, axis, 0)
    total = np.zeros((count, *np.shape(rows)[1:]), np.result_type(dy, 1.0))
    np.add.at(total, places, rows)
    dx = np.reshape(total, np.shape(x)) if axis is None else np.moveaxis(total, 0, axis)
    return dx


@linear(np.pad, shape=anything)
def pad_backward(x, pad_width, mode="constant", *, constant_values=0, dy):
    """Gradient of np.pad(x, pad_width, mode) for the modes that copy elements or put constants."""
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap", "empty"):
        raise NotImplementedError(f"np.pad with mode={mode!r} has no derivative rule.")
    places = np.reshape(np.arange(np.size(x)), np.shape(x))
    if mode in ("constant", "empty"):
        places = np.pad(places, pad_width, constant_values=-1)
    else:
        places = np.pad(places, pad_width, mode=mode)
    total = np.zeros(np.size(x), np.result_type(dy, 1.0))
    np.add.at(total, places[places >= 0], dy[places >= 0])
    dx = np.reshape(total, np.shape(x))
    return dx


@linear(np.take, shape=anything)
def take_backward(x, indices, axis=None, *, dy):
    """Gradient of np.take(x, indices, axis): what was taken several times is summed."""
    if axis is None:
        total = np.zeros(np.size(x), np.result_type(dy, 1.0))
        np.add.at(total, indices, dy)
        dx = np.reshape(total, np.shape(x))
    else:
        first = axis % np.ndim(x)
        axes = tuple(range(first, first + np.ndim(indices)))
        total = np.zeros(np.shape(np.moveaxis(x, axis, 0)), np.result_type(dy, 1.0))
        np.add.at(total, indices, np.moveaxis(dy, axes, tuple(range(len(axes)))))
        dx = np.moveaxis(total, 0, axis)
    return dx


@linear(np.take_along_axis, shape=anything)
def take_along_axis_backward(arr, indices, axis, *, dy):
    """Gradient of np.take_along_axis(arr, indices, axis)."""
    rows, places = np.moveaxis(dy, axis, 0), np.moveaxis(indices, axis, 0)
    total = np.zeros(np.shape(np.moveaxis(arr, axis, 0)), np.result_type(dy, 1.0))
    others = np.ix_(*(np.arange(n) for n in np.shape(rows)))[1:]
    np.add.at(total, (places, *others), rows)
    darr = np.moveaxis(total, 0, axis)
    return darr


def _square(operands: Operands) -> Type:
    source = operands.type("x")
    if source.rank is None or source.rank < 2:
        return unknown(form="array").of_kind(source.kind)
    return of_kind(source, source.shape)


@linear(np.tril, shape=_square)
def tril_backward(x, k=0, *, dy):
    dx = unbroadcast(np.tril(dy, k), x)
    return dx


@linear(np.triu, shape=_square)
def triu_backward(x, k=0, *, dy):
    dx = unbroadcast(np.triu(dy, k), x)
    return dx


@linear(np.diag, shape=anything)
def diag_backward(x, k=0, *, dy):
    """Gradient of np.diag(x, k), for a vector and for a matrix."""
    if np.ndim(x) == 1:
        dx = np.copy(np.diag(dy, k))
    else:
        dx = np.zeros(np.shape(x), np.result_type(dy, 1.0))
        places = np.arange(np.size(dy))
        dx[places + max(-k, 0), places + max(k, 0)] = dy
    return dx


@linear(np.diagflat, shape=anything)
def diagflat_backward(x, k=0, *, dy):
    dx = np.reshape(np.diag(dy, k), np.shape(x))
    return dx


@linear(np.diagonal, shape=anything)
def diagonal_backward(x, offset=0, axis1=0, axis2=1, *, dy):
    """Gradient of np.diagonal(x, offset, axis1, axis2)."""
    dx = np.zeros(np.shape(x), np.result_type(dy, 1.0))
    places = np.arange(np.shape(dy)[-1])
    moved = np.moveaxis(dx, (axis1, axis2), (-2, -1))
    moved[..., places + max(-offset, 0), places + max(offset, 0)] = dy
    return dx


@linear(np.trace, shape=anything)
def trace_backward(x, offset=0, axis1=0, axis2=1, *, dy):
    """Gradient of np.trace(x, offset, axis1, axis2)."""
    dx = np.zeros(np.shape(x), np.result_type(dy, 1.0))
    moved = np.moveaxis(dx, (axis1, axis2), (-2, -1))
    rows, columns = np.shape(moved)[-2:]
    places = np.arange(max(min(rows - max(-offset, 0), columns - max(offset, 0)), 0))
    moved[..., places + max(-offset, 0), places + max(offset, 0)] = np.expand_dims(dy, -1)
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
        "take": np.take,
        "repeat": np.repeat,
        "diagonal": np.diagonal,
        "trace": np.trace,
        "searchsorted": np.searchsorted,
    }
)
