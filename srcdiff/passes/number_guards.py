"""Items that must be numbers: an `if` right behind the assignment raises where one isn't.

Takes a function, and the assignments that must give numbers. Gives it with these ifs; and, of any
function, the values that such an if makes sure of, whoever wrote it. Refuses nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import (
    Block,
    Call,
    Const,
    Expression,
    Function,
    If,
    Item,
    Jump,
    Loop,
    Node,
    Read,
    Statement,
    Variable,
)
from srcdiff.ir.walk import copied, same

Numbers = dict[tuple[Variable, Span], str]
"""Assignments, by their variables and places, with what is said where one gives no number."""


def with_guards(function: Function, numbers: Numbers) -> Function:
    """Put an if that raises behind each of some assignments."""
    return replace(function, body=_guarded(function.body, numbers)) if numbers else function


def _guarded(block: Block, numbers: Numbers) -> Block:
    found: list[Node] = []
    for node in block:
        match node:
            case Statement():
                found += [node, *_guards(node, numbers)]
            case If():
                then, otherwise = _guarded(node.then, numbers), _guarded(node.otherwise, numbers)
                found.append(replace(node, then=then, otherwise=otherwise))
            case Loop():
                body = (*_guards(node.header, numbers), *_guarded(node.body, numbers))
                otherwise = _guarded(node.otherwise, numbers)
                found.append(replace(node, body=body, otherwise=otherwise))
            case Jump():
                found.append(node)
    return tuple(found)


def _guards(statement: Statement, numbers: Numbers) -> Iterator[If]:
    header = Statement((), statement.span, form="made")
    values: dict[Variable, Expression] = {w.variable: copied(w.value) for w in statement.writes}
    values |= {bind.variable: Read(bind.variable) for bind in statement.binds}
    for variable, value in values.items():
        text = numbers.get((variable, statement.span))
        if text is not None:
            is_number = Call(np.isscalar, (value,))
            error = Call(TypeError, (Const(text, f'"{text}"'),))
            test = Call(operator.not_, (is_number,), (), "operator")
            yield If(test, (Jump("raise", header, error),), (), header)


def sure_numbers(block: Block) -> Iterator[Expression]:
    """Give the assigned values that an if right behind the assignment lets be numbers only."""
    statement: Statement | None = None
    for node in block:
        if isinstance(node, If):
            found = _must_be_number(node)
            if found is not None and statement is not None:
                yield from _assigned(statement, found)
            yield from sure_numbers(node.then)
            yield from sure_numbers(node.otherwise)
            statement = statement if found is not None else None
            continue
        statement = node if isinstance(node, Statement) else None
        if isinstance(node, Loop):
            yield from sure_numbers((node.header, *node.body))
            yield from sure_numbers(node.otherwise)


def _assigned(statement: Statement, found: Expression) -> Iterator[Expression]:
    """Give the values of a statement that are what was found to be a number."""
    for bind in statement.binds[::-1]:
        if isinstance(found, Read) and bind.variable is found.variable:
            yield bind.value
            return
    yield from (write.value for write in statement.writes if same(write.value, found))


def _must_be_number(node: If) -> Expression | None:
    """Give what an if lets go on only as a number: a variable, or an item."""
    match node:
        case If(
            test=Call(
                function=operator.not_,
                arguments=(Call(function=np.isscalar, arguments=((Read() | Item()) as value,)),),
            ),
            then=(Jump(kind="raise"),),
            otherwise=(),
        ):
            return value
    return None
