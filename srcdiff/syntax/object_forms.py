"""What objects must have in common to stand in one list, and what their lists are called.

Takes objects, and lists of them. Gives what is compared; names for variables. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from srcdiff.ir.nodes import Const, Expression, Item, Read, Variable
from srcdiff.syntax.closures import Static, is_static
from srcdiff.syntax.instance import Instance, Several


def inner_objects(held: Instance) -> Iterator[Instance]:
    """Give the objects that an object holds, and those that these do."""
    for value in held.fields.values():
        if isinstance(value, Instance):
            yield value
            yield from inner_objects(value)


def form(held: Instance) -> dict[str, object]:
    """Give what of an object must be alike in a list."""
    return {name: _kind(value) for name, value in held.fields.items()}


def _kind(value: object) -> object:
    if isinstance(value, Instance):
        return (value.cls, _in_order(form(value)))
    if isinstance(value, Several):
        return (value.cls, "list", _in_order(form_of(value)))
    if isinstance(value, Const) and is_static(value):
        return value.value
    return value if is_static(value) else None


def _in_order(found: dict[str, object]) -> tuple[tuple[str, object], ...]:
    return tuple(sorted(found.items(), key=lambda entry: entry[0]))


def form_of(whole: Several) -> dict[str, object]:
    """Give what the objects of a list have alike."""
    found: dict[str, object] = {}
    for name, held in whole.lists.items():
        if isinstance(held, Several) and not held.rows:
            found[name] = (held.cls, _in_order(form_of(held)))
        else:
            found[name] = None if isinstance(held, Variable) else _kind(held)
    return found


def at_path(variable: Variable, path: tuple[Expression, ...]) -> Expression:
    """Give what lies in a variable, at one index after the other."""
    found: Expression = Read(variable)
    for index in path:
        found = Item(found, index)
    return found


def columns(value: Instance | Several) -> dict[str, Expression | Static]:
    """Give what an object has of each field, or what the objects of a list have of it."""
    if isinstance(value, Instance):
        return value.fields
    return {
        name: at_path(held, value.within)
        if isinstance(held, Variable)
        else held.seen(value.within)
        if isinstance(held, Several)
        else held
        for name, held in value.lists.items()
    }


def wished(held: Several, wish: str) -> None:
    """Let the lists of a list of objects be named after it."""
    if held.token.wish or held.within:
        return
    held.token.wish = wish
    for name, own in held.lists.items():
        if isinstance(own, Variable):
            own.wish = f"{wish}_{name}"
        elif isinstance(own, Several):
            own.token.wish = ""
            wished(own, f"{wish}_{name}")
