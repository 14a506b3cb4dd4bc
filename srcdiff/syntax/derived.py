"""Calls of transforms inside a function: `grad(f)(x)` is a call of the function that grad gives.

Takes a call whose function is a call. Gives a call of a function with text, under a name of its
own; the variables that a function inside the function sees are passed along. Refuses what has no
text.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import Call, Const, Expression, UserFunction
from srcdiff.syntax.closures import Closure, Derived, Partial, closure_of
from srcdiff.syntax.lifting import Lifter, MakingScope, block_of, free_names
from srcdiff.syntax.makers import TRANSFORMS
from srcdiff.syntax.numbered import numbered
from srcdiff.syntax.scope import OPAQUE, known_module
from srcdiff.syntax.spread import spread

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader

INNER = "f"
AT_ONCE = ("vjp", "jvp")
"""Transforms that compute something at once, and give no function alone."""


def binds_no_value(expressions: ExpressionReader, node: cst.BaseSmallStatement) -> bool:
    """Whether a statement does nothing, or names what a transform gives: `df = grad(f)`."""
    match node:
        case cst.Assign(
            targets=[cst.AssignTarget(target=cst.Name(value=name))], value=cst.Call() as made
        ) if is_transform(expressions, made):
            found = derived_function(expressions, made)
            assert found is not None
            expressions.variables.pop(name, None)
            expressions.inner[name] = found
            return True
    return isinstance(node, cst.Pass)


def derived_call(expressions: ExpressionReader, node: cst.Call, span: Span) -> Expression | None:
    """Give the call of what a transform gives; None for other calls."""
    made = derived_function(expressions, node.func)
    value = _transform(expressions, node.func, made)
    if value is None:
        return None
    starred = [argument for argument in node.args if argument.star]
    plain = spread(expressions, node)
    if plain is None:
        raise expressions.refuse(
            "SD102", "how many arguments these are isn't known.", "Write them out.", starred[0]
        )
    named = {a.keyword.value: a.value for a in plain.args if a.keyword}
    given = [a.value for a in plain.args if a.keyword is None]
    before = made or Derived(Const(None), (), ())
    names = (*named, *(name for name, _ in before.keywords))
    function = counted(value, len(before.positional) + len(given), names)
    if made is None and function is value and not starred:
        return None
    if made is None or function is not value:
        wish = node.func.value if isinstance(node.func, cst.Name) else ""
        made = replace(before, function=_named(expressions, function, wish))
    expressions.rewritten.add(expressions.place)
    arguments: Any = (*made.positional, *map(expressions.read, given))
    keywords = [(name, expressions.read(own)) for name, own in named.items()]
    captured: Any = made.keywords
    assert isinstance(made.function, Const)
    return Call(made.function.value, arguments, (*keywords, *captured), "function", span)


def counted(function: Any, count: int, keywords: Iterable[str]) -> Any:
    """Give a function for calls with so many arguments by position, and these by keyword."""
    names = tuple(sorted(keywords))
    if isinstance(function, types.FunctionType) and id(function) not in OPAQUE:
        return function if known_module(function) else numbered(function, count, names)
    return function.counted(count, names) if hasattr(type(function), "counted") else function


def _transform(
    expressions: ExpressionReader, node: cst.BaseExpression, made: Derived | None
) -> Any | None:
    """Give the transform that an expression is; None if it is another function."""
    scope = expressions.scope
    if not isinstance(scope, MakingScope):
        return None
    if made is not None:
        assert isinstance(made.function, Const)
        return scope.value(made.function.text)
    known = node.value if isinstance(node, cst.Name) else ""
    inside = {*expressions.variables, *expressions.inner, *expressions.assigned}
    if not known or known in inside or not isinstance(scope.lookup(known), UserFunction):
        return None
    found = scope.value(known)
    return found if hasattr(type(found), "counted") else None


def derived_function(expressions: ExpressionReader, node: cst.BaseExpression) -> Derived | None:
    """Give the function that a transform gives, with what it sees of the function around it."""
    if isinstance(node, cst.Name) and node.value not in expressions.variables:
        known = expressions.inner.get(node.value)
        return known if isinstance(known, Derived) else None
    if not isinstance(node, cst.Call) or not is_transform(expressions, node):
        return None
    captured: dict[str, Expression] = {}
    value = _made(expressions, making(expressions, node), node, captured)
    return entity_of(expressions, value, captured)


def entity_of(
    expressions: ExpressionReader, value: Any, captured: dict[str, Expression]
) -> Derived:
    """Give a function that was made a name, under which it is called."""
    return Derived(_named(expressions, value), (), tuple(captured.items()))


def _named(expressions: ExpressionReader, value: Any, wish: str = "") -> Const:
    scope = expressions.scope
    assert isinstance(scope, MakingScope)
    name = scope.named(value, wish)
    entity = expressions.scope.lookup(name)
    assert isinstance(entity, UserFunction)
    return Const(entity, name)


def making(expressions: ExpressionReader, node: cst.CSTNode) -> MakingScope:
    """Give the names of the live function, to which functions can be added."""
    scope = expressions.scope
    if isinstance(scope, MakingScope):
        return scope
    raise expressions.refuse(
        "SD103",
        "a transform inside a function needs the program itself, not its text alone.",
        "Differentiate the function with srcdiff.grad, or write its steps out.",
        node,
    )


def is_transform(expressions: ExpressionReader, node: cst.BaseExpression) -> bool:
    """Whether this is a call that makes a function of another: `grad(f)`."""
    return transform_name(expressions, node) not in ("", *AT_ONCE)


def transform_name(expressions: ExpressionReader, node: cst.BaseExpression) -> str:
    """Give the name of the transform that is called; nothing for any other function."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, (cst.Name, cst.Attribute)):
        return ""
    root: cst.BaseExpression = node.func
    while isinstance(root, cst.Attribute):
        root = root.value
    if not isinstance(root, cst.Name) or root.value in expressions.variables:
        return ""
    inner = root.value in expressions.assigned or root.value in expressions.inner
    if inner or expressions.scope.lookup(root.value) is None:
        return ""
    made = expressions.read(node.func)
    own = isinstance(made, Const) and getattr(made.value, "__module__", "") == TRANSFORMS
    return str(getattr(made.value, "__name__", "")) if own and isinstance(made, Const) else ""


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
            made_function(expressions, scope, argument.value, captured)
            if first
            else _constant(expressions, argument.value)
        )
        if argument.keyword is None:
            given.append(value)
        else:
            named[argument.keyword.value] = value
    return transform.value(*given, **named)


