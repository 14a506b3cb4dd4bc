"""A live Python function as a source of derivations: its text, its names, compiled versions."""

from __future__ import annotations

import builtins
import inspect
import itertools
import linecache
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import libcst as cst

from srcdiff.argument_classes import (
    Classes,
    calls_members,
    classes_of_arguments,
    kinds_of_arguments,
    may_join,
    uses_methods,
)
from srcdiff.diagnostics import DerivationError, Diagnostic, faults_told
from srcdiff.ir.nodes import Function, UserFunction, Variable
from srcdiff.ir.types import Type
from srcdiff.outside import bound_outside, origins_of, seen_by_companions
from srcdiff.passes.decided import asks_types
from srcdiff.passes.listed_items import JOINS
from srcdiff.passes.wanted import upstream_names
from srcdiff.passes.webs import webs
from srcdiff.pipeline import Derivation, derive
from srcdiff.request import Mode, Request
from srcdiff.signatures import call_types, plain_defaults
from srcdiff.syntax.bindings import Nesting
from srcdiff.syntax.held import Counted, Held, NeedsText
from srcdiff.syntax.libraries import KNOWN_MODULES, Library
from srcdiff.syntax.live_texts import look, look_at_class, text_of, unusable
from srcdiff.syntax.objects import ObjectScope
from srcdiff.syntax.outside_objects import Attributed, OfClass
from srcdiff.syntax.read import FunctionReader
from srcdiff.syntax.vocabulary import Vocabulary
from srcdiff.text import USUAL_IMPORTS, Text, emitted, free_names, sorted_imports

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


Called = list[tuple[ObjectScope, str, Any]]


@dataclass(frozen=True, slots=True)
class Owner:
    """The object that a method belongs to; its attributes are constants of the method.

    Parameters
    ----------
    value
        The object.
    attributes
        The attributes that are read, as variables; shared between its methods.
    """

    value: Any
    attributes: dict[str, Variable] = field(default_factory=dict)

    def methods(self, called: Called) -> dict[str, UserFunction]:
        """Give the methods that the object's classes define in Python."""
        found = {
            name: value
            for cls in reversed(type(self.value).__mro__)
            for name, value in vars(cls).items()
            if isinstance(value, types.FunctionType)
        }
        return {name: self._method(name, value, called) for name, value in found.items()}

    def _method(self, name: str, function: types.FunctionType, called: Called) -> UserFunction:
        return UserFunction(name, lambda: read_live(function, called, self))


def read_live(
    function: types.FunctionType,
    called: Called | None = None,
    owner: Owner | None = None,
    functions: dict[str, Any] | None = None,
    around: dict[str, list[types.CellType]] | None = None,
    classes: Classes | None = None,
    kinds: dict[str, Nesting] | None = None,
) -> Function:
    """Read a live function; the functions that it calls are added to `called`.

    `functions` are arguments that are functions, by the parameters; `around` are the variables of
    closures that are read so far; `classes` and `kinds` are those of the arguments.

    Raises
    ------
    DerivationError
        Its text isn't to be had, or has forms that aren't supported.
    """
    called = [] if called is None else called
    seen = {} if around is None else around
    read_callee = lambda callee: read_live(callee, called, around=seen)  # noqa: E731  # one line
    scope = ObjectScope(function, read_callee, called, look=look, around=seen)
    passed = scope.give(functions or {})
    scope.look_at_class = look_at_class
    written_out: dict[str, types.FunctionType | type] = {}
    filename = function.__code__.co_filename
    defaults = plain_defaults(function)
    while True:
        positions, nodes, first, elsewhere = text_of(function, tuple(written_out.values()))
        scope.take(dict(zip(written_out, nodes[1:], strict=True)))
        own = nodes[0]
        assert isinstance(own, cst.FunctionDef)
        try:
            reader = FunctionReader(
                positions,
                scope,
                filename,
                first,
                defaults=defaults,
                functions=passed,
                method=owner is not None,
                methods=owner.methods(called) if owner is not None else None,
                attributes=owner.attributes if owner is not None else None,
                classes=classes,
                kinds=kinds,
                elsewhere=elsewhere,
            )
            read = reader.read(own)
        except NeedsText as needed:
            written_out[str(needed)] = scope.value(str(needed))
            continue
        break
    return replace(read, origin=function)


