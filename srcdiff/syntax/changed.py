"""Which variables of a module change after their definition.

Takes a module's text. Gives the names that something writes into: an item, an attribute, an update,
a method called for its effect, a `global` statement, a loop.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from srcdiff.syntax.global_names import bound_in


def changed_names(text: str) -> set[str]:
    """Give the names of a module's variables whose definition isn't the whole of their value."""
    return set(_changed(ast.parse(text).body, frozenset(), inside=False))


def _changed(body: list[ast.stmt], local: frozenset[str], *, inside: bool) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _assigned_outside(statement)
            yield from _changed(statement.body, local | _own(statement), inside=True)
        elif isinstance(statement, ast.ClassDef):
            yield from _changed(statement.body, local, inside=True)
        else:
            yield from (n for n in _in_statement(statement, inside=inside) if n not in local)
            for part in ("body", "orelse", "finalbody"):
                yield from _changed(getattr(statement, part, []), local, inside=inside)
            for handler in getattr(statement, "handlers", []):
                yield from _changed(handler.body, local, inside=inside)


def _assigned_outside(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Give the variables of the module that a function declares, and assigns."""
    declared: set[str] = set()
    bound: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Global):
            declared.update(node.names)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler)):
            bound.add(node.name or "")
    return declared & bound


def _own(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Give the names that a function binds for itself."""
    given = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    return given | bound_in(function.body)


def _in_statement(statement: ast.stmt, *, inside: bool) -> Iterator[str]:
    """Give the names that one statement changes, without those in its blocks."""
    match statement:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            yield from (name for target in targets for name in _written(target))
        case ast.AugAssign(target=target):
            yield from _written(target)
            if isinstance(target, ast.Name):
                yield target.id
        case ast.For(target=target) if not inside:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))
        case ast.Expr(value=ast.Call(func=function, args=arguments)):
            if isinstance(function, ast.Attribute):
                yield from _written(function)
            if not _prints(function):
                for argument in arguments:
                    yield from _written(ast.Subscript(argument, ast.Constant(0), ast.Store()))


def _prints(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id == "print"


def _written(target: ast.expr) -> Iterator[str]:
    """Give the variables whose items or attributes are written."""
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _written(element)
    depth = 0
    while isinstance(target, (ast.Subscript, ast.Attribute, ast.Starred)):
        target, depth = target.value, depth + 1
    if depth and isinstance(target, ast.Name):
        yield target.id
