"""Functions of Python's math that take sequences of numbers."""

from __future__ import annotations

import math

import numpy as np

from srcdiff.rules.elementary import present
from srcdiff.rules.minors import product_of_others
from srcdiff.rules.registry import bilinear, linear, rule
from srcdiff.rules.shapes import a_float


@linear(math.fsum, shape=a_float)
def fsum_backward(x, *, dy):
    dx = np.broadcast_to(dy, np.shape(x))
    return dx


@rule(math.prod, shape=a_float)
def product_backward(x, *, start=1, dy):
    """Gradients of math.prod(x), right where items are zero."""
    dx = product_of_others(x, 0) * (start * dy)
    dstart = np.prod(x) * dy
    return dx, dstart


@rule(math.dist, shape=a_float)
def dist_backward(x, y, *, dz):
    """Gradients of math.dist(x, y); zero, a subgradient, where the points are equal."""
    z = math.dist(x, y)
    dx = np.subtract(x, y) * (dz / (z + (z == 0)))
    dy = np.subtract(y, x) * (dz / (z + (z == 0)))
    return dx, dy


@bilinear(*present(math, "sumprod"), shape=a_float)
def sumprod_backward(x, y, *, dz):
    dx = np.multiply(y, dz)
    dy = np.multiply(x, dz)
    return dx, dy
