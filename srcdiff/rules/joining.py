"""Joining arrays: each part of the upstream gradient goes to the array that it came from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from srcdiff.ir.operators import c_, r_
from srcdiff.ir.types import Dim, Kind, Type, joined, size, unknown
from srcdiff.rules.registry import Operands, linear, rule
from srcdiff.rules.shapes import normalized, of_kind

Sizes = tuple[Dim, ...]


def total(sizes: Sequence[Dim]) -> Dim:
    """Give the sum of sizes; one that isn't a number has a name that says what it adds."""
    numbers = sum(n for n in sizes if isinstance(n, int))
    names = ["*".join(sorted(n)) for n in sizes if not isinstance(n, int)]
    if not names:
        return numbers
    if len(names) == 1 and not numbers:
        return next(n for n in sizes if not isinstance(n, int))
    return size("+".join([*names, str(numbers)] if numbers else names))


def _parts(operands: Operands) -> tuple[list[Sizes] | None, Kind]:
    """Give the shapes of the arrays that are joined, where all are known, and their kind."""
    arrays = operands.type("arrays")
    if arrays.form == "array" and isinstance(arrays.shape, tuple):
        count, *inner = arrays.shape
        return ([tuple(inner)] * count if isinstance(count, int) else None), arrays.kind
    if arrays.items is None:
        return None, arrays.kind
    shapes = [item.shape for item in arrays.items if isinstance(item.shape, tuple)]
    known = len(shapes) == len(arrays.items) and shapes
    return (shapes if known else None), joined(arrays.items)[1]


def _along(shapes: list[Sizes], axis: int, kind: Kind) -> Type:
    """Give the type of arrays of these shapes, joined along an axis."""
    rank = len(shapes[0])
    place = normalized(axis, rank)
    if place is None or any(len(shape) != rank for shape in shapes):
        return unknown(form="array").of_kind(kind)
    (at,) = place
    rows = [
        next((n for n in along if n != 1), 1) if index != at else total(along)
        for index, along in enumerate(zip(*shapes, strict=True))
    ]
    return Type("array", kind, tuple(rows))


def concatenated(operands: Operands) -> Type:
    """Give the type of `np.concatenate(arrays, axis)`."""
    shapes, kind = _parts(operands)
    axis = operands.constant("axis", 0)
    if shapes is None or not isinstance(axis, int) or not shapes[0]:
        return unknown(form="array").of_kind(kind)
    return _along(shapes, axis, kind)


def _stacked(operands: Operands) -> Type:
    shapes, kind = _parts(operands)
    axis = operands.constant("axis", 0)
    place = normalized(axis, len(shapes[0]) + 1) if shapes else None
    if shapes is None or place is None:
        return unknown(form="array").of_kind(kind)
    (at,) = place
    return _along([(*shape[:at], 1, *shape[at:]) for shape in shapes], at, kind)


def _stacked_in_rows(operands: Operands) -> Type:
    shapes, kind = _parts(operands)
    if shapes is None:
        return unknown(form="array").of_kind(kind)
    return _along([(1,) * (2 - len(shape)) + shape for shape in shapes], 0, kind)


def _stacked_in_line(operands: Operands) -> Type:
    shapes, kind = _parts(operands)
    if shapes is None:
        return unknown(form="array").of_kind(kind)
    raised = [shape or (1,) for shape in shapes]
    return _along(raised, 0 if len(raised[0]) == 1 else 1, kind)


def _stacked_in_depth(operands: Operands) -> Type:
    shapes, kind = _parts(operands)
    if shapes is None:
        return unknown(form="array").of_kind(kind)
    flat_ones = [(1,) * (2 - len(shape)) + shape for shape in shapes]
    return _along([(*shape, 1)[: max(3, len(shape))] for shape in flat_ones], 2, kind)


def _stacked_in_columns(operands: Operands) -> Type:
    shapes, kind = _parts(operands)
    if shapes is None:
        return unknown(form="array").of_kind(kind)
    return _along([shape if len(shape) > 1 else (*(shape or (1,)), 1) for shape in shapes], 1, kind)


