"""Functions whose calls are written out: inner ones, those given functions, those that write.

Takes a call. Gives the function that it is of, if its statements are to stand in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import libcst as cst

from srcdiff.ir.nodes import Const, UserFunction, Variable
from srcdiff.syntax.scope import Scope
from srcdiff.syntax.statements import changes_arguments, is_straight, returns_several


class NotStraight(Exception):
    """A function has to be read as one whose statements may run several times."""


@dataclass(frozen=True, slots=True)
class Closure:
    """A function whose calls are written out, with the names that it sees.

    Parameters
    ----------
    definition
        Its text.
    variables, inner
        The variables and the functions of the function in which it is defined.
    """

    definition: cst.FunctionDef | cst.Lambda
    variables: dict[str, Variable]
    inner: dict[str, Closure | Const]


class Names(Protocol):
    """What is known of names at a call."""

    scope: Scope
    assigned: frozenset[str]
    variables: dict[str, Variable]
    inner: dict[str, Closure | Const]
    alone: cst.CSTNode | None


def written_out(names: Names, node: cst.Call) -> Closure | None:
    """Give the function that a call is of, if its statements are to stand here."""
    if not isinstance(node.func, cst.Name):
        return None
    name = node.func.value
    if name in names.variables:
        return None
    inner = names.inner.get(name)
    if isinstance(inner, Closure):
        return inner
    if name in names.assigned or not isinstance(names.scope.lookup(name), UserFunction):
        return None
    seen = names.scope.peek(name)
    passes = any(argument.star or _is_function(names, argument.value) for argument in node.args)
    if seen is None:
        return None
    several = not is_straight(seen.body) and returns_several(seen)
    if not (passes or changes_arguments(seen) or names.alone is node or several):
        return None
    definition = names.scope.definition(name)
    return Closure(definition, {}, {}) if definition is not None else None


def _is_function(names: Names, node: cst.BaseExpression) -> bool:
    """Whether an argument is a function of the user's."""
    if isinstance(node, cst.Lambda):
        return True
    if not isinstance(node, cst.Name) or node.value in names.variables:
        return False
    known = node.value in names.inner
    return known or isinstance(names.scope.lookup(node.value), UserFunction)
