"""Joining arrays: each part of the upstream gradient goes to the array that it came from."""

from __future__ import annotations

import numpy as np

from srcdiff.rules.registry import rule
from srcdiff.rules.shapes import anything


@rule(np.concatenate, shape=anything)
def concatenate_backward(arrays, axis=0, *, dz):
    """Gradients of np.concatenate(arrays, axis) with respect to each array."""
    if axis is None:
        ends = np.cumsum([np.size(x) for x in arrays])
        darrays = [
            np.copy(np.reshape(part, np.shape(x)))[()]
            for part, x in zip(np.split(dz, ends[:-1]), arrays, strict=True)
        ]
    else:
        ends = np.cumsum([np.shape(x)[axis] for x in arrays])
        darrays = [np.copy(part) for part in np.split(dz, ends[:-1], axis)]
    return darrays


@rule(np.stack, shape=anything)
def stack_backward(arrays, axis=0, *, dz):
    """Gradients of np.stack(arrays, axis) with respect to each array."""
    darrays = [np.copy(part)[()] for part in np.moveaxis(dz, axis, 0)]
    return darrays


@rule(np.vstack, shape=anything)
def vstack_backward(arrays, *, dz):
    """Gradients of np.vstack(arrays) with respect to each array."""
    ends = np.cumsum([np.shape(np.atleast_2d(x))[0] for x in arrays])
    darrays = [
        np.copy(np.reshape(part, np.shape(x)))[()]
        for part, x in zip(np.split(dz, ends[:-1]), arrays, strict=True)
    ]
    return darrays


@rule(np.hstack, shape=anything)
def hstack_backward(arrays, *, dz):
    """Gradients of np.hstack(arrays) with respect to each array."""
    axis = 0 if np.ndim(dz) == 1 else 1
    ends = np.cumsum([np.shape(np.atleast_1d(x))[axis] for x in arrays])
    darrays = [
        np.copy(np.reshape(part, np.shape(x)))[()]
        for part, x in zip(np.split(dz, ends[:-1], axis), arrays, strict=True)
    ]
    return darrays


@rule(np.column_stack, shape=anything)
def column_stack_backward(arrays, *, dz):
    """Gradients of np.column_stack(arrays) with respect to each array."""
    ends = np.cumsum([1 if np.ndim(x) < 2 else np.shape(x)[1] for x in arrays])
    darrays = [
        np.copy(np.reshape(part, np.shape(x)))[()]
        for part, x in zip(np.split(dz, ends[:-1], 1), arrays, strict=True)
    ]
    return darrays
