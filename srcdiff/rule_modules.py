"""The rules that stand in other modules: those that a file uses, and those that its project names.

`[tool.srcdiff] rules = ["package.module", "rules.py", "package.module:name"]` in the pyproject.toml
above the file names modules whose rules hold for it. They are read, and never run.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srcdiff.diagnostics import DerivationError, Diagnostic
from srcdiff.modules import External, Module, Modules, Symbol, Target
from srcdiff.syntax.libraries import KNOWN_MODULES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RULE = "srcdiff.rule"
WORDS = ("elementwise", "linear", "bilinear", "flat")


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """A statement that registers a rule.

    Parameters
    ----------
    symbol
        The rule's name in its module; a line's number for `rule.flat(f)`.
    statement
        The definition with its decorator, or the call.
    functions
        What it is of.
    """

    symbol: Symbol
    statement: ast.stmt
    functions: frozenset[Target]


class RuleModules:
    """The rules around a file.

    Parameters
    ----------
    modules
        The modules around it.
    """

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self.found: dict[Module, list[WrittenRule]] = {}

    @functools.cached_property
    def named(self) -> list[tuple[Module, str]]:
        """The modules that pyproject.toml names, each with the name of a rule, if any."""
        return list(self._named())

    def of(self, reached: set[Target]) -> list[WrittenRule]:
        """Give the rules in other modules of what is reached."""
        return [r for r in self._all() if any(f in reached or _is_known(f) for f in r.functions)]

    def has(self, target: Target) -> bool:
        """Whether something has a rule."""
        own = self._rules(self.modules.own)
        return any(target in rule.functions for rule in [*own, *self._all()])

    def _all(self) -> Iterator[WrittenRule]:
        chosen = {module for module, _ in self.named}
        for module, name in self.named:
            yield from (r for r in self._rules(module) if not name or r.symbol.name == name)
        for module in self.modules.loaded():
            if module not in chosen:
                yield from self._rules(module)

    def _named(self) -> Iterator[tuple[Module, str]]:
        for folder in self.modules.own.path.parents:
            path = folder / "pyproject.toml"
            if path.is_file():
                for entry in _entries(path):
                    text, _, name = entry.partition(":")
                    module = self._module(folder, text.strip())
                    if module is None:
                        message = f"[tool.srcdiff] rules names {text}, and there is no such module."
                        hint = (
                            "Write a module's dotted name, or a path from pyproject.toml's folder."
                        )
                        raise DerivationError([Diagnostic("SD122", message, hint, str(path))])
                    yield module, name.strip()
                return

    def _module(self, folder: Path, text: str) -> Module | None:
        if text.endswith(".py"):
            path = (folder / text).resolve()
            return self.modules.load(path) if path.is_file() else None
        found = self.modules.absolute(text)
        return found if isinstance(found, Module) else None

    def _rules(self, module: Module) -> list[WrittenRule]:
        if module not in self.found:
            self.found[module] = list(self._read(module)) if "rule" in module.text else []
        return self.found[module]

    def _read(self, module: Module) -> Iterator[WrittenRule]:
        for statement in module.tree.body:
            calls: list[ast.expr] = []
            symbol = Symbol(module, getattr(statement, "name", f"line {statement.lineno}"))
            if isinstance(statement, ast.FunctionDef):
                calls = statement.decorator_list
            elif isinstance(statement, ast.Expr):
                calls = [statement.value]
            functions = [f for call in calls for f in self._functions(module, call)]
            if functions:
                yield WrittenRule(symbol, statement, frozenset(functions))

    def _functions(self, module: Module, call: ast.expr) -> Iterator[Target]:
        """Give the functions that a call of `srcdiff.rule` names."""
        if not isinstance(call, ast.Call):
            return
        path = self.target(module, call.func)
        words = [RULE, *(f"{RULE}.{word}" for word in WORDS)]
        if isinstance(path, External) and path.path in words:
            for argument in call.args:
                found = self.target(module, argument)
                if found is not None:
                    yield found

    def target(self, module: Module, node: ast.expr) -> Target | None:
        """Give what a plain or dotted name in a module stands for."""
        if isinstance(node, ast.Name):
            return self.modules.resolve(module, node.id)
        if isinstance(node, ast.Attribute):
            return self.modules.member(self.target(module, node.value), node.attr)
        return None


def _is_known(target: Target) -> bool:
    """Whether a function is of a library that srcdiff knows, and so needn't be looked for."""
    return isinstance(target, External) and target.path.split(".")[0] in KNOWN_MODULES


def _entries(path: Path) -> list[str]:
    """Give the entries of `[tool.srcdiff] rules`.

    Raises
    ------
    DerivationError
        The file can't be read, or they aren't a list of texts.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data: Any = tomllib.loads(text) if "srcdiff" in text else {}  # parsing takes time
    except (OSError, ValueError) as error:
        message = f"can't be read: {error}."
        raise DerivationError([Diagnostic("SD122", message, "", str(path))]) from None
    tool = data.get("tool", {})
    own = tool.get("srcdiff", {}) if isinstance(tool, dict) else {}
    entries = own.get("rules", []) if isinstance(own, dict) else []
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        message = "[tool.srcdiff] rules isn't a list of modules."
        hint = 'Write rules = ["package.module"].'
        raise DerivationError([Diagnostic("SD122", message, hint, str(path))])
    return entries
