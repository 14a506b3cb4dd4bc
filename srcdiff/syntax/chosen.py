"""`max` and `min` with a key or a default: the item at the place where the keys say it is.

Takes a call. Gives the item, picked by an index that has no derivative. Refuses keys of which it
isn't known what they compute.
"""

from __future__ import annotations

import operator

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Group,
    Item,
    Node,
    Read,
    Statement,
    Variable,
)
from srcdiff.syntax.closures import NotStraight
from srcdiff.syntax.sequences import Sequences, appended


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
        match key:
            case cst.Attribute(value=owner, attr=cst.Name(value="__getitem__")):
                holder = self.reader.simple(self.reader.read(owner))

                def computed(item: Expression) -> Expression:
                    return Item(holder, item, span)
            case _:
                function = self.sequences.inliner.static(key)

                def computed(item: Expression) -> Expression:
                    return self.sequences.applied(function, [item], node, span)

        filled = self.sequences.started(span)

        def make(elements: list[Expression], body: list[Node]) -> list[Node]:
            value = computed(elements[0])
            return [*body, appended(filled, value, span)]

        self.sequences.loop(items, span, make)
        return Read(filled)
