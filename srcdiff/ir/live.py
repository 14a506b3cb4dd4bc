"""Which variables a block needs from before it."""

from __future__ import annotations

from collections.abc import Iterable

from srcdiff.ir.nodes import (
    Bind,
    Block,
    Expression,
    Function,
    If,
    Jump,
    Loop,
    Statement,
    Variable,
)
from srcdiff.ir.walk import variables


def live_before(statement: Statement, live: Iterable[Variable]) -> set[Variable]:
    """Give the variables that are needed before a statement, from those needed after it."""
    found = set(live)
    for write in statement.writes:
        found.add(write.variable)
        found |= read_in([write.value, *write.path])
    if statement.form == "swap":
        found -= {bind.variable for bind in statement.binds}
        return found | read_in([bind.value for bind in statement.binds])
    for bind in reversed(statement.binds):
        found.discard(bind.variable)
        found |= set(variables(bind.value))
    return found


def read_in(trees: Iterable[Expression]) -> set[Variable]:
    """Give the variables that expressions read."""
    return {variable for tree in trees for variable in variables(tree)}


def live_into(block: Block, live: Iterable[Variable]) -> set[Variable]:
    """Give the variables that are needed at a block's start, from those needed at its end."""
    found = set(live)
    for node in reversed(block):
        match node:
            case Statement():
                found = live_before(node, found)
            case If():
                found = live_into(node.then, found) | live_into(node.otherwise, found)
                found |= set(variables(node.test))
            case Loop():
                found = live_at_head(node, found) | found
            case Jump(kind="raise", values=said):
                found = set(variables(said)) if said is not None else set()
            case Jump(values=values) if values is not None:
                found |= set(variables(values))
    return found


def live_at_head(loop: Loop, live: Iterable[Variable]) -> set[Variable]:
    """Give the variables that are needed where a loop decides on another round."""
    after = set(live) | ({loop.rounds} if loop.rounds is not None else set())
    head = set(after)
    while True:
        if loop.test is not None:
            head |= set(variables(loop.test))
        start = live_before(loop.header, live_into(loop.body, head))
        if loop.sequence is not None:
            start -= {loop.index}
            start |= set(variables(loop.sequence))
        if start <= head:
            return head
        head |= start


def live_after(function: Function) -> dict[int, set[Variable]]:
    """Give the variables that are read after each statement, by the statement's id."""
    found: dict[int, set[Variable]] = {}

    def follow(block: Block, live: set[Variable]) -> set[Variable]:
        for node in reversed(block):
            match node:
                case Statement():
                    found[id(node)] = set(live)
                    live = live_before(node, live)
                case If():
                    then = follow(node.then, live)
                    live = then | follow(node.otherwise, live)
                    live |= set(variables(node.test))
                case Loop():
                    live = follow_loop(node, live)
                case Jump(values=values) if values is not None:
                    live = live | set(variables(values))
        return live

    def follow_loop(loop: Loop, live: set[Variable]) -> set[Variable]:
        head = follow(loop.otherwise, live) | live
        head |= read_in(tree for tree in (loop.sequence, loop.test) if tree is not None)
        while True:
            start = follow(loop.body, head)
            found[id(loop.header)] = set(start)
            start = live_before(loop.header, start)
            if start <= head:
                return head
            head = head | start

    follow(function.body, read_in(function.values))
    return found


def needed_of(binds: list[Bind], needed: set[Variable], *, at_once: bool) -> list[Bind]:
    """Give the assignments of a statement that are needed, also for later ones in it.

    `at_once` says that all values are computed before the first is assigned.
    """
    found: list[Bind] = []
    read = set(needed)
    for bind in reversed(binds):
        if bind.variable in read:
            found.insert(0, bind)
            if not at_once:
                read.update(variables(bind.value))
    return found
