"""What names certainly stand for, as a function's own text says: lists, dicts, whole numbers.

Takes the text of a function. Says of an expression whether it is of a kind all the time, whatever
the arguments are. Refuses nothing.
"""

from __future__ import annotations

import collections
from collections.abc import Mapping
from typing import Any

import libcst as cst

from srcdiff.syntax.bindings import (
    GIVEN,
    Bindings,
    Kind,
    Nesting,
    Value,
    Writes,
    annotated_kinds,
    bindings_of,
    counted_in,
    owner_of,
    parameters_of,
    writes_in,
)
from srcdiff.syntax.closures import Names, library_function
from srcdiff.syntax.held_kinds import put_into, written_out
from srcdiff.syntax.statements import outer_names

MAKERS: dict[Any, Kind] = {
    list: "list",
    sorted: "list",
    tuple: "tuple",
    dict: "dict",
    collections.OrderedDict: "dict",
    collections.deque: "deque",
    collections.defaultdict: "defaultdict",
    len: "count",
    int: "count",
}
DISPLAYS: dict[type[cst.CSTNode], Kind] = {
    cst.List: "list",
    cst.ListComp: "list",
    cst.Tuple: "tuple",
    cst.Dict: "dict",
    cst.DictComp: "dict",
    cst.Integer: "count",
}
COUNTING = (cst.Add, cst.Subtract, cst.Multiply, cst.FloorDivide, cst.Modulo)
DEEPEST = 3
"""How deep in lists of lists the kinds of items are followed."""
COPIES = (list, sorted, tuple, reversed)


