"""Dicts: displays, `dict(...)`, and the methods that read or add an entry.

Takes what a display or a call is of. Gives the tree, with statements before it where an entry may
be missing. Refuses displays with starred parts.
"""

from __future__ import annotations

import collections
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeGuard

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
    Member,
    Node,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.walk import held_in, rebuilt, substitute, trees, variables
from srcdiff.syntax.closures import NotStraight

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader


def display(reader: ExpressionReader, node: cst.Dict, span: Span) -> Expression:
    """Read `{key: value, **others, ...}`."""
    if any(isinstance(element, cst.StarredDictElement) for element in node.elements):
        return _joined(reader, node.elements, span)
    items: list[Expression] = []
    for element in node.elements:
        assert isinstance(element, cst.DictElement)
        items += [reader.read(element.key), reader.read(element.value)]
    objects = reader.objects.lists.keyed(tuple(items))
    if objects is not None:
        return Read(objects, span)
    return Group("dict", tuple(items), span)


def _joined(
    reader: ExpressionReader, elements: Sequence[cst.BaseDictElement], span: Span
) -> Expression:
    """Give a dict of its own, filled entry by entry and dict by dict."""
    filler = Filler(reader, span)
    for element in elements:
        if isinstance(element, cst.DictElement):
            filler.entry(reader.read(element.key), reader.read(element.value))
        else:
            filler.all_of(reader.read(element.value))
    return Read(filler.own, span)


class Filler:
    """Fills a dict before the statement that it stands in."""

    def __init__(self, reader: ExpressionReader, span: Span) -> None:
        if not reader.slots:
            raise NotStraight
        self.reader = reader
        self.span = span
        self.own = Variable("entries", "staged")
        self.begun = False
        reader.filled.add(self.own)

    def _add(self, node: Node) -> None:
        self.reader.before.append(node)
        self.reader.rewritten.add(self.reader.place)
        self.begun = True

    def _begin(self, value: Expression) -> None:
        self._add(Statement((Bind(self.own, value),), self.span, form="made"))

    def entry(self, key: Expression, value: Expression) -> None:
        """Set an entry."""
        if not self.begun:
            self._begin(Group("dict", (), self.span))
        write = Write(self.own, (key,), value, "set")
        self._add(Statement((), self.span, form="made", writes=(write,)))

    def all_of(self, value: Expression) -> None:
        """Set the entries of another dict."""
        if is_display(value):
            for key, held in held_in(value):
                self.entry(key, held)
        elif not self.begun:
            self._begin(Call(Member("copy"), (value,), (), "method", self.span))
        else:
            holder = self.reader.simple(value)
            index = Variable("key", "staged")
            write = Write(self.own, (Read(index),), Item(holder, Read(index), self.span), "set")
            body = Statement((), self.span, form="made", writes=(write,))
            header = Statement((), self.span, form="made")
            self._add(Loop(header, index, Call(list, (holder,)), None, (body,)))


def is_display(value: Expression) -> TypeGuard[Group]:
    """Whether a dict is written out."""
    return isinstance(value, Group) and value.kind == "dict"


def merged(
    reader: ExpressionReader,
    parts: tuple[Expression, ...],
    keywords: tuple[tuple[str, Expression], ...],
    span: Span,
) -> Expression:
    """Give what `dict(d, a=x)` or `d | e` makes."""
    filler = Filler(reader, span)
    for value in parts:
        filler.all_of(value)
    for name, value in keywords:
        filler.entry(Const(name, f'"{name}"'), value)
    return Read(filler.own, span)


def constructed(
    reader: ExpressionReader,
    function: object,
    arguments: tuple[Expression, ...],
    keywords: tuple[tuple[str, Expression], ...],
    span: Span,
) -> Expression | None:
    """Give what `dict(a=x, b=y)`, `dict(d, a=x)`, `list()` or `tuple()` makes."""
    if function is collections.OrderedDict:  # but for the order of what is equal, a dict is one too
        reader.rewritten.add(reader.place)
        function = dict
    if function is dict and isinstance(next(iter(arguments), None), (Read, Item)):
        return merged(reader, arguments, keywords, span)
    if arguments or (function is not dict and function is not list and function is not tuple):
        return None
    if function is not dict:
        return Group("list" if function is list else "tuple", (), span)
    items: list[Expression] = []
    for name, value in keywords:
        items += [Const(name, f'"{name}"'), value]
    return Group("dict", tuple(items), span)


def got(
    reader: ExpressionReader,
    method: str,
    holder: Expression,
    arguments: tuple[Expression, ...],
    span: Span,
) -> Expression | None:
    """Give what `get` or `setdefault` of a dict gives; None for other calls."""
    if method not in ("get", "setdefault") or len(arguments) not in (1, 2):
        return None
    if not isinstance(holder, Read) or holder.variable.role == "global":
        return None
    key = arguments[0] if isinstance(arguments[0], Const) else reader.simple(arguments[0])
    default = arguments[1] if len(arguments) == 2 else Const(None, "None")
    entry = Item(holder, key, span)
    test = Call(operators.within, (key, holder), (), "operator", span)
    if method == "get":
        return reader.branched(test, ((entry, []), (default, [])), span)
    missing = Call(operators.not_within, (key, holder), (), "operator", span)
    reader.added(missing, Write(holder.variable, (key,), default, "set"), span)
    return entry


def updates(reader: ExpressionReader, node: cst.Call) -> Group | None:
    """Give the entries that `d.update(...)` sets, where they are written out."""
    if any(argument.star for argument in node.args):
        return None
    items: list[Expression] = []
    for argument in node.args:
        if argument.keyword is not None:
            name = argument.keyword.value
            items += [Const(name, f'"{name}"'), reader.read(argument.value)]
            continue
        value = reader.read(argument.value)
        if not is_display(value):
            return None
        items += value.items
    return Group("dict", tuple(items))


def named_at_once(nodes: list[Node], start: int, filled: set[Variable]) -> None:
    """Let a dict that was filled for an assignment have its name from the beginning.

    Parameters
    ----------
    nodes, start
        The block's nodes, the last of them the assignment; where those of the assignment begin.
    filled
        The variables of dicts that were filled.
    """
    last, made = nodes[-1], tuple(nodes[start:-1])
    if not isinstance(last, Statement) or len(last.binds) != 1 or last.stores or last.writes:
        return
    (bind,) = last.binds
    value = bind.value
    if not isinstance(value, Read) or value.variable not in filled:
        return
    if any(bind.variable in variables(tree) for tree in trees(made)):
        return
    table: dict[Variable, Expression] = {value.variable: Read(bind.variable)}

    def renamed(statement: Statement) -> Statement:
        binds = tuple(
            Bind(_of(b.variable, table), substitute(b.value, table)) for b in statement.binds
        )
        writes = tuple(
            replace(
                w,
                variable=_of(w.variable, table),
                path=tuple(substitute(index, table) for index in w.path),
                value=substitute(w.value, table),
            )
            for w in statement.writes
        )
        return replace(statement, binds=binds, writes=writes)

    found = list(rebuilt(made, renamed, lambda node, _: substitute(node, table)))
    first = found[0]
    if isinstance(first, Statement):
        found[0] = replace(first, comment=last.comment, leading=last.leading)
    nodes[start:] = found


def _of(variable: Variable, table: dict[Variable, Expression]) -> Variable:
    found = table.get(variable)
    return found.variable if isinstance(found, Read) else variable
