"""Which values are certainly numbers or arrays, and no lists, whatever the arguments are.

Takes a resolved function. Gives its variables that are so, and says it of expressions. Refuses
nothing.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterator

import numpy as np

from srcdiff.ir.nodes import (
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Function,
    Group,
    Item,
    Read,
    Variable,
    Write,
)
from srcdiff.ir.walk import nodes_of
from srcdiff.passes.written import resizes
from srcdiff.rules.helpers import array_of_zeros, unbroadcast, zeros_like

MAKING: tuple[object, ...] = (np.zeros, np.ones, np.empty, np.full, np.eye, np.array, np.arange)
MAKING_LIKE: tuple[object, ...] = (np.zeros_like, np.ones_like, np.empty_like, np.full_like)
"""Functions that give an array of its own, into which numbers are written."""

COMPUTING: tuple[object, ...] = (
    operator.neg,
    operator.pos,
    operator.truediv,
    operator.pow,
    operator.matmul,
    np.dot,
    np.sum,
    np.where,
    np.broadcast_to,
    np.reshape,
    np.transpose,
)
"""Functions that take no list apart, and give none."""

KEEPING: tuple[object, ...] = (unbroadcast, zeros_like)
"""Helpers that give numbers for numbers, and arrays for arrays."""


class Numbers:
    """What is certainly a number or an array.

    Parameters
    ----------
    function
        Resolved.
    no_counts
        Whether whole numbers are left out: times these, a list is a longer list.
    """

    def __init__(self, function: Function, *, no_counts: bool = False) -> None:
        self.no_counts = no_counts
        self.others = self if no_counts else Numbers(function, no_counts=True)
        binds = [b for statement in function.statements for b in statement.binds]
        writes = [w for statement in function.statements for w in statement.writes]
        self.variables = {b.variable for b in binds} - {p.variable for p in function.parameters}
        self.lists = self.variables - set(_read_whole(function))
        self.variables -= {w.variable for w in writes if resizes(w)}
        before = -1
        while before != len(self.variables) + len(self.lists):
            before = len(self.variables) + len(self.lists)
            self.variables -= {b.variable for b in binds if not self.has(b.value)}
            self.lists -= {b.variable for b in binds if not self._are_items(b)}
            self.lists -= {w.variable for w in writes if not self._stays(w)}

    def has(self, node: Expression) -> bool:
        """Whether a value is certainly a number or an array, or None."""
        match node:
            case Read(variable=variable):
                return variable in self.variables
            case Const(value=value):
                whole = isinstance(value, int)
                return (
                    value is None
                    or isinstance(value, (float, complex))
                    or (whole and not self.no_counts)
                )
            case Item(value=Read(variable=variable), index=index) if variable in self.lists:
                return not isinstance(index, Group)
            case Item(value=value):
                return self.has(value) and not self.no_counts
            case Choice(then=then, otherwise=otherwise):
                return self.has(then) and self.has(otherwise)
            case Call(function=operator.add | operator.sub, arguments=arguments):
                return any(map(self.has, arguments))  # with a list, no list comes of it
            case Call(function=operator.mul, arguments=arguments):
                return any(map(self.others.has, arguments)) or (
                    all(map(self.has, arguments)) and not self.no_counts
                )
            case Call(function=function, arguments=arguments) if function in KEEPING:
                return _is_computed(arguments[0]) or self.has(arguments[0])
            case Call(function=function):
                made = function in (*MAKING, *MAKING_LIKE, array_of_zeros)
                if self.no_counts:
                    return made or function is operator.truediv or _is_of_floats(function)
                return made or function in COMPUTING or isinstance(function, np.ufunc)
        return False

    def _are_items(self, bind: Bind) -> bool:
        """Whether a value is a list written out, of numbers."""
        value = bind.value
        return isinstance(value, Group) and value.kind == "list" and all(map(self.has, value.items))

    def _stays(self, write: Write) -> bool:
        """Whether a write leaves a list one of numbers."""
        if write.mode in ("pop", "del"):
            return True
        whole = any(isinstance(index, Group) for index in write.path)
        return not whole and write.mode in ("set", "append", "add") and self.has(write.value)


def _read_whole(function: Function) -> Iterator[Variable]:
    """Give the variables that are read otherwise than for one of their items."""
    nodes = list(nodes_of(function))
    reads = Counter(node.variable for node in nodes if isinstance(node, Read))
    for node in nodes:
        if isinstance(node, Item) and isinstance(node.value, Read):
            reads[node.value.variable] -= not isinstance(node.index, Group)
    return (variable for variable, count in reads.items() if count)


def _is_computed(node: Expression) -> bool:
    """Whether what a helper for gradients is given is a product or a sum: of numbers, then."""
    return isinstance(node, Call) and node.function in (operator.mul, operator.add, operator.sub)


def _is_of_floats(function: object) -> bool:
    """Whether a function of NumPy's gives floating numbers, whatever it is given."""
    return isinstance(function, np.ufunc) and all(kind[-1] in "efdgFDGO" for kind in function.types)
