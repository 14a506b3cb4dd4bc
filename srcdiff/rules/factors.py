"""Linear algebra by factors: eigenvalues, singular values, triangles, least squares.

Formulas: Giles, An extended collection of matrix derivative results for forward and reverse mode
algorithmic differentiation, Oxford 2008; for the singular vectors, Townsend, Differentiating the
singular value decomposition, 2016; for wide matrices, Roberts and Roberts, QR and LQ decomposition
matrix backpropagation algorithms, arXiv:2009.10071; for the pseudo-inverse, Golub and Pereyra, SIAM
Journal on Numerical Analysis 10 (1973).

Vectors of equal eigenvalues or singular values have no derivative. Where a gradient asks for it, it
isn't a number; where it asks for other vectors only, it is finite.
"""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Dim, Type, size, unknown
from srcdiff.rules.registry import Operands, flat, rule
from srcdiff.rules.shapes import anything, of_kind, several, whole_number


def _eigen(operands: Operands) -> Type:
    source = operands.type("a")
    if not isinstance(source.shape, tuple) or len(source.shape) < 2:
        vectors = unknown(form="array").of_kind("float")
        return several(unknown(form="array").of_kind("float"), vectors)
    return several(of_kind(source, source.shape[:-1], "float"), source.of_kind("float"))


@rule(np.linalg.eigh, shape=_eigen, fields=("eigenvalues", "eigenvectors"), fresh=True)
def eigh_backward(a, UPLO="L", *, dw, dv):
    """Gradient of np.linalg.eigh(a, UPLO), which reads one triangle alone.

    JAX and autograd spread the gradient over both triangles; their sums over both are the same.
    """
    w, v = np.linalg.eigh(a, UPLO)
    if dv is None:
        both = (v * dw[..., None, :]) @ np.swapaxes(v, -1, -2)
    else:
        turned = np.swapaxes(v, -1, -2)
        mixed = turned @ dv
        mixed = np.tril(mixed, -1) + np.triu(mixed, 1)
        gaps = np.where(mixed == 0, 1, w[..., None, :] - w[..., :, None])
        inner = mixed / gaps @ turned
        if dw is not None:
            inner = inner + dw[..., :, None] * turned
        both = v @ inner
    if UPLO == "L" or UPLO == "l":
        da = np.tril(both) + np.tril(np.swapaxes(both, -1, -2), -1)
    else:
        da = np.triu(both) + np.triu(np.swapaxes(both, -1, -2), 1)
    return da


def _without_last(operands: Operands) -> Type:
    source = operands.type("a")
    if not isinstance(source.shape, tuple) or len(source.shape) < 2:
        return unknown(form="array").of_kind("float")
    return of_kind(source, source.shape[:-1], "float")


@rule(np.linalg.eigvalsh, shape=_without_last, fresh=True)
def eigvalsh_backward(a, UPLO="L", *, dw):
    """Gradient of np.linalg.eigvalsh(a, UPLO), which reads one triangle alone."""
    v = np.linalg.eigh(a, UPLO)[1]
    both = (v * dw[..., None, :]) @ np.swapaxes(v, -1, -2)
    if UPLO == "L" or UPLO == "l":
        da = np.tril(both) + np.tril(both, -1)
    else:
        da = np.triu(both) + np.triu(both, 1)
    return da


def _smaller(left: Dim, right: Dim) -> Dim:
    if left == right:
        return left
    if isinstance(left, int) and isinstance(right, int):
        return min(left, right)
    return size(f"the smaller of {left} and {right}")


def _singular(operands: Operands) -> Type:
    source = operands.type("a")
    full = operands.constant("full_matrices", default=True)
    if not isinstance(source.shape, tuple) or len(source.shape) < 2 or not isinstance(full, bool):
        return several(*(unknown(form="array").of_kind("float") for _ in range(3)))
    *stack, rows, columns = source.shape
    inner = _smaller(rows, columns)
    shapes = (
        (*stack, rows, rows if full else inner),
        (*stack, inner),
        (*stack, columns if full else inner, columns),
    )
    return several(*(of_kind(source, shape, "float") for shape in shapes))


