"""The classes of the objects that a class keeps, as far as its text says them.

Takes a class definition. Gives, for attributes that get one value only, the name of its class.
"""

from __future__ import annotations

import libcst as cst

from srcdiff.syntax.statements import parts


def object_classes(node: cst.ClassDef) -> dict[str, str]:
    """Give the names of the classes by attributes: `self.loss = Loss()`, or `loss: Loss`."""
    found: dict[str, set[str]] = {}
    for line in node.body.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            match small:
                case cst.AnnAssign(target=cst.Name(value=name), annotation=annotation):
                    found.setdefault(name, set()).add(_named(annotation.annotation))
        if isinstance(line, cst.FunctionDef):
            _note_method(line, found)
    single = {name: next(iter(classes)) for name, classes in found.items() if len(classes) == 1}
    return {name: own for name, own in single.items() if own}


def made_classes(node: cst.ClassDef) -> dict[str, set[str]]:
    """Give the names of the classes that are called by attributes: of an object, or of a list."""
    found: dict[str, set[str]] = {}
    pending: list[cst.CSTNode] = [node.body]
    while pending:
        inner = pending.pop()
        pending += parts(inner)
        if not isinstance(inner, cst.Assign):
            continue
        for target in inner.targets:
            match target.target, inner.value:
                case cst.Attribute(attr=attr), cst.ListComp(elt=cst.Call() as call):
                    calls = [call]
                case cst.Attribute(attr=attr), cst.List(elements=held) | cst.Tuple(elements=held):
                    calls = [e.value for e in held if isinstance(e.value, cst.Call)]
                case cst.Attribute(attr=attr), cst.Call() as call:
                    calls = [call]
                case _:
                    continue
            found.setdefault(attr.value, set()).update(_named(call.func) for call in calls)
    return found


def _note_method(method: cst.FunctionDef, found: dict[str, set[str]]) -> None:
    """Note what a method assigns to the object's attributes; "" where that isn't known."""
    given = [*method.params.posonly_params, *method.params.params]
    if not given:
        return
    annotated = {p.name.value: p.annotation for p in (*given, *method.params.kwonly_params)}
    owner = given[0].name.value
    pending: list[cst.CSTNode] = [method.body]
    while pending:
        inner = pending.pop()
        pending += parts(inner)
        if not isinstance(inner, cst.Assign):
            continue
        for target in inner.targets:
            for place, value in _pairs(target.target, inner.value):
                match place:
                    case cst.Attribute(value=cst.Name(value=name), attr=attr) if name == owner:
                        made = _made(value, annotated)
                        found.setdefault(attr.value, set()).add(made)


def _pairs(
    target: cst.BaseExpression, value: cst.BaseExpression
) -> list[tuple[cst.BaseExpression, cst.BaseExpression | None]]:
    if not isinstance(target, (cst.Tuple, cst.List)):
        return [(target, value)]
    targets = [element.value for element in target.elements]
    if isinstance(value, (cst.Tuple, cst.List)) and len(value.elements) == len(targets):
        values = [element.value for element in value.elements]
        return [pair for t, v in zip(targets, values, strict=True) for pair in _pairs(t, v)]
    return [(place, None) for place in targets]


def _made(value: cst.BaseExpression | None, annotated: dict[str, cst.Annotation | None]) -> str:
    """Give the class of which a value is made: that it calls, or that a parameter says."""
    if isinstance(value, cst.Call):
        return _named(value.func)
    annotation = annotated.get(value.value) if isinstance(value, cst.Name) else None
    return _named(annotation.annotation) if annotation is not None else ""


def _named(node: cst.BaseExpression) -> str:
    match node:
        case cst.Name(value=name):
            return name
        case cst.SimpleString():
            text = node.evaluated_value
            return text if isinstance(text, str) and text.isidentifier() else ""
    return ""
