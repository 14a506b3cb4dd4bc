"""A file's functions and what is derived from them; the file is read, never imported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import libcst as cst

from srcdiff import __version__
from srcdiff.class_source import ClassSource, classes_above, methods_of
from srcdiff.class_text import ClassText, derive_class_text, part_of, plain_class, spliced_class
from srcdiff.diagnostics import (
    DerivationError,
    Diagnostic,
    Problems,
    Refusal,
    Span,
    faults_told,
)
from srcdiff.emit import BUILTIN_TYPES, names_in
from srcdiff.ir.nodes import Function
from srcdiff.linked import linked
from srcdiff.needs import Needs, hidden
from srcdiff.own_helpers import own_helpers
from srcdiff.parsed import parsed
from srcdiff.passes.inner import Part
from srcdiff.pipeline import Derivation, derive
from srcdiff.request import Request
from srcdiff.rules.helpers import HELPERS
from srcdiff.syntax.global_names import names_bound
from srcdiff.syntax.libraries import Library
from srcdiff.syntax.read import FunctionReader
from srcdiff.syntax.scope import FileScope, Foreign
from srcdiff.syntax.splice import (
    block_options,
    block_owner,
    with_blocks,
    with_class,
    without_blocks,
)
from srcdiff.syntax.vocabulary import Vocabulary
from srcdiff.text import constant_blocks, emitted, sorted_imports
from srcdiff.wishes import Wish, header, wish_of
from srcdiff.written_rules import WrittenRules

SUFFIXES = ("_backward", "_jvp")
"""How the names of derived functions end."""


@dataclass(slots=True)
class FileDerivation:
    """What was derived from a file, and what couldn't be."""

    derivations: dict[str, Derivation] = field(default_factory=dict)
    classes: dict[str, ClassText] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


