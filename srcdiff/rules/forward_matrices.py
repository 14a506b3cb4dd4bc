"""Forward rules of linear algebra and of products, beside their backward rules.

The formulas are those of Giles, An extended collection of matrix derivative results for forward
and reverse mode algorithmic differentiation, Oxford 2008, where nothing else is said.
"""

from __future__ import annotations

import numpy as np

from srcdiff.rules.einsum import einsum_backward
from srcdiff.rules.forwards import forward, in_turn
from srcdiff.rules.fourier import fftfreq_backward, rfftfreq_backward
from srcdiff.rules.matrices import (
    cofactors_backward,
    det_backward,
    inv_backward,
    matrix_power_backward,
    norm_backward,
    slogdet_backward,
    slogdet_of_complex_backward,
    solve_backward,
    tensorinv_backward,
    tensorsolve_backward,
)
from srcdiff.rules.minors import cofactors, product_of_others
from srcdiff.rules.products import multi_dot_backward, vecdot_backward, vecmat_backward

# Matrices


@forward(inv_backward)
def inv_forward(x, *, dx):
    y = np.linalg.inv(x)
    dy = -y @ dx @ y
    return dy


@forward(solve_backward)
def solve_forward(a, b, *, da=None, db=None):
    """Tangent of np.linalg.solve(a, b), for a vector or columns b, also of stacks."""
    y = np.linalg.solve(a, b)
    if da is None:
        dy = np.linalg.solve(a, db)
    elif np.ndim(b) == 1 and np.ndim(a) > 2:
        moved = -da @ y[..., None] if db is None else db[:, None] - da @ y[..., None]
        dy = np.linalg.solve(a, moved)[..., 0]
    elif db is None:
        dy = np.linalg.solve(a, -da @ y)
    else:
        dy = np.linalg.solve(a, db - da @ y)
    return dy


@forward(det_backward)
def det_forward(x, *, dx):
    """Tangent of np.linalg.det(x): its cofactors, right for singular matrices too."""
    dy = np.sum(cofactors(x) * dx, axis=(-2, -1))
    return dy


@forward(cofactors_backward)
def cofactors_forward(x, *, dx):
    """Tangent of the cofactors of matrices: their derivatives are alike both ways."""
    u, s, v = np.linalg.svd(x)
    sign = np.expand_dims(np.linalg.det(u) * np.linalg.det(v), (-2, -1))
    itself = np.eye(np.shape(x)[-1], dtype=bool)
    others = product_of_others(np.where(itself, 1.0, np.expand_dims(s, -2)), -1)
    others = np.where(itself, 0.0, others)
    u, v = np.conj(u), np.conj(v)
    moved = np.swapaxes(u, -1, -2) @ dx @ np.swapaxes(v, -1, -2)
    diagonal = np.sum(moved * itself, axis=-1)[..., None, :]
    beside = np.sum(others * diagonal, axis=-1)[..., None]
    moved = np.swapaxes(moved, -1, -2)
    dy = sign * (u @ (itself * beside - others * moved) @ v)
    return dy


@forward(matrix_power_backward)
def matrix_power_forward(x, n, *, dx):
    """Tangent of np.linalg.matrix_power(x, n): each factor in turn."""
    base = x if n >= 0 else np.linalg.inv(x)
    moved = dx if n >= 0 else -base @ dx @ base
    dy = np.zeros_like(moved)
    for k in range(abs(n)):
        left = np.linalg.matrix_power(base, k)
        dy = dy + left @ moved @ np.linalg.matrix_power(base, abs(n) - 1 - k)
    return dy


