"""A file's functions and what is derived from them; the file is read, never imported."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

import libcst as cst

from srcdiff import __version__
from srcdiff.diagnostics import DerivationError, Diagnostic, Problems, Refusal
from srcdiff.ir.nodes import Function, UserFunction
from srcdiff.pipeline import Derivation, Mode, Request, derive
from srcdiff.syntax.positions import Positions, parse
from srcdiff.syntax.read import FunctionReader
from srcdiff.syntax.scope import FileScope, Foreign, Library, ModuleVariable
from srcdiff.syntax.splice import derived_names, with_blocks, without_blocks
from srcdiff.syntax.vocabulary import Vocabulary
from srcdiff.text import Text, emitted, free_names, sorted_imports

@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be derived of one function, as its decorator or the command line says."""

    wrt: tuple[str, ...] | str | None = None
    mode: Mode = "joint"


@dataclass(slots=True)
class FileDerivation:
    """What was derived from a file, and what couldn't be."""

    derivations: dict[str, Derivation] = field(default_factory=dict)
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
        The text isn't Python.
    """

    def __init__(self, text: str, filename: str) -> None:
        self.filename = filename
        self.positions = _parsed(text, filename)
        self.scope = FileScope(self.positions, self.read)

    def read(self, node: cst.FunctionDef) -> Function:
        """Read one of the file's functions."""
        return FunctionReader(self.positions, self.scope, self.filename).read(node)

    def functions(self) -> dict[str, cst.FunctionDef]:
        """Give the functions at the top level that aren't themselves derived."""
        own = [node for node in self.positions.module.body if isinstance(node, cst.FunctionDef)]
        made = derived_names(self.positions.module)
        names = {node.name.value for node in own}
        return {
            node.name.value: node
            for node in own
            if node.name.value not in made
            and not (
                node.name.value.endswith("_backward")
                and node.name.value.removesuffix("_backward") in names
            )
        }

    def chosen(self, name: str | None, wish: Wish) -> dict[str, Wish]:
        """Give the functions to be derived: the one named, else the marked, else all.

        Raises
        ------
        DerivationError
            There is no function of that name.
        """
        functions = self.functions()
        if name is not None:
            if name not in functions:
                hint = f"It has {', '.join(functions)}." if functions else "It has no functions."
                message = f"there is no function {name} in the file."
                raise DerivationError([Diagnostic("SD114", message, hint, self.filename)])
            marked = _mark(functions[name])
            return {name: wish if wish != Wish() or marked is None else marked}
        marks = {n: mark for n, node in functions.items() if (mark := _mark(node)) is not None}
        if marks:
            return {n: wish if wish != Wish() else mark for n, mark in marks.items()}
        return dict.fromkeys(functions, wish)

    def derive(self, chosen: dict[str, Wish]) -> FileDerivation:
        """Derive functions; problems of one don't keep the others."""
        result = FileDerivation()
        for name, wish in chosen.items():
            node = self.scope.functions[name]
            try:
                function = self.read(node)
                derived = derive(Request(function, wish.wrt, wish.mode))
            except DerivationError as error:
                result.problems += [d for d in error.diagnostics if d not in result.problems]
                continue
            except RecursionError:
                problems = Problems(self.positions.text, self.filename)
                problems.add(
                    Refusal(
                        "SD109",
                        f"{name} is nested too deeply.",
                        "Split long expressions into several statements.",
                    ),
                    self.positions.span(node.name),
                )
                result.problems += problems.found
                continue
            result.derivations[name] = derived
        return result

    def vocabulary(self) -> Vocabulary:
        """Give the file's names for libraries."""
        bindings = {
            name: entity.value
            for name, entity in self.scope.entities.items()
            if isinstance(entity, Library)
        }
        return Vocabulary(bindings, self.identifiers() - set(bindings))

    def identifiers(self) -> set[str]:
        """Give all names that the file binds."""
        tree = ast.parse(self.positions.text)
        found = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found.add(node.name)
        return found

    def in_place(self, result: FileDerivation) -> str:
        """Give the file with each derived function right below its forward function.

        Raises
        ------
        DerivationError
            A function of that name stands there already, written by somebody else.
        """
        module = without_blocks(self.positions.module)
        here = {n.name.value for n in module.body if isinstance(n, cst.FunctionDef)}
        vocabulary = self.vocabulary()
        done: set[str] = set()
        blocks: dict[str, str] = {}
        for name, derivation in result.derivations.items():
            text = emitted([derivation], vocabulary)
            clashes = [n for n in text.companions if n in here]
            if clashes:
                raise DerivationError([self._clash(clashes[0], name)])
            parts = [text for text in text.functions() if text not in done]
            done.update(parts)
            imports = [line for line in text.imports if line not in done]
            done.update(imports)
            head = ["\n".join(sorted_imports(imports))] if imports else []
            blocks[name] = "\n\n\n".join([*head, *parts])
        return with_blocks(module, blocks, header).code

    def _clash(self, name: str, owner: str) -> Diagnostic:
        span = self.positions.span(self.scope.functions[name].name)
        return Diagnostic(
            "SD120",
            f"{name} is defined here already, and not by srcdiff.",
            f"Rename it, or write the derived code of {owner} to another file with -o.",
            self.filename,
            span.line,
            span.column,
            span.end_line,
            span.end_column,
            self.positions.text.splitlines()[span.line - 1],
        )

    def module(self, result: FileDerivation, *, header: bool = True) -> str:
        """Give a complete module with the derived functions and all that they need.

        Raises
        ------
        DerivationError
            A derived function needs something of the file's that can't be copied.
        """
        text = emitted(result.derivations.values(), self.vocabulary())
        needed = _Needs(self).collect("\n\n\n".join(text.functions()), text)
        imports = sorted_imports([*text.imports, *needed.imports])
        blocks = []
        if header:
            blocks.append(f"# Derived from {self.filename} by srcdiff {__version__}.")
        if imports:
            blocks.append("\n".join(imports))
        if needed.constants:
            blocks.append("\n".join(needed.constants))
        head = "\n\n".join(blocks)
        definitions = [*needed.functions, *text.functions()]
        return "\n\n\n".join([head, *definitions] if head else definitions) + "\n"


