"""Forward rules of factors and of least squares, beside their backward rules."""

from __future__ import annotations

import numpy as np

from srcdiff.rules.factors import (
    eig_backward,
    eigh_backward,
    eigvals_backward,
    eigvalsh_backward,
    over_gaps_backward,
    svd_backward,
    svd_values_backward,
    svdvals_backward,
)
from srcdiff.rules.forwards import forward
from srcdiff.rules.helpers import over_gaps
from srcdiff.rules.least_squares import cond_backward, lstsq_backward, pinv_backward
from srcdiff.rules.triangles import (
    cholesky_backward,
    cholesky_upper_backward,
    qr_backward,
    qr_triangle_backward,
)

# Eigenvalues


@forward(eigh_backward)
def eigh_forward(a, UPLO="L", *, da):
    """Tangents of np.linalg.eigh(a, UPLO), which reads one triangle alone."""
    w, v = np.linalg.eigh(a, UPLO)
    if UPLO == "L" or UPLO == "l":
        half = (np.tril(da) + np.tril(da, -1)) / 2
    else:
        half = (np.triu(da) + np.triu(da, 1)) / 2
    moved = half + np.conj(np.swapaxes(half, -1, -2))
    mixed = np.conj(np.swapaxes(v, -1, -2)) @ moved @ v
    dw = np.real(np.diagonal(mixed, axis1=-2, axis2=-1))
    dv = v @ over_gaps(mixed, w)
    return dw, dv


@forward(eigvalsh_backward)
def eigvalsh_forward(a, UPLO="L", *, da):
    """Tangent of np.linalg.eigvalsh(a, UPLO), which reads one triangle alone."""
    v = np.linalg.eigh(a, UPLO)[1]
    if UPLO == "L" or UPLO == "l":
        half = (np.tril(da) + np.tril(da, -1)) / 2
    else:
        half = (np.triu(da) + np.triu(da, 1)) / 2
    dw = 2 * np.real(np.sum(np.conj(v) * (half @ v), axis=-2))
    return dw


@forward(eig_backward)
def eig_forward(a, *, da):
    """Tangents of np.linalg.eig(a); the vectors keep length, and what is real."""
    w, v = np.linalg.eig(a)
    mixed = np.linalg.solve(v, da @ v)
    dw = np.diagonal(mixed, axis1=-2, axis2=-1)
    moved = v @ over_gaps(mixed, w)
    sizes = np.where(np.imag(v) == 0, np.abs(v), 0)
    largest = sizes == np.max(sizes, axis=-2, keepdims=True)
    turning = np.where(largest, np.imag(moved / np.where(largest, v, 1)), 0)
    along = np.real(np.sum(np.conj(v) * moved, axis=-2, keepdims=True))
    dv = moved - v * (along + 1j * np.sum(turning, axis=-2, keepdims=True))
    return dw, dv


@forward(eigvals_backward)
def eigvals_forward(a, *, da):
    """Tangent of np.linalg.eigvals(a); np.linalg.eig may give them in another order."""
    w = np.linalg.eigvals(a)
    found, v = np.linalg.eig(a)
    order = np.argmin(np.abs(w[..., :, None] - found[..., None, :]), axis=-1)
    moved = np.diagonal(np.linalg.solve(v, da @ v), axis1=-2, axis2=-1)
    dw = np.take_along_axis(moved, order, axis=-1)
    return dw


@forward(over_gaps_backward)
def over_gaps_forward(mixed, values, *, dmixed=None, dvalues=None):
    y = over_gaps(mixed, values)
    if dvalues is None:
        dy = over_gaps(dmixed, values)
    else:
        moved = -y * (dvalues[..., None, :] - dvalues[..., :, None])
        if dmixed is not None:
            moved = dmixed + moved
        dy = over_gaps(moved, values)
    return dy


# Singular values


