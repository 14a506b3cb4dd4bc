"""The texts of live functions and classes."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import sys
import textwrap
import types
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from srcdiff.diagnostics import DerivationError, Diagnostic, Section
from srcdiff.syntax.global_names import global_names
from srcdiff.syntax.lambdas import definition_of_lambda
from srcdiff.syntax.numbered import numbers_of, with_numbers
from srcdiff.syntax.positions import Positions, parse

DEFINITIONS = (cst.FunctionDef, cst.ClassDef)
Definition = cst.FunctionDef | cst.ClassDef


@functools.lru_cache(maxsize=512)
def _source_of(function: types.FunctionType) -> tuple[Positions, cst.FunctionDef, int]:
    """Give the parsed text of a function, and the line where that text begins."""
    name = function.__name__
    if hasattr(function, "__wrapped__"):
        raise unusable(
            function,
            f"{name} is wrapped by a decorator, and what that does isn't known.",
            "Put derive_backward below the other decorator, or derive the plain function.",
        )
    try:
        if name == "<lambda>":
            found = definition_of_lambda(function, "".join(inspect.findsource(function)[0]))
            if found is None:
                raise _no_source(function)
            return found
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError):
        raise _no_source(function) from None
    text = "".join(lines)
    if text[:1] in " \t":
        text = "if True:\n" + text
        first -= 1
    try:
        positions = parse(text if text.endswith("\n") else text + "\n")
    except cst.ParserSyntaxError:
        raise _no_source(function) from None
    except RecursionError:
        hint = "Split long expressions into several statements."
        raise unusable(function, f"{name} is nested too deeply.", hint, "SD109") from None
    body = positions.module.body
    if isinstance(body[0], cst.If):
        body = body[0].body.body  # type: ignore[assignment]  # the indented block's statements
    for node in body:
        if isinstance(node, cst.FunctionDef) and node.name.value == name:
            return positions, node, first
    raise _no_source(function)


@functools.lru_cache(maxsize=512)
def text_of(
    function: types.FunctionType, others: tuple[types.FunctionType | type, ...]
) -> tuple[Positions, list[Definition], int, tuple[Section, ...]]:
    """Give the text of functions and classes as one, each on its own lines of the file.

    What is of other files stands below; the sections say where.
    """
    positions, node, first = _source_of(function)
    own = Text(positions, node, first, "")
    numbers = numbers_of(function)
    if numbers:
        positions, node, begin, before = with_numbers(positions, node, numbers)
        own = Text(positions, node, first, "", (begin, before))
    if not others:
        sections = own.moved(1, function.__code__.co_filename)
        return own.positions, [own.node], own.first, sections
    return joined([own, *map(text_beside, others)], function.__code__.co_filename)


def text_beside(other: types.FunctionType | type) -> Text:
    """Give the text of a function or class that is read together with another one."""
    known = None if isinstance(other, types.FunctionType) else class_source(other)
    return known or Text(*_source_of(other), "")


def joined(
    parts: Sequence[Text], filename: str
) -> tuple[Positions, list[Definition], int, tuple[Section, ...]]:
    """Give several texts as one, with the definition of each."""
    here = [part for part in parts if part.filename in ("", filename)]
    begin = min(part.first for part in here)
    ordered = sorted(parts, key=lambda part: (part not in here, part.first))
    sections: list[Section] = []
    text, line = "", 0
    for part in ordered:
        gap = max(part.first - begin - line, 1) if part in here else 2
        text += "\n" * gap if text else ""
        start = text.count("\n") + 1
        text += part.own.strip() + "\n"
        line = text.count("\n")
        if part not in here:
            sections.append(Section(start, line, part.filename, part.first))
        sections += part.moved(start, filename)
    positions = parse(text)
    nodes = [n for n in positions.module.body if isinstance(n, DEFINITIONS)]
    found = [nodes[ordered.index(part)] for part in parts]
    return positions, found, begin, tuple(sections)


@dataclass(frozen=True, eq=False, slots=True)
class Text:
    """A definition with its text; of which file, if that is known, and from which line on.

    `begin` says at which of its lines the statements begin, and at which they do in the file,
    counted from `first`; both are 0 where no line has moved.
    """

    positions: Positions
    node: Definition
    first: int
    filename: str
    begin: tuple[int, int] = (0, 0)

    def moved(self, start: int, filename: str) -> tuple[Section, ...]:
        """Give the lines that have moved, where the text begins at a line of a larger one."""
        here, before = self.begin
        if not here:
            return ()
        last = start + self.positions.text.count("\n")
        return (Section(start + here - 1, last, filename, self.first + before - 1),)

    @property
    def own(self) -> str:
        """The text that can stand at the top of a module."""
        plain = isinstance(self.positions.module.body[0], DEFINITIONS)  # no lambda, not indented
        return self.positions.text if plain else cst.Module([self.node]).code


def class_source(cls: type) -> Text | None:
    """Give the parsed text of a class; None if it isn't known which text that is."""
    module = sys.modules.get(cls.__module__)
    codes = [function.__code__ for function in _own_functions(cls)]
    filename = codes[0].co_filename if codes else getattr(module, "__file__", None) or ""
    if any(code.co_filename != filename for code in codes):
        return None
    lines = linecache.getlines(filename, vars(module) if module is not None else None)
    return _class_text("".join(lines), cls.__name__, filename, frozenset(_first_lines(codes)))


