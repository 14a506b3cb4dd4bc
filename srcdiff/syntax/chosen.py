"""`max` and `min` with a key or a default: the item at the place where the keys say it is.

Takes a call. Gives the item, picked by an index that has no derivative. Refuses keys of which it
isn't known what they compute.
"""

from __future__ import annotations

import operator
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
    Node,
    Read,
    Statement,
    Variable,
)
from srcdiff.syntax.closures import NotStraight
from srcdiff.syntax.sequences import Sequences, appended

Computed = Callable[[Expression], Expression]


class Chosen:
    """Reads the calls of one function that choose one item of several."""

    def __init__(self, sequences: Sequences) -> None:
        self.sequences = sequences
        self.reader = sequences.expressions

    def best(self, node: cst.Call, span: Span, *, greatest: bool) -> Expression | None:
        """Give the greatest or least item by a key; None for calls without key and default."""
        named = {a.keyword.value: a.value for a in node.args if a.keyword is not None}
        values = [a.value for a in node.args if a.keyword is None]
        if not named or not named.keys() <= {"key", "default"} or not values:
            return None
        if any(argument.star for argument in node.args):
            return None
        if not self.reader.slots:
            raise NotStraight
        key = named.get("key")
        if len(values) == 1 and key is not None and self._is_dict(values[0], key):
            return self._best_key(values[0], key, node, span, greatest=greatest)
        items = self._items(values, span)
        key = named.get("key")
        if isinstance(key, cst.Name) and key.value == "None":
            key = None
        if "default" not in named:
            return self._picked(items, key, node, span, greatest=greatest)
        if not isinstance(items, Read):
            items = self.reader.fixed(Call(list, (items,)))
        count = Call(len, (items,))
        some = Call(operator.gt, (count, Const(0)), (), "operator", span)
        arms = (
            self.reader.collected(lambda: self._picked(items, key, node, span, greatest=greatest)),
            self.reader.apart(named["default"]),
        )
        return self.reader.branched(some, arms, span)

    def _is_dict(self, node: cst.BaseExpression, key: cst.BaseExpression) -> bool:
        """Whether a dict's keys are chosen from: its text says so, or its entries are the keys."""
        match node, key:
            case cst.Name(value=name), cst.Attribute(
                value=cst.Name(value=owner), attr=cst.Name(value="get")
            ):
                return name == owner
        return self.reader.forms.is_dict(node)

    def _best_key(
        self,
        node: cst.BaseExpression,
        key: cst.BaseExpression,
        call: cst.Call,
        span: Span,
        *,
        greatest: bool,
    ) -> Expression:
        """Give the key of a dict whose value, by a function, is the greatest or least."""
        holder = self.reader.simple(self.reader.read(node))
        computed = self._computed(key, call, span)
        here, best, chosen = (Variable(wish, "staged") for wish in ("key", "best", "chosen"))
        header = Statement((), span, form="made")
        begun = (Bind(chosen, Const(None, "None")), Bind(best, Const(0.0)))
        value, nodes = self.reader.collected(lambda: self.reader.fixed(computed(Read(here))))
        compare = operator.gt if greatest else operator.lt
        first = Call(operator.is_, (Read(chosen), Const(None, "None")), (), "operator")
        better = Call(compare, (value, Read(best)), (), "operator")
        test = Call(operators.either, (first, better), (), "operator")
        taken = Statement((Bind(chosen, Read(here)), Bind(best, value)), span, form="made")
        body = (*nodes, If(test, (taken,), (), header))
        loop = Loop(header, here, Call(list, (holder,)), None, body)
        self.reader.before += [Statement(begun, span, form="made"), loop]
        self.reader.rewritten.add(self.reader.place)
        return Read(chosen, span)

    def _items(self, values: list[cst.BaseExpression], span: Span) -> Expression:
        """Give what is chosen from, as something with places."""
        if len(values) > 1:
            return self.reader.fixed(Group("list", tuple(map(self.reader.read, values))))
        tree = self.reader.listed(self.reader.read(values[0]))
        if isinstance(tree, Call) and tree.function in (zip, enumerate, reversed):
            return self.sequences.filled(tree, span)
        if isinstance(tree, Call) and tree.function is range:
            return tree
        return self.reader.simple(tree)

    def _picked(
        self,
        items: Expression,
        key: cst.BaseExpression | None,
        node: cst.Call,
        span: Span,
        *,
        greatest: bool,
    ) -> Expression:
        if key is None:
            return Call(max if greatest else min, (items,), (), "function", span)
        keys = self._keys(items, key, node, span)
        function = operators.place_of_greatest if greatest else operators.place_of_least
        place = Variable("place", "staged")
        found = Bind(place, Call(function, (keys,), (), "function", span))
        self.reader.before.append(Statement((found,), span, form="made"))
        self.reader.rewritten.add(self.reader.place)
        if isinstance(items, Call) and len(items.arguments) == 1:
            return Read(place)  # of range
        return Item(items, Read(place), span)

    def _keys(
        self, items: Expression, key: cst.BaseExpression, node: cst.Call, span: Span
    ) -> Expression:
        """Give the keys of all items."""
        computed = self._computed(key, node, span)
        filled = self.sequences.started(span)

        def make(elements: list[Expression], body: list[Node]) -> list[Node]:
            value = computed(elements[0])
            return [*body, appended(filled, value, span)]

        self.sequences.loop(items, span, make)
        return Read(filled)

    def _computed(self, key: cst.BaseExpression, node: cst.Call, span: Span) -> Computed:
        """Give what computes the key of an item."""
        match key:
            case cst.Attribute(value=owner, attr=cst.Name(value="__getitem__" | "get")):
                holder = self.reader.simple(self.reader.read(owner))
                return lambda item: Item(holder, item, span)
        function = self.sequences.inliner.static(key)
        return lambda item: self.sequences.applied(function, [item], node, span)
