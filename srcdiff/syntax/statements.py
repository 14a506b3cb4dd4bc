"""Statements that aren't read yet, and the names that statements bind."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping
from typing import Any

import libcst as cst

from srcdiff.diagnostics import Refusal, Span

REFUSED: dict[type[cst.CSTNode], str] = {
    cst.For: "an async for loop",
    cst.With: "a with statement",
    cst.Try: "a try statement",
    cst.TryStar: "a try statement",
    cst.FunctionDef: "a function inside the function",
    cst.ClassDef: "a class inside the function",
    cst.Del: "del",
    cst.Global: "global",
    cst.Import: "an import inside the function",
    cst.ImportFrom: "an import inside the function",
    cst.TypeAlias: "a type alias",
}
HINTS: dict[type[cst.CSTNode], str] = {
    cst.FunctionDef: "Move it to the top of the file.",
    cst.With: "Write what is inside it without it; np.errstate may stay.",
    cst.Try: "Test for the case before, with if; handlers that only raise may stay.",
    cst.Global: "Return the new value, or pass it as an argument.",
    cst.Import: "Move it to the top of the file.",
    cst.ImportFrom: "Move it to the top of the file.",
}


def refused(node: cst.CSTNode, span: Span | None = None) -> Refusal:
    """Make the refusal of a kind of statement."""
    what = REFUSED.get(type(node), "this statement")
    hint = HINTS.get(type(node), "")
    return Refusal("SD101", f"{what} can't be differentiated yet.", hint, span)


MARKS = frozenset(["comma", "semicolon", "equal", "colon", "lpar", "rpar", "lbrace", "rbrace"])
"""Fields that hold punctuation."""


def parts(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Give the nodes below a node but marks; its `children` take a visitor and more time."""
    found: list[cst.CSTNode] = []
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, (list, tuple)):
            found += [inner for inner in value if _is_node(inner.__class__)]
        elif _is_node(value.__class__):
            found.append(value)
    return found


@functools.cache
def _is_node(kind: type) -> bool:
    """Whether values of a type are nodes; asked of each value, abstract classes take long."""
    return issubclass(kind, cst.CSTNode)


@functools.cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """Give the fields of a kind of node that may hold more than spaces and marks."""
    names = [str(name) for name in kind.__dataclass_fields__]
    return tuple(name for name in names if not name.startswith("whitespace") and name not in MARKS)


def bound_names(node: cst.CSTNode, found: set[str] | None = None) -> set[str]:
    """Give the names that a statement, or a block of statements, binds."""
    found = set() if found is None else found
    match node:
        case cst.Assign(targets=targets):
            for target in targets:
                add_names(target.target, found)
        case cst.AnnAssign(target=target) | cst.AugAssign(target=target) | cst.For(target=target):
            add_names(target, found)
        case cst.FunctionDef(name=name) | cst.ClassDef(name=name):
            found.add(name.value)
            return found
    if not isinstance(node, (cst.BaseSuite, cst.SimpleStatementLine)):
        _add_walrus(node, found)
    body: Any = getattr(node, "body", ())
    inner: Any
    for inner in (body,) if isinstance(body, cst.CSTNode) else body:
        bound_names(inner, found)
    for field_name in ("orelse", "finalbody"):
        part: Any = getattr(node, field_name, None)
        if isinstance(part, cst.CSTNode) and not isinstance(part, cst.BaseExpression):
            bound_names(part, found)
    handlers: Any = (*getattr(node, "handlers", ()), *getattr(node, "cases", ()))
    for handler in handlers:
        bound_names(handler, found)
    return found


def _add_walrus(node: cst.CSTNode, found: set[str]) -> None:
    """Add the names that the expressions of a statement assign."""
    pending = parts(node)
    while pending:
        inner = pending.pop()
        kind = type(inner)
        if kind is cst.NamedExpr:
            add_names(inner.target, found)  # type: ignore[attr-defined]  # of that kind
        if kind not in WITHOUT_VALUES:
            pending += parts(inner)


