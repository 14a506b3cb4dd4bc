"""Linear algebra by least squares: the pseudo-inverse, solutions, condition numbers.

Formulas: Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares
problems whose variables separate, SIAM Journal on Numerical Analysis 10 (1973).
"""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.helpers import zeros_like
from srcdiff.rules.registry import REAL_RESULTS, Operands, flat, rule
from srcdiff.rules.shapes import anything, of_kind, several, whole_number


def _turned(operands: Operands) -> Type:
    source = operands.type("a")
    if not isinstance(source.shape, tuple) or len(source.shape) < 2:
        return unknown(form="array").of_kind("float")
    *stack, rows, columns = source.shape
    return of_kind(source, (*stack, columns, rows), "float")


@rule(np.linalg.pinv, shape=_turned, takes_complex=True, fresh=True)
def pinv_backward(a, rcond=None, *, dy):
    """Gradient of np.linalg.pinv(a), among matrices of the same rank."""
    y = np.linalg.pinv(a, rcond)
    turned = np.swapaxes(y, -1, -2)
    dturned = np.swapaxes(dy, -1, -2)
    left = dturned @ y @ np.conj(turned)
    right = np.conj(turned) @ y @ dturned
    da = np.conj((left - a @ y @ left) + (right - right @ y @ a)) - turned @ dy @ turned
    return da


def _least_squares(operands: Operands) -> Type:
    left, right = operands.type("a"), operands.type("b")
    solution = unknown(form="array").of_kind("float")
    if isinstance(left.shape, tuple) and isinstance(right.shape, tuple) and right.shape:
        solution = of_kind(left, (left.shape[-1], *right.shape[1:]), "float")
    residuals, values = (unknown(form="array").of_kind("float") for _ in range(2))
    return several(solution, residuals, Type("scalar", "int", ()), values)


@rule(np.linalg.lstsq, shape=_least_squares, takes_complex=True, fresh=True)
def lstsq_backward(a, b, rcond=None, *, dx, dresiduals, _drank, ds):
    """Gradients of np.linalg.lstsq(a, b), among matrices of the same rank."""
    x, residuals, rank, s = np.linalg.lstsq(a, b, rcond)
    tall = np.reshape(x, (np.shape(a)[1], -1))
    rest = np.reshape(b, (np.shape(a)[0], -1)) - a @ tall
    da = zeros_like(a)
    dtall = np.zeros_like(rest)
    if dx is not None:
        inverse = np.linalg.pinv(a, s[rank - 1] / (2 * s[0]) if rank else 0.0)
        down = np.reshape(dx, np.shape(tall))
        dtall = np.transpose(inverse) @ down
        moved = down - np.conj(inverse @ (a @ np.conj(down)))
        turned = np.transpose(np.conj(inverse))
        da = np.conj(rest @ np.transpose(np.conj(inverse) @ dtall))
        da = da - dtall @ np.transpose(tall)
        da = da + np.conj(turned @ tall @ np.transpose(moved))
    if dresiduals is not None and np.size(residuals):
        slope = 2 * np.conj(rest) * dresiduals
        dtall = dtall + slope
        da = da - slope @ np.transpose(tall)
    if ds is not None:
        u, _, vh = np.linalg.svd(a, full_matrices=False)
        da = da + np.conj((u * ds) @ vh)
    db = np.reshape(dtall, np.shape(b))
    return da, db


@rule(np.linalg.cond, shape=anything, takes_complex=True, fresh=True)
def cond_backward(x, p=None, *, dy):
    """Gradient of np.linalg.cond(x, p), a ratio of singular values."""
    if p is not None and p != 2 and p != -2:
        raise NotImplementedError("np.linalg.cond: write norm(x, p) * norm(inv(x), p).")
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    y = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    first = u[..., :, :1] * vh[..., :1, :] / s[..., :1, None]
    last = u[..., :, -1:] * vh[..., -1:, :] / s[..., -1:, None]
    slope = last - first if p == -2 else first - last
    dx = np.expand_dims(y * dy, (-2, -1)) * np.conj(slope)
    return dx


flat(np.linalg.matrix_rank, signature=("A", "tol", "hermitian"), shape=whole_number)
REAL_RESULTS[np.linalg.lstsq] = (1, 2, 3)
