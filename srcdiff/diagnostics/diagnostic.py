"""A diagnostic is a value; the two exceptions carry such values and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source text.

    Parameters
    ----------
    start, end
        Offsets in characters, the end exclusive.
    line, column, end_line, end_column
        The same two places counted from 1, as editors count.
    """

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: its code in the catalogue, what is wrong, where, and what to do.

    Parameters
    ----------
    code
        The entry of the catalogue, "SD101".
    message
        What is wrong and why, in one sentence.
    hint
        What the reader can do about it; may be empty.
    filename
        The file as the user named it, or "<stdin>", or the decorated function's file.
    line, column, end_line, end_column
        The offending span, counted from 1; zero where no place is to blame.
    source_line
        The text of that line, to be shown with the span marked.
    """

    code: str
    message: str
    hint: str = ""
    filename: str = ""
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    source_line: str = field(default="", repr=False)

    def __str__(self) -> str:
        from srcdiff.diagnostics.render import render

        return render(self)


class DerivationError(Exception):
    """A function can't be differentiated correctly, and why.

    Attributes
    ----------
    diagnostics : list of Diagnostic
        Every problem that was found, in the order of the source.
    """

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        super().__init__("\n".join(str(diagnostic) for diagnostic in diagnostics))

    def __reduce__(self) -> tuple[type[DerivationError], tuple[list[Diagnostic]]]:
        return DerivationError, (self.diagnostics,)


class Refusal(Exception):
    """Raised inside a pass at the first problem of a statement; the pipeline collects them.

    Parameters
    ----------
    code, message, hint
        As in `Diagnostic`.
    span
        Where; None where the pass doesn't know, and the statement's own span is used.
    """

    def __init__(self, code: str, message: str, hint: str = "", span: Span | None = None) -> None:
        self.code = code
        self.message = message
        self.hint = hint
        self.span = span
        super().__init__(message)
