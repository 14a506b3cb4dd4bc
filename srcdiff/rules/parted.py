"""Functions with several results: parts of numbers, parts of arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcdiff.ir.types import Dim, Type, broadcast, size, unknown
from srcdiff.rules.helpers import known
from srcdiff.rules.registry import UNKNOWN, Operands, elementwise, linear
from srcdiff.rules.shapes import normalized, of_kind, several


def _two(operands: Operands) -> Type:
    """Give the type of two results, each of the shape to which the operands broadcast."""
    given = [operands.typed(operand) for operand in operands.expressions.values()]
    shape = broadcast(operand.shape for operand in given)
    one = of_kind(given[0], shape, "float")
    return several(one, one)


@elementwise(np.modf, math.modf, shape=_two)
def modf_backward(x, *, dy, _dwhole):
    dx = dy
    return dx


@elementwise(np.frexp, math.frexp, shape=_two)
def frexp_backward(x, *, dy, _dexponent):
    """Gradient of np.frexp(x): the exponent stays as it is."""
    y, exponent = np.frexp(x)
    dx = np.ldexp(dy, -exponent)
    return dx


@elementwise(np.divmod, divmod, shape=_two)
def divmod_backward(x, y, *, _dquotient, drest):
    """Gradients of np.divmod(x, y): the quotient stays as it is."""
    quotient, rest = np.divmod(x, y)
    dx = drest
    dy = -quotient * drest
    return dx, dy


def _ends(sections: Any, length: Dim, *, uneven: bool) -> list[Any] | None:
    """Give where the parts of an axis end: None where a place isn't known; None for no list."""
    if isinstance(sections, int) and sections > 0:
        if not isinstance(length, int):
            return [None] * sections
        extra = length % sections if uneven else 0
        each = length // sections
        return [each * (i + 1) + min(i + 1, extra) for i in range(sections)]
    if isinstance(sections, (list, tuple)) and all(isinstance(s, int) for s in sections):
        plain = isinstance(length, int) and all(s >= 0 for s in sections)
        return [min(s, length) if plain else None for s in sections] + [length]
    return None


def _split_type(operands: Operands, axis: Any, *, uneven: bool = False) -> Type:
    """Give the type of a list of parts, each with as many axes as the whole."""
    source = operands.type("x")
    sections = operands.constant("indices_or_sections")
    rank = source.rank
    axes = normalized(axis, rank) if rank and axis is not UNKNOWN else None
    length = source.shape[axes[0]] if axes and isinstance(source.shape, tuple) else size("")
    ends = _ends(sections, length, uneven=uneven)
    if ends is None:
        return Type("list", source.kind, unknown().shape)
    call = id(operands.expressions["indices_or_sections"])  # a node of the tree, each its own
    start: Any = 0
    items: list[Type] = []
    for place, end in enumerate(ends):
        fixed = isinstance(start, int) and isinstance(end, int)
        count: Dim = max(end - start, 0) if fixed else size(f"part {place} at {call}")
        start = end
        if axes is None or not isinstance(source.shape, tuple):
            items.append(unknown(form="array").of_kind(source.kind))
            continue
        shape = (*source.shape[: axes[0]], count, *source.shape[axes[0] + 1 :])
        items.append(of_kind(source, shape))
    return Type("list", source.kind, unknown().shape, tuple(items))


def _split(operands: Operands) -> Type:
    return _split_type(operands, operands.constant("axis", 0))


@linear(np.split, shape=_split, listed=True)
def split_backward(x, indices_or_sections, axis=0, *, dparts):
    if known(axis) and axis == 0:
        dx = np.concatenate(dparts)
    else:
        dx = np.concatenate(dparts, axis=axis)
    return dx


def _array_split(operands: Operands) -> Type:
    return _split_type(operands, operands.constant("axis", 0), uneven=True)


@linear(np.array_split, shape=_array_split, listed=True)
def array_split_backward(x, indices_or_sections, axis=0, *, dparts):
    if known(axis) and axis == 0:
        dx = np.concatenate(dparts)
    else:
        dx = np.concatenate(dparts, axis=axis)
    return dx


def _hsplit(operands: Operands) -> Type:
    rank = operands.type("x").rank
    return _split_type(operands, UNKNOWN if rank is None else min(rank - 1, 1))


@linear(np.hsplit, shape=_hsplit, listed=True)
def hsplit_backward(x, indices_or_sections, *, dparts):
    dx = np.hstack(dparts)
    return dx


@linear(np.vsplit, shape=lambda operands: _split_type(operands, 0), listed=True)
def vsplit_backward(x, indices_or_sections, *, dparts):
    dx = np.vstack(dparts)
    return dx


@linear(np.dsplit, shape=lambda operands: _split_type(operands, 2), listed=True)
def dsplit_backward(x, indices_or_sections, *, dparts):
    dx = np.dstack(dparts)
    return dx


def _unstacked(operands: Operands) -> Type:
    """Give the type of the parts of an array along an axis that is left out."""
    source, axis = operands.type("x"), operands.constant("axis", 0)
    axes = normalized(axis, source.rank) if source.rank else None
    if axes is None or not isinstance(source.shape, tuple):
        return Type("list", source.kind, unknown().shape)
    count = source.shape[axes[0]]
    rest = of_kind(source, source.shape[: axes[0]] + source.shape[axes[0] + 1 :])
    items = (rest,) * count if isinstance(count, int) else None
    return Type("list", source.kind, unknown().shape, items)


if hasattr(np, "unstack"):

    @linear(np.unstack, shape=_unstacked, listed=True)
    def unstack_backward(x, *, axis=0, dparts):
        dx = np.stack(dparts, axis)
        return dx