@forward(svd_backward)
def svd_forward(a, full_matrices=True, compute_uv=True, *, da):
    """Tangents of np.linalg.svd(a, full_matrices).

    The vectors that full_matrices adds to a matrix that isn't square may be any that
    complete the others; their tangents aren't numbers.
    """
    u, s, vh = np.linalg.svd(a, full_matrices, compute_uv)
    count = np.shape(s)[-1]
    left = u[..., :count]
    right = vh[..., :count, :]
    turned = np.conj(np.swapaxes(right, -1, -2))
    moved = np.conj(np.swapaxes(left, -1, -2)) @ da
    mixed = moved @ turned
    conjugate = np.conj(np.swapaxes(mixed, -1, -2))
    sums = s[..., None, :] + s[..., :, None]
    total = over_gaps(mixed + conjugate, s)
    difference = (mixed - conjugate) / np.where(sums == 0, 1, sums)
    ds = np.real(np.diagonal(mixed, axis1=-2, axis2=-1))
    du = left @ (total + difference) / 2
    dvh = (difference - total) / 2 @ right
    if np.shape(a)[-2] > count:
        du = du + (da @ turned - left @ mixed) / s[..., None, :]
    if np.shape(a)[-1] > count:
        dvh = dvh + (moved - mixed @ right) / s[..., :, None]
    if full_matrices and np.shape(a)[-2] > count:
        du = np.concatenate([du, np.full_like(u[..., count:], np.nan)], axis=-1)
    if full_matrices and np.shape(a)[-1] > count:
        dvh = np.concatenate([dvh, np.full_like(vh[..., count:, :], np.nan)], axis=-2)
    return du, ds, dvh


@forward(svd_values_backward)
def svd_values_forward(a, full_matrices=True, compute_uv=True, *, da):
    """Tangent of np.linalg.svd(a, compute_uv=False)."""
    if compute_uv:
        raise NotImplementedError("whether np.linalg.svd gives U and Vh isn't known.")
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    ds = np.real(np.sum(np.conj(u) * (da @ np.conj(np.swapaxes(vh, -1, -2))), axis=-2))
    return ds


@forward(svdvals_backward)
def svdvals_forward(a, *, da):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    ds = np.real(np.sum(np.conj(u) * (da @ np.conj(np.swapaxes(vh, -1, -2))), axis=-2))
    return ds


# Triangles


@forward(cholesky_backward)
def cholesky_forward(x, *, dx):
    """Tangent of np.linalg.cholesky(x), which reads the lower triangle alone."""
    y = np.linalg.cholesky(x)
    half = (np.tril(dx) + np.tril(dx, -1)) / 2
    moved = half + np.conj(np.swapaxes(half, -1, -2))
    inner = np.conj(np.swapaxes(np.linalg.solve(y, moved), -1, -2))
    inner = np.linalg.solve(y, inner)
    dy = y @ (np.tril(inner) + np.tril(inner, -1)) / 2
    return dy


@forward(cholesky_upper_backward)
def cholesky_upper_forward(x, *, upper=False, dx):
    """Tangent of np.linalg.cholesky(x, upper=upper), which reads one triangle."""
    y = np.linalg.cholesky(x, upper=upper)
    lower = np.conj(np.swapaxes(y, -1, -2)) if upper else y
    half = np.conj(np.swapaxes(np.triu(dx), -1, -2)) if upper else np.tril(dx)
    half = (half + np.tril(half, -1)) / 2
    moved = half + np.conj(np.swapaxes(half, -1, -2))
    inner = np.conj(np.swapaxes(np.linalg.solve(lower, moved), -1, -2))
    inner = np.linalg.solve(lower, inner)
    dlower = lower @ (np.tril(inner) + np.tril(inner, -1)) / 2
    dy = np.conj(np.swapaxes(dlower, -1, -2)) if upper else dlower
    return dy


@forward(qr_backward)
def qr_forward(a, mode="reduced", *, da):
    """Tangents of np.linalg.qr(a, mode).

    The columns that the mode "complete" adds to a tall matrix's Q may be any that
    complete the others; their tangents aren't numbers.
    """
    if mode == "raw":
        raise NotImplementedError("np.linalg.qr has no derivative rule for mode='raw'.")
    q, r = np.linalg.qr(a, mode)
    count = np.minimum(np.shape(a)[-2], np.shape(a)[-1])
    left = q[..., :count]
    square = r[..., :count, :count]
    moved = np.swapaxes(da[..., :count], -1, -2)
    moved = np.linalg.solve(np.swapaxes(square, -1, -2), moved)
    moved = np.swapaxes(moved, -1, -2)
    mixed = np.conj(np.swapaxes(left, -1, -2)) @ moved
    half = (np.tril(mixed) + np.tril(mixed, -1)) / 2
    turning = half - np.conj(np.swapaxes(half, -1, -2))
    dq = left @ turning + moved - left @ mixed
    dr = (mixed - turning) @ square
    if np.shape(a)[-1] > count:
        turned = np.conj(np.swapaxes(dq, -1, -2)) @ a[..., count:]
        turned = turned + np.conj(np.swapaxes(left, -1, -2)) @ da[..., count:]
        dr = np.concatenate([dr, turned], axis=-1)
    if mode == "complete" and np.shape(a)[-2] > count:
        dq = np.concatenate([dq, np.full_like(q[..., count:], np.nan)], axis=-1)
        dr = np.concatenate([dr, np.zeros_like(r[..., count:, :])], axis=-2)
    return dq, dr


