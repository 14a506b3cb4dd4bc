"""Functions as values: inner ones, lambdas, tables of functions, those given to other functions.

Takes an expression. Gives the function that it stands for, if that is known from the text; its
calls are then written out, or dispatched.
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

import libcst as cst

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import Call, Const, Expression, Read, UserFunction, Variable
from srcdiff.syntax.attributes import OwnNames
from srcdiff.syntax.held import Bound, Held
from srcdiff.syntax.instance import ClassRef, Instance, Several
from srcdiff.syntax.libraries import Library
from srcdiff.syntax.object_classes import ObjectClass
from srcdiff.syntax.scope import ModuleVariable, Scope
from srcdiff.syntax.statements import single_parameters

if TYPE_CHECKING:
    from srcdiff.syntax.instances import Instances


class NotStraight(Exception):
    """A function has to be read as one whose statements may run several times."""


@dataclass(frozen=True, slots=True)
class Closure:
    """A function whose calls are written out, with the names that it sees.

    Parameters
    ----------
    definition
        Its text.
    variables, inner
        The variables and the functions of the function in which it is defined.
    defaults
        What its parameters stand for where a call gives them nothing.
    owner
        The class whose text defines it, of a method.
    assigned
        The names that the function in which it is defined binds somewhere.
    """

    definition: cst.FunctionDef | cst.Lambda
    variables: dict[str, Variable]
    inner: dict[str, Static]
    defaults: dict[str, Expression | Static]
    owner: ObjectClass | None = None
    assigned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """Several functions in a tuple, a list or a dict.

    Parameters
    ----------
    kind
        "choice" holds two: for when a test holds, and for when it doesn't.
    keys
        Of a dict.
    """

    kind: Literal["sequence", "dict", "choice"]
    keys: tuple[Expression, ...]
    items: tuple[Static, ...]


@dataclass(frozen=True, slots=True)
class Picked:
    """One function of a table, known when the program runs; an index that `counts` is a place."""

    table: Table
    index: Expression
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Partial:
    """A function with its first arguments given, and some by keyword."""

    function: Static
    positional: tuple[Expression | Static, ...]
    keywords: tuple[tuple[str, Expression | Static], ...]


class Derived(Partial):
    """A function that a transform gives, with what it sees of the function around it."""


Static = Closure | Table | Picked | Partial | Const | Instance | Several | ClassRef
STATIC = (Closure, Table, Picked, Partial, Instance, Several, ClassRef)
HOLDS = (cst.Lambda, cst.Name, cst.Attribute, cst.Tuple, cst.List, cst.Dict)
"""Expressions that may stand for functions all the time that a module is in use."""


class Names(Protocol):
    """What is known of names at a place."""

    scope: Scope
    assigned: frozenset[str]
    variables: dict[str, Variable]
    inner: dict[str, Static]
    alone: cst.CSTNode | None
    self_name: str
    definitions: dict[str, cst.FunctionDef]
    levels: tuple[dict[str, cst.FunctionDef], ...]
    definition: cst.FunctionDef | cst.Lambda | None
    own_names: OwnNames
    objects: Instances
    made: Callable[[cst.Call], Static | None]

    def read(self, node: cst.BaseExpression) -> Expression:
        """Read an expression."""

    def fixed(self, value: Expression) -> Expression:
        """Give a value that may be read several times."""

    def refuse(self, code: str, message: str, hint: str, node: cst.CSTNode) -> Refusal:
        """Make a refusal at a node."""

    def outside(self, name: str) -> Variable:
        """Give the variable of the module that a name is."""


def is_plain(value: Static) -> bool:
    """Whether this is a function that is called under its name."""
    return isinstance(value, Const)


def is_static(value: object) -> bool:
    """Whether something is a function, or holds functions."""
    if isinstance(value, Const):
        return callable(value.value) or isinstance(value.value, UserFunction)
    return isinstance(value, STATIC)


def passed_as(names: Names, name: str) -> Static | None:
    """Give the function that an argument is, by the scope's name for it; None if it isn't known."""
    entity = names.scope.lookup(name)
    if isinstance(entity, Library) and callable(entity.value):
        return Const(entity.value, name)
    if isinstance(entity, UserFunction):
        return Const(entity, name)
    return held(names, name) if isinstance(entity, ModuleVariable) else None


def default_function(names: Names, node: cst.BaseExpression) -> Static | None:
    """Give the function that a parameter's default is; classes are none."""
    if not isinstance(node, (cst.Name, cst.Attribute)):
        return None
    with in_module(names):
        if isinstance(node, cst.Attribute):
            found = static_of(names, node)
        else:
            found = passed_as(names, str(node.value))
    kind = isinstance(found, Const) and isinstance(found.value, type)
    return found if is_static(found) and not kind else None


