"""Forms of what loops run over, and of their targets."""

from __future__ import annotations

import operator

import libcst as cst

from srcdiff.ir.nodes import Attribute, Call, Const, Expression, Group, Item, Read, Variable


def plus(left: Expression, right: Expression) -> Expression:
    """Give a sum; the value itself where nothing is added."""
    if isinstance(right, Const) and right.value == 0:
        return left
    return Call(operator.add, (left, right), (), "operator")


def counts_from_zero(sequence: Expression) -> bool:
    """Whether a sequence is a range from 0 on."""
    if isinstance(sequence, Call) and sequence.function is range:
        return len(sequence.arguments) == 1
    return False


def is_place(node: Expression) -> bool:
    """Whether an expression is a place that can be read again: params["W"], a.b."""
    if isinstance(node, Item):
        return isinstance(node.index, Const) and is_place(node.value)
    if isinstance(node, Attribute):
        return is_place(node.value)
    return isinstance(node, Read)


def index_name(target: cst.BaseExpression, element: Expression, index: Variable) -> str:
    """Find the name that the target gives to the index."""
    if isinstance(element, Read) and element.variable is index:
        return target.value if isinstance(target, cst.Name) else ""
    if isinstance(target, cst.Tuple) and isinstance(element, Group):
        for part, inner in zip(target.elements, element.items, strict=False):
            name = index_name(part.value, inner, index)
            if name:
                return name
    return ""


def around(
    iterable: cst.BaseExpression,
) -> tuple[cst.BaseExpression, list[cst.Call]]:
    """Give what is looped over, and the calls around it, outermost first: reversed(list(d))."""
    calls: list[cst.Call] = []
    while True:
        match iterable:
            case cst.Call(func=cst.Name(), args=[cst.Arg(value=inner, keyword=None, star="")]):
                calls.append(iterable)
                iterable = inner
            case _:
                return iterable, calls


def second(target: cst.BaseExpression) -> cst.BaseExpression:
    """Give what names the elements in a loop that counts them."""
    match target:
        case cst.Tuple(elements=[_, cst.Element(value=named)]):
            return named
    return target
