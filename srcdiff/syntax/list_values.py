"""Lists and tuples that are joined, repeated or copied, where their text says that they are some.

Takes an expression. Gives the list that statements before fill, as one would by `append`; None for
what isn't certainly of lists. Refuses nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import Call, Const, Expression, Group, Item, Loop, Read, Statement, Variable
from srcdiff.syntax.closures import NotStraight
from srcdiff.syntax.known_kinds import Kind
from srcdiff.syntax.sequences import Sequences, appended

MOST_WRITTEN_OUT = 8
"""How often an item may be repeated to be written so many times."""


class ListValues:
    """Reads the expressions of one function that make lists of lists."""

    def __init__(self, sequences: Sequences) -> None:
        self.sequences = sequences
        self.reader = sequences.expressions

    def made(self, node: cst.BaseExpression, span: Span) -> Expression | None:
        """Give the list or tuple that an expression of lists or tuples makes; None for others."""
        match node:
            case cst.BinaryOperation():
                for kind in ("list", "tuple"):
                    if self.reader.forms.is_a(node, kind):
                        return self._combined(node, kind, span)
            case cst.List(elements=elements):
                if any(
                    isinstance(e, cst.StarredElement) and self._is_sequence(e.value)
                    for e in elements
                ):
                    return self.joined(elements, span)
            case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value="copy")), args=()):
                return self._copied(owner, span)
        return None

    def _is_sequence(self, node: cst.BaseExpression) -> bool:
        return self.reader.forms.is_a(node, "list") or self.reader.forms.is_a(node, "tuple")

    def _copied(self, node: cst.BaseExpression, span: Span) -> Expression | None:
        if not self.reader.forms.is_a(node, "list"):
            return None
        return Call(list, (self.reader.read(node),), (), "function", span)

    def _combined(self, node: cst.BinaryOperation, kind: Kind, span: Span) -> Expression | None:
        repeated = self.reader.forms.repeated(node, kind)
        if repeated is not None:
            return self._repeated(*repeated, kind, span)
        pending: list[cst.BaseExpression] = [node]
        summands: list[cst.BaseExpression] = []
        while pending:
            part = pending.pop()
            if isinstance(part, cst.BinaryOperation) and isinstance(part.operator, cst.Add):
                pending += [part.right, part.left]
            else:
                summands.append(part)
        elements: list[cst.BaseElement] = []
        for part in summands:
            if isinstance(part, (cst.List, cst.Tuple)):
                elements += part.elements
            else:
                elements.append(cst.StarredElement(part))
        return self.joined(elements, span, kind)

    def joined(
        self, elements: Sequence[cst.BaseElement], span: Span, kind: Kind = "list"
    ) -> Expression:
        """Give the list of items, and of the items of those with a star."""
        if not any(isinstance(element, cst.StarredElement) for element in elements):
            items = tuple(self.reader.read(element.value) for element in elements)
            return Group("list" if kind == "list" else "tuple", items, span)
        filled: Variable | None = None
        items = ()
        for element in elements:
            value = self.reader.read(element.value)
            if not isinstance(element, cst.StarredElement):
                if filled is None:
                    items = (*items, value)
                else:
                    self.reader.before.append(appended(filled, value, span))
                continue
            if filled is None and not items and self._is_sequence(element.value):
                new = isinstance(element.value, cst.Subscript) and isinstance(value, Item)
                new = new and self.reader.forms.is_a(element.value, "list")
                filled = self._begun(value if new else Call(list, (value,)), span)
                continue
            if filled is None:
                filled = self._begun(Group("list", items), span)
            self.sequences.extend(filled, value, span)
        assert filled is not None
        return self._given(filled, kind, span)

    def _begun(self, value: Expression, span: Span) -> Variable:
        if not self.reader.slots:
            raise NotStraight
        filled = self.sequences.started(span, value)
        self.reader.filled.add(filled)
        self.reader.rewritten.add(self.reader.place)
        return filled

    def _given(self, filled: Variable, kind: Kind, span: Span) -> Expression:
        items = Read(filled, span)
        return items if kind == "list" else Call(tuple, (items,), (), "function", span)

    def _repeated(
        self, whole: cst.BaseExpression, count: cst.BaseExpression, kind: Kind, span: Span
    ) -> Expression | None:
        """Give the list of the same items again and again."""
        value = self.reader.read(whole)
        often = self.reader.read(count)
        if isinstance(value, Group) and all(isinstance(item, Const) for item in value.items):
            return Call(operator.mul, (value, often), (), "operator", span)
        if isinstance(value, Group):
            items = tuple(map(self._once, value.items))
            if isinstance(often, Const) and often.value * len(items) <= MOST_WRITTEN_OUT:
                return Group(value.kind, items * often.value, span)
            value = Group(value.kind, items)
        else:
            value = self.reader.simple(value)
        filled = self._begun(Group("list", ()), span)
        header = Statement((), span, form="made")
        with self.reader.into([]) as nodes:
            self.sequences.extend(filled, value, span)
        index = Variable("_", "staged")
        self.reader.before.append(Loop(header, index, Call(range, (often,)), None, tuple(nodes)))
        return self._given(filled, kind, span)

    def _once(self, item: Expression) -> Expression:
        """Give an item that is computed once, however often it is held."""
        return item if isinstance(item, (Const, Read)) else self.reader.fixed(item)
