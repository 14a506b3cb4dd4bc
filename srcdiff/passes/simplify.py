"""Algebra that is exact for every shape and type concerned.

Takes an expression and the types. Gives the expression as a person writes it: no factor of one, the
sign in front, no broadcast that the next operation makes anyway. Refuses nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.ir.nodes import Call, Const, Expression, Forward
from srcdiff.ir.walk import rebuild, same
from srcdiff.passes.infer import Types

ADD, SUB, MUL, DIV, NEG, POW = (
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.neg,
    operator.pow,
)
STRETCHING = frozenset([ADD, SUB, MUL, DIV])


def make(function: Callable[..., Any], *arguments: Expression) -> Call:
    """Make an operator's call."""
    return Call(function, arguments, (), "operator")


def is_call(node: Expression, *functions: Callable[..., Any]) -> bool:
    """Whether a node is a call of one of these functions."""
    return isinstance(node, Call) and node.function in functions


def parts(node: Expression) -> tuple[Expression, ...]:
    """Give the arguments of a call."""
    assert isinstance(node, Call)
    return node.arguments


def number(node: Expression) -> float | int | None:
    """Give the value of a numeric constant."""
    if isinstance(node, Const) and isinstance(node.value, (int, float)):
        return node.value
    return None


class Simplifier:
    """Simplifies the expressions of one derivation."""

    def __init__(self, types: Types) -> None:
        self.types = types

    def simplify(self, node: Expression) -> Expression:
        """Simplify an expression, from the inside out."""
        if isinstance(node, Forward):
            return node
        node = rebuild(node, self.simplify)
        if not isinstance(node, Call):
            return node
        if node.function is np.sum and is_call(node.arguments[0], NEG):
            total = Call(np.sum, parts(node.arguments[0]), node.keywords)
            return self.negative(total)
        return node if node.keywords else self.step(node)

    def step(self, node: Call) -> Expression:
        """Simplify a call whose arguments are simple."""
        node = self._without_broadcast(node)
        match node.function, node.arguments:
            case (operator.mul, (left, right)):
                return self.product(left, right)
            case (operator.truediv, (left, right)):
                return self.quotient(left, right)
            case (operator.neg, (operand,)):
                return self.negative(operand)
            case (np.transpose, (operand,)):
                return _turned_back(operand) or node
            case (operator.add, (left, right)):
                return self.total(node, left, right)
            case (operator.sub, (left, right)):
                if is_call(right, NEG):
                    return make(ADD, left, parts(right)[0])
                if number(right) == 0:
                    return left
            case (operator.pow, (base, exponent)):
                if number(exponent) == 1:
                    return base
                if number(exponent) == 0:
                    return Const(1)
        return node

    def total(self, node: Call, left: Expression, right: Expression) -> Expression:
        """Give left + right, which the node adds."""
        if isinstance(left, Const) and isinstance(left.value, float) and left.value == 0:
            return right
        if is_call(right, NEG):
            return make(SUB, left, parts(right)[0])
        return self.product(Const(2), left) if same(left, right) else node

    def product(self, left: Expression, right: Expression) -> Expression:
        """Give left * right."""
        if is_call(left, NEG):
            return self.negative(self.product(parts(left)[0], right))
        if is_call(right, NEG):
            return self.negative(self.product(left, parts(right)[0]))
        if number(left) == 1:
            return right
        if number(right) == 1:
            return left
        if number(left) == -1:
            return self.negative(right)
        (first_number, first), (second_number, second) = _leading(left), _leading(right)
        if first_number is not None and second_number is not None:
            factor = Const(first_number * second_number)
            rest = first if second is None else second
            if first is not None and second is not None:
                rest = self.product(first, second)
            return factor if rest is None else self.product(factor, rest)
        if is_call(right, MUL, DIV) and not self._scalar_first(left, right):
            first, second = parts(right)
            if is_call(right, MUL):
                return self.product(self.product(left, first), second)
            return self.quotient(self.product(left, first), second)
        return self._without_broadcast(make(MUL, left, right))

    def _scalar_first(self, left: Expression, right: Expression) -> bool:
        """Whether right is a number and left may be an array: one multiplication per entry."""
        return self.types.of(right).shape == () and self.types.of(left).shape != ()

    def quotient(self, left: Expression, right: Expression) -> Expression:
        """Give left / right."""
        if is_call(left, NEG):
            return self.negative(self.quotient(parts(left)[0], right))
        if number(right) == 1:
            return left
        return make(DIV, left, right)

    def negative(self, operand: Expression) -> Expression:
        """Give -operand."""
        if is_call(operand, NEG):
            return parts(operand)[0]
        if is_call(operand, np.broadcast_to):
            value, shape = parts(operand)
            return Call(np.broadcast_to, (self.negative(value), shape))
        return make(NEG, operand)

    def _without_broadcast(self, node: Call) -> Call:
        """Drop np.broadcast_to where the other operand has the full shape."""
        if node.function not in STRETCHING:
            return node
        left, right = node.arguments
        if not is_call(left, np.broadcast_to) and not is_call(right, np.broadcast_to):
            return node
        whole = self.types.of(node).shape
        if is_call(left, np.broadcast_to) and self.types.of(right).shape == whole:
            left = parts(left)[0]
        if is_call(right, np.broadcast_to) and self.types.of(left).shape == whole:
            if self.types.of(node.arguments[0]).shape == whole and left is node.arguments[0]:
                right = parts(right)[0]
        if left is node.arguments[0] and right is node.arguments[1]:
            return node
        return make(node.function, left, right)


def _turned_back(node: Expression) -> Expression | None:
    """Give what a value is the transpose of, if it is one."""
    inner = node.node if isinstance(node, Forward) else node
    if not is_call(inner, np.transpose) or len(parts(inner)) > 1:
        return None
    return Forward(parts(inner)[0]) if isinstance(node, Forward) else parts(inner)[0]


def _leading(node: Expression) -> tuple[float | int | None, Expression | None]:
    """Take the number that a product starts with from the rest of it."""
    value = number(node)
    if value is not None:
        return value, None
    if not is_call(node, MUL):
        return None, node
    left, right = parts(node)
    value, rest = _leading(left)
    return value, right if rest is None else make(MUL, rest, right)
