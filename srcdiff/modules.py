"""The modules that a file imports, found and read without running anything.

Takes a file's path. Gives, for a name of a module, what it stands for: something that a text
defines, a module, or something of a library. Looked for are: the file's folder, the folder above
its package, the project's folder and the `src` in it, the current folder, and PYTHONPATH.
"""

from __future__ import annotations

import ast
import os
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from srcdiff.syntax.changed import changed_names
from srcdiff.syntax.global_names import bound_in
from srcdiff.syntax.libraries import IMPORT_ALIASES, KNOWN_MODULES, library

PROJECT_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git")
MOST_STEPS = 40


@dataclass(eq=False, slots=True)
class Module:
    """A module as text.

    Parameters
    ----------
    path
        Its file; a folder, for a package without a text.
    text, tree
        Its text, and Python's tree of it.
    """

    path: Path
    text: str
    tree: ast.Module
    bound: dict[str, list[ast.stmt]] = field(default_factory=dict)
    stars: list[ast.ImportFrom] = field(default_factory=list)
    _changed: set[str] | None = None

    def __post_init__(self) -> None:
        for statement in self.tree.body:
            if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
                self.stars.append(statement)
            elif not _is_main(statement):
                for name in bound_in([statement]):
                    self.bound.setdefault(name, []).append(statement)

    @property
    def name(self) -> str:
        """Its last name."""
        folder = self.path.is_dir() or self.path.name == "__init__.py"
        return self.folder.name if folder else self.path.stem

    @property
    def folder(self) -> Path:
        """The folder that it stands in, or is."""
        return self.path if self.path.is_dir() else self.path.parent

    @property
    def is_package(self) -> bool:
        """Whether it may have modules inside."""
        return self.path.is_dir() or self.path.name == "__init__.py"

    @property
    def dotted(self) -> str:
        """Its name for an import from outside its package."""
        parts = [] if self.path.name == "__init__.py" else [self.name]
        folder = self.folder
        while (folder / "__init__.py").is_file():
            parts.insert(0, folder.name)
            folder = folder.parent
        return ".".join(parts)

    def public(self) -> list[str] | None:
        """Give the names in `__all__`, if they are written out."""
        for statement in self.bound.get("__all__", []):
            if isinstance(statement, ast.Assign):
                try:
                    return [str(name) for name in ast.literal_eval(statement.value)]
                except (ValueError, TypeError):
                    return None
        return None

    def changes(self, name: str) -> bool:
        """Whether the module changes a variable after its definition."""
        if self._changed is None:
            self._changed = changed_names(self.text)
        return name in self._changed or len(self.bound[name]) > 1


@dataclass(frozen=True, slots=True)
class Symbol:
    """What the text of a module defines under a name."""

    module: Module
    name: str

    @property
    def statements(self) -> list[ast.stmt]:
        """The statements that bind it."""
        return self.module.bound[self.name]

    @property
    def is_function(self) -> bool:
        """Whether it is a function."""
        return isinstance(self.statements[-1], ast.FunctionDef)

    @property
    def is_class(self) -> bool:
        """Whether it is a class."""
        return isinstance(self.statements[-1], ast.ClassDef)

    @property
    def is_variable(self) -> bool:
        """Whether it is a variable."""
        kinds = (ast.Assign, ast.AnnAssign, ast.AugAssign)
        return all(isinstance(statement, kinds) for statement in self.statements)


@dataclass(frozen=True, slots=True)
class External:
    """Something of a library, or of a module whose text isn't found, by its dotted path."""

    path: str


Target = Symbol | Module | External


