"""Recognises the idioms of the rules in the user's expressions.

Takes an expression and the definitions of variables. Gives the idiom's function and its operands;
a variable that only the idiom uses is looked through. Refuses nothing.
"""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import Bind, Call, Choice, Const, Expression, Read, Statement, Variable
from srcdiff.ir.walk import same, substitute, variables
from srcdiff.passes.apply import LISTS, bound_arguments
from srcdiff.passes.infer import Types
from srcdiff.rules import registry
from srcdiff.syntax.read_rule import RuleText, read_rule

COMMUTATIVE = frozenset([operator.add, operator.mul])
CANONICAL: dict[Any, Any] = {
    abs: np.abs,
    math.exp: np.exp,
    math.log: np.log,
    math.sqrt: np.sqrt,
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.negative: operator.neg,
    np.power: operator.pow,
    np.amax: np.max,
}


@dataclass(slots=True)
class Uses:
    """Where variables are defined, how often the forward pass reads them, and which may be None."""

    definitions: dict[Variable, tuple[Statement, Bind]] = field(default_factory=dict)
    counts: Counter[Variable] = field(default_factory=Counter)
    optional: set[Variable] = field(default_factory=set)

    def note(self, bind: Bind) -> None:
        """Note what a definition reads, and whether it gives None where a condition fails."""
        self.counts.update(variables(bind.value))
        if isinstance(bind.value, Choice):
            branches = (bind.value.then, bind.value.otherwise)
            if any(isinstance(branch, Const) and branch.value is None for branch in branches):
                self.optional.add(bind.variable)


@dataclass(slots=True)
class Match:
    """A recognised idiom: the call that stands for it, its rule, and the statements that it is."""

    call: Call
    rule: registry.Rule
    covered: list[Statement]


def recognise(node: Call, uses: Uses, types: Types) -> Match | None:
    """Find the idiom that an expression is, if any."""
    for pattern in registry.IDIOMS:
        text = read_rule(pattern)
        goal = _goal(pattern, text)
        if _canonical(goal.function) is not _canonical(node.function):
            continue
        matcher = _Matcher(text, uses, types.expansions)
        if matcher.match(goal, node) and matcher.complete() and matcher.are_ints(pattern, types):
            operands = tuple(matcher.bound[variable] for variable in text.parameters.values())
            call = Call(pattern, operands, (), "function", node.span)
            if any(types.of(operand).form in LISTS for operand in operands):
                continue  # NumPy's functions take lists, operators don't
            rule = types.rule(call)
            if rule is None or (types.takes_complex(call) and not rule.takes_complex):
                continue
            statements = [uses.definitions[v][0] for v in matcher.seen_through]
            return Match(call, rule, statements)
    return None


def squares_under_root(node: Call, uses: Uses) -> Expression | None:
    """Give what a square root is taken of, if that is a sum of squares."""
    power = node.function is operator.pow and _equal(_value(node.arguments[1]), 0.5)
    if not power and _canonical(node.function) is not np.sqrt:
        return None
    return node.arguments[0] if _is_sum_of_squares(node.arguments[0], uses) else None


def negated_square(node: Call) -> Call | None:
    """Give x * x for `-x * x`, which Python reads as (-x) * x; None for other products."""
    if node.function not in (operator.mul, np.multiply) or len(node.arguments) != 2:
        return None
    left, right = node.arguments
    if isinstance(left, Call) and left.function is operator.neg and same(left.arguments[0], right):
        return replace(node, arguments=(left.arguments[0], right))
    return None


def _is_sum_of_squares(node: Expression, uses: Uses) -> bool:
    if isinstance(node, Read) and node.variable in uses.definitions:
        return _is_sum_of_squares(uses.definitions[node.variable][1].value, uses)
    if not isinstance(node, Call) or not node.arguments:
        return False
    function = _canonical(node.function)
    if _squared(node) is not None:
        return True
    if function is operator.pow:
        exponent = _value(node.arguments[1])
        return isinstance(exponent, int) and exponent > 0 and exponent % 2 == 0
    if function in (operator.add, operator.truediv, operator.mul):
        left, right = node.arguments
        if function is operator.add:
            return _is_sum_of_squares(left, uses) and _is_sum_of_squares(right, uses)
        scaled = [(left, right)] if function is operator.truediv else [(left, right), (right, left)]
        return any(_is_positive(b) and _is_sum_of_squares(a, uses) for a, b in scaled)
    if function in (np.sum, np.mean, sum):
        return _is_sum_of_squares(node.arguments[0], uses)
    if function in (np.dot, np.vdot, np.inner, operator.matmul, np.matmul):
        return len(node.arguments) == 2 and same(*node.arguments)
    return False


