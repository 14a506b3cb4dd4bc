"""Calls of transforms inside a function: `grad(f)(x)` is a call of the function that grad gives.

Takes a call whose function is a call. Gives a call of a function with text, under a name of its
own; the variables that a function inside the function sees are passed along. Refuses what has no
text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import Call, Const, Expression, Group, UserFunction
from srcdiff.syntax.closures import Closure
from srcdiff.syntax.makers import TRANSFORMS

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader

INNER = "f"


@runtime_checkable
class MakingScope(Protocol):
    """Names of a live function, to which functions that are made can be added."""

    def value(self, name: str) -> Any:
        """Give the function itself that a name stands for."""

    def named(self, value: Any) -> str:
        """Give a function that a transform gives a name that this scope then knows."""

    def lifted(self, name: str, text: str) -> Any:
        """Give the function that a text defines."""


def binds_no_value(expressions: ExpressionReader, node: cst.BaseSmallStatement) -> bool:
    """Whether a statement does nothing, or names what a transform gives: `df = grad(f)`."""
    match node:
        case cst.Assign(
            targets=[cst.AssignTarget(target=cst.Name(value=name))], value=cst.Call() as made
        ) if is_transform(expressions, made):
            expressions.transformed[name] = made
            return True
    return isinstance(node, cst.Pass)


def derived_call(expressions: ExpressionReader, node: cst.Call, span: Span) -> Expression | None:
    """Give the call of what a transform gives; None for other calls."""
    function = node.func
    if isinstance(function, cst.Name):
        function = expressions.transformed.get(function.value, function)
    if not isinstance(function, cst.Call) or not is_transform(expressions, function):
        return None
    scope = expressions.scope
    if not isinstance(scope, MakingScope):
        raise expressions.refuse(
            "SD103",
            "a transform inside a function needs the program itself, not its text alone.",
            "Differentiate the function with srcdiff.grad, or write its steps out.",
            node,
        )
    captured: dict[str, Expression] = {}
    value = _made(expressions, scope, function, captured)
    expressions.rewritten.add(expressions.place)
    arguments = tuple(expressions.read(a.value) for a in node.args if a.keyword is None)
    keywords = [(a.keyword.value, expressions.read(a.value)) for a in node.args if a.keyword]
    calls: list[Expression] = []
    parts = value.parts() if hasattr(value, "parts") else (value,)
    for part in parts:
        entity = expressions.scope.lookup(scope.named(part))
        assert isinstance(entity, UserFunction)
        calls.append(Call(entity, arguments, (*keywords, *captured.items()), "function", span))
    return calls[0] if len(calls) == 1 else Group("tuple", tuple(calls), span)


def is_transform(expressions: ExpressionReader, node: cst.BaseExpression) -> bool:
    """Whether this is a call that makes a function of another: `grad(f)`."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, (cst.Name, cst.Attribute)):
        return False
    root: cst.BaseExpression = node.func
    while isinstance(root, cst.Attribute):
        root = root.value
    if not isinstance(root, cst.Name) or root.value in expressions.variables:
        return False
    if root.value in expressions.assigned or expressions.scope.lookup(root.value) is None:
        return False
    made = expressions.read(node.func)
    return isinstance(made, Const) and getattr(made.value, "__module__", "") == TRANSFORMS


def _made(
    expressions: ExpressionReader,
    scope: MakingScope,
    node: cst.Call,
    captured: dict[str, Expression],
) -> Any:
    """Call a transform; give the function that it gives."""
    transform = expressions.read(node.func)
    assert isinstance(transform, Const)
    given: list[Any] = []
    named: dict[str, Any] = {}
    for argument in node.args:
        if argument.star:
            raise expressions.refuse(
                "SD102", "starred arguments are not supported here.", "Write them out.", argument
            )
        first = not given and not argument.keyword
        value = (
            _function(expressions, scope, argument.value, captured)
            if first
            else _constant(expressions, argument.value)
        )
        if argument.keyword is None:
            given.append(value)
        else:
            named[argument.keyword.value] = value
    return transform.value(*given, **named)