class Modules:
    """The modules around a file.

    Parameters
    ----------
    path, text, tree
        The file.
    """

    def __init__(self, path: Path, text: str, tree: ast.Module) -> None:
        self.own = Module(path, text, tree)
        self.known: dict[Path, Module | None] = {path: self.own}
        self.project = next(
            (f for f in path.parents if any((f / m).exists() for m in PROJECT_MARKS)), path.parent
        )
        self.roots = list(dict.fromkeys(self._roots()))

    def _roots(self) -> Iterator[Path]:
        folder = self.own.path.parent
        yield folder
        while (folder / "__init__.py").exists() and folder != folder.parent:
            folder = folder.parent
        yield folder
        yield self.project
        yield self.project / "src"
        yield Path.cwd()
        for text in os.environ.get("PYTHONPATH", "").split(os.pathsep):
            if text:
                yield Path(text).resolve()

    def loaded(self) -> list[Module]:
        """Give the modules read so far, but for the file itself."""
        return [m for m in self.known.values() if m is not None and m is not self.own]

    def load(self, path: Path) -> Module | None:
        """Read a module; None if its text can't be read."""
        if path not in self.known:
            self.known[path] = _read(path)
        return self.known[path]

    def within(self, folder: Path, name: str) -> Module | None:
        """Give a module that stands in a folder."""
        for path in (folder / name / "__init__.py", folder / f"{name}.py"):
            if path.is_file():
                return self.load(path)
        inner = folder / name
        if not inner.is_dir() or not (any(inner.glob("*.py")) or any(inner.glob("*/*.py"))):
            return None
        return self.load(inner)

    def absolute(self, path: str) -> Module | External:
        """Give what `import path` means."""
        parts = path.split(".")
        known = any(path == a or path.startswith(f"{a}.") for a in IMPORT_ALIASES)
        if parts[0] in KNOWN_MODULES or known:
            return External(path)
        for root in self.roots:
            found = self._inside(root, parts)
            if found is not None:
                return found
        return External(path)

    def _inside(self, folder: Path, parts: list[str]) -> Module | None:
        """Give a module that stands in a folder, by the parts of its dotted name."""
        found = self.within(folder, parts[0])
        for part in parts[1:]:
            found = self.within(found.folder, part) if found and found.is_package else None
        return found

    def base(self, module: Module, node: ast.ImportFrom) -> Module | External | None:
        """Give the module that `from ... import` takes names from."""
        if not node.level:
            return self.absolute(node.module or "")
        folder = module.folder
        for _ in range(node.level - 1):
            folder = folder.parent
        if not node.module:
            package = folder / "__init__.py"
            return self.load(package if package.is_file() else folder)
        return self._inside(folder, node.module.split("."))

    def member(self, base: Target | None, name: str, steps: int = 0) -> Target | None:
        """Give what a name of a module, or of a library, stands for."""
        if isinstance(base, External):
            return External(f"{base.path}.{name}")
        return self.resolve(base, name, steps) if isinstance(base, Module) else None

    def resolve(self, module: Module, name: str, steps: int = 0) -> Target | None:
        """Say what a name of a module stands for; None if nothing defines it."""
        if steps > MOST_STEPS:
            return None
        for statement in reversed(module.bound.get(name, [])):
            match statement:
                case ast.Import(names=aliases):
                    alias = next(a for a in aliases if name == (a.asname or a.name.split(".")[0]))
                    return self.absolute(alias.name if alias.asname else name)
                case ast.ImportFrom(names=aliases):
                    alias = next(a for a in aliases if name == (a.asname or a.name))
                    return self.member(self.base(module, statement), alias.name, steps + 1)
            return Symbol(module, name)
        for star in reversed(module.stars):
            found = self._starred(self.base(module, star), name, steps)
            if found is not None:
                return found
        return self.within(module.folder, name) if module.is_package else None

    def _starred(self, base: Module | External | None, name: str, steps: int) -> Target | None:
        if isinstance(base, External):
            path = f"{base.path}.{name}"
            return External(path) if library(path) is not None else None
        if base is None:
            return None
        public = base.public()
        shown = not name.startswith("_") if public is None else name in public
        return self.resolve(base, name, steps + 1) if shown else None


def _read(path: Path) -> Module | None:
    if path.is_dir():
        return Module(path, "", ast.Module([], []))
    try:
        with tokenize.open(path) as stream:
            text = stream.read()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Module(path, text, ast.parse(text))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def _is_main(statement: ast.stmt) -> bool:
    """Whether a statement is for the program alone: `if __name__ == "__main__":`."""
    if not isinstance(statement, ast.If):
        return False
    return any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(statement.test))