def _first_lines(codes: Iterable[types.CodeType]) -> Iterator[int]:
    yield from (code.co_firstlineno for code in codes)


@functools.lru_cache(maxsize=512)
def _class_text(text: str, name: str, filename: str, methods: frozenset[int]) -> Text | None:
    """Give the one class of a name in a text that has methods at these lines."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and node.name == name
        and all(node.lineno <= line <= (node.end_lineno or 0) for line in methods)
    ]
    if len(found) != 1:
        return None
    first = min([found[0].lineno, *(d.lineno for d in found[0].decorator_list)])
    lines = text.splitlines(keepends=True)[first - 1 : found[0].end_lineno]
    own = textwrap.dedent("".join(lines))
    positions = parse(own if own.endswith("\n") else own + "\n")
    definition = positions.module.body[0]
    if not isinstance(definition, cst.ClassDef):
        return None
    return Text(positions, definition, first, filename)


def look_at_class(cls: type) -> cst.ClassDef | None:
    """Give a class's definition if its text is what runs, and depends on its module alone."""
    known = class_source(cls)
    if known is None:
        return None
    assert isinstance(known.node, cst.ClassDef)
    for line in known.node.body.body:
        if isinstance(line, cst.FunctionDef):
            function = _function(vars(cls).get(line.name.value))
            if function is None or function not in _own_functions(cls):
                return None  # put there later, or wrapped by a decorator
            if function.__code__.co_freevars not in ((), ("__class__",)):
                return None
    return known.node


def names_outside(cls: type) -> dict[str, dict[str, object]]:
    """Give the names of its module that a class's text reads, with the module's names."""
    known = class_source(cls)
    module = sys.modules.get(cls.__module__)
    own = [function.__globals__ for function in _own_functions(cls)]
    names = own[0] if own else vars(module) if module is not None else {}
    if known is None:
        return {}
    nodes, _ = global_names(ast.parse(cst.Module([known.node]).code).body)
    return {node.id: names for node in nodes if node.id in names}


def _own_functions(cls: type) -> list[types.FunctionType]:
    """Give the functions of a class that aren't made by a decorator or a library."""
    found = [function for function in map(_function, vars(cls).values()) if function is not None]
    return [
        function
        for function in found
        if function.__globals__.get("__name__") == cls.__module__
        and function.__code__.co_filename != "<string>"
    ]


def _function(held: object) -> types.FunctionType | None:
    held = getattr(held, "__written__", None) or held  # what derive_backward put in its place
    inner = getattr(held, "fget", None) or getattr(held, "__func__", None) or held
    return inner if isinstance(inner, types.FunctionType) else None


def look(function: types.FunctionType) -> cst.FunctionDef | None:
    """Give a function's definition if its text can stand beside others."""
    try:
        positions, node, _ = _source_of(function)
    except DerivationError:
        return None
    return node if isinstance(positions.module.body[0], cst.FunctionDef) else None


def _no_source(function: types.FunctionType) -> DerivationError:
    message = f"the source text of {function.__name__} isn't to be had."
    hint = "Define it with def, in a file or a notebook cell."
    return unusable(function, message, hint, "SD119")


def unusable(
    function: types.FunctionType, message: str, hint: str, code: str = "SD118"
) -> DerivationError:
    """Make the error for a function that can't be derived as it is."""
    code_object = function.__code__
    place = (code_object.co_filename, code_object.co_firstlineno, 1)
    return DerivationError([Diagnostic(code, message, hint, *place)])
