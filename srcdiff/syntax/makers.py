"""Functions that return functions of their own.

Takes a definition, or what is called. Gives what it returns, if that is functions that are known
from the text. Refuses nothing.
"""

from __future__ import annotations

import functools

import libcst as cst

from srcdiff.ir.nodes import UserFunction
from srcdiff.syntax.closures import Closure, Names, Static, held, is_static, static_of
from srcdiff.syntax.libraries import Library
from srcdiff.syntax.scope import ModuleVariable

TRANSFORMS = "srcdiff.transforms"


def gives_function(definition: cst.FunctionDef | cst.Lambda) -> bool:
    """Whether a function returns a function, or several, that are known from the text."""
    if isinstance(definition, cst.Lambda):
        return isinstance(definition.body, cst.Lambda)
    return _returned(definition) is not None


@functools.lru_cache(maxsize=1024)
def _returned(definition: cst.FunctionDef) -> cst.BaseExpression | None:
    """Give what a function returns in its last statement, if that is functions of its own."""
    last = definition.body.body[-1] if definition.body.body else None
    small = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.Return) or small.value is None:
        return None
    own = {n.name.value for n in definition.body.body if isinstance(n, cst.FunctionDef)}
    for line in definition.body.body:
        for part in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            match part:
                case cst.Assign(
                    targets=[cst.AssignTarget(target=cst.Name(value=name))], value=cst.Lambda()
                ):
                    own.add(name)
    values = (
        [element.value for element in small.value.elements]
        if isinstance(small.value, cst.Tuple)
        else [small.value]
    )
    for value in values:
        if not isinstance(value, cst.Lambda):
            if not (isinstance(value, cst.Name) and value.value in own):
                return None
    return small.value


def maker_of(names: Names, node: cst.BaseExpression) -> Static | None:
    """Give what is called, if it may give a function."""
    if isinstance(node, cst.Name) and node.value not in names.inner:
        known = node.value in names.variables or node.value in names.assigned
        if not known and isinstance(names.scope.lookup(node.value), UserFunction):
            seen = names.scope.peek(node.value)
            if seen is None or not gives_function(seen):
                return None
    return static_of(names, node)


def returned_function(definition: cst.FunctionDef | cst.Lambda) -> cst.BaseExpression:
    """Give the expression that stands for the function that a function returns."""
    if isinstance(definition, cst.Lambda):
        return definition.body
    found = _returned(definition)
    assert found is not None
    return found


def is_function(names: Names, node: cst.BaseExpression) -> bool:
    """Whether an argument is a function."""
    if isinstance(node, cst.Lambda) or _is_library_function(names, node):
        return True
    if isinstance(node, cst.IfExp):
        return is_function(names, node.body) and is_function(names, node.orelse)
    if isinstance(node, cst.Call):
        return _makes_function(names, node)
    if not isinstance(node, cst.Name) or node.value in names.variables:
        return False
    if node.value in names.inner:
        return is_static(names.inner[node.value])
    entity = names.scope.lookup(node.value)
    if isinstance(entity, ModuleVariable):
        return held(names, node.value) is not None
    return isinstance(entity, UserFunction)


def _makes_function(names: Names, node: cst.Call) -> bool:
    """Whether a call gives a function: one of the user's does, a partial, a transform."""
    called = _library_value(names, node.func)
    if called is functools.partial or getattr(called, "__module__", "") == TRANSFORMS:
        return True
    if not isinstance(node.func, cst.Name) or node.func.value in names.variables:
        return False
    known = names.inner.get(node.func.value)
    if isinstance(known, Closure):
        return gives_function(known.definition)
    if known is not None or node.func.value in names.assigned:
        return False
    return isinstance(maker_of(names, node.func), Closure)


def _is_library_function(names: Names, node: cst.BaseExpression) -> bool:
    """Whether an expression is a function of a module: np.tanh, not np.pi.

    The expression may stand in another text, so it can't be read.
    """
    return isinstance(node, cst.Attribute) and callable(_library_value(names, node))


def _library_value(names: Names, node: cst.BaseExpression) -> object:
    if isinstance(node, cst.Attribute):
        return getattr(_library_value(names, node.value), node.attr.value, None)
    entity = names.scope.lookup(node.value) if isinstance(node, cst.Name) else None
    return entity.value if isinstance(entity, Library) else None
