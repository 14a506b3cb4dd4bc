"""Which values depend on no parameter's value: a tie with one of them is the constant's.

Takes a function over variables. Gives its constant variables, and says of an expression whether it
is constant. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import numpy as np

from srcdiff.ir.nodes import (
    Call,
    Const,
    Expression,
    Forward,
    Function,
    Member,
    Read,
    UserFunction,
    Variable,
)
from srcdiff.ir.walk import children

SHAPED = frozenset(
    [np.shape, np.size, np.ndim, len, np.zeros_like, np.ones_like, np.zeros, np.ones, np.empty]
)
"""Functions that look at no more than the shape of their first argument."""


def constants(function: Function) -> set[Variable]:
    """Find the variables that are constant however often they are assigned."""
    found = set(function.reads.values())
    places: dict[Variable, list[Expression]] = {}
    spoilt = {w.variable for s in function.statements for w in s.writes}
    for statement in function.statements:
        for bind in statement.binds:
            places.setdefault(bind.variable, []).append(bind.value)
    spoilt |= {parameter.variable for parameter in function.parameters}
    while True:
        new = {
            variable
            for variable, values in places.items()
            if variable not in found | spoilt and all(is_constant(v, found) for v in values)
        }
        if not new:
            return found
        found |= new


def is_constant(node: Expression, known: AbstractSet[Variable]) -> bool:
    """Whether an expression depends on no parameter's value."""
    match node:
        case Forward(node=inner):
            return is_constant(inner, known)
        case Const():
            return True
        case Read(variable=variable):
            return variable in known
        case Call(function=function) if function in SHAPED:
            return True
        case Call(function=Member() | UserFunction()):
            return False
    return all(is_constant(child, known) for child in children(node))
