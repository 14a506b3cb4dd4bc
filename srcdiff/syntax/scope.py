"""What a name of a module stands for: from a file's text, or from a live function.

Both answer `lookup` alike, so that reading never depends on where a function came from. A file is
only read: of its imports, those of the standard library's and NumPy's numeric modules are known.
"""

from __future__ import annotations

import builtins
import functools
import re
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import libcst as cst

from srcdiff.ir.nodes import Function, UserFunction
from srcdiff.ir.records import RecordClass
from srcdiff.syntax.changed import changed_names
from srcdiff.syntax.constants import assigned_values, is_constant
from srcdiff.syntax.held import Bound, Held
from srcdiff.syntax.libraries import KNOWN_MODULES, Library, library, starred
from srcdiff.syntax.number_words import COMPLEX_VALUES, SUGGESTS_COMPLEX, number_kind
from srcdiff.syntax.positions import Positions, parse
from srcdiff.syntax.record_classes import defined_record, named_tuple
from srcdiff.syntax.statements import has_call, seen_from
from srcdiff.syntax.written_names import PURE_BUILTINS, dotted_name

OPAQUE: dict[int, Any] = {}
"""Functions with rules of the user's, by identity: they are called, and never read."""


@dataclass(frozen=True, slots=True)
class ModuleVariable:
    """A variable of the user's module.

    Parameters
    ----------
    definition
        The text that defines it, if that is a constant; empty where it must be looked up.
    annotation
        "float", "int" or "complex" if it is a number written out; `COMPLEX_VALUES` if it is or
        holds complex numbers.
    alias
        What derived code calls it, if not by its name.
    """

    definition: str = ""
    annotation: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something that can't be read: a function of an unknown module, a class, an object."""

    what: str


HARMLESS_DECORATORS = frozenset(["derive_backward", "njit", "jit", "cache", "lru_cache"])
Entity = Library | ModuleVariable | Foreign | UserFunction | RecordClass


class Scope(Protocol):
    """Where free names are looked up."""

    def lookup(self, name: str) -> Entity | None:
        """Say what a name stands for; None if nothing defines it."""

    def member(self, path: str) -> Any:
        """Give the function with a rule that a dotted name stands for; None without one."""

    def peek(self, name: str) -> cst.FunctionDef | None:
        """Give the definition of a function of the user's, to look at; None if it isn't at hand."""

    def definition(self, name: str) -> cst.FunctionDef | None:
        """Give the definition of a function of the user's in the text that is being read.

        Raises
        ------
        NeedsText
            It can be read together with another text.
        """

    def held(self, name: str) -> cst.BaseExpression | Held | Bound | None:
        """Give what a variable of the module stands for, if that is functions, or may be."""

    def class_text(self, name: str) -> cst.ClassDef | None:
        """Give the definition of a class of the user's; None if it isn't at hand.

        Raises
        ------
        NeedsText
            It can be read together with another text.
        """


FunctionReader = Callable[[cst.FunctionDef], Function]


