"""The classes of named tuples and dataclasses, from their definitions or as they are.

Takes a class's text, or a class. Gives what is known of its fields; None for any other class.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import libcst as cst

from srcdiff.ir.records import Record, RecordClass

Lookup = Callable[[str], object]
CONSTRUCTION = frozenset(
    ["__new__", "__init__", "__post_init__", "__setattr__", "__getattr__", "__getattribute__"]
)
"""Methods with which a class says itself how its objects are made, or their fields read."""


def defined_record(
    node: cst.ClassDef, text: Callable[[cst.CSTNode], str], lookup: Lookup
) -> RecordClass | None:
    """Read a class definition; None if it makes neither a named tuple nor a dataclass."""
    bases = [_last(base.value) for base in node.bases]
    is_tuple = bases == ["NamedTuple"]
    if not (is_tuple or _is_dataclass(node)):
        return None
    fields: dict[str, str] = {}
    defaults: dict[str, object] = {}
    plain = not (_methods(node) & CONSTRUCTION) and _is_usual(node)
    for base in () if is_tuple else bases:
        above = lookup(base)
        if not isinstance(above, RecordClass) or above.record.is_tuple:
            return None
        fields |= zip(above.record.fields, above.annotations, strict=True)
        defaults |= above.defaults
        plain = plain and above.is_plain
    for statement in node.body.body:
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            match small:
                case cst.AnnAssign(target=cst.Name(value=name)):
                    annotation = text(small.annotation.annotation)
                    if annotation.split("[")[0].split(".")[-1] != "ClassVar":
                        fields[name] = annotation
                        defaults.pop(name, None)
                        if small.value is not None:
                            with contextlib.suppress(ValueError, SyntaxError):
                                defaults[name] = ast.literal_eval(text(small.value))
    plain = plain and not any("InitVar" in annotation for annotation in fields.values())
    record = Record(node.name.value, tuple(fields), is_tuple)
    return RecordClass(record, tuple(fields.values()), plain, _simple(defaults))


def _simple(defaults: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    """Give the defaults that are numbers, texts or None."""
    kinds = (int, float, complex, str, type(None))
    return tuple((name, value) for name, value in defaults.items() if isinstance(value, kinds))


def _methods(node: cst.ClassDef) -> set[str]:
    return {inner.name.value for inner in node.body.body if isinstance(inner, cst.FunctionDef)}


def _is_usual(node: cst.ClassDef) -> bool:
    """Whether a dataclass is made with no option that changes how it is called."""
    called = [d.decorator for d in node.decorators if isinstance(d.decorator, cst.Call)]
    return not any(_keywords(call) & {"init", "kw_only"} for call in called)


def _is_dataclass(node: cst.ClassDef) -> bool:
    """Whether @dataclass is the one decorator of a class."""
    if len(node.decorators) != 1:
        return False
    called = node.decorators[0].decorator
    return _last(called.func if isinstance(called, cst.Call) else called) == "dataclass"


def _keywords(node: cst.Call) -> set[str]:
    return {argument.keyword.value for argument in node.args if argument.keyword is not None}


def _last(node: cst.BaseExpression) -> str:
    match node:
        case cst.Attribute(attr=attr):
            return attr.value
        case cst.Name(value=name):
            return name
    return ""


def named_tuple(node: cst.BaseExpression, text: Callable[[cst.CSTNode], str]) -> RecordClass | None:
    """Read namedtuple("P", "x y") or NamedTuple("P", [("x", float)])."""
    if not isinstance(node, cst.Call) or len(node.args) != 2 or _keywords(node):
        return None
    maker = _last(node.func)
    try:
        name, fields = (ast.literal_eval(text(a.value)) for a in node.args)
    except (ValueError, SyntaxError):
        if maker != "NamedTuple" or not isinstance(node.args[1].value, cst.List):
            return None
        return _typed_tuple(node, text)
    if maker != "namedtuple":
        return None
    names = tuple(fields.replace(",", " ").split() if isinstance(fields, str) else fields)
    record = Record(name, names, is_tuple=True)
    return RecordClass(record, ("",) * len(names))


def _typed_tuple(node: cst.Call, text: Callable[[cst.CSTNode], str]) -> RecordClass | None:
    pairs = ast.parse(text(node.args[1].value), mode="eval").body
    name = ast.literal_eval(text(node.args[0].value))
    if not isinstance(pairs, ast.List):
        return None
    found: dict[str, str] = {}
    for pair in pairs.elts:
        if not isinstance(pair, ast.Tuple) or not isinstance(pair.elts[0], ast.Constant):
            return None
        found[str(pair.elts[0].value)] = ast.unparse(pair.elts[1])
    record = Record(name, tuple(found), is_tuple=True)
    return RecordClass(record, tuple(found.values()))


def live_record(value: type) -> RecordClass | None:
    """Say what is known of a class; None if it is neither a named tuple nor a dataclass."""
    if issubclass(value, tuple) and hasattr(value, "_fields"):
        given = dict(getattr(value, "__annotations__", {}))
        hints = {name: given.get(name, "") for name in value._fields}
    elif dataclasses.is_dataclass(value):
        hints = {field.name: field.type for field in dataclasses.fields(value)}
    else:
        return None
    record = Record(value.__name__, tuple(hints), is_tuple=issubclass(value, tuple))
    fields = getattr(value, "__dataclass_fields__", {}).values()
    usual = all(field.init and not field.kw_only for field in fields)
    plain = usual and len(fields) in (0, len(hints)) and not _own_construction(value)
    defaults = getattr(value, "_field_defaults", {field.name: field.default for field in fields})
    return RecordClass(record, tuple(map(_hint, hints.values())), plain, _simple(defaults))


def _own_construction(value: type) -> bool:
    """Whether a class, or one above it, says itself how its objects are made or read."""
    for base in value.__mro__:
        if base in (object, tuple) or base.__module__ == "typing":
            continue
        for name in CONSTRUCTION & vars(base).keys():
            code = getattr(
                getattr(vars(base)[name], "__func__", vars(base)[name]), "__code__", None
            )
            if code is None or not code.co_filename.startswith("<"):  # not made by the decorator
                return True
    return False


def _hint(hint: Any) -> str:
    """Give a type hint as text."""
    if isinstance(hint, str):
        return hint
    return hint.__name__ if isinstance(hint, type) and not hasattr(hint, "__args__") else str(hint)
