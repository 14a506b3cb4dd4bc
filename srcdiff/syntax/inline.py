"""Functions inside the function: each call is written out where it stands.

Takes a call of a function or lambda that the function defines. Adds its statements before the
statement of the call, and gives what it returns. Refuses calls that can't stand there.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import libcst as cst

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.jumps import with_one_return, without_jumps
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    Group,
    Jump,
    Node,
    Read,
    Statement,
    Variable,
    leaves,
)
from srcdiff.ir.returned import gives_one, outputs_of, returns
from srcdiff.ir.walk import assigned_in, headers, variables
from srcdiff.syntax.arguments import ArgumentReader, Arguments, Binder, Given, Starred, with_first
from srcdiff.syntax.asked import chosen, nothing_or, stays_nothing
from srcdiff.syntax.closures import (
    Closure,
    NotStraight,
    Partial,
    Picked,
    Static,
    is_static,
    static_of,
)
from srcdiff.syntax.derived import derived_function
from srcdiff.syntax.dispatch import dispatched
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.inner_recursion import InnerRecursion, calls_itself
from srcdiff.syntax.instance import Instance, is_object
from srcdiff.syntax.known_kinds import KnownKinds
from srcdiff.syntax.makers import gives_function, maker_of, returned_function
from srcdiff.syntax.statements import bound_names, outer_names, single_names

MOST_NESTED = 12
MOST_WITHIN_ITSELF = 2
"""How often one text may be written out within itself: given to itself, not in recursion."""
KEPT = (
    "variables", "before", "place", "assigned", "inner", "seen", "known_at", "kept_objects",
    "bound", "single", "owner", "self_name", "nonlocals", "kept_lists", "forms",
    "definition",
)  # fmt: skip
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
        self.recursion = InnerRecursion(expressions)
        self.arguments = ArgumentReader(expressions, self.static, self.known)

    def known(self, value: Expression) -> Expression:
        """Give the items of what a starred parameter stands for."""
        return self.rests.get(value.variable, value) if isinstance(value, Read) else value

    def call(
        self, called: Static, node: cst.Call, span: Span, *, alone: bool = False
    ) -> Expression:
        """Give what a call returns; an empty tuple if that is nothing, which is so `alone`."""
        expressions = self.expressions
        if not expressions.slots:
            raise NotStraight
        alone = alone or expressions.alone is node
        seen = self.seen = set(expressions.seen)
        known, before = {*expressions.variables.values()}, len(expressions.before)
        value = self.applied(called, self.arguments.read(node), node, span, alone=alone)
        added = list(leaves(tuple(expressions.before[before:])))
        changed = known & {write.variable for statement in added for write in statement.writes}
        changed |= seen & expressions.owned & set(assigned_in(added))
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
        node = chosen(self.expressions, node)
        derived = derived_function(self.expressions, node)
        if derived is not None:
            return derived
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

        def kept(value: Any) -> Any:  # the value that it has now
            return value if is_static(value) else self.expressions.fixed(value)

        if not is_static(first) or any(isinstance(value, Starred) for value in (first, *rest)):
            return None
        named = tuple((name, kept(value)) for name, value in arguments.keywords)
        return Partial(first, tuple(map(kept, rest)), named)  # type: ignore[arg-type]  # is_static

    def applied(
        self,
        called: Static,
        arguments: Arguments,
        node: cst.CSTNode,
        span: Span,
        *,
        alone: bool = False,
    ) -> Expression:
        """Give what a function gives for arguments that are read."""
        match called:
            case Partial(function=function, positional=first, keywords=keywords):
                given = {**dict(keywords), **dict(arguments.keywords)}
                named = replace(arguments, keywords=tuple(given.items()))
                whole = with_first(named, first)
                return self.applied(function, whole, node, span, alone=alone)
            case Picked():
                return dispatched(self, called, arguments, span, node, alone=alone)
            case Closure():
                return self._written_out(called, arguments, node, span, alone=alone)
            case Instance() if method := self.expressions.objects.bound(called, "__call__"):
                return self.applied(method, arguments, node, span, alone=alone)
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
        plain = not any(isinstance(value, Starred) or is_static(value) for value in values)
        if arguments.rest is not None or not plain:
            raise self._refuse(
                "these arguments are not supported here.", "Call the function by its name.", node
            )
        positional: Any = arguments.positional
        keywords: Any = arguments.keywords
        return Call(called.value, positional, keywords, "function", span)

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
        with self.expressions.into(self.expressions.before):
            return self.blocks.suite(body)  # type: ignore[attr-defined,no-any-return]  # a BlockReader

    def _written_out(
        self,
        closure: Closure,
        arguments: Arguments,
        node: cst.CSTNode,
        span: Span,
        *,
        alone: bool,
    ) -> Expression:
        definition = closure.definition
        if gives_function(definition):
            raise self._refuse(
                "this call gives a function, which can only be called, or get a name.",
                "Assign it to a name, and call that.",
                node,
            )
        if calls_itself(closure):
            given = self._given(closure, arguments, node)
            return self.recursion.call(closure, given, node, span, alone=alone)
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
            return self._result(definition, self.expressions.before, span, node, alone=alone)

    def _given(self, closure: Closure, arguments: Arguments, node: cst.CSTNode) -> dict[str, Given]:
        """Give the arguments of a call by the parameters."""
        refuse = lambda message, hint: self._refuse(message, hint, node)  # noqa: E731  # one line
        return Binder(_name_of(closure.definition), closure, refuse).bind(arguments)

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
        name = _name_of(definition)
        within = sum(active is definition for active in self.active)
        if len(self.active) > MOST_NESTED or within > MOST_WITHIN_ITSELF:
            hint = "Define it at the top of the file, and let it call itself by its name."
            raise self._refuse(f"{name} calls itself, which isn't supported here.", hint, node)
        given = self._given(closure, arguments, node)
        outside = {kept: getattr(expressions, kept) for kept in KEPT}
        expressions.rewritten.add(expressions.place)
        own = set() if isinstance(definition, cst.Lambda) else bound_names(definition.body)
        own -= outer_names(definition)
        variables, functions = self._parameters(closure, given, own, changed, span)
        expressions.variables = variables
        changing = {n: f for n, f in functions.items() if n in own and is_object(f)}
        kept = {n: f for n, f in functions.items() if n not in changing}
        expressions.inner = {n: f for n, f in closure.inner.items() if n not in given} | kept
        held = dict(expressions.inner)
        expressions.known_at, expressions.kept_objects, expressions.bound = {}, {}, set()
        expressions.kept_lists = {}
        expressions.single = (
            frozenset() if isinstance(definition, cst.Lambda) else single_names(definition)
        )
        if closure.owner is not None:
            expressions.owner = (next(iter(given.values()), Const(None)), closure.owner)
            expressions.self_name = ""
        expressions.nonlocals = outer_names(definition)
        expressions.assigned = frozenset(own) | closure.assigned
        expressions.forms = KnownKinds(expressions, definition)
        expressions.definition = definition
        for parameter, held_value in changing.items():  # which may stand for others later
            expressions.objects.name(parameter, held_value, expressions.objects.before(span), node)
        self.active.append(definition)
        try:
            yield
        finally:
            self.active.pop()
            for own_name, function in expressions.inner.items():
                if isinstance(function, Instance) and held.get(own_name) is not function:
                    function.holders -= 1
            for attribute, own_value in outside.items():
                setattr(expressions, attribute, own_value)

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
        owned = self.expressions.owned
        functions: dict[str, Static] = {}
        for parameter, value in given.items():
            inside.pop(parameter, None)
            value = self.expressions.objects.of(value) or value
            if is_static(value):
                functions[parameter] = value  # type: ignore[assignment]  # is_static
                continue
            nothing = nothing_or(value)
            if nothing is not None and stays_nothing(closure.definition.body, parameter):
                functions[parameter] = nothing
                continue
            if isinstance(value, Read) and parameter not in own and changed is not None:
                if value.variable.wish not in changed and value.variable not in owned:
                    inside[parameter] = value.variable
                    continue
            variable = inside[parameter] = Variable(parameter)
            self.expressions.given[variable] = self.expressions.path
            if parameter not in own and parameter not in outer_names(closure.definition):
                self.expressions.steady.add(variable)
            self.expressions.kinds.note(variable, value)  # type: ignore[arg-type]  # no function
            if isinstance(value, Group):
                self.rests[variable] = value
            bind = Bind(variable, value)  # type: ignore[arg-type]  # no function
            self.expressions.before.append(Statement((bind,), span, form="made"))
        return inside, functions

    def _result(
        self,
        definition: Definition,
        before: list[Node],
        span: Span,
        node: cst.CSTNode,
        *,
        alone: bool,
    ) -> Expression:
        if isinstance(definition, cst.Lambda):
            return self.expressions.read(definition.body)
        nodes = self._suite(definition.body)
        renamed = any(v.wish != name for name, v in self.expressions.variables.items())
        if renamed or self.expressions.owner is not None:
            self.expressions.rewritten |= {header.span.start for header in headers(nodes)}
        block, values = self._ended(nodes, span, node, alone=alone)
        before += block
        alone = len(values) == 1 and not gives_one(nodes)
        return values[0] if alone else Group("tuple", tuple(values), span)

    def _ended(
        self, nodes: list[Node], span: Span, node: cst.CSTNode, *, alone: bool
    ) -> tuple[Block, list[Expression]]:
        last = nodes[-1] if nodes else None
        if isinstance(last, Jump) and last.kind == "return" and not returns(nodes[:-1]):
            if last.values is not None:
                outputs = outputs_of(last.values, last.header)
                return without_jumps(tuple(nodes[:-1])), [o.value for o in outputs]
        if not returns(nodes) and alone:
            return without_jumps(tuple(nodes)), []
        if not returns(nodes):
            raise self.expressions.refuse(
                "SD105", "this inner function returns nothing.", "Return a value.", node
            )
        nodes, tokens = self.expressions.objects.one_return(nodes, span)
        block, outputs, _ = with_one_return(tuple(nodes), Statement((), span))
        self.expressions.kinds.meet(outputs, block)
        return block, [tokens.get(place, o.value) for place, o in enumerate(outputs)]


def _name_of(definition: Definition) -> str:
    return definition.name.value if isinstance(definition, cst.FunctionDef) else "the lambda"