def made_function(
    expressions: ExpressionReader,
    scope: MakingScope,
    node: cst.BaseExpression,
    captured: dict[str, Expression],
) -> Any:
    """Give the function that a transform is called with."""
    if is_transform(expressions, node):
        assert isinstance(node, cst.Call)
        return _made(expressions, scope, node, captured)
    if isinstance(node, cst.Lambda):
        name = INNER
        while name in free_names(node):
            name += "_"
        return _lifted(expressions, scope, closure_of(expressions, node), name, captured)
    if isinstance(node, cst.Name):
        known = expressions.inner.get(node.value)
        if isinstance(known, Partial) and not known.positional:
            captured.update(known.keywords)  # type: ignore[arg-type]  # what a transform gave
            known = known.function
        if isinstance(known, Closure):
            return _lifted(expressions, scope, known, node.value, captured)
        if isinstance(known, Const) and isinstance(known.value, UserFunction):
            return scope.value(known.text)
        outside = node.value not in expressions.variables and node.value not in expressions.assigned
        if known is None and outside:
            if isinstance(expressions.scope.lookup(node.value), UserFunction):
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
    closure: Closure,
    name: str,
    captured: dict[str, Expression],
) -> Any:
    """Give a function inside the function as one of its own, which takes what it sees by name."""
    node = closure.definition
    lifter = Lifter(expressions, scope, captured)
    lifter.see(closure, name)
    own = tuple(cst.Param(cst.Name(n)) for n in lifter.passed)
    parameters = node.params.with_changes(kwonly_params=(*node.params.kwonly_params, *own))
    if own and isinstance(parameters.star_arg, cst.MaybeSentinel):
        parameters = parameters.with_changes(star_arg=cst.ParamStar())
    parameters = parameters.with_changes(
        params=tuple(p.with_changes(comma=cst.MaybeSentinel.DEFAULT) for p in parameters.params)
    )
    body = block_of(node)
    body = body.with_changes(body=(*lifter.helpers, *body.body))
    definition = cst.FunctionDef(cst.Name(name), parameters, body)
    return scope.lifted(name, cst.Module([definition]).code, lifter.seen)
