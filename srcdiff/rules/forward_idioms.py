"""Forward rules of idioms, beside their backward rules."""

from __future__ import annotations

import numpy as np

from srcdiff.rules.forwards import forward
from srcdiff.rules.idioms import (
    flat_softmax,
    flat_softmax_backward,
    flat_stable_softmax,
    flat_stable_softmax_backward,
    kept_lengths,
    kept_lengths_backward,
    length,
    length_backward,
    lengths,
    lengths_backward,
    plain_softmax,
    plain_softmax_backward,
    softmax,
    softmax_backward,
    squared_norm_backward,
)


@forward(softmax_backward)
def softmax_forward(x, axis, *, dx):
    y = softmax(x, axis)
    dy = y * (dx - np.sum(y * dx, axis=axis, keepdims=True))
    return dy


@forward(plain_softmax_backward)
def plain_softmax_forward(x, axis, *, dx):
    y = plain_softmax(x, axis)
    dy = y * (dx - np.sum(y * dx, axis=axis, keepdims=True))
    return dy


@forward(flat_stable_softmax_backward)
def flat_stable_softmax_forward(x, *, dx):
    y = flat_stable_softmax(x)
    dy = y * (dx - np.sum(y * dx))
    return dy


@forward(flat_softmax_backward)
def flat_softmax_forward(x, *, dx):
    y = flat_softmax(x)
    dy = y * (dx - np.sum(y * dx))
    return dy


@forward(length_backward)
def length_forward(x, *, dx):
    y = length(x)
    dy = np.sum(x * dx) / np.where(y == 0, 1, y)
    return dy


@forward(lengths_backward)
def lengths_forward(x, axis, *, dx):
    y = lengths(x, axis)
    dy = np.sum(x * dx, axis=axis) / np.where(y == 0, 1, y)
    return dy


@forward(kept_lengths_backward)
def kept_lengths_forward(x, axis, *, dx):
    y = kept_lengths(x, axis)
    dy = np.sum(x * dx, axis=axis, keepdims=True) / np.where(y == 0, 1, y)
    return dy


@forward(squared_norm_backward)
def squared_norm_forward(x, *, dx):
    dy = 2 * np.sum(x * dx)
    return dy