@forward(qr_triangle_backward)
def qr_triangle_forward(a, mode="reduced", *, da):
    """Tangent of np.linalg.qr(a, mode="r")."""
    if mode != "r":
        raise NotImplementedError("np.linalg.qr gives Q too unless its mode is 'r'.")
    q, r = np.linalg.qr(a, "reduced")
    count = np.shape(q)[-1]
    square = r[..., :count]
    moved = np.swapaxes(da[..., :count], -1, -2)
    moved = np.linalg.solve(np.swapaxes(square, -1, -2), moved)
    moved = np.swapaxes(moved, -1, -2)
    adjoint = np.conj(np.swapaxes(q, -1, -2))
    mixed = adjoint @ moved
    half = (np.tril(mixed) + np.tril(mixed, -1)) / 2
    turning = half - np.conj(np.swapaxes(half, -1, -2))
    dq = q @ turning + moved - q @ mixed
    rest = np.conj(np.swapaxes(dq, -1, -2)) @ a[..., count:] + adjoint @ da[..., count:]
    dr = np.concatenate([(mixed - turning) @ square, rest], axis=-1)
    return dr


# Least squares


@forward(pinv_backward)
def pinv_forward(a, rcond=None, *, da):
    """Tangent of np.linalg.pinv(a), among matrices of the same rank."""
    y = np.linalg.pinv(a, rcond)
    adjoint = np.conj(np.swapaxes(y, -1, -2))
    dadjoint = np.conj(np.swapaxes(da, -1, -2))
    left = y @ adjoint @ dadjoint
    right = dadjoint @ adjoint @ y
    dy = (left - left @ a @ y) + (right - y @ (a @ right)) - y @ da @ y
    return dy


@forward(lstsq_backward)
def lstsq_forward(a, b, rcond=None, *, da=None, db=None):
    """Tangents of np.linalg.lstsq(a, b), among matrices of the same rank."""
    x, residuals, rank, s = np.linalg.lstsq(a, b, rcond)
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    kept = np.conj(np.transpose(vh[:rank]))
    inverse = kept / s[:rank] @ np.conj(np.transpose(u[:, :rank]))
    tall = np.reshape(x, (np.shape(a)[1], -1))
    rest = np.reshape(b, (np.shape(a)[0], -1)) - a @ tall
    moved = np.zeros_like(rest) if db is None else np.reshape(db, np.shape(rest))
    if da is not None:
        moved = moved - da @ tall
    dtall = inverse @ moved
    ds = np.zeros_like(s)
    if da is not None:
        adjoint = np.conj(np.transpose(da))
        dtall = dtall + inverse @ np.conj(np.transpose(inverse)) @ (adjoint @ rest)
        right = adjoint @ np.conj(np.transpose(inverse)) @ tall
        dtall = dtall + right - inverse @ (a @ right)
        ds = np.real(np.sum(np.conj(u) * (da @ np.conj(np.transpose(vh))), axis=0))
    dx = np.reshape(dtall, np.shape(x))
    dresiduals = 2 * np.real(np.sum(np.conj(rest) * moved, axis=0))
    dresiduals = dresiduals[: np.size(residuals)]
    return dx, dresiduals, ds


@forward(cond_backward)
def cond_forward(x, p=None, *, dx):
    """Tangent of np.linalg.cond(x, p), a ratio of singular values."""
    if p is not None and p != 2 and p != -2:
        raise NotImplementedError("np.linalg.cond: write norm(x, p) * norm(inv(x), p).")
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    y = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    ds = np.real(np.sum(np.conj(u) * (dx @ np.conj(np.swapaxes(vh, -1, -2))), axis=-2))
    moved = ds[..., 0] / s[..., 0] - ds[..., -1] / s[..., -1]
    dy = -y * moved if p == -2 else y * moved
    return dy
