"""Products over named axes: kron, cross, tensordot, vecdot, multi_dot."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcdiff.ir.types import Type, broadcast, joined, unknown
from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.registry import AnyFunction, Operands, bilinear, linear, rule
from srcdiff.rules.shapes import arranged, of_kind


def _present(name: str, *modules: Any) -> list[AnyFunction]:
    """Give the functions of a name that this version of NumPy has."""
    return [getattr(module, name) for module in modules if hasattr(module, name)]


@bilinear(np.kron, shape=arranged)
def kron_backward(x, w, *, dz):
    """Gradients of np.kron(x, w), for operands of any dimensions."""
    rank = max(np.ndim(x), np.ndim(w))
    left = (1,) * (rank - np.ndim(x)) + np.shape(x)
    right = (1,) * (rank - np.ndim(w)) + np.shape(w)
    parts = np.reshape(dz, [n for pair in zip(left, right, strict=True) for n in pair])
    spread_x = np.reshape(x, [n for a in left for n in (a, 1)])
    spread_w = np.reshape(w, [n for b in right for n in (1, b)])
    dx = np.sum(parts * spread_w, axis=tuple(range(1, 2 * rank, 2)))
    dx = np.reshape(dx, np.shape(x))[()]
    dw = np.sum(parts * spread_x, axis=tuple(range(0, 2 * rank, 2)))
    dw = np.reshape(dw, np.shape(w))[()]
    return dx, dw


@bilinear(np.cross, *_present("cross", np.linalg), shape=arranged)
def cross_backward(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None, *, dc):
    """Gradients of np.cross(a, b), for vectors of three or two along any axes."""
    if axis is not None:
        axisa, axisb, axisc = axis, axis, axis
    x, w = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    if np.shape(x)[-1] == 2 and np.shape(w)[-1] == 2:
        zero = np.zeros_like(dc)
        dz = np.stack([zero, zero, dc], axis=-1)
    else:
        dz = np.moveaxis(dc, axisc, -1)
    if np.shape(x)[-1] == 2:
        x = np.concatenate([x, np.zeros_like(x[..., :1])], axis=-1)
    if np.shape(w)[-1] == 2:
        w = np.concatenate([w, np.zeros_like(w[..., :1])], axis=-1)
    dx, dw = np.cross(w, dz), np.cross(dz, x)
    da = np.moveaxis(
        unbroadcast(dx[..., : np.shape(a)[axisa]], np.moveaxis(a, axisa, -1)), -1, axisa
    )
    db = np.moveaxis(
        unbroadcast(dw[..., : np.shape(b)[axisb]], np.moveaxis(b, axisb, -1)), -1, axisb
    )
    return da, db


@bilinear(np.tensordot, *_present("tensordot", np.linalg), shape=arranged)
def tensordot_backward(x, w, axes=2, *, dz):
    """Gradients of np.tensordot(x, w, axes)."""
    pair = axes if np.ndim(axes) else (range(-axes, 0), range(axes))
    left = [axis % np.ndim(x) for axis in np.ravel(pair[0])]
    right = [axis % np.ndim(w) for axis in np.ravel(pair[1])]
    free_x = [axis for axis in range(np.ndim(x)) if axis not in left]
    free_w = [axis for axis in range(np.ndim(w)) if axis not in right]
    of_x, of_w = range(len(free_x)), range(len(free_x), np.ndim(dz))
    dx = np.tensordot(dz, w, (of_w, free_w))
    order = [left[i] for i in np.argsort(right)]
    dx = np.transpose(dx, np.argsort(free_x + order))[()]
    dw = np.tensordot(x, dz, (free_x, of_x))
    order = [right[i] for i in np.argsort(left)]
    dw = np.transpose(dw, np.argsort(order + free_w))[()]
    return dx, dw


@linear(*_present("trace", np.linalg), shape=arranged)
def linalg_trace_backward(x, *, offset=0, dy):
    """Gradient of np.linalg.trace(x, offset=offset), over the last two axes."""
    kind = np.result_type(np.asarray(x), dy, 1.0)
    ones = np.eye(np.shape(x)[-2], np.shape(x)[-1], offset, kind)
    dx = np.expand_dims(dy, (-2, -1)) * ones
    return dx


@linear(*_present("matrix_transpose", np.linalg), shape=arranged)
def matrix_transpose_backward(x, *, dy):
    dx = np.swapaxes(dy, -1, -2)
    return dx


def _vecdot(operands: Operands) -> Type:
    left, right = operands.type("x"), operands.type("y")
    _, kind = joined([left, right])
    if operands.constant("axis", -1) != -1:
        return unknown(form="number").of_kind(kind)
    shape = broadcast([left.shape, right.shape])
    if not isinstance(shape, tuple) or not shape:
        return unknown(form="number").of_kind(kind)
    return of_kind(left, shape[:-1], kind)


@rule(*_present("vecdot", np, np.linalg), shape=_vecdot, takes_complex=True)
def vecdot_backward(x, y, axis=-1, *, dz):
    """Gradients of np.vecdot(x, y, axis=axis), which conjugates x."""
    dz = np.expand_dims(dz, axis)
    dx = unbroadcast(np.conj(y * dz), x)
    dy = unbroadcast(np.conj(x) * dz, y)
    return dx, dy


@bilinear(*_present("matvec", np), shape=arranged)
def matvec_backward(x, w, *, dz):
    """Gradients of np.matvec(x, w): the matrix x times the vector w."""
    dx = unbroadcast(dz[..., :, None] * w[..., None, :], x)
    dw = unbroadcast(np.matvec(np.swapaxes(x, -1, -2), dz), w)
    return dx, dw


@rule(*_present("vecmat", np), shape=arranged, takes_complex=True)
def vecmat_backward(x, w, *, dz):
    """Gradients of np.vecmat(x, w): the vector x, conjugated, times the matrix w."""
    dx = unbroadcast(np.conj(np.matvec(w, dz)), x)
    dw = unbroadcast(np.conj(x)[..., :, None] * dz[..., None, :], w)
    return dx, dw


@rule(np.linalg.multi_dot, shape=arranged, takes_complex=True, fresh=True)
def multi_dot_backward(arrays, *, dy):
    """Gradients of np.linalg.multi_dot(arrays): products of the others around dy."""
    first = arrays[0][None, :] if np.ndim(arrays[0]) == 1 else arrays[0]
    rows = [x[:, None] if np.ndim(x) == 1 else x for x in [first, *arrays[1:]]]
    turned = [np.transpose(x) for x in rows]
    dz = np.reshape(dy, (len(rows[0]), rows[-1].shape[1]))
    darrays = []
    for i, x in enumerate(arrays):
        factors = [*turned[:i][::-1], dz, *turned[i + 1 :][::-1]]
        product = np.linalg.multi_dot(factors)
        darrays.append(np.reshape(product, np.shape(x)))
    return darrays
