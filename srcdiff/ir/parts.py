"""Parts of arrays: what is named by indices, and by other views such as `.T`, one after the other.

A write in place has a path, the steps that lead from its variable to what it changes. A step is an
index, or a constant that holds a `View`: an array of the same entries, arranged otherwise. Only
views that an array has whatever its layout in memory are steps, and `flat`, which takes the entries
in order and writes through to them.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.nodes import Attribute, Call, Const, Expression, Group, Item, Member, Spelling
from srcdiff.ir.records import Field

REARRANGING: frozenset[Any] = frozenset(
    [
        *(np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.expand_dims, np.squeeze, np.flip),
        *(np.asarray, np.asanyarray, np.fliplr, np.flipud, np.rot90),
        *(np.atleast_1d, np.atleast_2d, np.atleast_3d, operators.turned),
    ]
)
"""Functions that give a view of an array whatever its layout; it can be written to."""
CUTTING: frozenset[Any] = frozenset([np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit])
"""Functions that give a list of views of an array."""


READ_ONLY: frozenset[Any] = frozenset(
    [np.diagonal, np.diag, *(f for f in [getattr(np.linalg, "diagonal", None)] if f is not None)]
)
"""Functions that give a view that can't be written to."""
ATTRIBUTES: dict[str, Any] = {"T": np.transpose, "mT": operators.turned}
METHODS: dict[str, Any] = {
    "transpose": np.transpose,
    "swapaxes": np.swapaxes,
    "squeeze": np.squeeze,
    "ravel": np.ravel,
    "reshape": np.reshape,
}
"""What views are called as attributes and methods of an array."""


@dataclass(frozen=True, slots=True)
class View:
    """A view of a whole array, as a step that leads to a part.

    Parameters
    ----------
    function, arguments, keywords
        What is called of the array; its other arguments, plain values.
    spelling
        How it was written.
    """

    function: Any
    arguments: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()
    spelling: Spelling = "function"

    def of(self, value: Expression) -> Call:
        """Give the view of an array."""
        arguments = tuple(map(_written, self.arguments))
        keywords = tuple((name, _written(v)) for name, v in self.keywords)
        return Call(self.function, (value, *arguments), keywords, self.spelling)


FLAT = View(np.ravel, ("C",))
"""The entries in order; a part of it is written as `x.flat[i]`, which goes to the array."""
IN_A_ROW = View(np.ravel, spelling="method")
"""The entries in order as ravel() and reshape(-1) give them: a view or a copy, as memory has it."""


def is_view(index: Expression, *views: View) -> bool:
    """Whether a step is a view of the whole, and no index; one of those, if some are given."""
    if not isinstance(index, Const) or not isinstance(index.value, View):
        return False
    return not views or index.value in views


def contents(path: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """Give the path to all that is in a part: `[...]` after a view, or after one of a list's."""
    holder = path[-2] if len(path) > 1 else None
    cut = isinstance(holder, Const) and getattr(holder.value, "function", None) in CUTTING
    return path if path and not cut and not is_view(path[-1]) else (*path, Const(..., "..."))


def is_key(index: Expression) -> bool:
    """Whether an index is a text, which only dicts have; the name of a field is none."""
    value = index.value if isinstance(index, Const) else None
    return isinstance(value, str) and not isinstance(value, Field)


def is_flat(node: Expression) -> bool:
    """Whether an expression is the entries of an array in order, as `.flat` gives them."""
    match node:
        case Call(function=np.ravel, arguments=(_, Const(value="C")), keywords=()):
            return True
    return False


def step(value: Expression, index: Expression) -> Expression:
    """Give what a step leads to from a value."""
    if isinstance(index, Const) and isinstance(index.value, View):
        return index.value.of(value)
    return Item(value, index)


def part(value: Expression, path: Iterable[Expression]) -> Expression:
    """Give what a path leads to from a value."""
    for index in path:
        value = step(value, index)
    return value


def path_to(node: Expression) -> tuple[Expression, tuple[Expression, ...]]:
    """Give what an expression is a part of, and the steps that lead there."""
    path: list[Expression] = []
    while True:
        if isinstance(node, Item):
            path.insert(0, node.index)
            node = node.value
            continue
        view = view_of(node)
        if view is None:
            return node, tuple(path)
        path.insert(0, Const(view))
        assert isinstance(node, (Attribute, Call))
        node = node.value if isinstance(node, Attribute) else node.arguments[0]


def view_of(node: Expression) -> View | None:
    """Give the step that leads from an array to an expression, if that is a view of it."""
    if isinstance(node, Attribute):
        if node.name == "flat":
            return FLAT
        attribute = ATTRIBUTES.get(node.name)
        return View(attribute, spelling="attribute") if attribute is not None else None
    if not isinstance(node, Call):
        return None
    function = node.function
    if isinstance(function, Member):  # of which only the name is known as yet
        function = METHODS.get(function.name)
    if is_flat(node):
        return FLAT
    try:
        arguments = tuple(map(_value, node.arguments[1:]))
        keywords = tuple((name, _value(v)) for name, v in node.keywords)
    except ValueError:
        return None
    if function is np.transpose and len(arguments) > 1:
        arguments = (arguments,)
    if function is np.ravel and not arguments and not keywords:
        return IN_A_ROW
    if function is np.reshape and arguments in ((-1,), ((-1,),)) and not keywords:
        return IN_A_ROW
    if function in REARRANGING or function in CUTTING:
        return View(function, arguments, keywords, node.spelling)
    return None


def _value(node: Expression) -> Any:
    """Give the value of a constant argument: a whole number, None, or a tuple or list of them."""
    match node:
        case Const(value=value) if value is None or type(value) is int:
            return value
        case Const(value=tuple(value)) if all(type(item) is int for item in value):
            return value
        case Call(function=operator.neg, arguments=(Const(value=int(value)),)):
            return -value
        case Group(kind="tuple" | "list", items=items):
            return tuple(map(_value, items))
    raise ValueError(node)


def _written(value: Any) -> Expression:
    if isinstance(value, tuple):
        return Group("tuple", tuple(map(_written, value)))
    return Const(value, repr(value))
