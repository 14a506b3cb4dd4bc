"""Values in memory of their own.

Takes an expression and types. Gives one for a copy. Refuses nothing.
"""

from __future__ import annotations

import operator

import numpy as np

from srcdiff.ir.nodes import Call, Choice, Const, Expression
from srcdiff.ir.types import Type, is_container
from srcdiff.ir.walk import rebuild
from srcdiff.passes.infer import Types
from srcdiff.rules.helpers import copy_of


def fresh(node: Expression, types: Types) -> Expression:
    """Give an expression for a copy of a value; of the operands, where one is chosen."""
    known = types.of(node)
    if isinstance(node, Choice) and known.form in ("any", "number"):
        kept = (node.test, *(n for n in (node.then, node.otherwise) if isinstance(n, Const)))
        copied = rebuild(node, lambda child: child if child in kept else fresh(child, types))
    elif known.form == "array":  # without axes, the upstream gradient may be a number
        copied = Call(np.array if known.shape == () else np.copy, (node,))
    elif known.form in ("list", "tuple") and known.rank == 1:
        copied = Call(list, (node,))
    elif is_container(known) or _may_be_list(known, types):
        copied = Call(copy_of, (node,))
    else:
        copied = Call(operator.pos, (node,), (), "operator")
    types.note(copied, known)
    return copied


def _may_be_list(known: Type, types: Types) -> bool:
    """Whether a value may be a container that another one holds."""
    return known.form == "any" and types.nests