@rule(np.linalg.svd, shape=_singular, fields=("U", "S", "Vh"), fresh=True)
def svd_backward(a, full_matrices=True, *, du, ds, dvh):
    """Gradient of np.linalg.svd(a, full_matrices).

    The vectors that full_matrices adds to a matrix that isn't square may be any that complete the
    others, and so have no derivative.
    """
    u, s, vh = np.linalg.svd(a, full_matrices)
    if full_matrices and np.shape(a)[-2] != np.shape(a)[-1]:
        if du is not None and np.shape(a)[-2] > np.shape(a)[-1]:
            raise NotImplementedError("the U of full_matrices=True isn't determined; pass False.")
        if dvh is not None and np.shape(a)[-2] < np.shape(a)[-1]:
            raise NotImplementedError("the Vh of full_matrices=True isn't determined; pass False.")
        u = u[..., : np.shape(s)[-1]]
        vh = vh[..., : np.shape(s)[-1], :]
    if du is None and dvh is None:
        da = (u * ds[..., None, :]) @ vh
    else:
        da = 0.0
        if ds is not None:
            da = (u * ds[..., None, :]) @ vh
        gaps = (s[..., None, :] - s[..., :, None]) * (s[..., None, :] + s[..., :, None])
        if du is not None:
            mixed = np.swapaxes(u, -1, -2) @ du
            turning = np.tril(mixed - np.swapaxes(mixed, -1, -2), -1)
            turning = turning / np.where(turning == 0, 1, gaps)
            turning = (turning + np.swapaxes(turning, -1, -2)) * s[..., None, :]
            da = da + u @ turning @ vh
            if np.shape(a)[-2] > np.shape(a)[-1]:
                da = da + ((du - u @ mixed) / s[..., None, :]) @ vh
        if dvh is not None:
            mixed = dvh @ np.swapaxes(vh, -1, -2)
            turning = np.tril(np.swapaxes(mixed, -1, -2) - mixed, -1)
            turning = turning / np.where(turning == 0, 1, gaps)
            turning = (turning + np.swapaxes(turning, -1, -2)) * s[..., :, None]
            da = da + u @ turning @ vh
            if np.shape(a)[-2] < np.shape(a)[-1]:
                da = da + u @ ((dvh - mixed @ vh) / s[..., :, None])
    return da


def _singular_values(operands: Operands) -> Type:
    items = _singular(operands).items
    assert items is not None
    return items[1]


@rule(np.linalg.svd, shape=_singular_values, rare=True, fresh=True)
def svd_values_backward(a, full_matrices=True, compute_uv=True, *, ds):
    """Gradient of np.linalg.svd(a, compute_uv=False)."""
    if compute_uv:
        raise NotImplementedError("whether np.linalg.svd gives U and Vh isn't known.")
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    da = (u * ds[..., None, :]) @ vh
    return da


@rule(*[f for f in [getattr(np.linalg, "svdvals", None)] if f], shape=_singular_values, fresh=True)
def svdvals_backward(a, *, ds):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    da = (u * ds[..., None, :]) @ vh
    return da


def _triangular(operands: Operands) -> Type:
    source = operands.type("a")
    if not isinstance(source.shape, tuple) or len(source.shape) < 2:
        triangle = unknown(form="array").of_kind("float")
        return several(unknown(form="array").of_kind("float"), triangle)
    *stack, rows, columns = source.shape
    inner = _smaller(rows, columns)
    left = of_kind(source, (*stack, rows, inner), "float")
    return several(left, of_kind(source, (*stack, inner, columns), "float"))


@rule(np.linalg.qr, shape=_triangular, fields=("Q", "R"), fresh=True)
def qr_backward(a, *, dq, dr):
    """Gradient of np.linalg.qr(a), reduced; a wide matrix's first columns are its square part."""
    q, r = np.linalg.qr(a)
    count = np.shape(q)[-1]
    square = r[..., :count]
    if dq is None:
        dq = np.zeros_like(q)
    if dr is None:
        dr = np.zeros_like(r)
    dq = dq + a[..., count:] @ np.swapaxes(dr[..., count:], -1, -2)
    inner = np.tril(square @ np.swapaxes(dr[..., :count], -1, -2) - np.swapaxes(dq, -1, -2) @ q)
    inner = inner + np.swapaxes(np.tril(inner, -1), -1, -2)
    turned = np.linalg.solve(square, np.swapaxes(dq + q @ inner, -1, -2))
    da = np.concatenate([np.swapaxes(turned, -1, -2), q @ dr[..., count:]], axis=-1)
    return da


