"""Products of all but one, or all but two: of elements, and of the singular values of matrices."""

from __future__ import annotations

import numpy as np


def product_of_others(x, axis):
    """For each element, the product of those before and those after it along axis."""
    if axis is None:
        return product_of_others(np.ravel(x), 0).reshape(np.shape(x))
    axes = axis if isinstance(axis, tuple) else (axis,)
    last = range(-len(axes), 0)
    moved = np.moveaxis(x, axes, last)
    kept = moved.shape[: moved.ndim - len(axes)]
    flat = moved.reshape(*kept, int(np.prod(moved.shape[len(kept) :])))
    ones = np.ones_like(flat[..., :1])
    before = np.cumprod(np.concatenate([ones, flat[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([ones, flat[..., :0:-1]], -1), -1)[..., ::-1]
    return np.moveaxis((before * after).reshape(moved.shape), last, axes)


def slope_of_products(x, axis, dy):
    """Dy times the slope of product_of_others(x, axis): products of all but two."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    if axis is None:
        axes = tuple(range(np.ndim(x)))
    last = range(-len(axes), 0)
    moved = np.moveaxis(x, axes, last)
    kept = moved.shape[: moved.ndim - len(axes)]
    count = int(np.prod(moved.shape[moved.ndim - len(axes) :]))
    flat = moved.reshape(*kept, 1, count)
    upstream = np.moveaxis(dy, axes, last).reshape(*kept, 1, count)
    itself = np.eye(count, dtype=bool)
    pairs = product_of_others(np.where(itself, 1.0, flat), -1)
    slope = np.sum(np.where(itself, 0.0, pairs * upstream), axis=-1)
    return np.moveaxis(slope.reshape(moved.shape), last, axes)


def cofactors(x):
    """The cofactors of matrices, singular ones too, by their singular values."""
    u, s, v = np.linalg.svd(x)
    sign = np.expand_dims(np.linalg.det(u) * np.linalg.det(v), (-2, -1))
    return sign * np.conj((u * product_of_others(s, -1)[..., None, :]) @ v)
