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
    Const,
    Expression,
    Group,
    If,
    Jump,
    Loop,
    Node,
    Read,
    Statement,
    UserFunction,
    Variable,
)
from srcdiff.ir.walk import variables
from srcdiff.syntax.closures import Closure
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
        self.rests: dict[Variable, Expression] = {}

    def call(self, closure: Closure, node: cst.Call, span: Span) -> Expression:
        """Give what a call returns; an empty tuple if that is nothing."""
        expressions = self.expressions
        definition = closure.definition
        name = node.func.value if isinstance(node.func, cst.Name) else "the lambda"
        if self.depth > MOST_NESTED:
            raise expressions.refuse(
                "SD103", f"{name} calls itself, which isn't supported here.", "", node
            )
        given, functions = self._arguments(str(name), definition, node)
        outside, before, place = expressions.variables, expressions.before, expressions.place
        assigned, inner = expressions.assigned, expressions.inner
        expressions.rewritten.add(place)
        own = set() if isinstance(definition, cst.Lambda) else bound_names(definition.body)
        inside = {n: v for n, v in closure.variables.items() if n not in own}
        for parameter, value in given.items():
            if isinstance(value, Read) and parameter not in own:
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
            if isinstance(value, Group):
                self.rests[inside[parameter]] = value
            before.append(Statement((Bind(inside[parameter], value),), span, form="made"))
        for parameter in functions:
            inside.pop(parameter, None)
        expressions.variables = inside
        expressions.inner = {**closure.inner, **functions}
        expressions.assigned = frozenset(own) | (assigned if closure.variables else frozenset())
        self.depth += 1
        try:
            return self._result(definition, before, span, node)
        finally:
            self.depth -= 1
            expressions.variables, expressions.before = outside, before
            expressions.assigned, expressions.inner = assigned, inner
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
            if self.expressions.alone is not None:
                return without_jumps(tuple(nodes)), []
            raise self.expressions.refuse(
                "SD105", "this inner function returns nothing.", "Return a value.", node
            )
        block, outputs, _ = with_one_return(tuple(nodes), Statement((), span))
        return block, [output.value for output in outputs]

    def _arguments(
        self, name: str, definition: Definition, node: cst.Call
    ) -> tuple[dict[str, Expression], dict[str, Closure | Const]]:
        """Give the values of the parameters, and those that are functions."""
        parameters = definition.params
        known = [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]
        places = [p.name.value for p in (*parameters.posonly_params, *parameters.params)]
        given: dict[str, Expression] = {}
        functions: dict[str, Closure | Const] = {}
        values = self._positional(node)
        star = parameters.star_arg.name.value if isinstance(parameters.star_arg, cst.Param) else ""
        if len(values) > len(places) and not star:
            raise self.expressions.refuse(
                "SD103", f"{name} is called with too many arguments.", "", node
            )
        for place, value in zip(places, values, strict=False):
            self._give(place, value, given, functions)
        if star:
            rest = tuple(map(self._value, values[len(places) :]))
            given[star] = Group("tuple", rest, self.expressions.positions.span(node))
        if parameters.star_kwarg is not None or any(a.star == "**" for a in node.args):
            raise self.expressions.refuse(
                "SD101",
                "a call with ** is not supported where the function is written out.",
                "Name each argument.",
                node,
            )
        for argument in node.args:
            if argument.keyword is not None:
                self._give(argument.keyword.value, argument.value, given, functions)
        for parameter in known:
            own = parameter.name.value
            if own in given or own in functions:
                continue
            if parameter.default is None:
                raise self.expressions.refuse(
                    "SD103", f"{name} is called without its argument {own}.", "", node
                )
            self._give(own, parameter.default, given, functions)
            if any(v.role != "global" for v in variables(given.get(own, Const(None)))):
                raise self.expressions.refuse(
                    "SD102",
                    f"the default of {own} is the value that another name had at the definition.",
                    "Pass it in the call.",
                    node,
                )
        return given, functions

    def _positional(self, node: cst.Call) -> list[cst.BaseExpression | Expression]:
        """Give the positional arguments, those of a starred tuple one by one."""
        found: list[cst.BaseExpression | Expression] = []
        for argument in node.args:
            if argument.keyword is not None or argument.star == "**":
                continue
            if not argument.star:
                found.append(argument.value)
                continue
            group = self.expressions.read(argument.value)
            if isinstance(group, Read):
                group = self.rests.get(group.variable, group)
            if not isinstance(group, Group):
                raise self.expressions.refuse(
                    "SD102",
                    "how many arguments this starred one stands for isn't known.",
                    "Write them out.",
                    argument,
                )
            found += group.items
        return found

    def _value(self, value: cst.BaseExpression | Expression) -> Expression:
        return self.expressions.read(value) if isinstance(value, cst.CSTNode) else value

    def _give(
        self,
        parameter: str,
        value: cst.BaseExpression | Expression,
        given: dict[str, Expression],
        functions: dict[str, Closure | Const],
    ) -> None:
        """Note a parameter's value, or the function that it is."""
        expressions = self.expressions
        if isinstance(value, cst.Lambda):
            functions[parameter] = Closure(value, expressions.variables, expressions.inner)
            return
        if isinstance(value, cst.Name) and value.value not in expressions.variables:
            known = expressions.inner.get(value.value)
            if known is not None:
                functions[parameter] = known
                return
            entity = expressions.scope.lookup(value.value)
            definition = (
                expressions.scope.definition(value.value)
                if isinstance(entity, UserFunction)
                else None
            )
            if definition is not None:
                functions[parameter] = Closure(definition, {}, {})
                return
        read = self._value(value)
        if isinstance(read, Const) and callable(read.value):
            functions[parameter] = read
            return
        given[parameter] = read


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
