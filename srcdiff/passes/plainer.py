"""Calls of linear algebra that mean what another function's call means, written as that one.

Takes a call of a library's function. Gives it with subscripts for the lists of np.einsum, and
np.linalg's own norms as np.linalg.norm. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from srcdiff.ir.nodes import Call, Const, Expression, Group
from srcdiff.rules.registry import UNKNOWN, AnyFunction, constant

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
LAST_TWO = Group("tuple", (Const(-2), Const(-1)))


def _einsum(node: Call) -> Call:
    """np.einsum(x, [0, 1], y, [1, 2]) is np.einsum("ab,bc", x, y)."""
    lists = [_subscripts(argument) for argument in node.arguments[1::2]]
    last = _subscripts(node.arguments[-1]) if len(node.arguments) % 2 else None
    if not lists or None in lists or (len(node.arguments) % 2 and last is None):
        return node
    text = ",".join(str(item) for item in lists) + (f"->{last}" if last is not None else "")
    operands = node.arguments[:-1:2] if last is not None else node.arguments[::2]
    arguments = (Const(text, f'"{text}"'), *operands)
    return Call(np.einsum, arguments, node.keywords, node.spelling, node.span)


def _subscripts(node: Expression) -> str | None:
    """Give the letters for a list of numbers; None for anything else."""
    if not isinstance(node, Group) or node.kind == "slice":
        return None
    values = constant(node)
    if values is UNKNOWN:
        return None
    places = [v for v in values if v is not ...]
    if not all(isinstance(v, int) and 0 <= v < len(LETTERS) for v in places):
        return None
    return "".join("..." if v is ... else LETTERS[v] for v in values)


def _outer(node: Call) -> Call:
    """np.linalg.outer(x, y) is np.outer(x, y)."""
    return Call(np.outer, node.arguments, node.keywords, "function", node.span)


def _matrix_norm(node: Call) -> Call:
    """np.linalg.matrix_norm(x) is np.linalg.norm(x, axis=(-2, -1))."""
    keywords = (*node.keywords, ("axis", LAST_TWO))
    return Call(np.linalg.norm, node.arguments, keywords, "function", node.span)


def _vector_norm(node: Call) -> Call:
    """np.linalg.vector_norm(x) is np.linalg.norm of x, in a row if no axis is given."""
    keywords = dict(node.keywords)
    operand = node.arguments[0] if node.arguments else keywords.pop("x", None)
    axis, order = keywords.get("axis"), keywords.get("ord", Const(2))
    usual = isinstance(order, Const) and order.value == 2
    if operand is None:
        return node
    if isinstance(axis, Group):
        if not usual or len(axis.items) != 2:
            return node
        keywords.pop("ord", None)  # of two axes together, it is the Frobenius norm
    elif axis is None or (isinstance(axis, Const) and axis.value is None):
        keywords.pop("axis", None)
        if usual:
            keywords.pop("ord", None)
        elif "keepdims" not in keywords:
            operand = Call(np.ravel, (operand,), (), "function", node.span)
        else:
            return node
    return Call(np.linalg.norm, (operand,), tuple(keywords.items()), "function", node.span)


PLAINER: dict[AnyFunction, Callable[[Call], Expression | None]] = {np.einsum: _einsum}
if hasattr(np.linalg, "matrix_norm"):
    PLAINER |= {
        np.linalg.matrix_norm: _matrix_norm,
        np.linalg.vector_norm: _vector_norm,
        np.linalg.outer: _outer,
    }
