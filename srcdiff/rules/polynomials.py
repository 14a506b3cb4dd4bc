"""Polynomials as arrays of coefficients, the highest power first."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, joined
from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.registry import Operands, linear, rule
from srcdiff.rules.shapes import of_kind


def _values(operands: Operands) -> Type:
    source = operands.type("x")
    return of_kind(source, source.shape, joined([operands.type("p"), source])[1])


@rule(np.polyval, shape=_values, fresh=True)
def polyval_backward(p, x, *, dy):
    """Gradients of np.polyval(p, x) with respect to the coefficients and x."""
    powers = np.arange(len(p) - 1, -1, -1, dtype=np.result_type(dy, 1.0))
    dp = np.dot(np.ravel(dy), np.expand_dims(np.ravel(x), 1) ** powers)
    dx = np.polyval(powers[:-1] * p[:-1], x) * dy
    return dp, dx


@linear(np.polyder)
def polyder_backward(p, m=1, *, dy):
    """Gradient of np.polyder(p, m)."""
    dp = np.zeros(len(p), np.result_type(dy, 1.0))
    powers = np.arange(len(p) - 1, m - 1, -1, dtype=np.result_type(dy, 1.0))
    factors = np.ones_like(powers)
    for i in range(m):
        factors = factors * (powers - i)
    dp[: len(powers)] = factors * dy[: len(powers)]
    return dp


@rule(np.polyint)
def polyint_backward(p, m=1, k=None, *, dy):
    """Gradients of np.polyint(p, m, k): k holds the constants."""
    powers = np.arange(len(p) - 1, -1, -1, dtype=np.result_type(dy, 1.0))
    factors = np.ones_like(powers)
    for i in range(m):
        factors = factors / (powers + i + 1)
    dp = factors * dy[: len(p)]
    dk = 0.0
    if k is not None:
        parts = dy[len(p) :].astype(np.result_type(dy, 1.0))
        for i in range(m):
            for place in range(m - 1 - i):
                parts[i] = parts[i] / (place + 1)
        dk = unbroadcast(parts, k)
    return dp, dk


@rule(np.polyadd)
def polyadd_backward(a1, a2, *, dy):
    """Gradients of np.polyadd(a1, a2): the last coefficients belong together."""
    da1 = np.reshape(dy[len(dy) - np.size(a1) :], np.shape(a1))
    da2 = np.reshape(dy[len(dy) - np.size(a2) :], np.shape(a2))
    return da1, da2


@rule(np.polysub)
def polysub_backward(a1, a2, *, dy):
    """Gradients of np.polysub(a1, a2): the last coefficients belong together."""
    da1 = np.reshape(dy[len(dy) - np.size(a1) :], np.shape(a1))
    da2 = -np.reshape(dy[len(dy) - np.size(a2) :], np.shape(a2))
    return da1, da2


@rule(np.polymul)
def polymul_backward(a1, a2, *, dy):
    """Gradients of np.polymul(a1, a2), which leaves leading zeros out."""
    whole = np.pad(dy, (np.size(a1) + np.size(a2) - 1 - np.size(dy), 0))
    da1 = np.reshape(np.correlate(whole, np.ravel(a2), "valid"), np.shape(a1))[()]
    da2 = np.reshape(np.correlate(whole, np.ravel(a1), "valid"), np.shape(a2))[()]
    return da1, da2


def _matrix(operands: Operands) -> str:
    rank = operands.type("roots").rank
    return "its argument is a matrix, not roots" if rank is not None and rank != 1 else ""


@rule(np.poly, unless=_matrix)
def poly_backward(roots, *, dy):
    """Gradient of np.poly(roots): a product without a factor is its slope."""
    if np.ndim(roots) != 1:
        raise NotImplementedError("np.poly has a derivative rule for roots alone.")
    droots = np.zeros(len(roots), np.result_type(dy, 1.0))
    for i in range(len(roots)):
        droots[i] = -np.dot(np.atleast_1d(np.poly(np.delete(roots, i))), dy[1:])
    return droots


def _fitted(operands: Operands) -> str:
    told = any(operands.constant(name, False) is not False for name in ("full", "cov"))
    return "it gives more than the coefficients" if told else ""


@rule(np.polyfit, unless=_fitted)
def polyfit_backward(x, y, deg, rcond=None, full=False, w=None, cov=False, *, dp):
    """Gradients of np.polyfit(x, y, deg, w=w), a least-squares solution of powers of x.

    Golub and Pereyra, SIAM Journal on Numerical Analysis 10 (1973).
    """
    weights = np.ones_like(x) if w is None else w
    powers = np.arange(deg, -1, -1)
    columns = np.expand_dims(x, 1) ** powers
    inverse = np.linalg.pinv(np.expand_dims(weights, 1) * columns)
    values, dvalues = np.reshape(y, (len(x), -1)), np.reshape(dp, (deg + 1, -1))
    solution = inverse @ (np.expand_dims(weights, 1) * values)
    rest = np.expand_dims(weights, 1) * (values - columns @ solution)
    down = np.transpose(inverse) @ dvalues
    dscaled = rest @ np.transpose(inverse @ down) - down @ np.transpose(solution)
    dy = np.reshape(np.expand_dims(weights, 1) * down, np.shape(y))
    slopes = powers * np.expand_dims(x, 1) ** np.maximum(powers - 1, 0)
    dx = weights * np.sum(dscaled * slopes, axis=1)
    dw = np.sum(dscaled * columns, axis=1) + np.sum(down * values, axis=1)
    return dx, dy, dw
