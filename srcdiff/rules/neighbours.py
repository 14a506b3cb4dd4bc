"""Differences, slopes, areas, interpolation, windows, convolution: results of a few neighbours."""

from __future__ import annotations

import math

import numpy as np

from srcdiff.ir.types import Dim, Type, joined, size, unknown
from srcdiff.rules.helpers import gathered, is_vector, numbered, unbroadcast
from srcdiff.rules.joining import total
from srcdiff.rules.registry import UNKNOWN, Operands, linear, numpys, rule
from srcdiff.rules.shapes import arranged, floating, normalized, of_kind, reduced, same_as_operand


def _differences(operands: Operands) -> Type:
    source, axis, n = operands.type("a"), operands.constant("axis", -1), operands.constant("n", 1)
    place = normalized(axis, source.rank) if source.rank else None
    plain = isinstance(n, int) and not operands.has("prepend") and not operands.has("append")
    if place is None or not plain or not isinstance(source.shape, tuple):
        edges = [operands.type(name) for name in ("prepend", "append") if operands.has(name)]
        return unknown(form="array").of_kind(joined([source, *edges])[1])
    (at,) = place
    length = source.shape[at]
    less: Dim = (
        max(length - n, 0) if isinstance(length, int) else size(f"{sorted(length)}-{n}")
    )  # as of a slice
    return of_kind(source, (*source.shape[:at], less, *source.shape[at + 1 :]))


@linear(np.diff, shape=_differences, fresh=True)
def diff_backward(a, n=1, axis=-1, *, dy):
    """Gradient of np.diff(a, n, axis): backwards, the differences between zeros."""
    if n == 1 and is_vector(a):
        da = -np.diff(np.pad(dy, 1))
    elif n == 1:
        at, axes = axis % np.ndim(a), range(np.ndim(a))
        edges = [(1, 1) if i == at else (0, 0) for i in axes]
        da = -np.diff(np.pad(dy, edges), axis=axis)
    elif np.shape(a)[axis] <= n:  # no difference is left
        da = np.zeros(np.shape(a), np.result_type(dy))
    else:
        at, axes = axis % np.ndim(a), range(np.ndim(a))
        edges = [(n, n) if i == at else (0, 0) for i in axes]
        sign = -1 if n % 2 else 1
        da = sign * np.diff(np.pad(dy, edges), n, axis)
    return da


@rule(np.diff, shape=_differences, rare=True)
def diff_with_edges_backward(a, n=1, axis=-1, *, prepend=None, append=None, dy):
    """Gradients of np.diff(a, n, axis, prepend, append)."""
    edges = [(n, n) if i == axis % np.ndim(a) else (0, 0) for i in range(np.ndim(a))]
    sign = -1 if n % 2 else 1
    rows = np.moveaxis(sign * np.diff(np.pad(dy, edges), n, axis), axis, 0)
    before, dprepend, dappend = 0, 0.0, 0.0
    if prepend is not None:
        before = np.shape(prepend)[axis] if np.ndim(prepend) > 0 else 1
        dprepend = unbroadcast(np.moveaxis(rows[:before], 0, axis), prepend)
    behind = before + np.shape(a)[axis]
    if append is not None:
        dappend = unbroadcast(np.moveaxis(rows[behind:], 0, axis), append)
    da = np.moveaxis(rows[before:behind], 0, axis)
    return da, dprepend, dappend


@rule(np.ediff1d, shape=arranged)
def ediff1d_backward(ary, to_end=None, to_begin=None, *, dy):
    """Gradients of np.ediff1d(ary, to_end, to_begin)."""
    before = 0 if to_begin is None else np.size(to_begin)
    steps = dy[before : before + max(np.size(ary) - 1, 0)]
    dary, dto_end, dto_begin = np.zeros(np.size(ary), np.result_type(dy)), 0.0, 0.0
    dary[1:] += steps
    dary[:-1] -= steps
    dary = np.reshape(dary, np.shape(ary))
    if to_end is not None:
        dto_end = np.reshape(dy[before + len(steps) :], np.shape(to_end))[()]
    if to_begin is not None:
        dto_begin = np.reshape(dy[:before], np.shape(to_begin))[()]
    return dary, dto_end, dto_begin


