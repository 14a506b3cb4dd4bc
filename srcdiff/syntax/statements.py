"""Statements that aren't read yet, and the names that statements bind."""

from __future__ import annotations

from typing import Any

import libcst as cst

REFUSED: dict[type[cst.CSTNode], str] = {
    cst.If: "an if statement",
    cst.For: "a for loop",
    cst.While: "a while loop",
    cst.With: "a with statement",
    cst.Try: "a try statement",
    cst.TryStar: "a try statement",
    cst.Match: "a match statement",
    cst.FunctionDef: "a function inside the function",
    cst.ClassDef: "a class inside the function",
    cst.Raise: "raise",
    cst.Assert: "assert",
    cst.Del: "del",
    cst.Global: "global",
    cst.Nonlocal: "nonlocal",
    cst.Import: "an import inside the function",
    cst.ImportFrom: "an import inside the function",
    cst.TypeAlias: "a type alias",
}
HINTS: dict[type[cst.CSTNode], str] = {
    cst.If: "Use a conditional expression: y = a if test else b.",
    cst.For: "Write the steps out, or use NumPy's whole-array functions.",
    cst.While: "Write the steps out.",
    cst.FunctionDef: "Move it to the top of the file.",
    cst.Import: "Move it to the top of the file.",
    cst.ImportFrom: "Move it to the top of the file.",
}


def bound_names(node: cst.CSTNode, found: set[str] | None = None) -> set[str]:
    """Give the names that a statement, or a block of statements, binds."""
    found = set() if found is None else found
    match node:
        case cst.Assign(targets=targets):
            for target in targets:
                _add_names(target.target, found)
        case cst.AnnAssign(target=target) | cst.AugAssign(target=target) | cst.For(target=target):
            _add_names(target, found)
        case cst.FunctionDef(name=name) | cst.ClassDef(name=name):
            found.add(name.value)
            return found
    body: Any = getattr(node, "body", ())
    inner: Any
    for inner in (body,) if isinstance(body, cst.CSTNode) else body:
        bound_names(inner, found)
    for field_name in ("orelse", "finalbody"):
        part: Any = getattr(node, field_name, None)
        if isinstance(part, cst.CSTNode) and not isinstance(part, cst.BaseExpression):
            bound_names(part, found)
    handlers: Any = getattr(node, "handlers", ())
    for handler in handlers:
        bound_names(handler, found)
    return found


def introduced_names(node: cst.CSTNode) -> set[str]:
    """Give the names that any form of statement binds: also `with`, `match` and `import`."""
    found = bound_names(node)
    pending = [node]
    while pending:
        inner = pending.pop()
        pending += inner.children
        match inner:
            case cst.AsName(name=cst.Name(value=name)):
                found.add(name)
            case cst.MatchAs(name=cst.Name(value=name)) | cst.MatchStar(name=cst.Name(value=name)):
                found.add(name)
            case cst.MatchMapping(rest=cst.Name(value=name)):
                found.add(name)
            case cst.ImportAlias():
                found.add(inner.evaluated_alias or inner.evaluated_name.split(".")[0])
            case cst.NamedExpr(target=cst.Name(value=name)):
                found.add(name)
    return found


def _add_names(target: cst.BaseExpression, found: set[str]) -> None:
    match target:
        case cst.Name(value=name):
            found.add(name)
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for element in elements:
                _add_names(element.value, found)
