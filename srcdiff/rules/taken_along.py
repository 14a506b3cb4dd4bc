"""Rules of the helpers that emitted code takes along, for deriving it again."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.operators import stop_gradient
from srcdiff.ir.types import Type
from srcdiff.rules.helpers import structured, unbroadcast, zeros_like
from srcdiff.rules.registry import Operands, flat, linear
from srcdiff.rules.shapes import same_as_operand


def _like(operands: Operands) -> Type:
    """Give the shape of the second operand."""
    return operands.type("like").of_kind("float")


@linear(unbroadcast, shape=_like)
def unbroadcast_backward(grad, like, *, dy):
    """Gradient of the sum over the axes along which like was broadcast."""
    dgrad = np.broadcast_to(dy, np.shape(grad))
    return dgrad


@linear(structured, shape=_like)
def structured_backward(grad, like, *, dy):
    """Gradient of a gradient that was given tuples: the same without them."""
    dgrad = dy
    return dgrad


flat(zeros_like, signature=("x",))
flat(stop_gradient, signature=("x",), shape=same_as_operand)
