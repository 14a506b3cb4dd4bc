"""A class whose forward keeps what backward needs, as text.

Takes the text of a class. Gives it with the lines of forward that store values and with a method
backward below it. Refuses classes without a forward method that can be differentiated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import libcst as cst

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.annotations import from_annotation
from srcdiff.ir.nodes import Function, UserFunction, Variable
from srcdiff.ir.types import Type
from srcdiff.methods import MethodEmitter
from srcdiff.pipeline import Derivation, Request, derive
from srcdiff.syntax.layout import STEP
from srcdiff.syntax.positions import Positions
from srcdiff.syntax.read import FunctionReader
from srcdiff.syntax.scope import Scope
from srcdiff.syntax.splice import MARK
from srcdiff.syntax.vocabulary import Vocabulary


@dataclass(slots=True)
class ClassSource:
    """A class as read.

    Parameters
    ----------
    node
        Its definition.
    positions, scope, filename, first_line
        Where it comes from and what its names stand for.
    """

    node: cst.ClassDef
    positions: Positions
    scope: Scope
    filename: str
    first_line: int = 1
    attributes: dict[str, Variable] = field(default_factory=dict)

    def methods(self) -> dict[str, cst.FunctionDef]:
        """Give the methods by name."""
        body = self.node.body.body
        return {n.name.value: n for n in body if isinstance(n, cst.FunctionDef)}

    def read(self, name: str = "forward") -> Function:
        """Read a method.

        Raises
        ------
        DerivationError
            There is no such method, or it can't be read.
        """
        methods = self.methods()
        if name not in methods:
            problems = Problems(self.positions.text, self.filename, self.first_line)
            refusal = Refusal(
                "SD118",
                f"the class {self.node.name.value} has no method {name}.",
                "derive_backward takes a function, or a class with a forward method.",
            )
            problems.add(refusal, self.positions.span(self.node.name))
            problems.raise_if_any()
        node = methods[name]
        if node.decorators or not (node.params.params or node.params.posonly_params):
            problems = Problems(self.positions.text, self.filename, self.first_line)
            message = f"the method {name} is decorated, or has no parameter for the object."
            problems.add(
                Refusal("SD118", message, "Write it as def forward(self, x)."),
                self.positions.span(node.name),
            )
            problems.raise_if_any()
        others = {n: UserFunction(n, self._reader(n)) for n in methods if n not in HOOKS}
        reader = FunctionReader(
            self.positions,
            self.scope,
            self.filename,
            self.first_line,
            method=True,
            methods=others,
            attributes=self.attributes,
        )
        return reader.read(methods[name])

    def _reader(self, name: str) -> _MethodReader:
        return _MethodReader(self, name)

    def stated_types(self) -> dict[str, Type]:
        """Give the types of attributes that the class body annotates."""
        found: dict[str, Type] = {}
        for line in self.node.body.body:
            for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
                    start, end = self.positions.offsets(small.annotation.annotation)
                    text = self.positions.text[start:end]
                    stated = from_annotation(text, small.target.value)
                    if stated is not None:
                        found[small.target.value] = stated
        return found


HOOKS = frozenset(["forward", "backward", "__init__"])


@dataclass(frozen=True, slots=True)
class _MethodReader:
    source: ClassSource
    name: str

    def __call__(self) -> Function:
        return self.source.read(self.name)


@dataclass(frozen=True, slots=True)
class ClassText:
    """The derived parts of a class.

    Parameters
    ----------
    forward
        The method that keeps what backward needs, indented as in the class.
    backward
        The derived method, indented by one step.
    derivation
        What they were written from.
    """

    forward: str
    backward: str
    derivation: Derivation


def derive_class_text(source: ClassSource, vocabulary: Vocabulary) -> ClassText:
    """Derive the backward method of a class.

    Raises
    ------
    DerivationError
        Its forward can't be differentiated correctly.
    """
    function = source.read()
    derivation = derive(Request(function, None, "method", None, source.stated_types()))
    emitter = MethodEmitter(derivation, vocabulary, _used_attributes(source))
    forward = emitter.forward(source.methods()["forward"], source.positions)
    return ClassText(forward, "\n".join(emitter.backward()), derivation)


def _used_attributes(source: ClassSource) -> set[str]:
    """Give the attributes of self that the class uses anywhere."""
    start, end = source.positions.offsets(source.node)
    return set(re.findall(r"\bself\s*\.\s*(\w+)", source.positions.text[start:end]))


def spliced_class(source: ClassSource, text: ClassText, *, mark: str = "") -> str:
    """Give a class's text with its derived methods; an old backward makes way."""
    positions = source.positions
    methods = source.methods()
    start, end = positions.offsets(source.node)
    whole = positions.text
    edits: list[tuple[int, int, str]] = []
    forward = methods["forward"]
    first, last = positions.offsets(forward)
    begin = whole.rfind("\n", 0, first) + 1
    marked = f"{STEP}{mark}\n" if mark else ""
    new = text.forward + "\n\n" + marked + text.backward
    old = methods.get("backward")
    stop = last
    if old is not None:
        old_start, old_end = positions.offsets(old)
        line = whole.rfind("\n", 0, old_start) + 1
        while True:
            before = whole.rfind("\n", 0, line - 1) + 1
            above = whole[before : line - 1].strip()
            if line == 0 or (above and not above.startswith(MARK)):
                break
            line = before
        edits.append((max(line - 1, last), old_end, ""))
    edits.append((begin, stop, new))
    for first, last, replacement in sorted(edits, reverse=True):
        whole = whole[:first] + replacement + whole[last:]
        end += len(replacement) - (last - first)
    return whole[start:end]
