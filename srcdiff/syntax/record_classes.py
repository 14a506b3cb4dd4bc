"""The classes of named tuples and dataclasses, from their definitions or as they are.

Takes a class's text, or a class. Gives what is known of its fields; None for any other class.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable
from typing import Any

import libcst as cst

from srcdiff.ir.records import Record, RecordClass

PLAIN = (int, float, complex, bool, str, type(None))
OWN_WAYS = frozenset(["__init__", "__new__", "__post_init__", "__getattr__", "__getattribute__"])
Lookup = Callable[[str], object]


def defined_record(
    node: cst.ClassDef, text: Callable[[cst.CSTNode], str], lookup: Lookup
) -> RecordClass | None:
    """Read a class definition; None if it makes neither a named tuple nor a dataclass."""
    bases = [_last(base.value) for base in node.bases]
    options = _dataclass_options(node)
    is_tuple = bases == ["NamedTuple"]
    if not is_tuple and options is None:
        return None
    fields: dict[str, tuple[str, str | None]] = {}
    plain = True
    for base in () if is_tuple else bases:
        above = lookup(base)
        if not isinstance(above, RecordClass) or above.record.is_tuple:
            return None
        table = zip(above.record.fields, above.annotations, above.defaults, strict=True)
        fields |= {name: (annotation, default) for name, annotation, default in table}
        plain = plain and above.is_plain
    for statement in node.body.body:
        if isinstance(statement, cst.FunctionDef):
            plain = plain and statement.name.value not in OWN_WAYS
        if not isinstance(statement, cst.SimpleStatementLine):
            continue
        for small in statement.body:
            match small:
                case cst.AnnAssign(target=cst.Name(value=name)):
                    annotation = text(small.annotation.annotation)
                    if annotation.split("[")[0].split(".")[-1] == "ClassVar":
                        continue
                    plain = plain and "InitVar" not in annotation and "KW_ONLY" not in annotation
                    default = None if small.value is None else _constant(text(small.value))
                    if isinstance(small.value, cst.Call) and _last(small.value.func) == "field":
                        plain = plain and not _keywords(small.value) & {"init", "kw_only"}
                    fields[name] = (annotation, default)
    plain = plain and not {"init", "kw_only"} & set(options or {})
    return RecordClass(
        Record(node.name.value, tuple(fields), is_tuple),
        tuple(annotation for annotation, _ in fields.values()),
        tuple(default for _, default in fields.values()),
        plain,
        is_tuple or (options or {}).get("frozen") == "True",
    )


def _dataclass_options(node: cst.ClassDef) -> dict[str, str] | None:
    """Give what @dataclass is called with; None without it, or with other decorators."""
    if len(node.decorators) != 1:
        return None
    called = node.decorators[0].decorator
    arguments = called.args if isinstance(called, cst.Call) else ()
    if _last(called.func if isinstance(called, cst.Call) else called) != "dataclass":
        return None
    return {
        argument.keyword.value: _last(argument.value)
        for argument in arguments
        if argument.keyword is not None
    }


def _keywords(node: cst.Call) -> set[str]:
    return {argument.keyword.value for argument in node.args if argument.keyword is not None}


def _last(node: cst.BaseExpression) -> str:
    match node:
        case cst.Attribute(attr=attr):
            return attr.value
        case cst.Name(value=name):
            return name
    return ""


def _constant(text: str) -> str:
    """Give the text of a number, a string or None; else nothing."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return ""
    return text if isinstance(value, PLAIN) else ""


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
    return RecordClass(record, ("",) * len(names), (None,) * len(names), is_fixed=True)


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
    return RecordClass(record, tuple(found.values()), (None,) * len(found), is_fixed=True)


def live_record(value: type) -> RecordClass | None:
    """Say what is known of a class; None if it is neither a named tuple nor a dataclass."""
    if issubclass(value, tuple) and hasattr(value, "_fields"):
        names = tuple(value._fields)
        given = getattr(value, "_field_defaults", {})
        plain, fixed = not OWN_WAYS & set(vars(value)) - {"__new__"}, True
        hints = dict(getattr(value, "__annotations__", {}))
    elif dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        names = tuple(f.name for f in fields)
        given = {
            f.name: "" if f.default is dataclasses.MISSING else f.default
            for f in fields
            if not (f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING)
        }
        own = any("__post_init__" in vars(c) for c in value.__mro__)
        odd = any(not f.init or f.kw_only for f in fields)
        plain = not own and not odd and _has_made_init(value)
        fixed = bool(getattr(value, "__dataclass_params__").frozen)  # noqa: B009  # undeclared
        hints = {f.name: f.type for f in fields}
    else:
        return None
    record = Record(value.__name__, names, is_tuple=issubclass(value, tuple))
    annotations = tuple(_hint(hints.get(name, "")) for name in names)
    defaults = tuple(_live_default(given, name) for name in names)
    return RecordClass(record, annotations, defaults, plain, fixed)


def _has_made_init(value: type) -> bool:
    """Whether the dataclass's constructor is the one that `dataclass` wrote."""
    code = getattr(vars(value).get("__init__"), "__code__", None)
    return code is not None and code.co_filename == "<string>"


def _live_default(given: dict[str, Any], name: str) -> str | None:
    if name not in given:
        return None
    return repr(given[name]) if type(given[name]) in PLAIN and given[name] != "" else ""


def _hint(hint: Any) -> str:
    """Give a type hint as text."""
    if isinstance(hint, str):
        return hint
    return hint.__name__ if isinstance(hint, type) and not hasattr(hint, "__args__") else str(hint)
