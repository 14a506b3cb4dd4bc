"""`collections.deque` as the list that it is, and `defaultdict` as a dict that gets its entries.

Takes a call, a statement, or an entry that is read. Gives what does the same with lists and dicts.
Refuses queues of a length, or default values, of which the text doesn't say what they are.
"""

from __future__ import annotations

import collections
import operator
from dataclasses import replace
from typing import Any

import libcst as cst

from srcdiff.diagnostics import Refusal, Span
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
    Write,
)
from srcdiff.ir.parts import path_to
from srcdiff.ir.walk import copied
from srcdiff.syntax.closures import NotStraight, library_function
from srcdiff.syntax.list_methods import ListMethods

EMPTY: dict[Any, Expression] = {
    float: Const(0.0),
    int: Const(0),
    list: Group("list", ()),
    dict: Group("dict", ()),
}
"""What the builtins give that are factories of default values."""
UNREAD_CLASSES = (collections.Counter, collections.ChainMap, collections.UserDict)


class Queues:
    """Reads the queues and the dicts with default values of one function."""

    def __init__(self, lists: ListMethods) -> None:
        self.lists = lists
        self.values = lists.values
        self.reader = lists.reader

    # Queues.

    def made(self, node: cst.Call, span: Span) -> Expression | None:
        """Give the list or dict that a call of one of these classes makes; None for others."""
        made = library_function(self.reader, node)
        if made in UNREAD_CLASSES:
            raise self._unread(f"{getattr(made, '__name__', 'this')} can't be read here.", node)
        if made in (dict, collections.OrderedDict):
            return self._of_pairs(node, span)
        if made is collections.defaultdict:
            if len(node.args) != 1 or not self.reader.slots:
                raise self._unread("a defaultdict with entries can't be read here.", node)
            self.reader.rewritten.add(self.reader.place)
            return Group("dict", (), span)
        if made is not collections.deque:
            return None
        if not self.reader.slots:
            raise NotStraight
        self.reader.rewritten.add(self.reader.place)
        given = [a.value for a in node.args if a.keyword is None and not a.star]
        most = longest(node)
        if len(given) > 2 or any(a.star for a in node.args):
            raise self._unread("this queue can't be read here.", node)
        if not given:
            return Group("list", (), span)
        if most is None or self._fits(given[0], most):
            return self._items(given[0], span)
        items = self.reader.simple(self._items(given[0], span))
        last = Call(operator.neg, (self.reader.read(most),), (), "operator")
        return Item(items, Group("slice", (last, Const(None), Const(None))), span)

    def _of_pairs(self, node: cst.Call, span: Span) -> Expression | None:
        """Give the dict of keys and values that a sequence gives in pairs; None for others."""
        match node.args:
            case [cst.Arg(value=given, keyword=None, star="")]:
                pairs = isinstance(given, (cst.List, cst.ListComp, cst.GeneratorExp))
                if not pairs and library_function(self.reader, given) not in (zip, enumerate):
                    return None
            case _:
                return None
        if not self.reader.slots:
            raise NotStraight
        filled = Variable("entries", "staged")
        begun = Statement((Bind(filled, Group("dict", ())),), span, form="made")
        tree = self.reader.read(given)
        self.reader.before.append(begun)
        self.reader.filled.add(filled)
        self.reader.rewritten.add(self.reader.place)

        def make(elements: list[Expression], body: list[Node]) -> list[Node]:
            (element,) = elements
            two = element.items if isinstance(element, Group) else ()
            key, value = two or (Item(element, Const(0)), Item(copied(element), Const(1)))
            write = Write(filled, (key,), value, "set")
            return [*body, Statement((), span, form="made", writes=(write,))]

        if isinstance(tree, Group):
            for item in tree.items:
                self.reader.before += make([item], [])
        else:
            self.values.sequences.loop(tree, span, make)
        return Read(filled, span)

    def _unread(self, message: str, node: cst.CSTNode) -> Refusal:
        return self.reader.refuse("SD103", message, "Use a list or a dict.", node)

    def _items(self, node: cst.BaseExpression, span: Span) -> Expression:
        """Give a list of its own of some items."""
        own = not isinstance(node, cst.Name) and self.reader.forms.is_a(node, "list")
        return (
            self.reader.read(node) if own else self.values.joined((cst.StarredElement(node),), span)
        )

    def _fits(self, node: cst.BaseExpression, most: cst.BaseExpression) -> bool:
        """Whether no more items are given than a queue may have."""
        match node, most:
            case cst.List(elements=elements), cst.Integer(value=text):
                starred = any(isinstance(e, cst.StarredElement) for e in elements)
                return not starred and len(elements) <= int(text, 0)
            case cst.BinaryOperation(left=cst.List(elements=[_]), right=count), _:
                return isinstance(node.operator, cst.Multiply) and count.deep_equals(most)
        return False

    def call(self, node: cst.Call, statement: Statement) -> list[Node] | None:
        """Give the nodes of a call of a queue's method; None for any other."""
        match node:
            case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value=name)), args=args):
                given = [a.value for a in args if a.keyword is None and not a.star]
            case _:
                return None
        if not self.reader.forms.is_a(owner, "deque") or len(given) < len(args):
            return None
        match name, given:
            case (("append" | "appendleft"), [value]):
                return self._put(owner, self.reader.read(value), statement, left=name != "append")
            case "rotate", _:
                return self._rotated(owner, given, statement)
            case (("extend" | "insert" | "extendleft"), _) if self._most(owner) or name[6:]:
                raise self._unread(f"{name} of a queue of a length can't be read here.", node)
        return None

    def _most(self, owner: cst.BaseExpression) -> Expression | None:
        """Give how many items a queue may have; None for a queue without an end."""
        made = self.reader.forms.value_of(owner, "deque")
        if made is None:
            raise self._unread("how this queue was made isn't known here.", owner)
        most = longest(made)
        if most is None:
            return None
        if isinstance(most, cst.Integer):
            return self.reader.read(most)
        if not self.reader.forms.stays(most):
            raise self._unread("the length of this queue isn't a name that stays.", owner)
        return self.reader.read(most)

    def _put(
        self, owner: cst.BaseExpression, value: Expression, statement: Statement, *, left: bool
    ) -> list[Node]:
        variable, path = self.lists.targets.place(owner)
        span, place = statement.span, 0 if left else None
        put = replace(statement, writes=(Write(variable, path, value, "append", at=place),))
        if left:
            self.reader.rewritten.add(self.reader.place)
        most = self._most(owner)
        if most is None:
            return [put]
        self.reader.rewritten.add(self.reader.place)
        if not isinstance(value, (Read, Const)):  # computed with the item that leaves
            value = self.reader.fixed(value)
            put = replace(statement, writes=(Write(variable, path, value, "append", at=place),))
        count = Call(len, (self.reader.read(owner),))
        full = Call(operator.eq, (count, most), (), "operator")
        leaving = Write(variable, path, Const(None), "pop", at=None if left else 0)
        made = Statement((), span, form="made")
        return [If(full, (Statement((), span, form="made", writes=(leaving,)),), (), made), put]

    def _rotated(
        self, owner: cst.BaseExpression, given: list[cst.BaseExpression], statement: Statement
    ) -> list[Node]:
        """Give the nodes that move items from one end of a queue to the other."""
        span = statement.span
        steps = self.reader.read(given[0]) if given else Const(1)
        if not isinstance(steps, Const) or type(steps.value) is not int:
            raise self._unread("how far this queue is turned isn't written here.", owner)
        self.reader.rewritten.add(self.reader.place)
        variable, path = self.lists.targets.place(owner)
        forward = steps.value > 0
        whole = self.reader.read(owner)
        item = Variable("item", "staged")
        place = Const(-1, "-1") if forward else Const(0)
        off = Write(variable, path, Const(None), "pop", at=None if forward else 0)
        on = Write(variable, path, Read(item), "append", at=0 if forward else None)
        bind = Bind(item, Item(copied(whole), place))
        taken = Statement((bind,), span, form="made")
        made = Statement((), span, form="made")
        body: list[Node] = [
            taken,
            Statement((), span, form="made", writes=(off,)),
            Statement((), span, form="made", writes=(on,)),
        ]
        turned: Node = Loop(
            made,
            Variable("_", "staged"),
            Call(range, (Const(abs(steps.value)),)),
            None,
            tuple(body),
        )
        some = Call(operator.gt, (Call(len, (whole,)), Const(0)), (), "operator")
        return [If(some, (turned,), (), made)]

    # Dicts with default values.

    def entry(self, node: cst.Subscript, span: Span) -> Expression | None:
        """Give an entry that is there when it is read; None where the dict has no defaults."""
        if not self.reader.forms.is_a(node.value, "defaultdict"):
            return None
        made = self.reader.forms.value_of(node.value, "defaultdict")
        if made is None or not made.args:
            raise self._unread("how this dict was made isn't known here.", node.value)
        item = self.reader.item(node, span)
        holder, index = item.value, item.index
        root, path = path_to(holder)
        if not self.reader.slots or not isinstance(root, Read):
            raise NotStraight
        key = index if isinstance(index, (Const, Read)) else self.reader.fixed(index)
        default = self._default(made, span)
        missing = Call(operators.not_within, (key, holder), (), "operator", span)
        self.reader.added(missing, Write(root.variable, (*path, key), default, "set"), span)
        return Item(copied(holder), key, span)

    def _default(self, made: cst.Call, span: Span) -> Expression:
        factory = made.args[0].value
        named = library_function(self.reader, cst.Call(factory))
        if named in EMPTY:
            return copied(EMPTY[named])
        function = self.values.sequences.inliner.static(factory)
        return self.values.sequences.applied(function, [], made, span)


def longest(node: cst.Call) -> cst.BaseExpression | None:
    """Give how many items a queue may have, as its call says; None for as many as come."""
    named = [a.value for a in node.args if a.keyword is not None and a.keyword.value == "maxlen"]
    given = [a.value for a in node.args if a.keyword is None]
    most = named[0] if named else given[1] if len(given) == 2 else None
    return None if isinstance(most, cst.Name) and most.value == "None" else most
