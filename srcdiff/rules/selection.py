"""Maximum, minimum, absolute value, clipping: functions with ties and kinks."""

from __future__ import annotations

import math

import numpy as np

from srcdiff.ir.types import Type, joined
from srcdiff.rules.helpers import is_fixed
from srcdiff.rules.registry import Operands, elementwise, rule


def _of_two(operands: Operands) -> Type:
    _, kind = joined([operands.type("x"), operands.type("y")])
    return Type("scalar", kind, ())


@rule(max, shape=_of_two)
def largest_backward(x, y, *, dz):
    """Gradients of Python's max(x, y), for the operand returned or a tied constant."""
    if is_fixed(y):
        dx = dz if x > y else 0.0
    else:
        dx = dz if x >= y else 0.0
    dy = dz if y > x else 0.0
    return dx, dy


@rule(min, shape=_of_two)
def smallest_backward(x, y, *, dz):
    """Gradients of Python's min(x, y), for the operand returned or a tied constant."""
    if is_fixed(y):
        dx = dz if x < y else 0.0
    else:
        dx = dz if x <= y else 0.0
    dy = dz if y < x else 0.0
    return dx, dy


@elementwise(np.maximum)
def maximum_backward(x, y, *, dz):
    """Gradients of np.maximum(x, y): ties are shared, but a constant takes them."""
    if is_fixed(y):
        dx = (x > y) * dz
    else:
        dx = ((x > y) * dz + (x >= y) * dz) / 2
    if is_fixed(x):
        dy = (y > x) * dz
    else:
        dy = ((y > x) * dz + (y >= x) * dz) / 2
    return dx, dy


@elementwise(np.minimum)
def minimum_backward(x, y, *, dz):
    """Gradients of np.minimum(x, y): ties are shared, but a constant takes them."""
    if is_fixed(y):
        dx = (x < y) * dz
    else:
        dx = ((x < y) * dz + (x <= y) * dz) / 2
    if is_fixed(x):
        dy = (y < x) * dz
    else:
        dy = ((y < x) * dz + (y <= x) * dz) / 2
    return dx, dy


@elementwise(np.fmax)
def fmax_backward(x, y, *, dz):
    """Gradients of np.fmax(x, y), which ignores NaN; constants take ties."""
    z = np.fmax(x, y)
    if is_fixed(y):
        dx = (y != z) * dz
    else:
        dx = ((x == z) * dz + (y != z) * dz) / 2
    if is_fixed(x):
        dy = (x != z) * dz
    else:
        dy = ((y == z) * dz + (x != z) * dz) / 2
    return dx, dy


@elementwise(np.fmin)
def fmin_backward(x, y, *, dz):
    """Gradients of np.fmin(x, y), which ignores NaN; constants take ties."""
    z = np.fmin(x, y)
    if is_fixed(y):
        dx = (y != z) * dz
    else:
        dx = ((x == z) * dz + (y != z) * dz) / 2
    if is_fixed(x):
        dy = (x != z) * dz
    else:
        dy = ((y == z) * dz + (x != z) * dz) / 2
    return dx, dy


@elementwise(np.abs, np.absolute, np.fabs, abs, math.fabs)
def absolute_backward(x, *, dy):
    dx = np.sign(x) * dy
    return dx


@elementwise(np.nan_to_num)
def nan_to_num_backward(x, copy=True, nan=0.0, posinf=None, neginf=None, *, dy):
    """Gradients of np.nan_to_num(x): what it puts takes the place of x."""
    dx = np.where(np.isfinite(x), dy, 0)
    dnan = np.where(np.isnan(x), dy, 0)
    dposinf = np.where(np.isposinf(x), dy, 0)
    dneginf = np.where(np.isneginf(x), dy, 0)
    return dx, dnan, dposinf, dneginf


@elementwise(np.clip)
def clip_backward(x, a_min=None, a_max=None, *, dy):
    """Gradients of np.clip(x, a_min, a_max); at a bound, the bound takes all."""
    da_min = 0.0
    da_max = 0.0
    if a_min is None and a_max is None:
        dx = dy
    elif a_min is None:
        dx = (x < a_max) * dy
        da_max = (x >= a_max) * dy
    elif a_max is None:
        dx = (x > a_min) * dy
        da_min = (x <= a_min) * dy
    else:
        dx = ((a_min < x) & (x < a_max)) * dy
        da_min = ((x <= a_min) & (a_min < a_max)) * dy
        da_max = ((x >= a_max) | (a_min >= a_max)) * dy
    return dx, da_min, da_max