def _function(
    expressions: ExpressionReader,
    scope: MakingScope,
    node: cst.BaseExpression,
    captured: dict[str, Expression],
) -> Any:
    """Give the function that a transform is called with."""
    if isinstance(node, cst.Name):
        node = expressions.transformed.get(node.value, node)
    if is_transform(expressions, node):
        assert isinstance(node, cst.Call)
        return _made(expressions, scope, node, captured)
    if isinstance(node, cst.Lambda):
        return _lifted(expressions, scope, node, INNER, captured)
    if isinstance(node, cst.Name):
        known = expressions.inner.get(node.value)
        if isinstance(known, Closure):
            return _lifted(expressions, scope, known.definition, node.value, captured)
        outside = node.value not in expressions.variables and node.value not in expressions.assigned
        if outside and isinstance(expressions.scope.lookup(node.value), UserFunction):
            return scope.value(node.value)
    value = expressions.read(node)
    if isinstance(value, Const) and callable(value.value):
        return value.value
    raise expressions.refuse(
        "SD103",
        "which function is differentiated here isn't known from the text.",
        "Name a function, or write a lambda.",
        node,
    )


def _constant(expressions: ExpressionReader, node: cst.BaseExpression) -> Any:
    """Give the positions of arguments, which must be written out."""
    if isinstance(node, (cst.Tuple, cst.List)):
        return tuple(_constant(expressions, element.value) for element in node.elements)
    value = expressions.read(node)
    if isinstance(value, Const):
        return value.value
    raise expressions.refuse(
        "SD102", "argnums must be a number written out here.", "Write argnums=0.", node
    )


def _lifted(
    expressions: ExpressionReader,
    scope: MakingScope,
    node: cst.Lambda | cst.FunctionDef,
    name: str,
    captured: dict[str, Expression],
) -> Any:
    """Give a function inside the function as one of its own, which takes what it sees by name."""
    free = [n for n in _free_names(node) if n not in captured]
    passed: list[str] = []
    for read in free:
        if read in expressions.inner:
            raise expressions.refuse(
                "SD103",
                f"{name} calls {read}, which is defined inside the function too.",
                f"Move {read} to the top of the file.",
                node,
            )
        local = read in expressions.variables
        if local or not isinstance(expressions.name(read, node), Const):
            passed.append(read)
            captured[read] = expressions.name(read, node)
    own = tuple(cst.Param(cst.Name(n)) for n in passed)
    parameters = node.params.with_changes(kwonly_params=(*node.params.kwonly_params, *own))
    if own and isinstance(parameters.star_arg, cst.MaybeSentinel):
        parameters = parameters.with_changes(star_arg=cst.ParamStar())
    body: cst.BaseSuite
    if isinstance(node, cst.Lambda):
        body = cst.IndentedBlock([cst.SimpleStatementLine([cst.Return(node.body)])])
    else:
        body = node.body
    parameters = parameters.with_changes(
        params=tuple(p.with_changes(comma=cst.MaybeSentinel.DEFAULT) for p in parameters.params)
    )
    definition = cst.FunctionDef(cst.Name(name), parameters, body)
    return scope.lifted(name, cst.Module([definition]).code)


def _free_names(node: cst.Lambda | cst.FunctionDef) -> list[str]:
    """Give the names that a function reads and doesn't bind, in order."""
    finder = _Names()
    node.body.visit(finder)
    given = node.params
    bound = {p.name.value for p in (*given.posonly_params, *given.params, *given.kwonly_params)}
    bound |= finder.bound
    return [n for n in dict.fromkeys(finder.read) if n not in bound]


class _Names(cst.CSTVisitor):
    """Collects the names that a body reads and binds."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.bound: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:
        """Note a name that is read."""
        self.read.append(node.value)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        """Look at the owner alone: an attribute's name is no variable."""
        node.value.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        """Look at the value alone: a keyword is no variable."""
        node.value.visit(self)
        return False

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        """Note what an assignment binds."""
        self._bind(node.target)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        """Note what an augmented assignment binds."""
        self._bind(node.target)

    def visit_For(self, node: cst.For) -> None:
        """Note what a loop binds."""
        self._bind(node.target)

    def visit_CompFor(self, node: cst.CompFor) -> None:
        """Note what a comprehension binds."""
        self._bind(node.target)

    def visit_Param(self, node: cst.Param) -> None:
        """Note what an inner function takes."""
        self.bound.add(node.name.value)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Note an inner function."""
        self.bound.add(node.name.value)

    def _bind(self, target: cst.BaseExpression) -> None:
        if isinstance(target, cst.Name):
            self.bound.add(target.value)
        elif isinstance(target, (cst.Tuple, cst.List)):
            for element in target.elements:
                self._bind(element.value)
