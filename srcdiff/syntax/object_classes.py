"""Classes of the user's as their texts define them: fields, methods, and the class above.

Takes a class definition and what gives those of other classes. Gives what its objects are made of;
None for a class that says itself how its attributes are found, or is of a class that isn't known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import libcst as cst

from srcdiff.syntax.written_names import dotted_name

Find = Callable[[str], "ObjectClass | None"]
Kind = Literal["method", "static", "class", "property", "setter"]

PLAIN_BASES = frozenset(["object", "ABC", "Generic", "Protocol", "NamedTuple"])
"""Bases that change nothing about how objects are made, or are known for what they change."""
KINDS: dict[str, Kind] = {
    "property": "property",
    "cached_property": "property",
    "staticmethod": "static",
    "classmethod": "class",
}
HARMLESS = frozenset(["abstractmethod", "override", "final", "derive_backward", "dataclass"])
HIDDEN = frozenset(
    [
        "__new__",
        "__getattr__",
        "__getattribute__",
        "__setattr__",
        "__delattr__",
        "__init_subclass__",
    ]
)
"""Methods with which a class says itself how its objects are made, or attributes found."""


@dataclass(frozen=True, eq=False, slots=True)
class Method:
    """A function of a class, with the class whose text defines it."""

    definition: cst.FunctionDef
    kind: Kind
    owner: ObjectClass


@dataclass(frozen=True, slots=True)
class FieldText:
    """A field of a dataclass or named tuple.

    Parameters
    ----------
    default
        Its default as text; what makes it, if `is_made`.
    given, by_keyword
        Whether a call may give it, and by keyword alone.
    """

    name: str
    annotation: cst.BaseExpression
    default: cst.BaseExpression | None = None
    is_made: bool = False
    given: bool = True
    by_keyword: bool = False


@dataclass(eq=False, slots=True)
class ObjectClass:
    """A class whose objects can be read.

    Parameters
    ----------
    name, base
        Its name in the module, and the class above.
    methods, setters, constants
        What its own text defines.
    fields
        Of a dataclass or named tuple, those of the classes above first; None of other classes.
    is_tuple
        Whether it is a named tuple.
    """

    name: str
    base: ObjectClass | None
    methods: dict[str, Method]
    setters: dict[str, Method]
    constants: dict[str, cst.BaseExpression]
    fields: tuple[FieldText, ...] | None
    is_tuple: bool

    def above(self) -> Iterator[ObjectClass]:
        """Give the class and those above it, the nearest first."""
        known: ObjectClass | None = self
        while known is not None:
            yield known
            known = known.base

    def method(self, name: str) -> Method | None:
        """Give the method of a name, or the property."""
        for cls in self.above():
            if name in cls.methods:
                return cls.methods[name]
            if name in cls.constants:
                return None
        return None

    def setter(self, name: str) -> Method | None:
        """Give what runs where an attribute is assigned."""
        return next((c.setters[name] for c in self.above() if name in c.setters), None)

    def constant(self, name: str) -> cst.BaseExpression | None:
        """Give the value of an attribute of the class itself."""
        return next((c.constants[name] for c in self.above() if name in c.constants), None)

    def is_of(self, other: ObjectClass) -> bool:
        """Whether its objects are objects of another class too."""
        return any(cls is other for cls in self.above())


def object_class(node: cst.ClassDef, name: str, find: Find) -> ObjectClass | None:
    """Read a class definition; None if how its objects behave isn't known from it."""
    bases = [dotted_name(b.value).split(".")[-1] for b in node.bases]
    bases = [base for base in bases if base not in PLAIN_BASES]
    wanted = {dotted_name(k.value).split(".")[-1] for k in node.keywords}
    decorators = {_decorator(d).split(".")[-1] for d in node.decorators}
    if len(bases) > 1 or wanted - {"ABCMeta"} or decorators - HARMLESS:
        return None
    base = find(bases[0]) if bases else None
    if bases and base is None:
        return None
    is_tuple = any(dotted_name(b.value).split(".")[-1] == "NamedTuple" for b in node.bases)
    made = ObjectClass(name, base, {}, {}, {}, None, is_tuple)
    is_data = "dataclass" in decorators
    above = (base.fields or () if base is not None else ()) if is_data else ()
    fields = {field.name: field for field in above}
    for line in node.body.body:
        if isinstance(line, cst.FunctionDef):
            if not _add_method(line, made):
                return None
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if not _add_value(small, made, fields, is_data=is_data or is_tuple):
                return None
    if is_data or is_tuple:
        by_keyword = "kw_only" in _options(node)
        made.fields = tuple(
            FieldText(f.name, f.annotation, f.default, f.is_made, f.given, by_keyword=True)
            if by_keyword
            else f
            for f in fields.values()
        )
        if "init" in _options(node):
            return None
    elif base is not None and "__init__" not in made.methods:
        made.fields = base.fields
    return made


