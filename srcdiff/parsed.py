"""A file's text as a tree, or one clear message about why it is none."""

from __future__ import annotations

import warnings

import libcst as cst

from srcdiff.diagnostics import DerivationError, Diagnostic
from srcdiff.syntax.positions import Positions, parse


def parsed(text: str, filename: str) -> Positions:
    """Parse a file's text.

    Raises
    ------
    DerivationError
        It isn't Python, or is nested too deeply.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, filename, "exec", dont_inherit=True)
        return parse(text)
    except SyntaxError as error:
        line = error.lineno or 1
        lines = text.splitlines()
        raise DerivationError(
            [
                Diagnostic(
                    "SD116",
                    f"this isn't Python: {(error.msg or '').rstrip('.?!')}.",
                    "",
                    filename,
                    line,
                    error.offset or 1,
                    error.end_lineno or line,
                    max(error.end_offset or 0, (error.offset or 1) + 1),
                    lines[line - 1] if 0 < line <= len(lines) else "",
                )
            ]
        ) from None
    except cst.ParserSyntaxError as error:
        message = f"this can't be parsed: {error.message.rstrip('.?!')}."
        raise DerivationError(
            [Diagnostic("SD116", message, "", filename, error.raw_line, error.raw_column + 1)]
        ) from None
    except (RecursionError, MemoryError):
        message = "this is nested too deeply to be read."
        hint = "Split long expressions into several statements."
        raise DerivationError([Diagnostic("SD109", message, hint, filename)]) from None
    except ValueError as error:
        message = f"this isn't Python: {str(error).rstrip('.?!')}."
        raise DerivationError([Diagnostic("SD116", message, "", filename)]) from None
