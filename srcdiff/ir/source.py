"""A function's text, which spans point into."""

from __future__ import annotations

from dataclasses import dataclass

from srcdiff.diagnostics import Problems, Section, Span


@dataclass(frozen=True, eq=False, slots=True)
class Source:
    """A text and its name, with the sections of it that are of other files."""

    text: str
    filename: str
    first_line: int = 1
    elsewhere: tuple[Section, ...] = ()

    def problems(self) -> Problems:
        """Give what collects problems of this text."""
        return Problems(self.text, self.filename, self.first_line, self.elsewhere)

    def at(self, span: Span) -> str:
        """Give the text at a span."""
        return self.text[span.start : span.end]
