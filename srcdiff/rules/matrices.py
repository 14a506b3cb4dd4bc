"""Linear algebra: norms, inverses, solutions, determinants, powers.

The formulas are those of Giles, An extended collection of matrix derivative results for forward
and reverse mode algorithmic differentiation, Oxford 2008, where nothing else is said.
"""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.minors import cofactors, product_of_others
from srcdiff.rules.registry import REAL_RESULTS, Operands, of_complex, rule
from srcdiff.rules.shapes import anything, floating, of_kind, same_as_operand, several


def _norm(operands: Operands) -> Type:
    if operands.constant("axis") is None and operands.constant("keepdims", False) is False:
        return Type("scalar", "float", ())
    return unknown(form="number").of_kind("float")


@rule(np.linalg.norm, shape=_norm, fresh=True)
def norm_backward(x, ord=None, axis=None, keepdims=False, *, dy):
    """Gradient of np.linalg.norm(x, ord, axis); zero at zero, largest entries share."""
    if (ord is None or ord == "fro") and axis is None:
        y = np.linalg.norm(x, ord)
        dx = x * (dy / np.where(y == 0, 1, y))
    else:
        axes = (axis,) if isinstance(axis, int) else axis
        if axes is None:
            axes = tuple(range(np.ndim(x)))
        elif not keepdims:
            dy = np.expand_dims(dy, axes)
        if ord is None or ord == "fro" or (len(axes) == 1 and ord == 2):
            y = np.sqrt(np.sum(x**2, axis=axes, keepdims=True))
            dx = x * (dy / np.where(y == 0, 1, y))
        elif ord in (np.inf, -np.inf) or (len(axes) == 2 and ord in (1, -1)):
            sums = np.abs(x)
            if len(axes) == 2:
                summed = axes[0] if ord in (1, -1) else axes[1]
                sums = np.sum(sums, axis=summed, keepdims=True)
            best = np.max(sums, axis=axes, keepdims=True)
            if ord < 0:
                best = np.min(sums, axis=axes, keepdims=True)
            chosen = np.where(sums == best, np.ones_like(sums), 0)
            dx = np.sign(x) * chosen * (dy / np.sum(chosen, axis=axes, keepdims=True))
        elif len(axes) == 1:
            y = np.linalg.norm(x, ord, axes[0], keepdims=True)
            scale = np.abs(x) / np.where(y == 0, 1, y)
            if ord < 1:
                scale = np.where(scale == 0, 1, scale)
            dx = np.sign(x) * (scale ** (ord - 1) if ord != 0 else 0.0) * dy
        else:
            u, s, v = np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), full_matrices=False)
            weights = np.where(s > 0, np.ones_like(s), 0)
            if ord != "nuc":
                best = np.max(s, axis=-1, keepdims=True)
                if ord < 0:
                    best = np.min(s, axis=-1, keepdims=True)
                weights = np.where(s == best, np.ones_like(s), 0)
                weights = weights / np.sum(weights, axis=-1, keepdims=True)
            dx = np.moveaxis((u * weights[..., None, :]) @ v, (-2, -1), axes) * dy
    return dx


@rule(np.linalg.inv, shape=floating(same_as_operand), takes_complex=True, fresh=True)
def inv_backward(x, *, dy):
    """Gradient of np.linalg.inv(x), for stacked matrices too."""
    y = np.linalg.inv(x)
    turned = np.swapaxes(y, -1, -2)
    dx = -turned @ dy @ turned
    return dx


def _solution(operands: Operands) -> Type:
    matrix, right = operands.type("a"), operands.type("b")
    if not isinstance(matrix.shape, tuple) or not isinstance(right.shape, tuple):
        return unknown(form="array").of_kind("float")
    if len(matrix.shape) == 2 and len(right.shape) in (1, 2):
        return of_kind(matrix, (matrix.shape[1], *right.shape[1:]), "float")
    return unknown(form="array").of_kind("float")


@rule(np.linalg.solve, shape=_solution, takes_complex=True, fresh=True)
def solve_backward(a, b, *, dy):
    """Gradients of np.linalg.solve(a, b), for a vector or columns b, also of stacks."""
    y = np.linalg.solve(a, b)
    if np.ndim(a) == 2 and np.ndim(b) == 1:
        db = np.linalg.solve(np.transpose(a), dy)
        da = -np.outer(db, y)
    elif np.ndim(a) == 2 and np.ndim(b) == 2:
        db = np.linalg.solve(np.transpose(a), dy)
        da = -db @ np.transpose(y)
    elif np.ndim(y) < np.ndim(a):
        db = np.linalg.solve(np.swapaxes(a, -1, -2), dy[..., None])
        da = unbroadcast(-db * y[..., None, :], a)
        db = unbroadcast(db[..., 0], b)
    else:
        db = np.linalg.solve(np.swapaxes(a, -1, -2), dy)
        da = unbroadcast(-db @ np.swapaxes(y, -1, -2), a)
        db = unbroadcast(db, b)
    return da, db