@dataclass(slots=True)
class FileScope:
    """The names of a file, from its text alone.

    Parameters
    ----------
    positions
        The parsed file.
    read
        Reads one of its functions; called when a caller of the function is derived.
    body
        The statements that count: those that aren't derived code.

    Attributes
    ----------
    dotted
        Functions of unknown modules that have rules, by what they are called: "module.function".
    record_texts
        The assignments that make classes of named tuples, by the names of these.
    made
        Functions inside others that stand beside them, with their texts and first lines.
    """

    positions: Positions
    read: FunctionReader
    body: Sequence[Any]
    entities: dict[str, Entity] = field(default_factory=dict)
    functions: dict[str, cst.FunctionDef] = field(default_factory=dict)
    classes: dict[str, cst.ClassDef] = field(default_factory=dict)
    import_texts: dict[str, str] = field(default_factory=dict)
    dotted: dict[str, Any] = field(default_factory=dict)
    values: dict[str, cst.BaseExpression] = field(default_factory=dict)
    record_texts: dict[str, str] = field(default_factory=dict)
    made: dict[str, tuple[Positions, int]] = field(default_factory=dict)
    _changed: set[str] | None = None
    _stars: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._collect(self.body, top=True)

    def lookup(self, name: str) -> Entity | None:
        """Say what a name stands for."""
        if name in self.entities:
            return self.entities[name]
        for module in self._stars:
            found = library(f"{module}.{name}") if name in starred(module) else None
            if found is not None:
                self.import_texts[name] = f"from {module} import {name}"
                self.entities[name] = found
                return found
        found = library(f"builtins.{name}")
        return None if found is None else pure(found)

    def member(self, path: str) -> Any:
        """Give the function with a rule that a dotted name stands for."""
        return self.dotted.get(path)

    def beside(self, name: str, text: str, line: int, known: dict[str, Any]) -> UserFunction | None:
        """Give the function that a text defines, beside the functions of the file."""
        del known  # the text has the names of the file
        while name in self.entities and text != self._made_text(name):
            name, text = f"{name}_", re.sub(rf"\b{name}\b", f"{name}_", text)
        if name not in self.entities:
            positions = parse(text)
            self.made[name] = (positions, line)
            self._collect_function(cst.ensure_type(positions.module.body[0], cst.FunctionDef))
        entity = self.entities[name]
        return entity if isinstance(entity, UserFunction) else None

    def _made_text(self, name: str) -> str:
        return self.made[name][0].text if name in self.made else ""

    def shadowed_builtins(self) -> set[str]:
        """Give the names of builtins that mean something else in the file."""
        found = {name for module in self._stars for name in starred(module)}
        return (found | set(self.entities)) & set(dir(builtins))

    def peek(self, name: str) -> cst.FunctionDef | None:
        """Give the definition of a function in the file."""
        return self.functions.get(name) if isinstance(self.lookup(name), UserFunction) else None

    def definition(self, name: str) -> cst.FunctionDef | None:
        """Give the definition of a function in the file."""
        return self.peek(name)

    def class_text(self, name: str) -> cst.ClassDef | None:
        """Give the definition of a class in the file, whose attributes the file doesn't change."""
        is_class = isinstance(self.entities.get(name), (Foreign, RecordClass))
        known = is_class and name in self.classes and not self.changes(name)
        return self.classes[name] if known else None

    def is_fixed(self, node: cst.BaseExpression) -> bool:
        """Whether an expression of the file is a constant, or a function."""
        if isinstance(node, cst.Call) and dotted_name(node.func) == "staticmethod":
            return False
        named = isinstance(node, (cst.Name, cst.Attribute)) and self.library_value(node) is not None
        return named or is_constant(node, self)

    def held(self, name: str) -> cst.BaseExpression | None:
        """Give the text of a module's variable that has one value all the time."""
        value = self.values.get(name)
        if value is None or self.changes(name):
            return None
        if has_call(value) and not all(map(self._is_steady, seen_from(value, self.functions))):
            return None  # what was computed then may be another value by now
        return value

    def _is_steady(self, name: str) -> bool:
        """Whether a name means the same all the time, if it is a variable of the file."""
        if not isinstance(self.entities.get(name), ModuleVariable):
            return True
        return name in self.values and not self.changes(name)

    def changes(self, name: str) -> bool:
        """Whether the file changes a variable after its definition."""
        if self._changed is None:
            self._changed = changed_names(self.positions.text)
        return name in self._changed

    def _collect(self, body: Any, *, top: bool) -> None:
        for statement in body:
            match statement:
                case cst.SimpleStatementLine():
                    for small in statement.body:
                        self._collect_small(small, top=top)
                case cst.FunctionDef():
                    self._collect_function(statement)
                case cst.ClassDef():
                    known = defined_record(statement, self.positions.text_at, self.entities.get)
                    self.entities[statement.name.value] = known or Foreign("a class")
                    self.classes[statement.name.value] = statement
                case cst.If() | cst.Try() | cst.With():
                    self._collect(statement.body.body, top=False)
                    if isinstance(statement, cst.Try):
                        for handler in statement.handlers:
                            self._collect(handler.body.body, top=False)

    def _collect_function(self, node: cst.FunctionDef) -> None:
        name = node.name.value
        self.functions[name] = node
        decorated = [d for d in node.decorators if not self.is_harmless(d)]
        self.entities[name] = (
            Foreign("a function changed by a decorator")
            if decorated
            else UserFunction(name, functools.cache(lambda: self.read(node)))
        )

    def _collect_small(self, small: cst.BaseSmallStatement, *, top: bool) -> None:
        match small:
            case cst.Import(names=names):
                for alias in names:
                    self._import(alias)
            case cst.ImportFrom():
                self._import_from(small)
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]) if (
                made := named_tuple(small.value, self.positions.text_at)
            ):
                self.entities[name] = made
                self.record_texts[name] = self.positions.text_at(small)
            case cst.Assign(targets=targets, value=value):
                for name, own in assigned_values(targets, value):
                    again = name in self.entities
                    self.values.pop(name, None)
                    alone = own is value or isinstance(own, (cst.Call, cst.Lambda))
                    if top and not again and alone and own is not None and len(targets) == 1:
                        self.values[name] = own
                    self.entities[name] = self._variable(name, own, small, top=top and not again)
            case cst.AnnAssign(target=cst.Name(value=name), value=value) if value and top:
                again = name in self.entities
                self.entities[name] = self._variable(name, value, small, top=not again)
            case (
                cst.AnnAssign(target=cst.Name(value=name))
                | cst.AugAssign(target=cst.Name(value=name))
            ):
                before = self.entities.get(name)
                self.values.pop(name, None)
                known = before.annotation if isinstance(before, ModuleVariable) else ""
                kind = COMPLEX_VALUES if "omplex" in known else self._complex(small)
                self.entities[name] = ModuleVariable("", kind)

    def _variable(
        self, name: str, value: cst.BaseExpression | None, node: cst.CSTNode, *, top: bool
    ) -> ModuleVariable:
        """Give what is known of a variable that is assigned once, at the top of the module."""
        text = self._constant(value) if top and value is not None else ""
        kind = number_kind(value) if text and value is not None else ""
        return ModuleVariable(f"{name} = {text}" if text else "", kind or self._complex(node))

    def _complex(self, node: cst.CSTNode) -> str:
        """Say whether an expression's text suggests complex numbers."""
        text = self.positions.text_at(node)
        known = [self.entities.get(word) for word in re.findall(r"[A-Za-z_]\w*", text)]
        derived = any(isinstance(e, ModuleVariable) and "omplex" in e.annotation for e in known)
        return COMPLEX_VALUES if derived or SUGGESTS_COMPLEX.search(text) else ""

    def is_defined(self, name: str) -> bool:
        """Whether a name so far is that of a constant that is written out."""
        known = self.entities.get(name)
        return isinstance(known, ModuleVariable) and bool(known.definition)

    def _constant(self, value: cst.BaseExpression) -> str:
        """Give the text of a number, or of an array or list of numbers; else nothing."""
        return self.positions.text_at(value) if is_constant(value, self) else ""

    def is_harmless(self, decorator: cst.Decorator) -> bool:
        """Whether a decorator leaves what a function computes as it is."""
        node = decorator.decorator
        node = node.func if isinstance(node, cst.Call) else node
        name = node.attr if isinstance(node, cst.Attribute) else node
        known = isinstance(name, cst.Name) and name.value in HARMLESS_DECORATORS
        return known or self.names_derive_backward(node)

    def names_derive_backward(self, node: cst.BaseExpression) -> bool:
        """Whether an expression names srcdiff's decorator, by whatever import."""
        found = self.library_value(node)
        return found is not None and (
            getattr(found.value, "__name__", "") == "derive_backward"
            and getattr(found.value, "__module__", "").startswith("srcdiff")
        )

    def library_value(self, node: cst.BaseExpression) -> Library | None:
        """Give what a name, plain or dotted, stands for in a library that is known."""
        if isinstance(node, cst.Attribute):
            return self._dotted(node)
        found = self.lookup(node.value) if isinstance(node, cst.Name) else None
        return found if isinstance(found, Library) else None

    def _dotted(self, node: cst.Attribute) -> Library | None:
        value = node.value
        match value:
            case cst.Name(value=name):
                owner = self.lookup(name)
            case cst.Attribute():
                owner = self._dotted(value)
            case _:
                return None
        if isinstance(owner, Library) and hasattr(owner.value, node.attr.value):
            return Library(getattr(owner.value, node.attr.value))
        return None

    def _import(self, alias: cst.ImportAlias) -> None:
        path = dotted_name(alias.name)
        bound = alias.evaluated_alias
        name = bound or path.split(".")[0]
        found = library(path if bound else name)
        self.entities[name] = found or Foreign(f"the module {path}")
        self.import_texts[name] = f"import {path} as {bound}" if bound else f"import {path}"

    def _import_from(self, node: cst.ImportFrom) -> None:
        module = "." * len(node.relative) + (dotted_name(node.module) if node.module else "")
        if isinstance(node.names, cst.ImportStar):
            self._stars.append(module)
            return
        for alias in node.names:
            path = dotted_name(alias.name)
            name = alias.evaluated_alias or path
            found = library(f"{module}.{path}") if not node.relative else None
            self.entities[name] = found or Foreign(f"{path} of the module {module}")
            text = path if name == path else f"{path} as {name}"
            self.import_texts[name] = f"from {module} import {text}"


def pure(found: Library) -> Library | Foreign:
    """Let through what only computes: no builtin that reads, runs or asks for something."""
    value = found.value
    name = getattr(value, "__name__", "")
    if getattr(builtins, name, None) is value and callable(value):
        exception = isinstance(value, type) and issubclass(value, BaseException)
        if name not in PURE_BUILTINS and not exception and value is not complex:
            return Foreign("a builtin function with effects")
    elif type(value).__module__ == "_sitebuiltins":
        return Foreign("a builtin function with effects")
    return found


def known_module(value: Any) -> bool:
    """Whether a function or class belongs to a library that srcdiff knows."""
    owner = getattr(value, "__self__", None)
    if isinstance(value, types.BuiltinFunctionType) and not isinstance(owner, types.ModuleType):
        return owner is not None and known_module(type(owner))
    module = getattr(value, "__module__", None) or type(value).__module__ or ""
    return module.lstrip("_").split(".")[0] in KNOWN_MODULES
