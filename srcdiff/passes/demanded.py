"""Values that must be plain numbers, because a function takes nothing else.

Takes a function and its types. Tells the types which values are numbers: not from what only runs
where the function has asked of what kind a value is. Refuses arrays where numbers are taken.
"""

from __future__ import annotations

import math

import numpy as np

from srcdiff.diagnostics import Problems
from srcdiff.ir import operators
from srcdiff.ir.nodes import Block, Call, Choice, Expression, Function, If, Loop, Statement, leaves
from srcdiff.ir.walk import children, walk
from srcdiff.passes.decided import asks_of_types
from srcdiff.passes.infer import Types

OF_LISTS = frozenset([math.fsum, math.prod, math.dist, getattr(math, "sumprod", None)])


def demand_numbers(function: Function, types: Types, problems: Problems) -> None:
    """Learn from calls that take plain numbers alone: math's functions, max, min, tests."""
    asked = set(map(id, _where_asked(function.body)))
    for statement in function.statements:
        with problems.within(statement.span):
            for bind in statement.binds:
                types.variables.setdefault(bind.variable, types.of(bind.value))
                if id(statement) not in asked:
                    _demand_in(bind.value, types)
            for write in statement.writes if id(statement) not in asked else ():
                _demand_in(write.value, types)
    with problems.within(function.result.span):
        for output in function.outputs:
            _demand_in(output.value, types)


def _where_asked(block: Block) -> list[Statement]:
    """Give the statements that a test of what kind a value is lets run."""
    found: list[Statement] = []
    for node in block:
        if isinstance(node, If) and _asks(node.test):
            found += [*leaves(node.then), *leaves(node.otherwise)]
        elif isinstance(node, If):
            found += [*_where_asked(node.then), *_where_asked(node.otherwise)]
        elif isinstance(node, Loop):
            found += [*_where_asked(node.body), *_where_asked(node.otherwise)]
    return found


def _asks(test: Expression) -> bool:
    scalar = any(isinstance(node, Call) and node.function is np.isscalar for node in walk(test))
    return scalar or asks_of_types(test)


def _demand_in(tree: Expression, types: Types) -> None:
    pending = [tree]
    while pending:
        node = pending.pop()
        for operand in _plain_numbers(types.expansions.get(node, node)):
            types.demand_number(operand)
        asked = isinstance(node, Choice) and _asks(node.test)
        pending += () if asked else children(node)


def _plain_numbers(node: Expression) -> tuple[Expression, ...]:
    """Give the operands of a node that must be plain numbers."""
    if isinstance(node, Choice):
        test = node.test
        compared = isinstance(test, Call) and test.function in operators.COMPARISONS
        return test.arguments if compared and isinstance(test, Call) else ()
    if isinstance(node, Call):
        if node.function in (max, min):
            return node.arguments
        if getattr(node.function, "__module__", "") == "math" and node.function not in OF_LISTS:
            return node.arguments
    return ()
