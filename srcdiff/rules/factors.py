"""Linear algebra by factors: eigenvalues and singular values, and their vectors.

Formulas: Giles, An extended collection of matrix derivative results for forward and reverse mode
algorithmic differentiation, Oxford 2008; for the singular vectors, Townsend, Differentiating the
singular value decomposition, 2016.

Vectors of equal eigenvalues or singular values have no derivative: what a gradient takes from them
isn't a number (see over_gaps). The values alone have gradients there, which are right for functions
that take equal values alike. Complex vectors of eigh and svd are determined but for a phase, of
which a function of them must not depend.
"""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.helpers import over_gaps
from srcdiff.rules.registry import GIVES_REAL, REAL_RESULTS, Operands, rule
from srcdiff.rules.shapes import floating, of_kind, several, smaller

# Eigenvalues


def _eigen(operands: Operands) -> Type:
    source = operands.type("a")
    if not isinstance(source.shape, tuple) or len(source.shape) < 2:
        vectors = unknown(form="array").of_kind("float")
        return several(unknown(form="array").of_kind("float"), vectors)
    return several(of_kind(source, source.shape[:-1], "float"), source.of_kind("float"))


@rule(
    np.linalg.eigh,
    shape=_eigen,
    fields=("eigenvalues", "eigenvectors"),
    takes_complex=True,
    fresh=True,
)
def eigh_backward(a, UPLO="L", *, dw, dv):
    """Gradient of np.linalg.eigh(a, UPLO), which reads one triangle alone.

    JAX and autograd spread the gradient over both triangles; their sums over both are
    the same.
    """
    w, v = np.linalg.eigh(a, UPLO)
    turned = np.swapaxes(v, -1, -2)
    if dv is None:
        both = (np.conj(v) * dw[..., None, :]) @ turned
    elif dw is None:
        both = np.conj(v) @ over_gaps(turned @ dv, w) @ turned
    else:
        inner = over_gaps(turned @ dv, w) @ turned
        both = np.conj(v) @ (inner + dw[..., :, None] * turned)
    both = both + np.conj(np.swapaxes(both, -1, -2))
    if UPLO == "L" or UPLO == "l":
        da = (np.tril(both) + np.tril(both, -1)) / 2
    else:
        da = (np.triu(both) + np.triu(both, 1)) / 2
    return da


def _without_last(operands: Operands) -> Type:
    source = operands.type("a")
    if not isinstance(source.shape, tuple) or len(source.shape) < 2:
        return unknown(form="array").of_kind("float")
    return of_kind(source, source.shape[:-1], "float")


@rule(np.linalg.eigvalsh, shape=_without_last, takes_complex=True, fresh=True)
def eigvalsh_backward(a, UPLO="L", *, dw):
    """Gradient of np.linalg.eigvalsh(a, UPLO), which reads one triangle alone."""
    v = np.linalg.eigh(a, UPLO)[1]
    both = (np.conj(v) * dw[..., None, :]) @ np.swapaxes(v, -1, -2)
    if UPLO == "L" or UPLO == "l":
        da = np.tril(both) + np.tril(both, -1)
    else:
        da = np.triu(both) + np.triu(both, 1)
    return da


@rule(
    np.linalg.eig,
    shape=_eigen,
    fields=("eigenvalues", "eigenvectors"),
    takes_complex=True,
    fresh=True,
)
def eig_backward(a, *, dw, dv):
    """Gradient of np.linalg.eig(a), for eigenvalues that differ.

    NumPy's vectors have the length one, and their largest component is real.
    """
    w, v = np.linalg.eig(a)
    turned = np.swapaxes(v, -1, -2)
    if dv is None:
        inner = dw[..., :, None] * turned
    else:
        along = np.sum(v * dv, axis=-2, keepdims=True)
        sizes = np.where(np.imag(v) == 0, np.abs(v), 0)
        largest = sizes == np.max(sizes, axis=-2, keepdims=True)
        turning = np.where(largest, 1j * np.imag(along) / np.where(largest, v, 1), 0)
        moved = dv - np.real(along) * np.conj(v) - turning
        inner = over_gaps(turned @ moved, w) @ turned
        if dw is not None:
            inner = inner + dw[..., :, None] * turned
    da = np.linalg.solve(turned, inner)
    return da


@rule(np.linalg.eigvals, shape=_without_last, takes_complex=True, fresh=True)
def eigvals_backward(a, *, dw):
    """Gradient of np.linalg.eigvals(a), for eigenvalues that differ.

    np.linalg.eig may give them in another order.
    """
    w = np.linalg.eigvals(a)
    found, v = np.linalg.eig(a)
    order = np.argmin(np.abs(found[..., :, None] - w[..., None, :]), axis=-1)
    turned = np.swapaxes(v, -1, -2)
    inner = np.take_along_axis(dw, order, axis=-1)[..., :, None] * turned
    da = np.linalg.solve(turned, inner)
    return da


