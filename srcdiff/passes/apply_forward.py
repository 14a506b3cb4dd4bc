"""One forward rule applied to one call: the rule's text with operands and tangents put in.

Takes a call, its backward rule and the forward rule beside it, and the tangents of the operands.
Gives the tangent of the result, and temporaries. Refuses arguments that the rule doesn't know.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterator
from typing import Any

from srcdiff.ir.branches import Branch, Never
from srcdiff.ir.nodes import Bind, Call, Const, Expression, Group, Item, Read, Unpack, Variable
from srcdiff.ir.types import Type
from srcdiff.ir.walk import rebuild
from srcdiff.passes.apply import Applier, bound_arguments
from srcdiff.passes.inlining import Applied, NeedsHelper, Run
from srcdiff.passes.suggest import suggest
from srcdiff.rules.registry import (
    Rule,
    forward_parameters,
    is_flat,
    signature_of,
    upstream_names,
)
from srcdiff.syntax.read_rule import RuleText, read_rule

RESULT = "tangent"
"""The key of the result among what is applied."""


def apply_forward(
    applier: Applier,
    node: Call,
    rule: Rule,
    function: Callable[..., Any],
    tangents: dict[str, Expression],
    origin: Call,
) -> Applied:
    """Apply a forward rule to a call.

    Parameters
    ----------
    node, rule, function
        The call, its backward rule, and the forward rule beside that.
    tangents
        Of the operands that have one, by the rule's parameter names.
    origin
        The user's expression, where the call is an idiom that stands for it.
    """
    bound = bound_arguments(node, rule)
    text = read_rule(function)
    try:
        return _inlined(applier, node, origin, rule, text, bound, tangents)
    except NeedsHelper:
        return _as_helper(applier, node, rule, function, bound, tangents)


def tangent_names(rule: Rule, function: Callable[..., Any]) -> tuple[str, ...]:
    """Give the parameters of a forward rule that are tangents: dx, dw."""
    own = {parameter.name for parameter in forward_parameters(rule)}
    return tuple(name for name in signature_of(function).parameters if name not in own)


def _inlined(
    applier: Applier,
    node: Call,
    origin: Call,
    rule: Rule,
    text: RuleText,
    bound: dict[str, Expression],
    tangents: dict[str, Expression],
) -> Applied:
    if text.body is None:
        raise NeedsHelper
    run = _ForwardRun(applier, origin, rule, text)
    for parameter in forward_parameters(rule):
        variable = text.parameters[parameter.name]
        given = bound.get(parameter.name)
        if given is None:
            run.values[variable] = Const(parameter.default)
        else:
            run.values[variable] = applier.operand(node, rule, parameter.name, given)
    for name, variable in text.parameters.items():
        if variable in run.values:
            continue
        tangent = tangents.get(name[1:])
        run.given[variable] = tangent is not None
        if tangent is None:
            run.values[variable] = Const(None)
        else:
            run.bind(variable, tangent, "d" + suggest(bound[name[1:]]))
    run.block(text.body)
    applied = run.finish({name: run.values[text.locals[name]] for name in text.returned})
    found = iter(applied.gradients.values())
    applied.gradients = {RESULT: _of_results(rule, found)}
    return applied


def _of_results(rule: Rule, found: Iterator[Expression]) -> Expression:
    """Give the tangent of the result, or of several, of which steps have none."""
    names = upstream_names(rule)
    if len(names) == 1:
        return next(found)
    return Group("tuple", tuple(Const(0.0) if is_flat(n) else next(found) for n in names))


def _as_helper(
    applier: Applier,
    node: Call,
    rule: Rule,
    function: Callable[..., Any],
    bound: dict[str, Expression],
    tangents: dict[str, Expression],
) -> Applied:
    arguments: list[Expression] = []
    keywords: list[tuple[str, Expression]] = []
    for parameter in forward_parameters(rule):
        if parameter.name not in bound:
            continue
        value = applier.operand(node, rule, parameter.name, bound[parameter.name])
        if parameter.default is inspect.Parameter.empty:
            arguments.append(value)
        elif not (isinstance(value, Const) and value.value == parameter.default):
            keywords.append((parameter.name, value))
    keywords += [(f"d{name}", tangent) for name, tangent in tangents.items()]
    call = Call(function, tuple(arguments), tuple(keywords))
    known = applier.types.of(node)
    names = [name for name in upstream_names(rule) if not is_flat(name)]
    if len(names) == 1:
        applier.types.note(call, Type(known.form, known.gradient_kind, known.shape))
        return Applied([], {RESULT: _of_results(rule, iter([call]))})
    variables = [Variable(name, "adjoint") for name in names]
    places = [place for place, n in enumerate(upstream_names(rule)) if not is_flat(n)]
    for variable, place in zip(variables, places, strict=True):
        item = applier.types.of(Item(node, Const(place)))
        applier.types.variables[variable] = item.of_kind(item.gradient_kind)
    parts = Unpack(tuple(variables), call)
    return Applied([parts], {RESULT: _of_results(rule, map(Read, variables))})


class _ForwardRun(Run):
    """An interpretation in which it is known which tangents are given."""

    def __init__(self, applier: Applier, node: Call, rule: Rule, text: RuleText) -> None:
        super().__init__(applier.types, applier.results, node, rule, text)
        self.given: dict[Variable, bool] = {}

    def block(self, body: tuple[Bind | Branch | Never, ...]) -> None:
        """Run a block; a test whether a tangent is None is decided."""
        super().block(tuple(map(self._decided, body)))

    def _decided(self, statement: Bind | Branch | Never) -> Bind | Branch | Never:
        if not isinstance(statement, Branch):
            return statement
        return Branch(self._told(statement.test), statement.then, statement.otherwise)

    def _told(self, node: Expression) -> Expression:
        match node:
            case Call(function=operator.is_, arguments=(Read(variable=v), Const(value=None))):
                if v in self.given:
                    return Const(not self.given[v])
        return rebuild(node, self._told)
