"""scipy.special; derivatives from Abramowitz and Stegun, Handbook of Mathematical Functions."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from srcdiff.ir.types import Type
from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.registry import Operands, elementwise, rule
from srcdiff.rules.shapes import reduced


@elementwise(special.expit)
def expit_backward(x, *, dy):
    y = special.expit(x)
    dx = (1 - y) * y * dy
    return dx


@elementwise(special.logit)
def logit_backward(x, *, dy):
    dx = dy / (x * (1 - x))
    return dx


@elementwise(special.log_expit)
def log_expit_backward(x, *, dy):
    dx = special.expit(-x) * dy
    return dx


@elementwise(special.erf)
def special_erf_backward(x, *, dy):
    dx = 2 / math.sqrt(math.pi) * np.exp(-(x**2)) * dy
    return dx


@elementwise(special.erfc)
def special_erfc_backward(x, *, dy):
    dx = -2 / math.sqrt(math.pi) * np.exp(-(x**2)) * dy
    return dx


@elementwise(special.erfcx)
def erfcx_backward(x, *, dy):
    y = special.erfcx(x)
    dx = (2 * x * y - 2 / math.sqrt(math.pi)) * dy
    return dx


@elementwise(special.erfinv)
def erfinv_backward(x, *, dy):
    y = special.erfinv(x)
    dx = math.sqrt(math.pi) / 2 * np.exp(y**2) * dy
    return dx


@elementwise(special.erfcinv)
def erfcinv_backward(x, *, dy):
    y = special.erfcinv(x)
    dx = -math.sqrt(math.pi) / 2 * np.exp(y**2) * dy
    return dx


@elementwise(special.gammaln, special.loggamma)
def gammaln_backward(x, *, dy):
    dx = special.digamma(x) * dy
    return dx


@elementwise(special.gamma)
def special_gamma_backward(x, *, dy):
    y = special.gamma(x)
    dx = y * special.digamma(x) * dy
    return dx


@elementwise(special.rgamma)
def rgamma_backward(x, *, dy):
    y = special.rgamma(x)
    dx = -y * special.digamma(x) * dy
    return dx


@elementwise(special.digamma, special.psi)
def special_digamma_backward(x, *, dy):
    dx = special.polygamma(1, x) * dy
    return dx


@elementwise(special.polygamma, fixed=("n",))
def polygamma_backward(n, x, *, dy):
    dx = special.polygamma(n + 1, x) * dy
    return dx


@elementwise(special.beta)
def beta_backward(a, b, *, dy):
    y = special.beta(a, b)
    da = y * (special.digamma(a) - special.digamma(a + b)) * dy
    db = y * (special.digamma(b) - special.digamma(a + b)) * dy
    return da, db


@elementwise(special.betaln)
def betaln_backward(a, b, *, dy):
    da = (special.digamma(a) - special.digamma(a + b)) * dy
    db = (special.digamma(b) - special.digamma(a + b)) * dy
    return da, db


@elementwise(special.xlogy)
def xlogy_backward(x, y, *, dz):
    dx = np.log(y) * dz
    dy = x / np.where(x == 0, 1, y) * dz
    return dx, dy


@elementwise(special.xlog1py)
def xlog1py_backward(x, y, *, dz):
    dx = np.log1p(y) * dz
    dy = x / np.where(x == 0, 1, 1 + y) * dz
    return dx, dy


@elementwise(special.entr)
def entr_backward(x, *, dy):
    dx = -(np.log(x) + 1) * dy
    return dx


@elementwise(special.rel_entr)
def rel_entr_backward(x, y, *, dz):
    dx = (np.log(x / y) + 1) * dz
    dy = -x / y * dz
    return dx, dy


@elementwise(special.kl_div)
def kl_div_backward(x, y, *, dz):
    dx = np.log(x / y) * dz
    dy = (1 - x / y) * dz
    return dx, dy


@elementwise(special.ndtr)
def ndtr_backward(x, *, dy):
    dx = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) * dy
    return dx


@elementwise(special.log_ndtr)
def log_ndtr_backward(x, *, dy):
    y = special.log_ndtr(x)
    dx = np.exp(-(x**2) / 2 - y) / math.sqrt(2 * math.pi) * dy
    return dx


@elementwise(special.ndtri)
def ndtri_backward(x, *, dy):
    y = special.ndtri(x)
    dx = math.sqrt(2 * math.pi) * np.exp(y**2 / 2) * dy
    return dx


@elementwise(special.j0)
def j0_backward(x, *, dy):
    dx = -special.j1(x) * dy
    return dx


@elementwise(special.j1)
def j1_backward(x, *, dy):
    dx = (special.j0(x) - special.jv(2, x)) / 2 * dy
    return dx


@elementwise(special.y0)
def y0_backward(x, *, dy):
    dx = -special.y1(x) * dy
    return dx


@elementwise(special.y1)
def y1_backward(x, *, dy):
    dx = (special.y0(x) - special.yv(2, x)) / 2 * dy
    return dx


@elementwise(special.jv, fixed=("v",))
def jv_backward(v, x, *, dy):
    dx = (special.jv(v - 1, x) - special.jv(v + 1, x)) / 2 * dy
    return dx


@elementwise(special.yv, fixed=("v",))
def yv_backward(v, x, *, dy):
    dx = (special.yv(v - 1, x) - special.yv(v + 1, x)) / 2 * dy
    return dx


@elementwise(special.iv, fixed=("v",))
def iv_backward(v, x, *, dy):
    dx = (special.iv(v - 1, x) + special.iv(v + 1, x)) / 2 * dy
    return dx


@elementwise(special.kv, fixed=("v",))
def kv_backward(v, x, *, dy):
    dx = -(special.kv(v - 1, x) + special.kv(v + 1, x)) / 2 * dy
    return dx


@elementwise(special.i0)
def special_i0_backward(x, *, dy):
    dx = special.i1(x) * dy
    return dx


@elementwise(special.i1)
def i1_backward(x, *, dy):
    dx = (special.i0(x) + special.iv(2, x)) / 2 * dy
    return dx


@elementwise(special.i0e)
def i0e_backward(x, *, dy):
    y = special.i0e(x)
    dx = (special.i1e(x) - np.sign(x) * y) * dy
    return dx


@elementwise(special.k0)
def k0_backward(x, *, dy):
    dx = -special.k1(x) * dy
    return dx


@elementwise(special.k1)
def k1_backward(x, *, dy):
    dx = -(special.k0(x) + special.kv(2, x)) / 2 * dy
    return dx


@elementwise(special.expi)
def expi_backward(x, *, dy):
    dx = np.exp(x) / x * dy
    return dx


@elementwise(special.exp1)
def exp1_backward(x, *, dy):
    dx = -np.exp(-x) / x * dy
    return dx


@elementwise(special.expm1)
def special_expm1_backward(x, *, dy):
    dx = np.exp(x) * dy
    return dx


@elementwise(special.log1p)
def special_log1p_backward(x, *, dy):
    dx = dy / (1 + x)
    return dx


@elementwise(special.exp2)
def special_exp2_backward(x, *, dy):
    y = special.exp2(x)
    dx = np.log(2) * y * dy
    return dx


@elementwise(special.exp10)
def exp10_backward(x, *, dy):
    y = special.exp10(x)
    dx = np.log(10) * y * dy
    return dx


@elementwise(special.gammainc, fixed=("a",))
def gammainc_backward(a, x, *, dy):
    dx = np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a)) * dy
    return dx


@elementwise(special.gammaincc, fixed=("a",))
def gammaincc_backward(a, x, *, dy):
    dx = -np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a)) * dy
    return dx


@elementwise(special.betainc, fixed=("a", "b"))
def betainc_backward(a, b, x, *, dy):
    log_slope = special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x)
    dx = np.exp(log_slope - special.betaln(a, b)) * dy
    return dx


def _like_first(operands: Operands) -> Type:
    return operands.type("a").of_kind("float")


@rule(special.multigammaln, shape=_like_first)
def multigammaln_backward(a, d, *, dy):
    """Gradient of scipy.special.multigammaln(a, d): a sum over halves."""
    steps = np.expand_dims(a, -1) - np.arange(d) / 2
    da = np.sum(special.digamma(steps), axis=-1) * dy
    return da


def _log_sum(operands: Operands) -> Type:
    renamed = {("x" if name == "a" else name): e for name, e in operands.expressions.items()}
    return reduced(Operands(renamed, operands.typed)).of_kind("float")


@rule(special.logsumexp, shape=_log_sum)
def logsumexp_backward(a, axis=None, b=None, keepdims=False, *, dy):
    """Gradients of scipy.special.logsumexp(a, axis, b): zero where all are -inf."""
    y = special.logsumexp(a, axis, b, keepdims)
    if axis is not None and not keepdims:
        y = np.expand_dims(y, axis)
        dy = np.expand_dims(dy, axis)
    shares = np.exp(a - np.where(y == -np.inf, 0, y)) * dy
    if b is None:
        da = shares
        db = None
    else:
        da = unbroadcast(b * shares, a)
        db = unbroadcast(shares, b)
    return da, db


@rule(special.softmax, shape=lambda operands: operands.type("x").of_kind("float"))
def softmax_function_backward(x, axis=None, *, dy):
    """Gradient of scipy.special.softmax(x, axis)."""
    y = special.softmax(x, axis)
    dx = y * (dy - np.sum(y * dy, axis=axis, keepdims=True))
    return dx


@rule(special.log_softmax, shape=lambda operands: operands.type("x").of_kind("float"))
def log_softmax_backward(x, axis=None, *, dy):
    """Gradient of scipy.special.log_softmax(x, axis)."""
    y = special.log_softmax(x, axis)
    dx = dy - np.exp(y) * np.sum(dy, axis=axis, keepdims=True)
    return dx