@functools.lru_cache(maxsize=1024)
def single_names(node: cst.FunctionDef) -> frozenset[str]:
    """Give the names that a function binds once and in no loop, or as a target of one loop."""
    counts: Counter[str] = Counter()
    pending: list[tuple[cst.CSTNode, bool]] = [(node.body, False)]
    while pending:
        inner, repeats = pending.pop()
        names: set[str] = set()
        match inner:
            case cst.FunctionDef() | cst.ClassDef():
                counts[inner.name.value] += 2
                continue
            case cst.For() | cst.CompFor():
                add_names(inner.target, names)
                counts.update(names)
                repeats = True
            case cst.While() | cst.Match() | cst.With() | cst.Try():
                repeats = True
            case cst.AssignTarget() | cst.AnnAssign() | cst.AugAssign() | cst.NamedExpr():
                add_names(inner.target, names)
                counts.update([*names, *(names if repeats else ())])
        pending += [(part, repeats) for part in parts(inner)]
    single = frozenset(name for name, count in counts.items() if count == 1)
    return single - outer_names(node)  # which inner functions assign too


def function_names(node: cst.CSTNode) -> set[str]:
    """Give the names that function definitions and lambdas in a block bind."""
    found: set[str] = set()
    pending = [node]
    while pending:
        inner = pending.pop()
        match inner:
            case cst.FunctionDef(name=name):
                found.add(name.value)
                continue
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Name(value=target))], value=cst.Lambda()
            ):
                found.add(target)
        pending += parts(inner)
    return found


@functools.lru_cache(maxsize=1024)
def outer_names(node: cst.CSTNode) -> frozenset[str]:
    """Give the names of outer functions that a function assigns to."""
    found: set[str] = set()
    pending = parts(node)
    while pending:
        inner = pending.pop()
        if isinstance(inner, cst.Nonlocal):
            found |= {item.name.value for item in inner.names}
        pending += parts(inner)
    return frozenset(found)


def read_names(node: cst.CSTNode) -> set[str]:
    """Give the names in an expression."""
    if isinstance(node, cst.Name):
        return {node.value}
    return set().union(*map(read_names, parts(node)))


def introduced_names(node: cst.CSTNode) -> set[str]:
    """Give the names that any form of statement binds: also `with`, `match` and `import`."""
    found = bound_names(node)
    pending = [node]
    while pending:
        inner = pending.pop()
        pending += parts(inner)
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


def add_names(target: cst.BaseExpression, found: set[str]) -> None:
    """Add the names that a target of an assignment binds."""
    match target:
        case cst.Name(value=name):
            found.add(name)
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for element in elements:
                add_names(element.value, found)


NOT_STRAIGHT = frozenset(
    [cst.If, cst.For, cst.While, cst.With, cst.Assert, cst.Raise, cst.ListComp, cst.GeneratorExp,
     cst.DictComp, cst.NamedExpr, cst.Match, cst.Del, cst.Import, cst.FunctionDef, cst.Lambda]
)  # fmt: skip
"""What makes statements run several times or never, or needs statements of its own."""
WITHOUT_STATEMENTS = frozenset(
    [cst.ClassDef, cst.Name, cst.Integer, cst.Float, cst.SimpleString, cst.SimpleWhitespace,
     cst.TrailingWhitespace, cst.ParenthesizedWhitespace, cst.EmptyLine, cst.Comment, cst.Newline,
     cst.Comma, cst.Dot, cst.LeftParen, cst.RightParen, cst.LeftSquareBracket,
     cst.RightSquareBracket, cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.Power]
)  # fmt: skip
WITHOUT_VALUES = WITHOUT_STATEMENTS | {
    cst.Lambda, cst.IndentedBlock, cst.SimpleStatementSuite, cst.If, cst.For, cst.While, cst.With,
    cst.Try, cst.TryStar, cst.FunctionDef, cst.Match, cst.SimpleStatementLine,
}  # fmt: skip
"""What an expression doesn't reach into, or what holds no expression."""


@functools.lru_cache(maxsize=1024)
def is_straight(body: cst.BaseSuite) -> bool:
    """Whether a function's statements run once each and write into nothing."""
    lines = list(body.body)
    if lines and isinstance(lines[-1], cst.SimpleStatementLine):
        last: cst.CSTNode = lines[-1].body[-1]
    else:
        last = lines[-1] if lines else body
    pending: list[cst.CSTNode] = list(lines)
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind in NOT_STRAIGHT or (kind is cst.Return and node is not last):
            return False
        if isinstance(node, (cst.AssignTarget, cst.AugAssign)) and _has_part(node.target):
            return False
        if isinstance(node, cst.Expr) and isinstance(node.value, cst.Call):
            if not _prints(node.value):
                return False
        if kind not in WITHOUT_STATEMENTS:
            pending += parts(node)
    return isinstance(last, cst.Return) and last.value is not None


