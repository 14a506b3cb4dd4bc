"""Elementary functions of NumPy and math; sources beyond the textbook are named.

The rules of functions that both modules have are written with NumPy; the engine spells them with
math where the function was math's.
"""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np

from srcdiff.rules.helpers import digamma
from srcdiff.rules.ranks import bessel_i1
from srcdiff.rules.registry import METHODS, AnyFunction, elementwise, flat
from srcdiff.rules.shapes import whole_number


def present(module: ModuleType, *names: str) -> list[AnyFunction]:
    """Give those of a module's functions that this version of it has."""
    return [getattr(module, name) for name in names if hasattr(module, name)]


# Exponentials and logarithms


@elementwise(np.exp, math.exp, takes_complex=True)
def exp_backward(x, *, dy):
    y = np.exp(x)
    dx = y * dy
    return dx


@elementwise(np.exp2, *present(math, "exp2"), takes_complex=True)
def exp2_backward(x, *, dy):
    y = np.exp2(x)
    dx = math.log(2) * y * dy
    return dx


@elementwise(np.expm1, math.expm1, takes_complex=True)
def expm1_backward(x, *, dy):
    dx = np.exp(x) * dy  # not y + 1: it has no digits left where y is near -1
    return dx


@elementwise(np.log, takes_complex=True)
def log_backward(x, *, dy):
    dx = dy / x
    return dx


@elementwise(math.log)
def log_to_base_backward(x, base=None, *, dy):
    """Gradients of math.log(x, base) with respect to x and base."""
    if base is None:
        dx = dy / x
        dbase = 0.0
    else:
        y = math.log(x, base)
        dx = dy / (math.log(base) * x)
        dbase = -y / (math.log(base) * base) * dy
    return dx, dbase


@elementwise(np.log2, math.log2, takes_complex=True)
def log2_backward(x, *, dy):
    dx = dy / (math.log(2) * x)
    return dx


@elementwise(np.log10, math.log10, takes_complex=True)
def log10_backward(x, *, dy):
    dx = dy / (math.log(10) * x)
    return dx


@elementwise(np.log1p, math.log1p, takes_complex=True)
def log1p_backward(x, *, dy):
    dx = dy / (1 + x)
    return dx


@elementwise(np.logaddexp)
def logaddexp_backward(x, y, *, dz):
    """Gradients of np.logaddexp(x, y): right where both are infinite too."""
    same = np.isinf(x) & (x == y)  # inf less inf has no value
    zero = np.zeros_like(np.logaddexp(x, y))
    gap = np.where(same, zero, y) - np.where(same, zero, x)
    dx = np.exp(-np.logaddexp(0, gap)) * dz
    dy = np.exp(-np.logaddexp(0, -gap)) * dz
    return dx, dy


@elementwise(np.logaddexp2)
def logaddexp2_backward(x, y, *, dz):
    """Gradients of np.logaddexp2(x, y): right where both are infinite too."""
    same = np.isinf(x) & (x == y)  # inf less inf has no value
    zero = np.zeros_like(np.logaddexp2(x, y))
    gap = np.where(same, zero, y) - np.where(same, zero, x)
    dx = np.exp2(-np.logaddexp2(0, gap)) * dz
    dy = np.exp2(-np.logaddexp2(0, -gap)) * dz
    return dx, dy


# Roots


@elementwise(np.sqrt, math.sqrt, takes_complex=True)
def sqrt_backward(x, *, dy):
    y = np.sqrt(x)
    dx = dy / (2 * y)
    return dx


@elementwise(np.cbrt, *present(math, "cbrt"))
def cbrt_backward(x, *, dy):
    y = np.cbrt(x)
    dx = dy / (3 * y**2)
    return dx


@elementwise(np.hypot, math.hypot)
def hypot_backward(x, y, *, dz):
    """Gradients of np.hypot(x, y); zero, a subgradient, where both are zero."""
    z = np.hypot(x, y)
    length = z + (z == 0)
    dx = x / length * dz
    dy = y / length * dz
    return dx, dy


# Trigonometry


@elementwise(np.sin, math.sin, takes_complex=True)
def sin_backward(x, *, dy):
    dx = np.cos(x) * dy
    return dx


@elementwise(np.cos, math.cos, takes_complex=True)
def cos_backward(x, *, dy):
    dx = -np.sin(x) * dy
    return dx


@elementwise(np.tan, math.tan, takes_complex=True)
def tan_backward(x, *, dy):
    y = np.tan(x)
    dx = (1 + y**2) * dy
    return dx


@elementwise(np.arcsin, math.asin, takes_complex=True)
def arcsin_backward(x, *, dy):
    dx = dy / np.sqrt((1 - x) * (1 + x))  # 1 - x**2 would lose digits near 1
    return dx


