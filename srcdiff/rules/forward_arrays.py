"""Forward rules of sorting, running products and neighbours, beside their backward rules."""

from __future__ import annotations

import numpy as np

from srcdiff.rules.around import padded_statistics
from srcdiff.rules.contraction import add_outer_backward, subtract_outer_backward
from srcdiff.rules.forwards import forward, linear_in
from srcdiff.rules.grids import full_backward, full_like_backward, linspace_backward
from srcdiff.rules.joining import append_backward
from srcdiff.rules.neighbours import (
    convolve_backward,
    correlate_backward,
    diff_backward,
    diff_with_edges_backward,
    ediff1d_backward,
    gradient_backward,
    interp_backward,
    trapezoid_backward,
    unwrap_backward,
    unwrap_of_period_backward,
)
from srcdiff.rules.padding import pad_backward
from srcdiff.rules.picking import (
    choose_backward,
    compress_backward,
    extract_backward,
    insert_backward,
    vander_backward,
)
from srcdiff.rules.polynomials import (
    polyadd_backward,
    polyint_backward,
    polymul_backward,
    polysub_backward,
    polyval_backward,
)
from srcdiff.rules.running import cumprod_backward
from srcdiff.rules.sorting import sort_backward
from srcdiff.rules.taken_along import added_backward

# Arrays


@forward(sort_backward)
def sort_forward(x, axis=-1, kind=None, order=None, *, stable=None, dx):
    """Tangent of np.sort(x, axis); of equal elements, the first is the first."""
    order = np.argsort(x, axis, kind="stable")
    if axis is None:
        dy = np.ravel(dx)[order]
    else:
        dy = np.take_along_axis(dx, order, axis)
    return dy


@forward(cumprod_backward)
def cumprod_forward(x, axis=None, *, dtype=None, dx):
    """Tangent of np.cumprod(x, axis): each product's follows from the one before."""
    values = np.ravel(x) if axis is None else np.moveaxis(x, axis, 0)
    moved = np.ravel(dx) if axis is None else np.moveaxis(dx, axis, 0)
    before = np.concatenate([np.ones_like(values[:1]), np.cumprod(values, 0)[:-1]])
    dy = before * moved
    for i in range(1, len(values)):
        dy[i] += values[i] * dy[i - 1]
    if axis is not None:
        dy = np.moveaxis(dy, 0, axis)
    return dy


@forward(pad_backward)
def pad_forward(
    array,
    pad_width,
    mode="constant",
    *,
    constant_values=0,
    end_values=0,
    stat_length=None,
    reflect_type="even",
    darray=None,
    dconstant_values=None,
    dend_values=None,
):
    """Tangent of np.pad(array, pad_width, mode); constants have none."""
    if darray is None:
        darray = np.zeros(np.shape(array))
    if mode == "constant":
        added = 0 if dconstant_values is None else dconstant_values
        dy = np.pad(darray, pad_width, mode, constant_values=added)
    elif mode == "linear_ramp":
        ends = 0 if dend_values is None else dend_values
        dy = np.pad(darray, pad_width, mode, end_values=ends)
    elif mode in ("mean", "median", "maximum", "minimum"):
        dy = padded_statistics(darray, array, pad_width, mode, stat_length)
    elif mode in ("reflect", "symmetric"):
        dy = np.pad(darray, pad_width, mode, reflect_type=reflect_type)
    else:
        dy = np.pad(darray, pad_width, mode)
    return dy


linear_in(added_backward, "grad", "other")
linear_in(append_backward, "arr", "values")
linear_in(diff_backward, "a", "prepend", "append")
linear_in(diff_with_edges_backward, "a", "prepend", "append")
linear_in(ediff1d_backward, "ary", "to_end", "to_begin")
linear_in(trapezoid_backward, "heights")
linear_in(gradient_backward, "f")
linear_in(interp_backward, "fp", "left", "right")
linear_in(linspace_backward, "start", "stop")
linear_in(full_backward, "fill_value")
linear_in(full_like_backward, "fill_value")
linear_in(polyadd_backward, "a1", "a2")
linear_in(polysub_backward, "a1", "a2")
linear_in(polyint_backward, "p", "k")
linear_in(insert_backward, "arr", "values")
linear_in(compress_backward, "a")
linear_in(choose_backward, "choices")
linear_in(extract_backward, "arr")


