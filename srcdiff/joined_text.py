"""A text joined from several files, with the places and the names that its parts had there."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace

from srcdiff.diagnostics import Diagnostic
from srcdiff.syntax.edits import Edit, Edits
from srcdiff.syntax.global_names import global_names


@dataclass(slots=True)
class Linked:
    """A file's text with what it uses of others.

    Parameters
    ----------
    text
        The whole.
    own
        How many lines of it are the file's.
    names
        What of other modules is in it, by its name here, with what the file itself calls it; empty
        where the file has no name for it.
    """

    text: str
    own: int
    names: dict[str, str] = field(default_factory=dict)
    sources: list[tuple[int, int, str, int]] = field(default_factory=list)
    edits: dict[int, list[Edit]] = field(default_factory=dict)
    originals: dict[str, list[str]] = field(default_factory=dict)

    def placed(self, told: Diagnostic) -> Diagnostic:
        """Give a diagnostic at its place in the file that it is about."""
        if not self.names or not told.line:
            return told
        filename, line, shift = told.filename, told.line, 0
        for first, last, other, begin in self.sources:
            if first <= told.line <= last:
                filename, shift = other, begin - first
        lines = self.originals[filename] if shift or filename in self.originals else []
        line += shift
        return replace(
            told,
            filename=filename,
            line=line,
            column=self._column(told.line, told.column),
            end_line=told.end_line + shift if told.end_line else 0,
            end_column=self._column(told.end_line, told.end_column),
            source_line=lines[line - 1].rstrip("\r\n") if lines else told.source_line,
        )

    def _column(self, line: int, column: int) -> int:
        """Give the column that a place had before names were changed."""
        for edit in self.edits.get(line, []):
            if column - 1 > edit.start:
                column += min(edit.end - edit.start - len(edit.text), column - 1 - edit.start)
        return column

    def restored(self, text: str) -> str:
        """Give derived code with the file's own names for what is of other modules."""
        own = {name: path for name, path in self.names.items() if path and path != name}
        if not own:
            return text
        tree = ast.parse(text)
        nodes, _ = global_names([tree])
        edits = Edits(text)
        for node in nodes:
            if node.id in own:
                edits.put(node, own[node.id])
        text = edits.done()
        for name, path in own.items():
            text = re.sub(rf"(?m)(# backprop .*?)(?<![\w.]){name}\b", rf"\1{path}", text)
        return text
