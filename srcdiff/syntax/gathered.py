"""`accumulate`, `chain`, `starmap`, `takewhile` and `filterfalse` as the loops that they are.

Takes a call. Gives the list that the loops before the statement fill; None for any other call.
Refuses functions of which it isn't known what they compute.
"""

from __future__ import annotations

import itertools
import operator
import statistics
from typing import Any

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Group,
    If,
    Item,
    Loop,
    Node,
    Read,
    Statement,
    Variable,
)
from srcdiff.syntax.closures import Closure, NotStraight, Static, library_function
from srcdiff.syntax.sequences import Sequences, appended

GATHERING = frozenset(
    [itertools.accumulate, itertools.chain, itertools.chain.from_iterable, itertools.starmap,
     itertools.takewhile, itertools.filterfalse]
)  # fmt: skip


class Gathered:
    """Reads the calls of one function that gather the items of others in a list."""

    def __init__(self, sequences: Sequences) -> None:
        self.sequences = sequences
        self.reader = sequences.expressions

    def made(self, node: cst.Call, span: Span) -> Expression | None:
        """Give the list of what a call of one of these functions gives."""
        function: Any = library_function(self.reader, node)
        words = [a.keyword.value if a.keyword else a.star for a in node.args]
        if function is zip and words in (["*"], ["*", "strict"]):
            return self._columns(self.reader.read(node.args[0].value), span)
        if function in (statistics.mean, statistics.fmean) and len(node.args) == 1:
            return self._mean(node.args[0].value, span)
        if not _is_one_of(function, GATHERING) or any(a.star for a in node.args):
            return None
        if not self.reader.slots:
            raise NotStraight
        values = [a.value for a in node.args if a.keyword is None]
        named = {a.keyword.value: a.value for a in node.args if a.keyword is not None}
        self.reader.rewritten.add(self.reader.place)
        if function is itertools.accumulate and named.keys() <= {"func", "initial"}:
            return self._accumulated(values, named, node, span)
        if named or (function is not itertools.chain and len(values) > 2) or not values:
            return None
        if function is itertools.chain:
            return self._chained([self.reader.read(value) for value in values], span)
        if function == itertools.chain.from_iterable:
            return self._flattened(self.reader.read(values[0]), span)
        called = self.sequences.inliner.static(values[0])
        tree = self.reader.read(values[1])
        if function is itertools.starmap:
            return self._spread(called, tree, node, span)
        if function is itertools.takewhile:
            return self._taken(called, tree, node, span)
        return self._left(called, tree, node, span)

    def _mean(self, node: cst.BaseExpression, span: Span) -> Expression:
        values = self.reader.simple(self.reader.listed(self.reader.read(node)))
        self.reader.rewritten.add(self.reader.place)
        total = Call(sum, (values,), (), "function", span)
        return Call(operator.truediv, (total, Call(len, (values,))), (), "operator", span)

    def _columns(self, rows: Expression, span: Span) -> Expression:
        """Give the list of the columns that `zip(*rows)` gives, up to the end of the shortest."""
        self.reader.rewritten.add(self.reader.place)
        rows = self.reader.simple(rows)
        sizes, filled = self.sequences.started(span), self.sequences.started(span)

        def measured(elements: list[Expression], body: list[Node]) -> list[Node]:
            return [*body, appended(sizes, Call(len, (elements[0],)), span)]

        self.sequences.loop(rows, span, measured)
        least = Call(min, (Read(sizes),))
        some = Call(len, (rows,))
        count = self.reader.fixed(Call(operators.both, (some, least), (), "operator"))
        place = Variable("j", "staged")
        with self.reader.into([]) as nodes:
            column = self.sequences.started(span)

            def picked(elements: list[Expression], body: list[Node]) -> list[Node]:
                return [*body, appended(column, Item(elements[0], Read(place)), span)]

            self.sequences.loop(rows, span, picked)
        body = (*nodes, appended(filled, Read(column), span))
        header = Statement((), span, form="made")
        self.reader.before.append(Loop(header, place, Call(range, (count,)), None, body))
        return Read(filled, span)

    def _chained(self, trees: list[Expression], span: Span) -> Expression:
        filled = self.sequences.started(span)
        for tree in trees:
            self.sequences.extend(filled, tree, span)
        return Read(filled, span)

    def _flattened(self, rows: Expression, span: Span) -> Expression:
        filled = self.sequences.started(span)

        def make(elements: list[Expression], body: list[Node]) -> list[Node]:
            self.sequences.extend(filled, elements[0], span)
            return body

        self.sequences.loop(rows, span, make)
        return Read(filled, span)

    def _accumulated(
        self,
        values: list[cst.BaseExpression],
        named: dict[str, cst.BaseExpression],
        node: cst.Call,
        span: Span,
    ) -> Expression | None:
        """Give the list of the results so far."""
        given = values[1] if len(values) == 2 else named.get("func")
        plain = given is None or (isinstance(given, cst.Name) and given.value == "None")
        function: Static | None = Const(operator.add, "operator.add")
        if given is not None and not plain:
            function = self.sequences.inliner.static(given)
        tree = self.reader.simple(self.reader.listed(self.reader.read(values[0])))
        filled = self.sequences.started(span)
        total, begun = Variable("result", "staged"), None
        if "initial" in named:
            start = self.reader.read(named["initial"])
            begun = Statement((Bind(total, start),), span, form="made")
            self.reader.before += [begun, appended(filled, Read(total), span)]

        def make(elements: list[Expression], body: list[Node]) -> list[Node]:
            (element,) = elements
            made = Statement((), span, form="made")
            value, nodes = self.reader.collected(
                lambda: self.sequences.applied(function, [Read(total), element], node, span)
            )
            if plain:
                value = Call(operator.add, (Read(total), element), (), "operator", span)
            step = Statement((Bind(total, value),), span, form="made")
            if begun is None:
                first = Statement((Bind(total, element),), span, form="made")
                some = Call(operator.gt, (Call(len, (Read(filled),)), Const(0)), (), "operator")
                return [*body, If(some, (*nodes, step), (first,), made), self._kept(filled, total)]
            return [*body, *nodes, step, self._kept(filled, total)]

        self.sequences.loop(tree, span, make)
        return Read(filled, span)

    def _kept(self, filled: Variable, total: Variable) -> Statement:
        here = self.reader.positions.between(self.reader.place, self.reader.place)
        return appended(filled, Read(total), here)

    def _spread(
        self, function: Static | None, tree: Expression, node: cst.Call, span: Span
    ) -> Expression:
        filled = self.sequences.started(span)

        def make(elements: list[Expression], body: list[Node]) -> list[Node]:
            (element,) = elements
            if isinstance(element, Group):
                given = list(element.items)
            else:
                given = [
                    Item(element, Const(place)) for place in range(self._count(function, node))
                ]
            value = self.sequences.applied(function, given, node, span)
            return [*body, appended(filled, value, span)]

        self.sequences.loop(tree, span, make)
        return Read(filled, span)

    def _count(self, function: Static | None, node: cst.Call) -> int:
        """Give how many arguments a function takes."""
        if isinstance(function, Closure):
            own = function.definition.params
            if not isinstance(own.star_arg, cst.Param):
                return len(own.posonly_params) + len(own.params)
        if isinstance(function, Const) and function.value in operators.BINARY:
            return 2
        raise self.reader.refuse(
            "SD102",
            "how many arguments are given here isn't known.",
            "Give it a function with a parameter for each.",
            node.args[0],
        )

    def _taken(
        self, function: Static | None, tree: Expression, node: cst.Call, span: Span
    ) -> Expression:
        """Give the list of the first items for which a test holds."""
        filled = self.sequences.started(span)
        going = Variable("going", "staged")
        begun = Bind(going, Const(True, "True"))
        self.reader.before.append(Statement((begun,), span, form="made"))
        made = Statement((), span, form="made")

        def make(elements: list[Expression], body: list[Node]) -> list[Node]:
            (element,) = elements
            test, nodes = self.reader.collected(
                lambda: self.sequences.applied(function, [element], node, span)
            )
            asked = Statement((Bind(going, test),), span, form="made")
            kept = appended(filled, element, span)
            return [
                *body,
                If(Read(going), (*nodes, asked), (), made),
                If(Read(going), (kept,), (), made),
            ]

        self.sequences.loop(tree, span, make)
        return Read(filled, span)

    def _left(
        self, function: Static | None, tree: Expression, node: cst.Call, span: Span
    ) -> Expression:
        """Give the list of the items for which a test doesn't hold."""
        filled = self.sequences.started(span)

        def make(elements: list[Expression], body: list[Node]) -> list[Node]:
            (element,) = elements
            test = self.sequences.applied(function, [element], node, span)
            kept = appended(filled, element, span)
            return [*body, If(test, (), (kept,), Statement((), span, form="made"))]

        self.sequences.loop(tree, span, make)
        return Read(filled, span)


def _is_one_of(function: Any, functions: frozenset[Any]) -> bool:
    return any(function is known or function == known for known in functions)
