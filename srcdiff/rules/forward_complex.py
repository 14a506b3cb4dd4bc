"""Forward rules of functions of complex numbers that aren't holomorphic, and of powers."""

from __future__ import annotations

import numpy as np

from srcdiff.rules.complex_numbers import (
    absolute_of_complex_backward,
    absolute_square_backward,
    angle_backward,
    arccosh_of_complex_backward,
    arcsinh_of_complex_backward,
    imag_backward,
    norm_of_complex_backward,
    power_of_complex_backward,
    real_backward,
    std_of_complex_backward,
    var_of_complex_backward,
)
from srcdiff.rules.forwards import forward


@forward(real_backward)
def real_forward(x, *, dx):
    dy = np.real(dx)
    return dy


@forward(imag_backward)
def imag_forward(x, *, dx):
    dy = np.imag(dx)
    return dy


@forward(absolute_of_complex_backward)
def absolute_of_complex_forward(x, *, dx):
    y = np.abs(x)
    dy = np.real(np.conj(x) * dx) / np.where(y == 0, 1, y)
    return dy


@forward(absolute_square_backward)
def absolute_square_forward(x, *, dx):
    dy = 2 * np.real(np.conj(x) * dx)
    return dy


@forward(angle_backward)
def angle_forward(x, deg=False, *, dx):
    """Tangent of np.angle(x, deg): that of the imaginary part of the logarithm."""
    if deg:
        dy = np.degrees(np.imag(dx / x))
    else:
        dy = np.imag(dx / x)
    return dy


@forward(arcsinh_of_complex_backward)
def arcsinh_of_complex_forward(x, *, dx):
    dy = dx / np.sqrt(1 + x * x)
    return dy


@forward(arccosh_of_complex_backward)
def arccosh_of_complex_forward(x, *, dx):
    # one root would have the other sign on the left
    dy = dx / (np.sqrt(x - 1) * np.sqrt(x + 1))
    return dy


@forward(power_of_complex_backward)
def power_of_complex_forward(x, n, *, dx=None, dn=None):
    """Tangent of np.power(x, n), of which 0 ** 0 has no slope."""
    z = np.power(x, n)
    if dn is None:
        dz = n * x ** (n - (n != 0)) * dx
    elif dx is None:
        dz = np.log(x + (x == 0) + 0j) * z * dn
    else:
        dz = n * x ** (n - (n != 0)) * dx + np.log(x + (x == 0) + 0j) * z * dn
    return dz


@forward(var_of_complex_backward)
def var_of_complex_forward(x, axis=None, *, ddof=0, keepdims=False, dx):
    """Tangent of np.var(x, axis), the mean square of the distances from the mean."""
    moved = np.real(np.conj(x - np.mean(x, axis=axis, keepdims=True)) * dx)
    total = np.sum(np.ones_like(moved), axis=axis, keepdims=keepdims) - ddof
    dy = 2 * np.sum(moved, axis=axis, keepdims=keepdims) / total
    return dy


@forward(std_of_complex_backward)
def std_of_complex_forward(x, axis=None, *, ddof=0, keepdims=False, dx):
    """Tangent of np.std(x, axis); zero where all elements are equal."""
    y = np.std(x, axis, ddof=ddof, keepdims=keepdims)
    moved = np.real(np.conj(x - np.mean(x, axis=axis, keepdims=True)) * dx)
    total = np.sum(np.ones_like(moved), axis=axis, keepdims=keepdims) - ddof
    dy = np.sum(moved, axis=axis, keepdims=keepdims) / total / np.where(y == 0, 1, y)
    return dy


@forward(norm_of_complex_backward)
def norm_of_complex_forward(x, ord=None, axis=None, keepdims=False, *, dx):
    """Tangent of np.linalg.norm(x, ord, axis) of complex x; zero at zero.

    It is the tangent with respect to the absolute values, times that of these. Largest
    entries share.
    """
    axes = (axis,) if isinstance(axis, int) else axis
    if axes is None:
        axes = tuple(range(np.ndim(x)))
    size = np.abs(x)
    moved = np.real(np.conj(x) * dx) / np.where(size == 0, 1, size)
    if ord is None or ord == "fro" or (len(axes) == 1 and ord == 2):
        y = np.sqrt(np.sum(size**2, axis=axes, keepdims=True))
        moved = size * moved / np.where(y == 0, 1, y)
    elif ord in (np.inf, -np.inf) or (len(axes) == 2 and ord in (1, -1)):
        sums = size
        if len(axes) == 2:
            summed = axes[0] if ord in (1, -1) else axes[1]
            sums = np.sum(size, axis=summed, keepdims=True)
        best = np.max(sums, axis=axes, keepdims=True)
        if ord < 0:
            best = np.min(sums, axis=axes, keepdims=True)
        chosen = np.where(sums == best, np.ones_like(sums), 0)
        moved = moved * chosen / np.sum(chosen, axis=axes, keepdims=True)
    elif len(axes) == 1:
        y = np.linalg.norm(x, ord, axes[0], keepdims=True)
        scale = size / np.where(y == 0, 1, y)
        if ord < 1:
            scale = np.where(scale == 0, 1, scale)
        moved = moved * (scale ** (ord - 1) if ord != 0 else 0.0)
    else:
        u, s, v = np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), full_matrices=False)
        weights = np.where(s > 0, np.ones_like(s), 0)
        if ord != "nuc":
            best = np.max(s, axis=-1, keepdims=True)
            if ord < 0:
                best = np.min(s, axis=-1, keepdims=True)
            weights = np.where(s == best, np.ones_like(s), 0)
            weights = weights / np.sum(weights, axis=-1, keepdims=True)
        slope = np.moveaxis(np.conj((u * weights[..., None, :]) @ v), (-2, -1), axes)
        moved = np.real(slope * dx)
    dy = np.sum(moved, axis=axes, keepdims=keepdims)
    return dy
