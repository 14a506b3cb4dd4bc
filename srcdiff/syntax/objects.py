"""What a name of a live function stands for."""

from __future__ import annotations

import builtins
import functools
import importlib
import re
import sys
import types
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import libcst as cst
import numpy as np

from srcdiff.ir.nodes import Const, Function, UserFunction
from srcdiff.ir.types import is_complex
from srcdiff.syntax.held import Bound, Held, NeedsText
from srcdiff.syntax.libraries import IMPORT_ALIASES, KNOWN_MODULES, Library
from srcdiff.syntax.live_texts import names_outside
from srcdiff.syntax.made import written_beside
from srcdiff.syntax.number_words import COMPLEX_VALUES
from srcdiff.syntax.record_classes import live_record
from srcdiff.syntax.scope import OPAQUE, Entity, Foreign, ModuleVariable, known_module, pure
from srcdiff.syntax.spelled import spelled


@dataclass(frozen=True, slots=True)
class _Around:
    """The variable of a closure that another name stands for."""

    name: str


_MADE: weakref.WeakKeyDictionary[types.FunctionType, dict[Any, Any]] = weakref.WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class OfModule:
    """What a name of another module means there at any time."""

    names: dict[str, Any]
    name: str


@dataclass(slots=True)
class ObjectScope:
    """The names that a live function sees: its closure, its module, the builtins.

    Parameters
    ----------
    function
        The function whose names are looked up.
    read
        Reads a Python function that it calls.
    called
        Collects the scope and the name of each function and class that is found, with the value,
        or with what says whether a value still is one like that.
    given
        Functions that arguments are, by names that mean nothing else.
    around
        The closures' variables of one name that are read so far; the first keeps it.
    """

    function: types.FunctionType
    read: Callable[[types.FunctionType], Function]
    called: list[tuple[ObjectScope, str, Any]] = field(default_factory=list)
    extra: dict[Any, Any] = field(default_factory=dict)
    look: Callable[[types.FunctionType], cst.FunctionDef | None] = field(default=lambda _: None)
    definitions: dict[str, cst.FunctionDef] = field(default_factory=dict)
    look_at_class: Callable[[type], cst.ClassDef | None] = field(default=lambda _: None)
    class_texts: dict[str, cst.ClassDef] = field(default_factory=dict)
    functions: dict[tuple[str, types.FunctionType], UserFunction] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    around: dict[str, list[types.CellType]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.extra = _MADE.setdefault(self.function, self.extra)

    def value(self, name: str) -> Any:
        """Give the present value of a name.

        Raises
        ------
        NameError
            Nothing defines it.
        """
        if name in self.given:
            return self.given[name]
        if name in self.extra:
            found = self.extra[name]
            if isinstance(found, OfModule):
                return found.names[found.name]
            return self._content(found.name) if isinstance(found, _Around) else found
        if "." in name:
            owner, _, member = name.rpartition(".")
            return getattr(self.value(owner), member, None)
        if name in self.function.__code__.co_freevars:
            return self._content(name)
        if name in self.function.__globals__:
            return self.function.__globals__[name]
        if hasattr(builtins, name):
            return getattr(builtins, name)
        raise NameError(name)

    def _cell(self, name: str) -> types.CellType:
        place = self.function.__code__.co_freevars.index(name)
        return (self.function.__closure__ or ())[place]

    def _content(self, name: str) -> Any:
        try:
            return self._cell(name).cell_contents
        except ValueError:
            raise NameError(name) from None

    def lookup(self, name: str) -> Entity | None:
        """Say what a name stands for."""
        try:
            value = self.value(name)
        except NameError:
            return None
        own = self._apart(name)
        entity = self._entity(own, value)
        if isinstance(entity, UserFunction):
            self.called.append((self, name, value))
        elif isinstance(entity, ModuleVariable) and own != name:
            return replace(entity, alias=own)
        return entity

    def _apart(self, name: str) -> str:
        """Give a closure's variable another name where one of another closure has its own."""
        if name in self.given or name not in self.function.__code__.co_freevars:
            return name
        cell = self._cell(name)
        known = self.around.setdefault(name, [])
        if not any(other is cell for other in known):
            known.append(cell)
        place = next(i for i, other in enumerate(known) if other is cell)
        if not place:
            return name
        own = f"{name}_of_{self.function.__name__}" + (f"_{place + 1}" if place > 1 else "")
        self.extra[own] = _Around(name)
        return own

    def member(self, path: str) -> Any:
        """Give the function that a dotted name of a module stands for; None for anything else."""
        root, *names = path.split(".")
        try:
            value = self.value(root)
        except NameError:
            return None
        for name in names:
            if not isinstance(value, types.ModuleType) or not _is_users(value):
                return None
            value = getattr(value, name, None)
        if known_module(value) and callable(value):
            return value
        if not isinstance(value, types.FunctionType):
            return None
        entity = self._entity(self.named(value), value)
        self.called.append((self, path, value))
        return entity.value if isinstance(entity, Library) else entity

    def peek(self, name: str) -> cst.FunctionDef | None:
        """Give the definition of a function that the function sees; None for anything else."""
        try:
            value = self.value(name)
        except NameError:
            return None
        if not isinstance(value, types.FunctionType):
            return None
        same = value.__globals__ is self.function.__globals__ and not value.__closure__
        return self.look(value) if same else None

    def definition(self, name: str) -> cst.FunctionDef | None:
        """Give the definition of a function that is read together with this one.

        Raises
        ------
        NeedsText
            It is at hand, but has not been read yet.
        """
        if name not in self.definitions and self.peek(name) is not None:
            raise NeedsText(name)
        return self.definitions.get(name)

    def note(self, name: str, holds: Any) -> None:
        """Note what a variable must still hold for a derivation to be right."""
        self.called.append((self, name, holds))

    def take(self, texts: dict[str, cst.FunctionDef | cst.ClassDef]) -> None:
        """Take the definitions that are read together with the function."""
        functions = {n: t for n, t in texts.items() if isinstance(t, cst.FunctionDef)}
        classes = {n: t for n, t in texts.items() if isinstance(t, cst.ClassDef)}
        self.definitions, self.class_texts = functions, classes

    def class_text(self, name: str) -> cst.ClassDef | None:
        """Give the definition of a class that is read together with the function.

        Raises
        ------
        NeedsText
            It is at hand, but has not been read yet.
        """
        try:
            value = self.value(name)
        except NameError:
            return None
        if not isinstance(value, type) or self.look_at_class(value) is None:
            return None
        if not self._adopts(value):
            return None
        if name not in self.class_texts:
            raise NeedsText(name)
        self.called.append((self, name, value))
        return self.class_texts[name]

    def _adopts(self, cls: type) -> bool:
        """Let names mean what they mean in a class's module; False if they mean something else."""
        for name, names in names_outside(cls).items():
            try:
                if self.value(name) is not names[name]:
                    return False
            except NameError:
                self.extra[name] = OfModule(names, name)
        return True

    def held(self, name: str) -> Held | Bound | None:
        """Give the functions that a variable holds: in a tuple, a list, a dict or a partial."""
        value = self.value(name)
        if isinstance(value, functools.partial):
            self.called.append((self, name, value))
            return self._bound(name, value)
        if type(value) not in (tuple, list, dict):
            return None
        items = tuple(value.values()) if isinstance(value, dict) else tuple(value)
        if not all(callable(item) and hasattr(item, "__name__") for item in items):
            return None
        keys = tuple(value) if isinstance(value, dict) else None
        wishes = [str(key) for key in keys or ()] or [f"{name}_{i}" for i in range(len(items))]
        names = [self._known_as(item, w) for item, w in zip(items, wishes, strict=True)]
        found = Held(keys, tuple(names), items)
        self.called.append((self, name, found))
        return found

    def _bound(self, name: str, value: functools.partial[Any]) -> Bound:
        """Give what a partial has, by names."""
        positional = [
            self._argument(argument, f"{name}_{place}") for place, argument in enumerate(value.args)
        ]
        keywords = [(k, self._argument(v, f"{name}_{k}")) for k, v in value.keywords.items()]
        function = self._known_as(value.func, f"{name}_function")
        return Bound(function, tuple(positional), tuple(keywords))

    def _argument(self, value: Any, wish: str) -> Const | str:
        if type(value) in (int, float, complex, bool, str, type(None)):
            return Const(value, spelled(value))
        if callable(value) and getattr(value, "__name__", "").isidentifier():
            return self.named(value)
        while self._is_defined(wish) and self.value(wish) is not value:
            wish += "_"
        self.extra[wish] = value
        return wish

    def _known_as(self, value: Any, wish: str) -> str:
        """Give the name by which the scope knows a function that stands in a container."""
        if value.__name__.isidentifier():
            return self.named(value)
        of_module = [n for n, v in self.function.__globals__.items() if v is value]
        return of_module[0] if of_module else self.named(value, re.sub(r"\W|^(?=\d)", "_", wish))

    def named(self, value: Any, wish: str = "") -> str:
        """Give a function a name that this scope then knows."""
        name = wish or str(value.__name__)
        while True:
            try:
                known = self.value(name)
            except NameError:
                self.extra[name] = value
                return name
            if known == value:
                return name
            name += "_"

    def give(self, values: dict[str, Any]) -> dict[str, str]:
        """Give the functions among the arguments names that this scope then knows.

        Each is called as its parameter is, unless that means something else in the module.
        """
        found: dict[str, str] = {}
        for name, value in values.items():
            own = name
            while self._is_defined(own):
                own += "_"
            self.given[own] = value
            found[name] = own
        return found

    def _is_defined(self, name: str) -> bool:
        try:
            self.value(name)
        except NameError:
            return False
        return True

    def lifted(self, name: str, text: str, known: dict[str, Any]) -> types.FunctionType:
        """Give the function that a text defines, once for each text and what it knows."""
        key = (name, text, *((own, id(value)) for own, value in known.items()))
        if key not in self.extra:
            self.extra[key] = written_beside(text, name, self.function, known)
        return self.extra[key]  # type: ignore[no-any-return]  # put there above

    def beside(self, name: str, text: str, line: int, known: dict[str, Any]) -> UserFunction | None:
        """Give the function that a text defines, which sees what this one sees."""
        del line  # what is made has lines of its own
        made = self.lifted(name, text, known)
        entity = self.lookup(self.named(made))
        return entity if isinstance(entity, UserFunction) else None

    def _callable(self, name: str, value: Any) -> Entity:
        """Say what an object that can be called is."""
        if isinstance(value, functools.partial):
            return ModuleVariable()
        plain = _undecorated(value)
        if plain is not None:
            return self._entity(name, plain)
        if known_module(value):
            return pure(Library(value))
        return Foreign(f"a {type(value).__name__} object")

    def _entity(self, name: str, value: Any) -> Entity:
        if id(value) in OPAQUE:
            return Library(value)
        if isinstance(value, types.ModuleType):
            known = value.__name__.split(".")[0] in KNOWN_MODULES
            alias = IMPORT_ALIASES.get(value.__name__)
            if alias:
                return Library(importlib.import_module(alias))
            return Library(value) if known else Foreign(f"the module {value.__name__}")
        if isinstance(value, types.FunctionType) and not known_module(value):
            if hasattr(value, "__wrapped__"):
                return Foreign("a function wrapped by a decorator")
            key = (name, value)
            if key not in self.functions:
                read = functools.cache(lambda: replace(self.read(value), name=name))
                self.functions[key] = UserFunction(name, read)
            return self.functions[key]
        if hasattr(type(value), "general"):  # what a transform gives
            return UserFunction(name, lambda: replace(self.read(value.present()), name=name))
        record = live_record(value) if isinstance(value, type) else None
        if record is not None:
            return record
        if callable(value):
            return self._callable(name, value)
        if value is ...:
            return Library(value)
        if is_complex(value):
            return ModuleVariable(annotation="complex" if np.isscalar(value) else COMPLEX_VALUES)
        return ModuleVariable()


def _undecorated(value: Any) -> types.FunctionType | None:
    """Give the function that a cache keeps values of, or that numba compiles."""
    plain: Any = None
    if isinstance(value, functools._lru_cache_wrapper):
        plain = value.__wrapped__
    elif type(value).__module__.split(".")[0] == "numba":
        plain = getattr(value, "py_func", None)
    return plain if isinstance(plain, types.FunctionType) else None


def _is_users(module: types.ModuleType) -> bool:
    """Whether a module is of the user's project, and not an installed one."""
    if module.__name__.split(".")[0] in sys.stdlib_module_names:
        return False
    places = {"site-packages", "dist-packages"}
    return places.isdisjoint(Path(getattr(module, "__file__", None) or "").parts)


def _is_filled(cell: types.CellType) -> bool:
    """Whether a closure's variable has a value by now."""
    try:
        cell.cell_contents  # noqa: B018  # it is looked at to see whether that raises
    except ValueError:
        return False
    return True