class LiveNames:
    """What a live function sees, for the text derived from it."""

    def __init__(
        self, function: types.FunctionType, functions: dict[str, Any] | None = None
    ) -> None:
        self.function = function
        self.scope = ObjectScope(function, read_live)
        self.scope.give(functions or {})

    def vocabulary(self, *, stops: bool = False) -> Vocabulary:
        """Give the module's names for libraries; `stops` if what is derived is derived again."""
        names = self.function.__globals__
        known = {
            name: value
            for name, value in list(names.items())
            if isinstance(value, types.ModuleType) and value.__name__.split(".")[0] in KNOWN_MODULES
        }
        code = self.function.__code__
        local = {*code.co_varnames, *code.co_cellvars}
        used = {*code.co_names, *code.co_freevars}
        names = {**names, **inspect.getclosurevars(self.function).nonlocals}
        direct = {name: names[name] for name in used if callable(names.get(name))}
        taken = local | {n for n in used if n in names and n not in known and n not in direct}
        taken |= {n for n in direct if isinstance(direct[n], types.FunctionType)}
        outside = {*names, *code.co_freevars}
        shadowed = {name for name in dir(builtins) if name in outside}
        return Vocabulary({**known, **direct}, taken, shadowed, stops=stops)

    def compiled(
        self, text: Text, origins: dict[str, types.FunctionType], name: str
    ) -> tuple[str, dict[str, Any]]:
        """Give the whole text of emitted functions, and the namespace in which it has run.

        Parameters
        ----------
        origins
            The functions that companions were derived from, by the companions' names.
        """
        functions = "\n\n\n".join(text.functions())
        imports = text.imports
        imported = {line.split()[-1] for line in imports}
        companions = {text.companions[companion] for companion in origins}
        own_text = "\n\n\n".join(f for f in text.functions() if f not in companions)
        wanted, bindings = self._namespace(own_text, imported, self.scope)
        for companion, origin in origins.items():
            scope = ObjectScope(origin, read_live)
            own, values = self._namespace(text.companions[companion], imported, scope)
            for key, value in values.items():
                if bindings.setdefault(key, value) is not value:
                    raise self.clash(key, origin)
            wanted += own
        lines = sorted_imports([*imports, *wanted])
        source = "\n\n\n".join(["\n".join(lines), functions] if lines else [functions]) + "\n"
        filename = f"<srcdiff {name} {next(_numbers)}>"
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        namespace = {**text.seen, **bindings}
        namespace["__name__"] = self.function.__module__
        exec(compile(source, filename, "exec"), namespace)
        namespace |= text.known  # the functions that have rules, for deriving it again
        return source, namespace

    def clash(self, name: str, other: types.FunctionType) -> DerivationError:
        """Give the error for a name of two meanings."""
        return unusable(
            self.function,
            f"{name} means one thing in {self.function.__name__}, and another in {other.__name__}.",
            "Give one of them another name.",
            "SD120",
        )

    def _namespace(
        self, source: str, imported: set[str], scope: ObjectScope
    ) -> tuple[list[str], dict[str, Any]]:
        """Give import lines and values for the names that an emitted text reads."""
        imports: list[str] = []
        bindings: dict[str, Any] = {}
        for name in free_names(source):
            if name in imported:
                continue
            entity = scope.lookup(name)
            match entity:
                case None:
                    imports += [USUAL_IMPORTS[name]] if name in USUAL_IMPORTS else []
                    continue
                case Library(value=value) if isinstance(value, types.ModuleType):
                    path = value.__name__
                    line = f"import {path}" if path == name else f"import {path} as {name}"
                    imports.append(line)
            bindings[name] = scope.value(name)
        return imports, bindings