@forward(norm_backward)
def norm_forward(x, ord=None, axis=None, keepdims=False, *, dx):
    """Tangent of np.linalg.norm(x, ord, axis); zero at zero, largest entries share."""
    if axis is None:
        axis = tuple(range(np.ndim(x)))
    axes = axis if isinstance(axis, tuple) else (axis,)
    if ord is None or ord == "fro" or (len(axes) == 1 and ord == 2):
        y = np.sqrt(np.sum(x**2, axis=axes, keepdims=True))
        slope = x / np.where(y == 0, 1, y)
    elif len(axes) == 1 and ord in (np.inf, -np.inf):
        size = np.abs(x)
        chosen = size == (np.max if ord > 0 else np.min)(size, axis=axes, keepdims=True)
        chosen = np.where(chosen, np.ones_like(size), 0)
        slope = np.sign(x) * chosen / np.sum(chosen, axis=axes, keepdims=True)
    elif len(axes) == 1:
        y = np.linalg.norm(x, ord, axes[0], keepdims=True)
        scale = np.abs(x) / np.where(y == 0, 1, y)
        if ord < 1:
            scale = np.where(scale == 0, 1, scale)
        slope = np.sign(x) * (scale ** (ord - 1) if ord != 0 else 0.0)
    elif ord in (1, -1, np.inf, -np.inf):
        added = axes[0] if abs(ord) == 1 else axes[1]
        sums = np.sum(np.abs(x), axis=added, keepdims=True)
        chosen = sums == (np.max if ord > 0 else np.min)(sums, axis=axes, keepdims=True)
        chosen = np.where(chosen, np.ones_like(sums), 0)
        slope = np.sign(x) * chosen / np.sum(chosen, axis=axes, keepdims=True)
    else:
        u, s, v = np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), full_matrices=False)
        weights = np.where(s > 0, np.ones_like(s), 0)
        if ord != "nuc":
            best = (np.max if ord > 0 else np.min)(s, axis=-1, keepdims=True)
            weights = np.where(s == best, np.ones_like(s), 0)
            weights = weights / np.sum(weights, axis=-1, keepdims=True)
        slope = np.moveaxis((u * weights[..., None, :]) @ v, (-2, -1), axes)
    dy = np.sum(slope * dx, axis=axes, keepdims=keepdims)
    return dy


@forward(slogdet_backward)
def slogdet_forward(x, *, dx):
    """Tangent of the second of np.linalg.slogdet(x); the sign has none."""
    dlog = np.trace(np.linalg.solve(x, dx), axis1=-2, axis2=-1)
    return dlog


@forward(slogdet_of_complex_backward)
def slogdet_of_complex_forward(x, *, dx):
    """Tangents of np.linalg.slogdet(x), whose sign is det(x) / abs(det(x))."""
    sign, _ = np.linalg.slogdet(x)
    moved = np.trace(np.linalg.solve(x, dx), axis1=-2, axis2=-1)
    dsign = 1j * sign * np.imag(moved)
    dlog = np.real(moved)
    return dsign, dlog


@forward(tensorsolve_backward)
def tensorsolve_forward(a, b, axes=None, *, da=None, db=None):
    """Tangent of np.linalg.tensorsolve(a, b, axes); axes of a go to the end."""
    y = np.linalg.tensorsolve(a, b, axes)
    if da is None:
        moved = db
    else:
        turned = da
        if axes is not None:
            turned = np.moveaxis(da, axes, range(np.ndim(a) - len(axes), np.ndim(a)))
        moved = -np.tensordot(turned, y, np.ndim(y))
        if db is not None:
            moved = db + moved
    dy = np.linalg.tensorsolve(a, moved, axes)
    return dy


@forward(tensorinv_backward)
def tensorinv_forward(a, ind=2, *, da):
    """Tangent of np.linalg.tensorinv(a, ind)."""
    y = np.linalg.tensorinv(a, ind)
    count = np.ndim(a) - ind
    dy = -np.tensordot(y, np.tensordot(da, y, count), ind)
    return dy


# Products


in_turn(einsum_backward)


@forward(multi_dot_backward)
def multi_dot_forward(arrays, *, darrays):
    """Tangent of np.linalg.multi_dot(arrays): each in turn has its tangent."""
    parts = [
        np.linalg.multi_dot([*arrays[:i], darrays[i], *arrays[i + 1 :]])
        for i, _ in enumerate(arrays)
    ]
    dy = sum(parts)
    return dy


in_turn(multi_dot_backward)


@forward(vecdot_backward)
def vecdot_forward(x, y, axis=-1, *, dx=None, dy=None):
    if dx is None:
        dz = np.vecdot(x, dy, axis=axis)
    elif dy is None:
        dz = np.vecdot(dx, y, axis=axis)
    else:
        dz = np.vecdot(dx, y, axis=axis) + np.vecdot(x, dy, axis=axis)
    return dz


@forward(vecmat_backward)
def vecmat_forward(x, w, *, dx=None, dw=None):
    if dx is None:
        dz = np.vecmat(x, dw)
    elif dw is None:
        dz = np.vecmat(dx, w)
    else:
        dz = np.vecmat(dx, w) + np.vecmat(x, dw)
    return dz


# Frequencies


@forward(fftfreq_backward)
def fftfreq_forward(n, d=1.0, *, dd):
    y = np.fft.fftfreq(n, d)
    dy = -y * (dd / d)
    return dy


@forward(rfftfreq_backward)
def rfftfreq_forward(n, d=1.0, *, dd):
    y = np.fft.rfftfreq(n, d)
    dy = -y * (dd / d)
    return dy
