"""A diagnostic as text: FILE:LINE:COL, what is wrong, the marked source line, the hint."""

from __future__ import annotations

from srcdiff.diagnostics.diagnostic import Diagnostic


def render(diagnostic: Diagnostic) -> str:
    """Give the text of a diagnostic, without a final newline."""
    place = diagnostic.filename or "<unknown>"
    if diagnostic.line:
        place += f":{diagnostic.line}:{diagnostic.column}"
    lines = [f"{place}: {diagnostic.code} {diagnostic.message}"]
    if diagnostic.source_line.strip():
        lines += marked(diagnostic)
    if diagnostic.hint:
        lines.append(f"    hint: {diagnostic.hint}")
    return "\n".join(lines)


def marked(diagnostic: Diagnostic) -> list[str]:
    """Give the source line and, below it, carets under the offending span."""
    text = diagnostic.source_line.expandtabs(1).rstrip()
    start = diagnostic.column - 1
    same_line = diagnostic.end_line == diagnostic.line
    end = diagnostic.end_column - 1 if same_line else len(text)
    carets = " " * start + "^" * max(1, min(end, len(text)) - start)
    return [f"    {text}", f"    {carets}"]
