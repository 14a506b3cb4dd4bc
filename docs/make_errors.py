"""Write docs/errors.md from the catalogue: python docs/make_errors.py [--check].

The messages in it are what the tool says to the examples, by running it.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from srcdiff.diagnostics.codes import CATALOGUE, Entry, abbreviated, refused

PAGE = Path(__file__).resolve().parent / "errors.md"
INTRODUCTION = """\
# Messages

<!-- written by docs/make_errors.py from srcdiff/diagnostics/codes.py; change it there -->

Each message of srcdiff has a code. `srcdiff explain SD101` prints the code's entry of this page.
The examples are tests: each is refused with its code, and each mend derives and is right.
"""
MAIN = "from srcdiff.cli import main; main()"
RAISED = "DerivationError: "


def said(entry: Entry) -> str:
    """Give what the entry's command says about its example."""
    program, *arguments = shlex.split(entry.command)
    command = ["-c", MAIN, *arguments] if program == "srcdiff" else arguments
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "model.py").write_text(entry.example, encoding="utf-8")
        run = subprocess.run(
            [sys.executable, *command],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    text = run.stderr.strip()
    return text.rpartition(RAISED)[2] if program == "python" else text


def section(entry: Entry) -> str:
    """Give an entry's part of the page."""
    parts = [
        f"## {entry.code}: {entry.title}",
        entry.what,
        entry.why,
        f"For example, {refused(entry)}:",
        _code(entry.example, "python"),
        "with",
        _code(said(entry), "text"),
    ]
    if entry.mend == entry.example:
        parts.append(f"Instead, type `{entry.mended_command}`.")
    else:
        how = "" if entry.mended_command == entry.command else f", with `{entry.mended_command}`"
        parts += [f"Instead{how}:", _code(entry.mend, "python")]
    return "\n\n".join(parts)


def _code(text: str, language: str) -> str:
    return f"```{language}\n{abbreviated(text).rstrip()}\n```"


def page() -> str:
    """Give the whole page."""
    with ThreadPoolExecutor() as pool:
        sections = list(pool.map(section, CATALOGUE.values()))
    return "\n\n".join([INTRODUCTION.rstrip(), *sections]) + "\n"


def main() -> int:
    """Write the page, or check that it is fresh; give the exit code."""
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    after = page()
    if before == after:
        return 0
    if "--check" in sys.argv:
        print("out of date: docs/errors.md; run python docs/make_errors.py")
        return 1
    PAGE.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
