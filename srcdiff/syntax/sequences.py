"""`map`, `filter`, `functools.reduce`, `sorted`, and `reversed`, as the loops that they are.

Takes a call. Gives the list, or the value, that the loop before the statement computes; None for
any other call.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

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
    Member,
    Node,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.syntax.arguments import Arguments, Given
from srcdiff.syntax.closures import NotStraight, Static, library_function
from srcdiff.syntax.inline import Inliner
from srcdiff.syntax.iterated import picks
from srcdiff.syntax.loops import Elements

Make = Callable[[list[Expression], list[Node]], list[Node]]


class Sequences:
    """Reads the calls of one function that run over sequences."""

    def __init__(self, elements: Elements, inliner: Inliner) -> None:
        self.elements = elements
        self.expressions = elements.expressions
        self.inliner = inliner
        elements.filled = self.filled

    def over(self, node: cst.Call) -> Expression | None:
        """Give what a call of one of these functions computes; None for other calls."""
        function = library_function(self.expressions, node)
        if function in (list, tuple) and len(node.args) == 1:
            return self._tuples(node.args[0].value, self.expressions.positions.span(node))
        if function not in (map, filter, functools.reduce, sorted, reversed):
            return None
        if any(argument.star for argument in node.args):
            return None
        if not self.expressions.slots:
            raise NotStraight
        values = [argument.value for argument in node.args if argument.keyword is None]
        keywords = {a.keyword.value: a.value for a in node.args if a.keyword is not None}
        span = self.expressions.positions.span(node)
        if function is map and len(values) > 1:
            return self._map(values, span, node)
        if function is filter and len(values) == 2:
            return self._filter(values, span, node)
        if function is functools.reduce and len(values) in (2, 3):
            return self._reduce(values, span, node)
        if function is sorted and len(values) == 1:
            return self.in_order(values[0], keywords, span, node)
        return None

    def _tuples(self, inner: cst.BaseExpression, span: Span) -> Expression | None:
        """Give the list that `list(zip(xs, ys))` makes; None for what isn't of this form."""
        if not isinstance(inner, cst.Call) or any(argument.star for argument in inner.args):
            return None
        if library_function(self.expressions, inner) not in (zip, enumerate):
            return None
        if not self.expressions.slots:
            raise NotStraight
        return self.filled(self.expressions.read(inner), span)

    def listed(self, tree: Expression) -> Expression:
        """Give as a list what lies in no list: the values of a dict, combinations of items."""
        if not isinstance(tree, Call) or tree.span is None:
            return tree
        if tree.function != Member("values") and not picks(tree):
            return tree
        if not self.expressions.slots:
            raise NotStraight
        return self.filled(tree, tree.span)

    def extend(
        self, filled: Variable, value: Expression, span: Span, path: tuple[Expression, ...] = ()
    ) -> None:
        """Add the items of a value to a list."""
        if isinstance(value, Group) and value.kind in ("list", "tuple"):
            self.expressions.before += [appended(filled, item, span, path) for item in value.items]
            return
        header = Statement((), span, form="made")
        nodes: list[Node] = []
        sequence, index, element = self.elements.over(value, nodes, header)
        body = appended(filled, element, span, path)
        self.expressions.before += [*nodes, Loop(header, index, sequence, None, (body,))]

    def filled(self, tree: Expression, span: Span) -> Read:
        """Give the list of what a sequence runs over."""
        filled = self.started(span)

        def pick(elements: list[Expression], body: list[Node]) -> list[Node]:
            return [*body, appended(filled, elements[0], span)]

        self.loop(tree, span, pick)
        return Read(filled, span)

    def applied(
        self, function: Static | None, given: list[Expression], node: cst.Call, span: Span
    ) -> Expression:
        """Give what a function gives for these arguments."""
        if function is None:
            raise self.expressions.refuse(
                "SD103",
                "what is called here isn't known before the program runs.",
                "Give it a function by its name, or a lambda.",
                node.args[0],
            )
        positional: tuple[Given, ...] = tuple(given)
        return self.inliner.applied(function, Arguments(positional), node, span)

    def loop(self, tree: Expression, span: Span, make: Make) -> None:
        """Add a loop over a sequence, whose body is made from an element."""
        nodes = self.expressions.before
        header = Statement((), span, form="made")
        sequence, index, element = self.elements.over(tree, nodes, header)
        bound = Variable("item", "staged")
        body: list[Node] = []
        self.expressions.before = body
        body[:] = make([element if isinstance(element, Group) else Read(bound)], body)
        self.expressions.before = nodes
        binds = () if isinstance(element, Group) else (Bind(bound, element),)
        own = Statement(binds, span, form="made")
        nodes.append(Loop(own, index, sequence, None, tuple(body)))
        self.expressions.rewritten.add(self.expressions.place)

    def started(self, span: Span, value: Expression | None = None) -> Variable:
        """Give a list that is to be filled: a variable, which holds nothing yet, or a value."""
        filled = Variable("items", "staged")
        start = Bind(filled, value or Group("list", ()))
        self.expressions.before.append(Statement((start,), span, form="made"))
        return filled

    def _map(self, values: list[cst.BaseExpression], span: Span, node: cst.Call) -> Expression:
        function = self.inliner.static(values[0])
        trees = tuple(self.expressions.read(value) for value in values[1:])
        whole = trees[0] if len(trees) == 1 else Call(zip, trees, (), "function", span)
        filled = self.started(span)

        def make(elements: list[Expression], body: list[Node]) -> list[Node]:
            (element,) = elements
            several = len(trees) > 1 and isinstance(element, Group)
            given = list(element.items) if several and isinstance(element, Group) else elements
            value = self.applied(function, given, node, span)
            return [*body, appended(filled, value, span)]

        self.loop(whole, span, make)
        return Read(filled, span)

    def _filter(self, values: list[cst.BaseExpression], span: Span, node: cst.Call) -> Expression:
        nothing = isinstance(values[0], cst.Name) and values[0].value == "None"
        function = None if nothing else self.inliner.static(values[0])
        tree = self.expressions.read(values[1])
        filled = self.started(span)

        def make(elements: list[Expression], body: list[Node]) -> list[Node]:
            (element,) = elements
            test = element if nothing else self.applied(function, [element], node, span)
            kept = appended(filled, element, span)
            return [*body, If(test, (kept,), (), Statement((), span, form="made"))]

        self.loop(tree, span, make)
        return Read(filled, span)

    def _reduce(self, values: list[cst.BaseExpression], span: Span, node: cst.Call) -> Expression:
        function = self.inliner.static(values[0])
        tree = self.expressions.simple(self.expressions.read(values[1]))
        total = Variable("result", "staged")
        if len(values) == 3:
            start = self.expressions.read(values[2])
        else:
            start = Item(tree, Const(0))
            rest = Group("slice", (Const(1), Const(None), Const(None)))
            tree = self.expressions.simple(Item(tree, rest))
        begun = Statement((Bind(total, start),), span, form="made")
        self.expressions.before.append(begun)

        def make(elements: list[Expression], body: list[Node]) -> list[Node]:
            value = self.applied(function, [Read(total), *elements], node, span)
            return [*body, Statement((Bind(total, value),), span, form="made")]

        self.loop(tree, span, make)
        return Read(total, span)

    def in_order(
        self,
        value: cst.BaseExpression,
        keywords: dict[str, cst.BaseExpression],
        span: Span,
        node: cst.Call,
    ) -> Expression | None:
        """Give the items in the order of an index, which has no derivative."""
        tree = self.expressions.read(value)
        if isinstance(tree, Call) and isinstance(tree.function, Member):
            if tree.function.name in ("keys", "items", "values"):
                if not keywords:
                    return None
                tree = self.filled(tree, span)
        if isinstance(tree, Call) and tree.function in (zip, enumerate):
            tree = self.filled(tree, span)
        tree = self.expressions.simple(tree)
        keys = tree
        if "key" in keywords:
            function = self.inliner.static(keywords["key"])
            filled = self.started(span)

            def make(elements: list[Expression], body: list[Node]) -> list[Node]:
                found = self.applied(function, elements, node, span)
                return [*body, appended(filled, found, span)]

            self.loop(tree, span, make)
            keys = Read(filled)
        order = self._order(keys, keywords.get("reverse"), span)
        chosen = self.started(span)

        def pick(elements: list[Expression], body: list[Node]) -> list[Node]:
            return [*body, appended(chosen, Item(tree, elements[0]), span)]

        self.loop(order, span, pick)
        return Read(chosen, span)

    def _order(
        self, keys: Expression, backwards: cst.BaseExpression | None, span: Span
    ) -> Expression:
        """Give the places of keys, numbers or others, from the least to the greatest."""
        reverse = self.expressions.read(backwards) if backwards is not None else None
        order = Variable("order", "staged")
        named = () if reverse is None else (("reverse", reverse),)
        found = Call(operators.order_of, (keys,), named, "function", span)
        self.expressions.before.append(Statement((Bind(order, found),), span, form="made"))
        return Read(order)


def appended(
    filled: Variable, value: Expression, span: Span, path: tuple[Expression, ...] = ()
) -> Statement:
    """Give the statement that adds an item to a list, or to one that lies in it."""
    return Statement((), span, form="made", writes=(Write(filled, path, value, "append"),))
