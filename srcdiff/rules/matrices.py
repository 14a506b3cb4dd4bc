"""Linear algebra: norms, inverses, determinants, factors; products over named axes.

The formulas are those of Giles, An extended collection of matrix derivative results for forward
and reverse mode algorithmic differentiation, Oxford 2008, where nothing else is said.
"""

from __future__ import annotations

import numpy as np

from srcdiff.ir.types import Type, unknown
from srcdiff.rules.helpers import product_of_others, unbroadcast
from srcdiff.rules.registry import Operands, bilinear, rule
from srcdiff.rules.shapes import anything, of_kind, same_as_operand


def _norm(operands: Operands) -> Type:
    if operands.constant("axis") is None and operands.constant("keepdims", False) is False:
        return Type("scalar", "float", ())
    return unknown(form="number").of_kind("float")


@rule(np.linalg.norm, shape=_norm)
def norm_backward(x, ord=None, axis=None, keepdims=False, *, dy):
    """Gradient of np.linalg.norm(x, ord, axis); zero at zero, equal largest entries share."""
    if axis is None:
        axis = tuple(range(np.ndim(x)))
    axes = axis if isinstance(axis, tuple) else (axis,)
    dy = dy if keepdims else np.expand_dims(dy, axes)
    if ord is None or ord == "fro" or (len(axes) == 1 and ord == 2):
        y = np.sqrt(np.sum(np.abs(x) ** 2, axis=axes, keepdims=True))
        dx = x * (dy / np.where(y == 0, 1, y))
    elif len(axes) == 1 and ord in (np.inf, -np.inf):
        size = np.abs(x)
        chosen = size == (np.max if ord > 0 else np.min)(size, axis=axes, keepdims=True)
        dx = np.sign(x) * chosen * (dy / np.sum(chosen, axis=axes, keepdims=True))
    elif len(axes) == 1:
        y = np.linalg.norm(x, ord, axes[0], keepdims=True)
        scale = np.abs(x) / np.where(y == 0, 1, y)
        if ord < 1:
            scale = np.where(scale == 0, 1, scale)
        dx = np.sign(x) * (scale ** (ord - 1) if ord != 0 else 0.0) * dy
    elif ord in (1, -1, np.inf, -np.inf):
        added = axes[0] if abs(ord) == 1 else axes[1]
        sums = np.sum(np.abs(x), axis=added, keepdims=True)
        chosen = sums == (np.max if ord > 0 else np.min)(sums, axis=axes, keepdims=True)
        dx = np.sign(x) * chosen * (dy / np.sum(chosen, axis=axes, keepdims=True))
    else:
        u, s, v = np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), full_matrices=False)
        if ord == "nuc":
            weights = (s > 0) * 1.0
        else:
            weights = s == (np.max if ord > 0 else np.min)(s, axis=-1, keepdims=True)
            weights = weights / np.sum(weights, axis=-1, keepdims=True)
        dx = np.moveaxis((u * weights[..., None, :]) @ v, (-2, -1), axes) * dy
    return dx


@rule(np.linalg.inv, shape=same_as_operand, takes_complex=True)
def inv_backward(x, *, dy):
    """Gradient of np.linalg.inv(x), for stacked matrices too."""
    y = np.linalg.inv(x)
    turned = np.swapaxes(y, -1, -2)
    dx = -turned @ dy @ turned
    return dx


@rule(np.linalg.solve, shape=anything, takes_complex=True)
def solve_backward(a, b, *, dy):
    """Gradients of np.linalg.solve(a, b), for a vector or columns b, and stacked matrices."""
    y = np.linalg.solve(a, b)
    if np.ndim(b) == 1:
        db = np.linalg.solve(np.swapaxes(a, -1, -2), dy[..., None])
        da = unbroadcast(-db * y[..., None, :], a)
        db = unbroadcast(db[..., 0], b)
    else:
        db = np.linalg.solve(np.swapaxes(a, -1, -2), dy)
        da = unbroadcast(-db @ np.swapaxes(y, -1, -2), a)
        db = unbroadcast(db, b)
    return da, db


def _of_each_matrix(operands: Operands) -> Type:
    source = operands.type("x")
    if not isinstance(source.shape, tuple) or len(source.shape) < 2:
        return unknown(form="number").of_kind("float")
    return of_kind(source, source.shape[:-2], "float")


@rule(np.linalg.det, shape=_of_each_matrix)
def det_backward(x, *, dy):
    """Gradient of np.linalg.det(x): its cofactors, right for singular matrices too.

    They come from the singular value decomposition: each singular value's cofactor is the product
    of the others.
    """
    u, s, v = np.linalg.svd(x)
    sign = np.linalg.det(u) * np.linalg.det(v)
    cofactors = (u * product_of_others(s, -1)[..., None, :]) @ v
    dx = np.expand_dims(sign * dy, (-2, -1)) * cofactors
    return dx


@rule(np.linalg.cholesky, shape=same_as_operand)
def cholesky_backward(x, *, dy):
    """Gradient of np.linalg.cholesky(x), which reads the lower triangle alone.

    Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527, 2016.
    """
    y = np.linalg.cholesky(x)
    turned = np.swapaxes(y, -1, -2)
    halves = np.tril(turned @ np.tril(dy))
    halves = halves - np.eye(np.shape(x)[-1]) * halves / 2
    inner = np.linalg.solve(turned, halves)
    both = np.swapaxes(np.linalg.solve(turned, np.swapaxes(inner, -1, -2)), -1, -2)
    dx = np.tril(both + np.swapaxes(both, -1, -2)) - np.eye(np.shape(x)[-1]) * both
    return dx


