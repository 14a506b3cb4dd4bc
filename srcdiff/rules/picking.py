"""Picking, repeating, leaving out and putting in elements; diagonals and triangles."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcdiff.ir.types import Dim, Type, broadcast, size, unknown
from srcdiff.rules.helpers import gathered, is_vector, numbered, unbroadcast
from srcdiff.rules.joining import total
from srcdiff.rules.registry import METHODS, Operands, linear, rule
from srcdiff.rules.shapes import (
    normalized,
    of_kind,
    rearranged,
    same_as_operand,
)


def times(dim: Dim, count: int) -> Dim:
    """Give a size times a number."""
    if isinstance(dim, int):
        return dim * count
    return dim if count == 1 else size(f"{count} {'*'.join(sorted(dim))}")


def some_array(operands: Operands) -> Type:
    """Give the type of an array of which only the kind is known: that of the operand."""
    name = next(name for name in ("x", "arr", "a") if operands.has(name))
    return unknown(form="array").of_kind(operands.type(name).kind)


@linear(np.flipud, shape=same_as_operand)
def flipud_backward(x, *, dy):
    dx = np.flipud(dy)
    return dx


@linear(np.fliplr, shape=same_as_operand)
def fliplr_backward(x, *, dy):
    dx = np.fliplr(dy)
    return dx


@linear(np.rot90, shape=rearranged(np.rot90, k=1, axes=(0, 1)))
def rot90_backward(x, k=1, axes=(0, 1), *, dy):
    dx = np.rot90(dy, -k, axes)
    return dx


def _tiled(operands: Operands) -> Type:
    source, reps = operands.type("x"), operands.constant("reps")
    counts = tuple(reps) if isinstance(reps, (tuple, list)) else (reps,)
    if not isinstance(source.shape, tuple) or not all(isinstance(n, int) for n in counts):
        return some_array(operands)
    rank = max(len(counts), len(source.shape))
    sizes = (1,) * (rank - len(source.shape)) + source.shape
    counts = (1,) * (rank - len(counts)) + counts
    return of_kind(source, tuple(map(times, sizes, counts)))


@linear(np.tile, shape=_tiled)
def tile_backward(x, reps, *, dy):
    """Gradient of np.tile(x, reps): the copies are summed."""
    if isinstance(reps, int) and is_vector(x):
        dx = np.sum(np.reshape(dy, (reps, np.size(x))), axis=0)
    else:
        dx = gathered(dy, np.tile(numbered(x), reps), x)
    return dx


def _repeated(operands: Operands) -> Type:
    source, count = operands.type("x"), operands.constant("repeats")
    axis = operands.constant("axis")
    shape = source.shape
    if isinstance(shape, tuple) and axis is None and len(shape) < 2:
        shape, axis = shape or (1,), 0
    place = normalized(axis, len(shape)) if isinstance(shape, tuple) else None
    if not isinstance(shape, tuple) or not isinstance(count, int) or place is None:
        return some_array(operands)
    (at,) = place
    return of_kind(source, (*shape[:at], times(shape[at], count), *shape[at + 1 :]))


@linear(np.repeat, shape=_repeated, fresh=True)
def repeat_backward(x, repeats, axis=None, *, dy):
    """Gradient of np.repeat(x, repeats, axis): what came from one element is summed."""
    if isinstance(repeats, int) and is_vector(x):
        dx = np.sum(np.reshape(dy, (np.size(x), repeats)), axis=1)
    else:
        dx = gathered(dy, np.repeat(numbered(x), repeats, axis), x)
    return dx


def _taken(operands: Operands) -> Type:
    source, picked = operands.type("x").shape, operands.type("indices").shape
    axis = operands.constant("axis")
    kind = operands.type("x").kind
    if not isinstance(source, tuple) or not isinstance(picked, tuple):
        return unknown(form="number").of_kind(kind)
    if axis is None:
        return of_kind(Type(), picked, kind)
    place = normalized(axis, len(source))
    if place is None:
        return unknown(form="number").of_kind(kind)
    (at,) = place
    return of_kind(Type(), source[:at] + picked + source[at + 1 :], kind)


@linear(np.take, shape=_taken, fresh=True)
def take_backward(x, indices, axis=None, *, mode="raise", dy):
    """Gradient of np.take(x, indices, axis): what was taken several times is summed."""
    places = np.take(numbered(x), indices, axis, mode=mode)
    dx = gathered(dy, places, x)
    return dx


def _along_axis(operands: Operands) -> Type:
    picked, source = operands.type("indices"), operands.type("arr")
    axis = operands.constant("axis", -1)
    if axis is None or not isinstance(picked.shape, tuple) or not isinstance(source.shape, tuple):
        return some_array(operands)
    place = normalized(axis, len(source.shape))
    if place is None or len(picked.shape) != len(source.shape):
        return some_array(operands)
    shape = broadcast((*n[: place[0]], 1, *n[place[0] + 1 :]) for n in (picked.shape, source.shape))
    assert isinstance(shape, tuple)
    full = (*shape[: place[0]], picked.shape[place[0]], *shape[place[0] + 1 :])
    return of_kind(Type(), full, source.kind)


@linear(np.take_along_axis, shape=_along_axis, fresh=True)
def take_along_axis_backward(arr, indices, axis=-1, *, dy):
    """Gradient of np.take_along_axis(arr, indices, axis)."""
    darr = gathered(dy, np.take_along_axis(numbered(arr), indices, axis), arr)
    return darr


@rule(np.compress, shape=some_array, takes_complex=True)
def compress_backward(condition, a, axis=None, *, dy):
    """Gradient of np.compress(condition, a, axis) with respect to a."""
    da = gathered(dy, np.compress(condition, numbered(a), axis), a)
    return da


@rule(np.extract, shape=some_array, takes_complex=True)
def extract_backward(condition, arr, *, dy):
    """Gradient of np.extract(condition, arr) with respect to arr."""
    darr = gathered(dy, np.extract(condition, numbered(arr)), arr)
    return darr


def _unequal(operands: Operands) -> str:
    items = operands.type("choices").items
    if items is None or all(item.shape == items[0].shape for item in items):
        return ""
    return "its choices differ in shape; np.select takes such"


@rule(np.choose, takes_complex=True, unless=_unequal)
def choose_backward(a, choices, *, mode="raise", dy):
    """Gradient of np.choose(a, choices) with respect to an array of choices."""
    dchoices = gathered(dy, np.choose(a, numbered(choices), mode=mode), choices)
    return dchoices


@linear(np.delete, shape=some_array)
def delete_backward(arr, obj, axis=None, *, dy):
    """Gradient of np.delete(arr, obj, axis): zero for what is left out."""
    darr = gathered(dy, np.delete(numbered(arr), obj, axis), arr)
    return darr


@rule(np.insert, shape=some_array, takes_complex=True)
def insert_backward(arr, obj, values, axis=None, *, dy):
    """Gradients of np.insert(arr, obj, values, axis) with respect to arr and values."""
    places = np.insert(numbered(arr), obj, np.full(np.shape(values), -1), axis)
    darr = gathered(dy, places, arr)
    origins = np.insert(np.full(np.shape(arr), -1), obj, numbered(values), axis)
    dvalues = gathered(dy, origins, values)
    return darr, dvalues


@linear(np.resize, shape=some_array)
def resize_backward(x, new_shape, *, dy):
    """Gradient of np.resize(x, new_shape): what was repeated is summed."""
    dx = gathered(dy, np.resize(numbered(x), new_shape), x)
    return dx


# Triangles and diagonals.


def _square(operands: Operands) -> Type:
    source = operands.type("x")
    if source.rank is None or source.rank < 2:
        return some_array(operands)
    return of_kind(source, source.shape)


@linear(np.tril, shape=_square)
def tril_backward(x, k=0, *, dy):
    if np.ndim(x) > 1:
        dx = np.tril(dy, k)
    else:
        dx = unbroadcast(np.tril(dy, k), x)
    return dx


@linear(np.triu, shape=_square)
def triu_backward(x, k=0, *, dy):
    if np.ndim(x) > 1:
        dx = np.triu(dy, k)
    else:
        dx = unbroadcast(np.triu(dy, k), x)
    return dx


def _length_of_diagonal(rows: Dim, columns: Dim, offset: Any) -> Dim:
    """Give how many elements a diagonal has."""
    if offset == 0 and rows == columns:
        return rows
    if isinstance(rows, int) and isinstance(columns, int) and isinstance(offset, int):
        return max(min(rows - max(-offset, 0), columns - max(offset, 0)), 0)
    return size(f"diagonal {offset} of {rows} by {columns}")


def _diag(operands: Operands) -> Type:
    source, k = operands.type("x"), operands.constant("k", 0)
    shape = source.shape
    if not isinstance(shape, tuple) or not isinstance(k, int) or len(shape) not in (1, 2):
        return some_array(operands)
    if len(shape) == 2:
        return of_kind(source, (_length_of_diagonal(*shape, k),))
    count = total([shape[0], abs(k)]) if k else shape[0]
    return of_kind(source, (count, count))


@linear(np.diag, shape=_diag)
def diag_backward(x, k=0, *, dy):
    """Gradient of np.diag(x, k), for a vector and for a matrix."""
    if np.ndim(x) == 1:
        dx = np.copy(np.diag(dy, k))
    else:
        dx = gathered(dy, np.diag(numbered(x), k), x)
    return dx


@linear(np.diagflat, shape=some_array)
def diagflat_backward(x, k=0, *, dy):
    dx = np.reshape(np.copy(np.diag(dy, k)), np.shape(x))
    return dx


def _diagonal(operands: Operands) -> Type:
    """Give the type of np.diagonal; the diagonal is the last axis."""
    source = operands.type("x")
    axes = operands.constant("axis1", 0), operands.constant("axis2", 1)
    offset = operands.constant("offset", 0)
    if not isinstance(source.shape, tuple):
        return some_array(operands)
    places = normalized(axes, len(source.shape))
    if places is None:
        return some_array(operands)
    rows, columns = (source.shape[place] for place in places)
    rest = tuple(n for place, n in enumerate(source.shape) if place not in places)
    return of_kind(source, (*rest, _length_of_diagonal(rows, columns, offset)))


@linear(np.diagonal, shape=_diagonal)
def diagonal_backward(x, offset=0, axis1=0, axis2=1, *, dy):
    """Gradient of np.diagonal(x, offset, axis1, axis2)."""
    dx = gathered(dy, np.diagonal(numbered(x), offset, axis1, axis2), x)
    return dx


if hasattr(np.linalg, "diagonal"):

    @linear(np.linalg.diagonal, shape=some_array)
    def last_diagonal_backward(x, *, offset=0, dy):
        """Gradient of np.linalg.diagonal(x): that of the last two axes."""
        dx = gathered(dy, np.diagonal(numbered(x), offset, -2, -1), x)
        return dx


def _trace(operands: Operands) -> Type:
    along = _diagonal(operands)
    if not isinstance(along.shape, tuple):
        return unknown(form="number").of_kind(along.kind)
    return of_kind(along, along.shape[:-1])


@linear(np.trace, shape=_trace)
def trace_backward(x, offset=0, axis1=0, axis2=1, *, dy):
    """Gradient of np.trace(x, offset, axis1, axis2)."""
    if isinstance(x, np.ndarray) and np.ndim(x) == 2 and offset == 0:
        dx = np.eye(np.shape(x)[0], np.shape(x)[1], dtype=x.dtype) * dy
    else:
        places = np.diagonal(numbered(x), offset, axis1, axis2)
        ones = np.ones_like(np.diagonal(x, offset, axis1, axis2))
        spread = ones * (dy if np.ndim(x) == 2 else np.expand_dims(dy, -1))
        dx = gathered(spread, places, x)
    return dx


def _powers(operands: Operands) -> Type:
    source, count = operands.type("x"), operands.constant("count")
    if not isinstance(source.shape, tuple) or len(source.shape) != 1:
        return some_array(operands)
    columns = source.shape[0] if count is None else count
    if not isinstance(columns, (int, frozenset)):
        return some_array(operands)
    return of_kind(source, (source.shape[0], columns))


@rule(np.vander, shape=_powers)
def vander_backward(x, count=None, increasing=False, *, dy):
    """Gradient of np.vander(x, count, increasing), whose columns are powers of x."""
    powers = np.arange(np.shape(dy)[1], dtype=np.result_type(dy, 1.0))
    if not increasing:
        powers = powers[::-1]
    columns = np.expand_dims(x, 1)
    dx = np.sum(powers * columns ** np.maximum(powers - 1, 0) * dy, axis=1)
    return dx


METHODS.update(
    {
        "choose": np.choose,
        "compress": np.compress,
        "take": np.take,
        "repeat": np.repeat,
        "diagonal": np.diagonal,
        "trace": np.trace,
    }
)
