"""What the returns of a block give.

Takes a block as read. Gives the outputs and their names, and whether it returns. Refuses returns of
different forms.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    Function,
    Group,
    If,
    Item,
    Jump,
    Loop,
    Node,
    Output,
    Read,
    Statement,
    UserFunction,
    Variable,
)


def returns(block: Block | list[Node]) -> bool:
    """Whether a block returns somewhere."""
    return any(True for _ in returned(block))


def returned(block: Block | list[Node]) -> list[Jump]:
    """Give the returns of a block."""
    found: list[Jump] = []
    for node in block:
        match node:
            case Jump(kind="return"):
                found.append(node)
            case If():
                found += [*returned(node.then), *returned(node.otherwise)]
            case Loop():
                found += [*returned(node.body), *returned(node.otherwise)]
    return found


def is_several(values: Expression | None) -> TypeGuard[Group]:
    """Whether a return gives its outputs in a tuple."""
    if not isinstance(values, Group) or values.record is not None:
        return False
    return values.kind == "tuple" and bool(values.items)


def gives_one(block: Block | list[Node]) -> bool:
    """Whether the returns of a block give a tuple of one value, which callers take out of it."""
    found = [jump.values for jump in returned(block)]
    return any(isinstance(v, Group) and is_several(v) and len(v.items) == 1 for v in found)


def outputs_of(values: Expression, header: Statement) -> tuple[Output, ...]:
    """Give the outputs of a return statement.

    Raises
    ------
    Refusal
        It returns an empty tuple, list or dict.
    """
    items = values.items if is_several(values) else None
    outputs = items if items is not None else (values,)
    if isinstance(values, Group) and not values.items:
        raise Refusal(
            "SD105", "the function returns an empty container.", "Return a value.", header.span
        )
    named = output_names([(output,) for output in outputs], several=items is not None)
    return tuple(map(Output, named, outputs))


def _counted(jump: Jump) -> int:
    """Give how many values a return says that it gives."""
    return (
        len(jump.values.items) if isinstance(jump.values, Group) and is_several(jump.values) else 1
    )


def unpacked(block: Block) -> Block:
    """Let a return of what a function of the user's returns give as many values as the others."""
    count = max(map(_counted, returned(block)), default=1)
    return block if count == 1 else _unpacked(block, count)


def _unpacked(block: Block, count: int) -> Block:
    found: list[Node] = []
    for node in block:
        match node:
            case Jump(kind="return", values=Call(function=UserFunction()) as call, header=header):
                held = Variable("results", "staged")
                items = tuple(Item(Read(held), Const(place)) for place in range(count))
                found.append(Statement((Bind(held, call),), header.span, form="made"))
                found.append(replace(node, values=Group("tuple", items, header.span)))
            case If():
                then, otherwise = _unpacked(node.then, count), _unpacked(node.otherwise, count)
                found.append(replace(node, then=then, otherwise=otherwise))
            case Loop():
                body, otherwise = _unpacked(node.body, count), _unpacked(node.otherwise, count)
                found.append(replace(node, body=body, otherwise=otherwise))
            case _:
                found.append(node)
    return tuple(found)


def output_names(columns: list[tuple[Expression, ...]], *, several: bool) -> list[str]:
    """Give names to outputs, by the variables that are returned: one column for each output."""
    named: list[str] = []
    for index, values in enumerate(columns):
        wishes = {
            value.variable.wish
            if isinstance(value, Read) and value.variable.role in ("parameter", "local")
            else ""
            for value in values
        }
        own = f"out{index}" if several else "out"
        wish = wishes.pop() if len(wishes) == 1 else ""
        named.append(wish if wish and wish not in named else own)
    return named


def returned_names(found: list[Jump]) -> list[str]:
    """Give the names of what a function's returns give.

    Raises
    ------
    Refusal
        They give different numbers of values, or one gives none.
    """
    rows: list[tuple[Expression, ...]] = []
    for jump in found:
        if jump.values is None:
            raise Refusal(
                "SD105", "this return gives no value.", "Return a value here too.", jump.header.span
            )
        rows.append(tuple(output.value for output in outputs_of(jump.values, jump.header)))
    if len({len(row) for row in rows}) > 1:
        raise Refusal(
            "SD105",
            "the returns of this function give different numbers of values.",
            "Return the same number of values everywhere.",
            found[-1].header.span,
        )
    columns = list(zip(*rows, strict=True))
    return output_names(columns, several=is_several(found[0].values))


def is_as_written(function: Function, statement: Statement) -> bool:
    """Whether a statement is one of the text, and no return, loop or changed line of it."""
    if statement.form == "made" or statement.span.start in function.rewritten:
        return False
    return not function.source.at(statement.span).startswith(("return", "for ", "while "))
