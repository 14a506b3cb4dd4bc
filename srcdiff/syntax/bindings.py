"""What the names of a function are bound to, and what is written into what they stand for.

Takes the text of a function. Gives expressions by names; None where the text says nothing. Refuses
nothing.
"""

from __future__ import annotations

import functools
from typing import Literal

import libcst as cst

from srcdiff.syntax.statements import (
    add_names,
    introduced_names,
    outer_names,
    parts,
    read_names,
    single_parameters,
)

Kind = Literal["list", "tuple", "dict", "deque", "defaultdict", "count"]
Value = cst.BaseExpression | None
Nesting = tuple[Kind, ...]
"""Of what kind a value is, what it holds, what these hold, and so on."""
Bindings = dict[str, list[Value]]
Writes = dict[str, list[tuple[int, Value]]]
COUNT = cst.Integer("0")
GIVEN = cst.Ellipsis()
"""What a parameter is bound to by a call."""
PUTTING = frozenset(["append", "appendleft", "insert", "extend", "extendleft"])


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
        found[name] = [COUNT if whole else GIVEN]
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
        case cst.For(target=target, iter=iterated) | cst.CompFor(target=target, iter=iterated):
            _bind(target, _element(iterated), found)
        case cst.NamedExpr(target=target) | cst.AsName(name=target):
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
    """Give what a loop's target stands for, as far as its kind is concerned."""
    match iterated:
        case cst.Call(func=cst.Name(value="range")):
            return COUNT
        case cst.Call(func=cst.Name(value="enumerate"), args=[cst.Arg(value=value), *_]):
            return cst.Tuple([cst.Element(COUNT), cst.Element(_item_of(value))])
        case cst.Call(func=cst.Name(value="zip"), args=args):
            if all(arg.star == "" and arg.keyword is None for arg in args):
                return cst.Tuple([cst.Element(_item_of(arg.value)) for arg in args])
            return None
    return _item_of(iterated)


def _item_of(whole: cst.BaseExpression) -> cst.Subscript:
    return cst.Subscript(whole, [cst.SubscriptElement(cst.Index(cst.Integer("0")))])


def owner_of(value: Value) -> tuple[str, int]:
    """Give the name in whose lists a value lies, and how deep; no name for other values."""
    depth = 0
    while isinstance(value, cst.Subscript):
        depth += isinstance(value.slice[0].slice, cst.Index)
        value = value.value
    return (value.value if isinstance(value, cst.Name) else ""), depth


@functools.lru_cache(maxsize=1024)
def writes_in(node: cst.FunctionDef) -> Writes:
    """Give what a function writes into the lists that names stand for, and how deep."""
    found: Writes = {}
    pending: list[cst.CSTNode] = [node.body]
    while pending:
        inner = pending.pop()
        match inner:
            case cst.Assign(targets=targets, value=value):
                for target in targets:
                    _write(target.target, value, found)
            case cst.AugAssign(target=target, value=value):
                more = cst.BinaryOperation(target, cst.Add(), value)
                same = isinstance(value, (cst.List, cst.ListComp))  # these leave a list a list
                _write(target, target if same else more, found)
            case cst.For(target=target) | cst.CompFor(target=target):
                _write(target, None, found)
            case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value=called)), args=args):
                if called in PUTTING and args:
                    name, depth = owner_of(owner)
                    whole = called.startswith("extend")
                    value = args[-1].value
                    found.setdefault(name, []).append((depth + (not whole), value))
        pending += parts(inner)
    return found


def _write(target: cst.BaseExpression, value: Value, found: Writes) -> None:
    match target:
        case cst.Subscript():
            name, depth = owner_of(target)
            found.setdefault(name, []).append((depth, value))
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            own = value.elements if isinstance(value, (cst.Tuple, cst.List)) else ()
            for place, element in enumerate(elements):
                item = own[place].value if len(own) == len(elements) else None
                _write(element.value, item, found)


@functools.lru_cache(maxsize=1024)
def annotated_kinds(node: cst.FunctionDef) -> dict[str, Nesting]:
    """Give the kinds that the annotations of a function's parameters state."""
    found: dict[str, Nesting] = {}
    for name, parameter in parameters_of(node).items():
        starred = parameter.star in ("*", "**")
        if parameter.annotation is not None and not starred:
            found[name] = _stated(parameter.annotation.annotation)
    return found


def _stated(node: cst.BaseExpression) -> Nesting:
    match node:
        case cst.Name(value="list" | "List"):
            return ("list",)
        case cst.Subscript(value=cst.Name(value="list" | "List"), slice=[inner]):
            held = inner.slice.value if isinstance(inner.slice, cst.Index) else cst.Ellipsis()
            return ("list", *_stated(held))
        case cst.Name(value="tuple" | "Tuple"):
            return ("tuple",)
        case cst.Subscript(value=cst.Name(value="tuple" | "Tuple"), slice=inner):
            found = {_stated(e.slice.value) for e in inner if isinstance(e.slice, cst.Index)}
            return ("tuple", *(found.pop() if len(found) == 1 else ()))
    return ()
