"""Which expressions of a module are constants: the same whenever they are written out again."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Container, Iterator, Sequence
from typing import Any, Protocol

import libcst as cst

from srcdiff.syntax.object_classes import HARMLESS, KINDS, PLAIN_BASES
from srcdiff.syntax.written_names import dotted_name, names_of

IMPURE = frozenset(
    [
        "apply_along_axis",
        "apply_over_axes",
        "asarray_chkfinite",
        "copyto",
        "empty",
        "empty_like",
        "errstate",
        "fill_diagonal",
        "from_dlpack",
        "fromfile",
        "fromfunction",
        "frompyfunc",
        "fromregex",
        "genfromtxt",
        "info",
        "load",
        "loadtxt",
        "memmap",
        "ndarray",
        "nditer",
        "open_memmap",
        "piecewise",
        "place",
        "print",
        "put",
        "put_along_axis",
        "putmask",
        "save",
        "savetxt",
        "savez",
        "savez_compressed",
        "set_printoptions",
        "setbufsize",
        "seterr",
        "seterrcall",
        "show_config",
        "show_runtime",
        "test",
        "vectorize",
    ]
)
"""Functions of NumPy that read, write, call others, or give what happens to be in memory."""
BUILTINS = frozenset(
    [
        "abs",
        "bool",
        "complex",
        "dict",
        "float",
        "int",
        "len",
        "list",
        "max",
        "min",
        "range",
        "round",
        "sum",
        "tuple",
    ]
)
MEMBERS = frozenset(["T", "imag", "ndim", "real", "shape", "size"])
METHODS = frozenset(
    [
        "astype",
        "copy",
        "cumsum",
        "dot",
        "flatten",
        "keys",
        "max",
        "mean",
        "min",
        "prod",
        "ravel",
        "reshape",
        "std",
        "sum",
        "transpose",
        "var",
    ]
)


class Names(Protocol):
    """What is known of a module's names so far."""

    def is_defined(self, name: str) -> bool:
        """Whether a name is that of a constant that is written out."""

    def library_value(self, node: cst.BaseExpression) -> Any:
        """Give what a name stands for in a library that is known; None if in none."""


def is_constant(node: cst.BaseExpression, names: Names) -> bool:
    """Whether an expression is made of numbers, constants, and functions that only compute."""
    match node:
        case cst.Integer() | cst.Float() | cst.Imaginary() | cst.SimpleString():
            return True
        case cst.ConcatenatedString(left=left, right=right):
            return is_constant(left, names) and is_constant(right, names)
        case cst.Name(value=name):
            return name in ("True", "False", "None") or names.is_defined(name)
        case cst.UnaryOperation(expression=inner):
            return is_constant(inner, names)
        case cst.BinaryOperation(left=left, right=right):
            return is_constant(left, names) and is_constant(right, names)
        case cst.List(elements=elements) | cst.Tuple(elements=elements):
            plain = not any(isinstance(element, cst.StarredElement) for element in elements)
            return plain and all(is_constant(element.value, names) for element in elements)
        case cst.Dict(elements=elements):
            return all(
                isinstance(element, cst.DictElement)
                and is_constant(element.key, names)
                and is_constant(element.value, names)
                for element in elements
            )
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]):
            return is_constant(value, names) and is_constant(index, names)
        case cst.Attribute(value=value, attr=cst.Name(value=member)):
            found = names.library_value(node)
            if found is not None:
                return isinstance(found.value, (int, float))
            return member in MEMBERS and is_constant(value, names)
        case cst.Call(func=function, args=arguments):
            plain = all(not argument.star for argument in arguments)
            given = plain and all(is_constant(argument.value, names) for argument in arguments)
            return given and _is_pure(function, names)
    return False


def _is_pure(function: cst.BaseExpression, names: Names) -> bool:
    """Whether what is called gives the same each time, and changes nothing."""
    found = names.library_value(function)
    if isinstance(function, cst.Name):
        known = getattr(builtins, function.value, None)
        if function.value in BUILTINS and found is not None and found.value is known:
            return True
    if found is not None:
        name = getattr(found.value, "__name__", "")
        modules = ("numpy", "numpy.linalg", "math")
        owner = next(
            (m for m in modules if getattr(sys.modules.get(m), name, None) is found.value), ""
        )
        return bool(owner) and name not in IMPURE
    if isinstance(function, cst.Attribute):
        return function.attr.value in METHODS and is_constant(function.value, names)
    return False


def assigned_values(
    targets: Sequence[cst.AssignTarget], value: cst.BaseExpression
) -> Iterator[tuple[str, cst.BaseExpression | None]]:
    """Give the names that an assignment binds, with their values where these are written out.

    An array or a list with two names is one, and so isn't written out for each.
    """
    shared = len(targets) > 1 and not isinstance(value, (cst.Integer, cst.Float))
    for target in targets:
        match target.target, value:
            case cst.Name(value=name), _:
                yield name, None if shared else value
            case (cst.Tuple(elements=left), cst.Tuple(elements=right)) if len(left) == len(right):
                pairs = zip(left, right, strict=True)
                for one, other in pairs:
                    if isinstance(one.value, cst.Name):
                        yield one.value.value, None if shared else other.value
                    else:
                        yield from ((name, None) for name in names_of(one.value))
            case _:
                yield from ((name, None) for name in names_of(target.target))


def holds_constants(node: cst.ClassDef, names: Names, classes: Container[str]) -> bool:
    """Whether a class is no more than constants and methods under one name.

    Parameters
    ----------
    classes
        The names of classes that it may be made of.
    """
    bases = {dotted_name(base.value) for base in node.bases}
    if node.keywords or not all(map(_changes_nothing, node.decorators)):
        return False
    if not all(base in classes or base.split(".")[-1] in PLAIN_BASES for base in bases):
        return False
    for statement in node.body.body:
        if isinstance(statement, cst.FunctionDef):
            if not all(map(_changes_nothing, statement.decorators)):
                return False
            continue
        if not isinstance(statement, cst.SimpleStatementLine):
            return False
        for small in statement.body:
            match small:
                case cst.Assign(value=value) | cst.AnnAssign(value=cst.BaseExpression() as value):
                    if not is_constant(value, names):
                        return False
                case cst.Expr(value=cst.SimpleString()) | cst.Pass() | cst.AnnAssign(value=None):
                    continue
                case _:
                    return False
    return True


def _changes_nothing(node: cst.Decorator) -> bool:
    """Whether a decorator is known for what it makes of a class or a method."""
    called = node.decorator
    name = dotted_name(called.func if isinstance(called, cst.Call) else called).split(".")[-1]
    return name in HARMLESS or name in KINDS or name == "setter"