@elementwise(np.arccos, math.acos, takes_complex=True)
def arccos_backward(x, *, dy):
    dx = -dy / np.sqrt((1 - x) * (1 + x))  # 1 - x**2 would lose digits near 1
    return dx


@elementwise(np.arctan, math.atan, takes_complex=True)
def arctan_backward(x, *, dy):
    dx = dy / (1 + x * x)  # a float's x**2 would raise an error where it overflows
    return dx


@elementwise(np.arctan2, math.atan2)
def arctan2_backward(y, x, *, dz):
    """Gradients of np.arctan2(y, x); the length squared could under- or overflow."""
    length = np.hypot(x, y)
    dy = x / length / length * dz
    dx = -y / length / length * dz
    return dy, dx


@elementwise(np.degrees, np.rad2deg, math.degrees)
def degrees_backward(x, *, dy):
    dx = np.degrees(dy)
    return dx


@elementwise(np.radians, np.deg2rad, math.radians)
def radians_backward(x, *, dy):
    dx = np.radians(dy)
    return dx


@elementwise(np.sinc, takes_complex=True)
def sinc_backward(x, *, dy):
    """Gradient of np.sinc(x): a series near 0, where the difference loses digits."""
    y = np.sinc(x)
    t = (math.pi * x) ** 2
    near = np.abs(x) < 0.05
    series = -(math.pi**2) / 3 * x * (1 - t / 10 * (1 - t / 28 * (1 - t / 54)))
    dx = np.where(near, series, (np.cos(math.pi * x) - y) / np.where(near, 1, x)) * dy
    return dx


@elementwise(np.i0)
def i0_backward(x, *, dy):
    """Gradient of np.i0(x), the modified Bessel function of order 0."""
    dx = bessel_i1(x) * dy
    return dx


# Hyperbolic functions


@elementwise(np.sinh, math.sinh, takes_complex=True)
def sinh_backward(x, *, dy):
    dx = np.cosh(x) * dy
    return dx


@elementwise(np.cosh, math.cosh, takes_complex=True)
def cosh_backward(x, *, dy):
    dx = np.sinh(x) * dy
    return dx


@elementwise(np.tanh, math.tanh, takes_complex=True)
def tanh_backward(x, *, dy):
    y = np.tanh(x)
    dx = (1 - y**2) * dy
    return dx


@elementwise(np.arcsinh, math.asinh)
def arcsinh_backward(x, *, dy):
    dx = dy / np.hypot(1, x)
    return dx


@elementwise(np.arccosh, math.acosh)
def arccosh_backward(x, *, dy):
    dx = dy / np.sqrt((x - 1) * (x + 1))  # x**2 - 1 would lose digits near 1
    return dx


@elementwise(np.arctanh, math.atanh, takes_complex=True)
def arctanh_backward(x, *, dy):
    dx = dy / ((1 - x) * (1 + x))  # 1 - x**2 would lose digits near 1
    return dx


# Signs, exponents, steps


@elementwise(np.copysign, math.copysign)
def copysign_backward(x, y, *, dz):
    """Gradient of np.copysign(x, y) with respect to x; of y, it reads only the sign."""
    z = np.copysign(x, y)
    dx = np.sign(x) * np.sign(z) * dz
    return dx


@elementwise(np.ldexp, math.ldexp)
def ldexp_backward(x, exponent, *, dy):
    dx = np.ldexp(dy, exponent)
    return dx


@elementwise(math.remainder)
def remainder_backward(x, y, *, dz):
    """Gradients of math.remainder(x, y): x - n * y for n nearest to x / y."""
    z = math.remainder(x, y)
    dx = dz
    dy = (z - x) / y * dz
    return dx, dy


@elementwise(np.heaviside)
def heaviside_backward(x, at_zero, *, dy):
    """Gradient of np.heaviside(x, at_zero) for at_zero; in x it is a step."""
    dat_zero = (x == 0) * dy
    return dat_zero


@elementwise(np.real_if_close)
def real_if_close_backward(x, tol=100, *, dy):
    dx = dy
    return dx


flat(
    np.floor,
    np.ceil,
    np.trunc,
    np.fix,
    np.rint,
    np.round,
    np.around,
    np.sign,
)
flat(math.floor, math.ceil, math.trunc, shape=whole_number)
METHODS.update({"round": np.round})


# Functions that only math has


@elementwise(math.erf)
def erf_backward(x, *, dy):
    dx = 2 / math.sqrt(math.pi) * math.exp(-x * x) * dy
    return dx


@elementwise(math.erfc)
def erfc_backward(x, *, dy):
    dx = -2 / math.sqrt(math.pi) * math.exp(-x * x) * dy
    return dx


@elementwise(math.lgamma)
def lgamma_backward(x, *, dy):
    dx = digamma(x) * dy
    return dx


@elementwise(math.gamma)
def gamma_backward(x, *, dy):
    y = math.gamma(x)
    dx = y * digamma(x) * dy
    return dx