@dataclass(slots=True)
class _Needs:
    """What an emitted text takes from the user's file."""

    file: SourceFile
    imports: list[str] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def collect(self, source: str, text: Text) -> _Needs:
        problems: list[Diagnostic] = []
        self._collect(source, set(text.companions), problems)
        if problems:
            raise DerivationError(problems)
        return self

    def _collect(self, source: str, made: set[str], problems: list[Diagnostic]) -> None:
        scope = self.file.scope
        for name in free_names(source):
            if name in self.seen or name in made:
                continue
            self.seen.add(name)
            entity = scope.entities.get(name)
            match entity:
                case UserFunction():
                    text = self._function(scope.functions[name])
                    self._collect(text, made, problems)
                    self.functions.append(text)
                case ModuleVariable(definition=definition) if definition:
                    self._collect(definition, made, problems)
                    self.constants.append(definition)
                case ModuleVariable():
                    problems.append(self._missing(name))
                case Library() | Foreign() if name in scope.import_texts:
                    self.imports.append(scope.import_texts[name])

    def _function(self, node: cst.FunctionDef) -> str:
        plain = node.with_changes(decorators=(), leading_lines=(), lines_after_decorators=())
        return self.file.positions.module.code_for_node(plain).rstrip()

    def _missing(self, name: str) -> Diagnostic:
        return Diagnostic(
            "SD115",
            f"the derived code reads {name}, a variable of the module that isn't a constant.",
            "Pass it as a parameter, or use --in-place, which leaves the code in the file.",
            self.file.filename,
        )


def _parsed(text: str, filename: str) -> Positions:
    try:
        ast.parse(text)
        return parse(text)
    except SyntaxError as error:
        line = error.lineno or 1
        lines = text.splitlines()
        raise DerivationError(
            [
                Diagnostic(
                    "SD116",
                    f"this isn't Python: {error.msg}.",
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
        message = f"this can't be parsed: {error.message}."
        raise DerivationError(
            [Diagnostic("SD116", message, "", filename, error.raw_line, error.raw_column + 1)]
        ) from None
    except (RecursionError, MemoryError, ValueError) as error:
        message = f"this can't be parsed: {error or 'it is nested too deeply'}."
        raise DerivationError([Diagnostic("SD116", message, "", filename)]) from None


def header(name: str) -> str:
    """Give the comment that marks the code derived from a function."""
    return f"# srcdiff: derived from {name}. Refresh with: srcdiff FILE --in-place"


def _mark(node: cst.FunctionDef) -> Wish | None:
    """Give what a function's @derive_backward says; None without one."""
    for decorator in node.decorators:
        expression = decorator.decorator
        arguments = expression.args if isinstance(expression, cst.Call) else ()
        if isinstance(expression, cst.Call):
            expression = expression.func
        name = expression.attr if isinstance(expression, cst.Attribute) else expression
        if isinstance(name, cst.Name) and name.value == "derive_backward":
            return _wish(arguments)
    return None


def _wish(arguments: object) -> Wish:
    given: dict[str, object] = {}
    for argument in arguments:  # type: ignore[attr-defined]  # a sequence of Arg
        if argument.keyword is not None:
            code = cst.Module([]).code_for_node(argument.value)
            try:
                given[argument.keyword.value] = ast.literal_eval(code)
            except ValueError:
                continue
    wrt = given.get("wrt")
    mode: Mode = "split" if given.get("mode") == "split" else "joint"
    if isinstance(wrt, (list, tuple)):
        return Wish(tuple(map(str, wrt)), mode)
    return Wish(wrt if isinstance(wrt, str) else None, mode)
