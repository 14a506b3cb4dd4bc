"""The package holds together as the architecture says: layers, sizes, quick imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "srcdiff"
FILES = sorted(PACKAGE.rglob("*.py"))
LAYERS = (  # from the top; a module may import from its own layer and from those below
    ("__main__",),
    ("cli",),
    ("transforms", "checking"),
    ("decorator", "classes", "products", "derivatives"),
    ("elementwise", "inside"),
    ("gradients",),
    ("demands",),
    ("cases",),
    ("plain",),
    ("file",),
    ("written_rules",),
    ("passed", "emitted"),
    ("live", "custom", "signatures"),
    ("argument_classes",),
    ("outside",),
    ("wishes",),
    ("class_text", "needs", "methods", "linked", "own_helpers"),
    ("rule_modules", "joined_text", "parsed", "class_source"),
    ("modules",),
    ("text", "emit"),
    ("sections", "uses", "checks"),
    ("pipeline",),
    ("request",),
    ("passes",),
    ("syntax",),
    ("rules",),
    ("ir",),
    ("diagnostics",),
)
HEIGHT = {name: -depth for depth, names in enumerate(LAYERS) for name in names}
STRANGERS = {("syntax", "rules"), ("rules", "syntax")}
LIBCST_OUTSIDE_SYNTAX = {  # these pick functions and classes out of a parsed file, or splice it
    "srcdiff.file",
    "srcdiff.parsed",
    "srcdiff.written_rules",
    "srcdiff.class_source",
    "srcdiff.class_text",
    "srcdiff.methods",
    "srcdiff.classes",
    "srcdiff.live",
    "srcdiff.wishes",
}
MOST_LINES = 400
LONGEST_FUNCTION = 60
LONG_FILES = {  # path: why it is longer all the same
    "diagnostics/codes.py": "the catalogue, one table of texts",
}
LONG_FUNCTIONS: dict[str, str] = {}  # path and name: why it is longer all the same


@dataclass(frozen=True, slots=True)
class Import:
    """One module imports another, at a line."""

    importer: str
    imported: str
    line: int

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def module_name(path: Path) -> str:
    parts = ("srcdiff", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


def imports_of(name: str) -> Iterator[Import]:
    """Give all imports of a module, those inside functions and for annotations included."""
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno} is a relative import"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield Import(name, inner if inner in MODULES else node.module, node.lineno)


IMPORTS = [found for name in MODULES for found in imports_of(name)]
OWN = [i for i in IMPORTS if i.imported in MODULES and i.importer != "srcdiff"]


def layer(name: str) -> str:
    return name.split(".")[1]


def told(found: list[Import]) -> list[str]:
    return [str(i) for i in found]


def test_every_module_has_a_layer() -> None:
    assert {layer(name) for name in MODULES if name != "srcdiff"} == set(HEIGHT)


def test_imports_go_downward_only() -> None:
    between = [i for i in OWN if i.imported != "srcdiff"]
    assert len(between) > 100
    upward = [i for i in between if HEIGHT[layer(i.imported)] > HEIGHT[layer(i.importer)]]
    assert told(upward) == []


def test_the_package_itself_gives_its_modules_nothing_but_the_version() -> None:
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "srcdiff":
                taken = {a.name for a in node.names if f"srcdiff.{a.name}" not in MODULES}
                assert taken <= {"__version__"}, f"{name}:{node.lineno}"


def test_syntax_and_rules_do_not_see_each_other() -> None:
    seen = [i for i in OWN if "." in i.imported]
    assert told([i for i in seen if (layer(i.importer), layer(i.imported)) in STRANGERS]) == []


def loaded_with(name: str) -> set[str]:
    """Give the own modules that a module's top level imports, not those inside functions."""
    found = set()
    for node in ast.parse(MODULES[name].read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {i.imported for i in OWN if i.importer == name and i.line == node.lineno}
    return found - {"srcdiff"}


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path, name))
        if name not in done:
            for other in sorted(loaded_with(name)):
                visit(other, (*path, name))
            done.add(name)

    for name in MODULES:
        if name != "srcdiff":
            visit(name, ())
    assert len(done) == len(MODULES) - 1


def test_libcst_is_imported_by_syntax_and_by_what_handles_whole_files_and_classes() -> None:
    users = {i.importer for i in IMPORTS if i.imported.split(".")[0] == "libcst"}
    assert any(layer(name) == "syntax" for name in users)
    assert {name for name in users if layer(name) != "syntax"} == LIBCST_OUTSIDE_SYNTAX


def loaded_after(code: str) -> set[str]:
    """Give the top-level modules in memory after a statement, in a process of its own."""
    show = "; import sys; print(*{name.split('.')[0] for name in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", code + show], capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def test_the_import_of_srcdiff_loads_neither_libcst_nor_the_command_line() -> None:
    assert {"libcst", "click", "numpy"} & loaded_after("import srcdiff") == set()


def test_the_decorator_s_import_does_not_load_libcst_either() -> None:
    assert "libcst" not in loaded_after("from srcdiff import derive_backward")
    assert "libcst" in loaded_after("import srcdiff.live")  # deriving does


def test_explain_loads_neither_libcst_nor_numpy() -> None:
    loaded = loaded_after("import srcdiff.cli, srcdiff.diagnostics.codes")
    assert "click" in loaded
    assert {"libcst", "numpy"} & loaded == set()


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_fits_in_the_head(path: Path) -> None:
    name = path.relative_to(PACKAGE).as_posix()
    count = len(path.read_text(encoding="utf-8").splitlines())
    if name in LONG_FILES:
        assert count > MOST_LINES, f"{name} needs no exception any more"
    else:
        assert count <= MOST_LINES


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Give the functions of a file with their numbers of lines, docstrings not counted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno is not None
            count = node.end_lineno - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                assert first.end_lineno is not None
                count -= first.end_lineno - first.lineno + 1
            yield node.name, count


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_function_fits_on_a_screen(path: Path) -> None:
    file = path.relative_to(PACKAGE).as_posix()
    found = {f"{file} {name}": count for name, count in functions(path)}
    long = {name: count for name, count in found.items() if count > LONGEST_FUNCTION}
    assert {name: count for name, count in long.items() if name not in LONG_FUNCTIONS} == {}
    listed = {name for name in LONG_FUNCTIONS if name.startswith(f"{file} ")}
    assert listed <= set(long), "an exception isn't needed any more"


def test_no_file_is_called_utils() -> None:
    assert [path for path in FILES if path.stem in ("utils", "util", "helper", "common")] == []
