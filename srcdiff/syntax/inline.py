"""Functions inside the function: each call is written out where it stands.

Takes a call of a function or lambda that the function defines. Adds its statements before the
statement of the call, and gives what it returns. Refuses calls that can't stand there.
"""

from __future__ import annotations

import contextlib
import functools
import operator
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import libcst as cst

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.jumps import gives_one, outputs_of, returns, with_one_return, without_jumps
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    Group,
    If,
    Jump,
    Loop,
    Node,
    Read,
    Statement,
    Variable,
    leaves,
)
from srcdiff.ir.walk import variables
from srcdiff.syntax.arguments import ArgumentReader, Arguments, Binder, Given, Starred, with_first
from srcdiff.syntax.closures import (
    Closure,
    NotStraight,
    Partial,
    Picked,
    Static,
    gives_function,
    is_static,
    maker_of,
    returned_function,
    static_of,
)
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.known_kinds import KnownKinds
from srcdiff.syntax.statements import bound_names, outer_names

MOST_NESTED = 12
MOST_WITHIN_ITSELF = 2
"""How often one text may be written out within itself: given to itself, not in recursion."""
KEPT = ("variables", "before", "place", "assigned", "inner", "seen", "kinds")
"""What of the reader belongs to the function that is being read."""
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
        self.active: list[Definition] = []
        self.rests: dict[Variable, Expression] = {}
        self.seen: set[Variable] = set()
        self.arguments = ArgumentReader(expressions, self.static, self.known)

    def known(self, value: Expression) -> Expression:
        """Give the items of what a starred parameter stands for."""
        return self.rests.get(value.variable, value) if isinstance(value, Read) else value

    def call(self, called: Static, node: cst.Call, span: Span) -> Expression:
        """Give what a call returns; an empty tuple if that is nothing."""
        expressions = self.expressions
        seen = self.seen = set(expressions.seen)
        known, before = {*expressions.variables.values()}, len(expressions.before)
        value = self.applied(called, self.arguments.read(node), node, span)
        added = leaves(tuple(expressions.before[before:]))
        changed = known & {write.variable for statement in added for write in statement.writes}
        if changed and seen:
            names = ", ".join(sorted(variable.wish for variable in changed))
            raise self._refuse(
                f"this call writes into {names}, and the same statement reads something before.",
                "Give the call a statement of its own.",
                node,
            )
        expressions.seen = seen | set(variables(value))
        return value

    def static(self, node: cst.BaseExpression) -> Static | None:
        """Give the function, or the functions, that an expression stands for."""
        if not isinstance(node, cst.Call):
            return static_of(self.expressions, node)
        called = maker_of(self.expressions, node.func)
        if isinstance(called, Closure) and gives_function(called.definition):
            if not self.expressions.slots:
                raise NotStraight
            return self._made(called, node)
        if isinstance(called, Const) and called.value is functools.partial:
            return self._partial(node)
        return None

    def _partial(self, node: cst.Call) -> Static | None:
        arguments = self.arguments.read(node)
        first, *rest = arguments.positional
        if isinstance(first, Starred) or not is_static(first):
            return None
        kept: list[Given] = []
        for value in rest:
            if isinstance(value, Starred):
                return None
            kept.append(self._kept(value))
        named = tuple((name, self._kept(value)) for name, value in arguments.keywords)
        return Partial(first, tuple(kept), named)  # type: ignore[arg-type]  # is_static

    def _kept(self, value: Given) -> Given:
        """Give an argument the value that it has now."""
        return value if is_static(value) else self.expressions.fixed(value)  # type: ignore[arg-type]  # no function

    def _simple(self, value: Given) -> Given:
        return value if is_static(value) else self.expressions.simple(value)  # type: ignore[arg-type]  # no function

    def applied(
        self, called: Static, arguments: Arguments, node: cst.CSTNode, span: Span
    ) -> Expression:
        """Give what a function gives for arguments that are read."""
        match called:
            case Partial(function=function, positional=first, keywords=keywords):
                given = {**dict(keywords), **dict(arguments.keywords)}
                named = replace(arguments, keywords=tuple(given.items()))
                whole = with_first(named, first)
                return self.applied(function, whole, node, span)
            case Picked():
                return self._dispatched(called, arguments, node, span)
            case Closure():
                return self._written_out(called, arguments, node, span)
            case Const():
                return self._library(called, arguments, node, span)
        raise self._refuse("this is no function.", "", node)

    def _refuse(self, message: str, hint: str, node: cst.CSTNode) -> Refusal:
        return self.expressions.refuse("SD103", message, hint, node)

    def _library(
        self, called: Const, arguments: Arguments, node: cst.CSTNode, span: Span
    ) -> Expression:
        """Give the call of a function that has a rule, or a companion."""
        values = [*arguments.positional, *(value for _, value in arguments.keywords)]
        if arguments.rest is not None or any(
            isinstance(value, Starred) or is_static(value) for value in values
        ):
            raise self._refuse(
                "these arguments are not supported here.", "Call the function by its name.", node
            )
        positional: Any = arguments.positional
        keywords: Any = arguments.keywords
        return Call(called.value, positional, keywords, "function", span)

    def _dispatched(
        self, called: Picked, arguments: Arguments, node: cst.CSTNode, span: Span
    ) -> Expression:
        """Write a call of one of several functions as branches."""
        expressions = self.expressions
        positional = tuple(
            value if isinstance(value, Starred) else self._simple(value)
            for value in arguments.positional
        )
        named = tuple((name, self._simple(value)) for name, value in arguments.keywords)
        given = Arguments(positional, named, arguments.rest)
        result = Variable("value", "staged")
        header = Statement((), span, form="made")
        nodes: tuple[Node, ...] = ()
        sure = called.table.kind == "choice" or called.counts
        if not sure:
            unknown = Call(KeyError, (Const("no such function", '"no such function"'),))
            nodes = (Jump("raise", header, unknown),)
        for place, item in reversed([*enumerate(called.table.items)]):
            call = functools.partial(self.applied, item, given, node, span)
            value, needed = expressions.collected(call)
            arm = (*needed, Statement((Bind(result, value),), span, form="made"))
            if sure and not nodes:
                nodes = arm
                continue
            nodes = (If(_test(called, place), arm, nodes, header),)
        expressions.before += nodes
        expressions.rewritten.add(expressions.place)
        return Read(result, span)

    def _made(self, called: Closure, node: cst.Call) -> Static:
        """Give the function that a function makes, with the variables of this call of its own."""
        expressions = self.expressions
        span = expressions.positions.span(node)
        definition = called.definition
        with self._inside(called, self.arguments.read(node), node, span, None):
            if isinstance(definition, cst.FunctionDef) and len(definition.body.body) > 1:
                block = cst.IndentedBlock(body=definition.body.body[:-1])  # type: ignore[arg-type]  # lines
                expressions.before += without_jumps(tuple(self._suite(block)))
            made = static_of(expressions, returned_function(definition))
        if made is None:
            raise self._refuse("what this function returns isn't known.", "", node)
        return made

    def _suite(self, body: cst.BaseSuite) -> list[Node]:
        before = self.expressions.before
        nodes: list[Node] = self.blocks.suite(body)  # type: ignore[attr-defined]  # a BlockReader
        self.expressions.before = before
        return nodes

    def _written_out(
        self, closure: Closure, arguments: Arguments, node: cst.CSTNode, span: Span
    ) -> Expression:
        definition = closure.definition
        if gives_function(definition):
            raise self._refuse(
                "this call gives a function, which can only be called, or get a name.",
                "Assign it to a name, and call that.",
                node,
            )
        changed = outer_names(definition)
        read = {v.wish for v in self.seen}
        if changed & read:
            raise self._refuse(
                f"this call changes {', '.join(sorted(changed & read))}, which the same statement "
                "reads before.",
                "Give the call a statement of its own.",
                node,
            )
        with self._inside(closure, arguments, node, span, changed):
            return self._result(definition, self.expressions.before, span, node)

    @contextlib.contextmanager
    def _inside(
        self,
        closure: Closure,
        arguments: Arguments,
        node: cst.CSTNode,
        span: Span,
        changed: frozenset[str] | None,
    ) -> Iterator[None]:
        """Let names mean what they mean in a function, whose parameters get their values first.

        Parameters
        ----------
        changed
            The variables that may change while the parameters are in use; None for all.
        """
        expressions = self.expressions
        definition = closure.definition
        name = definition.name.value if isinstance(definition, cst.FunctionDef) else "the lambda"
        within = sum(active is definition for active in self.active)
        if len(self.active) > MOST_NESTED or within > MOST_WITHIN_ITSELF:
            raise self._refuse(f"{name} calls itself, which isn't supported here.", "", node)
        refuse = lambda message, hint: self._refuse(message, hint, node)  # noqa: E731  # one line
        given = Binder(name, closure, refuse).bind(arguments)
        outside = {kept: getattr(expressions, kept) for kept in KEPT}
        expressions.rewritten.add(expressions.place)
        own = set() if isinstance(definition, cst.Lambda) else bound_names(definition.body)
        own -= outer_names(definition)
        variables, functions = self._parameters(closure, given, own, changed, span)
        expressions.variables = variables
        expressions.inner = {n: f for n, f in closure.inner.items() if n not in given} | functions
        outer = expressions.assigned if closure.variables else frozenset()
        expressions.assigned = frozenset(own) | outer
        expressions.kinds = KnownKinds(expressions, definition)
        self.active.append(definition)
        try:
            yield
        finally:
            self.active.pop()
            for kept, value in outside.items():
                setattr(expressions, kept, value)

    def _parameters(
        self,
        closure: Closure,
        given: dict[str, Given],
        own: set[str],
        changed: frozenset[str] | None,
        span: Span,
    ) -> tuple[dict[str, Variable], dict[str, Static]]:
        """Give the variables and the functions that a function sees, its parameters among them."""
        inside = {n: v for n, v in closure.variables.items() if n not in own}
        functions: dict[str, Static] = {}
        for parameter, value in given.items():
            inside.pop(parameter, None)
            if is_static(value):
                functions[parameter] = value  # type: ignore[assignment]  # is_static
                continue
            if isinstance(value, Read) and parameter not in own and changed is not None:
                if value.variable.wish not in changed:
                    inside[parameter] = value.variable
                    continue
            variable = inside[parameter] = Variable(parameter)
            if isinstance(value, Group):
                self.rests[variable] = value
            bind = Bind(variable, value)  # type: ignore[arg-type]  # no function
            self.expressions.before.append(Statement((bind,), span, form="made"))
        return inside, functions

    def _result(
        self, definition: Definition, before: list[Node], span: Span, node: cst.CSTNode
    ) -> Expression:
        if isinstance(definition, cst.Lambda):
            return self.expressions.read(definition.body)
        nodes = self._suite(definition.body)
        if any(v.wish != name for name, v in self.expressions.variables.items()):
            self.expressions.rewritten |= {header.span.start for header in headers(nodes)}
        block, values = self._ended(nodes, span, node)
        before += block
        alone = len(values) == 1 and not gives_one(nodes)
        return values[0] if alone else Group("tuple", tuple(values), span)

    def _ended(
        self, nodes: list[Node], span: Span, node: cst.CSTNode
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


def _test(called: Picked, place: int) -> Expression:
    """Give whether a function of a table is the one that is called."""
    table = called.table
    if table.kind == "choice":
        return called.index
    index = called.index
    if table.kind == "dict":
        return Call(operator.eq, (index, table.keys[place]), (), "operator")
    count = Const(len(table.items))
    counted = index if called.counts else Call(operator.mod, (index, count), (), "operator")
    return Call(operator.eq, (counted, Const(place)), (), "operator")


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
