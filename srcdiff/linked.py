"""A file together with what it uses of other modules, as one text.

Takes a file's text. Gives a text in which the functions and constants of other modules that the
file's functions need stand below them, under names that clash with nothing; what is derived from it
is code of the file. Rules for what is used come along, from these modules and from those that
`[tool.srcdiff] rules` in pyproject.toml names. Nothing is run.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from srcdiff.joined_text import Linked
from srcdiff.modules import External, Module, Modules, Symbol, Target
from srcdiff.rule_modules import RuleModules
from srcdiff.rules.helpers import HELPERS
from srcdiff.syntax.edits import Edits, lines_of
from srcdiff.syntax.global_names import global_names
from srcdiff.syntax.libraries import library
from srcdiff.syntax.splice import derived_lines

USUAL = {"numpy": "np"}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(slots=True)
class _Piece:
    """What of a module is taken along: statements, with what the names in them stand for.

    Parameters
    ----------
    uses
        The names, and dotted names, that stand for something of a module.
    bound
        The names that its functions bind, and those that stand for nothing of a module.
    """

    module: Module
    statements: list[ast.stmt]
    uses: list[tuple[ast.expr, Target]]
    bound: set[str]


def linked(text: str, filename: str) -> Linked:
    """Give a file's text with what it uses of other modules.

    Raises
    ------
    DerivationError
        What pyproject.toml says of rules is wrong.
    """
    alone = Linked(text, len(lines_of(text)))
    path = Path.cwd() / "stdin.py" if filename.startswith("<") else Path(filename).resolve()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return alone  # what is wrong is told where the text is parsed
    derived = derived_lines(text, HELPERS)
    tree.body = [statement for statement in tree.body if statement.lineno not in derived]
    modules = Modules(path, text, tree)
    try:
        return _Linker(modules, RuleModules(modules), filename).link() or alone
    except RecursionError:
        return alone  # so deep that the function's own statements are refused


class _Linker:
    def __init__(self, modules: Modules, rules: RuleModules, filename: str) -> None:
        self.modules = modules
        self.rules = rules
        self.filename = filename
        self.access: dict[Target, str] = {}
        self.pieces: dict[Symbol, _Piece] = {}
        self.reached: set[Target] = set()
        self.names: dict[Target, str] = {}

    def link(self) -> Linked | None:
        """Give the whole text; None if the file stands alone."""
        own = self.modules.own
        if not self._reads_others() and not self.rules.named:
            return None
        self.file = self._piece(own, own.tree.body)
        self.access = dict(self._accesses())
        self.kept = set(self._overwritten())
        self._take(self._needed())
        if not self.pieces:
            return None
        self._choose_names()
        return self._joined()

    # What is used.

    def _reads_others(self) -> bool:
        """Whether the file imports anything of a module whose text is found."""
        own = self.modules.own
        names = (self.modules.resolve(own, name) for name in own.bound)
        starred = (self.modules.base(own, star) for star in own.stars)
        return any(
            isinstance(found, Module) or (isinstance(found, Symbol) and found.module is not own)
            for found in (*names, *starred)
        )

    def _needed(self) -> Iterator[Target]:
        """Give what the file's functions and variables use."""
        kinds = (*DEFINITIONS, ast.Assign, ast.AnnAssign)
        for statement in self.modules.own.tree.body:
            if isinstance(statement, kinds):
                for _, target in self._piece(self.modules.own, [statement]).uses:
                    if isinstance(statement, DEFINITIONS) or _is_plain(target):
                        yield target

    def _overwritten(self) -> Iterator[Target]:
        """Give what the file writes into another module: `config.eps = 3`."""
        for node in ast.walk(self.modules.own.tree):
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                found = self.rules.target(self.modules.own, node)
                if found is not None:
                    yield found

    def _piece(self, module: Module, statements: list[ast.stmt]) -> _Piece:
        """Give statements with what they use of their module and of others."""
        kept = [s for s in statements if not isinstance(s, (ast.Import, ast.ImportFrom))]
        nodes, bound = global_names(kept)
        parents = {c: p for s in kept for p in ast.walk(s) for c in ast.iter_child_nodes(p)}
        uses: list[tuple[ast.expr, Target]] = []
        for node in nodes:
            found = self._use(module, node, parents)
            if found is None:
                bound.add(node.id)
            else:
                uses.append(found)
        return _Piece(module, statements, uses, bound)

    def _use(
        self, module: Module, name: ast.Name, parents: dict[ast.AST, ast.AST]
    ) -> tuple[ast.expr, Target] | None:
        """Give what a name stands for, with the attributes behind it that name parts of modules."""
        found = self.modules.resolve(module, name.id)
        if found is None:
            return self._undefined(module, name)
        node: ast.expr = name
        target: Target = found
        best = (node, target)
        while isinstance(target, (Module, External)):
            above = parents.get(node)
            if not isinstance(above, ast.Attribute) or not isinstance(above.ctx, ast.Load):
                break
            inner = self.modules.member(target, above.attr)
            if inner is None or _is_library(target):
                break
            node, target = above, inner
            self.reached |= {inner} if isinstance(inner, External) else set()
            if not isinstance(inner, External) or inner in self.access or not self.access:
                best = (node, target)
        return best

    def _undefined(self, module: Module, name: ast.Name) -> tuple[ast.expr, Target] | None:
        """Let a builtin, or what nothing defines, stay that where the file gives it a meaning."""
        own = self.modules.own
        if module is own or self.modules.resolve(own, name.id) is None:
            return None
        path = "builtins" if hasattr(builtins, name.id) else module.dotted
        return name, External(f"{path}.{name.id}")

    def _take(self, targets: Iterable[Target]) -> None:
        """Take along what is used, what that uses, and the rules of all of it."""
        pending = list(targets)
        while True:
            while pending:
                target = pending.pop()
                if target not in self.reached or target not in self.pieces:
                    self.reached.add(target)
                    pending += self._opened(target) if isinstance(target, Symbol) else []
            for rule in self.rules.of(self.reached):
                if rule.symbol not in self.pieces:
                    piece = self._piece(rule.symbol.module, [rule.statement])
                    self.pieces[rule.symbol] = piece
                    pending += [used for _, used in piece.uses]
            if not pending:
                return

    def _opened(self, symbol: Symbol) -> list[Target]:
        """Take along a function or a variable; give what it uses."""
        if symbol.module is self.modules.own or symbol in self.pieces or symbol in self.kept:
            return []
        if not (symbol.is_function or symbol.is_class or symbol.is_variable):
            return []
        if self.rules.has(symbol) and symbol in self.access:
            return []  # it is called by the name that the file has for it
        piece = self.pieces[symbol] = self._piece(symbol.module, symbol.statements)
        used = [target for _, target in piece.uses if target != symbol]
        return [t for t in used if not symbol.is_variable or _is_plain(t)]

    # Under which names.

    def _accesses(self) -> Iterator[tuple[Target, str]]:
        """Give what the file itself calls things: the plainest way last."""
        for node, target in self.file.uses:
            if isinstance(node, ast.Attribute):
                yield target, ast.unparse(node)
        for name in self.modules.own.bound:
            found = self.modules.resolve(self.modules.own, name)
            if found is not None:
                yield found, name
        for node, target in self.file.uses:
            if isinstance(node, ast.Name):
                yield target, node.id

    def _choose_names(self) -> None:
        """Choose for everything a name that means nothing else, in the file or what is taken."""
        taken = self.file.bound | set(self.modules.own.bound)
        taken |= {node.id for node, _ in self.file.uses if isinstance(node, ast.Name)}
        used = [target for piece in self.pieces.values() for _, target in piece.uses]
        for target in dict.fromkeys([*self.pieces, *used]):
            if isinstance(target, Module):
                continue
            name = next(
                word
                for word in self._words(target)
                if (word == self.access.get(target) or word not in taken)
                and not any(word.split(".")[0] in piece.bound for piece in self.pieces.values())
            )
            taken.add(name)
            self.names[target] = name

    def _words(self, target: Symbol | External) -> Iterator[str]:
        """Give names for something, the best first."""
        known = self.access.get(target)
        if known is not None and ("." not in known or target not in self.pieces):
            yield known
        if isinstance(target, Symbol):
            first, second = target.name, f"{target.module.name}_{target.name}"
        else:
            last = target.path.rpartition(".")[2]
            first, second = USUAL.get(target.path, last), f"_{last}"
        yield from (word for word in (first, second) if word.isidentifier())
        yield from (f"{second}_{number}" for number in itertools.count(2))

    # The text.

    def _joined(self) -> Linked:
        own = self.modules.own
        edits = Edits(own.text)
        for node, target in self.file.uses:
            if target in self.pieces and ast.unparse(node) != self.names[target]:
                edits.put(node, self.names[target])
        self._without_imports(edits)
        text = edits.done()
        result = Linked(text, len(lines_of(text)), edits=edits.by_line)
        result.originals[self.filename] = lines_of(own.text)
        if not text.endswith(("\n", "\r")):
            result.text += "\n"
        for target, line in sorted(self._imports().items(), key=lambda entry: entry[1]):
            result.text += f"{line}\n"
            result.names[self.names[target]] = ""
        for symbol in self._ordered():
            self._append(result, symbol)
        return result

    def _ordered(self) -> list[Symbol]:
        """Give what is taken along, what others need first."""
        done: dict[Symbol, None] = {}

        def add(symbol: Symbol, path: tuple[Symbol, ...]) -> None:
            if symbol in done or symbol in path:
                return
            for _, target in self.pieces[symbol].uses:
                if isinstance(target, Symbol) and target in self.pieces:
                    add(target, (*path, symbol))
            done[symbol] = None

        for symbol in self.pieces:
            add(symbol, ())
        return list(done)

    def _append(self, result: Linked, symbol: Symbol) -> None:
        """Add the statements of a piece, with its names changed."""
        piece = self.pieces[symbol]
        shown = shown_path(symbol.module.path)
        result.originals[shown] = lines_of(symbol.module.text)
        for statement in piece.statements:
            edits = Edits(symbol.module.text)
            within = set(ast.walk(statement))
            for node, target in piece.uses:
                name = self.names.get(target)
                if node in within and name is not None and ast.unparse(node) != name:
                    edits.put(node, name)
            if isinstance(statement, DEFINITIONS):
                edits.put_name(statement, self.names[symbol])
            text, first = edits.statement(statement)
            result.text += "\n\n"
            start = len(lines_of(result.text)) + 1
            result.text += text + "\n"
            result.sources.append((start, start + len(lines_of(text)) - 1, shown, first))
            for line, found in edits.by_line.items():
                result.edits[line - first + start] = found
        name = self.names[symbol]
        if symbol.name in symbol.module.bound:
            if not symbol.is_function and symbol.module.changes(symbol.name):
                result.text += f"{name} = {name}\n"  # so that it counts as no constant
            own = self.access.get(symbol, "")
            head = own.split(".")[0]
            hidden = any(head in p.bound for p in (self.file, *self.pieces.values()))
            result.names[name] = "" if hidden and own != name else own

    def _without_imports(self, edits: Edits) -> None:
        """Take out of the file's imports what stands in the text itself."""
        own = self.modules.own
        for statement in own.tree.body:
            if not isinstance(statement, ast.ImportFrom) or statement in own.stars:
                continue
            kept = [
                alias
                for alias in statement.names
                if self.modules.resolve(own, alias.asname or alias.name) not in self.pieces
            ]
            if len(kept) < len(statement.names):
                left = ast.ImportFrom(statement.module, kept, statement.level)
                edits.put(statement, ast.unparse(left) if kept else "pass")

    def _imports(self) -> dict[Target, str]:
        """Give the imports that pieces need and the file doesn't have."""
        found: dict[Target, str] = {}
        for piece in self.pieces.values():
            for _, target in piece.uses:
                if isinstance(target, Module) or target in self.pieces:
                    continue
                name = self.names[target]
                if name == self.access.get(target):
                    continue
                if isinstance(target, Symbol):
                    if target.module is self.modules.own:
                        continue
                    path = f"{target.module.dotted}.{target.name}"
                else:
                    path = target.path
                head, _, last = path.rpartition(".")
                text = f"from {head} import {last}" if head else f"import {path}"
                found[target] = text if last == name else f"{text} as {name}"
        return found


def _is_plain(target: Target) -> bool:
    """Whether something may be part of a constant."""
    return not isinstance(target, Symbol) or target.is_variable or target.is_class


def _is_library(target: Target) -> bool:
    return isinstance(target, External) and library(target.path) is not None


def shown_path(path: Path) -> str:
    """Give a file's name for messages."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
