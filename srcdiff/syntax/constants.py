"""Which expressions of a module are constants: the same whenever they are written out again."""

from __future__ import annotations

from typing import Any, Protocol

import libcst as cst

ARRAYS = ("array", "zeros", "ones", "eye", "arange", "linspace")


class Names(Protocol):
    """What is known of a module's names so far."""

    def is_defined(self, name: str) -> bool:
        """Whether a name is that of a constant that is written out."""

    def library_value(self, node: cst.BaseExpression) -> Any:
        """Give what a name stands for in a library that is known; None if in none."""


def is_constant(node: cst.BaseExpression, names: Names) -> bool:
    """Whether an expression is made of numbers, of constants and of NumPy's plain arrays."""
    match node:
        case cst.Integer() | cst.Float() | cst.Imaginary() | cst.SimpleString():
            return True
        case cst.Name(value=name):
            return name in ("True", "False", "None") or names.is_defined(name)
        case cst.UnaryOperation(expression=inner):
            return is_constant(inner, names)
        case cst.BinaryOperation(left=left, right=right):
            return is_constant(left, names) and is_constant(right, names)
        case cst.List(elements=elements) | cst.Tuple(elements=elements):
            return all(is_constant(element.value, names) for element in elements)
        case cst.Attribute():
            found = names.library_value(node)
            return found is not None and isinstance(found.value, (int, float))
        case cst.Call(func=cst.Attribute() as function, args=arguments):
            found = names.library_value(function)
            pure = found is not None and getattr(found.value, "__name__", "") in ARRAYS
            return pure and all(is_constant(argument.value, names) for argument in arguments)
    return False


def holds_constants(node: cst.ClassDef, names: Names) -> bool:
    """Whether a class is no more than constants under one name."""
    if node.bases or node.decorators:
        return False
    for statement in node.body.body:
        if not isinstance(statement, cst.SimpleStatementLine):
            return False
        for small in statement.body:
            match small:
                case cst.Assign(value=value) | cst.AnnAssign(value=cst.BaseExpression() as value):
                    if not is_constant(value, names):
                        return False
                case cst.Expr(value=cst.SimpleString()) | cst.Pass():
                    continue
                case _:
                    return False
    return True
