"""`jvp` and `vjp` inside a function: they call the function, and what is derived from it.

Takes a call of one. Gives the call of the function that computes value and tangent; or the value,
and the function that takes gradients back. Refuses arguments that aren't written out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.nodes import Call, Const, Expression
from srcdiff.syntax.closures import Derived
from srcdiff.syntax.derived import counted, entity_of, made_function, making, transform_name

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader


def along(expressions: ExpressionReader, node: cst.Call, span: Span) -> Expression | None:
    """Give the call that computes what `jvp(f, (x,), (v,))` does; None for other calls."""
    name = transform_name(expressions, node)
    if name == "vjp":
        raise _unclear(expressions, node)
    if name != "jvp":
        return None
    scope = making(expressions, node)
    given = [argument.value for argument in node.args if argument.keyword is None]
    if len(given) != 3 or len(node.args) != 3:
        raise _unclear(expressions, node)
    captured: dict[str, Expression] = {}
    function = made_function(expressions, scope, given[0], captured)
    arguments = _items(expressions, given[1])
    function = counted(function, len(arguments), captured)
    tangents = _items(expressions, given[2])
    if len(arguments) != len(tangents):
        raise _unclear(expressions, node)
    moving = tuple(i for i, t in enumerate(tangents) if not _is_nothing(t))
    transform = _transform(expressions, node)
    made = transform.inside(function, moving)
    entity = entity_of(expressions, made, captured)
    names = made.upstreams()
    keywords = [(name, tangents[place]) for name, place in zip(names, moving, strict=True)]
    expressions.rewritten.add(expressions.place)
    return _called(entity, arguments, keywords, span)


def pulled(
    expressions: ExpressionReader, node: cst.BaseExpression, span: Span
) -> tuple[Expression, Derived]:
    """Give the value of `vjp(f, x)`, and the function that takes its gradient back."""
    assert isinstance(node, cst.Call)
    scope = making(expressions, node)
    if any(argument.keyword is not None or argument.star for argument in node.args):
        raise _unclear(expressions, node)
    captured: dict[str, Expression] = {}
    first, *rest = (argument.value for argument in node.args)
    function = made_function(expressions, scope, first, captured)
    arguments = tuple(expressions.fixed(expressions.read(value)) for value in rest)
    function = counted(function, len(arguments), captured)
    kept = {name: expressions.fixed(value) for name, value in captured.items()}
    value = _called(entity_of(expressions, function, kept), arguments, [], span)
    made = _transform(expressions, node).inside(function, len(arguments))
    back = entity_of(expressions, made, kept)
    expressions.rewritten.add(expressions.place)
    return value, Derived(back.function, arguments, back.keywords)


def _called(
    entity: Derived, arguments: tuple[Expression, ...], keywords: Any, span: Span
) -> Expression:
    assert isinstance(entity.function, Const)
    known: Any = entity.keywords
    return Call(entity.function.value, arguments, (*keywords, *known), "function", span)


def _items(expressions: ExpressionReader, node: cst.BaseExpression) -> tuple[Expression, ...]:
    if not isinstance(node, (cst.Tuple, cst.List)):
        raise _unclear(expressions, node)
    return tuple(expressions.read(element.value) for element in node.elements)


def _is_nothing(value: Expression) -> bool:
    return isinstance(value, Const) and value.value is None


def _transform(expressions: ExpressionReader, node: cst.Call) -> Any:
    made = expressions.read(node.func)
    assert isinstance(made, Const)
    return made.value


def _unclear(expressions: ExpressionReader, node: cst.CSTNode) -> Refusal:
    return expressions.refuse(
        "SD102",
        "which arguments are meant here isn't known from the text.",
        "Write them out: jvp(f, (x,), (v,)), or out, pull = vjp(f, x).",
        node,
    )
