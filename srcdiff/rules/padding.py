"""Padding: elements that are put around an array, constants, copies or statistics of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcdiff.ir.types import Dim, Type
from srcdiff.rules.around import unpadded_statistics, unreflected
from srcdiff.rules.helpers import gathered, numbered, unpadded, unramped
from srcdiff.rules.joining import total
from srcdiff.rules.picking import some_array
from srcdiff.rules.registry import UNKNOWN, Operands, rule
from srcdiff.rules.shapes import of_kind

COPYING = ("constant", "edge", "reflect", "symmetric", "wrap", "empty")
MODES = (*COPYING, "linear_ramp", "mean", "maximum", "minimum", "median")


def widths_of(pad_width: Any, rank: int) -> list[tuple[int, int]] | None:
    """Give how many elements are put before and behind each axis; None if it isn't clear."""
    try:
        pairs = np.broadcast_to(np.asarray(pad_width), (rank, 2))
    except ValueError:
        return None
    if pairs.dtype.kind not in "iu":
        return None
    return [(int(before), int(behind)) for before, behind in pairs]


def _padded(operands: Operands) -> Type:
    source, width = operands.type("array"), operands.constant("pad_width")
    if not isinstance(source.shape, tuple) or width is UNKNOWN:
        return some_array(Operands({"x": operands.expressions["array"]}, operands.typed))
    pairs = widths_of(width, len(source.shape))
    if pairs is None:
        return some_array(Operands({"x": operands.expressions["array"]}, operands.typed))
    sizes: list[Dim] = [
        total([n, before + behind]) if before + behind else n
        for n, (before, behind) in zip(source.shape, pairs, strict=True)
    ]
    return of_kind(source, tuple(sizes))


def _unless(operands: Operands) -> str:
    mode = operands.constant("mode", "constant")
    if callable(mode):
        return "the mode is a function"
    if isinstance(mode, str) and mode not in MODES:
        return f"the mode {mode!r} has none"
    return ""


@rule(np.pad, shape=_padded, unless=_unless)
def pad_backward(
    array,
    pad_width,
    mode="constant",
    *,
    constant_values=0,
    end_values=0,
    stat_length=None,
    reflect_type="even",
    dy,
):
    """Gradients of np.pad(array, pad_width, mode): sums over what was spread."""
    dconstant_values = 0.0
    dend_values = 0.0
    if mode == "empty":
        darray = unpadded(dy, pad_width)
    elif mode == "constant":
        darray = unpadded(dy, pad_width)
        inside, numbers = np.full(np.shape(array), -1), numbered(constant_values)
        outside = np.pad(inside, pad_width, constant_values=numbers)
        dconstant_values = gathered(dy, outside, constant_values)
    elif reflect_type == "odd":
        darray = unreflected(dy, pad_width, mode)
    elif mode in ("edge", "reflect", "symmetric", "wrap"):
        darray = gathered(dy, np.pad(numbered(array), pad_width, mode), array)
    elif mode == "linear_ramp":
        darray, dend_values = unramped(dy, array, pad_width, end_values)
    else:
        darray = unpadded_statistics(dy, array, pad_width, mode, stat_length)
    return darray, dconstant_values, dend_values