@rule(np.linalg.tensorsolve, shape=anything, takes_complex=True, fresh=True)
def tensorsolve_backward(a, b, axes=None, *, dy):
    """Gradients of np.linalg.tensorsolve(a, b, axes); axes of a go to the end."""
    y = np.linalg.tensorsolve(a, b, axes)
    moved = a
    if axes is not None:
        moved = np.moveaxis(a, axes, range(np.ndim(a) - len(axes), np.ndim(a)))
    square = np.reshape(moved, (np.size(b), np.size(b)))
    db = np.reshape(np.linalg.solve(np.transpose(square), np.ravel(dy)), np.shape(b))
    da = np.reshape(-np.multiply.outer(db, y), np.shape(moved))
    if axes is not None:
        da = np.moveaxis(da, range(np.ndim(a) - len(axes), np.ndim(a)), axes)
    return da, db


@rule(np.linalg.tensorinv, shape=anything, takes_complex=True, fresh=True)
def tensorinv_backward(a, ind=2, *, dy):
    """Gradient of np.linalg.tensorinv(a, ind)."""
    y = np.linalg.tensorinv(a, ind)
    count = round(np.sqrt(np.size(a)))
    turned = np.transpose(np.reshape(y, (count, count)))
    da = np.reshape(-turned @ np.reshape(dy, (count, count)) @ turned, np.shape(a))
    return da


def _of_each_matrix(operands: Operands) -> Type:
    source = operands.type("x")
    if not isinstance(source.shape, tuple) or len(source.shape) < 2:
        return unknown(form="number").of_kind("float")
    return of_kind(source, source.shape[:-2], "float")


@rule(np.linalg.det, shape=_of_each_matrix, takes_complex=True, fresh=True)
def det_backward(x, *, dy):
    """Gradient of np.linalg.det(x): its cofactors, right for singular matrices too."""
    dx = np.expand_dims(dy, (-2, -1)) * cofactors(x)
    return dx


@rule(cofactors, shape=floating(same_as_operand), takes_complex=True, fresh=True)
def cofactors_backward(x, *, dy):
    """Gradient of the cofactors of matrices, of the second order in their entries.

    In the basis of the singular vectors, the second derivatives of the determinant
    are products of all singular values but two: for two entries of the diagonal,
    and, with the other sign, for an entry and the one across the diagonal.
    """
    u, s, v = np.linalg.svd(x)
    sign = np.expand_dims(np.linalg.det(u) * np.linalg.det(v), (-2, -1))
    itself = np.eye(np.shape(x)[-1], dtype=bool)
    others = product_of_others(np.where(itself, 1.0, np.expand_dims(s, -2)), -1)
    others = np.where(itself, 0.0, others)
    u, v = np.conj(u), np.conj(v)
    moved = np.swapaxes(u, -1, -2) @ dy @ np.swapaxes(v, -1, -2)
    diagonal = np.sum(moved * itself, axis=-1)[..., None, :]
    beside = np.sum(others * diagonal, axis=-1)[..., None]
    moved = np.swapaxes(moved, -1, -2)
    dx = sign * (u @ (itself * beside - others * moved) @ v)
    return dx


def _sign_and_log(operands: Operands) -> Type:
    return several(_of_each_matrix(operands), _of_each_matrix(operands))


@rule(np.linalg.slogdet, shape=_sign_and_log, fields=("sign", "logabsdet"), fresh=True)
def slogdet_backward(x, *, _dsign, dlog):
    dx = np.expand_dims(dlog, (-2, -1)) * np.swapaxes(np.linalg.inv(x), -1, -2)
    return dx


@of_complex("rule", np.linalg.slogdet, fields=("sign", "logabsdet"))
def slogdet_of_complex_backward(x, *, dsign, dlog):
    """Gradient of np.linalg.slogdet(x), whose sign is det(x) / abs(det(x))."""
    sign, _ = np.linalg.slogdet(x)
    if dsign is None:
        scale = dlog
    elif dlog is None:
        scale = 1j * np.imag(dsign * sign)
    else:
        scale = dlog + 1j * np.imag(dsign * sign)
    dx = np.expand_dims(scale, (-2, -1)) * np.swapaxes(np.linalg.inv(x), -1, -2)
    return dx


@rule(np.linalg.matrix_power, shape=floating(same_as_operand), takes_complex=True, fresh=True)
def matrix_power_backward(x, n, *, dy):
    """Gradient of np.linalg.matrix_power(x, n): each factor in turn."""
    base = np.swapaxes(x if n >= 0 else np.linalg.inv(x), -1, -2)
    dx = np.zeros(np.shape(dy), np.result_type(x, dy, 1.0))
    for k in range(abs(n)):
        left = np.linalg.matrix_power(base, k)
        dx = dx + left @ dy @ np.linalg.matrix_power(base, abs(n) - 1 - k)
    if n < 0:
        dx = -base @ dx @ base
    return dx


REAL_RESULTS[np.linalg.slogdet] = (1,)
