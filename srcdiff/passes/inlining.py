"""A rule's text interpreted over a call's operands.

Takes a call, its rule's text and what stands for the parameters. Gives the gradients as
expressions, and temporaries. Refuses what the rule raises; a test that can't be decided asks for a
helper.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir.branches import Branch, Never
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Forward,
    Group,
    Item,
    Read,
    Unpack,
    Variable,
)
from srcdiff.ir.walk import substitute, variables
from srcdiff.passes.fold import fold
from srcdiff.passes.infer import Types
from srcdiff.passes.lists import undecided
from srcdiff.passes.results import Results
from srcdiff.passes.simplify import Simplifier
from srcdiff.rules.registry import Rule, forward_parameters
from srcdiff.syntax.read_rule import RuleText


class NeedsHelper(Exception):
    """A test of the rule can't be decided while deriving."""


@dataclass(slots=True)
class Applied:
    """The gradients of a call's operands.

    Parameters
    ----------
    temporaries
        What is to be computed first.
    gradients
        By the rule's parameter names.
    """

    temporaries: list[Bind | Unpack] = field(default_factory=list)
    gradients: dict[str, Expression] = field(default_factory=dict)


class Run:
    """One interpretation of a rule's body over expressions."""

    def __init__(
        self, types: Types, results: Results, node: Call, rule: Rule, text: RuleText
    ) -> None:
        self.types = types
        self.results = results
        self.node = node
        self.rule = rule
        self.text = text
        self.values: dict[Variable, Expression] = {}
        self.lets: dict[Variable, Expression] = {}
        self.parts: dict[Variable, list[Variable]] = {}

    def block(self, body: tuple[Bind | Branch | Never, ...]) -> None:
        """Interpret statements."""
        for statement in body:
            if isinstance(statement, Bind):
                self._statement(statement)
                continue
            if isinstance(statement, Never):
                raise Refusal("SD103", statement.reason, "", self.node.span)
            test = fold(substitute(statement.test, self.values), self.types)
            if not isinstance(test, Const):
                raise NeedsHelper
            self.block(statement.then if test.value else statement.otherwise)

    def _statement(self, statement: Bind) -> None:
        if self._is_forward_value(statement.value):
            self.values[statement.variable] = Forward(self.node)
            return
        if self._is_part(statement):
            return
        value = fold(substitute(statement.value, self.values), self.types)
        if self.text.lists and undecided(value):
            raise NeedsHelper
        self.bind(statement.variable, self._named(value))

    def _is_part(self, statement: Bind) -> bool:
        """Name one of several results that the rule itself computes."""
        value = statement.value
        if not isinstance(value, Item) or not isinstance(value.value, Read):
            return False
        whole = self.values.get(value.value.variable)
        if value.value.variable.wish or not isinstance(whole, Read):
            return False
        own = Variable(statement.variable.wish, "adjoint")
        self.types.variables[own] = self.types.of(Item(whole, value.index))
        self.parts.setdefault(whole.variable, []).append(own)
        self.values[statement.variable] = Read(own)
        return True

    def _named(self, value: Expression) -> Expression:
        """Give one of several results of the forward pass by the name that it has there."""
        if isinstance(value, Item) and isinstance(value.value, Forward):
            if value.value.node is self.node and isinstance(value.index, Const):
                named = self.results.named.get((self.node, value.index.value))
                return value if named is None else Forward(named)
        return value

    def _is_forward_value(self, value: Expression) -> bool:
        """Whether this is the call of the function that the rule differentiates."""
        if not isinstance(value, Call) or value.function not in self.rule.functions:
            return False
        given = [*enumerate(value.arguments), *value.keywords]
        own = [self.text.parameters[p.name] for p in forward_parameters(self.rule)]
        for place, argument in given:
            wanted = own[place] if isinstance(place, int) else self.text.parameters.get(str(place))
            if not isinstance(argument, Read) or argument.variable is not wanted:
                return False
        return True

    def bind(self, variable: Variable, value: Expression, wish: str = "") -> None:
        """Let a variable of the rule stand for a value."""
        listed = self.text.lists and isinstance(value, Group)
        if listed or isinstance(value, (Const, Read, Forward)):
            self.values[variable] = value
            return
        let = Variable(wish or variable.wish, "adjoint")
        self.types.variables[let] = self.types.of(value)
        self.lets[let] = value
        self.values[variable] = Read(let)

    def finish(self, gradients: dict[str, Expression]) -> Applied:
        """Inline what is used once, and simplify."""
        if self.lets:
            kept, table = self._inlinable(gradients)
            gradients = {name: substitute(g, table) for name, g in gradients.items()}
        else:
            kept = []
        simplify = Simplifier(self.types).simplify
        used = {v for _, value in kept for v in variables(value)}
        used |= {v for gradient in gradients.values() for v in variables(gradient)}
        temporaries: list[Bind | Unpack] = []
        for let, value in kept:
            if let in self.parts:
                targets = tuple(part if part in used else None for part in self.parts[let])
                temporaries.append(Unpack(targets, simplify(value)))
            else:
                temporaries.append(Bind(let, simplify(value)))
        simple = {name: simplify(fold(g, self.types)) for name, g in gradients.items()}
        return Applied(temporaries, simple)

    def _inlinable(
        self, gradients: dict[str, Expression]
    ) -> tuple[list[tuple[Variable, Expression]], dict[Variable, Expression]]:
        """Give the temporaries to be kept, and what is written out in the place of the others."""
        uses = Counter(v for gradient in gradients.values() for v in variables(gradient))
        kept: list[Variable] = []
        for let in reversed(self.lets):
            value = self.lets[let]
            parts = self.parts.get(let, ())
            times = uses[let] + sum(uses[part] for part in parts)
            if times and (parts or (times > 1 and not is_cheap(value))):
                kept.insert(0, let)
                times = 1
            for variable in variables(value) if times else ():
                uses[variable] += times
        table: dict[Variable, Expression] = {}
        result: list[tuple[Variable, Expression]] = []
        for let, value in self.lets.items():
            value = substitute(value, table)
            if let in kept:
                result.append((let, value))
            elif let not in self.parts:
                table[let] = value
        return result, table


def is_cheap(node: Expression) -> bool:
    """Whether writing an expression twice costs nothing and reads better than a name."""
    match node:
        case Read() | Const() | Forward():
            return True
        case Call() if node.function in (np.shape, np.size):
            return True
        case Item():
            return is_cheap(node.value) and isinstance(node.index, Const)
    return False
