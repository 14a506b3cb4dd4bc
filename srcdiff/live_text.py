"""The text of live functions, parsed once."""

from __future__ import annotations

import functools
import inspect
import types

import libcst as cst

from srcdiff.diagnostics import DerivationError, Diagnostic
from srcdiff.syntax.lambdas import definition_of_lambda
from srcdiff.syntax.positions import Positions, parse


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
    function: types.FunctionType, others: tuple[types.FunctionType, ...]
) -> tuple[Positions, list[cst.FunctionDef], int]:
    """Give the text of several functions as one, each on its own lines of the file."""
    if not others:
        positions, node, first = _source_of(function)
        return positions, [node], first
    found = {f: _source_of(f) for f in (function, *others)}
    text, line = "", 0
    begin = min(first for _, _, first in found.values())
    for positions, node, first in sorted(found.values(), key=lambda entry: entry[2]):
        plain = isinstance(positions.module.body[0], cst.FunctionDef)  # no lambda, not indented
        own = positions.text if plain else cst.Module([node]).code
        text += "\n" * max(first - begin - line, 1 if text else 0) + own.strip() + "\n"
        line = text.count("\n")
    positions = parse(text)
    nodes = {n.name.value: n for n in positions.module.body if isinstance(n, cst.FunctionDef)}
    return positions, [nodes[found[f][1].name.value] for f in (function, *others)], begin


def look_at(function: types.FunctionType) -> cst.FunctionDef | None:
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
    """Make the error for a live function that can't be derived."""
    code_object = function.__code__
    place = (code_object.co_filename, code_object.co_firstlineno, 1)
    return DerivationError([Diagnostic(code, message, hint, *place)])
