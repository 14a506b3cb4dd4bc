"""A formatter of 88 columns and one of 100 both leave emitted code as it is."""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from constructs import GROUPS

from srcdiff import DerivationError
from srcdiff.file import SourceFile
from srcdiff.request import Mode
from srcdiff.rules import registry
from srcdiff.rules.forwards import TANGENTS
from srcdiff.rules.helpers import HELPERS
from srcdiff.syntax.layout import Piece, called, chained
from srcdiff.syntax.shorter import stated, takes_away
from srcdiff.syntax.vocabulary import Vocabulary
from srcdiff.text import helper_texts
from srcdiff.wishes import Wish

TESTS = Path(__file__).parent
RUFF = shutil.which("ruff", path=Path(sys.executable).parent) or ""
WIDTHS = (88, 100)
PROGRAMS = {
    "golden": [p for p in TESTS.glob("golden/*.py") if not p.stem.endswith(".expected")],
    "samples": list((TESTS.parent / "samples").glob("*.py")),
    "language": [TESTS / "language_programs/finance.py"],
    "records": [TESTS / "language_programs/records.py"],
    "programs": [TESTS / "programs/complex_numbers.py"],
}
MODES: dict[str, tuple[Mode, ...]] = {
    "golden": ("joint", "split", "jvp", "value"),
    "language": ("joint", "jvp"),
    "programs": ("joint", "jvp"),
}

pytestmark = pytest.mark.skipif(not RUFF, reason="ruff")


def formatted(text: str, width: int) -> str:
    command = [RUFF, "format", "--isolated", "--line-length", str(width), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def definitions(text: str) -> list[str]:
    """Give a module's statements, each as its lines."""
    lines = text.splitlines()
    bodies = ast.parse(text).body
    return ["\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in bodies]


def unsteady(texts: Iterable[str]) -> set[str]:
    """Give those of some functions' texts that one of the formatters changes."""
    whole = "\n\n\n".join(texts) + "\n"
    before = definitions(whole)
    found: set[str] = set()
    for width in WIDTHS:
        after = definitions(formatted(whole, width))
        found |= {old for old, new in zip(before, after, strict=True) if old != new}
    return found


# What is taken along


def taken_along() -> Iterator[str]:
    """Give the texts of all functions that emitted code may take along."""
    registry.load()
    with contextlib.suppress(ImportError):
        for module in ("scipy.linalg", "scipy.special"):
            importlib.import_module(module)
        registry.load()
    functions: list[Callable[..., Any]] = [*HELPERS.values(), *TANGENTS.values()]
    functions += [rule.backward for _, rule in registry.all_rules()]
    for function in functions:
        vocabulary = Vocabulary({}, set())
        vocabulary.helper(function)
        yield helper_texts(vocabulary)[-1]


def test_helpers_and_rules_stay_as_they_are_at_both_widths() -> None:
    texts = list(dict.fromkeys(taken_along()))
    assert len(texts) > 400
    assert unsteady(texts) == set()
    wide = {line for text in texts for line in text.splitlines() if len(line) > min(WIDTHS)}
    assert wide == set()


def test_the_helpers_own_sources_are_what_is_taken_along() -> None:
    for helper in HELPERS.values():
        vocabulary = Vocabulary({}, set())
        vocabulary.helper(helper)
        source = textwrap.dedent(inspect.getsource(helper)).rstrip()
        assert source in helper_texts(vocabulary)


# What is written


def emitted(path: Path, modes: Iterable[Mode]) -> Iterator[str]:
    """Give the modules that are derived from a file's functions, each alone.

    Lines of the user's stay as they are written: only functions whose own lines stay at both
    widths are asked for.
    """
    source = path.read_text(encoding="utf-8")
    changed = unsteady(definitions(source))
    own = {node.name for node in ast.parse("\n".join(changed)).body if hasattr(node, "name")}
    for name in SourceFile(source, path.name).chosen(None, Wish()):
        for mode in modes if name not in own else ():
            file = SourceFile(source, path.name)
            with contextlib.suppress(DerivationError):
                result = file.derive(file.chosen(name, Wish(mode=mode)))
                if not result.problems:
                    yield file.module(result)


@pytest.mark.parametrize("kind", sorted(PROGRAMS))
def test_emitted_programs_stay_as_they_are_at_both_widths(kind: str, tmp_path: Path) -> None:
    files = sorted(PROGRAMS[kind])
    texts = [text for path in files for text in emitted(path, MODES.get(kind, ("joint",)))]
    assert len(texts) > 10
    held(texts, tmp_path)


def test_emitted_constructs_stay_as_they_are_at_both_widths(tmp_path: Path) -> None:
    bodies = [body for group in GROUPS.values() for body in group.values()]
    functions = [f"def f{i}(x, y):\n{textwrap.indent(b, '    ')}" for i, b in enumerate(bodies)]
    path = tmp_path / "constructs.py"
    path.write_text("import numpy as np\n\n\n" + "\n\n\n".join(functions) + "\n")
    texts = list(emitted(path, ["joint"]))
    path.unlink()
    assert len(texts) > 40
    held(texts, tmp_path)


POPPED = chained(
    [
        ("", called("values.pop", (Piece("first"),))),
        ("-", Piece("values[first]")),
        ("+", called("values.pop", (Piece("second"),))),
        ("-", Piece("values[second]")),
    ]
)
"""Of the width at which a chain of operators has no layout: each operand depends on the pops."""


def test_steps_evaluate_in_the_order_of_the_statement() -> None:
    def result(lines: list[str]) -> Any:
        names = {"values": [2.0, 3.0, 5.0, 7.0, 11.0, 13.0]}
        names |= {"first": 1, "second": 2}
        exec("\n".join(lines), names)
        return names["x"]

    indent = " " * (96 - len(f"x = {POPPED.text}"))
    lines = [line.strip() for line in stated("x = ", POPPED, indent, frozenset(), takes_away)]
    assert lines[-1].startswith("x = ")
    assert lines[-1] != f"x = {POPPED.text}"
    assert result(lines) == result([f"x = {POPPED.text}"])


def held(texts: Iterable[str], folder: Path) -> None:
    """Hold modules to the formatters."""
    for number, text in enumerate(texts):
        (folder / f"m{number}.py").write_text(text, encoding="utf-8")
    for width in WIDTHS:
        command = [RUFF, "format", "--diff", "--isolated", "--line-length", str(width), folder]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout
