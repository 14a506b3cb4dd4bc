"""Collects the problems of one function, so that all are reported at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from srcdiff.diagnostics.diagnostic import DerivationError, Diagnostic, Refusal, Span

FAULTS: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What a fault of srcdiff's own raises: it is told as a refusal, where it came out."""


def fault(error: Exception) -> Refusal:
    """Make the refusal that tells of a fault of srcdiff's own."""
    message = f"srcdiff itself fails here ({type(error).__name__}: {error})."
    return Refusal("SD101", message, "Write it in another way, and please report this.")


@contextmanager
def faults_told(error_of: Callable[[tuple[str, str, str]], DerivationError]) -> Iterator[None]:
    """Turn a fault of srcdiff's own inside the block into an error, made of message, hint, code."""
    try:
        yield
    except FAULTS as error:
        told = fault(error)
        raise error_of((told.message, told.hint, told.code)) from error


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of a text that are of another file, where they begin at a line."""

    first: int
    last: int
    filename: str
    line: int


class Problems:
    """The problems found so far.

    Parameters
    ----------
    text
        The source that spans point into.
    filename
        Its name.
    first_line
        The line of the file at which the text begins, counted from 1.
    elsewhere
        The sections of the text that are of other files.
    """

    def __init__(
        self,
        text: str,
        filename: str,
        first_line: int = 1,
        elsewhere: tuple[Section, ...] = (),
    ) -> None:
        self.lines = text.splitlines()
        self.elsewhere = elsewhere
        self.filename = filename
        self.first_line = first_line
        self.found: list[Diagnostic] = []

    @contextmanager
    def within(self, span: Span | None) -> Iterator[None]:
        """Turn a refusal inside the block into a diagnostic, placed at least at the span."""
        try:
            yield
        except Refusal as refusal:
            self.add(refusal, span)
        except RecursionError:
            self.add(
                Refusal(
                    "SD109",
                    "this is nested too deeply to be read.",
                    "Split it into several statements.",
                ),
                span,
            )
        except FAULTS as error:
            self.add(fault(error), span)

    def add(self, refusal: Refusal, span: Span | None = None) -> None:
        """Record a refusal; its own span counts before the one given."""
        span = refusal.span or span
        if span is None:
            diagnostic = Diagnostic(refusal.code, refusal.message, refusal.hint, self.filename)
        else:
            filename, shift = self.filename, self.first_line - 1
            for section in self.elsewhere:
                if section.first <= span.line <= section.last:
                    filename, shift = section.filename, section.line - section.first
            known = 0 < span.line <= len(self.lines)
            diagnostic = Diagnostic(
                refusal.code,
                refusal.message,
                refusal.hint,
                filename,
                span.line + shift,
                span.column,
                span.end_line + shift,
                span.end_column,
                self.lines[span.line - 1] if known else "",
            )
        if diagnostic not in self.found:
            self.found.append(diagnostic)

    def raise_if_any(self) -> None:
        """Raise what was found.

        Raises
        ------
        DerivationError
            There is at least one problem.
        """
        if self.found:
            raise DerivationError(sorted(self.found, key=lambda d: (d.line, d.column)))