def _area(operands: Operands) -> Type:
    expressions = {**operands.expressions, "x": operands.expressions["heights"]}
    if not operands.has("axis"):
        from srcdiff.ir.nodes import Const

        expressions["axis"] = Const(-1)
    return reduced(Operands(expressions, operands.typed))


@rule(*numpys("trapezoid trapz"), shape=floating(_area))
def trapezoid_backward(heights, points=None, step=1.0, axis=-1, *, dz):
    """Gradients of np.trapezoid(y, x, dx, axis) with respect to y, x and dx."""
    rows = np.moveaxis(heights, axis, 0)
    above = (rows[1:] + rows[:-1]) / 2 * dz
    dstep, dpoints = 0.0, 0.0
    if points is None:
        widths = step
        dstep = unbroadcast(np.moveaxis(above, 0, axis), step)
    else:
        lengthwise = points if np.ndim(points) == 1 else np.moveaxis(points, axis, 0)
        widths = np.diff(lengthwise, axis=0)
        if np.ndim(points) == 1:
            widths = np.reshape(widths, (-1,) + (1,) * (np.ndim(rows) - 1))
        ahead = np.zeros(np.shape(rows), np.result_type(above))
        ahead[1:] += above
        ahead[:-1] -= above
        if np.ndim(points) == 1:
            dpoints = np.sum(ahead, axis=tuple(range(1, np.ndim(rows))))
        else:
            dpoints = unbroadcast(np.moveaxis(ahead, 0, axis), points)
    if np.ndim(step) > 0 and points is None:
        between = np.shape(np.diff(heights, axis=axis))
        widths = np.moveaxis(np.broadcast_to(step, between), axis, 0)
    half = np.zeros_like(above) + widths / 2 * dz
    drows = np.zeros(np.shape(rows), np.result_type(half))
    drows[1:] += half
    drows[:-1] += half
    dheights = np.moveaxis(drows, 0, axis)
    return dheights, dpoints, dstep


@rule(np.unwrap, shape=floating(same_as_operand))
def unwrap_backward(x, discont=None, axis=-1, *, dy):
    """Gradient of np.unwrap(x): turns are added, which are constants."""
    dx = dy
    return dx


@rule(np.unwrap, shape=floating(same_as_operand), rare=True)
def unwrap_of_period_backward(x, discont=None, axis=-1, *, period=2 * math.pi, dy):
    """Gradients of np.unwrap(x, period=period) with respect to x and the period."""
    dx = dy
    turns = np.round((np.unwrap(x, discont, axis, period=period) - x) / period)
    dperiod = np.sum(turns * dy)
    return dx, dperiod


def _several_axes(operands: Operands) -> str:
    axis, rank = operands.constant("axis"), operands.type("f").rank
    if isinstance(axis, tuple) or (axis is None and rank is not None and rank > 1):
        return "it gives one array for each axis; name one, axis=0"
    return ""