def _is_positive(node: Expression) -> bool:
    value = _value(node)
    return isinstance(value, (int, float)) and value > 0


_GOALS: dict[Callable[..., Any], Call] = {}


def _goal(pattern: Callable[..., Any], text: RuleText) -> Call:
    """Give a pattern's returned expression with its local variables written out."""
    if pattern not in _GOALS:
        table: dict[Variable, Expression] = {}
        for statement in text.body or ():
            assert isinstance(statement, Bind)
            table[statement.variable] = substitute(statement.value, table)
        assert text.result is not None
        goal = substitute(text.result, table)
        assert isinstance(goal, Call)
        _GOALS[pattern] = goal
    return _GOALS[pattern]


def _canonical(function: Any) -> Any:
    return CANONICAL.get(function, function)


class _Matcher:
    def __init__(
        self, text: RuleText, uses: Uses, expansions: dict[Expression, Expression]
    ) -> None:
        self.parameters = set(text.parameters.values())
        self.uses = uses
        self.expansions = expansions
        self.bound: dict[Variable, Expression] = {}
        self.seen_through: dict[Variable, frozenset[Read]] = {}

    def complete(self) -> bool:
        """Whether every use of a variable that was looked through lies in the idiom."""
        if not self.parameters <= set(self.bound):
            return False
        if not self.seen_through:
            return True
        inside = Counter(v for value in self.bound.values() for v in variables(value))
        return all(
            self.uses.counts[v] == len(places) and not inside[v]
            for v, places in self.seen_through.items()
        )

    def are_ints(self, pattern: Callable[..., Any], types: Types) -> bool:
        """Whether the operands that a pattern says are ints, such as an axis, can't be None."""
        wanted = [v for v in self.parameters if pattern.__annotations__.get(v.wish) == "int"]
        found = [self.bound[variable] for variable in wanted]
        return all(registry.constant(n) is not None and types.of(n).kind == "int" for n in found)

    def match(self, goal: Expression, node: Expression) -> bool:
        """Match a pattern against an expression."""
        if isinstance(goal, Read) and goal.variable in self.parameters:
            known = self.bound.setdefault(goal.variable, node)
            return known is node or same(known, node)
        if isinstance(goal, Const):
            return isinstance(node, Const) and _equal(goal.value, node.value)
        if node in self.expansions:
            return self.match(goal, self.expansions[node])
        if isinstance(node, Read) and node.variable in self.uses.definitions:
            seen = self.seen_through.get(node.variable, frozenset())
            self.seen_through[node.variable] = seen | {node}
            return self.match(goal, self.uses.definitions[node.variable][1].value)
        if isinstance(goal, Call) and isinstance(node, Call):
            return self._match_call(goal, node)
        return False

    def _match_call(self, goal: Call, node: Call) -> bool:
        function = _canonical(goal.function)
        if function is operator.pow and _equal(_value(goal.arguments[1]), 2):
            squared = _squared(node)
            if squared is not None:
                return self.match(goal.arguments[0], squared)
        if function is not _canonical(node.function):
            return False
        if function in COMMUTATIVE:
            return self._match_either_way(goal, node)
        rule = registry.RULES.get(goal.function)
        if rule is None:
            return False
        try:
            wanted, given = bound_arguments(goal, rule), bound_arguments(node, rule)
        except Refusal:
            return False
        return set(wanted) == set(given) and all(
            self.match(value, given[name]) for name, value in wanted.items()
        )

    def _match_either_way(self, goal: Call, node: Call) -> bool:
        left, right = goal.arguments
        for first, second in (node.arguments, node.arguments[::-1]):
            bound, seen = dict(self.bound), dict(self.seen_through)
            if self.match(left, first) and self.match(right, second):
                return True
            self.bound, self.seen_through = bound, seen
        return False


def _equal(left: Any, right: Any) -> bool:
    numeric = isinstance(left, (int, float)) and isinstance(right, (int, float))
    return bool(left == right) and (numeric or left is right)


def _value(node: Expression) -> Any:
    return node.value if isinstance(node, Const) else None


def _squared(node: Call) -> Expression | None:
    """Give what a square written in another way is the square of."""
    if node.function is np.square:
        return node.arguments[0]
    if _canonical(node.function) is operator.mul and same(*node.arguments):
        return node.arguments[0]
    return None
