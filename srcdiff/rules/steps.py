"""Functions whose results have no gradient: truth values, positions, counts, types, steps."""

from __future__ import annotations

import math

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.types import Type
from srcdiff.rules.registry import METHODS, Operands, flat, numpys
from srcdiff.rules.shapes import anything, broadcast_kind, not_a_number, whole_number, whole_numbers


def _truth_value(operands: Operands) -> Type:  # noqa: ARG001  # a shape function has operands
    return Type("scalar", "bool", ())


def _truth(operands: Operands) -> Type:
    return broadcast_kind(operands, "bool")


def _whole(operands: Operands) -> Type:
    return broadcast_kind(operands, "int")


PAIR = ("x", "y")
flat(any, all, signature=("items",), shape=_truth_value)
flat(
    *numpys("bool bool_ isclose isin isneginf isposinf iscomplex isreal isnat isnan isinf"),
    *numpys("isfinite signbit"),
    *(math.isclose, math.isnan, math.isinf, math.isfinite),
    signature=PAIR,
    shape=_truth,
)
flat(
    *numpys(
        "bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_invert invert bitwise_left_shift "
        "bitwise_right_shift left_shift right_shift bitwise_count gcd lcm"
    ),
    signature=PAIR,
    shape=_whole,
)
flat(np.spacing, math.ulp)
flat(math.comb, math.perm, math.factorial, math.gcd, math.lcm, math.isqrt, shape=whole_number)
flat(
    *numpys(
        "allclose array_equal array_equiv can_cast iscomplexobj isrealobj isfortran isscalar "
        "issubdtype isdtype iterable may_share_memory shares_memory"
    ),
    signature=PAIR,
    shape=_truth_value,
)
flat(
    *numpys(
        "argpartition argsort argwhere flatnonzero lexsort unravel_index ravel_multi_index "
        "searchsorted digitize diag_indices diag_indices_from tril_indices tril_indices_from "
        "triu_indices triu_indices_from mask_indices indices packbits unpackbits"
    ),
    signature=PAIR,
    shape=whole_numbers,
)
flat(*numpys("tri bartlett blackman hamming hanning"), signature=("x", "M", "k"), shape=anything)
flat(
    *numpys("broadcast_shapes common_type dtype iinfo min_scalar_type mintypecode promote_types"),
    shape=not_a_number,
)
flat(
    *numpys(
        "byte short intc int_ intp long longlong int8 int16 int32 int64 "
        "ubyte ushort uintc uint uintp ulong ulonglong uint8 uint16 uint32 uint64"
    ),
    signature=("x",),
    shape=_whole,
)
flat(operators.order_of, signature=("keys",), shape=whole_numbers)
flat(
    operators.place_of_greatest,
    operators.place_of_least,
    signature=("keys",),
    shape=whole_number,
)
TEXT_METHODS = {
    text: getattr(str, text)
    for text in (
        *("format", "lower", "upper", "strip", "startswith", "endswith", "title", "join"),
        "isdigit",
    )
}
flat(*TEXT_METHODS.values(), shape=not_a_number)
METHODS.update(TEXT_METHODS)
flat(list.index, list.count, signature=("x", "value"), shape=whole_number)
METHODS.update({"argpartition": np.argpartition, "index": list.index, "count": list.count})
