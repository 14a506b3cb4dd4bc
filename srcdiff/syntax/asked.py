"""Tests that the text answers: whether a function was given, and of what class a value is.

Takes a test, and what names stand for. Gives its answer, where the names say it. Refuses nothing.
"""

from __future__ import annotations

import functools

import libcst as cst

from srcdiff.ir.nodes import Const
from srcdiff.syntax.class_tests import answered_class
from srcdiff.syntax.closures import Names, Static, is_static
from srcdiff.syntax.statements import introduced_names, outer_names, read_names

NOTHING = Const(None, "None")


def answered(names: Names, test: cst.BaseExpression) -> bool | None:
    """Say whether a test holds whose answer the names say; None for all other tests."""
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            found = answered(names, inner)
            return None if found is None else not found
        case cst.Comparison(
            left=cst.Name(value=name),
            comparisons=[
                cst.ComparisonTarget(
                    operator=cst.Is() | cst.IsNot() as symbol,
                    comparator=cst.Name(value="None"),
                )
            ],
        ):
            given = _is_given(names, name)
            return None if given is None else given is isinstance(symbol, cst.IsNot)
        case cst.Call(func=cst.Name(value="callable"), args=[cst.Arg(value=cst.Name(value=name))]):
            return _is_given(names, name)
        case cst.Name(value=name):
            return _is_given(names, name)
        case cst.Call():
            return answered_class(names.objects, test)
        case cst.BooleanOperation(left=left, operator=symbol, right=right):
            decides = isinstance(symbol, cst.Or)  # an answer of the left one that is enough
            found = answered(names, left)
            if found is None or found is decides:
                return found
            return answered(names, right)
    return None


def _is_given(names: Names, name: str) -> bool | None:
    """Whether a name stands for a function, or for nothing; None for all else."""
    known = None if name in names.variables else names.inner.get(name)
    if is_static(known):
        return True
    return False if isinstance(known, Const) and known.value is None else None


def chosen(names: Names, node: cst.BaseExpression) -> cst.BaseExpression:
    """Give what is left of `g or usual` and `usual if g is None else g`, where that is known."""
    match node:
        case cst.IfExp():
            test = answered(names, node.test)
            return node if test is None else chosen(names, node.body if test else node.orelse)
        case cst.BooleanOperation(operator=cst.Or(), left=left, right=right):
            test = answered(names, left)
            return node if test is None else chosen(names, left if test else right)
    return node


@functools.lru_cache(maxsize=1024)
def stays_nothing(body: cst.BaseSuite, name: str) -> bool:
    """Whether a parameter that is None stays that, but for a default given at the top.

    That is `if g is None: g = usual`, or `g = g or usual`, among the function's own statements.
    """
    if name in outer_names(body):
        return False
    if name not in introduced_names(body):
        return True
    given = [line for line in body.body if name in introduced_names(line)]
    return len(given) == 1 and _gives_default(given[0], name)


def _gives_default(node: cst.CSTNode, name: str) -> bool:
    match node:
        case cst.If(
            test=cst.Comparison(
                left=cst.Name(value=asked),
                comparisons=[
                    cst.ComparisonTarget(operator=cst.Is(), comparator=cst.Name(value="None"))
                ],
            ),
            orelse=None,
        ):
            return asked == name
        case cst.SimpleStatementLine(
            body=[
                cst.Assign(
                    targets=[cst.AssignTarget(target=cst.Name(value=own))],
                    value=cst.BooleanOperation() | cst.IfExp() as value,
                )
            ]
        ):
            return own == name and name in read_names(value)
    return False


def nothing_or(value: object) -> Static | None:
    """Give None as what a name stands for; None itself for any other value."""
    return NOTHING if isinstance(value, Const) and value.value is None else None
