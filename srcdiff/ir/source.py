"""A function's text, which spans point into."""

from __future__ import annotations

from dataclasses import dataclass

from srcdiff.diagnostics import Span


@dataclass(frozen=True, eq=False, slots=True)
class Source:
    """A text and its name."""

    text: str
    filename: str
    first_line: int = 1

    def at(self, span: Span) -> str:
        """Give the text at a span."""
        return self.text[span.start : span.end]