def _options(node: cst.ClassDef) -> set[str]:
    """Give the options of a dataclass that are on, or that are given at all."""
    found: set[str] = set()
    for decorator in node.decorators:
        called = decorator.decorator
        for argument in called.args if isinstance(called, cst.Call) else ():
            name = argument.keyword.value if argument.keyword is not None else ""
            off = isinstance(argument.value, cst.Name) and argument.value.value == "False"
            if off == (name == "init"):
                found.add(name)
    return found


def _decorator(node: cst.Decorator) -> str:
    called = node.decorator
    return dotted_name(called.func if isinstance(called, cst.Call) else called)


def _add_method(node: cst.FunctionDef, made: ObjectClass) -> bool:
    """Add a method; False if what it does isn't known."""
    kind: Kind = "method"
    name = node.name.value
    for decorator in node.decorators:
        text = _decorator(decorator)
        if text == f"{name}.setter":
            kind = "setter"
        elif text.split(".")[-1] in KINDS:
            kind = KINDS[text.split(".")[-1]]
        elif text.split(".")[-1] not in HARMLESS:
            return False
    if name in HIDDEN or node.asynchronous is not None:
        return False
    table = made.setters if kind == "setter" else made.methods
    table[name] = Method(node, kind, made)
    return True


def _add_value(
    small: cst.BaseSmallStatement,
    made: ObjectClass,
    fields: dict[str, FieldText],
    *,
    is_data: bool,
) -> bool:
    """Add a field, or an attribute of the class; False if what it does isn't known."""
    match small:
        case cst.AnnAssign(target=cst.Name(value=name), annotation=annotation, value=value):
            of_class = _head(annotation.annotation) == "ClassVar"
            if is_data and not of_class:
                fields[name] = _field(name, annotation.annotation, value)
                return _head(annotation.annotation) != "InitVar"
            if value is not None:
                made.constants[name] = value
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
            if isinstance(value, cst.Name) and value.value in made.methods:
                made.methods[name] = made.methods[value.value]  # another name of it
            elif name != "__slots__":
                made.constants[name] = value
        case cst.Expr() | cst.Pass():
            return True
        case _:
            return False
    return True


def _head(node: cst.BaseExpression) -> str:
    """Give the last name of an annotation, without what stands in brackets."""
    return dotted_name(node.value if isinstance(node, cst.Subscript) else node).split(".")[-1]


def _field(
    name: str, annotation: cst.BaseExpression, value: cst.BaseExpression | None
) -> FieldText:
    if not isinstance(value, cst.Call) or dotted_name(value.func).split(".")[-1] != "field":
        return FieldText(name, annotation, value)
    told = {a.keyword.value: a.value for a in value.args if a.keyword is not None}
    factory = told.get("default_factory")
    off = {n for n, v in told.items() if isinstance(v, cst.Name) and v.value == "False"}
    alone = "kw_only" in told and "kw_only" not in off
    made = factory or told.get("default")
    return FieldText(name, annotation, made, factory is not None, "init" not in off, alone)