@rule(np.gradient, unless=_several_axes)
def gradient_backward(f, spacing=1.0, *, axis=None, edge_order=1, dy):
    """Gradients of np.gradient(f, spacing, axis=axis), along one axis.

    Between two places, f has a slope. Inside, the result is the mean of two slopes,
    each weighted with the other's width; at the ends it is the slope there, or goes on
    as the slopes do.
    """
    if axis is None and np.ndim(f) > 1:
        raise NotImplementedError("np.gradient gives an array for each axis; name one.")
    axis = 0 if axis is None else axis
    rows, upstream = np.moveaxis(f, axis, 0), np.moveaxis(dy, axis, 0)
    n = np.shape(rows)[0]
    flat = (-1,) + (1,) * (np.ndim(rows) - 1)
    widths = (
        np.diff(spacing)
        if np.ndim(spacing) > 0
        else np.full(n - 1, spacing, np.result_type(f, spacing))
    )
    widths = np.reshape(widths, flat)
    slopes = np.diff(rows, axis=0) / widths
    both = widths[:-1] + widths[1:]
    dslopes = np.zeros(np.shape(slopes), np.result_type(slopes, dy))
    dwidths = np.zeros(np.shape(slopes), np.result_type(slopes, dy))
    inner, bend = upstream[1:-1], (slopes[:-1] - slopes[1:]) / both**2
    dslopes[:-1] += widths[1:] / both * inner
    dslopes[1:] += widths[:-1] / both * inner
    dwidths[:-1] -= widths[1:] * bend * inner
    dwidths[1:] += widths[:-1] * bend * inner
    for end, near, far in ((0, 0, 1), (-1, -1, -2)):
        dslopes[near] += upstream[end]
        if edge_order == 2:
            turn, span = slopes[near] - slopes[far], widths[near] + widths[far]
            dslopes[near] += widths[near] / span * upstream[end]
            dslopes[far] -= widths[near] / span * upstream[end]
            dwidths[near] += widths[far] * turn / span**2 * upstream[end]
            dwidths[far] -= widths[near] * turn / span**2 * upstream[end]
    dwidths -= slopes / widths * dslopes
    drows = np.zeros(np.shape(rows), np.result_type(dslopes))
    drows[1:] += dslopes / widths
    drows[:-1] -= dslopes / widths
    df = np.moveaxis(drows, 0, axis)
    if np.ndim(spacing) == 0:
        dspacing = np.sum(dwidths)
    else:
        per_width = np.sum(dwidths, axis=tuple(range(1, np.ndim(rows))))
        dspacing = -np.diff(np.pad(per_width, 1))
    return df, dspacing


@rule(np.interp, shape=floating(same_as_operand), fresh=True)
def interp_backward(x, xp, fp, left=None, right=None, *, dy):
    """Gradients of np.interp(x, xp, fp, left, right), with a knot's slope behind it."""
    points, knots, values = np.asarray(x), np.asarray(xp), np.asarray(fp)
    below, above = points < knots[0], points > knots[-1]
    inner = np.where(below | above, 0, dy)
    start = np.searchsorted(knots, points, "right") - 1
    start = np.clip(start, 0, max(len(knots) - 2, 0))
    end = np.minimum(start + 1, len(knots) - 1)
    width = np.where(end > start, knots[end] - knots[start], 1)
    slope = (values[end] - values[start]) / width
    part = (points - knots[start]) / width
    dx = slope * inner
    dxp = gathered((part - 1) * slope * inner, start, xp)
    dxp = dxp + gathered(-part * slope * inner, end, xp)
    dfp = gathered((1 - part) * inner, start, fp) + gathered(part * inner, end, fp)
    dleft, dright = np.sum(below * dy), np.sum(above * dy)
    if left is None:
        dfp[0] += dleft
    if right is None:
        dfp[-1] += dright
    return dx, dxp, dfp, dleft, dright


