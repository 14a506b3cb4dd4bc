"""A class whose forward keeps what backward needs, as text.

Takes the text of a class. Gives it with the lines of forward that store values and with a method
backward below it. Refuses classes without a forward method that can be differentiated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from srcdiff.diagnostics import DerivationError, Problems, Refusal, Section
from srcdiff.ir.annotations import from_annotation
from srcdiff.ir.nodes import Function, UserFunction, Variable
from srcdiff.ir.types import Type
from srcdiff.methods import MethodEmitter
from srcdiff.passes.inner import Part
from srcdiff.pipeline import Derivation, derive
from srcdiff.request import Request
from srcdiff.syntax.layout import STEP
from srcdiff.syntax.made_objects import object_classes
from srcdiff.syntax.positions import Positions
from srcdiff.syntax.read import FunctionReader
from srcdiff.syntax.scope import Scope
from srcdiff.syntax.splice import MARK, block_owner, with_plain_annotations
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
    find
        Gives what is known of the objects of a class, by its name.
    elsewhere
        The sections of the text that are of other files.
    """

    node: cst.ClassDef
    positions: Positions
    scope: Scope
    filename: str
    first_line: int = 1
    attributes: dict[str, Variable] = field(default_factory=dict)
    find: Callable[[str], Part | None] = lambda _: None
    elsewhere: tuple[Section, ...] = ()

    def parts(self) -> dict[str, Part]:
        """Give what is known of the objects that the class's objects have."""
        found = {name: self.find(own) for name, own in object_classes(self.node).items()}
        return {name: part for name, part in found.items() if part is not None}

    def methods(self) -> dict[str, cst.FunctionDef]:
        """Give the methods by name."""
        body = self.node.body.body
        return {n.name.value: n for n in body if isinstance(n, cst.FunctionDef)}

    def refused(self, code: str, message: str, hint: str, node: cst.CSTNode) -> DerivationError:
        """Give the error for what is refused at a node of the class."""
        problems = Problems(self.positions.text, self.filename, self.first_line)
        problems.add(Refusal(code, message, hint), self.positions.span(node))
        return DerivationError(problems.found)

    def slots(self) -> set[str] | None:
        """Give the names for which the class's objects have slots; None where they take any."""
        found: set[str] | None = None
        for line in self.node.body.body:
            for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                match small:
                    case cst.Assign(
                        targets=[cst.AssignTarget(target=cst.Name(value="__slots__"))], value=value
                    ):
                        found = set(re.findall(r"\w+", self.positions.text_at(value)))
        options = [
            argument
            for decorator in self.node.decorators
            if isinstance(decorator.decorator, cst.Call)
            for argument in decorator.decorator.args
        ]
        for option in options:
            match option:
                case cst.Arg(keyword=cst.Name(value="slots"), value=cst.Name(value="True")):
                    found = set(self._fields())
        return found

    def _fields(self) -> Iterator[str]:
        """Give the names that the class body annotates."""
        for line in self.node.body.body:
            for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                match small:
                    case cst.AnnAssign(target=cst.Name(value=name)):
                        yield name

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
    is_rewritten
        Whether forward was written anew, not edited.
    """

    forward: str
    backward: str
    derivation: Derivation
    is_rewritten: bool = False


def derive_class_text(source: ClassSource, vocabulary: Vocabulary) -> ClassText:
    """Derive the backward method of a class.

    Raises
    ------
    DerivationError
        Its forward can't be differentiated correctly.
    """
    own = source.methods().get("backward")
    if own is not None and not block_owner(own):
        raise source.refused(
            "SD120",
            f"backward is defined here already, and not by srcdiff: {source.node.name.value} "
            "has two of them then.",
            "Rename it, or leave this class out.",
            own.name,
        )
    function = source.read()
    stated = source.stated_types()
    derivation = derive(Request(function, None, "method", None, stated, source.parts()))
    emitter = MethodEmitter(derivation, vocabulary, _used_names(source))
    _check_overwritten(source, emitter)
    _check_inner(source, emitter)
    _check_slots(source, emitter.attributes_set())
    forward = emitter.forward(source.methods()["forward"], source.positions)
    backward = "\n".join(emitter.backward())
    return ClassText(forward, backward, derivation, emitter.is_rewritten)


def _used_names(source: ClassSource) -> set[str]:
    """Give the names that mean something else on the object than what forward computes."""
    found: set[str] = set()
    for name, node in source.methods().items():
        found.add(name)
        if name not in ("forward", "backward"):
            start, end = source.positions.offsets(node)
            found |= set(re.findall(r"\bself\s*\.\s*(\w+)", source.positions.text[start:end]))
    for line in source.node.body.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            match small:
                case cst.Assign(targets=targets):
                    own = [target.target for target in targets]
                case cst.AnnAssign(target=target):
                    own = [target]
                case _:
                    own = []
            found |= {target.value for target in own if isinstance(target, cst.Name)}
    return found


def _check_overwritten(source: ClassSource, emitter: MethodEmitter) -> None:
    """Refuse attributes of which backward needs the value that forward overwrites."""
    for statement, name in emitter.overwritten():
        problems = Problems(source.positions.text, source.filename, source.first_line)
        message = f"forward reads self.{name} and then overwrites it; backward would need the value"
        refusal = Refusal("SD101", f"{message} at entry.", "Give the new value another name.")
        problems.add(refusal, statement.span)
        raise DerivationError(problems.found)


def _check_inner(source: ClassSource, emitter: MethodEmitter) -> None:
    """Refuse attributes of objects that these may compute themselves when their forward runs."""
    whole = Part((), (), frozenset(), emitter.derivation.request.parts)
    for path in emitter.inner_of_called():
        *owners, name = path.split(".")
        part = whole.of(owners)
        if part is None or name in part.stores:
            place = ".".join(owners)
            why = f"{place} computes it" if part else f"the class of {place} isn't known here"
            raise source.refused(
                "SD101",
                f"forward reads self.{path}, which may depend on what {place} was given: {why}.",
                f"Return it from {place}'s forward."
                if part
                else f"Say it: self.{owners[0]} = Layer(...) in __init__, or an annotation.",
                source.methods()["forward"].name,
            )


def _check_slots(source: ClassSource, attributes: list[str]) -> None:
    """Refuse a class whose objects have no room for what forward and backward leave there."""
    slots = source.slots()
    missing = [] if slots is None else [name for name in attributes if name not in slots]
    if missing:
        raise source.refused(
            "SD118",
            f"the objects of {source.node.name.value} have slots, and none for "
            f"{', '.join(missing)}.",
            "Add these names to __slots__, or leave the slots out.",
            source.node.name,
        )


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


def plain_class(
    source: ClassSource,
    text: ClassText,
    decorators: Sequence[cst.Decorator],
    kept: Callable[[str], bool],
) -> str:
    """Give a class with its derived methods as a text that stands in another module.

    Parameters
    ----------
    decorators
        Those of the class's that go along.
    kept
        Whether an annotation may stay.
    """
    parsed = cst.parse_module(spliced_class(source, text) + "\n")
    node = parsed.body[0].with_changes(decorators=decorators)
    return with_plain_annotations(parsed.code_for_node(node).strip(), kept)


def part_of(derivation: Derivation) -> Part:
    """Give what a class that calls objects of this one must know."""
    names = tuple(p.variable.wish for p in derivation.function.parameters[1:])
    wanted = tuple(v.wish for v in derivation.wanted)
    stores = {name for s in derivation.function.statements for name, _ in s.stores}
    return Part(names, wanted, frozenset(stores), derivation.request.parts)
