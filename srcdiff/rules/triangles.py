"""Linear algebra by triangles: Cholesky's factor, and Q and R.

Formulas: Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527, 2016; Walter and
Lehmann, Algorithmic differentiation of linear algebra functions, 2010; for wide matrices, Roberts
and Roberts, QR and LQ decomposition matrix backpropagation algorithms, arXiv:2009.10071.

The diagonals of the triangles are real, those of complex matrices too.
"""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.registry import Operands, rule
from srcdiff.rules.shapes import anything, floating, of_kind, same_as_operand, several, smaller

_CHOLESKY_2 = [np.linalg.cholesky] if hasattr(np.linalg, "vecdot") else []
"""Since its version 2, NumPy's function takes upper."""


@rule(np.linalg.cholesky, shape=floating(same_as_operand), takes_complex=True, fresh=True)
def cholesky_backward(x, *, dy):
    """Gradient of np.linalg.cholesky(x), which reads the lower triangle alone."""
    y = np.linalg.cholesky(x)
    turned = np.swapaxes(y, -1, -2)
    halves = np.tril(turned @ np.tril(dy))
    halves = (halves + np.tril(halves, -1)) / 2
    inner = np.linalg.solve(turned, halves)
    both = np.linalg.solve(np.conj(turned), np.swapaxes(inner, -1, -2))
    both = np.conj(both) + np.swapaxes(both, -1, -2)
    dx = (np.tril(both) + np.tril(both, -1)) / 2
    return dx


@rule(*_CHOLESKY_2, shape=floating(same_as_operand), rare=True, takes_complex=True, fresh=True)
def cholesky_upper_backward(x, *, upper=False, dy):
    """Gradient of np.linalg.cholesky(x, upper=upper), which reads one triangle."""
    y = np.linalg.cholesky(x, upper=upper)
    turned = np.conj(y) if upper else np.swapaxes(y, -1, -2)
    lower = np.conj(np.swapaxes(dy, -1, -2)) if upper else dy
    halves = np.tril(turned @ np.tril(lower))
    halves = (halves + np.tril(halves, -1)) / 2
    inner = np.linalg.solve(turned, halves)
    both = np.linalg.solve(np.conj(turned), np.swapaxes(inner, -1, -2))
    both = np.conj(both) + np.swapaxes(both, -1, -2)
    both = (np.tril(both) + np.tril(both, -1)) / 2
    dx = np.conj(np.swapaxes(both, -1, -2)) if upper else both
    return dx


def _triangular(operands: Operands) -> Type:
    source = operands.type("a")
    if not isinstance(source.shape, tuple) or len(source.shape) < 2:
        triangle = unknown(form="array").of_kind("float")
        return several(unknown(form="array").of_kind("float"), triangle)
    *stack, rows, columns = source.shape
    inner = smaller(rows, columns)
    if operands.constant("mode", "reduced") not in ("reduced", None):
        inner = rows
    left = of_kind(source, (*stack, rows, inner), "float")
    return several(left, of_kind(source, (*stack, inner, columns), "float"))


@rule(np.linalg.qr, shape=_triangular, fields=("Q", "R"), takes_complex=True, fresh=True)
def qr_backward(a, mode="reduced", *, dq, dr):
    """Gradient of np.linalg.qr(a, mode).

    A wide matrix's first columns are its square part. The columns that the mode
    "complete" adds to a tall matrix's Q may be any that complete the others, and so
    have no derivative.
    """
    if mode == "raw":
        raise NotImplementedError("np.linalg.qr has no derivative rule for mode='raw'.")
    q, r = np.linalg.qr(a, mode)
    if mode == "complete" and np.shape(a)[-2] > np.shape(a)[-1]:
        if dq is not None:
            raise NotImplementedError("Q isn't determined; use mode='reduced'.")
        q = q[..., : np.shape(a)[-1]]
        r = r[..., : np.shape(a)[-1], :]
        dr = dr[..., : np.shape(a)[-1], :]
    count = np.shape(q)[-1]
    square = r[..., :count]
    if dq is None:
        dq = np.zeros_like(q)
    if dr is None:
        dr = np.zeros_like(r)
    dq = dq + np.conj(a[..., count:] @ np.swapaxes(dr[..., count:], -1, -2))
    inner = square @ np.swapaxes(dr[..., :count], -1, -2)
    inner = np.tril(inner - np.swapaxes(dq, -1, -2) @ q)
    halves = (inner + np.tril(inner, -1)) / 2
    inner = np.swapaxes(halves, -1, -2) + np.conj(halves)
    turned = np.linalg.solve(square, np.swapaxes(dq + np.conj(q) @ inner, -1, -2))
    da = np.swapaxes(turned, -1, -2)
    da = np.concatenate([da, np.conj(q) @ dr[..., count:]], axis=-1)
    return da


@rule(np.linalg.qr, shape=anything, rare=True, chosen=("mode", "r"), takes_complex=True, fresh=True)
def qr_triangle_backward(a, mode="reduced", *, dr):
    """Gradient of np.linalg.qr(a, mode="r")."""
    if mode != "r":
        raise NotImplementedError("np.linalg.qr gives Q too unless its mode is 'r'.")
    q, r = np.linalg.qr(a, "reduced")
    count = np.shape(q)[-1]
    square = r[..., :count]
    dq = np.conj(a[..., count:] @ np.swapaxes(dr[..., count:], -1, -2))
    inner = square @ np.swapaxes(dr[..., :count], -1, -2)
    inner = np.tril(inner - np.swapaxes(dq, -1, -2) @ q)
    halves = (inner + np.tril(inner, -1)) / 2
    inner = np.swapaxes(halves, -1, -2) + np.conj(halves)
    turned = np.linalg.solve(square, np.swapaxes(dq + np.conj(q) @ inner, -1, -2))
    da = np.swapaxes(turned, -1, -2)
    da = np.concatenate([da, np.conj(q) @ dr[..., count:]], axis=-1)
    return da
