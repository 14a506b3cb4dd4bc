"""A live Python function as a source of derivations: its text, its names, compiled versions."""

from __future__ import annotations

import functools
import inspect
import itertools
import linecache
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import libcst as cst

from srcdiff.diagnostics import DerivationError, Diagnostic
from srcdiff.ir.nodes import Function
from srcdiff.ir.types import Type
from srcdiff.pipeline import Derivation, Mode, Request, derive
from srcdiff.syntax.objects import ObjectScope
from srcdiff.syntax.positions import Positions, parse
from srcdiff.syntax.read import FunctionReader
from srcdiff.syntax.scope import KNOWN_MODULES, Library, ModuleVariable
from srcdiff.syntax.vocabulary import Vocabulary
from srcdiff.text import emitted, free_names, sorted_imports

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Compiled:
    """An emitted module that has been run.

    Parameters
    ----------
    text
        Its source.
    namespace
        Its names.
    derivation
        What it was written from.
    """

    text: str
    namespace: dict[str, Any]
    derivation: Derivation

    def function(self, name: str) -> Callable[..., Any]:
        """Give one of its functions."""
        return self.namespace[name]  # type: ignore[no-any-return]  # an emitted function


@functools.lru_cache(maxsize=512)
def _source_of(function: types.FunctionType) -> tuple[Positions, cst.FunctionDef, int]:
    """Give the parsed text of a function, and the line where that text begins."""
    name = function.__name__
    if hasattr(function, "__wrapped__"):
        raise _unusable(
            function,
            f"{name} is wrapped by a decorator, and what that does isn't known.",
            "Put derive_backward below the other decorator, or derive the plain function.",
        )
    try:
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
        raise _unusable(function, f"{name} is nested too deeply.", hint, "SD109") from None
    body = positions.module.body
    if isinstance(body[0], cst.If):
        body = body[0].body.body  # type: ignore[assignment]  # the indented block's statements
    for node in body:
        if isinstance(node, cst.FunctionDef) and node.name.value == name:
            return positions, node, first
    raise _no_source(function)


def _no_source(function: types.FunctionType) -> DerivationError:
    message = f"the source text of {function.__name__} isn't to be had."
    return _unusable(
        function, message, "Define it with def, in a file or a notebook cell.", "SD119"
    )


def _unusable(
    function: types.FunctionType, message: str, hint: str, code: str = "SD118"
) -> DerivationError:
    code_object = function.__code__
    place = (code_object.co_filename, code_object.co_firstlineno, 1)
    return DerivationError([Diagnostic(code, message, hint, *place)])


def read_live(function: types.FunctionType) -> Function:
    """Read a live function.

    Raises
    ------
    DerivationError
        Its text isn't to be had, or has forms that aren't supported.
    """
    positions, node, first = _source_of(function)
    scope = ObjectScope(function, read_live)
    return FunctionReader(positions, scope, function.__code__.co_filename, first).read(node)


class LiveNames:
    """What a live function sees, for the text derived from it.

    Parameters
    ----------
    function
        A plain Python function.
    """

    def __init__(self, function: types.FunctionType) -> None:
        self.function = function
        self.scope = ObjectScope(function, read_live)

    def vocabulary(self) -> Vocabulary:
        """Give the module's names for libraries."""
        names = self.function.__globals__
        known = {
            name: value
            for name, value in list(names.items())
            if isinstance(value, types.ModuleType) and value.__name__.split(".")[0] in KNOWN_MODULES
        }
        code = self.function.__code__
        local = {*code.co_varnames, *code.co_cellvars}
        used = set(code.co_names)
        direct = {name: names[name] for name in used if callable(names.get(name))}
        taken = local | {n for n in used if n in names and n not in known and n not in direct}
        taken |= {n for n in direct if isinstance(direct[n], types.FunctionType)}
        return Vocabulary({**known, **direct}, taken)

    def compiled(self, functions: str, imports: list[str], name: str) -> tuple[str, dict[str, Any]]:
        """Give the whole text of emitted functions, and the namespace in which it has run."""
        imported = {line.split()[-1] for line in imports}
        wanted, bindings = self._namespace(functions, imported)
        lines = sorted_imports([*imports, *wanted])
        source = "\n\n\n".join(["\n".join(lines), functions] if lines else [functions]) + "\n"
        filename = f"<srcdiff {name} {next(_numbers)}>"
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        namespace = dict(bindings)
        namespace["__name__"] = self.function.__module__
        exec(compile(source, filename, "exec"), namespace)
        return source, namespace

    def _namespace(self, source: str, imported: set[str]) -> tuple[list[str], dict[str, Any]]:
        """Give import lines and values for the names that an emitted text reads."""
        imports: list[str] = []
        bindings: dict[str, Any] = {}
        for name in free_names(source):
            if name in imported:
                continue
            entity = self.scope.lookup(name)
            match entity:
                case None | ModuleVariable():
                    continue
                case Library(value=value) if isinstance(value, types.ModuleType):
                    path = value.__name__
                    line = f"import {path}" if path == name else f"import {path} as {name}"
                    imports.append(line)
            bindings[name] = self.scope.value(name)
        return imports, bindings


class LiveFunction:
    """A function to be derived, with what it sees.

    Parameters
    ----------
    function
        A plain Python function.
    """

    def __init__(self, function: types.FunctionType) -> None:
        self.function = function
        self.names = LiveNames(function)
        self.read = read_live(function)

    def value(self, name: str) -> Any:
        """Give the present value of a module's or a closure's variable."""
        return self.names.scope.value(name)

    def module_variables(self) -> tuple[str, ...]:
        """Give the names of the variables outside that the function reads."""
        return tuple(self.read.reads)

    def compiled(
        self, wrt: tuple[str, ...] | str | None, mode: Mode, given: dict[str, Type] | None
    ) -> Compiled:
        """Derive, write and compile.

        Raises
        ------
        DerivationError
            The function can't be differentiated correctly.
        """
        derivation = derive(Request(self.read, wrt, mode, given))
        text = emitted([derivation], self.names.vocabulary())
        functions = "\n\n\n".join(text.functions())
        source, namespace = self.names.compiled(functions, text.imports, self.function.__name__)
        for name in self.module_variables():
            namespace[name] = self.value(name)
        return Compiled(source, namespace, derivation)
