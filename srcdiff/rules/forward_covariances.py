"""Forward rules of covariances and correlations, beside their backward rules."""

from __future__ import annotations

import numpy as np

from srcdiff.rules.forwards import forward
from srcdiff.rules.ranks import observations
from srcdiff.rules.statistics import (
    corrcoef_backward,
    corrcoef_of_two_backward,
    cov_backward,
    cov_of_two_backward,
)


@forward(cov_backward)
def cov_forward(x, *, dx):
    """Tangent of np.cov(x), whose rows are variables."""
    rows, moved = np.atleast_2d(x), np.atleast_2d(dx)
    centred = rows - np.mean(rows, axis=1, keepdims=True)
    half = moved @ np.transpose(centred) / (np.shape(rows)[1] - 1)
    dy = np.squeeze(half + np.transpose(half))[()]
    return dy


@forward(corrcoef_backward)
def corrcoef_forward(x, *, dx):
    """Tangent of np.corrcoef(x), whose rows are variables."""
    rows, moved = np.atleast_2d(x), np.atleast_2d(dx)
    centred = rows - np.mean(rows, axis=1, keepdims=True)
    turned = moved - np.mean(moved, axis=1, keepdims=True)
    lengths = np.sqrt(np.sum(centred**2, axis=1, keepdims=True))
    unit = centred / lengths
    dunit = (turned - unit * np.sum(unit * turned, axis=1, keepdims=True)) / lengths
    half = dunit @ np.transpose(unit)
    dy = np.squeeze(half + np.transpose(half))[()]
    return dy


@forward(cov_of_two_backward)
def cov_of_two_forward(
    x,
    y=None,
    rowvar=True,
    bias=False,
    ddof=None,
    fweights=None,
    aweights=None,
    *,
    dtype=None,
    dx=None,
    dy=None,
    daweights=None,
):
    """Tangent of np.cov(x, y) with weights."""
    rows = observations(x, y, rowvar)
    less = ddof if ddof is not None else 0 if bias else 1
    counts = np.ones(np.shape(rows)[1], int)
    if fweights is not None:
        counts = np.asarray(fweights)
    weights = counts if aweights is None else counts * np.asarray(aweights)
    total = int(np.sum(counts)) if aweights is None else np.sum(weights)
    if aweights is None:
        n = total - less
    else:
        n = total - less * np.sum(weights * aweights) / total
    centred = rows - np.sum(rows * weights, axis=1, keepdims=True) / total
    left = np.zeros_like(x) if dx is None else dx
    right = None if y is None else np.zeros_like(y) if dy is None else dy
    half = (observations(left, right, rowvar) * weights) @ np.transpose(centred)
    moved = (half + np.transpose(half)) / n
    if daweights is not None:
        added = counts * daweights
        spare = np.sum(weights * aweights) / total**2 * np.sum(added)
        dn = np.sum(added) - less * (2 * np.sum(weights * daweights) / total - spare)
        whole = (centred * weights) @ np.transpose(centred)
        turned = (centred * added) @ np.transpose(centred)
        moved = moved + (turned - whole * (dn / n)) / n
    dz = np.squeeze(np.asarray(moved, dtype=np.result_type(rows, 1.0)))[()]
    return dz


@forward(corrcoef_of_two_backward)
def corrcoef_of_two_forward(x, y=None, rowvar=True, *, dtype=None, dx=None, dy=None):
    """Tangent of np.corrcoef(x, y)."""
    rows = observations(x, y, rowvar)
    left = np.zeros_like(x) if dx is None else dx
    right = None if y is None else np.zeros_like(y) if dy is None else dy
    moved = observations(left, right, rowvar)
    centred = rows - np.mean(rows, axis=1, keepdims=True)
    turned = moved - np.mean(moved, axis=1, keepdims=True)
    lengths = np.sqrt(np.sum(centred**2, axis=1, keepdims=True))
    unit = centred / lengths
    dunit = (turned - unit * np.sum(unit * turned, axis=1, keepdims=True)) / lengths
    half = dunit @ np.transpose(unit)
    dz = np.squeeze(half + np.transpose(half))[()]
    return dz