class KnownKinds:
    """Says what the expressions of one function are of.

    Parameters
    ----------
    names
        What names stand for at the place that is read.
    definition
        The function's text; None where nothing is known.
    given
        Of what kinds arguments are, by the parameters; None where annotations alone say it.
    """

    def __init__(
        self,
        names: Names,
        definition: cst.CSTNode | None = None,
        given: Mapping[str, Nesting] | None = None,
    ) -> None:
        self.names = names
        self.bindings: Bindings = {}
        self.given: Mapping[str, Nesting] = {}
        self.writes: Writes = {}
        self.parameters: frozenset[str] = frozenset()
        self.counted: frozenset[str] = frozenset()
        self.definition = definition
        if isinstance(definition, cst.FunctionDef):
            outer = outer_names(definition)  # which other functions assign too
            own = bindings_of(definition).items()
            self.bindings = {name: values for name, values in own if name not in outer}
            self.parameters = frozenset(parameters_of(definition))
            self.writes = writes_in(definition)
            self.given = annotated_kinds(definition) if given is None else given
            self.counted = counted_in(definition)
        self._assumed: set[tuple[str, Kind, int]] = set()
        self._found: dict[tuple[str, Kind, int], bool] = {}

    def is_a(self, node: cst.BaseExpression, kind: Kind) -> bool:
        """Whether an expression is certainly of a kind."""
        if DISPLAYS.get(type(node)) == kind:
            return True
        match node:
            case cst.Name(value=name):
                return self._is_named(name, kind, 0)
            case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value="copy")), args=()):
                return kind in ("list", "dict", "deque") and self.is_a(owner, kind)
            case cst.Call():
                return MAKERS.get(library_function(self.names, node)) == kind
            case cst.IfExp(body=body, orelse=orelse):
                return self.is_a(body, kind) and self.is_a(orelse, kind)
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Slice())]):
                return kind in ("list", "tuple") and self.is_a(value, kind)
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index())]):
                return self.holds(value, kind, 1)
            case cst.BinaryOperation():
                return self._is_combined(node, kind)
        return False

    def _holds_lists(self, name: str) -> bool:
        """Whether all that a dict or list without another name holds is certainly a list."""
        made = self.bindings.get(name)
        if not made or name in self.parameters or self.definition is None:
            return False
        held = [item for value in made for item in written_out(value)]
        held += put_into(self.definition, name)
        return bool(held) and all(item is not None and self.is_a(item, "list") for item in held)

    def is_list(self, node: cst.BaseExpression) -> bool:
        """Whether an expression is certainly a list; a queue is one too."""
        if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name):
            if self._holds_lists(node.value.value):
                return True
        return self.is_a(node, "list") or self.is_a(node, "deque")

    def is_dict(self, node: cst.BaseExpression) -> bool:
        """Whether an expression is certainly a dict, with default values or without."""
        return self.is_a(node, "dict") or self.is_a(node, "defaultdict")

    def _is_combined(self, node: cst.BinaryOperation, kind: Kind) -> bool:
        sides = (node.left, node.right)
        if kind == "count":
            return isinstance(node.operator, COUNTING) and all(self.is_a(s, kind) for s in sides)
        if kind not in ("list", "tuple"):
            return False
        if isinstance(node.operator, cst.Multiply):
            return self.repeated(node, kind) is not None
        return isinstance(node.operator, cst.Add) and all(self.is_a(s, kind) for s in sides)

    def repeated(
        self, node: cst.BinaryOperation, kind: Kind
    ) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
        """Give what is repeated, and how often; None for any other product."""
        if not isinstance(node.operator, cst.Multiply):
            return None
        for whole, count in ((node.left, node.right), (node.right, node.left)):
            if self.is_a(whole, kind) and self.is_a(count, "count"):
                return whole, count
        return None

    def value_of(self, node: cst.BaseExpression, kind: Kind) -> cst.Call | None:
        """Give the call that makes what a name stands for, if it is one call, of that kind."""
        if not isinstance(node, cst.Name) or not self.is_a(node, kind):
            return None
        made = self.bindings[node.value]
        first = made[0]
        alike = isinstance(first, cst.Call) and all(
            isinstance(value, cst.Call) and first.deep_equals(value) for value in made
        )
        return first if alike and isinstance(first, cst.Call) else None

    def stays(self, node: cst.BaseExpression) -> bool:
        """Whether a name stands for one value all the time."""
        if not isinstance(node, cst.Name):
            return False
        given = self.bindings.get(node.value)
        return given is None or (len(given) == 1 and node.value in self.parameters)

    def holds(self, node: cst.BaseExpression, kind: Kind, depth: int) -> bool:
        """Whether all that lies so deep in lists and tuples is certainly of a kind."""
        if depth == 0:
            return self.is_a(node, kind)
        match node:
            case cst.List(elements=elements) | cst.Tuple(elements=elements):
                return all(
                    self.holds(e.value, kind, depth - (not isinstance(e, cst.StarredElement)))
                    for e in elements
                )
            case cst.ListComp(elt=element):
                return self.holds(element, kind, depth - 1)
            case cst.Name(value=name):
                return self._is_named(name, kind, depth)
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=index)]):
                return self.holds(value, kind, depth + isinstance(index, cst.Index))
            case cst.IfExp(body=body, orelse=orelse):
                return self.holds(body, kind, depth) and self.holds(orelse, kind, depth)
            case cst.BinaryOperation(operator=cst.Add()):
                return self.holds(node.left, kind, depth) and self.holds(node.right, kind, depth)
            case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value="copy")), args=()):
                return self.holds(owner, kind, depth)
            case cst.Call(args=[cst.Arg(value=value, star=""), *_]):
                return library_function(self.names, node) in COPIES and self.holds(
                    value, kind, depth
                )
        return False

    def _is_named(self, name: str, kind: Kind, depth: int) -> bool:
        if kind == "count" and depth == 0 and name in self.counted:
            return True
        if name not in self.bindings or depth > DEEPEST:
            return False
        key = (name, kind, depth)
        if key in self._assumed or key in self._found:
            return self._found.get(key, True)
        self._assumed.add(key)
        try:
            found = self._stays(name, kind, depth) and all(
                self._is_given(name, kind, depth)
                if value is GIVEN
                else value is not None and self.holds(value, kind, depth)
                for value in self._bound(name, depth)
            )
        finally:
            self._assumed.discard(key)
        if not found or not self._assumed:  # what was assumed makes nothing false
            self._found[key] = found
        return found

    def _bound(self, name: str, depth: int) -> list[Value]:
        """Give what a name is bound to; what a list is made of first counts for what it holds."""
        found = self.bindings[name]
        return [*found, GIVEN] if depth and name in self.parameters else found

    def _is_given(self, name: str, kind: Kind, depth: int) -> bool:
        return self.given.get(name, ())[depth : depth + 1] == (kind,)

    def _stays(self, name: str, kind: Kind, depth: int) -> bool:
        """Whether what is written into a name's lists, by whatever name, is of the kind too."""
        for root, found in self.writes.items() if depth else ():
            above = self._place(root, name, frozenset())
            for inner, value in found if above is not None else ():
                left = depth - inner - (above or 0)
                if left >= 0 and not (value is not None and self.holds(value, kind, left)):
                    return False
        return True

    def _place(self, root: str, name: str, met: frozenset[str]) -> int | None:
        """Give how deep in what a name stands for another lies; None if it lies nowhere there."""
        if root == name:
            return 0
        for value in self.bindings.get(root, ()) if root not in met else ():
            owner, depth = owner_of(value)
            above = self._place(owner, name, met | {root}) if owner else None
            if above is not None:
                return above + depth
        return None
