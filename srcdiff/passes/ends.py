"""The outputs of a function that returns nothing: the arguments that it writes into.

Takes a function as read, in which each name is one variable. Gives parameters. Refuses one whose
name comes to stand for something else.
"""

from __future__ import annotations

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Attribute,
    Call,
    Choice,
    Expression,
    Function,
    Group,
    Item,
    Read,
    Statement,
    Variable,
)
from srcdiff.passes.views import views


def ends_of(function: Function) -> list[Variable]:
    """Give the parameters whose contents at the end are the outputs."""
    written = {w.variable for s in function.statements for w in s.writes}
    updated = {
        bind.variable
        for statement in function.statements
        if statement.form == "update"
        for bind in statement.binds
    }
    parameters = [p.variable for p in function.parameters]
    certain = written | updated | _parts_of(function, written, certain=True)
    found = [v for v in parameters if v in certain]
    if not found:  # by way of names for what may be parts
        changed = _parts_of(function, written | updated)
        found = [v for v in parameters if v in changed]
    found = [v for v in found if not _is_another_first(function, v)]
    if not function.asked:
        return found
    by_name = {v.wish: v for v in found}
    return [by_name[name] for name in function.asked if name in by_name]


def check_ends(function: Function) -> None:
    """Refuse outputs whose names come to stand for something else than the argument.

    Raises
    ------
    Refusal
        The first of these assignments.
    """
    for parameter in ends_of(function):
        for statement in _others(function, parameter):
            raise Refusal(
                "SD110",
                f"{parameter.wish} is written into, and then stands for something else: the "
                "output is what the argument holds at the end.",
                f"Give the other value a name of its own, or return {parameter.wish}.",
                statement.span,
            )


def _is_another_first(function: Function, parameter: Variable) -> bool:
    """Whether a parameter's name stands for something else before anything is written."""
    others = _others(function, parameter)
    for node in function.body:
        if not isinstance(node, Statement) or node.writes or node.form == "update":
            return False
        if any(node is statement for statement in others):
            return True
    return False


def _others(function: Function, parameter: Variable) -> list[Statement]:
    """Give the statements that let a parameter's name stand for something else."""
    return [
        statement
        for statement in function.statements
        for bind in statement.binds
        if bind.variable is parameter and statement.form != "update"
        if not _is_itself(bind.value, parameter)
    ]


def _is_itself(value: Expression, parameter: Variable) -> bool:
    """Whether a value is a parameter's, as an array."""
    if isinstance(value, Call) and value.function in (np.asarray, np.asanyarray):
        value = value.arguments[0]
    return isinstance(value, Read) and value.variable is parameter


def _parts_of(function: Function, found: set[Variable], *, certain: bool = False) -> set[Variable]:
    """Give the names that other names may stand for a part of, or for the whole.

    `certain` leaves out what may be copies: of entries that an array or a list of indices picks.
    """
    sources: dict[Variable, set[Variable]] = {}
    for statement in function.statements:
        for bind in statement.binds:
            if statement.form != "update" and not (certain and _may_pick(bind.value)):
                sources.setdefault(bind.variable, set()).update(views(bind.value))
    pending = list(found)
    reached = set(found)
    while pending:
        new = sources.get(pending.pop(), set()) - reached
        reached |= new
        pending += new
    return reached


def _may_pick(value: Expression) -> bool:
    """Whether a part may be a copy, because of its index."""
    while isinstance(value, (Item, Attribute)):
        index = value.index if isinstance(value, Item) else None
        tupled = isinstance(index, Group) and index.kind == "tuple"
        parts = index.items if isinstance(index, Group) and tupled else (index,)
        if any(isinstance(part, (Call, Choice)) or _is_list(part) for part in parts):
            return True
        value = value.value
    return not isinstance(value, Read)


def _is_list(part: Expression | None) -> bool:
    return isinstance(part, Group) and part.kind != "slice"
