"""The backward pass: the rules applied to the statements, last one first.

Takes a resolved function, its types and the parameters to be differentiated. Gives groups of
backward lines, one group per statement. Refuses what no rule covers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Choice,
    Const,
    Expression,
    Forward,
    Function,
    Group,
    Item,
    Loop,
    Member,
    Read,
    Statement,
    Unpack,
    UserFunction,
    Variable,
    Write,
)
from srcdiff.ir.types import Type
from srcdiff.ir.walk import held_in
from srcdiff.passes.activity import Activity
from srcdiff.passes.apply import Applier, bound_arguments, counted, differentiable, is_missing
from srcdiff.passes.backward import BackwardGroup, BackwardNode, Guard, Line, Path, Reversed
from srcdiff.passes.contribute import Contributions
from srcdiff.passes.fields import holds_record
from srcdiff.passes.fit import Fitter
from srcdiff.passes.idioms import negated_square, recognise, squares_under_root
from srcdiff.passes.infer import Types
from srcdiff.passes.items import push_item
from srcdiff.passes.lists import item_at, items_of
from srcdiff.passes.seed import may_be_container
from srcdiff.passes.several import Several
from srcdiff.passes.simplify import Simplifier
from srcdiff.passes.suggest import suggest
from srcdiff.rules import registry
from srcdiff.rules.idioms import root


class Reverser:
    """Writes the backward pass of one function.

    Parameters
    ----------
    function
        Resolved.
    types
        Its types.
    sources
        The parameters, or attributes, to be differentiated.
    problems
        Where refusals go.
    companion
        Differentiates a call of a user's function that isn't inlined, from the gradients of all
        its results.
    """

    def __init__(
        self,
        function: Function,
        types: Types,
        sources: Iterable[Variable],
        problems: Problems,
        companion: Callable[[Reverser, Call, tuple[Expression, ...], tuple[Guard, ...]], None],
    ) -> None:
        self.function = function
        self.types = types
        self.problems = problems
        self.companion = companion
        self.fitter = Fitter(types)
        self.simplifier = Simplifier(types)
        self.activity = Activity(function, types, sources, problems)
        self.results = self.activity.results
        self.applier = Applier(types, self.results)
        self.gradients = Contributions(types, self.activity.uses)
        self.several = Several(self)
        self.groups: list[BackwardNode] = []
        self.lines: list[Line] = []
        self.prepare()

    def reverse(self) -> Reversed:
        """Write the backward pass."""
        self.problems.raise_if_any()
        upstreams = []
        seeds: list[tuple[Expression, Variable]] = []
        for output in self.function.outputs:
            upstream = Variable("d" + output.name, "upstream")
            known = self.types.of(output.value)
            self.types.variables[upstream] = Type(known.form, known.gradient_kind, known.shape)
            upstreams.append(upstream)
            seeds.append((output.value, upstream))
        self._seed(seeds)
        self.block(self.function.body)
        adjoints = dict(self.gradients.adjoints)
        for parameter in self.function.parameters:  # its value at the call may not matter
            if parameter.variable not in self.gradients.started:
                adjoints.pop(parameter.variable, None)
        return Reversed(upstreams, self.groups, adjoints)

    def prepare(self) -> None:
        """Look at the whole function first; straight code needs no look."""

    def loops(self) -> list[Loop]:
        """Give the loops around the statement at hand, outermost first."""
        return []

    def block(self, block: Block) -> None:
        """Add a block's backward code."""
        for node in reversed(block):
            assert isinstance(node, Statement)
            self.statement(node)

    def assigned(self, bind: Bind) -> None:
        """Pass on the gradient of a variable that has other values too."""
        raise AssertionError(bind)

    def write(self, write: Write) -> None:
        """Pass on the gradient of what a write in place put there."""
        raise AssertionError(write)

    def lives_with(self, variable: Variable, other: Variable) -> None:
        """Note that a variable belongs to the block that another one belongs to."""

    def _seed(self, seeds: list[tuple[Expression, Variable]]) -> None:
        adjoints = self.gradients.adjoints
        for value, upstream in seeds:
            if may_be_container(value, self.types, self.function):
                self.gradients.given.add(upstream)
            if isinstance(value, Read) and value.variable not in adjoints:
                if value.variable in self.activity.active:
                    adjoints[value.variable] = upstream
                    self.gradients.started.add(value.variable)
        self.open(self.function.result)
        with self.problems.within(self.function.result.span):
            for value, upstream in seeds:
                known = self.types.of(value)
                if holds_record(known) and not _is_named_tuple(known):
                    raise Refusal("SD105", "the output is a record.", "Return its fields.")
                own = isinstance(value, Read) and adjoints.get(value.variable) is upstream
                if not own and self.activity.is_active(value):
                    self.push(value, Read(upstream), ())
        self.close()

    def statement(self, statement: Statement) -> None:
        """Add a statement's backward lines."""
        self.open(statement)
        for write in reversed(statement.writes):
            with self.problems.within(statement.span):
                self.write(write)
        for bind in reversed(statement.binds):
            if bind.variable in self.results.held:
                with self.problems.within(statement.span):
                    self.several.bound(bind)
                continue
            if bind.variable not in self.gradients.started:
                continue
            with self.problems.within(statement.span):
                if bind.variable in self.function.changing:
                    self.assigned(bind)
                    continue
                adjoint = self.gradients.adjoints[bind.variable]
                self.push(bind.value, Read(adjoint), self.gradients.masks.get(bind.variable, ()))
            self.gradients.flush(self.lines)
        self.close()

    def open(self, statement: Statement | None = None) -> None:
        """Begin the lines of a statement, or of none."""
        self.group = BackwardGroup([statement] if statement is not None else [])
        self.lines = self.group.lines

    def close(self) -> None:
        """End the lines of a statement."""
        self.gradients.flush(self.lines)
        if self.lines:
            self.groups.append(self.group)

    # The walk from a value's gradient to those of what it was computed from.

    def push(self, node: Expression, upstream: Expression, guards: tuple[Guard, ...]) -> None:
        """Pass the gradient of a value on to what the value was computed from."""
        if node in self.types.expansions:
            if isinstance(node, Call) and self._idiom(node, upstream, guards):
                return
            self.push(self.types.expansions[node], upstream, guards)
            return
        if not self.activity.is_active(node):
            return
        upstream = self.fitter.of_kind(upstream, node)
        match node:
            case Read(variable=variable):
                self.several.picked(node)
                self.gradients.pending.append((variable, (), upstream, guards))
            case Item():
                push_item(self, node, upstream, guards)
            case Choice():
                then = Guard("choice", node.test, True)
                otherwise = Guard("choice", node.test, False)
                upstream = self._named(upstream, node, guards)
                self.push(node.then, upstream, (*guards, then))
                self.push(node.otherwise, upstream, (*guards, otherwise))
            case Group():
                self._push_items(node, upstream, guards)
            case Call():
                self._push_call(node, upstream, guards)
            case _:
                raise Refusal("SD104", "this can't be differentiated.", "", node.span)

    def _push_items(
        self, node: Group, upstream: Expression, guards: tuple[Guard, ...], path: Path = ()
    ) -> None:
        written = items_of(upstream)
        if written is not None:
            for item, part in zip(node.items, written, strict=True):
                part = self.typed(part, item) if isinstance(part, Item) else part
                self._pass_on(item, part, False, guards)
            return
        if not path:
            upstream, guards = self.masked(upstream, guards)  # np.where asks entry by entry
            upstream = self._named(upstream, node, guards)
        for index, item in held_in(node):
            here = (*path, index if isinstance(index, Const) else Forward(index))
            if isinstance(item, Group) and item.kind in ("list", "tuple"):
                self._push_items(item, upstream, guards, here)
            elif self.activity.is_active(item):
                self.push(item, self.typed(item_at(upstream, here, self.types), item), guards)

    def typed(self, part: Expression, like: Expression) -> Expression:
        """Give a part of a gradient the type of the value that it belongs to."""
        known = self.types.of(like)
        self.types.note(part, Type(known.form, self.types.of(part).gradient_kind, known.shape))
        return part

    def _push_call(self, node: Call, upstream: Expression, guards: tuple[Guard, ...]) -> None:
        function: Any = node.function
        if isinstance(function, (UserFunction, Member)):
            self.companion(self, node, (upstream,), guards)
            return
        if function is np.where and len(node.arguments) == 3 and not node.keywords:
            self._push_where(node, upstream, guards)
            return
        if function in (np.array, np.asarray) and isinstance(node.arguments[0], Group):
            if self._joins_numbers(node):
                self._push_items(node.arguments[0], upstream, guards)
                return
        if self._idiom(node, upstream, guards):
            return
        inside = squares_under_root(node, self.activity.uses)
        if inside is not None and not self.types.takes_complex(node):
            call = Call(root, (inside,), (), "function", node.span)
            self.types.note(call, self.types.of(node))
            self.apply(node, call, registry.RULES[root], (upstream,), guards)
            return
        rule = self.types.rule(node)
        assert rule is not None, function
        product = negated_square(node)
        if product is not None:
            self.types.note(product, self.types.of(node))
            upstream = Call(operator.neg, (upstream,), (), "operator")
        self.apply(node, product or node, rule, (upstream,), guards)

    def _joins_numbers(self, node: Call) -> bool:
        """Whether np.array's items all have one shape, so that item i is row i."""
        group = node.arguments[0]
        return not node.keywords and isinstance(group, Group)

    def _idiom(self, node: Call, upstream: Expression, guards: tuple[Guard, ...]) -> bool:
        root = self.types.expansions.get(node, node)
        if not isinstance(root, Call) or not self.activity.is_active(node):
            return False
        match = recognise(root, self.activity.uses, self.types)
        if match is None:
            return False
        call, rule = match.call, match.rule
        self.types.note(call, self.types.of(node))
        for statement in match.covered:
            if statement not in self.group.statements:
                self.group.statements.append(statement)
        self.apply(node, call, rule, (upstream,), guards)
        return True

    def apply(
        self,
        origin: Call,
        node: Call,
        rule: registry.Rule,
        upstreams: tuple[Expression, ...],
        guards: tuple[Guard, ...],
    ) -> None:
        """Pass on the gradients of a call's results to its operands."""
        bound = bound_arguments(node, rule)
        wanted = {
            n for n in differentiable(rule) if n in bound and self.activity.is_active(bound[n])
        }
        spread = rule.family == "elementwise"
        if not spread:
            upstreams = tuple(u if is_missing(u) else self.masked(u, guards)[0] for u in upstreams)
            guards = tuple(guard for guard in guards if guard.kind != "where")
        applied = self.applier.apply(node, rule, upstreams, wanted, origin)
        self.emit(applied.temporaries, guards)
        for name, gradient in applied.gradients.items():
            test = counted(rule, bound, name)
            inner = guards if test is None else (*guards, Guard("where", test, True))
            self._pass_on(bound[name], gradient, spread, inner)

    def _pass_on(
        self, operand: Expression, gradient: Expression, spread: bool, guards: tuple[Guard, ...]
    ) -> None:
        if spread and not self._may_wait(operand):
            fitted = self.fitter.fitted(gradient, operand)
            if fitted is not gradient:
                early, guards = self.fitter.told_apart(guards, operand)
                gradient, _ = self.masked(gradient, early)
                fitted = self.fitter.fitted(gradient, operand)
            gradient = fitted
        if isinstance(operand, Group):
            self._push_items(operand, gradient, guards)
        else:
            self.push(operand, gradient, guards)

    def masked(
        self, gradient: Expression, guards: tuple[Guard, ...]
    ) -> tuple[Expression, tuple[Guard, ...]]:
        """Apply the guards that hold entry by entry; give the gradient and the other guards."""
        masks = tuple(guard for guard in guards if guard.kind == "where")
        rest = tuple(guard for guard in guards if guard.kind != "where")
        if masks:
            gradient = self.gradients.guarded(gradient, masks, self.types.of(gradient))
        return gradient, rest

    def _may_wait(self, operand: Expression) -> bool:
        """Whether the sum over broadcast axes may wait until the operand's own operands.

        Elementwise operations commute with broadcasting. Where shapes are known, summing at once
        is cheaper; where they aren't, it would take the shape of a value that has no name.
        """
        root = self.types.expansions.get(operand, operand)
        if not isinstance(root, Call) or isinstance(self.types.of(operand).shape, tuple):
            return False
        match = recognise(root, self.activity.uses, self.types)
        rule = match.rule if match is not None else self.types.rule(root)
        return rule is not None and rule.family == "elementwise"

    def _push_where(self, node: Call, upstream: Expression, guards: tuple[Guard, ...]) -> None:
        test, then, otherwise = node.arguments
        upstream = self._named(upstream, node, guards)
        for branch, positive in ((then, True), (otherwise, False)):
            if not self.activity.is_active(branch):
                continue
            inner = (*guards, Guard("where", test, positive))
            self._pass_on(branch, upstream, True, inner)

    def _named(
        self, upstream: Expression, node: Expression, guards: tuple[Guard, ...]
    ) -> Expression:
        """Give a gradient a name where it is about to be used several times."""
        if isinstance(upstream, (Read, Const)):
            return upstream
        variable = Variable("d" + suggest(node), "adjoint")
        self.types.variables[variable] = self.types.of(upstream)
        self.emit([Bind(variable, self.simplifier.simplify(upstream))], guards)
        return Read(variable)

    def emit(self, temporaries: Iterable[Bind | Unpack], guards: tuple[Guard, ...]) -> None:
        """Add lines, computed only where their guards hold."""
        tests = [guard for guard in guards if guard.kind == "choice"]
        for line in temporaries:
            value = line.value
            nothing: Expression = Const(None)
            if isinstance(line, Unpack):
                nothing = Group("tuple", (nothing,) * len(line.variables))
            for guard in reversed(tests):
                items = (value, nothing) if guard.positive else (nothing, value)
                value = Choice(Forward(guard.test), *items)
            if isinstance(line, Bind):
                self.lines.append(Bind(line.variable, value))
            else:
                self.lines.append(Unpack(line.variables, value))


def _is_named_tuple(known: Type) -> bool:
    """Whether a value is a named tuple of numbers and arrays, whose fields have numbers too."""
    tuple_ = known.record is not None and known.record.is_tuple
    return tuple_ and not any(map(holds_record, known.items or ()))
