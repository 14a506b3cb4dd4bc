"""`try` and `with` that change no value: handlers that only raise, contexts that only tell.

Takes a statement. Says whether its block is computed as if it stood alone. Refuses nothing: what
catches an error and goes on isn't known to run, and is refused where it is read.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import libcst as cst
import numpy as np

from srcdiff.ir.nodes import Const
from srcdiff.syntax.statements import parts
from srcdiff.syntax.written_names import dotted_name

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader

TELLING = (np.errstate, np.printoptions)
"""Contexts that say which warnings NumPy gives, and how it prints."""
TELLING_NAMES = ("warnings.catch_warnings", "contextlib.nullcontext")


def suites_of(node: cst.Try) -> list[cst.BaseSuite] | None:
    """Give the blocks of a try statement that run, one after the other; None if that isn't sure."""
    if not all(_only_raises(handler.body) for handler in node.handlers):
        return None
    if node.finalbody is not None and _may_leave(node.body):
        return None  # what is returned would be computed before
    found = [node.body, node.orelse, node.finalbody]
    return [
        part.body if isinstance(part, (cst.Else, cst.Finally)) else part for part in found if part
    ]


def _only_raises(suite: cst.BaseSuite) -> bool:
    """Whether a block ends with a raise, and does nothing before but tell the user something."""
    lines = [
        small
        for line in suite.body
        for small in (line.body if isinstance(line, cst.SimpleStatementLine) else (line,))
    ]
    told = all(isinstance(line, cst.Expr) for line in lines[:-1])
    return bool(lines) and told and isinstance(lines[-1], cst.Raise)


def _may_leave(node: cst.CSTNode) -> bool:
    """Whether a block has a return, or a jump out of a loop."""
    if isinstance(node, (cst.Return, cst.Break, cst.Continue)):
        return True
    if isinstance(node, (cst.FunctionDef, cst.Lambda)):
        return False
    return any(map(_may_leave, parts(node)))


def only_tells(expressions: ExpressionReader, node: cst.With) -> bool:
    """Whether a with statement only says what is printed, or which warnings are given."""
    return all(item.asname is None and _tells(expressions, item.item) for item in node.items)


def _tells(expressions: ExpressionReader, node: cst.BaseExpression) -> bool:
    if not isinstance(node, cst.Call) or not isinstance(node.func, (cst.Name, cst.Attribute)):
        return False
    path = dotted_name(node.func)
    root = path.split(".")[0]
    if root in expressions.variables or root in expressions.inner:
        return False
    if path in TELLING_NAMES and expressions.is_module(root):
        return True
    function = expressions.read(node.func)
    known = (*TELLING, contextlib.nullcontext)
    return isinstance(function, Const) and any(function.value is context for context in known)


def only_reads(node: cst.Global, bound: frozenset[str]) -> bool:
    """Whether a function declares variables of the module that it never assigns."""
    return bound.isdisjoint(item.name.value for item in node.names)
