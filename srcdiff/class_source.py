"""A class as read: its methods, those that it inherits among them.

Takes the text of a class, and of those above it. Gives its methods as functions, and what is known
of the attributes of its objects. Refuses methods that aren't there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import libcst as cst

from srcdiff.diagnostics import DerivationError, Problems, Refusal, Section
from srcdiff.ir.annotations import from_annotation
from srcdiff.ir.nodes import Function, UserFunction, Variable
from srcdiff.ir.types import Type
from srcdiff.passes.inner import Part
from srcdiff.syntax.made_objects import made_classes, object_classes
from srcdiff.syntax.object_classes import PLAIN_BASES
from srcdiff.syntax.positions import Positions
from srcdiff.syntax.read import FunctionReader
from srcdiff.syntax.scope import Scope
from srcdiff.syntax.written_names import dotted_name


@dataclass(slots=True)
class ClassSource:
    """A class as read.

    Parameters
    ----------
    node
        Its definition.
    positions, scope, filename, first_line
        Where it comes from and what its names stand for.
    find, lacks
        Gives what is known of the objects of a class, by its name; says whether they certainly
        have no backward.
    elsewhere
        The sections of the text that are of other files.
    above
        The classes above it, the nearest first, as far as their texts are known.
    """

    node: cst.ClassDef
    positions: Positions
    scope: Scope
    filename: str
    first_line: int = 1
    attributes: dict[str, Variable] = field(default_factory=dict)
    find: Callable[[str], Part | None] = lambda _: None
    lacks: Callable[[str], bool] = lambda _: False
    elsewhere: tuple[Section, ...] = ()
    above: tuple[cst.ClassDef, ...] = ()

    def classes_of(self, attribute: str) -> set[str]:
        """Give the names of the classes of an object that the class's methods make, or of several.

        Those are meant of which `self.layers = [Layer(), Layer()]` is a list.
        """
        found: set[str] = set()
        for node in (self.node, *self.above):
            found |= made_classes(node).get(attribute, set())
        return found - {""}

    def parts(self) -> dict[str, Part]:
        """Give what is known of the objects that the class's objects have."""
        names: dict[str, str] = {}
        for node in (self.node, *self.above):
            for name, own in object_classes(node).items():
                names[name] = own if names.get(name, own) == own else ""
        found = {name: self.find(own) for name, own in names.items() if own}
        return {name: part for name, part in found.items() if part is not None}

    def levels(self) -> tuple[dict[str, cst.FunctionDef], ...]:
        """Give the methods by name, of the class itself and of each one above it."""
        return tuple(methods_of(node) for node in (self.node, *self.above))

    def methods(self) -> dict[str, cst.FunctionDef]:
        """Give the methods by name, those that the class inherits among them."""
        found: dict[str, cst.FunctionDef] = {}
        for level in reversed(self.levels()):
            found |= level
        return found

    def called(self) -> set[str]:
        """Give the methods that forward names, and those that they name."""
        found: set[str] = set()
        pending = ["forward"]
        while pending:
            name = pending.pop()
            for method in (level[name] for level in self.levels() if name in level):
                start, end = self.positions.offsets(method)
                text = self.positions.text[start:end]
                words = set(re.findall(r"\.\s*(\w+)", text)) & self.methods().keys()
                pending += words - found
                found |= words
        return found - {"forward"}

    def has_own_forward(self) -> bool:
        """Whether the class says itself what its forward computes, if in part."""
        own = methods_of(self.node).keys()
        return "forward" in own or ("forward" in self.methods() and bool(own & self.called()))

    def overridden(self, node: cst.ClassDef, above: tuple[cst.ClassDef, ...]) -> str:
        """Give the method of a class below by which it changes what forward computes, if any."""
        own = methods_of(node).keys()
        below = self.node in above and "forward" not in own
        return min(own & self.called(), default="") if below else ""

    def refused(self, code: str, message: str, hint: str, node: cst.CSTNode) -> DerivationError:
        """Give the error for what is refused at a node of the class."""
        problems = Problems(self.positions.text, self.filename, self.first_line)
        problems.add(Refusal(code, message, hint), self.positions.span(node))
        return DerivationError(problems.found)

    def slots(self) -> set[str] | None:
        """Give the names for which the class's objects have slots; None where they take any."""
        found: set[str] = set()
        for node in (self.node, *self.above):
            own = self._slots(node)
            if own is None:
                return None
            found |= own
        return found

    def _slots(self, node: cst.ClassDef) -> set[str] | None:
        found: set[str] | None = None
        for line in node.body.body:
            for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                match small:
                    case cst.Assign(
                        targets=[cst.AssignTarget(target=cst.Name(value="__slots__"))], value=value
                    ):
                        found = set(re.findall(r"\w+", self.positions.text_at(value)))
        options = [
            argument
            for decorator in node.decorators
            if isinstance(decorator.decorator, cst.Call)
            for argument in decorator.decorator.args
        ]
        for option in options:
            match option:
                case cst.Arg(keyword=cst.Name(value="slots"), value=cst.Name(value="True")):
                    found = set(_fields(node))
        return found

    def read(self, name: str = "forward") -> Function:
        """Read a method.

        Raises
        ------
        DerivationError
            There is no such method, or it can't be read.
        """
        methods = self.methods()
        if name not in methods:
            raise self.refused(
                "SD118",
                f"the class {self.node.name.value} has no method {name}.",
                "derive_backward takes a function, or a class with a forward method.",
                self.node.name,
            )
        node = methods[name]
        if node.decorators or not (node.params.params or node.params.posonly_params):
            raise self.refused(
                "SD118",
                f"the method {name} is decorated, or has no parameter for the object.",
                "Write it as def forward(self, x).",
                node.name,
            )
        others = {n: UserFunction(n, self._reader(n)) for n in methods if n not in HOOKS}
        reader = FunctionReader(
            self.positions,
            self.scope,
            self.filename,
            self.first_line,
            method=True,
            methods=others,
            attributes=self.attributes,
            definitions={n: node for n, node in methods.items() if n in others},
            elsewhere=self.elsewhere,
            levels=self.levels(),
        )
        return reader.read(methods[name])

    def _reader(self, name: str) -> _MethodReader:
        return _MethodReader(self, name)

    def stated_types(self) -> dict[str, Type]:
        """Give the types of attributes that the class body annotates."""
        found: dict[str, Type] = {}
        lines = [line for node in (*self.above[::-1], self.node) for line in node.body.body]
        for line in lines:
            for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
                    start, end = self.positions.offsets(small.annotation.annotation)
                    text = self.positions.text[start:end]
                    stated = from_annotation(text, small.target.value)
                    if stated is not None:
                        found[small.target.value] = stated
        return found


def methods_of(node: cst.ClassDef) -> dict[str, cst.FunctionDef]:
    """Give the methods that a class defines itself."""
    return {n.name.value: n for n in node.body.body if isinstance(n, cst.FunctionDef)}


def classes_above(node: cst.ClassDef, scope: Scope) -> tuple[cst.ClassDef, ...]:
    """Give the classes above a class, the nearest first, as far as their texts say them.

    Of a class with several others above it, none is known: which comes first takes them all.
    """
    found: list[cst.ClassDef] = []
    while True:
        names = [dotted_name(base.value) for base in node.bases]
        names = [name for name in names if name.split(".")[-1] not in PLAIN_BASES]
        text = scope.class_text(names[0]) if len(names) == 1 else None
        if text is None or text in found:
            return tuple(found)
        found.append(text)
        node = text


def _fields(node: cst.ClassDef) -> Iterator[str]:
    """Give the names that a class body annotates."""
    for line in node.body.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            match small:
                case cst.AnnAssign(target=cst.Name(value=name)):
                    yield name


HOOKS = frozenset(["forward", "backward", "__init__"])


@dataclass(frozen=True, slots=True)
class _MethodReader:
    source: ClassSource
    name: str

    def __call__(self) -> Function:
        return self.source.read(self.name)