def static_of(names: Names, node: cst.BaseExpression, *, now: bool = False) -> Static | None:
    """Give the function that an expression stands for, or the functions; None if it has none.

    Parameters
    ----------
    now
        Whether it is called at once, so that an index keeps its value until then.
    """
    named: Callable[[Expression], Expression] = (lambda value: value) if now else names.fixed
    match node:
        case cst.Lambda():
            return closure_of(names, node)
        case cst.Name(value=name):
            return _static_name(names, name) or names.objects.function(node)
        case cst.Call():
            return names.made(node)
        case cst.Attribute() if _is_of_module(names, node):
            found = names.read(node)
            return found if isinstance(found, Const) and callable(found.value) else None
        case cst.Attribute():
            return names.objects.at(node) or names.objects.function(node)
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            items = [static_of(names, element.value) for element in elements]
            return Table("sequence", (), tuple(filter(None, items))) if all_known(items) else None
        case cst.Dict(elements=elements):
            entries = [e for e in elements if isinstance(e, cst.DictElement)]
            items = [static_of(names, entry.value) for entry in entries]
            if len(entries) < len(elements) or not all_known(items):
                return None
            keys = tuple(names.read(entry.key) for entry in entries)
            return Table("dict", keys, tuple(filter(None, items)))
        case cst.IfExp(test=test, body=body, orelse=orelse):
            pair = [static_of(names, body), static_of(names, orelse)]
            if not all_known(pair):
                return None
            table = Table("choice", (), tuple(filter(None, pair)))
            return Picked(table, named(names.read(test)))
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=index))]):
            known = static_of(names, node.value) if _may_be_table(names, node.value) else None
            return picked(known, names.read(index), named) if isinstance(known, Table) else None
    return None


def closure_of(names: Names, node: cst.FunctionDef | cst.Lambda) -> Closure:
    """Give a function that is defined here; its defaults get their values now."""
    defaults: dict[str, Expression | Static] = {}
    for parameter in with_default(node):
        assert parameter.default is not None
        early = isinstance(parameter.default, cst.Call) and not names.variables  # a module's
        found = None if early else static_of(names, parameter.default)
        name = parameter.name.value
        defaults[name] = found if found is not None else names.fixed(names.read(parameter.default))
    return Closure(node, names.variables, names.inner, defaults, assigned=names.assigned)


def outside(names: Names, node: cst.FunctionDef) -> Closure:
    """Give a function of the module; its defaults are the module's."""
    with in_module(names):
        return replace(closure_of(names, node), variables={}, inner={}, assigned=frozenset())


@contextlib.contextmanager
def in_module(names: Names) -> Iterator[None]:
    """Let names have the meaning that they have in the module."""
    variables, names.variables = names.variables, {}
    inner, names.inner = names.inner, {}
    assigned, names.assigned = names.assigned, frozenset()
    try:
        yield
    finally:
        names.variables, names.inner, names.assigned = variables, inner, assigned


def with_default(node: cst.FunctionDef | cst.Lambda) -> list[cst.Param]:
    """Give the parameters that have a default."""
    return [p for p in single_parameters(node.params) if p.default is not None]


def all_known(items: list[Static | None]) -> bool:
    """Whether there are functions, and each is known."""
    return bool(items) and all(item is not None for item in items)


def picked(table: Table, index: Expression, named: Callable[[Expression], Expression]) -> Static:
    """Give the function at an index of a table."""
    found: object = index.value if isinstance(index, Const) else None
    if isinstance(index, Const):
        keys = [key.value for key in table.keys if isinstance(key, Const)]
        if table.kind == "dict" and found in keys:
            return table.items[keys.index(found)]
        if table.kind == "sequence" and isinstance(found, int):
            if -len(table.items) <= found < len(table.items):
                return table.items[found]
    return Picked(table, named(index))


