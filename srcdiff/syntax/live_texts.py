"""The texts of live functions and classes."""

from __future__ import annotations

import functools
import inspect
import sys
import types

import libcst as cst

from srcdiff.diagnostics import DerivationError, Diagnostic
from srcdiff.syntax.lambdas import definition_of_lambda
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
) -> tuple[Positions, list[Definition], int]:
    """Give the text of functions and classes as one, each on its own lines of the file."""
    if not others:
        positions, node, first = _source_of(function)
        return positions, [node], first
    found: dict[object, tuple[Positions, Definition, int]] = {
        f: class_source(f) if isinstance(f, type) else _source_of(f) for f in others
    }
    found[function] = _source_of(function)
    text, line = "", 0
    begin = min(first for _, _, first in found.values())
    for positions, own_node, first in sorted(found.values(), key=lambda entry: entry[2]):
        plain = isinstance(positions.module.body[0], DEFINITIONS)  # no lambda, not indented
        own = positions.text if plain else cst.Module([own_node]).code
        text += "\n" * max(first - begin - line, 1 if text else 0) + own.strip() + "\n"
        line = text.count("\n")
    positions = parse(text)
    nodes = {n.name.value: n for n in positions.module.body if isinstance(n, DEFINITIONS)}
    return positions, [nodes[found[f][1].name.value] for f in (function, *others)], begin


@functools.lru_cache(maxsize=512)
def class_source(cls: type) -> tuple[Positions, cst.ClassDef, int]:
    """Give the parsed text of a class, and the line where that text begins.

    Raises
    ------
    OSError
        There is no text, or its methods are not those of the text.
    """
    try:
        lines, first = inspect.getsourcelines(cls)
    except TypeError:
        raise OSError from None
    text = "".join(lines)
    if text[:1] in " \t":
        text = "if True:\n" + text
        first -= 1
    try:
        positions = parse(text if text.endswith("\n") else text + "\n")
    except (cst.ParserSyntaxError, RecursionError):
        raise OSError from None
    body = positions.module.body
    if isinstance(body[0], cst.If):
        body = body[0].body.body  # type: ignore[assignment]  # the indented block's statements
    for node in body:
        if isinstance(node, cst.ClassDef) and node.name.value == cls.__name__:
            return positions, node, first
    raise OSError


def look_at_class(cls: type, function: types.FunctionType) -> cst.ClassDef | None:
    """Give a class's definition if its text can stand beside a function's, and is what runs."""
    try:
        positions, node, first = class_source(cls)
        same = inspect.getsourcefile(cls) == inspect.getsourcefile(function)
    except (OSError, TypeError):
        return None
    end = first + positions.text.count("\n")
    for line in node.body.body:
        if isinstance(line, cst.FunctionDef):
            code = _code(vars(cls).get(line.name.value))
            if code is None or not first <= code.co_firstlineno <= end:
                return None  # put there later, or wrapped by a decorator
            if code.co_freevars not in ((), ("__class__",)):
                return None
    seen = sys.modules.get(cls.__module__)
    names = vars(seen) if seen is not None else None
    return node if same and names is function.__globals__ else None


def _code(held: object) -> types.CodeType | None:
    """Give the code of a method, of a property, or of a static or class method."""
    inner = getattr(held, "fget", None) or getattr(held, "__func__", None) or held
    return inner.__code__ if isinstance(inner, types.FunctionType) else None


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