@rule(
    over_gaps,
    shape=floating(lambda operands: operands.type("mixed")),
    takes_complex=True,
    fresh=True,
)
def over_gaps_backward(mixed, values, *, dy):
    """Gradients of over_gaps(mixed, values)."""
    y = over_gaps(mixed, values)
    dmixed = over_gaps(dy, values)
    inner = y * dmixed
    dvalues = np.sum(inner, axis=-1) - np.sum(inner, axis=-2)
    return dmixed, dvalues


# Singular values


def _singular(operands: Operands) -> Type:
    source = operands.type("a")
    full = operands.constant("full_matrices", default=True)
    if not isinstance(source.shape, tuple) or len(source.shape) < 2 or not isinstance(full, bool):
        return several(*(unknown(form="array").of_kind("float") for _ in range(3)))
    *stack, rows, columns = source.shape
    inner = smaller(rows, columns)
    shapes = (
        (*stack, rows, rows if full else inner),
        (*stack, inner),
        (*stack, columns if full else inner, columns),
    )
    return several(*(of_kind(source, shape, "float") for shape in shapes))


@rule(np.linalg.svd, shape=_singular, fields=("U", "S", "Vh"), takes_complex=True, fresh=True)
def svd_backward(a, full_matrices=True, compute_uv=True, *, du, ds, dvh):
    """Gradient of np.linalg.svd(a, full_matrices).

    The vectors that full_matrices adds to a matrix that isn't square may be any that
    complete the others, and so have no derivative.
    """
    u, s, vh = np.linalg.svd(a, full_matrices)
    if full_matrices and np.shape(a)[-2] != np.shape(a)[-1]:
        count = np.shape(s)[-1]
        u = u[..., :count]
        vh = vh[..., :count, :]
        if du is not None:
            if np.any(du[..., count:] != 0):
                raise NotImplementedError("U isn't unique; pass full_matrices=False.")
            du = du[..., :count]
        if dvh is not None:
            if np.any(dvh[..., count:, :] != 0):
                raise NotImplementedError("Vh isn't unique; pass full_matrices=False.")
            dvh = dvh[..., :count, :]
    turned = np.conj(vh)
    if du is None and dvh is None:
        da = (np.conj(u) * ds[..., None, :]) @ turned
    else:
        rest = 0.0
        if du is not None:
            mixed = np.swapaxes(u, -1, -2) @ du
            total = mixed - np.conj(np.swapaxes(mixed, -1, -2))
            difference = total
            if np.shape(a)[-2] > np.shape(a)[-1]:
                rest = ((du - np.conj(u) @ mixed) / s[..., None, :]) @ turned
        if dvh is not None:
            mixed = dvh @ np.swapaxes(vh, -1, -2)
            other = np.conj(np.swapaxes(mixed, -1, -2)) - mixed
            difference = -other if du is None else total - other
            total = other if du is None else total + other
            if np.shape(a)[-2] < np.shape(a)[-1]:
                rest = np.conj(u) @ ((dvh - mixed @ turned) / s[..., :, None])
        sums = s[..., None, :] + s[..., :, None]
        turning = (over_gaps(total, s) + difference / np.where(sums == 0, 1, sums)) / 2
        inner = turning @ turned
        if ds is not None:
            inner = inner + ds[..., :, None] * turned
        da = np.conj(u) @ inner + rest
    return da


def _singular_values(operands: Operands) -> Type:
    items = _singular(operands).items
    assert items is not None
    return items[1]


@rule(
    np.linalg.svd,
    shape=_singular_values,
    rare=True,
    chosen=("compute_uv", False),
    takes_complex=True,
    fresh=True,
)
def svd_values_backward(a, full_matrices=True, compute_uv=True, *, ds):
    """Gradient of np.linalg.svd(a, compute_uv=False)."""
    if compute_uv:
        raise NotImplementedError("whether np.linalg.svd gives U and Vh isn't known.")
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    da = np.conj((u * ds[..., None, :]) @ vh)
    return da


_SVDVALS = [f for f in [getattr(np.linalg, "svdvals", None)] if f]


@rule(*_SVDVALS, shape=_singular_values, takes_complex=True, fresh=True)
def svdvals_backward(a, *, ds):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    da = np.conj((u * ds[..., None, :]) @ vh)
    return da


GIVES_REAL.update([np.linalg.eigvalsh, *_SVDVALS])
REAL_RESULTS.update({np.linalg.eigh: (0,), np.linalg.svd: (1,)})
