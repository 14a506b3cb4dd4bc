"""A match statement, as ifs that compare its subject.

Takes a match statement of libcst. Gives nodes. Refuses patterns that take a value apart or name it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Protocol

import libcst as cst

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.nodes import Bind, Call, Const, Expression, Node, Read, Statement, Variable
from srcdiff.syntax.expressions import BINARY, ExpressionReader


class Suites(Protocol):
    """What reads blocks of statements."""

    expressions: ExpressionReader

    def suite(self, suite: cst.BaseSuite) -> list[Node]:
        """Read a block of statements."""

    def branch(
        self,
        test: Expression,
        arms: tuple[Callable[[], list[Node]], Callable[[], list[Node]]],
        header: Statement,
        nodes: list[Node],
    ) -> None:
        """Add a branch whose arms are read there."""


class Cases:
    """Reads the match statements of one function."""

    def __init__(self, blocks: Suites) -> None:
        self.blocks = blocks
        self.expressions = blocks.expressions

    def read(self, node: cst.Match) -> list[Node]:
        """Give the nodes that stand for a match statement."""
        span = self.expressions.positions.span(node.subject)
        subject = self.expressions.read(node.subject)
        found: list[Node] = []
        if not isinstance(subject, (Read, Const)):
            whole = Variable("subject", "staged")
            found.append(Statement((Bind(whole, subject),), span, form="made"))
            subject = Read(whole)
        self._chain(list(node.cases), subject, found)
        return found

    def _chain(self, cases: list[cst.MatchCase], subject: Expression, nodes: list[Node]) -> None:
        if not cases:
            return
        first, *others = cases
        self.expressions.before = nodes
        span = self.expressions.positions.span(first.pattern)
        test = self._test(first.pattern, subject)
        if first.guard is not None:
            test = self._guarded(test, first.guard, span)
        if test is None:
            nodes += self.blocks.suite(first.body)
            return

        def otherwise() -> list[Node]:
            rest: list[Node] = []
            self._chain(others, subject, rest)
            return rest

        arms = (lambda: self.blocks.suite(first.body), otherwise)
        self.blocks.branch(test, arms, Statement((), span, form="made"), nodes)

    def _guarded(
        self, test: Expression | None, guard: cst.BaseExpression, span: Span
    ) -> Expression:
        """Give the test of a case with a guard, which is looked at only where the pattern fits."""
        if test is None:
            return self.expressions.read(guard)
        value, needed = self.expressions.apart(guard)
        if not needed:
            return Call(BINARY[cst.And], (test, value), (), "operator", span)
        test = self.expressions.fixed(test)
        return self.expressions.branched(test, ((value, needed), (test, [])), span)

    def _test(self, pattern: cst.MatchPattern, subject: Expression) -> Expression | None:
        """Give the test of a pattern; None for one that holds always."""
        span = self.expressions.positions.span(pattern)
        match pattern:
            case cst.MatchAs(pattern=None, name=None):
                return None
            case cst.MatchValue(value=value):
                pair = (subject, self.expressions.read(value))
                return Call(operator.eq, pair, (), "operator", span)
            case cst.MatchSingleton(value=value):
                pair = (subject, self.expressions.read(value))
                return Call(operator.is_, pair, (), "operator", span)
            case cst.MatchOr(patterns=patterns):
                tests = [self._test(inner.pattern, subject) for inner in patterns]
                result = tests[0]
                for test in tests[1:]:
                    if result is None or test is None:
                        return None
                    result = Call(BINARY[cst.Or], (result, test), (), "operator", span)
                return result
        raise Refusal(
            "SD101",
            "a pattern that takes a value apart or names it isn't supported.",
            "Compare with values, and take the value apart in the case.",
            span,
        )
