"""What an emitted module takes along from the user's file: imports, constants, functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from srcdiff.diagnostics import DerivationError, Diagnostic
from srcdiff.ir.records import RecordClass
from srcdiff.joined_text import Linked
from srcdiff.syntax.constants import holds_constants
from srcdiff.syntax.libraries import Library
from srcdiff.syntax.scope import FileScope, Foreign, ModuleVariable
from srcdiff.syntax.splice import COPIED, MADE, plain_function
from srcdiff.syntax.statements import called_names
from srcdiff.text import USUAL_IMPORTS, Text, free_names


@dataclass(slots=True)
class Needs:
    """What an emitted text takes from the user's file.

    Parameters
    ----------
    scope, filename
        The file.
    kept
        Whether an annotation may stay.
    of
        The function that the text is derived from, where problems are told.
    """

    scope: FileScope
    filename: str
    kept: Callable[[str], bool]
    of: str = ""
    imports: list[str] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    only: set[str] | None = None
    texts: list[str] = field(default_factory=list)

    def collect(self, source: str, text: Text) -> Needs:
        """Look for what a text reads and doesn't define.

        Raises
        ------
        DerivationError
            It reads a variable of the module that isn't a constant.
        """
        problems: list[Diagnostic] = []
        self._collect(source, set(text.companions), problems)
        if problems:
            raise DerivationError(problems)
        return self

    def copied(self, text: Text, linked: Linked) -> Needs:
        """Look for what a text in the file itself reads of other modules without a name for it.

        Raises
        ------
        DerivationError
            It reads a variable of another module that isn't a constant.
        """
        self.only = {name for name, own in linked.names.items() if not own} | self.scope.made.keys()
        if self.only:
            self.collect("\n\n\n".join(text.functions()), text)
        lines = [line for line in self.imports if line.startswith("from")]
        self.imports = [line for line in self.imports if line not in lines]
        made = tuple(f"def {name}(" for name in self.scope.made)
        self.texts = [
            f"{MADE if found.startswith(made) else COPIED}\n{linked.restored(found)}"
            for found in (*lines, *self.constants, *self.functions)
        ]
        return self

    def _collect(self, source: str, made: set[str], problems: list[Diagnostic]) -> None:
        scope = self.scope
        for name in free_names(source):
            if (
                name in self.seen
                or name in made
                or (self.only is not None and name not in self.only)
            ):
                continue
            self.seen.add(name)
            entity = scope.entities.get(name)
            match entity:
                case _ if name in scope.functions:
                    text = plain_function(scope.positions.module, scope.functions[name], self.kept)
                    self._collect(text, made, problems)
                    self.functions.append(text)
                case ModuleVariable(definition=definition):
                    if not definition or scope.changes(name):
                        problems.append(self._missing(name))
                        continue
                    self._collect(definition, made, problems)
                    self.constants.append(definition)
                case _ if name in scope.classes:
                    node = scope.classes[name]
                    record = isinstance(scope.lookup(name), RecordClass)
                    plain = record or holds_constants(node, scope, scope.classes)
                    if scope.changes(name) or not plain:
                        problems.append(self._missing(name, "a class"))
                        continue
                    whole = node.with_changes(leading_lines=())  # with its decorators
                    definition = scope.positions.module.code_for_node(whole).strip()
                    self._collect(definition, made, problems)
                    self.constants.append(definition)
                case RecordClass() if name in scope.record_texts:
                    definition = scope.record_texts[name]
                    self._collect(definition, made, problems)
                    self.constants.append(definition)
                case None if name in USUAL_IMPORTS:
                    self.imports.append(USUAL_IMPORTS[name])
                case Library() | Foreign() if name in scope.import_texts:
                    self.imports.append(scope.import_texts[name])

    def _missing(self, name: str, what: str = "a variable") -> Diagnostic:
        message = f"the derived code reads {name}, {what} of the module that isn't a constant."
        hint = "Pass it as a parameter, or use --in-place, which leaves the code in the file."
        positions = self.scope.positions
        nodes = [self.scope.functions[self.of]] if self.of in self.scope.functions else []
        span = positions.first_use([*nodes, *self.scope.functions.values()], name)
        if span is None:
            return Diagnostic("SD115", message, hint, self.filename)
        line = positions.text.splitlines()[span.line - 1]
        ends = (span.line, span.column, span.end_line, span.end_column)
        return Diagnostic("SD115", message, hint, self.filename, *ends, line)


def hidden(scope: FileScope, names: Iterable[str], text: Text) -> Iterator[tuple[str, str]]:
    """Give the functions of the file that one of some calls, and that derived code would hide.

    With each comes the function that calls it.
    """
    for name in names:
        called = called_names(scope.functions[name].body) if name in scope.functions else ()
        found = text.companions.keys() & scope.functions.keys() & {*called}
        yield from ((own, name) for own in sorted(found))
