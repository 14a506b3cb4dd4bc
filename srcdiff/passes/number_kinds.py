"""The kinds of number that operations give.

Takes a call. Gives the kind that it states itself; says which functions give truth values, and
which give ints for ints. Refuses nothing.
"""

from __future__ import annotations

import operator

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.nodes import Call
from srcdiff.ir.types import Kind
from srcdiff.rules import registry
from srcdiff.rules.conversion import astype, kind_of

TRUTH = operators.COMPARISONS | {
    operator.not_,
    operator.is_,
    operator.is_not,
    operators.within,
    operators.not_within,
    np.equal,
    np.not_equal,
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    np.logical_and,
    np.logical_or,
    np.logical_not,
}
WHOLE = frozenset(
    [operator.add, operator.sub, operator.mul, operator.neg, operator.floordiv, operator.mod,
     operator.pow, np.add, np.subtract, np.multiply, np.negative, np.abs, np.square, abs,
     np.maximum, np.minimum, operator.pos, np.where, np.clip, operator.and_, operator.or_,
     operator.invert, np.sign]
)  # fmt: skip
STAYS_TRUTH = frozenset(
    [operator.and_, operator.or_, operator.invert, operator.mul, operator.add, np.multiply, np.add,
     np.maximum, np.minimum, np.where, np.clip]
)  # fmt: skip
"""Of arrays of truth values these give such an array: in NumPy, a product is an `and`."""


def stated_kind(node: Call) -> Kind:
    """Give the kind of number that a call states for its result, as dtype; else "any"."""
    for name, value in (*(("", a) for a in node.arguments), *node.keywords):
        stated = registry.constant(value)
        named = name == "dtype" or (node.function is astype and isinstance(stated, str))
        if named or isinstance(stated, (type, np.dtype)):
            return kind_of(stated)
    return "any"
