"""Starred arguments of a library's function, where it is known how many they are.

Takes a call such as `np.dot(*operands)`. Gives the call without stars, `np.dot(operands[0],
operands[1])`, if the text of the function, or the present value of a name outside, says how many
items there are; None otherwise. Refuses nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import libcst as cst

from srcdiff.syntax.held import Counted, Keys, keys_of
from srcdiff.syntax.statements import parts

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader

COPIES = frozenset(["list", "tuple", "sorted"])
HARMLESS = COPIES | {"len", "zip", "enumerate", "reversed", "sum", "max", "min"}
"""Builtins that leave a list as it is and give back something else."""


@runtime_checkable
class LiveScope(Protocol):
    """The names that a live function sees, with their present values."""

    called: list[Any]

    def lookup(self, name: str) -> Any:
        """Say what a name stands for; None if nothing defines it."""

    def value(self, name: str) -> Any:
        """Give the present value of a name."""


def spread(reader: ExpressionReader, node: cst.Call) -> cst.Call | None:
    """Give a call without stars; None if it isn't known what they stand for."""
    found: list[cst.Arg] = []
    for argument in node.args:
        if not argument.star:
            found.append(argument)
            continue
        keys = _keys(reader, argument.value, dicts=argument.star == "**")
        if keys is None:
            return None
        for key in keys:
            index = cst.Integer(str(key)) if isinstance(key, int) else cst.SimpleString(repr(key))
            place = cst.SubscriptElement(cst.Index(index))
            item = cst.Subscript(argument.value, [place])
            name = cst.Name(key) if isinstance(key, str) else None
            found.append(cst.Arg(item, keyword=name))
            reader.positions.stand_in([place, place.slice, index, item], argument.value)
    made = node.with_changes(args=found)
    reader.positions.stand_in([made], node)
    return made


def _keys(reader: ExpressionReader, node: cst.BaseExpression, *, dicts: bool) -> Keys | None:
    """Give the numbers of a sequence's items, or a dict's keys; None if they aren't known."""
    keys = _OwnNames(reader).keys(node, 0) if isinstance(node, cst.Name) else None
    fits = keys is not None and all(isinstance(key, str) is dicts for key in keys)
    return keys if fits else None


class _OwnNames:
    """Finds of how many items the names of one function are."""

    def __init__(self, reader: ExpressionReader) -> None:
        self.reader = reader
        self.bindings = reader.forms.bindings

    def keys(self, node: cst.BaseExpression | None, depth: int) -> Keys | None:
        """Give the keys of what an expression stands for, all the time."""
        if depth > len(self.bindings) + 1:
            return None
        match node:
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                starred = any(isinstance(e, cst.StarredElement) for e in elements)
                return None if starred else tuple(range(len(elements)))
            case cst.Dict(elements=elements):
                return _names(elements)
            case cst.Call(func=cst.Name(value=name), args=[cst.Arg(star="", keyword=None) as only]):
                copied = name in COPIES and name not in self.bindings
                found = self.keys(only.value, depth + 1) if copied else None
                return None if found is None else tuple(range(len(found)))
            case cst.Name(value=name) if name in self.bindings:
                definition = self.reader.forms.definition
                if definition is None or name not in lasting_names(definition):
                    return None
                found_here = {self.keys(value, depth + 1) for value in self.bindings[name]}
                return found_here.pop() if len(found_here) == 1 else None
            case cst.Name(value=name) if name not in self.reader.assigned:
                return self._outside(name)
        return None

    def _outside(self, name: str) -> Keys | None:
        """Give the keys of the present value of a name outside, of a live function."""
        scope = self.reader.scope
        if not isinstance(scope, LiveScope) or scope.lookup(name) is None:
            return None
        value = scope.value(name)
        keys = keys_of(value)
        if keys is not None:
            scope.called.append((scope, name, Counted(keys)))
        return keys


def _names(elements: Sequence[cst.BaseDictElement]) -> Keys | None:
    found: list[int | str] = []
    for element in elements:
        key = element.key if isinstance(element, cst.DictElement) else None
        if not isinstance(key, cst.SimpleString) or not isinstance(key.evaluated_value, str):
            return None
        found.append(key.evaluated_value)
    return tuple(found)


@functools.lru_cache(maxsize=64)
def lasting_names(definition: cst.CSTNode) -> frozenset[str]:
    """Give a function's names whose lists and dicts never get more or fewer items.

    They are read by items, called with a star, copied, or given to builtins, and no more.
    """
    every: dict[str, int] = {}
    harmless: dict[str, int] = {}
    pending = parts(definition)
    while pending:
        inner = pending.pop()
        for name in _met(inner):
            harmless[name] = harmless.get(name, 0) + 1
        if isinstance(inner, cst.Name):
            every[inner.value] = every.get(inner.value, 0) + 1
        pending += parts(inner)
    return frozenset(name for name, count in every.items() if harmless.get(name, 0) == count)


def _met(node: cst.CSTNode) -> list[str]:
    """Give the names that a node mentions directly, in a way that leaves their items as many."""
    match node:
        case cst.Subscript(value=cst.Name(value=name), slice=[cst.SubscriptElement(slice=index)]):
            return [name] if isinstance(index, cst.Index) else []
        case cst.Call(func=cst.Name(value=function), args=args):
            plain = function in HARMLESS
            given = [a for a in args if isinstance(a.value, cst.Name) and (plain or a.star)]
            return [a.value.value for a in given if isinstance(a.value, cst.Name)]
        case cst.Call(args=args):
            return [a.value.value for a in args if isinstance(a.value, cst.Name) and a.star]
        case cst.For(iter=cst.Name(value=name)) | cst.CompFor(iter=cst.Name(value=name)):
            return [name]
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
            return [name]
    return []
