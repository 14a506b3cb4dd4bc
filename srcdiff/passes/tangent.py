"""Tangents of expressions: the rules applied forwards.

Takes a resolved function, its types and the parameters that have a tangent. Gives the tangent of an
expression; none where it is zero. Refuses what no rule covers.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Forward,
    Function,
    Group,
    Item,
    Member,
    Read,
    Unpack,
    UserFunction,
    Variable,
)
from srcdiff.ir.types import Type, broadcast
from srcdiff.ir.walk import walk, with_values
from srcdiff.passes.activity import Activity
from srcdiff.passes.apply import LISTS, Applier, bound_arguments, differentiable, takes_array
from srcdiff.passes.apply_forward import RESULT, apply_forward
from srcdiff.passes.backward import Guard, Line
from srcdiff.passes.contribute import Contributions
from srcdiff.passes.idioms import recognise, squares_under_root
from srcdiff.passes.infer import Types
from srcdiff.passes.inlining import Applied
from srcdiff.passes.results import Results
from srcdiff.passes.simplify import Simplifier
from srcdiff.passes.suggest import suggest
from srcdiff.passes.tangent_calls import (
    each_in_turn,
    holds_for_complex,
    inside_where,
    with_tangents,
    without_tangent,
    without_uncounted,
)
from srcdiff.rules import forwards, registry
from srcdiff.rules.idioms import root

AFFINE = frozenset(["initial", "constant_values", "prepend", "append", "left", "right"])
"""Arguments that are added to the result, and so don't belong to the function of a tangent."""
LIKE = frozenset([np.zeros_like, np.ones_like, np.empty_like])


