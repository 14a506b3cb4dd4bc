"""Functions inside the function: each call is written out where it stands.

Takes a call of a function or lambda that the function defines. Adds its statements before the
statement of the call, and gives what it returns. Refuses calls that can't stand there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir.jumps import outputs_of, returns, with_one_return, without_jumps
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Expression,
    Group,
    If,
    Jump,
    Loop,
    Node,
    Read,
    Statement,
    Variable,
)
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.statements import bound_names

MOST_NESTED = 12
Definition = cst.FunctionDef | cst.Lambda


class Inliner:
    """Writes out the calls of one function's inner functions.

    Parameters
    ----------
    expressions
        Reads expressions, and knows the variables so far.
    blocks
        Reads blocks of statements.
    """

    def __init__(self, expressions: ExpressionReader, blocks: object) -> None:
        self.expressions = expressions
        self.blocks = blocks
        self.depth = 0

    def call(self, name: str, node: cst.Call, span: Span) -> Expression:
        """Give what a call of an inner function returns."""
        expressions = self.expressions
        definition = expressions.inner[name]
        if self.depth > MOST_NESTED:
            raise expressions.refuse(
                "SD103", f"{name} calls itself, which isn't supported here.", "", node
            )
        given = self._arguments(name, definition, node)
        outside, before, place = expressions.variables, expressions.before, expressions.place
        expressions.rewritten.add(place)
        assigned = set() if isinstance(definition, cst.Lambda) else bound_names(definition.body)
        inside = {n: v for n, v in outside.items() if n not in assigned}
        for parameter, value in given.items():
            if isinstance(value, Read) and parameter not in assigned:
                inside[parameter] = value.variable
                continue
            if expressions.conditional:
                raise expressions.refuse(
                    "SD102",
                    f"a call of {name} in a branch of an expression isn't supported.",
                    "Assign it to a name before.",
                    node,
                )
            inside[parameter] = Variable(parameter)
            before.append(Statement((Bind(inside[parameter], value),), span, form="made"))
        expressions.variables = inside
        self.depth += 1
        try:
            return self._result(definition, before, span, node)
        finally:
            self.depth -= 1
            expressions.variables, expressions.before = outside, before
            expressions.place = place

    def _result(
        self, definition: Definition, before: list[Node], span: Span, node: cst.Call
    ) -> Expression:
        if isinstance(definition, cst.Lambda):
            return self.expressions.read(definition.body)
        if self.expressions.conditional:
            raise self.expressions.refuse(
                "SD102",
                "a call of an inner function in a branch of an expression isn't supported.",
                "Assign it to a name before.",
                node,
            )
        nodes: list[Node] = self.blocks.suite(definition.body)  # type: ignore[attr-defined]  # a BlockReader
        if any(v.wish != name for name, v in self.expressions.variables.items()):
            self.expressions.rewritten |= {header.span.start for header in headers(nodes)}
        block, values = self._ended(nodes, span, node)
        before += block
        return values[0] if len(values) == 1 else Group("tuple", tuple(values), span)

    def _ended(
        self, nodes: list[Node], span: Span, node: cst.Call
    ) -> tuple[Block, list[Expression]]:
        last = nodes[-1] if nodes else None
        if isinstance(last, Jump) and last.kind == "return" and not returns(nodes[:-1]):
            if last.values is not None:
                outputs = outputs_of(last.values, last.header)
                return without_jumps(tuple(nodes[:-1])), [o.value for o in outputs]
        if not returns(nodes):
            raise self.expressions.refuse(
                "SD105", "this inner function returns nothing.", "Return a value.", node
            )
        block, outputs, _ = with_one_return(tuple(nodes), Statement((), span))
        return block, [output.value for output in outputs]

    def _arguments(
        self, name: str, definition: Definition, node: cst.Call
    ) -> dict[str, Expression]:
        parameters = definition.params
        starred = isinstance(parameters.star_arg, cst.Param) or parameters.star_kwarg is not None
        if starred or any(argument.star for argument in node.args):
            raise self.expressions.refuse(
                "SD101",
                "an inner function with starred parameters isn't supported yet.",
                "Name each parameter.",
                node,
            )
        known = [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]
        places = [p.name.value for p in (*parameters.posonly_params, *parameters.params)]
        given: dict[str, Expression] = {}
        positional = [a for a in node.args if a.keyword is None]
        if len(positional) > len(places):
            raise self.expressions.refuse(
                "SD103", f"{name} is called with too many arguments.", "", node
            )
        for place, argument in zip(places, positional, strict=False):
            given[place] = self.expressions.read(argument.value)
        for argument in node.args:
            if argument.keyword is not None:
                given[argument.keyword.value] = self.expressions.read(argument.value)
        for parameter in known:
            own = parameter.name.value
            if own in given:
                continue
            if parameter.default is None:
                raise self.expressions.refuse(
                    "SD103", f"{name} is called without its argument {own}.", "", node
                )
            given[own] = self.expressions.read(parameter.default)
        return given


def headers(nodes: Iterable[Node]) -> Iterator[Statement]:
    """Give all statements of a block, and the first lines of its branches and loops."""
    for node in nodes:
        match node:
            case Statement():
                yield node
            case If() | Loop():
                yield node.header
                yield from headers((*node.body, *node.otherwise) if isinstance(node, Loop) else ())
                yield from headers((*node.then, *node.otherwise) if isinstance(node, If) else ())
