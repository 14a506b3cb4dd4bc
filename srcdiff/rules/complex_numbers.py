"""Complex numbers: their parts, and rules for them where those for real numbers don't hold.

The gradient of a real number f that depends on x = a + ib is df/da - i df/db, as in JAX and
autograd. Where a function is holomorphic, the rule for real numbers is the rule. Where the operand
of a function is real, the engine takes the real part of what the rule gives.
"""

from __future__ import annotations

import cmath
import operator

import numpy as np

from srcdiff.ir.types import Type
from srcdiff.rules.helpers import is_number, known
from srcdiff.rules.registry import (
    ATTRIBUTES,
    GIVES_COMPLEX,
    GIVES_REAL,
    METHODS,
    Operands,
    elementwise,
    flat,
    idiom,
    of_complex,
)
from srcdiff.rules.shapes import of_kind

# Parts


def _part(operands: Operands) -> Type:
    source = operands.type("x")
    kind = "float" if source.kind == "complex" else source.kind
    return of_kind(source, source.shape, kind)


@elementwise(np.real, shape=_part, takes_complex=True)
def real_backward(x, *, dy):
    dx = dy
    return dx


flat(np.imag, np.angle, signature=("x", "deg"), shape=_part)


@of_complex("elementwise", np.imag)
def imag_backward(x, *, dy):
    dx = -1j * dy
    return dx


@elementwise(np.conjugate, takes_complex=True)
def conjugate_backward(x, *, dy):
    dx = np.conjugate(dy)
    return dx


@elementwise(complex, np.complex128, np.complex64, takes_complex=True)
def complex_backward(real, imag=0, *, dz):
    dreal = dz
    dimag = 1j * dz
    return dreal, dimag


# Lengths and angles; at zero, a length's gradient is zero, which is a subgradient.


@of_complex("elementwise", np.abs, np.absolute, abs)
def absolute_of_complex_backward(x, *, dy):
    y = np.abs(x)
    dx = np.conj(x) * (dy / np.where(y == 0, 1, y))
    return dx


@idiom
def absolute_square(x):
    """The square of the absolute value, which is smooth at 0 too."""
    return np.abs(x) ** 2


@elementwise(absolute_square)
def size_squared_backward(x, *, dy):
    dx = x * (2.0 * dy)
    return dx


@of_complex("elementwise", absolute_square)
def absolute_square_backward(x, *, dy):
    dx = 2 * np.conj(x) * dy
    return dx


@of_complex("elementwise", np.angle)
def angle_backward(x, deg=False, *, dy):
    """Gradient of np.angle(x, deg): that of the imaginary part of the logarithm."""
    if deg:
        dx = np.degrees(dy) / (1j * x)
    else:
        dx = dy / (1j * x)
    return dx


@of_complex("rule", np.linalg.norm)
def norm_of_complex_backward(x, ord=None, axis=None, keepdims=False, *, dy):
    """Gradient of np.linalg.norm(x, ord, axis) of complex x; zero at zero.

    It is the gradient with respect to the absolute values, times that of these. Largest
    entries share.
    """
    if axis is None:
        axis = tuple(range(np.ndim(x)))
    axes = axis if isinstance(axis, tuple) else (axis,)
    dy = dy if keepdims else np.expand_dims(dy, axes)
    size = np.abs(x)
    turned = np.conj(x) / np.where(size == 0, 1, size)
    if ord is None or ord == "fro" or (len(axes) == 1 and ord == 2):
        y = np.sqrt(np.sum(size**2, axis=axes, keepdims=True))
        dx = np.conj(x) * (dy / np.where(y == 0, 1, y))
    elif len(axes) == 1 and ord in (np.inf, -np.inf):
        chosen = size == (np.max if ord > 0 else np.min)(size, axis=axes, keepdims=True)
        dx = turned * chosen * (dy / np.sum(chosen, axis=axes, keepdims=True))
    elif len(axes) == 1:
        y = np.linalg.norm(x, ord, axes[0], keepdims=True)
        scale = size / np.where(y == 0, 1, y)
        if ord < 1:
            scale = np.where(scale == 0, 1, scale)
        dx = turned * (scale ** (ord - 1) if ord != 0 else 0.0) * dy
    elif ord in (1, -1, np.inf, -np.inf):
        added = axes[0] if abs(ord) == 1 else axes[1]
        sums = np.sum(size, axis=added, keepdims=True)
        chosen = sums == (np.max if ord > 0 else np.min)(sums, axis=axes, keepdims=True)
        dx = turned * chosen * (dy / np.sum(chosen, axis=axes, keepdims=True))
    else:
        u, s, v = np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), full_matrices=False)
        if ord == "nuc":
            weights = (s > 0) * 1.0
        else:
            weights = s == (np.max if ord > 0 else np.min)(s, axis=-1, keepdims=True)
            weights = weights / np.sum(weights, axis=-1, keepdims=True)
        dx = np.moveaxis(np.conj((u * weights[..., None, :]) @ v), (-2, -1), axes) * dy
    return dx