class Tangents:
    """The tangents of one function's expressions.

    Parameters
    ----------
    function
        Resolved.
    types
        Its types.
    sources
        The parameters that have a tangent.
    problems
        Where refusals go.
    companion
        Gives, for a call of a user's function that isn't written out, the call that gives its
        value and its tangent, and whether the value is one.

    Attributes
    ----------
    variables
        The tangent of each variable that has one.
    parts
        The tangents of several results at once, by the variables that hold them without a name.
    lines
        Temporaries of the statement at hand.
    called
        For each such call, the lines that give its value and its tangent.
    short
        The tangents that may have fewer entries than their values, because an operand without a
        tangent is broadcast.
    """

    def __init__(
        self,
        function: Function,
        types: Types,
        sources: Iterable[Variable],
        problems: Problems,
        companion: Callable[[Tangents, Call], tuple[Call, bool]],
    ) -> None:
        self.function = function
        self.types = types
        self.problems = problems
        self.companion = companion
        self.applier = Applier(types, Results(function, types))
        self.simplifier = Simplifier(types)
        self.activity = Activity(function, types, sources, problems)
        self.contributions = Contributions(types, self.activity.uses)
        self.variables: dict[Variable, Variable] = {}
        self.parts: dict[Variable, Group] = {}
        self.lines: list[Line] = []
        self.called: dict[Call, list[Line]] = {}
        self.short: set[Expression] = set()
        self.guards: tuple[Guard, ...] = ()
        for variable in self.activity.active:
            if types.of(Read(variable)).form != "other":
                self.variables[variable] = self._variable(variable)

    def _variable(self, variable: Variable) -> Variable:
        wish = f"d{variable.wish}" if variable.wish else ""
        if not variable.wish and variable in self.activity.uses.definitions:
            wish = "d" + suggest(self.activity.uses.definitions[variable][1].value)
        tangent = Variable(wish, "adjoint")
        known = self.types.of(Read(variable))
        self.types.variables[tangent] = replace(known.of_kind(known.gradient_kind), value=None)
        return tangent

    def whole(self, node: Expression) -> Expression | None:
        """Give the simplified tangent of a value, in the value's own shape; None for zero."""
        tangent = self.of(node)
        return self.simplifier.simplify(self._fitted(tangent, node)) if tangent else None

    def zero(self, node: Expression) -> Expression:
        """Give the tangent of a value that depends on nothing that is differentiated."""
        match node:
            case Group(kind="list" | "tuple" | "dict"):
                return with_values(node, self.zero)
            case Call(function=function, arguments=(Read(variable=like), *_)) if function in LIKE:
                if like in self.variables:
                    return Call(np.zeros_like, (Read(self.variables[like]),))
        return self.contributions.zeros(node)

    def of(self, node: Expression) -> Expression | None:
        """Give the tangent of an expression; it may have fewer axes where these broadcast."""
        if not self.activity.is_active(node):
            return None
        if node in self.types.expansions:
            idiom = self._idiom(node) if isinstance(node, Call) else None
            return idiom or self.of(self.types.expansions[node])
        match node:
            case Read(variable=variable):
                return Read(self.variables[variable])
            case Item():
                return self._item(node)
            case Group():
                return self._group(node)
            case Choice():
                then = self._guarded(Guard("choice", node.test, True), node.then)
                otherwise = self._guarded(Guard("choice", node.test, False), node.otherwise)
                return self._typed(Choice(Forward(node.test), then, otherwise), node)
            case Call():
                return self._call(node)
        raise Refusal("SD104", "this can't be differentiated.", "", getattr(node, "span", None))

    def _typed(self, tangent: Expression, like: Expression) -> Expression:
        known = self.types.of(like)
        self.types.note(tangent, Type(known.form, known.gradient_kind, known.shape, known.items))
        return tangent

    def needed(self, node: Expression) -> Expression:
        """Give a tangent in the value's own shape, zeros where it is zero."""
        tangent = self.of(node)
        return self.zero(node) if tangent is None else self._fitted(tangent, node)

    def _fitted(self, tangent: Expression, node: Expression) -> Expression:
        """Spread a tangent over the axes along which the value's operands were broadcast."""
        if tangent not in self.short or self.types.of(node).shape == ():
            return tangent
        total = Call(operator.add, (tangent, self.contributions.zeros(node)), (), "operator")
        return self._typed(total, node)

    def _item(self, node: Item) -> Expression:
        """Give the tangent of an item; of one of several results, that which the rule gives."""
        held = isinstance(node.value, Read) and self.parts.get(node.value.variable)
        whole = held or self.needed(node.value)
        place = node.index.value if isinstance(node.index, Const) else None
        if isinstance(whole, Group) and isinstance(place, int):
            return whole.items[place]
        index = node.index if isinstance(node.index, Const) else Forward(node.index)
        return self._typed(Item(whole, index), node)

    def _group(self, node: Group) -> Expression:
        return self._typed(with_values(node, self.needed), node)

    def _guarded(self, guard: Guard, node: Expression) -> Expression:
        """Give the tangent of a branch, whose temporaries are computed only if it is taken."""
        outer, self.guards = self.guards, (*self.guards, guard)
        tangent = self.needed(node)
        self.guards = outer
        return tangent

    def _emit(self, applied: Applied) -> None:
        """Add temporaries, computed only where their guards hold."""
        for line in applied.temporaries:
            value = line.value
            nothing: Expression = Const(None)
            if isinstance(line, Unpack):
                nothing = Group("tuple", (nothing,) * len(line.variables))
            for guard in reversed(self.guards):
                pair = (value, nothing) if guard.positive else (nothing, value)
                value = Choice(Forward(guard.test), *pair)
            bound = isinstance(line, Bind)
            self.lines.append(
                Bind(line.variable, value) if bound else Unpack(line.variables, value)  # type: ignore[union-attr]  # a Bind
            )

    # Calls.

    def _call(self, node: Call) -> Expression:
        function: Any = node.function
        if isinstance(function, UserFunction):
            return self._companion(node)
        if isinstance(function, Member):
            raise Refusal(
                "SD103",
                f"the method {function.name} of an object has no forward mode.",
                "Functions have: move the computation to one, or use the backward mode.",
                node.span,
            )
        if function is np.where and len(node.arguments) == 3 and not node.keywords:
            return self._where(node)
        first = next(iter(node.arguments), None)
        if function in (np.array, np.asarray) and isinstance(first, Group):
            inner = self._group(first)
            return self._typed(Call(function, (inner, *node.arguments[1:]), node.keywords), node)
        idiom = self._idiom(node)
        if idiom is not None:
            return idiom
        inside = squares_under_root(node, self.activity.uses)
        if inside is not None and not self.types.takes_complex(node):
            call = Call(root, (inside,), (), "function", node.span)
            self.types.note(call, self.types.of(node))
            return self._apply(node, call, registry.RULES[root])
        rule = self.types.rule(node)
        assert rule is not None, function
        return self._apply(node, node, rule)

    def _companion(self, node: Call) -> Expression:
        outer, self.lines = self.lines, []
        known = self.types.of(node)
        call, _ = self.companion(self, node)
        value = Variable(f"{node.function.name}_value", "staged")
        tangent = Variable(f"d{node.function.name}", "adjoint")
        self.types.variables[value] = known
        self.types.variables[tangent] = known.of_kind(known.gradient_kind)
        self._emit(Applied([Unpack((value, tangent), call)]))
        self.called[node], self.lines = self.lines, outer
        return self._typed(Read(tangent), node)

    def _idiom(self, node: Call) -> Expression | None:
        whole = self.types.expansions.get(node, node)
        if not isinstance(whole, Call):
            return None
        match = recognise(whole, self.activity.uses, self.types)
        if match is None:
            return None
        self.types.note(match.call, self.types.of(node))
        return self._apply(node, match.call, match.rule)

    def _apply(self, origin: Call, node: Call, rule: registry.Rule) -> Expression:
        bound = bound_arguments(node, rule)
        names = [
            n for n in differentiable(rule) if n in bound and self.activity.is_active(bound[n])
        ]
        tangents = forwards.TANGENTS.get(rule.backward)
        if self.types.takes_complex(node) and not holds_for_complex(rule, node):
            raise without_tangent(node, "", of_complex=True)
        written = len(node.arguments) > 1 or isinstance(next(iter(node.arguments), None), Group)
        if rule.backward in forwards.IN_TURN and written:
            return self._in_turn(node)
        why = forwards.NO_TANGENT.get(rule.backward)
        reason = why(registry.Operands(bound, self.types.of)) if why is not None else ""
        if tangents is not None and not reason:
            given = {name: self.needed(bound[name]) for name in names}
            for name in filter(functools.partial(takes_array, node, rule), names):
                given[name] = self._entries(bound[name], given[name])
            given = without_uncounted(rule, bound, given)
            applied = apply_forward(self.applier, node, rule, tangents, given, origin)
            self._emit(applied)
            return self._typed(applied.gradients[RESULT], node)
        joint = forwards.JOINT.get(rule.backward, ())
        if joint and set(names) <= set(joint):
            return self._jointly(node, rule, bound, joint)
        if rule.family == "elementwise" and len(registry.upstream_names(rule)) == 1:
            return self._diagonal(origin, node, rule, bound, names)
        if rule.family in ("linear", "bilinear") and AFFINE.isdisjoint(bound):
            return self._linear(node, rule, bound, names)
        raise without_tangent(node, reason)

    def _diagonal(
        self,
        origin: Call,
        node: Call,
        rule: registry.Rule,
        bound: dict[str, Expression],
        names: list[str],
    ) -> Expression:
        """Add up what the operands of an elementwise function contribute."""
        total: Expression | None = None
        covered: list[Expression] = []
        for name in names:
            tangent = self._entries(bound[name], self.of(bound[name]))
            if tangent not in self.short:
                covered.append(bound[name])
            inner, outside = inside_where(tangent)
            applied = self.applier.apply(node, rule, (inner,), {name}, origin)
            self._emit(applied)
            part = outside(applied.gradients[name])
            for value in (part, *(line.value for line in applied.temporaries)):
                covered += [n.node for n in walk(value) if isinstance(n, Forward)]
            total = part if total is None else Call(operator.add, (total, part), (), "operator")
        assert total is not None
        if node not in covered and origin not in covered:
            self._note_short(total, covered, list(bound.values()))
        return total

    def _note_short(
        self, tangent: Expression, covered: list[Expression], operands: list[Expression]
    ) -> None:
        """Note a tangent that doesn't depend on all that its value is broadcast from."""
        own = broadcast(self.types.of(operand).shape for operand in operands if operand in covered)
        if own != broadcast(self.types.of(operand).shape for operand in operands):
            self.short.add(tangent)

    def _where(self, node: Call) -> Expression:
        test, *branches = node.arguments
        covered = [test]
        parts: list[Expression] = []
        for branch in branches:
            tangent = self.of(branch)
            parts.append(Const(0.0) if tangent is None else tangent)
            if tangent is not None and tangent not in self.short:
                covered.append(branch)
        chosen = Call(np.where, (Forward(test), *parts))
        self._note_short(chosen, covered, list(node.arguments))
        return chosen

    def _entries(self, operand: Expression, tangent: Expression | None) -> Expression:
        """Give the tangent of an operand of which NumPy makes an array: a list's as an array."""
        assert tangent is not None
        known = self.types.of(operand)
        if known.form not in LISTS:
            return tangent
        entries = Call(np.array, (self._fitted(tangent, operand),))
        self.types.note(entries, Type("array", "float", known.shape))
        return entries

    def _jointly(
        self,
        node: Call,
        rule: registry.Rule,
        bound: dict[str, Expression],
        joint: tuple[str, ...],
    ) -> Expression:
        """Put the tangents in the places of all operands in which a function is linear."""
        given = {name: bound[name] for name in joint if name in bound}
        tangents = {
            name: self.needed(value)
            for name, value in given.items()
            if not (isinstance(value, Const) and value.value is None)
        }
        return self._typed(with_tangents(node, rule, tangents), node)

    def _in_turn(self, node: Call) -> Expression:
        """Add up what each of any number of operands contributes."""

        def tangent_of(operand: Expression) -> Expression | None:
            return self.needed(operand) if self.activity.is_active(operand) else None

        total, *rest = (self._typed(part, node) for part in each_in_turn(node, tangent_of))
        for part in rest:
            total = Call(operator.add, (total, part), (), "operator")
        return self._typed(total, node)

    def _linear(
        self, node: Call, rule: registry.Rule, bound: dict[str, Expression], names: list[str]
    ) -> Expression:
        """Put the tangent in the operand's place, of each operand in which the call is linear."""
        places = registry.forward_parameters(rule)[: 2 if rule.family == "bilinear" else 1]
        assert {place.name for place in places} >= set(names), rule.backward
        total: Expression | None = None
        for name in names:
            tangent = self.needed(bound[name])
            part = with_tangents(node, rule, {name: tangent})
            self._typed(part, node)
            total = part if total is None else Call(operator.add, (total, part), (), "operator")
        assert total is not None
        return self._typed(total, node)
