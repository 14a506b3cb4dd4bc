"""What can be done wrong in a rule's text: each change makes one mutant of it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

SWAPPED_FUNCTIONS = {
    one: other
    for pair in (
        ("np.sin", "np.cos"),
        ("np.sinh", "np.cosh"),
        ("np.exp", "np.expm1"),
        ("np.log", "np.log1p"),
        ("np.max", "np.min"),
        ("np.argmax", "np.argmin"),
        ("np.maximum", "np.minimum"),
        ("np.tril", "np.triu"),
        ("np.floor", "np.ceil"),
        ("np.sum", "np.mean"),
        ("np.zeros_like", "np.ones_like"),
    )
    for one, other in (pair, pair[::-1])
}
UNWRAPPED_FUNCTIONS = {"np.conj", "np.conjugate", "np.real", "np.abs", "np.sign", "np.flip"}
NOT_COMMUTATIVE = (ast.Sub, ast.Div, ast.MatMult, ast.Pow, ast.FloorDiv, ast.Mod)
EDGES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}


@dataclass(frozen=True)
class Mutant:
    """A rule with one mistake.

    Parameters
    ----------
    change
        What was written and what is written instead: `factor: y * dy -> 2 * (y * dy)`.
    line
        Where, counted from the rule's first line.
    text
        The whole function.
    """

    change: str
    line: int
    text: str


@dataclass
class Place:
    """Where a node stands in the tree."""

    owner: ast.AST
    field: str
    index: int | None

    def text_with(self, node: Any, tree: ast.Module) -> str:
        """Give the whole text with another node there; None takes a statement away."""
        kept = getattr(self.owner, self.field)
        new = node
        if self.index is not None:
            own = [node] if node is not None else []
            new = [*kept[: self.index], *own, *kept[self.index + 1 :]] or [ast.Pass()]
        setattr(self.owner, self.field, new)
        text = ast.unparse(ast.fix_missing_locations(tree))
        setattr(self.owner, self.field, kept)
        return text


def mutants_of(function: Callable[..., Any]) -> list[Mutant]:
    """Give all mutants of a function, in the order of its text; equal ones are numbered."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    head = tree.body[0]
    assert isinstance(head, ast.FunctionDef)
    head.decorator_list = []
    found: list[Mutant] = []
    seen: Counter[str] = Counter()
    for place, node in _places(head, "body"):
        for kind, new in _changes(node, _returned(head)):
            told = f"{kind}: {_told(node)} -> {_told(new)}"
            seen[told] += 1
            numbered = told if seen[told] == 1 else f"{told} (#{seen[told]})"
            text = place.text_with(new, tree)
            found.append(Mutant(numbered, node.lineno, text))
    return found


def _told(node: Any) -> str:
    return "nothing" if node is None else ast.unparse(node).split("\n")[0]


def _returned(function: ast.FunctionDef) -> set[str]:
    returns = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    return {n.id for value in returns for n in ast.walk(value) if isinstance(n, ast.Name)}


def _places(owner: ast.AST, field: str) -> Iterator[tuple[Place, Any]]:
    """Give the nodes of a field, and all within them."""
    value = getattr(owner, field)
    nodes = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
    for index, node in nodes:
        if not isinstance(node, (ast.stmt, ast.expr, ast.keyword, ast.comprehension)):
            continue
        if isinstance(node, ast.Raise) or _is_text(node):
            continue
        if isinstance(node, (ast.stmt, ast.expr)):
            yield Place(owner, field, index), node
        if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
            continue  # -1 is one number
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "np.result_type":
            continue  # what is told there is a type alone
        for inner in node._fields:
            if inner not in ("args", "targets", "target") or isinstance(node, ast.Call):
                yield from _places(node, inner)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                yield from _places(node.targets[0], "slice")


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: Any, returned: set[str]) -> Iterator[tuple[str, Any]]:
    """Give the kinds of mistake that a node can have, and what stands there then."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in returned:
            if not _is_nothing(value):
                for wrong in (_twice(value), ast.UnaryOp(ast.USub(), value)):
                    yield "factor", ast.Assign([ast.Name(name)], wrong, lineno=node.lineno)
        case ast.AugAssign() | ast.Expr(value=ast.Call()):
            yield "term", None
        case ast.Assign(targets=[ast.Subscript()]):
            yield "term", None
        case ast.Return(value=ast.Tuple(elts=names)):
            for at in range(len(names) - 1):
                swapped = [*names[:at], names[at + 1], names[at], *names[at + 2 :]]
                yield "operand", ast.Return(ast.Tuple(swapped))
        case ast.If(test=test):
            negated = ast.UnaryOp(ast.Not(), test)
            yield "branch", ast.If(negated, node.body, node.orelse)
        case ast.IfExp(test=test):
            yield "branch", ast.IfExp(test, node.orelse, node.body)
        case ast.expr():
            yield from _expressions(node)


def _is_nothing(value: ast.expr) -> bool:
    """Whether twice as much is the same: a constant, zeros, an empty list; branches have own."""
    zeros = isinstance(value, ast.Call) and ast.unparse(value.func).removeprefix("np.")
    empty = isinstance(value, ast.List) and not value.elts
    return isinstance(value, (ast.Constant, ast.IfExp)) or empty or zeros in ("zeros", "zeros_like")


def _expressions(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.BinOp(left, op, right):
            if isinstance(op, (ast.Mult, ast.Div, ast.MatMult)):
                yield "factor", _twice(node)
            if isinstance(op, (ast.Add, ast.Sub)):
                yield "term", left
                yield "term", ast.UnaryOp(ast.USub(), right) if isinstance(op, ast.Sub) else right
            if isinstance(op, NOT_COMMUTATIVE):
                yield "operand", ast.BinOp(right, op, left)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            yield "index", ast.UnaryOp(ast.USub(), ast.Constant(number + 1))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield "factor", operand
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int(number)):
            yield "index", ast.Constant(number + 1)
        case ast.Constant(value=float(number)):
            yield "factor", ast.Constant(2 * number or 1.0)
        case ast.Compare(left, [op], [right]) if type(op) in EDGES:
            yield "edge", ast.Compare(left, [EDGES[type(op)]()], [right])
        case ast.Call():
            yield from _calls(node)


def _calls(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    name, args = ast.unparse(node.func), node.args
    if name == "np.where" and len(args) == 3:
        yield "operand", ast.Call(node.func, [args[0], args[2], args[1]], node.keywords)
    if name in SWAPPED_FUNCTIONS:
        other = ast.parse(SWAPPED_FUNCTIONS[name], mode="eval").body
        yield "function", ast.Call(other, args, node.keywords)
    if name in UNWRAPPED_FUNCTIONS:
        yield "function", args[0]


def _twice(node: ast.expr) -> ast.expr:
    return ast.BinOp(ast.Constant(2), ast.Mult(), node)
