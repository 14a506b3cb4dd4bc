"""Calls whose functions are written out where they stand, because no companion would do.

Takes a call. Gives the function whose statements are to stand there; None for other calls.
Refuses nothing.
"""

from __future__ import annotations

import libcst as cst

from srcdiff.ir.nodes import Const, Read, UserFunction
from srcdiff.ir.records import RecordClass
from srcdiff.syntax.closures import (
    STATIC,
    Names,
    Partial,
    Static,
    held,
    is_static,
    of_alias,
    outside,
    static_of,
    with_default,
)
from srcdiff.syntax.makers import is_function
from srcdiff.syntax.scope import ModuleVariable
from srcdiff.syntax.statements import (
    called_names,
    changes_arguments,
    gives_at_once,
    is_straight,
    parts,
    returns_several,
    single_parameters,
)


def written_out(names: Names, node: cst.Call) -> Static | None:
    """Give the function that a call is of, if its statements are to stand here."""
    if not isinstance(node.func, cst.Name):
        method = _method(names, node.func)
        if method is not None:
            return method
        found = static_of(names, node.func, now=True)
        if isinstance(found, Const) and isinstance(node.func, cst.Subscript):
            return Partial(found, (), ())
        return found if isinstance(found, STATIC) else None
    name = node.func.value
    if name in names.variables:
        return None
    if name in names.inner:
        known = names.inner[name]
        if not is_static(known):
            return None
        if not (isinstance(known, Const) and isinstance(known.value, UserFunction)):
            return known
        name = known.text
    elif name in names.assigned:
        return None
    entity = names.scope.lookup(name)
    if isinstance(entity, ModuleVariable):
        return of_alias(held(names, name))
    if not isinstance(entity, UserFunction):
        return None
    seen = names.scope.peek(name)
    if seen is None:
        return None
    if names.alone is not node and not _needs_text(names, node, seen):
        return None
    definition = names.scope.definition(name)
    return outside(names, definition) if definition is not None else None


def _method(names: Names, node: cst.BaseExpression) -> Partial | None:
    """Give a method of the object's own class whose statements are to stand here."""
    match node:
        case cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value=name)) if (
            owner == names.self_name and owner in names.variables
        ):
            definition = names.definitions.get(name)
            own = definition.params.posonly_params or definition.params.params if definition else ()
            if definition is None or definition.decorators or not own:
                return None
            if own[0].name.value != owner or _is_one_expression(names, definition):
                return None
            return Partial(outside(names, definition), (Read(names.variables[owner]),), ())
        case cst.Attribute(
            value=cst.Call(func=cst.Name(value="super"), args=()), attr=cst.Name(value=name)
        ) if names.self_name in names.variables:
            definition = _above(names, name)
            own = definition.params.posonly_params or definition.params.params if definition else ()
            if definition is None or not own or own[0].name.value != names.self_name:
                raise names.refuse(
                    "SD103",
                    f"no class above is known to have a method {name} here.",
                    "Call a method of a class in this file, or write it out.",
                    node,
                )
            return Partial(
                outside(names, definition), (Read(names.variables[names.self_name]),), ()
            )
    return None


def _above(names: Names, name: str) -> cst.FunctionDef | None:
    """Give the method of the next class above the one whose method is read here."""
    levels = list(names.levels)
    while levels and not any(m is names.definition for m in levels[0].values()):
        levels.pop(0)
    return next((level[name] for level in levels[1:] if name in level), None)


def _is_one_expression(names: Names, definition: cst.FunctionDef) -> bool:
    """Whether a method's derivative can be written out without its statements."""
    line = definition.body.body[-1]
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else line
    if not isinstance(small, cst.Return) or not gives_at_once(definition):
        return False
    pending: list[cst.CSTNode] = [small]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Name):
            if isinstance(names.scope.lookup(node.value), ModuleVariable):
                return False
        if isinstance(node, cst.Attribute) and node.attr.value in names.own_names.assigned:
            return False  # which value is read depends on the place of the call
        pending += parts(node)
    return True


def _needs_text(names: Names, node: cst.Call, called: cst.FunctionDef) -> bool:
    several = returns_several(called) and not (is_straight(called.body) and gives_at_once(called))
    return (
        (several and not _calls_itself(names, called))
        or changes_arguments(called)
        or _passes_functions(names, node, called)
        or _is_starred(node, called)
        or _has_records(names, called)
        or names.objects.calls_methods(node, called)
        or names.objects.gives(called)
    )


def _calls_itself(names: Names, called: cst.FunctionDef) -> bool:
    """Whether a function may call itself, by way of others too."""
    seen: set[str] = set()
    pending = [called]
    while pending:
        for name in called_names(pending.pop().body):
            if name == called.name.value:
                return True
            if name not in seen and isinstance(names.scope.lookup(name), UserFunction):
                inner = names.scope.peek(name)
                pending += [inner] if inner is not None else []
            seen.add(name)
    return False


def _has_records(names: Names, called: cst.FunctionDef) -> bool:
    """Whether a function says that it takes a record, or returns one that it makes."""
    given = called.params
    for parameter in single_parameters(given):
        annotation = parameter.annotation.annotation if parameter.annotation else None
        if _is_record_class(names, annotation):
            return True
    return any(_is_record_class(names, made.func) for made in _returned(called.body))


def _is_record_class(names: Names, node: cst.BaseExpression | None) -> bool:
    return isinstance(node, cst.Name) and isinstance(names.scope.lookup(node.value), RecordClass)


def _returned(body: cst.CSTNode) -> list[cst.Call]:
    """Give the calls that are returned."""
    found: list[cst.Call] = []
    pending: list[cst.CSTNode] = [body]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Return) and isinstance(node.value, cst.Call):
            found.append(node.value)
        if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
            pending += parts(node)
    return found


def _passes_functions(names: Names, node: cst.Call, called: cst.FunctionDef) -> bool:
    """Whether functions are among the arguments of a call, or the defaults."""
    defaults = [parameter.default for parameter in with_default(called)]
    values = [*(argument.value for argument in node.args), *filter(None, defaults)]
    return any(is_function(names, value) or names.objects.passes(value) for value in values)


def _is_starred(node: cst.Call, called: cst.FunctionDef) -> bool:
    given = called.params
    starred = isinstance(given.star_arg, cst.Param) or given.star_kwarg is not None
    return starred or any(argument.star for argument in node.args)
