"""Operators and their NumPy functions."""

from __future__ import annotations

import math
import operator

import numpy as np

from srcdiff.ir import operators
from srcdiff.rules.helpers import is_number, known
from srcdiff.rules.registry import elementwise, flat


@elementwise(np.add, operator.add, takes_complex=True)
def add_backward(x, y, *, dz):
    dx = dz
    dy = dz
    return dx, dy


@elementwise(np.subtract, operator.sub, takes_complex=True)
def subtract_backward(x, y, *, dz):
    dx = dz
    dy = -dz
    return dx, dy


@elementwise(np.multiply, operator.mul, takes_complex=True)
def multiply_backward(x, y, *, dz):
    dx = y * dz
    dy = x * dz
    return dx, dy


@elementwise(np.divide, np.true_divide, operator.truediv, takes_complex=True)
def divide_backward(x, y, *, dz):
    z = x / y
    dx = dz / y
    dy = -z / y * dz
    return dx, dy


@elementwise(np.power, np.float_power, operator.pow, pow, math.pow)
def power_backward(x, n, *, dz):
    z = np.power(x, n)
    if known(n) and n == 0:
        dx = 0.0 * dz
    elif known(n):
        dx = n * x ** (n - 1) * dz
    else:
        # 0 ** 0 has no slope, and 0 * 0 ** -1 no value
        dx = n * x ** (n - (n != 0)) * dz
    if known(x) and x > 0:
        dn = math.log(x) * z * dz
    elif is_number(x):
        dn = float(np.log(x + (x == 0))) * z * dz  # z is 0 where x is
    else:
        dn = np.log(x + (x == 0)) * z * dz
    return dx, dn


@elementwise(np.negative, operator.neg, takes_complex=True)
def negative_backward(x, *, dy):
    dx = -dy
    return dx


@elementwise(np.positive, operator.pos, takes_complex=True)
def positive_backward(x, *, dy):
    dx = dy
    return dx


@elementwise(np.mod, np.remainder, operator.mod)
def mod_backward(x, y, *, dz):
    dx = dz
    dy = -(x // y) * dz
    return dx, dy


@elementwise(np.fmod, math.fmod)
def fmod_backward(x, y, *, dz):
    dx = dz
    dy = -np.trunc(x / y) * dz
    return dx, dy


@elementwise(np.square, takes_complex=True)
def square_backward(x, *, dy):
    dx = 2 * x * dy
    return dx


@elementwise(np.reciprocal, takes_complex=True)
def reciprocal_backward(x, *, dy):
    y = np.reciprocal(x)
    dx = -(y**2) * dy
    return dx


flat(
    np.floor_divide,
    operator.floordiv,
    np.equal,
    np.not_equal,
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    operator.eq,
    operator.ne,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
    operator.is_,
    operator.is_not,
    operator.not_,
    operator.invert,
    operator.and_,
    operator.or_,
    operator.xor,
    operator.lshift,
    operator.rshift,
    operators.within,
    operators.not_within,
    np.logical_and,
    np.logical_or,
    np.logical_not,
    np.logical_xor,
)
