"""Running sums, products and extremes."""

from __future__ import annotations

import numpy as np

from srcdiff.rules.helpers import gathered, numbered
from srcdiff.rules.ranks import latest
from srcdiff.rules.registry import METHODS, linear, rule
from srcdiff.rules.shapes import along, along_first, arranged


@linear(np.cumsum, shape=along, fresh=True)
def cumsum_backward(x, axis=None, *, dtype=None, dy):
    """Gradient of np.cumsum(x, axis): each element is in all sums from its own on."""
    if axis is None:
        dx = np.reshape(np.cumsum(dy[::-1])[::-1], np.shape(x))
    else:
        dx = np.flip(np.cumsum(np.flip(dy, axis), axis), axis)
    return dx


@rule(np.cumprod, shape=along, takes_complex=True, fresh=True)
def cumprod_backward(x, axis=None, *, dtype=None, dy):
    """Gradient of np.cumprod(x, axis), right where elements are zero.

    An element's gradient is the product of those before it, times the sum over the
    products after it, which is gathered from the end.
    """
    values = np.ravel(x) if axis is None else np.moveaxis(x, axis, 0)
    upstream = dy if axis is None else np.moveaxis(dy, axis, 0)
    before = np.cumprod(values, 0)[:-1]
    gathered = np.array(upstream, dtype=np.result_type(np.asarray(x), dy, 1.0))
    for i in range(len(values) - 2, -1, -1):
        gathered[i] += values[i + 1] * gathered[i + 1]
    gathered[1:] *= before
    if axis is None:
        dx = np.reshape(gathered, np.shape(x))
    else:
        dx = np.moveaxis(gathered, 0, axis)
    return dx


if hasattr(np, "cumulative_sum"):  # from NumPy 2.1 on

    @linear(np.cumulative_sum, shape=arranged)
    def cumulative_sum_backward(x, *, axis=None, dtype=None, include_initial=False, dy):
        """Gradient of np.cumulative_sum(x, axis); vectors need no axis."""
        axis = 0 if axis is None else axis
        if include_initial:
            dy = np.take(dy, np.arange(1, np.shape(dy)[axis]), axis)
        dx = np.flip(np.cumsum(np.flip(dy, axis), axis), axis)
        return dx

    @rule(np.cumulative_prod, shape=arranged, takes_complex=True)
    def cumulative_prod_backward(x, *, axis=None, dtype=None, include_initial=False, dy):
        """Gradient of np.cumulative_prod(x, axis), right where elements are zero."""
        axis = 0 if axis is None else axis
        if include_initial:
            dy = np.take(dy, np.arange(1, np.shape(dy)[axis]), axis)
        values = np.moveaxis(x, axis, 0)
        before = np.cumprod(values, 0)[:-1]
        kind = np.result_type(np.asarray(x), dy, 1.0)
        gathered = np.array(np.moveaxis(dy, axis, 0), dtype=kind)
        for i in range(len(values) - 2, -1, -1):
            gathered[i] += values[i + 1] * gathered[i + 1]
        gathered[1:] *= before
        dx = np.moveaxis(gathered, 0, axis)
        return dx


@rule(np.maximum.accumulate, shape=along_first, fresh=True)
def running_max_backward(x, axis=0, *, dy):
    """Gradient of np.maximum.accumulate(x, axis); of equals, the latest takes all."""
    y = np.maximum.accumulate(x, axis)
    places = np.take_along_axis(numbered(x), latest(x == y, axis), axis)
    dx = gathered(dy, places, x)
    return dx


@rule(np.minimum.accumulate, shape=along_first, fresh=True)
def running_min_backward(x, axis=0, *, dy):
    """Gradient of np.minimum.accumulate(x, axis); of equals, the latest takes all."""
    y = np.minimum.accumulate(x, axis)
    places = np.take_along_axis(numbered(x), latest(x == y, axis), axis)
    dx = gathered(dy, places, x)
    return dx


METHODS.update({"cumsum": np.cumsum, "cumprod": np.cumprod, "searchsorted": np.searchsorted})
