"""Where each node of a parsed text stands, in one walk.

libcst's own metadata wrapper copies the tree and runs a visitor: about twenty times the cost of
the parse. Generating the code once with a state that counts characters gives the same spans.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import libcst as cst
from libcst._nodes.internal import CodegenState

from srcdiff.diagnostics import Span


class _CountingState(CodegenState):
    """Records the offsets between which each expression and statement is written."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent=default_indent, default_newline=default_newline)
        self.offset = 0
        self.spans: dict[int, tuple[int, int]] = {}
        self.starts: list[int] = []

    def add_indent_tokens(self) -> None:
        self.tokens.extend(self.indent_tokens)
        self.offset += sum(map(len, self.indent_tokens))

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.offset += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self.starts.append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self.starts.pop()
        self.spans.setdefault(id(node), (start, self.offset))

    @contextmanager
    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Iterator[None]:
        start = self.offset
        yield
        end = self.offset
        if start_node is not None:
            start = self.spans[id(start_node)][0]
        if end_node is not None:
            end = self.spans[id(end_node)][1]
        self.spans[id(node)] = (start, end)


class Positions:
    """The spans of a module's nodes.

    Parameters
    ----------
    module
        A parsed module, kept alive because nodes are known by identity.
    """

    def __init__(self, module: cst.Module) -> None:
        self.module = module
        state = _CountingState(module.default_indent, module.default_newline)
        with state.record_syntactic_position(module):
            module._codegen(state)
        self.text = "".join(state.tokens)
        self._spans = state.spans
        self._standing_in: list[cst.CSTNode] = []
        self._count_lines()

    def _count_lines(self) -> None:
        self._line_starts = [0]
        self._line_starts += [match.end() for match in re.finditer(r"\r\n|\n|\r", self.text)]

    def move(self, text: str, shift: int, stands_for: dict[cst.CSTNode, cst.CSTNode]) -> None:
        """Let the spans point into another text, where the module's begins at an offset.

        Parameters
        ----------
        stands_for
            Nodes that weren't parsed, with those whose spans they take.
        """
        self.text = text
        self._spans = {
            node: (start + shift, end + shift) for node, (start, end) in self._spans.items()
        }
        for made, node in stands_for.items():
            self.stand_in([made], node)
        self._count_lines()

    def stand_in(self, made: Iterable[cst.CSTNode], node: cst.CSTNode) -> None:
        """Let nodes that weren't parsed have the span of one that was."""
        for own in made:
            self._standing_in.append(own)  # nodes are known by identity
            self._spans[id(own)] = self._spans[id(node)]

    def text_at(self, node: cst.CSTNode) -> str:
        """Give the text of a node."""
        start, end = self.offsets(node)
        return self.text[start:end]

    def offsets(self, node: cst.CSTNode) -> tuple[int, int]:
        """Give the start and the end of a node's text."""
        return self._spans[id(node)]

    def text_with_parentheses(self, node: cst.BaseExpression) -> str:
        """Give an expression's text with the parentheses around it."""
        first = node.lpar[0] if node.lpar else node
        return self.text[self._spans[id(first)][0] : self.end_with_parentheses(node)]

    def end_with_parentheses(self, node: cst.BaseExpression) -> int:
        """Give the end of an expression's text, after the parentheses around it."""
        last = node.rpar[-1] if node.rpar else node
        return self._spans[id(last)][1]

    def span(self, node: cst.CSTNode) -> Span:
        """Give the span of a node, without the blanks and comments around it."""
        start, end = self._spans[id(node)]
        return self.between(start, end)

    def first_use(self, nodes: Iterable[cst.CSTNode], name: str) -> Span | None:
        """Find where nodes first mention a name."""
        for node in nodes:
            pending: list[cst.CSTNode] = [node]
            while pending:
                inner = pending.pop()
                if isinstance(inner, cst.Name) and inner.value == name:
                    return self.span(inner)
                pending += reversed(inner.children)
        return None

    def between(self, start: int, end: int) -> Span:
        """Give the span between two offsets."""
        line, column = self._place(start)
        end_line, end_column = self._place(end)
        return Span(start, end, line, column, end_line, end_column)

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, offset) - 1
        return line + 1, offset - self._line_starts[line] + 1


def parse(text: str) -> Positions:
    """Parse a text.

    Raises
    ------
    libcst.ParserSyntaxError
        The text isn't Python.
    """
    return Positions(cst.parse_module(text))
