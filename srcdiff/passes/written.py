"""What statements write in place, and under which names.

Takes statements, or a function. Gives the variables in whose memory they write. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Function,
    Group,
    Read,
    Statement,
    Variable,
    Write,
    leaves,
)
from srcdiff.passes.infer import Types
from srcdiff.passes.private import DEEPEST, held_parts
from srcdiff.passes.views import views


def updated(bind: Bind) -> Variable:
    """Give the variable whose value an augmented assignment changes."""
    assert isinstance(bind.value, Call)
    (old, *_) = bind.value.arguments
    assert isinstance(old, Read)
    return old.variable


def changed_in_place(statement: Statement) -> list[Variable]:
    """Give the variables in whose memory a statement writes, or may write."""
    found = [w.variable for w in statement.writes if not resizes(w)]
    if statement.form == "update":
        found.append(updated(statement.binds[-1]))
    return found


def resizes(write: Write) -> bool:
    """Whether a write makes a list longer or shorter."""
    return write.mode in ("append", "pop")


def changes_length(write: Write) -> bool:
    """Whether so many items are written out that a list has another length after it."""
    match write.path, write.value:
        case (Group(kind="slice", items=bounds),), Group(kind="list" | "tuple", items=items):
            match [bound.value if isinstance(bound, Const) else "" for bound in bounds]:
                case [int() | None as first, int() as last, None]:
                    count = last - (first or 0)
                    return (first or 0) >= 0 and count >= 0 and count != len(items)
    return False


def sets_entry(write: Write, types: Types) -> bool:
    """Whether a write puts something else into a list or a dict, and changes what lay there not."""
    anew = write.mode in ("set", "del") and not write.updates and len(write.path) == 1
    return anew and types.guess(Read(write.variable)).form in ("list", "dict")


def changed_anywhere(
    function: Function,
    expansions: Mapping[Expression, Expression] = MappingProxyType({}),
    *,
    resized: bool = False,
) -> set[Variable]:
    """Give the variables that stand, anywhere, for memory in which something writes.

    `resized` says whether lists that become longer or shorter count too.
    """
    changed: set[Variable] = set()
    joined: dict[Variable, set[Variable]] = {}
    for statement in leaves(function.body):
        changed.update(changed_in_place(statement))
        if resized:
            changed.update(write.variable for write in statement.writes)
        given = [(bind.variable, bind.value) for bind in statement.binds]
        given += [(write.variable, write.value) for write in statement.writes]
        for variable, value in given:
            for source in views(value, expansions):
                joined.setdefault(variable, set()).add(source)
                joined.setdefault(source, set()).add(variable)
    pending = list(changed)
    while pending:
        for other in joined.get(pending.pop(), ()):
            if other not in changed:
                changed.add(other)
                pending.append(other)
    return changed


def beside(function: Function, types: Types) -> dict[Variable, set[Variable]]:
    """Give, for each list that gets other items, or more or fewer, what else it may be seen in.

    That is its other names, and what may hold it. What it holds itself stays as it is.
    """
    changed = {
        write.variable
        for statement in function.statements
        for write in statement.writes
        if resizes(write) or sets_entry(write, types)
    }
    if not changed:
        return {}
    same: dict[Variable, set[Variable]] = {}
    holders: dict[Variable, set[Variable]] = {}
    sharing: dict[Variable, set[Variable]] = {}  # hold the same items, and aren't the same
    for variable, source, steps, place in _links(function, types):
        if steps and place:
            sharing.setdefault(variable, set()).add(source)
            sharing.setdefault(source, set()).add(variable)
        elif steps:
            holders.setdefault(variable, set()).add(source)
        elif place:
            holders.setdefault(source, set()).add(variable)
        else:
            same.setdefault(variable, set()).add(source)
            same.setdefault(source, set()).add(variable)
    found: dict[Variable, set[Variable]] = {}
    for variable in changed:
        reached = {(variable, False)}
        pending = list(reached)
        while pending:
            named, inside = pending.pop()
            new = {(v, inside) for v in same.get(named, ())}
            new |= {(v, True) for v in holders.get(named, ())}
            new |= {(v, True) for v in sharing.get(named, ()) if inside}
            pending += new - reached
            reached |= new
        found[variable] = {v for v, _ in reached} - {variable}
    return found


def beside_inner(function: Function, types: Types) -> dict[tuple[Variable, int], set[Variable]]:
    """Give, for each list in a container that gets more items or fewer, what else it is seen in.

    The keys are the container and how deep in it the list lies.
    """
    changed = {
        (write.variable, len(write.path))
        for statement in function.statements
        for write in statement.writes
        if resizes(write) and write.path
    }
    links = list(_links(function, types)) if changed else []
    found: dict[tuple[Variable, int], set[Variable]] = {}
    for start in changed:
        reached = {start}
        pending = [start]
        while pending:
            named, depth = pending.pop()
            for variable, source, steps, place in links:
                new: set[tuple[Variable, int]] = set()
                if source is named and depth >= steps:
                    new.add((variable, min(depth - steps + place, DEEPEST)))
                if variable is named and depth >= place:
                    new.add((source, min(depth - place + steps, DEEPEST)))
                pending += new - reached
                reached |= new
        found[start] = {variable for variable, _ in reached} - {start[0]}
    return found


def _links(function: Function, types: Types) -> Iterator[tuple[Variable, Variable, int, int]]:
    """Give which variables hold, or are, what others stand for: how deep in each of the two."""
    for statement in function.statements:
        lines: tuple[Bind | Write, ...] = (*statement.binds, *statement.writes)
        for line in lines:
            if types.guess(line.value).form != "scalar":
                for source, steps, place in held_parts(line, types):
                    yield line.variable, source, steps, place