class LiveFunction:
    """A function to be derived, with what it sees.

    Parameters
    ----------
    function
        A plain Python function.
    asked
        The arguments asked for as outputs.
    owner
        The object, if the function is a method of it.
    again
        Whether what is derived may itself be derived.
    functions
        Arguments that are functions, by the parameters.
    values
        The arguments, whose classes say what their methods are.
    """

    def __init__(
        self,
        function: types.FunctionType,
        asked: tuple[str, ...] = (),
        owner: Owner | None = None,
        *,
        again: bool = False,
        functions: dict[str, Any] | None = None,
        values: dict[str, Any] | None = None,
    ) -> None:
        self.function = function
        self.again = again
        self.owner = owner
        self.asked = asked
        self.functions = functions
        self.names = LiveNames(function, functions)
        self.called: Called = []
        self.classes = classes_of_arguments(values or {})
        kinds = None if values is None else kinds_of_arguments(values)
        read = read_live(function, self.called, owner, functions, classes=self.classes, kinds=kinds)
        self.read = replace(read, asked=asked)
        self._others: dict[frozenset[Any], LiveFunction] = {}
        self.outside: dict[str, ObjectScope] = {}

    def may_be_known(self, problems: Sequence[Diagnostic]) -> bool:
        """Whether arguments may say which branches are run, or what methods and operators are."""
        return (
            asks_types(self.read)
            or ({p.code for p in problems} == {"SD103"} and calls_members(self.read))
            or all(problem.message == JOINS for problem in problems)
        )

    def for_values(self, values: dict[str, Any]) -> LiveFunction:
        """Give the function as it is read for arguments of these classes and kinds."""
        classes = classes_of_arguments(values)
        kinds = kinds_of_arguments(values)
        asks = bool(classes) and self.read.asks_class
        joins = bool(kinds) and may_join(self.read)
        if not asks and not joins and not uses_methods(self.read, classes):
            return self
        key = frozenset([*classes.items(), *kinds.items()])
        if key not in self._others:
            other = LiveFunction(
                self.function,
                self.asked,
                self.owner,
                again=self.again,
                functions=self.functions,
                values=values,
            )
            self._others[key] = other
            self.called += other.called
        return self._others[key]

    def is_changed(self) -> bool:
        """Whether a name of a function that is called means another function by now."""
        for scope, name, function in self.called:
            try:
                present = scope.value(name)
            except NameError:
                return True
            if isinstance(function, (Counted, Held, OfClass, Attributed)):
                if not function.is_still(present):
                    return True
            elif present is not function:
                return True
            if hasattr(type(present), "general"):  # what a transform gives sees variables too
                present.refresh()
        return False

    def value(self, name: str) -> Any:
        """Give the present value of a module's or a closure's variable."""
        return self.outside.get(name, self.names.scope).value(name)

    def upstream_names(self) -> list[str]:
        """Give the names of the upstream gradients."""
        return upstream_names(webs(self.read))

    def module_variables(self) -> tuple[str, ...]:
        """Give the names of the variables outside that the function reads."""
        return tuple(self.read.reads)

    def attribute_values(self) -> dict[str, Any]:
        """Give the present values of the object's attributes that the method reads."""
        if self.owner is None:
            return {}
        return {name: getattr(self.owner.value, name) for name in self.owner.attributes}

    def attribute_types(self) -> dict[str, Type] | None:
        """Give the types of the object's attributes that the method reads."""
        return call_types(self.attribute_values()) if self.owner is not None else None

    def compiled(
        self, wrt: tuple[str, ...] | str | None, mode: Mode, given: dict[str, Type] | None
    ) -> Compiled:
        """Derive, write and compile.

        Raises
        ------
        DerivationError
            The function can't be differentiated correctly.
        """
        derivation = derive(Request(self.read, wrt, mode, given, self.attribute_types()))
        text = emitted([derivation], self.names.vocabulary(stops=self.again))
        origins = origins_of(derivation, self.function)
        with faults_told(lambda told: unusable(self.function, *told)):
            source, namespace = self.names.compiled(text, origins, self.function.__name__)
        own = (self.names.scope, self.module_variables())
        seen = [own, *seen_by_companions(derivation, read_live)]
        self.outside |= bound_outside(seen, namespace, self.names.clash)
        return Compiled(source, namespace, derivation)
