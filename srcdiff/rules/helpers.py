"""Functions that emitted code may take along: small, plain, defined at the top of the module."""

from __future__ import annotations

from typing import Any

import numpy as np


def known(value: Any) -> bool:
    """Whether a value is a constant of the source: decided while deriving, never at run time."""
    return False


def unbroadcast(grad, like):
    """Sum grad over the axes along which like was broadcast to grad's shape."""
    shape = np.shape(like)
    if np.shape(grad) == shape:
        return grad
    extra = np.ndim(grad) - len(shape)
    ones = tuple(i + extra for i, n in enumerate(shape) if n == 1)
    total = np.sum(grad, axis=tuple(range(extra)) + ones, keepdims=True)
    return total.reshape(shape)[()]


def zeros_like(x):
    """Zeros in the structure and shape of x, of a floating type."""
    if isinstance(x, dict):
        return {key: zeros_like(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [zeros_like(value) for value in x]
    if isinstance(x, np.ndarray):
        return np.zeros(x.shape, np.result_type(x, 1.0))
    return 0.0


def add_at(grad, index, value):
    """Add value to grad[index], once for each time that an element is named."""
    if isinstance(grad, np.ndarray):
        np.add.at(grad, index, value)
    else:
        grad[index] += value


def product_of_others(x, axis):
    """For each element, the product of all others along axis; right where some are zero."""
    zeros = np.sum(x == 0, axis=axis, keepdims=True)
    rest = np.prod(np.where(x == 0, 1, x), axis=axis, keepdims=True)
    alone = rest / np.where(x == 0, 1, x)
    return np.where(zeros == 0, alone, np.where((zeros == 1) & (x == 0), rest, 0.0))


HELPERS = {
    function.__name__: function for function in (unbroadcast, zeros_like, add_at, product_of_others)
}
"""What emitted code may call by its bare name."""
