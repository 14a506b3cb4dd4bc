"""Comprehensions as loops that fill a list before the statement.

Takes a comprehension. Gives the variable of the list; the loops go before the statement. Refuses
nothing of its own.
"""

from __future__ import annotations

import libcst as cst

from srcdiff.ir.nodes import (
    Bind,
    Expression,
    Group,
    If,
    Loop,
    Node,
    Statement,
    Variable,
    Write,
)
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.loops import Elements
from srcdiff.syntax.statements import add_names

Comprehension = cst.ListComp | cst.GeneratorExp | cst.DictComp


class Comprehensions:
    """Reads the comprehensions of one function."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self.expressions = elements.expressions
        self.first: list[Node] = []

    def fill(self, expressions: ExpressionReader, node: Comprehension) -> Variable:
        """Write a comprehension as loops that fill a list or a dict; give that."""
        keyed = isinstance(node, cst.DictComp)
        filled = Variable("entries" if keyed else "items", "staged")
        nodes = expressions.before
        outermost, self.first = self.first, nodes
        span = self.expressions.positions.span(node)
        nodes.append(Statement((Bind(filled, Group("dict" if keyed else "list", ())),), span))
        outer = dict(expressions.variables)
        functions, known_at = dict(expressions.inner), dict(expressions.known_at)
        items = (node.key, node.value) if isinstance(node, cst.DictComp) else (node.elt,)
        self._from(node.for_in, items, filled, nodes)
        expressions.variables.clear()
        expressions.variables.update(outer)
        expressions.inner.clear()
        expressions.inner.update(functions)
        expressions.known_at = known_at
        expressions.before = nodes
        self.first = outermost
        return filled

    def _from(
        self,
        part: cst.CompFor,
        items: tuple[cst.BaseExpression, ...],
        filled: Variable,
        nodes: list[Node],
    ) -> None:
        header = Statement((), self.expressions.positions.span(part), form="made")
        tree = part.iter
        names: set[str] = set()
        add_names(part.target, names)
        self.expressions.before = nodes
        outside = {name: self.expressions.variables.pop(name, None) for name in names}
        sequence, index, binds = self.elements.of(
            part.target, tree, set(), nodes, header, outside, (*items, *part.ifs)
        )
        with self.expressions.deeper():
            nodes.append(self._loop(part, items, filled, (sequence, index, binds)))

    def _loop(
        self,
        part: cst.CompFor,
        items: tuple[cst.BaseExpression, ...],
        filled: Variable,
        over: tuple[Expression, Variable, tuple[Bind, ...]],
    ) -> Loop:
        sequence, index, binds = over
        header = Statement((), self.expressions.positions.span(part), form="made")
        body: list[Node] = []
        self.expressions.before = body
        tests = [self.expressions.read(test.test) for test in part.ifs]
        inner: list[Node] = []
        self.expressions.before = inner
        if part.inner_for_in is not None:
            self._from(part.inner_for_in, items, filled, inner)
        else:
            *key, value = (self.expressions.read(item) for item in items)
            objects = (
                None if key else self.expressions.objects.lists.filled(filled, value, self.first)
            )
            write = Write(filled, tuple(key), value, "set" if key else "append")
            writes = (write,) if objects is None else tuple(objects)
            inner.append(Statement((), header.span, form="made", writes=writes))
            self.expressions.kinds.note(filled, Group("list", (value,)))
        for test in reversed(tests):
            inner = [If(test, tuple(inner), (), header)]
        header = Statement(binds, header.span, form="made")
        return Loop(header, index, sequence, None, (*body, *inner))