# Functions whose rules for real numbers choose between real formulas


@of_complex("elementwise", np.power, pow, operator.pow)
def power_of_complex_backward(x, n, *, dz):
    z = np.power(x, n)
    if known(n):
        dx = n * x ** (n - 1) * dz
    else:
        # 0 ** 0 has no slope, and 0 * 0 ** -1 no value
        dx = n * x ** (n - (n != 0)) * dz
    if is_number(x):
        dn = complex(np.log(x + (x == 0) + 0j)) * z * dz
    else:
        dn = np.log(x + (x == 0) + 0j) * z * dz
    return dx, dn


@of_complex("elementwise", np.arcsinh)
def arcsinh_of_complex_backward(x, *, dy):
    dx = dy / np.sqrt(1 + x * x)
    return dx


@of_complex("elementwise", np.arccosh)
def arccosh_of_complex_backward(x, *, dy):
    # one root would have the other sign on the left
    dx = dy / (np.sqrt(x - 1) * np.sqrt(x + 1))
    return dx


# Sums and products


@of_complex("bilinear", np.vdot)
def vdot_of_complex_backward(x, y, *, dz):
    """Gradients of np.vdot(x, y), which conjugates x."""
    dx = np.conj(np.reshape(y, np.shape(x)) * dz)
    dy = np.conj(np.reshape(x, np.shape(y))) * dz
    return dx, dy


@of_complex("rule", np.var)
def var_of_complex_backward(x, axis=None, *, ddof=0, keepdims=False, dy):
    """Gradient of np.var(x, axis), the mean square of the distances from the mean."""
    if axis is None:
        n = np.size(x)
    elif isinstance(axis, int):
        n = np.shape(x)[axis]
    else:
        n = np.size(x) / np.size(dy)
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    dx = 2 * np.conj(x - np.mean(x, axis=axis, keepdims=True)) * (dy / (n - ddof))
    return dx


@of_complex("rule", np.std)
def std_of_complex_backward(x, axis=None, *, ddof=0, keepdims=False, dy):
    """Gradient of np.std(x, axis); zero where all elements are equal."""
    y = np.std(x, axis, ddof=ddof, keepdims=keepdims)
    if axis is None:
        n = np.size(x)
    elif isinstance(axis, int):
        n = np.shape(x)[axis]
    else:
        n = np.size(x) / np.size(dy)
    scale = dy / np.where(y == 0, 1, y) / (n - ddof)
    if axis is not None and not keepdims:
        scale = np.expand_dims(scale, axis)
    dx = np.conj(x - np.mean(x, axis=axis, keepdims=True)) * scale
    return dx


# Which results are complex

GIVES_REAL.update([np.real, np.imag, np.abs, np.absolute, abs, np.angle, absolute_square])
GIVES_REAL.update([np.linalg.norm, np.linalg.cond, np.linalg.matrix_rank, np.var, np.std])
GIVES_REAL.update([float, np.float64, np.float32, np.nanvar, np.nanstd])
GIVES_COMPLEX.update(
    [complex, np.complex128, np.complex64, np.clongdouble, np.roots, np.sort_complex]
)
GIVES_COMPLEX.update([np.linalg.eig, np.linalg.eigvals])
GIVES_COMPLEX.update([np.emath.sqrt, np.emath.log, np.emath.log2, np.emath.log10, np.emath.logn])
GIVES_COMPLEX.update([np.emath.power, np.emath.arccos, np.emath.arcsin, np.emath.arctanh])
GIVES_COMPLEX.update(value for value in vars(cmath).values() if callable(value))
GIVES_REAL.update([cmath.phase])

METHODS.update({"conj": np.conjugate, "conjugate": np.conjugate})
ATTRIBUTES.update({"real": np.real, "imag": np.imag})
