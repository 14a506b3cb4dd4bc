"""Calls and statements that move the items of lists: `insert`, `pop(0)`, `clear`, `del`, `+=`.

Takes a statement. Adds the nodes that do the same by putting an item in, taking one out, or setting
one. Refuses what isn't certainly a list where other values do something else.
"""

from __future__ import annotations

import operator
from dataclasses import replace

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
    Loop,
    Node,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.walk import copied, variables
from srcdiff.syntax.before import place_taken
from srcdiff.syntax.closures import NotStraight
from srcdiff.syntax.list_values import ListValues
from srcdiff.syntax.targets import AssignmentReader

EVERY = Group("slice", (Const(None), Const(None), Const(None)))
Arms = tuple[tuple[Expression, list[Node]], ...]
Path = tuple[Expression, ...]


class ListMethods:
    """Reads the statements of one function that move the items of lists."""

    def __init__(self, values: ListValues, targets: AssignmentReader) -> None:
        self.values = values
        self.targets = targets
        self.reader = values.reader

    def call(self, node: cst.Call, statement: Statement) -> list[Node] | None:
        """Give the nodes of a call of a list's method; None for any other."""
        if not isinstance(node.func, cst.Attribute):
            return None
        keyed = any(a.keyword is not None for a in node.args)
        if node.func.attr.value == "sort" and (keyed or self.reader.forms.is_list(node.func.value)):
            return self._sorted(node.func.value, node, statement)
        if any(a.star or a.keyword is not None for a in node.args):
            return None
        owner, name = node.func.value, node.func.attr.value
        given = [argument.value for argument in node.args]
        match name, given:
            case "insert", [place, value]:
                return self._inserted(owner, place, self.reader.read(value), statement)
            case "extend", [more] if not isinstance(more, (cst.List, cst.Tuple)):
                return self._extended(owner, more, statement)
            case "clear", [] if self.reader.forms.is_list(owner):
                return [self._emptied(owner, statement.span)]
            case "pop", [place] if self.reader.forms.is_list(owner):
                return self.removed(owner, place, statement)
            case "pop", [_, *_] if self.dropped(node, statement.span) is not None:
                return []
        return None

    def _sorted(
        self, owner: cst.BaseExpression, node: cst.Call, statement: Statement
    ) -> list[Node] | None:
        """Give the nodes that put a list's items in the order of a key, or the other way round."""
        named = {a.keyword.value: a.value for a in node.args if a.keyword is not None}
        if not named.keys() <= {"key", "reverse"} or len(named) < len(node.args):
            return None
        variable, path = self.targets.place(owner)
        items = self.values.sequences.in_order(owner, named, statement.span, node)
        assert items is not None
        return [replace(statement, writes=(Write(variable, (*path, EVERY), items, "set"),))]

    def added(self, node: cst.AugAssign, statement: Statement) -> list[Node] | None:
        """Give the nodes of `a += b` where `a` is a list; None for any other update."""
        if not isinstance(node.operator, cst.AddAssign):
            return None
        if isinstance(node.target, cst.Name) and self.reader.forms.is_a(node.target, "tuple"):
            parts = (cst.StarredElement(node.target), cst.StarredElement(node.value))
            value = self.values.joined(parts, statement.span, "tuple")
            bind = Bind(self.reader.assigned_variable(node.target.value), value)
            return [replace(statement, binds=(bind,))]
        if not self.reader.forms.is_list(node.target):
            return None
        return self._extended(node.target, node.value, statement)

    def _inserted(
        self,
        owner: cst.BaseExpression,
        place: cst.BaseExpression,
        value: Expression,
        statement: Statement,
    ) -> list[Node]:
        variable, path = self.targets.place(owner)
        index = self.reader.read(place)
        if isinstance(index, Const) and index.value == 0:
            return [replace(statement, writes=(Write(variable, path, value, "append", at=0),))]
        return self._moved_up(variable, path, self.reader.read(owner), (index, value), statement)

    def _moved_up(
        self,
        variable: Variable,
        path: Path,
        whole: Expression,
        given: tuple[Expression, Expression],
        own: Statement,
    ) -> list[Node]:
        """Let the items from a place on each move back by one, and set the item there."""
        self.reader.rewritten.add(self.reader.place)
        span = own.span
        index, value = given
        here, item = Variable("place", "staged"), Variable("item", "staged")
        before = Item(whole, Group("slice", (Const(None), index, Const(None))))
        binds = (Bind(item, value), Bind(here, Call(len, (before,))))
        last = Call(operator.sub, (Call(len, (copied(whole),)), Const(1)), (), "operator")
        step = Variable("j", "staged")
        ahead = Call(operator.sub, (Read(step), Const(1)), (), "operator")
        moved = Write(variable, (*path, Read(step)), Item(copied(whole), ahead), "set")
        made = Statement((), span, form="made")
        places = Call(range, (last, Read(here), Const(-1, "-1")))
        return [
            Statement(binds, span, own.comment, own.leading, form="made"),
            _made(span, Write(variable, path, Read(item), "append")),
            Loop(made, step, places, None, (_made(span, moved),)),
            _made(span, Write(variable, (*path, Read(here)), Read(item), "set")),
        ]

    def _extended(
        self, owner: cst.BaseExpression, more: cst.BaseExpression, statement: Statement
    ) -> list[Node]:
        variable, path = self.targets.place(owner)
        value, nodes = self.reader.collected(lambda: self._apart(more, variable))
        self.reader.rewritten.add(self.reader.place)
        with self.reader.into(nodes):
            self.values.sequences.extend(variable, value, statement.span, path)
        return nodes

    def _apart(self, node: cst.BaseExpression, variable: Variable) -> Expression:
        """Read a value that stays as it is while a list gets more items."""
        value = self.reader.read(node)
        if isinstance(value, Group) and value.kind in ("list", "tuple"):
            return replace(value, items=self.reader.computed_first(value.items, variable))
        if variable not in variables(value):
            return value
        return self.reader.fixed(Call(list, (value,)))

    def _emptied(self, owner: cst.BaseExpression, span: Span) -> Node:
        variable, path = self.targets.place(owner)
        count = self.reader.fixed(Call(len, (self.reader.read(owner),)))
        return self._repeated(count, Write(variable, path, Const(None), "pop"), span)

    def _repeated(self, count: Expression, write: Write, span: Span) -> Loop:
        """Give a loop that writes so many times."""
        self.reader.rewritten.add(self.reader.place)
        header = Statement((), span, form="made")
        steps = Call(range, (count,))
        return Loop(header, Variable("_", "staged"), steps, None, (_made(span, write),))

    def removed(
        self, owner: cst.BaseExpression, place: cst.BaseExpression, statement: Statement
    ) -> list[Node]:
        """Give the nodes that take the item at a place out of a list."""
        variable, path = self.targets.place(owner)
        number = place_taken([place])
        if number is not None:
            at = None if number == -1 else number
            return [replace(statement, writes=(Write(variable, path, Const(None), "pop", at=at),))]
        index = self.reader.read(place)
        return self._closed_up(variable, path, self.reader.read(owner), index, statement)

    def _closed_up(
        self, variable: Variable, path: Path, whole: Expression, index: Expression, own: Statement
    ) -> list[Node]:
        """Let the items behind a place each move forward by one, and take the last off."""
        self.reader.rewritten.add(self.reader.place)
        here = Variable("place", "staged")
        span = own.span
        first = Call(operator.mod, (index, Call(len, (whole,))), (), "operator", span)
        found = Statement((Bind(here, first),), span, own.comment, own.leading, form="made")
        count = Call(operator.sub, (Call(len, (copied(whole),)), Const(1)), (), "operator")
        step = Variable("j", "staged")
        behind = Call(operator.add, (Read(step), Const(1)), (), "operator")
        moved = Write(variable, (*path, Read(step)), Item(copied(whole), behind), "set")
        made = Statement((), span, form="made")
        return [
            found,
            Loop(made, step, Call(range, (Read(here), count)), None, (_made(span, moved),)),
            _made(span, Write(variable, path, Const(None), "pop")),
        ]

    def taken(self, node: cst.BaseExpression, span: Span) -> Expression | None:
        """Give the item that `pop(i)` takes out of a list; None for any other expression."""
        match node:
            case cst.Call(
                func=cst.Attribute(value=owner, attr=cst.Name(value="pop")),
                args=[cst.Arg(value=place, keyword=None, star="")],
            ) if place_taken([place]) is None and self.reader.forms.is_list(owner):
                if not self.reader.slots:
                    raise NotStraight
                index = self.reader.fixed(self.reader.read(place))
                variable, path = self.targets.place(owner)
                whole = self.reader.read(owner)
                item = self.reader.fixed(Item(whole, index, span))
                statement = Statement((), span, form="made")
                nodes = self._closed_up(variable, path, copied(whole), index, statement)
                self.reader.before += nodes
                return item
        return None

    def _is_dict(self, node: cst.BaseExpression, key: cst.CSTNode) -> bool:
        """Whether an expression is certainly a dict, by what it is or by a key."""
        key = key.value if isinstance(key, cst.Index) else key
        named = isinstance(key, (cst.SimpleString, cst.FormattedString))
        return named or self.reader.forms.is_dict(node)

    def dropped(self, node: cst.BaseExpression, span: Span) -> Expression | None:
        """Give the entry that `pop(key)` takes out of a dict; None for any other expression."""
        match node:
            case cst.Call(
                func=cst.Attribute(value=owner, attr=cst.Name(value="pop")),
                args=[cst.Arg(value=key, keyword=None, star=""), *rest],
            ) if self._is_dict(owner, key) and len(rest) < 2:
                if not self.reader.slots:
                    raise NotStraight
            case _:
                return None
        variable, path = self.targets.place(owner)
        index = self.reader.read(key)
        index = index if isinstance(index, Const) else self.reader.simple(index)
        holder = self.reader.read(owner)
        item = Variable("item", "staged")
        entry = Bind(item, Item(holder, index, span))
        gone = Write(variable, (*path, index), Const(None), "del")
        taken = Statement((entry,), span, form="made", writes=(gone,))
        self.reader.rewritten.add(self.reader.place)
        if not rest:
            self.reader.before.append(taken)
            return Read(item, span)
        there = Call(operators.within, (index, copied(holder)), (), "operator", span)
        default, nodes = self.reader.apart(rest[0].value)
        arms: Arms = ((Read(item), [taken]), (default, nodes))
        return self.reader.branched(there, arms, span)

    def deleted(self, node: cst.Subscript, statement: Statement) -> list[Node] | None:
        """Give the nodes that `del a[i]` or `del a[i:j]` stands for; None if `a` may be no list."""
        if self._is_dict(node.value, node.slice[0].slice):
            variable, path = self.targets.place(node, new=True)
            return [replace(statement, writes=(Write(variable, path, Const(None), "del"),))]
        if not self.reader.forms.is_list(node.value) or len(node.slice) != 1:
            return None
        cut = node.slice[0].slice
        if isinstance(cut, cst.Index):
            return self.removed(node.value, cut.value, statement)
        assert isinstance(cut, cst.Slice)
        variable, path = self.targets.place(node.value)
        whole = self.reader.read(node.value)
        bounds = Group("slice", tuple(map(self._bound, (cut.lower, cut.upper, cut.step))))
        _, last, step = bounds.items
        start = place_taken([cut.lower]) if cut.lower is not None else 0
        if start is None or start < 0 or not (isinstance(step, Const) and step.value in (None, 1)):
            raise self.reader.refuse(
                "SD101",
                "these items can't be deleted while differentiating.",
                "Make a new list of the others: a[:i] + a[j:].",
                node,
            )
        count = self.reader.fixed(Call(len, (Item(whole, bounds),)))
        open_ended = isinstance(last, Const) and last.value is None
        write = Write(variable, path, Const(None), "pop", at=None if open_ended else start)
        return [self._repeated(count, write, statement.span)]

    def _bound(self, node: cst.BaseExpression | None) -> Expression:
        return Const(None) if node is None else self.reader.read(node)


def _made(span: Span, write: Write) -> Statement:
    return Statement((), span, form="made", writes=(write,))
