"""scipy.linalg: solutions, triangles, functions of matrices.

Formulas as in matrices.py; for the exponential, Al-Mohy and Higham, Computing the Frechet
derivative of the matrix exponential, SIAM Journal on Matrix Analysis 30 (2009).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import linalg

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.registry import RULES, Operands, rule
from srcdiff.rules.shapes import of_kind


def _solution(operands: Operands) -> Type:
    names = list(operands.expressions)
    matrix, right = (operands.type(name) for name in names[:2])
    if not isinstance(matrix.shape, tuple) or not isinstance(right.shape, tuple):
        return unknown(form="array").of_kind("float")
    return of_kind(matrix, (matrix.shape[-1], *right.shape[1:]), "float")


@rule(linalg.solve, shape=_solution, fresh=True)
def solve_of_scipy_backward(a, b, *, dy):
    """Gradients of scipy.linalg.solve(a, b)."""
    y = linalg.solve(a, b)
    if np.ndim(a) != 2:
        raise NotImplementedError("scipy.linalg.solve of a stack has no rule.")
    db = linalg.solve(np.transpose(a), dy)
    if np.ndim(b) == 1:
        da = -np.outer(db, y)
    else:
        da = -db @ np.transpose(y)
    return da, db


@rule(linalg.solve_triangular, shape=_solution, fresh=True)
def solve_triangular_backward(a, b, trans=0, lower=False, *, dy):
    """Gradients of scipy.linalg.solve_triangular(a, b), which reads one triangle."""
    y = linalg.solve_triangular(a, b, trans, lower)
    if np.ndim(a) != 2:
        raise NotImplementedError("solve_triangular of a stack has no rule.")
    turned = trans != 0 and trans != "N"
    db = linalg.solve_triangular(a, dy, 0 if turned else 1, lower)
    rows, columns = np.reshape(db, (len(a), -1)), np.reshape(y, (len(a), -1))
    both = -columns @ np.transpose(rows) if turned else -rows @ np.transpose(columns)
    da = np.tril(both) if lower else np.triu(both)
    return da, db


@rule(linalg.cholesky, shape=lambda operands: operands.type("a").of_kind("float"), fresh=True)
def cholesky_of_scipy_backward(a, lower=False, *, dy):
    """Gradient of scipy.linalg.cholesky(a, lower), which reads that triangle alone."""
    y = linalg.cholesky(a, lower)
    if np.ndim(a) != 2:
        raise NotImplementedError("scipy.linalg.cholesky of a stack has no rule.")
    turned = np.transpose(y) if lower else y
    upstream = dy if lower else np.transpose(dy)
    halves = np.tril(turned @ np.tril(upstream))
    halves = halves - np.eye(len(a)) * halves / 2
    inner = linalg.solve_triangular(turned, halves)
    both = np.transpose(linalg.solve_triangular(turned, np.transpose(inner)))
    both = np.tril(both + np.transpose(both)) - np.eye(len(a)) * both
    da = both if lower else np.transpose(both)
    return da


@rule(linalg.expm, shape=lambda operands: operands.type("A").of_kind("float"), fresh=True)
def expm_backward(A, *, dy):
    """Gradient of scipy.linalg.expm(A)."""
    if np.ndim(A) != 2:
        raise NotImplementedError("scipy.linalg.expm of a stack has no rule.")
    dA = linalg.expm_frechet(np.transpose(A), dy, compute_expm=False)
    return dA


@rule(linalg.sqrtm, shape=lambda operands: operands.type("A").of_kind("float"), fresh=True)
def sqrtm_backward(A, *, dy):
    """Gradient of scipy.linalg.sqrtm(A): it solves Sylvester's equation."""
    y = linalg.sqrtm(A)
    if np.ndim(A) != 2:
        raise NotImplementedError("scipy.linalg.sqrtm of a stack has no rule.")
    turned = np.transpose(y)
    dA = linalg.solve_sylvester(turned, turned, dy)
    return dA


for ours, theirs in (
    (np.linalg.inv, linalg.inv),
    (np.linalg.det, linalg.det),
    (np.linalg.norm, linalg.norm),
):
    RULES[theirs] = replace(RULES[ours], functions=(ours, theirs))
