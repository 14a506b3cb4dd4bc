"""A class whose forward keeps what backward needs, as text.

Takes the text of a class. Gives it with the lines of forward that store values and with a method
backward below it. Refuses classes without a forward method that can be differentiated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import libcst as cst

from srcdiff.class_source import ClassSource, methods_of
from srcdiff.diagnostics import DerivationError, Problems, Refusal
from srcdiff.methods import MethodEmitter
from srcdiff.passes.inner import Part
from srcdiff.pipeline import Derivation, derive
from srcdiff.request import Request
from srcdiff.syntax.layout import STEP
from srcdiff.syntax.splice import MARK, block_owner, with_plain_annotations
from srcdiff.syntax.vocabulary import Vocabulary


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
    own = methods_of(source.node).get("backward")
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
    _check_backward(source, emitter)
    forward = emitter.forward(source.methods()["forward"], source.positions)
    backward = "\n".join(emitter.backward())
    return ClassText(forward, backward, derivation, emitter.is_rewritten)


def _used_names(source: ClassSource) -> set[str]:
    """Give the names that mean something else on the object than what forward computes."""
    found: set[str] = set()
    methods = [entry for level in source.levels() for entry in level.items()]
    for name, node in methods:
        found.add(name)
        if name not in ("forward", "backward"):
            start, end = source.positions.offsets(node)
            found |= set(re.findall(r"\bself\s*\.\s*(\w+)", source.positions.text[start:end]))
    lines = [line for node in (source.node, *source.above) for line in node.body.body]
    for line in lines:
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


def _check_backward(source: ClassSource, emitter: MethodEmitter) -> None:
    """Refuse objects that are called and have no backward."""
    for path in emitter.called_objects():
        for name in sorted(source.classes_of(path)):
            if source.lacks(name):
                raise source.refused(
                    "SD118",
                    f"forward calls the forward of self.{path}, and the class {name} has no "
                    "backward.",
                    f"Derive {name} too, with @derive_backward on it.",
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
    methods = methods_of(source.node)
    start, end = positions.offsets(source.node)
    whole = positions.text
    edits: list[tuple[int, int, str]] = []
    marked = f"{STEP}{mark}\n" if mark else ""
    new = text.forward + "\n\n" + marked + text.backward
    if "forward" in methods:
        first, last = positions.offsets(methods["forward"])
        begin = whole.rfind("\n", 0, first) + 1
    else:  # which it inherits
        begin = last = end
        new = f"\n\n{new}"
        if isinstance(source.node.body, cst.SimpleStatementSuite):
            first, _ = positions.offsets(source.node.body.body[0])
            edits.append((first, first, f"\n{STEP}"))
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
