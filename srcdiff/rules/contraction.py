"""Products that sum: dot, matmul, outer, inner."""

from __future__ import annotations

import operator

import numpy as np

from srcdiff.ir.types import Type, joined, unknown
from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.registry import AnyFunction, Operands, bilinear, rule
from srcdiff.rules.shapes import arranged, contracted, of_kind


def _of_linalg(name: str) -> list[AnyFunction]:
    """Give np.linalg's own function of a name, which NumPy has since its version 2."""
    return [getattr(np.linalg, name)] if hasattr(np.linalg, name) else []


@bilinear(np.dot, shape=contracted, sums=True)
def dot_backward(x, w, *, dz):
    """Gradients of np.dot(x, w), for operands of any dimensions."""
    if np.ndim(x) == 0 or np.ndim(w) == 0:
        dx = unbroadcast(w * dz, x)
        dw = unbroadcast(x * dz, w)
    else:
        columns = np.shape(w)[:-2] + np.shape(w)[-1:][: np.ndim(w) - 1]
        dz = unbroadcast(dz, np.empty(np.shape(x)[:-1] + columns))
        if np.ndim(x) == 1 and np.ndim(w) == 1:
            dx = np.asarray(w) * dz
            dw = np.asarray(x) * dz
        elif np.ndim(x) == 2 and np.ndim(w) == 2:
            dx = np.dot(dz, np.transpose(w))
            dw = np.dot(np.transpose(x), dz)
        elif np.ndim(x) == 2 and np.ndim(w) == 1:
            dx = np.outer(dz, w)
            dw = np.dot(np.transpose(x), dz)
        elif np.ndim(x) == 1 and np.ndim(w) == 2:
            dx = np.dot(w, dz)
            dw = np.outer(x, dz)
        elif np.ndim(w) == 1:
            dx = np.multiply.outer(dz, w)
            dw = np.tensordot(dz, x, axes=np.ndim(dz))
        else:
            rows = range(np.ndim(x) - 1)
            others = np.delete(range(np.ndim(w)), -2)
            dx = np.tensordot(dz, w, axes=(range(np.ndim(x) - 1, np.ndim(dz)), others))
            dw = np.moveaxis(np.tensordot(x, dz, axes=(rows, rows)), 0, -2)
    return dx, dw


def _each_with_each(operands: Operands) -> Type:
    """Give the type of an outer product: the axes of one operand, then those of the other."""
    left, *rest = (operands.typed(e) for e in operands.expressions.values())
    _, kind = joined([left, *rest])
    shapes = [left.shape, *(known.shape for known in rest)]
    if not all(isinstance(shape, tuple) for shape in shapes):
        return unknown(form="number").of_kind(kind)
    return of_kind(left, tuple(dim for shape in shapes for dim in shape), kind)  # type: ignore[misc]  # checked


@bilinear(np.multiply.outer, shape=_each_with_each)
def multiply_outer_backward(x, w, *, dz):
    """Gradients of np.multiply.outer(x, w) with respect to x and w."""
    dx = np.sum(dz * w, axis=tuple(range(np.ndim(x), np.ndim(dz))))
    if np.ndim(w) == 0:
        dw = np.sum(x * dz)
    else:
        dw = np.tensordot(x, dz, axes=np.ndim(x))
    return dx, dw


@rule(np.add.outer, shape=_each_with_each, takes_complex=True)
def add_outer_backward(x, y, *, dz):
    """Gradients of np.add.outer(x, y) with respect to x and y."""
    dx = np.sum(dz, axis=tuple(range(np.ndim(x), np.ndim(dz))))
    dy = np.sum(dz, axis=tuple(range(np.ndim(x))))
    return dx, dy


@rule(np.subtract.outer, shape=_each_with_each, takes_complex=True)
def subtract_outer_backward(x, y, *, dz):
    """Gradients of np.subtract.outer(x, y) with respect to x and y."""
    dx = np.sum(dz, axis=tuple(range(np.ndim(x), np.ndim(dz))))
    dy = -np.sum(dz, axis=tuple(range(np.ndim(x))))
    return dx, dy


@bilinear(np.matmul, operator.matmul, *_of_linalg("matmul"), shape=contracted, sums=True)
def matmul_backward(x, w, *, dz):
    """Gradients of x @ w with respect to x and w, for operands of any dimensions."""
    batch = np.broadcast_shapes(np.shape(x)[:-2], np.shape(w)[:-2])
    columns = np.shape(w)[-1:][: np.ndim(w) - 1]
    dz = unbroadcast(dz, np.empty(batch + np.shape(x)[-2:-1] + columns))
    if np.ndim(x) == 1 and np.ndim(w) == 1:
        dx = np.asarray(w) * dz
        dw = np.asarray(x) * dz
    elif np.ndim(x) == 2 and np.ndim(w) == 2:
        dx = dz @ np.transpose(w)
        dw = np.transpose(x) @ dz
    elif np.ndim(x) == 2 and np.ndim(w) == 1:
        dx = np.outer(dz, w)
        dw = np.transpose(x) @ dz
    elif np.ndim(x) == 1 and np.ndim(w) == 2:
        dx = w @ dz
        dw = np.outer(x, dz)
    elif np.ndim(w) == 1:
        dx = np.multiply.outer(dz, w)
        dw = np.tensordot(dz, x, axes=np.ndim(dz))
    elif np.ndim(x) == 1:
        dx = unbroadcast(np.sum(w * dz[..., None, :], axis=-1), x)
        dw = unbroadcast(x[:, None] * dz[..., None, :], w)
    else:
        dx = unbroadcast(dz @ np.swapaxes(w, -1, -2), x)
        dw = unbroadcast(np.swapaxes(x, -1, -2) @ dz, w)
    return dx, dw


def _outer_shape(operands: Operands) -> Type:
    left, right = operands.type("x"), operands.type("y")
    _, kind = joined([left, right])
    if left.rank == 1 and right.rank == 1:
        assert isinstance(left.shape, tuple)
        assert isinstance(right.shape, tuple)
        return of_kind(left, left.shape + right.shape, kind)
    return unknown(form="array").of_kind(kind)


@bilinear(np.outer, shape=_outer_shape)
def outer_backward(x, y, *, dz):
    dx = np.reshape(dz @ np.ravel(y), np.shape(x))
    dy = np.reshape(np.ravel(x) @ dz, np.shape(y))
    return dx, dy


def _inner_shape(operands: Operands) -> Type:
    left, right = operands.type("x"), operands.type("y")
    _, kind = joined([left, right])
    if left.rank == 1 and right.rank == 1:
        return of_kind(left, (), kind)
    return unknown(form="number").of_kind(kind)


@bilinear(np.vdot, shape=lambda operands: Type("scalar", arranged(operands).kind, ()))
def vdot_backward(x, y, *, dz):
    dx = np.reshape(y, np.shape(x)) * dz
    dy = np.reshape(x, np.shape(y)) * dz
    return dx, dy


@bilinear(np.inner, shape=_inner_shape)
def inner_backward(x, y, *, dz):
    """Gradients of np.inner(x, y) with respect to x and y."""
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        dx = unbroadcast(y * dz, x)
        dy = unbroadcast(x * dz, y)
    elif np.ndim(x) == 1 and np.ndim(y) == 1:
        dx = np.asarray(y) * dz
        dy = np.asarray(x) * dz
    else:
        rows, columns = np.ndim(x) - 1, np.ndim(y) - 1
        dx = np.tensordot(dz, y, axes=(range(rows, rows + columns), range(columns)))
        dy = np.tensordot(dz, x, axes=(range(rows), range(rows)))
    return dx, dy
