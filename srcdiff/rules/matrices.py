"""Linear algebra: norms, inverses, solutions, determinants, powers.

The formulas are those of Giles, An extended collection of matrix derivative results for forward
and reverse mode algorithmic differentiation, Oxford 2008, where nothing else is said.
"""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.helpers import norm_slope, product_of_others, unbroadcast
from srcdiff.rules.registry import Operands, rule
from srcdiff.rules.shapes import anything, of_kind, same_as_operand, several


def _norm(operands: Operands) -> Type:
    if operands.constant("axis") is None and operands.constant("keepdims", False) is False:
        return Type("scalar", "float", ())
    return unknown(form="number").of_kind("float")


@rule(np.linalg.norm, shape=_norm, fresh=True)
def norm_backward(x, ord=None, axis=None, keepdims=False, *, dy):
    """Gradient of np.linalg.norm(x, ord, axis); zero at zero, equal largest entries share."""
    if (ord is None or ord == "fro") and axis is None:
        y = np.linalg.norm(x, ord)
        dx = x * (dy / np.where(y == 0, 1, y))
    elif ord is None or ord == "fro":
        y = np.sqrt(np.sum(np.abs(x) ** 2, axis=axis, keepdims=True))
        dy = dy if keepdims else np.expand_dims(dy, axis)
        dx = x * (dy / np.where(y == 0, 1, y))
    else:
        dx = norm_slope(x, ord, axis, dy, keepdims)
    return dx


@rule(np.linalg.inv, shape=same_as_operand, takes_complex=True, fresh=True)
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
    """Gradients of np.linalg.solve(a, b), for a vector or columns b, and stacked matrices."""
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


@rule(np.linalg.tensorsolve, shape=anything, fresh=True)
def tensorsolve_backward(a, b, axes=None, *, dy):
    """Gradients of np.linalg.tensorsolve(a, b)."""
    if axes is not None:
        raise NotImplementedError("np.linalg.tensorsolve has no rule for axes; move them before.")
    y = np.linalg.tensorsolve(a, b, axes)
    square = np.reshape(a, (np.size(b), np.size(b)))
    db = np.reshape(np.linalg.solve(np.transpose(square), np.ravel(dy)), np.shape(b))
    da = -np.multiply.outer(db, y)
    return da, db


@rule(np.linalg.tensorinv, shape=anything, fresh=True)
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


@rule(np.linalg.det, shape=_of_each_matrix, fresh=True)
def det_backward(x, *, dy):
    """Gradient of np.linalg.det(x): its cofactors, right for singular matrices too.

    They come from the singular value decomposition: each singular value's cofactor is the product
    of the others.
    """
    u, s, v = np.linalg.svd(x)
    sign = np.linalg.det(u) * np.linalg.det(v)
    cofactors = (u * product_of_others(s, -1)[..., None, :]) @ v
    dx = np.expand_dims(sign * dy, (-2, -1)) * cofactors
    return dx


def _sign_and_log(operands: Operands) -> Type:
    return several(_of_each_matrix(operands), _of_each_matrix(operands))


@rule(np.linalg.slogdet, shape=_sign_and_log, fields=("sign", "logabsdet"), fresh=True)
def slogdet_backward(x, *, _dsign, dlog):
    dx = np.expand_dims(dlog, (-2, -1)) * np.swapaxes(np.linalg.inv(x), -1, -2)
    return dx


_CHOLESKY_2 = [np.linalg.cholesky] if hasattr(np.linalg, "vecdot") else []
"""Since its version 2, NumPy's function takes upper."""


@rule(np.linalg.cholesky, shape=same_as_operand, fresh=True)
def cholesky_backward(x, *, dy):
    """Gradient of np.linalg.cholesky(x), which reads the lower triangle alone.

    Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527, 2016.
    """
    y = np.linalg.cholesky(x)
    turned = np.swapaxes(y, -1, -2)
    halves = np.tril(turned @ np.tril(dy))
    halves = halves - np.eye(np.shape(x)[-1]) * halves / 2
    inner = np.linalg.solve(turned, halves)
    both = np.swapaxes(np.linalg.solve(turned, np.swapaxes(inner, -1, -2)), -1, -2)
    dx = np.tril(both + np.swapaxes(both, -1, -2)) - np.eye(np.shape(x)[-1]) * both
    return dx


@rule(*_CHOLESKY_2, shape=same_as_operand, rare=True, fresh=True)
def cholesky_upper_backward(x, *, upper=False, dy):
    """Gradient of np.linalg.cholesky(x, upper=upper), which reads the triangle that it gives."""
    y = np.linalg.cholesky(x, upper=upper)
    turned = y if upper else np.swapaxes(y, -1, -2)
    lower = np.swapaxes(dy, -1, -2) if upper else dy
    halves = np.tril(turned @ np.tril(lower))
    halves = halves - np.eye(np.shape(x)[-1]) * halves / 2
    inner = np.linalg.solve(turned, halves)
    both = np.swapaxes(np.linalg.solve(turned, np.swapaxes(inner, -1, -2)), -1, -2)
    both = np.tril(both + np.swapaxes(both, -1, -2)) - np.eye(np.shape(x)[-1]) * both
    dx = np.swapaxes(both, -1, -2) if upper else both
    return dx


@rule(np.linalg.matrix_power, shape=same_as_operand, takes_complex=True, fresh=True)
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
