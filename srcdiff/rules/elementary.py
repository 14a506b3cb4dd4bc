"""Elementary functions of NumPy and math; sources beyond the textbook are named."""

from __future__ import annotations

import math

import numpy as np

from srcdiff.rules.registry import elementwise, flat


@elementwise(np.exp, math.exp)
def exp_backward(x, *, dy):
    y = np.exp(x)
    dx = y * dy
    return dx


@elementwise(np.log, math.log)
def log_backward(x, *, dy):
    dx = dy / x
    return dx


@elementwise(np.sqrt, math.sqrt)
def sqrt_backward(x, *, dy):
    y = np.sqrt(x)
    dx = dy / (2 * y)
    return dx


@elementwise(np.sin, math.sin)
def sin_backward(x, *, dy):
    dx = np.cos(x) * dy
    return dx


@elementwise(np.cos, math.cos)
def cos_backward(x, *, dy):
    dx = -np.sin(x) * dy
    return dx


@elementwise(np.tanh, math.tanh)
def tanh_backward(x, *, dy):
    y = np.tanh(x)
    dx = (1 - y**2) * dy
    return dx


flat(np.floor, np.ceil, np.trunc, np.rint, np.sign, math.floor, math.ceil, math.trunc)