@rule(np.interp, shape=floating(same_as_operand), rare=True)
def interp_of_period_backward(x, xp, fp, left=None, right=None, period=None, *, dy):
    """Gradients of np.interp(x, xp, fp, period=period) for x, xp, fp and the period.

    The knots are put in order within one period, with the last before the first and the
    first behind the last.
    """
    if period is None:
        raise NotImplementedError("np.interp is called with period=None; leave it out.")
    dleft, dright, cycle = 0.0, 0.0, np.abs(period)
    order = np.argsort(np.asarray(xp) % cycle)
    places = np.concatenate([order[-1:], order, order[:1]])
    turns = np.concatenate([[-1.0], np.zeros(len(order)), [1.0]])
    knots = np.take(np.asarray(xp) % cycle, places) + turns * cycle
    values = np.take(fp, places)
    points = np.asarray(x) % cycle
    start = np.clip(np.searchsorted(knots, points, "right") - 1, 0, len(order))
    width = np.take(knots, start + 1) - np.take(knots, start)
    slope = (np.take(values, start + 1) - np.take(values, start)) / width
    part = (points - np.take(knots, start)) / width
    near, far = np.take(places, start), np.take(places, start + 1)
    dx = slope * dy
    dxp = gathered((part - 1) * slope * dy, near, xp)
    dxp = dxp + gathered(-part * slope * dy, far, xp)
    dfp = gathered((1 - part) * dy, near, fp) + gathered(part * dy, far, fp)
    turns = turns - np.take(np.floor(np.asarray(xp) / cycle), places)
    moved = -np.floor(np.asarray(x) / cycle) - (1 - part) * np.take(turns, start)
    moved = moved - part * np.take(turns, start + 1)
    dperiod = np.sign(period) * np.sum(slope * moved * dy)
    return dx, dxp, dfp, dleft, dright, dperiod


def _windows(operands: Operands) -> Type:
    return unknown(form="array").of_kind(operands.type("x").kind)


@linear(np.lib.stride_tricks.sliding_window_view, shape=_windows)
def sliding_window_view_backward(x, window_shape, axis=None, *, dy):
    """Gradient of sliding_window_view(x, window_shape, axis), over all windows."""
    places = np.lib.stride_tricks.sliding_window_view(numbered(x), window_shape, axis)
    dx = gathered(dy, places, x)
    return dx


def _convolved(operands: Operands) -> Type:
    """Give the type of a convolution, whose length depends on the mode."""
    both = operands.type("a"), operands.type("v")
    kind = joined(both)[1]
    lengths = [known.shape[0] for known in both if isinstance(known.shape, tuple) and known.shape]
    mode = operands.constant("mode", "full")
    if len(lengths) < 2 or mode is UNKNOWN:
        return unknown(form="array").of_kind(kind)
    numbers = [n for n in lengths if isinstance(n, int)]
    if len(numbers) == 2:
        longer, shorter = max(numbers), min(numbers)
        found = {"full": longer + shorter - 1, "same": longer, "valid": longer - shorter + 1}
        return Type("array", kind, (found[mode],))
    name = f"{mode} of {total([lengths[0]])} and {total([lengths[1]])}"
    return Type("array", kind, (size(name),))


def _mode(operands: Operands) -> str:
    mode = operands.constant("mode", "full")
    known = mode is UNKNOWN or mode in ("full", "same", "valid")
    return "" if known else "the mode isn't full, same or valid"


@rule(np.convolve, shape=_convolved, unless=_mode, fresh=True)
def convolve_backward(a, v, mode="full", *, dz):
    """Gradients of np.convolve(a, v, mode) with respect to a and v."""
    if mode != "full":
        shorter = min(len(a), len(v))
        before = shorter - 1 if mode == "valid" else (shorter - 1) // 2
        dz = np.pad(dz, (before, len(a) + len(v) - 1 - before - len(dz)))
    da = np.correlate(dz, v, "valid")
    dv = np.correlate(dz, a, "valid")
    return da, dv


def _correlated(operands: Operands) -> Type:
    from srcdiff.ir.nodes import Const

    return _convolved(Operands({"mode": Const("valid"), **operands.expressions}, operands.typed))


@rule(np.correlate, shape=_correlated, unless=_mode, fresh=True)
def correlate_backward(a, v, mode="valid", *, dz):
    """Gradients of np.correlate(a, v, mode), the convolution of a with v backwards."""
    n, m = len(a), len(v)
    if mode != "full":
        shorter = min(n, m)
        before = shorter - 1 if mode == "valid" else (shorter - 1) // 2
        if m > n:
            before = n + m - 1 - before - len(dz)
        dz = np.pad(dz, (before, n + m - 1 - before - len(dz)))
    da = np.convolve(dz, v, "valid")
    dv = np.correlate(dz, a, "valid")[::-1]
    return da, dv
