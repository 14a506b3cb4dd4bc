"""Weighted means, covariances, correlations, weighted counts."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Kind, Type, unknown
from srcdiff.rules.helpers import count
from srcdiff.rules.ranks import observations, spread_weights, variables_of, weights_summed
from srcdiff.rules.registry import Operands, rule
from srcdiff.rules.shapes import of_kind, reduced_to_float


@rule(np.average, shape=reduced_to_float)
def average_backward(x, axis=None, weights=None, *, keepdims=False, dy):
    """Gradients of np.average(x, axis, weights) with respect to x and the weights."""
    y = np.average(x, axis, weights, keepdims=keepdims)
    if axis is not None and not keepdims:
        y = np.expand_dims(y, axis)
        dy = np.expand_dims(dy, axis)
    if weights is None:
        dx = np.broadcast_to(dy / count(x, axis), np.shape(x))
        dweights = 0.0
    elif np.shape(weights) == np.shape(x):
        share = dy / np.sum(weights, axis=axis, keepdims=True)
        dx = weights * share
        dweights = (x - y) * share
    else:
        share = dy / np.sum(weights)
        dx = spread_weights(weights, x, axis) * share
        dweights = weights_summed((x - y) * share, axis)
    return dx, dweights


def _between_rows(operands: Operands) -> Type:
    shape = operands.type("x").shape
    several = isinstance(shape, tuple) and len(shape) == 2 and isinstance(shape[0], int)
    if operands.has("y") or operands.has("rowvar") or not isinstance(shape, tuple):
        return unknown(form="number").of_kind("float")
    if len(shape) == 2 and (not several or shape[0] == 1):  # one variable gives a number
        return unknown(form="number").of_kind("float")
    return of_kind(operands.type("x"), (shape[0], shape[0]) if several else (), "float")


@rule(np.cov, shape=_between_rows, fresh=True)
def cov_backward(x, *, dy):
    """Gradient of np.cov(x), whose rows are variables, with respect to x."""
    if np.ndim(x) < 2:
        dx = 2 * (x - np.mean(x)) * np.divide(dy, np.size(x) - 1)
    else:
        if np.ndim(dy) != 2:
            dy = np.reshape(dy, (1, 1))
        centred = x - np.mean(x, axis=1, keepdims=True)
        dx = (dy + np.transpose(dy)) @ centred / (np.shape(x)[1] - 1)
    return dx


@rule(np.cov, shape=_between_rows, rare=True)
def cov_of_two_backward(
    x,
    y=None,
    rowvar=True,
    bias=False,
    ddof=None,
    fweights=None,
    aweights=None,
    *,
    dtype=None,
    dz,
):
    """Gradients of np.cov(x, y) with respect to x, y and the weights aweights."""
    rows = observations(x, y, rowvar)
    less = ddof if ddof is not None else 0 if bias else 1
    counts = np.ones(np.shape(rows)[1], int)
    if fweights is not None:
        counts = np.asarray(fweights)
    dz = np.reshape(dz, (len(rows), len(rows)))
    daweights = None
    if aweights is None:
        weights, total = counts, int(np.sum(counts))
        n = total - less
        centred = rows - np.sum(rows * weights, axis=1, keepdims=True) / total
    else:
        weights = counts * np.asarray(aweights)
        total, spare = np.sum(weights), less * np.sum(weights * aweights)
        n = total - spare / total
        centred = rows - np.sum(rows * weights, axis=1, keepdims=True) / total
        scale = np.sum(dz * ((centred * weights) @ np.transpose(centred))) / n**2
        slope = counts * (1 + spare / total**2) - 2 * less * weights / total
        daweights = counts * np.sum(centred * (dz @ centred), axis=0) / n
        daweights = daweights - scale * slope
        daweights = np.asarray(daweights, dtype=np.result_type(aweights, 1.0))
    drows = (dz + np.transpose(dz)) @ centred * weights / n
    drows = np.asarray(drows, dtype=np.result_type(rows, 1.0))
    dx = variables_of(x, drows, not rowvar and np.ndim(x) == 2, first=True)
    if y is None:
        return dx, None, daweights
    turned = not rowvar and len(np.atleast_2d(y)) != 1
    dy = variables_of(y, drows, turned, first=False)
    return dx, dy, daweights


@rule(np.corrcoef, shape=_between_rows, fresh=True)
def corrcoef_backward(x, *, dy):
    """Gradient of np.corrcoef(x), whose rows are variables, with respect to x."""
    if np.ndim(x) < 2:
        dx = np.zeros_like(x) * dy
    else:
        if np.ndim(dy) != 2:
            dy = np.reshape(dy, (1, 1))
        centred = x - np.mean(x, axis=1, keepdims=True)
        lengths = np.sqrt(np.sum(centred**2, axis=1, keepdims=True))
        unit = centred / lengths
        dunit = (dy + np.transpose(dy)) @ unit
        dx = (dunit - unit * np.sum(unit * dunit, axis=1, keepdims=True)) / lengths
    return dx


@rule(np.corrcoef, shape=_between_rows, rare=True)
def corrcoef_of_two_backward(x, y=None, rowvar=True, *, dtype=None, dz):
    """Gradients of np.corrcoef(x, y) with respect to x and y."""
    rows = observations(x, y, rowvar)
    centred = rows - np.mean(rows, axis=1, keepdims=True)
    lengths = np.sqrt(np.sum(centred**2, axis=1, keepdims=True))
    unit = centred / lengths
    dz = np.reshape(dz, (len(rows), len(rows)))
    dunit = (dz + np.transpose(dz)) @ unit
    drows = (dunit - unit * np.sum(unit * dunit, axis=1, keepdims=True)) / lengths
    dx = variables_of(x, drows, not rowvar and np.ndim(x) == 2, first=True)
    if y is None:
        return dx, None
    dy = variables_of(y, drows, not rowvar and len(np.atleast_2d(y)) != 1, first=False)
    return dx, dy


def _counts(operands: Operands) -> Type:
    kind: Kind = "float" if operands.has("weights") else "int"
    return unknown(form="array").of_kind(kind)


@rule(np.bincount, shape=_counts)
def bincount_backward(x, weights=None, minlength=0, *, dy):
    """Gradient of np.bincount(x, weights) for the weights; x are positions."""
    dweights = np.take(dy, x)
    return dweights