def writes_into_each(node: cst.For) -> bool:
    """Whether a loop over names written out, `for a in (u, v)`, writes into each of them."""
    if not isinstance(node.iter, (cst.Tuple, cst.List)) or not isinstance(node.target, cst.Name):
        return False
    named = all(
        isinstance(e, cst.Element) and isinstance(e.value, cst.Name) for e in node.iter.elements
    )
    if not named or node.orelse is not None:
        return False
    written = False
    pending: list[cst.CSTNode] = [node.body]
    while pending:
        inner = pending.pop()
        match inner:
            case cst.Break() | cst.Continue() | cst.Return():
                return False
            case cst.AssignTarget(target=cst.Subscript() as target):
                written = written or _root(target) == node.target.value
            case cst.AugAssign(target=target):
                written = written or _root(target) == node.target.value
        pending += parts(inner)
    return written


@functools.lru_cache(maxsize=1024)
def changes_arguments(node: cst.FunctionDef) -> bool:
    """Whether a function has statements that write into a parameter, or takes any arguments."""
    given = node.params
    names = {p.name.value for p in single_parameters(given)}
    if isinstance(given.star_arg, cst.Param):
        return True
    pending: list[cst.CSTNode] = [node.body]
    while pending:
        inner = pending.pop()
        match inner:
            case cst.AugAssign(target=target) | cst.AssignTarget(target=target):
                update = isinstance(inner, cst.AugAssign) or not isinstance(target, cst.Name)
                if update and _root(target) in names:
                    return True
            case cst.Expr(value=cst.Call(func=cst.Attribute(value=owner))):
                if _root(owner) in names:
                    return True
            case cst.FunctionDef() | cst.Lambda():
                continue
        pending += parts(inner)
    return False


@functools.lru_cache(maxsize=1024)
def returns_several(node: cst.FunctionDef) -> bool:
    """Whether a function returns a tuple written out."""
    pending: list[cst.CSTNode] = [node.body]
    while pending:
        inner = pending.pop()
        if isinstance(inner, cst.Return) and isinstance(inner.value, cst.Tuple):
            return True
        if not isinstance(inner, (cst.FunctionDef, cst.Lambda)):
            pending += parts(inner)
    return False


def has_call(node: cst.CSTNode) -> bool:
    """Whether an expression calls something when it is evaluated."""
    if isinstance(node, (cst.Call, cst.Lambda)):
        return isinstance(node, cst.Call)
    return any(map(has_call, parts(node)))


@functools.lru_cache(maxsize=1024)
def called_names(body: cst.BaseSuite) -> frozenset[str]:
    """Give the names under which functions are called."""
    found: set[str] = set()
    pending: list[cst.CSTNode] = [body]
    while pending:
        inner = pending.pop()
        if isinstance(inner, cst.Call) and isinstance(inner.func, cst.Name):
            found.add(inner.func.value)
        pending += parts(inner)
    return frozenset(found)


def gives_at_once(node: cst.FunctionDef) -> bool:
    """Whether a function has no statement but its return, besides a docstring."""
    described = node.get_docstring(clean=False) is not None
    return len(node.body.body) == described + 1


def _root(node: cst.BaseExpression) -> str:
    """Give the name that a target is a part of."""
    while isinstance(node, (cst.Subscript, cst.Attribute)):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


def _prints(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name)


def _has_part(target: cst.BaseExpression) -> bool:
    match target:
        case cst.Subscript():
            return True
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            return any(_has_part(element.value) for element in elements)
    return False


def seen_from(node: cst.CSTNode, functions: Mapping[str, cst.FunctionDef]) -> set[str]:
    """Give the names that an expression reads, and those that the functions read that it names."""
    seen: set[str] = set()
    pending = [node]
    while pending:
        for name in read_names(pending.pop()) - seen:
            seen.add(name)
            pending += [functions[name].body] if name in functions else []
    return seen


def docstring_node(suite: cst.BaseSuite) -> cst.CSTNode | None:
    """Find the string that describes the function."""
    first: object = suite.body[0] if suite.body else None
    if isinstance(first, cst.SimpleStatementLine):
        first = first.body[0]
    if isinstance(first, cst.Expr):
        if isinstance(first.value, (cst.SimpleString, cst.ConcatenatedString)):
            return first.value
    return None


def single_parameters(given: cst.Parameters) -> tuple[cst.Param, ...]:
    """Give the parameters that take one argument each."""
    return (*given.posonly_params, *given.params, *given.kwonly_params)
