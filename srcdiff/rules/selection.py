"""Maximum, minimum, absolute value, clipping: functions with ties and kinks."""

from __future__ import annotations

import math

import numpy as np

from srcdiff.ir.types import Type, joined
from srcdiff.rules.helpers import known
from srcdiff.rules.registry import Operands, elementwise, rule


def _of_two(operands: Operands) -> Type:
    _, kind = joined([operands.type("x"), operands.type("y")])
    return Type("scalar", kind, ())


@rule(max, shape=_of_two)
def largest_backward(x, y, *, dz):
    """Gradients of Python's max(x, y): the operand that is returned, but a constant takes a tie."""
    if known(y):
        dx = dz if x > y else 0.0
    else:
        dx = dz if x >= y else 0.0
    dy = dz if y > x else 0.0
    return dx, dy


@rule(min, shape=_of_two)
def smallest_backward(x, y, *, dz):
    """Gradients of Python's min(x, y): the operand that is returned, but a constant takes a tie."""
    if known(y):
        dx = dz if x < y else 0.0
    else:
        dx = dz if x <= y else 0.0
    dy = dz if y < x else 0.0
    return dx, dy


@elementwise(np.maximum, np.fmax)
def maximum_backward(x, y, *, dz):
    """Gradients of np.maximum(x, y): ties are shared, but a constant takes them."""
    if known(y):
        dx = (x > y) * dz
    else:
        dx = ((x > y) + 0.5 * (x == y)) * dz
    if known(x):
        dy = (y > x) * dz
    else:
        dy = ((y > x) + 0.5 * (y == x)) * dz
    return dx, dy


@elementwise(np.minimum, np.fmin)
def minimum_backward(x, y, *, dz):
    """Gradients of np.minimum(x, y): ties are shared, but a constant takes them."""
    if known(y):
        dx = (x < y) * dz
    else:
        dx = ((x < y) + 0.5 * (x == y)) * dz
    if known(x):
        dy = (y < x) * dz
    else:
        dy = ((y < x) + 0.5 * (y == x)) * dz
    return dx, dy


@elementwise(np.abs, np.absolute, np.fabs, abs, math.fabs)
def absolute_backward(x, *, dy):
    dx = np.sign(x) * dy
    return dx


@elementwise(np.clip)
def clip_backward(x, low=None, high=None, *, dy):
    """Gradients of np.clip(x, low, high); at a bound, the bound takes all."""
    if low is None:
        dx = (x < high) * dy
    elif high is None:
        dx = (x > low) * dy
    else:
        dx = ((low < x) & (x < high)) * dy
    dlow = (x <= low) * (low < high) * dy
    dhigh = ((x >= high) | (low >= high)) * dy
    return dx, dlow, dhigh
