"""Names as a text writes them, and the builtins that only compute."""

from __future__ import annotations

import libcst as cst

PURE_BUILTINS = frozenset(
    [
        "abs",
        "all",
        "any",
        "bool",
        "dict",
        "divmod",
        "enumerate",
        "filter",
        "float",
        "frozenset",
        "int",
        "isinstance",
        "issubclass",
        "len",
        "list",
        "map",
        "max",
        "min",
        "pow",
        "print",
        "range",
        "reversed",
        "round",
        "set",
        "slice",
        "sorted",
        "str",
        "sum",
        "tuple",
        "type",
        "zip",
    ]
)


def dotted_name(node: cst.BaseExpression) -> str:
    """Give the text of a plain or dotted name."""
    match node:
        case cst.Attribute(value=value, attr=attr):
            return f"{dotted_name(value)}.{attr.value}"
        case cst.Name(value=name):
            return name
    return ""


def names_of(target: cst.BaseExpression) -> list[str]:
    """Give the names that a target binds."""
    match target:
        case cst.Name(value=name):
            return [name]
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            return [name for element in elements for name in names_of(element.value)]
    return []


def imported_names(node: cst.Import | cst.ImportFrom) -> dict[str, str]:
    """Give the names that an import binds, with the dotted paths that they stand for."""
    if isinstance(node, cst.ImportFrom):
        if node.relative or node.module is None or isinstance(node.names, cst.ImportStar):
            return {}
        start = dotted_name(node.module)
        return {
            alias.evaluated_alias or alias.evaluated_name: f"{start}.{alias.evaluated_name}"
            for alias in node.names
        }
    return {
        alias.evaluated_alias or alias.evaluated_name.split(".")[0]: alias.evaluated_name
        if alias.asname
        else alias.evaluated_name.split(".")[0]
        for alias in node.names
    }