def _may_be_table(names: Names, node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.Attribute):
        return isinstance(names.objects.at(node), Table)
    if isinstance(node, cst.Name):
        known = node.value in names.variables or node.value in names.inner
        return isinstance(names.inner.get(node.value), Table) or not known
    return isinstance(node, (cst.Tuple, cst.List, cst.Dict))


def _static_name(names: Names, name: str) -> Static | None:
    if name in names.variables:
        return None
    if name in names.inner:
        known = names.inner[name]
        return known if is_static(known) else None
    if name in names.assigned:
        return None
    entity = names.scope.lookup(name)
    if isinstance(entity, Library) and callable(entity.value):
        return Const(entity.value, name)
    if isinstance(entity, ModuleVariable):
        return held(names, name)
    if not isinstance(entity, UserFunction):
        return None
    definition = names.scope.definition(name)
    return outside(names, definition) if definition is not None else Const(entity, name)


def held(names: Names, name: str) -> Static | None:
    """Give the functions that a variable of the module holds, in the module's words."""
    value = names.scope.held(name)
    with in_module(names):
        if isinstance(value, Held):
            items = [_static_name(names, own) for own in value.names]
            if not all_known(items):
                return None
            keys = tuple(Const(key) for key in value.keys or ())
            kind: Literal["sequence", "dict"] = "sequence" if value.keys is None else "dict"
            return Table(kind, keys, tuple(filter(None, items)))
        if isinstance(value, Bound):
            return _partial(names, value)
        if isinstance(value, cst.Call):
            return names.made(value)
        return static_of(names, value) if isinstance(value, HOLDS) else None


def _partial(names: Names, value: Bound) -> Partial | None:
    """Give a partial as the function that it calls, with the arguments that it has."""
    function = passed_as(names, value.function)
    if function is None:
        return None
    positional = tuple(_bound(names, argument) for argument in value.positional)
    keywords = tuple((name, _bound(names, argument)) for name, argument in value.keywords)
    return Partial(function, positional, keywords)


def _bound(names: Names, argument: Const | str) -> Expression | Static:
    """Give an argument that a partial has: a plain value, a function, or another by its name."""
    if isinstance(argument, Const):
        return argument
    return passed_as(names, argument) or Read(names.outside(argument))


def library_function(names: Names, node: cst.BaseExpression) -> object:
    """Give the library's function, or the builtin, that a call is of; None for any other."""
    function = node.func if isinstance(node, cst.Call) else None
    if isinstance(function, cst.Name):
        return _of_library(names, function.value)
    if function is None or not _is_of_module(names, function):
        return None
    found = names.read(function)
    return found.value if isinstance(found, Const) else None


def _is_of_module(names: Names, node: cst.BaseExpression) -> bool:
    while isinstance(node, cst.Attribute):
        node = node.value
    return isinstance(node, cst.Name) and _of_library(names, node.value) is not None


def _of_library(names: Names, name: str) -> object:
    """Give what a name stands for in a library that is known, imported here or in the module."""
    imported = names.inner.get(name)
    if name in names.variables or imported is not None:
        return imported.value if isinstance(imported, Const) else None
    entity = names.scope.lookup(name) if name not in names.assigned else None
    return entity.value if isinstance(entity, Library) else None


def of_alias(held: Static | None) -> Static | None:
    """Give what another name of a function stands for: the call is written with the function's."""
    return Partial(held, (), ()) if isinstance(held, Const) else held


def chosen_at(called: Picked, place: int) -> Expression:
    """Give whether a function of a table is the one that is called."""
    table = called.table
    if table.kind == "choice":
        return called.index
    index = called.index
    if table.kind == "dict":
        return Call(operator.eq, (index, table.keys[place]), (), "operator")
    count = Const(len(table.items))
    counted = index if called.counts else Call(operator.mod, (index, count), (), "operator")
    return Call(operator.eq, (counted, Const(place)), (), "operator")


def is_same(first: object, second: object) -> bool:
    """Whether two functions or lists are the very same."""
    if isinstance(first, Const) and isinstance(second, Const):
        return first.value is second.value
    return first is second