def _appended(operands: Operands) -> Type:
    both = [operands.type("arr"), operands.type("values")]
    kind = joined(both)[1]
    shapes = [known.shape for known in both if isinstance(known.shape, tuple)]
    axis = operands.constant("axis")
    if len(shapes) == 2 and axis is None and all(len(shape) < 2 for shape in shapes):
        return _along([shape or (1,) for shape in shapes], 0, kind)
    if len(shapes) == 2 and isinstance(axis, int) and shapes[0]:
        return _along(shapes, axis, kind)
    return unknown(form="array").of_kind(kind)


@linear(np.concatenate, shape=concatenated, takes_complex=True)
def concatenate_backward(arrays, axis=0, *, dtype=None, casting="same_kind", dz):
    """Gradients of np.concatenate(arrays, axis) with respect to each array."""
    if axis is None:
        ends = np.cumsum([np.size(x) for x in arrays])
        darrays = [
            np.copy(np.reshape(part, np.shape(x)))[()]
            for part, x in zip(np.split(dz, ends[:-1]), arrays, strict=True)
        ]
    else:
        ends = np.cumsum([np.shape(x)[axis] for x in arrays])
        darrays = [np.copy(part) for part in np.split(dz, ends[:-1], axis)]
    if isinstance(arrays, np.ndarray):
        darrays = np.array(darrays)
    return darrays


@linear(np.stack, shape=_stacked, takes_complex=True)
def stack_backward(arrays, axis=0, *, dtype=None, casting="same_kind", dz):
    """Gradients of np.stack(arrays, axis) with respect to each array."""
    darrays = [np.take(dz, i, axis) for i in range(len(arrays))]
    if isinstance(arrays, np.ndarray):
        darrays = np.array(darrays)
    return darrays


@linear(np.vstack, shape=_stacked_in_rows, takes_complex=True)
def vstack_backward(arrays, *, dtype=None, casting="same_kind", dz):
    """Gradients of np.vstack(arrays) with respect to each array."""
    ends = np.cumsum([np.shape(x)[0] if np.ndim(x) > 1 else 1 for x in arrays])
    darrays = [
        np.copy(
            part if np.ndim(x) > 1 else part[0] if np.ndim(x) == 1 else part[0, 0],
        )[()]
        for part, x in zip(np.split(dz, ends[:-1]), arrays, strict=True)
    ]
    if isinstance(arrays, np.ndarray):
        darrays = np.array(darrays)
    return darrays


@linear(np.hstack, shape=_stacked_in_line, takes_complex=True)
def hstack_backward(arrays, *, dtype=None, casting="same_kind", dz):
    """Gradients of np.hstack(arrays) with respect to each array."""
    axis = 0 if np.ndim(dz) == 1 else 1
    ends = np.cumsum([np.shape(x)[axis] if np.ndim(x) > 0 else 1 for x in arrays])
    darrays = [
        np.copy(part if np.ndim(x) > 0 else part[0])[()]
        for part, x in zip(np.split(dz, ends[:-1], axis), arrays, strict=True)
    ]
    if isinstance(arrays, np.ndarray):
        darrays = np.array(darrays)
    return darrays


@linear(np.dstack, shape=_stacked_in_depth, takes_complex=True)
def dstack_backward(arrays, *, dz):
    """Gradients of np.dstack(arrays), which are laid one behind the other."""
    ends = np.cumsum([np.shape(x)[2] if np.ndim(x) > 2 else 1 for x in arrays])
    darrays = [
        np.copy(
            part
            if np.ndim(x) > 2
            else part[:, :, 0]
            if np.ndim(x) == 2
            else part[0, :, 0]
            if np.ndim(x) == 1
            else part[0, 0, 0]
        )[()]
        for part, x in zip(np.split(dz, ends[:-1], 2), arrays, strict=True)
    ]
    if isinstance(arrays, np.ndarray):
        darrays = np.array(darrays)
    return darrays


@linear(np.column_stack, shape=_stacked_in_columns, takes_complex=True)
def column_stack_backward(arrays, *, dz):
    """Gradients of np.column_stack(arrays) with respect to each array."""
    ends = np.cumsum([np.shape(x)[1] if np.ndim(x) > 1 else 1 for x in arrays])
    darrays = [
        np.copy(
            part if np.ndim(x) > 1 else part[:, 0] if np.ndim(x) == 1 else part[0, 0],
        )[()]
        for part, x in zip(np.split(dz, ends[:-1], 1), arrays, strict=True)
    ]
    if isinstance(arrays, np.ndarray):
        darrays = np.array(darrays)
    return darrays


