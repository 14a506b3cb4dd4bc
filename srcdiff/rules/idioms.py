"""Idioms: small forward functions that are recognised wherever they stand.

A pattern's text is matched against the user's expressions, up to the order of sums and products,
the type of whole numbers, and whether math's or NumPy's function is called.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcdiff.ir.nodes import Const
from srcdiff.ir.types import Type
from srcdiff.rules.helpers import is_number
from srcdiff.rules.registry import Operands, elementwise, idiom, rule
from srcdiff.rules.shapes import a_float, floating, reduced, same_as_operand


@idiom
def sigmoid(x):
    """The logistic function."""
    return 1 / (1 + np.exp(-x))


@elementwise(sigmoid)
def sigmoid_backward(x, *, dy):
    y = sigmoid(x)
    dx = (1 - y) * y * dy
    return dx


@idiom
def inverse(x):
    """The multiplicative inverse."""
    return 1 / x


@elementwise(inverse)
def inverse_backward(x, *, dy):
    y = inverse(x)
    dx = -(y**2) * dy
    return dx


@idiom
def softmax(x, axis):
    """Exponentials that sum to one along an axis."""
    e = np.exp(x - np.max(x, axis, keepdims=True))
    return e / np.sum(e, axis, keepdims=True)


@rule(softmax, shape=floating(same_as_operand), fresh=True)
def softmax_backward(x, axis, *, dy):
    y = softmax(x, axis)
    dx = y * (dy - np.sum(dy * y, axis=axis, keepdims=True))
    return dx


@idiom
def plain_softmax(x, axis):
    """Exponentials that sum to one along an axis, without the shift by the maximum."""
    e = np.exp(x)
    return e / np.sum(e, axis, keepdims=True)


@rule(plain_softmax, shape=floating(same_as_operand), fresh=True)
def plain_softmax_backward(x, axis, *, dy):
    y = plain_softmax(x, axis)
    dx = y * (dy - np.sum(dy * y, axis=axis, keepdims=True))
    return dx


@idiom
def flat_stable_softmax(x):
    """Exponentials that sum to one, after a shift by the maximum."""
    e = np.exp(x - np.max(x))
    return e / np.sum(e)


@rule(flat_stable_softmax, shape=floating(same_as_operand), fresh=True)
def flat_stable_softmax_backward(x, *, dy):
    y = flat_stable_softmax(x)
    dx = y * (dy - np.sum(dy * y))
    return dx


@idiom
def flat_softmax(x):
    """Exponentials that sum to one."""
    e = np.exp(x)
    return e / np.sum(e)


@rule(flat_softmax, shape=floating(same_as_operand), fresh=True)
def flat_softmax_backward(x, *, dy):
    y = flat_softmax(x)
    dx = y * (dy - np.sum(dy * y))
    return dx


@idiom
def length(x):
    """The Euclidean norm, which has the subgradient 0 at 0."""
    return np.sqrt(np.sum(x**2))


@rule(length, shape=a_float, fresh=True)
def length_backward(x, *, dy):
    y = length(x)
    dx = x * (dy / np.where(y == 0, 1, y))
    return dx


@idiom
def lengths(x: Any, axis: int) -> Any:
    """The Euclidean norms along an axis, which have the subgradient 0 at 0."""
    return np.sqrt(np.sum(x**2, axis))


@rule(lengths, shape=floating(reduced), fresh=True)
def lengths_backward(x, axis, *, dy):
    y = lengths(x, axis)
    dx = x * np.expand_dims(dy / np.where(y == 0, 1, y), axis)
    return dx


@idiom
def kept_lengths(x, axis):
    """The Euclidean norms along an axis that is kept."""
    return np.sqrt(np.sum(x**2, axis, keepdims=True))


def _kept(operands: Operands) -> Type:
    expressions = {**operands.expressions, "keepdims": Const(True)}
    return reduced(Operands(expressions, operands.typed))


@rule(kept_lengths, shape=floating(_kept), fresh=True)
def kept_lengths_backward(x, axis, *, dy):
    y = kept_lengths(x, axis)
    dx = x * (dy / np.where(y == 0, 1, y))
    return dx


@idiom
def squared_norm(x):
    """The square of the Euclidean norm, which is smooth at 0 too."""
    return np.linalg.norm(x) ** 2


@rule(squared_norm, shape=a_float, fresh=True)
def squared_norm_backward(x, *, dy):
    dx = x * (2.0 * dy)
    return dx


def root(x):
    """The square root of a sum of squares, which has the subgradient 0 at 0."""
    return np.sqrt(x)


@elementwise(root)
def root_backward(x, *, dy):
    y = root(x)
    if is_number(x):
        dx = dy / (2 * y) if y != 0 else 0.0
    else:
        dx = dy / np.where(y == 0, np.inf, 2 * y)
    return dx
