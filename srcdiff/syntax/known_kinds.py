"""What names certainly stand for, as a function's own text says: lists, dicts, whole numbers.

Takes the text of a function. Says of an expression whether it is of a kind all the time, whatever
the arguments are. Refuses nothing.
"""

from __future__ import annotations

import collections
import functools
from typing import Any, Literal

import libcst as cst

from srcdiff.syntax.closures import Names, library_function
from srcdiff.syntax.held_kinds import put_into, written_out
from srcdiff.syntax.statements import (
    add_names,
    introduced_names,
    outer_names,
    parts,
    read_names,
    single_parameters,
)

Kind = Literal["list", "tuple", "dict", "deque", "defaultdict", "count"]
COUNT = cst.Integer("0")
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
Value = cst.BaseExpression | None
Bindings = dict[str, list[Value]]


class KnownKinds:
    """Says what the expressions of one function are of.

    Parameters
    ----------
    names
        What names stand for at the place that is read.
    definition
        The function's text; None where nothing is known.
    """

    def __init__(self, names: Names, definition: cst.CSTNode | None = None) -> None:
        self.names = names
        self.bindings: Bindings = {}
        self.parameters: frozenset[str] = frozenset()
        self.counted: frozenset[str] = frozenset()
        self.definition = definition
        if isinstance(definition, cst.FunctionDef):
            outer = outer_names(definition)  # which other functions assign too
            own = bindings_of(definition).items()
            self.bindings = {name: values for name, values in own if name not in outer}
            self.parameters = frozenset(parameters_of(definition))
            self.counted = counted_in(definition)
        self._assumed: set[tuple[str, Kind]] = set()

    def is_a(self, node: cst.BaseExpression, kind: Kind) -> bool:
        """Whether an expression is certainly of a kind."""
        if DISPLAYS.get(type(node)) == kind:
            return True
        match node:
            case cst.Name(value=name):
                return self._is_named(name, kind)
            case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value="copy")), args=()):
                return kind in ("list", "dict", "deque") and self.is_a(owner, kind)
            case cst.Call():
                return MAKERS.get(library_function(self.names, node)) == kind
            case cst.IfExp(body=body, orelse=orelse):
                return self.is_a(body, kind) and self.is_a(orelse, kind)
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Slice())]):
                return kind in ("list", "tuple") and self.is_a(value, kind)
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

    def _is_named(self, name: str, kind: Kind) -> bool:
        if kind == "count" and name in self.counted:
            return True
        if name not in self.bindings:
            return False
        key = (name, kind)
        if key in self._assumed:
            return True
        self._assumed.add(key)
        try:
            return all(v is not None and self.is_a(v, kind) for v in self.bindings[name])
        finally:
            self._assumed.discard(key)


@functools.lru_cache(maxsize=1024)
def counted_in(node: cst.FunctionDef) -> frozenset[str]:
    """Give the names over whose range a function counts, which so are of whole numbers."""
    found: set[str] = set()
    pending: list[cst.CSTNode] = [node.body]
    while pending:
        inner = pending.pop()
        match inner:
            case cst.Call(func=cst.Name(value="range"), args=args):
                found |= {a.value.value for a in args if isinstance(a.value, cst.Name)}
        pending += parts(inner)
    return frozenset(found)


def parameters_of(node: cst.FunctionDef | cst.Lambda) -> dict[str, cst.Param]:
    """Give the parameters of a function, by name."""
    given = node.params
    every = (*single_parameters(given), given.star_arg, given.star_kwarg)
    return {p.name.value: p for p in every if isinstance(p, cst.Param)}


@functools.lru_cache(maxsize=1024)
def bindings_of(node: cst.FunctionDef) -> Bindings:
    """Give what each name of a function is bound to, anywhere in it; None where that isn't said."""
    found: Bindings = {}
    for name, parameter in parameters_of(node).items():
        annotation = parameter.annotation.annotation if parameter.annotation else None
        whole = isinstance(annotation, cst.Name) and annotation.value == "int"
        found[name] = [COUNT if whole else None]
    _forget_arguments(node, found)
    _collect(node.body, found)
    return found


def _forget_arguments(node: cst.FunctionDef, found: Bindings) -> None:
    """Leave out what a parameter stands for at first where a list or dict is made of it first."""
    met: set[str] = set()
    for line in node.body.body:
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
        match small:
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Name(value=name))],
                value=cst.Call(func=cst.Name(value="list" | "sorted" | "deque" | "dict"))
                | cst.List()
                | cst.ListComp(),
            ) if name in found and name not in met:
                del found[name]
        met |= read_names(line)


def _collect(node: cst.CSTNode, found: Bindings) -> None:
    match node:
        case cst.Assign(targets=targets, value=value):
            for target in targets:
                _bind(target.target, value, found)
        case cst.AnnAssign(target=target, value=annotated) if annotated is not None:
            _bind(target, annotated, found)
        case cst.AugAssign(target=cst.Name(value=name)):
            if not isinstance(node.operator, cst.AddAssign):
                found.setdefault(name, []).append(None)
            elif not isinstance(node.value, (cst.List, cst.ListComp)):  # these leave a list a list
                more = cst.BinaryOperation(node.target, cst.Add(), node.value)
                found.setdefault(name, []).append(more)
        case cst.For(target=target, iter=iterated):
            _bind(target, _element(iterated), found)
        case cst.CompFor(target=target) | cst.NamedExpr(target=target) | cst.AsName(name=target):
            _bind(target, None, found)
        case cst.Match() | cst.Import() | cst.ImportFrom():
            for bound in introduced_names(node):
                found.setdefault(bound, []).append(None)
    for inner in parts(node):
        if isinstance(inner, (cst.FunctionDef, cst.Lambda)):
            _collect_outer(inner, found)
        else:
            _collect(inner, found)


def _collect_outer(node: cst.FunctionDef | cst.Lambda, found: Bindings) -> None:
    """Note the names that an inner function has, which may be those of the outer one."""
    inner: Bindings = {}
    _collect(node.body, inner)
    names = {*inner, *outer_names(node)}
    if isinstance(node, cst.FunctionDef):
        names.add(node.name.value)
    for name in names:
        found.setdefault(name, []).append(None)


def _bind(target: cst.BaseExpression, value: Value, found: Bindings) -> None:
    match target:
        case cst.Name(value=name):
            found.setdefault(name, []).append(value)
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            own = value.elements if isinstance(value, (cst.Tuple, cst.List)) else ()
            starred = any(isinstance(e, cst.StarredElement) for e in (*elements, *own))
            if starred or len(own) != len(elements):
                names: set[str] = set()
                add_names(target, names)
                for name in names:
                    found.setdefault(name, []).append(None)
                return
            for element, item in zip(elements, own, strict=True):
                _bind(element.value, item.value, found)
        case cst.StarredElement(value=inner):
            _bind(inner, None, found)


def _element(iterated: cst.BaseExpression) -> Value:
    """Give what a loop's target stands for, where that is a whole number."""
    match iterated:
        case cst.Call(func=cst.Name(value="range")):
            return COUNT
        case cst.Call(func=cst.Name(value="enumerate")):
            return cst.Tuple([cst.Element(COUNT), cst.Element(cst.Ellipsis())])
    return None