@linear(c_, shape=_stacked_in_columns, takes_complex=True)
def c_backward(arrays, *, dz):
    """Gradients of np.c_[a, b] with respect to each array."""
    ends = np.cumsum([np.shape(x)[-1] if np.ndim(x) > 1 else 1 for x in arrays])
    darrays = [
        np.copy(
            part if np.ndim(x) > 1 else part[:, 0] if np.ndim(x) == 1 else part[0, 0],
        )[()]
        for part, x in zip(np.split(dz, ends[:-1], -1), arrays, strict=True)
    ]
    return darrays


def _joined_in_line(operands: Operands) -> Type:
    shapes, kind = _parts(operands)
    if shapes is None:
        return unknown(form="array").of_kind(kind)
    return _along([shape or (1,) for shape in shapes], 0, kind)


@linear(r_, shape=_joined_in_line, takes_complex=True)
def r_backward(arrays, *, dz):
    """Gradients of np.r_[a, b] with respect to each array."""
    ends = np.cumsum([np.shape(x)[0] if np.ndim(x) > 0 else 1 for x in arrays])
    darrays = [
        np.copy(part if np.ndim(x) > 0 else part[0])[()]
        for part, x in zip(np.split(dz, ends[:-1]), arrays, strict=True)
    ]
    return darrays


def _blocks(operands: Operands) -> Type:
    rows = operands.type("arrays")
    kind = rows.kind
    nested = rows.items is not None and all(row.items is not None for row in rows.items)
    lines = [row.items or () for row in rows.items or ()] if nested else [rows.items or ()]
    found: list[Sizes] = []
    for line in lines:
        shapes = [item.shape for item in line if isinstance(item.shape, tuple)]
        if len(shapes) < len(line) or not shapes:
            return unknown(form="array").of_kind(kind)
        least = 2 if nested else 1
        row = _along([(1,) * (least - len(s)) + s for s in shapes], -1, kind).shape
        if not isinstance(row, tuple):
            return unknown(form="array").of_kind(kind)
        found.append(row)
    return _along(found, -2, kind) if nested else of_kind(Type("array"), found[0], kind)


@linear(np.block, shape=_blocks, takes_complex=True)
def block_backward(arrays, *, dz):
    """Gradients of np.block(arrays), a list of arrays or of rows of arrays."""
    if isinstance(arrays[0], list):
        heights = [np.shape(row[0])[-2] if np.ndim(row[0]) > 1 else 1 for row in arrays]
        strips = np.split(dz, np.cumsum(heights)[:-1], -2)
        darrays = []
        for strip, row in zip(strips, arrays, strict=True):
            ends = np.cumsum([np.shape(x)[-1] if np.ndim(x) > 0 else 1 for x in row])
            parts = np.split(strip, ends[:-1], -1)
            drow = [
                np.copy(np.reshape(part, np.shape(x)))[()]
                for part, x in zip(parts, row, strict=True)
            ]
            darrays.append(drow)
    else:
        ends = np.cumsum([np.shape(x)[-1] if np.ndim(x) > 0 else 1 for x in arrays])
        darrays = [
            np.copy(np.reshape(part, np.shape(x)))[()]
            for part, x in zip(np.split(dz, ends[:-1], -1), arrays, strict=True)
        ]
    return darrays


@rule(np.append, shape=_appended, takes_complex=True)
def append_backward(arr, values, axis=None, *, dz):
    """Gradients of np.append(arr, values, axis) with respect to arr and values."""
    if axis is None:
        parts = np.split(dz, [np.size(arr)])
        darr = np.reshape(parts[0], np.shape(arr))
        dvalues = np.reshape(parts[1], np.shape(values))
    else:
        parts = np.split(dz, [np.shape(arr)[axis]], axis)
        darr = parts[0]
        dvalues = parts[1]
    return darr, dvalues


JOINING = frozenset(
    [
        concatenate_backward,
        stack_backward,
        vstack_backward,
        hstack_backward,
        dstack_backward,
        column_stack_backward,
        c_backward,
        r_backward,
        block_backward,
    ]
)
"""Rules whose gradient is a list: one of fresh arrays for each of the arrays joined."""