@rule(np.linalg.matrix_power, shape=same_as_operand, takes_complex=True)
def matrix_power_backward(x, n, *, dy):
    """Gradient of np.linalg.matrix_power(x, n): each factor in turn."""
    base = np.swapaxes(x if n >= 0 else np.linalg.inv(x), -1, -2)
    dx = np.zeros(np.shape(dy), np.result_type(x, dy, 1.0))
    for k in range(abs(n)):
        left = np.linalg.matrix_power(base, k)
        dx = dx + left @ dy @ np.linalg.matrix_power(base, abs(n) - 1 - k)
    if n < 0:
        dx = -base @ dx @ base
    return dx


@bilinear(np.kron, shape=anything)
def kron_backward(x, w, *, dz):
    """Gradients of np.kron(x, w), for operands of any dimensions."""
    rank = max(np.ndim(x), np.ndim(w))
    left = (1,) * (rank - np.ndim(x)) + np.shape(x)
    right = (1,) * (rank - np.ndim(w)) + np.shape(w)
    parts = np.reshape(dz, [n for pair in zip(left, right, strict=True) for n in pair])
    spread_x = np.reshape(x, [n for a in left for n in (a, 1)])
    spread_w = np.reshape(w, [n for b in right for n in (1, b)])
    dx = np.reshape(np.sum(parts * spread_w, axis=tuple(range(1, 2 * rank, 2))), np.shape(x))[()]
    dw = np.reshape(np.sum(parts * spread_x, axis=tuple(range(0, 2 * rank, 2))), np.shape(w))[()]
    return dx, dw


@bilinear(np.cross, shape=anything)
def cross_backward(x, w, *, dz):
    """Gradients of np.cross(x, w) for vectors of three along the last axis."""
    if np.shape(x)[-1] != 3 or np.shape(w)[-1] != 3:
        raise NotImplementedError("np.cross of vectors of two has no derivative rule.")
    dx = unbroadcast(np.cross(w, dz), x)
    dw = unbroadcast(np.cross(dz, x), w)
    return dx, dw


@bilinear(np.tensordot, shape=anything)
def tensordot_backward(x, w, axes=2, *, dz):
    """Gradients of np.tensordot(x, w, axes)."""
    if np.ndim(axes) == 0:
        left = list(range(np.ndim(x) - axes, np.ndim(x)))
        right = list(range(axes))
    else:
        left = [axis % np.ndim(x) for axis in np.ravel(axes[0])]
        right = [axis % np.ndim(w) for axis in np.ravel(axes[1])]
    free_x = [axis for axis in range(np.ndim(x)) if axis not in left]
    free_w = [axis for axis in range(np.ndim(w)) if axis not in right]
    of_x, of_w = range(len(free_x)), range(len(free_x), np.ndim(dz))
    dx = np.tensordot(dz, w, (of_w, free_w))
    order = [left[i] for i in np.argsort(right)]
    dx = np.transpose(dx, np.argsort(free_x + order))[()]
    dw = np.tensordot(x, dz, (free_x, of_x))
    order = [right[i] for i in np.argsort(left)]
    dw = np.transpose(dw, np.argsort(order + free_w))[()]
    return dx, dw


@rule(np.einsum, shape=anything, takes_complex=True)
def einsum_backward(subscripts, x, w=None, v=None, *, dz):
    """Gradients of np.einsum(subscripts, x, w, v): each is a sum over what the others name.

    An axis that is summed alone is spread with ones; one that is named twice in an operand is
    put on a diagonal.
    """
    operands = [operand for operand in (x, w, v) if operand is not None]
    given, arrow, out = subscripts.replace(" ", "").partition("->")
    terms = given.split(",")
    spare = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in subscripts]
    ranks = [np.ndim(o) - len(t) + 3 for o, t in zip(operands, terms, strict=True) if "..." in t]
    dots = "".join(spare.pop() for _ in range(max(ranks, default=0)))
    if not arrow:
        letters = sorted(set(given) - {",", "."})
        out = "..." * ("..." in given) + "".join(c for c in letters if given.count(c) == 1)
    for i, (operand, term) in enumerate(zip(operands, terms, strict=True)):
        rank = np.ndim(operand) - len(term) + 3
        terms[i] = term.replace("...", dots[len(dots) - rank :] if "..." in term else "")
    out = out.replace("...", dots)
    gradients = [None, None, None]
    for i, (operand, term) in enumerate(zip(operands, terms, strict=True)):
        names, factors = [out], [dz]
        names += [other for k, other in enumerate(terms) if k != i]
        factors += [other for k, other in enumerate(operands) if k != i]
        target = ""
        for letter, count in zip(term, np.shape(operand), strict=True):
            if letter in target:
                names, factors = [*names, letter + spare[-1]], [*factors, np.eye(count)]
                target += spare.pop()
                continue
            target += letter
            names, factors = [*names, letter], [*factors, np.ones(count)]
        broad = [c for c, n in zip(term, np.shape(operand), strict=True) if n == 1]
        sizes = {
            c: n
            for t, f in zip(names, factors, strict=True)
            for c, n in zip(t, np.shape(f), strict=True)
            if n != 1
        }
        for letter in broad:
            if letter in sizes:
                place = names.index(letter)
                factors[place] = np.ones(sizes[letter])
        total = np.einsum(",".join(names) + "->" + target, *factors)
        gradients[i] = unbroadcast(total, operand)
    dx, dw, dv = gradients
    return dx, dw, dv