@rule(np.linalg.qr, shape=anything, rare=True, fresh=True)
def qr_triangle_backward(a, mode="reduced", *, dr):
    """Gradient of np.linalg.qr(a, mode="r")."""
    if mode != "r":
        raise NotImplementedError("np.linalg.qr has a derivative rule for mode='reduced' and 'r'.")
    q, r = np.linalg.qr(a, "reduced")
    count = np.shape(q)[-1]
    square = r[..., :count]
    dq = a[..., count:] @ np.swapaxes(dr[..., count:], -1, -2)
    inner = np.tril(square @ np.swapaxes(dr[..., :count], -1, -2) - np.swapaxes(dq, -1, -2) @ q)
    inner = inner + np.swapaxes(np.tril(inner, -1), -1, -2)
    turned = np.linalg.solve(square, np.swapaxes(dq + q @ inner, -1, -2))
    da = np.concatenate([np.swapaxes(turned, -1, -2), q @ dr[..., count:]], axis=-1)
    return da


def _turned(operands: Operands) -> Type:
    source = operands.type("a")
    if not isinstance(source.shape, tuple) or len(source.shape) < 2:
        return unknown(form="array").of_kind("float")
    *stack, rows, columns = source.shape
    return of_kind(source, (*stack, columns, rows), "float")


@rule(np.linalg.pinv, shape=_turned, fresh=True)
def pinv_backward(a, rcond=None, *, dy):
    """Gradient of np.linalg.pinv(a), among matrices of the same rank."""
    y = np.linalg.pinv(a, rcond)
    turned = np.swapaxes(y, -1, -2)
    dturned = np.swapaxes(dy, -1, -2)
    left = dturned @ y @ turned
    right = turned @ y @ dturned
    da = (left - a @ y @ left) + (right - right @ y @ a) - turned @ dy @ turned
    return da


def _least_squares(operands: Operands) -> Type:
    left, right = operands.type("a"), operands.type("b")
    solution = unknown(form="array").of_kind("float")
    if isinstance(left.shape, tuple) and isinstance(right.shape, tuple) and right.shape:
        solution = of_kind(left, (left.shape[-1], *right.shape[1:]), "float")
    residuals, values = (unknown(form="array").of_kind("float") for _ in range(2))
    return several(solution, residuals, Type("scalar", "int", ()), values)


@rule(np.linalg.lstsq, shape=_least_squares, fresh=True)
def lstsq_backward(a, b, rcond=None, *, dx, dresiduals, _drank, ds):
    """Gradients of np.linalg.lstsq(a, b), among matrices of the same rank."""
    x, residuals, rank, s = np.linalg.lstsq(a, b, rcond)
    tall = np.reshape(x, (np.shape(a)[1], -1))
    rest = np.reshape(b, (np.shape(a)[0], -1)) - a @ tall
    da = np.zeros(np.shape(a), np.result_type(rest))
    dtall = np.zeros_like(rest)
    if dx is not None:
        cut = 2.0**-52 * max(np.shape(a)[0], np.shape(a)[1]) if rcond is None else rcond
        inverse = np.linalg.pinv(a, cut)
        down = np.reshape(dx, np.shape(tall))
        dtall = np.transpose(inverse) @ down
        da = rest @ np.transpose(inverse @ dtall) - dtall @ np.transpose(tall)
        da = da + np.transpose(inverse) @ tall @ np.transpose(down - inverse @ (a @ down))
    if dresiduals is not None and np.size(residuals):
        slope = 2 * rest * dresiduals
        dtall = dtall + slope
        da = da - slope @ np.transpose(tall)
    if ds is not None:
        u, _, vh = np.linalg.svd(a, full_matrices=False)
        da = da + (u * ds) @ vh
    db = np.reshape(dtall, np.shape(b))
    return da, db


@rule(np.linalg.cond, shape=anything, fresh=True)
def cond_backward(x, p=None, *, dy):
    """Gradient of np.linalg.cond(x, p) for the ratio of the largest and smallest singular value."""
    if p is not None and p != 2 and p != -2:
        raise NotImplementedError(
            "np.linalg.cond has a rule for p=2; write norm(x, p) * norm(inv(x), p) for others."
        )
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    y = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    first = u[..., :, :1] * vh[..., :1, :] / s[..., :1, None]
    last = u[..., :, -1:] * vh[..., -1:, :] / s[..., -1:, None]
    dx = np.expand_dims(y * dy, (-2, -1)) * (last - first if p == -2 else first - last)
    return dx


flat(np.linalg.matrix_rank, signature=("A", "tol", "hermitian"), shape=whole_number)