class SourceFile:
    """A Python file as text.

    Parameters
    ----------
    text, filename
        The contents, and the name for messages.

    Raises
    ------
    DerivationError
        The text isn't Python, or a rule in it isn't in the form of one.
    """

    def __init__(self, text: str, filename: str) -> None:
        self.filename = filename
        self.linked = linked(text, filename)
        with self._in_own_files():
            self.positions = parsed(self.linked.text, filename)
            self.plain = without_blocks(self.positions.module, HELPERS)
            self.scope = FileScope(self.positions, self.read, self._body())
            self.helpers = own_helpers(self.scope)
            self.rules = WrittenRules(self.scope, self.positions, filename)
        self.own = self.plain
        if self.linked.names:
            self.own = without_blocks(parsed(text, filename).module, HELPERS)
        self._class_vocabulary: Vocabulary | None = None
        self._parts: dict[str, Part | None] = {}
        self._chosen: frozenset[str] = frozenset()

    @contextmanager
    def _in_own_files(self) -> Iterator[None]:
        """Let problems be told where they stand: in the file, or in a module that it uses."""
        try:
            yield
        except DerivationError as error:
            raise DerivationError([self.linked.placed(d) for d in error.diagnostics]) from None

    def _body(self) -> list[Any]:
        """Give the statements that count: the imports, what is of other modules, the file's own."""
        lines = {id(n): self.positions.span(n).line for n in self.positions.module.body}

        def place(node: cst.CSTNode) -> int:
            if isinstance(node, cst.SimpleStatementLine):
                if all(isinstance(small, (cst.Import, cst.ImportFrom)) for small in node.body):
                    return 0
            return 1 if lines.get(id(node), 0) > self.linked.own else 2

        body: list[Any] = list(self.plain.body)
        return sorted(body, key=place) if self.linked.names else body

    def read(self, node: cst.FunctionDef) -> Function:
        """Read one of the file's functions."""
        positions, first = self.scope.made.get(node.name.value, (self.positions, 1))
        return FunctionReader(positions, self.scope, self.filename, first).read(node)

    def functions(self) -> dict[str, cst.FunctionDef]:
        """Give the functions at the top level that aren't derived, nor have or are rules."""
        own = self.scope.functions
        return {
            name: node
            for name, node in own.items()
            if name not in self.rules.names | self.helpers.keys()
            and name not in self.linked.names | self.scope.made
            and not any(
                name.removesuffix(suffix) in own for suffix in SUFFIXES if name.endswith(suffix)
            )
        }

    def classes(self) -> dict[str, cst.ClassDef]:
        """Give the classes at the top level that have a forward method."""
        own = [node for node in self.positions.module.body if isinstance(node, cst.ClassDef)]
        return {
            node.name.value: node
            for node in own
            if self._class(node).has_own_forward() or self._mark(node) is not None
        }

    def _class(self, node: cst.ClassDef) -> ClassSource:
        above = classes_above(node, self.scope)
        source = ClassSource(node, self.positions, self.scope, self.filename, find=self._part)
        return replace(source, above=above, lacks=self._lacks_backward)

    def _lacks_backward(self, name: str) -> bool:
        """Whether a class of the file gets no backward, and has none of its own."""
        node = self.scope.classes.get(name)
        methods = self._class(node).methods() if node is not None else {}
        return "forward" in methods and "backward" not in methods and name not in self._chosen

    def _part(self, name: str) -> Part | None:
        """Give what is known of a class's objects: the gradients that its backward returns."""
        if name not in self._parts:
            self._parts[name] = None  # as long as it is looked for
            node = self.scope.classes.get(name)
            with suppress(DerivationError):
                if node is not None and "forward" in self._class(node).methods():
                    derived = derive_class_text(self._class(node), self.vocabulary())
                    self._parts[name] = part_of(derived.derivation)
        return self._parts[name]

    def chosen(self, name: str | None, wish: Wish) -> dict[str, Wish]:
        """Give the functions to be derived: the one named, else the marked, else all.

        Raises
        ------
        DerivationError
            There is no function of that name.
        """
        nodes: dict[str, cst.FunctionDef | cst.ClassDef] = {**self.functions(), **self.classes()}
        if name is not None:
            if name not in nodes:
                hint = f"It has {', '.join(nodes)}." if nodes else "It has no functions."
                message = f"there is no function {name} in the file."
                raise DerivationError([Diagnostic("SD114", message, hint, self.filename)])
            marked = self._mark(nodes[name])
            return {name: wish if wish != Wish() or marked is None else marked}
        marks = {n: mark for n, node in nodes.items() if (mark := self._mark(node)) is not None}
        if marks:
            return {n: wish if wish != Wish() else mark for n, mark in marks.items()}
        return dict.fromkeys(nodes, wish)

    def written(self) -> dict[str, Wish]:
        """Give the functions whose derived code stands in the file, with their options."""
        found = {}
        nodes = {**self.scope.functions, **self.classes()}
        for name, options in block_options(self.positions.module).items():
            if name in nodes:
                found[name] = Wish.from_options(options)
        for name, node in self.classes().items():
            backward = methods_of(node).get("backward")
            if backward is not None and block_owner(backward):
                found[name] = Wish()
        return found

    def derive(self, chosen: dict[str, Wish]) -> FileDerivation:
        """Derive functions and classes; problems of one don't keep the others."""
        result, self._chosen = FileDerivation(), frozenset(chosen)
        for name, wish in chosen.items():
            problems = Problems(self.positions.text, self.filename)
            try:
                with problems.within(self._place(name)), self.rules.registered():
                    self._derive(name, wish, result)
                problems.raise_if_any()
            except DerivationError as error:
                told = [self.linked.placed(d) for d in error.diagnostics]
                result.problems += [d for d in told if d not in result.problems]
        return result

    def _place(self, name: str) -> Span:
        node = self.scope.functions.get(name) or self.scope.classes[name]
        return self.positions.span(node.name)

    def _derive(self, name: str, wish: Wish, result: FileDerivation) -> None:
        node = self.classes().get(name)
        if node is None:
            if isinstance(self.scope.entities.get(name), Foreign):
                raise Refusal(
                    "SD118",
                    f"{name} is changed by a decorator, and what that does isn't known.",
                    "Derive the plain function.",
                )
            function = replace(self.read(self.scope.functions[name]), asked=wish.outputs)
            result.derivations[name] = derive(Request(function, wish.wrt, wish.mode))
            return
        if wish != Wish():
            raise Refusal(
                "SD118",
                "a class takes neither wrt nor mode nor outputs.",
                "Its backward returns the gradients of forward's arguments.",
            )
        result.classes[name] = derive_class_text(self._class(node), self.class_vocabulary())

    def class_vocabulary(self) -> Vocabulary:
        """Give the one vocabulary that the file's classes are written with."""
        if self._class_vocabulary is None:
            self._class_vocabulary = self.vocabulary()
        return self._class_vocabulary

    def _mark(self, node: cst.FunctionDef | cst.ClassDef) -> Wish | None:
        """Give what a @derive_backward says; None without one."""
        for decorator in filter(self._is_mark, node.decorators):
            called = decorator.decorator
            return wish_of(called.args if isinstance(called, cst.Call) else ())
        return None

    def _is_mark(self, node: cst.Decorator) -> bool:
        called = node.decorator
        return self.scope.names_derive_backward(
            called.func if isinstance(called, cst.Call) else called
        )

    def vocabulary(self) -> Vocabulary:
        """Give the file's names for libraries, but for those that mean something else somewhere."""
        bindings = {
            name: entity.value
            for name, entity in self.scope.entities.items()
            if isinstance(entity, Library)
        }
        bindings |= self.scope.dotted
        return Vocabulary(bindings, self.identifiers(), self.scope.shadowed_builtins())

    def identifiers(self) -> set[str]:
        """Give all names that the file binds."""
        text = self.positions.text if self.plain is self.positions.module else self.plain.code
        return names_bound(text) - self.helpers.keys()

    def in_place(self, result: FileDerivation, wishes: dict[str, Wish]) -> str:
        """Give the file with each derived function right below its forward function.

        Raises
        ------
        DerivationError
            A function of that name stands there already, written by somebody else.
        """
        with self._in_own_files():
            return self._in_place(result, wishes)

    def _in_place(self, result: FileDerivation, wishes: dict[str, Wish]) -> str:
        module = self.own
        here = {n.name.value for n in module.body if isinstance(n, cst.FunctionDef)}
        vocabulary = self.class_vocabulary()
        done = set(self.helpers.values())
        names = {n: d.text_name for n, d in result.derivations.items()}
        given = {d: n for n, d in names.items() if wishes.get(n, Wish()) == Wish()}
        others = {d for n, d in names.items() if given.get(d) != n}
        blocks: dict[str, str] = {}
        for name in sorted(result.classes, key=lambda n: self._place(n).start):
            derived = result.classes[name]
            source = self._class(self.scope.classes[name])
            if derived.is_rewritten:
                raise DerivationError([self._rewritten(name)])
            self._check_below(source, result)
            beside = emitted([], vocabulary, [derived.derivation])
            own = {n: t for n, t in beside.companions.items() if n not in given}
            for clash in own.keys() & (here | others):
                raise DerivationError([self._clash(clash, name)])
            found = [*beside.helpers, *map(self.linked.restored, own.values())]
            texts = [text for text in found if text not in done]
            imports = [line for line in vocabulary.imports.values() if line not in done]
            done.update([*texts, *imports])
            mark = header(name, Wish())
            edited = self.linked.restored(spliced_class(source, derived, mark=mark))
            module = with_class(module, name, edited)
            if texts or imports:
                head = ["\n".join(sorted_imports(imports))] if imports else []
                blocks[name] = f"\n\n\n{mark}\n".join([*head, *texts])
        order = sorted(names, key=lambda n: self._place(n).start)
        texts_of = {name: emitted([result.derivations[name]], vocabulary) for name in order}
        for name, text in texts_of.items():
            text.leave_out({d: texts_of[n].companions[d] for d, n in given.items() if n != name})
            clashes = [n for n in text.companions if n in here]
            if clashes:
                raise DerivationError([self._clash(clashes[0], name)])
            needed = self._needs().copied(text, self.linked)
            whole = [*needed.texts, *map(self.linked.restored, text.functions())]
            parts = [text for text in whole if text not in done]
            imports = [line for line in (*text.imports, *needed.imports) if line not in done]
            done.update([*parts, *imports])
            blocks[name] = "\n\n\n".join(["\n".join(sorted_imports(imports)), *parts]).lstrip()
        return with_blocks(module, blocks, lambda n: header(n, wishes.get(n, Wish()))).code

    def _check_below(self, source: ClassSource, result: FileDerivation) -> None:
        """Refuse a class of which another one inherits a backward that isn't right for it."""
        for name, node in self.scope.classes.items():
            method = source.overridden(node, classes_above(node, self.scope))
            if method and name not in result.classes:
                told = f"{name} inherits a backward that isn't right: it has its own {method}."
                raise DerivationError([self._at(name, "SD118", told, f"Derive {name} too.")])

    def _needs(self, name: str = "") -> Needs:
        return Needs(self.scope, self.filename, self.needs_no_import, name)

    def needs_no_import(self, annotation: str) -> bool:
        """Whether an annotation is made of builtin types and NumPy's."""
        names = names_in(annotation)
        numpy_name = self.class_vocabulary().modules.get("numpy", "np")
        return names is not None and names <= BUILTIN_TYPES | {numpy_name}

    def _clash(self, name: str, owner: str) -> Diagnostic:
        return self._at(
            name if name in self.scope.functions else owner,
            "SD120",
            f"{name} is defined here already, and not by srcdiff.",
            f"Rename it, or derive {owner} alone, with --function, into another file.",
        )

    def _rewritten(self, name: str) -> Diagnostic:
        return self._at(
            name,
            "SD121",
            f"nothing was written: {name}.forward has branches, loops, writes in place or calls "
            "that are written out, and is written anew to keep what its backward needs.",
            "Write the derived class to another file with -o.",
        )

    def _at(self, name: str, code: str, message: str, hint: str) -> Diagnostic:
        """Give a diagnostic at the name of one of the file's functions or classes."""
        span = self._place(name)
        ends = (span.line, span.column, span.end_line, span.end_column)
        line = self.positions.text.splitlines()[span.line - 1]
        return Diagnostic(code, message, hint, self.filename, *ends, line)

    def module(self, result: FileDerivation) -> str:
        """Give a complete module with the derived functions and all that they need.

        Raises
        ------
        DerivationError
            A derived function needs something of the file's that can't be copied.
        """

        def error_of(told: tuple[str, str, str]) -> DerivationError:
            message, hint, code = told
            return DerivationError([Diagnostic(code, message, hint, self.filename)])

        with faults_told(error_of):
            return self._module(result)

    def _module(self, result: FileDerivation) -> str:
        callers = [derived.derivation for derived in result.classes.values()]
        text = emitted(result.derivations.values(), self.class_vocabulary(), callers)
        for name, derived in result.classes.items():
            source = self._class(self.scope.classes[name])
            others = [d for d in source.node.decorators if not self._is_mark(d)]
            text.companions[name] = plain_class(source, derived, others, self.needs_no_import)
        for called, caller in hidden(self.scope, result.derivations, text):
            raise DerivationError([self._clash(called, caller)])
        with self._in_own_files():
            needs = self._needs(next(iter(result.derivations), ""))
            needed = needs.collect("\n\n\n".join(text.functions()), text)
        imports = sorted_imports([*text.imports, *needed.imports])
        mark = f"# Derived from {Path(self.filename).name} by srcdiff {__version__}."
        first, *classes = constant_blocks(needed.constants)
        blocks = [block for block in (mark, "\n".join(imports), first) if block]
        definitions = [*classes, *needed.functions, *text.functions()]
        return "\n\n\n".join(["\n\n".join(blocks), *definitions]) + "\n"