@forward(unwrap_backward)
def unwrap_forward(x, discont=None, axis=-1, *, dx):
    """Tangent of np.unwrap(x): whole turns that are added have none."""
    dy = np.copy(dx)
    return dy


@forward(unwrap_of_period_backward)
def unwrap_of_period_forward(
    x,
    discont=None,
    axis=-1,
    *,
    period=2 * np.pi,
    dx=None,
    dperiod=None,
):
    """Tangent of np.unwrap(x, period=period): so many periods are added."""
    dy = np.zeros_like(x) if dx is None else dx
    if dperiod is not None:
        turns = np.round((np.unwrap(x, discont, axis, period=period) - x) / period)
        dy = dy + turns * dperiod
    return dy


@forward(convolve_backward)
def convolve_forward(a, v, mode="full", *, da=None, dv=None):
    if da is None:
        dz = np.convolve(a, dv, mode)
    elif dv is None:
        dz = np.convolve(da, v, mode)
    else:
        dz = np.convolve(da, v, mode) + np.convolve(a, dv, mode)
    return dz


@forward(correlate_backward)
def correlate_forward(a, v, mode="valid", *, da=None, dv=None):
    if da is None:
        dz = np.correlate(a, dv, mode)
    elif dv is None:
        dz = np.correlate(da, v, mode)
    else:
        dz = np.correlate(da, v, mode) + np.correlate(a, dv, mode)
    return dz


@forward(polyval_backward)
def polyval_forward(p, x, *, dp=None, dx=None):
    if dp is None:
        dy = np.polyval(np.polyder(p).astype(np.result_type(p)), x) * dx
    elif dx is None:
        dy = np.polyval(dp, x)
    else:
        slope = np.polyval(np.polyder(p).astype(np.result_type(p)), x)
        dy = np.polyval(dp, x) + slope * dx
    return dy


@forward(polymul_backward)
def polymul_forward(a1, a2, *, da1=None, da2=None):
    """Tangent of np.polymul(a1, a2), which leaves leading zeros out."""
    left, right = np.ravel(a1), np.ravel(a2)
    if da1 is None:
        moved = np.convolve(left, np.ravel(da2))
    elif da2 is None:
        moved = np.convolve(np.ravel(da1), right)
    else:
        moved = np.convolve(np.ravel(da1), right) + np.convolve(left, np.ravel(da2))
    dy = moved[np.size(moved) - np.size(np.polymul(a1, a2)) :]
    return dy


@forward(vander_backward)
def vander_forward(x, count=None, increasing=False, *, dx):
    """Tangent of np.vander(x, count, increasing), whose columns are powers of x."""
    columns = len(x) if count is None else count
    powers = np.arange(columns, dtype=np.result_type(dx, 1.0))
    if not increasing:
        powers = powers[::-1]
    columns = np.expand_dims(x, 1)
    dy = powers * columns ** np.maximum(powers - 1, 0) * np.expand_dims(dx, 1)
    return dy


@forward(add_outer_backward)
def add_outer_forward(x, y, *, dx=None, dy=None):
    if dx is None:
        dz = np.add.outer(np.zeros_like(x), dy)
    elif dy is None:
        dz = np.add.outer(dx, np.zeros_like(y))
    else:
        dz = np.add.outer(dx, dy)
    return dz


@forward(subtract_outer_backward)
def subtract_outer_forward(x, y, *, dx=None, dy=None):
    if dx is None:
        dz = np.subtract.outer(np.zeros_like(x), dy)
    elif dy is None:
        dz = np.subtract.outer(dx, np.zeros_like(y))
    else:
        dz = np.subtract.outer(dx, dy)
    return dz
