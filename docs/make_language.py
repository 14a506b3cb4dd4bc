"""Write docs/language.md from tests/constructs.py: python docs/make_language.py.

Whether a construct is differentiated is found out by deriving it.
"""

from __future__ import annotations

import runpy
from pathlib import Path

from srcdiff import DerivationError
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

ROOT = Path(__file__).resolve().parent.parent
INTRODUCTION = """\
# The language

<!-- written by docs/make_language.py from tests/constructs.py; change it there -->

What srcdiff makes of each construct. The examples are tests: each is derived by decorator and by
command line, and compared with central differences, or is refused with the message given.
"""


def said(text: str) -> str:
    """Give what is said against a module's function; nothing if it is derived."""
    file = SourceFile(text, "f.py")
    try:
        problems = file.derive(file.chosen("f", Wish(("x", "y")))).problems
    except DerivationError as error:
        problems = error.diagnostics
    return f"{problems[0].code} {problems[0].message}" if problems else ""


def page() -> str:
    """Give the text of the page."""
    table = runpy.run_path(str(ROOT / "tests" / "constructs.py"))
    parts = [INTRODUCTION]
    for group, constructs in table["GROUPS"].items():
        parts.append(f"\n## {group}\n")
        for name, body in constructs.items():
            refusal = said(table["module"](body))
            verdict = f"refused: {refusal}" if refusal else "differentiated"
            parts.append(f"\n{name}: {verdict}\n\n```text\n{body}\n```\n")
    return "".join(parts)


if __name__ == "__main__":
    (ROOT / "docs" / "language.md").write_text(page(), encoding="utf-8")
