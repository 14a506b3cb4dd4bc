"""Polynomials as arrays of coefficients, the highest power first."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type
from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.registry import Operands, linear, rule
from srcdiff.rules.shapes import of_kind


def _values(operands: Operands) -> Type:
    source = operands.type("x")
    return of_kind(source, source.shape, "float")


@rule(np.polyval, shape=_values)
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
