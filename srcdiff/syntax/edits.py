"""Changes of a text at nodes of Python's own tree."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """A change within a line.

    Parameters
    ----------
    start, end
        Columns of what is replaced, from 0.
    text
        What stands there then.
    """

    start: int
    end: int
    text: str


def lines_of(text: str) -> list[str]:
    """Give a text's lines with their ends, as Python counts lines."""
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", text)


class Edits:
    """Changes of one text; each stays within the lines that it had.

    Parameters
    ----------
    text
        What is changed.
    """

    def __init__(self, text: str) -> None:
        self.lines = lines_of(text)
        self.by_line: dict[int, list[Edit]] = {}

    def put(self, node: ast.expr | ast.stmt, text: str) -> None:
        """Put a text in the place of a node; of several lines, the others become empty."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._column(node.lineno, node.col_offset)
        end = self._column(node.end_lineno, node.end_col_offset)
        if node.lineno == node.end_lineno:
            self._add(node.lineno, Edit(start, end, text))
            return
        self._add(node.lineno, Edit(start, len(self._bare(node.lineno)), text))
        for line in range(node.lineno + 1, node.end_lineno):
            self._add(line, Edit(0, len(self._bare(line)), ""))
        self._add(node.end_lineno, Edit(0, end, ""))

    def put_name(self, node: ast.stmt, name: str) -> None:
        """Let a definition have another name."""
        line = self._bare(node.lineno)
        found = re.compile(r"\s*(?:async\s+)?(?:def|class)\s+(\w+)").match(line)
        if found is not None and found[1] != name:
            self._add(node.lineno, Edit(found.start(1), found.end(1), name))

    def statement(self, node: ast.stmt) -> tuple[str, int]:
        """Give a statement's own text with its changes, and the line where it begins."""
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(d.lineno for d in decorators)])
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        changed = [self._changed(n) for n in range(first, node.end_lineno + 1)]
        tail = self._bare(node.end_lineno)[self._column(node.end_lineno, node.end_col_offset) :]
        if tail:
            changed[-1] = changed[-1].rstrip("\r\n").removesuffix(tail)
        start = self._column(first, node.col_offset) if first == node.lineno else 0
        changed[0] = changed[0][start:]
        return "".join(changed).rstrip("\r\n"), first

    def done(self) -> str:
        """Give the whole text with its changes."""
        return "".join(map(self._changed, range(1, len(self.lines) + 1)))

    def _changed(self, line: int) -> str:
        text = self.lines[line - 1]
        for edit in reversed(self.by_line.get(line, [])):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    def _add(self, line: int, edit: Edit) -> None:
        found = self.by_line.setdefault(line, [])
        found.append(edit)
        found.sort(key=lambda e: e.start)

    def _bare(self, line: int) -> str:
        return self.lines[line - 1].rstrip("\r\n")

    def _column(self, line: int, offset: int) -> int:
        """Give the column of an offset in bytes."""
        text = self.lines[line - 1]
        return offset if text.isascii() else len(text.encode()[:offset].decode())
