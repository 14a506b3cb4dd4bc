"""What a backward pass on its own takes over from the forward pass, and what of that it changes.

Takes placed backward code. Gives the variables that it reads before it binds them, and those of
them whose memory it writes into when it restores old values. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from srcdiff.ir.nodes import (
    Call,
    Choice,
    Expression,
    Group,
    Item,
    Member,
    Read,
    Unpack,
    Variable,
    Write,
)
from srcdiff.ir.walk import variables, walk
from srcdiff.passes.backward import (
    BackwardGroup,
    BackwardIf,
    BackwardLoop,
    BackwardNode,
    Line,
    groups_in,
)
from srcdiff.passes.cleanup import reads, values
from srcdiff.passes.share import VIEWS

Depth = Literal["flat", "deep"]


def read_first(nodes: list[BackwardNode], live: Iterable[Variable]) -> set[Variable]:
    """Give the variables that code needs from before it, from those needed after it."""
    found = set(live)
    for node in reversed(nodes):
        match node:
            case BackwardGroup():
                for line in reversed(node.lines):
                    found -= set(_bound(line))
                    found |= set(reads(line))
            case BackwardIf():
                found = read_first(node.then, found) | read_first(node.otherwise, found)
                found |= set(variables(node.test)) if node.test is not None else set()
            case BackwardLoop():
                found = _read_first_in(node, found)
    return found


def _read_first_in(loop: BackwardLoop, live: set[Variable]) -> set[Variable]:
    head = set(live)
    while True:
        start = read_first(loop.body, head) - {loop.index}
        if start <= head:
            break
        head |= start
    return head | (set(variables(loop.sequence)) if loop.sequence is not None else set())


def _bound(line: Line) -> tuple[Variable, ...]:
    if isinstance(line, Write):
        return ()
    targets = line.variables if isinstance(line, Unpack) else (line.variable,)
    return tuple(v for v in targets if v is not None)


def bound_in(nodes: list[BackwardNode]) -> set[Variable]:
    """Give the variables that code assigns."""
    return {v for group in groups_in(nodes) for line in group.lines for v in _bound(line)}


def changed_in_place(nodes: list[BackwardNode]) -> dict[Variable, Depth]:
    """Give the variables whose contents code changes, and whether inside of what they hold.

    What is taken from a variable and then changed is changed inside of it.
    """
    found: dict[Variable, Depth] = {}
    inside: set[Variable] = set()
    for group in groups_in(nodes):
        for line in group.lines:
            if isinstance(line, Write):
                inner = line.mode in ("append", "pop")
                _note(found, line.variable, deep=len(line.path) + inner > 1)
                if line.path or inner:  # the rest, as `+=`, is told apart by `share`
                    inside.add(line.variable)
            for tree in values(line):
                for node in walk(tree):
                    if isinstance(node, Call) and node.function == Member("pop"):
                        owner = node.arguments[0]
                        for variable in variables(owner):
                            _note(found, variable, deep=not isinstance(owner, Read))
    _follow_back(list(_taken(nodes)), inside, found)
    return found


def _follow_back(
    taken: list[tuple[Variable, Expression]], inside: set[Variable], found: dict[Variable, Depth]
) -> None:
    """Note the variables from which those come that are changed inside, to any depth."""
    before = -1
    while before != len(inside):
        before = len(inside)
        for variable, value in taken:
            if variable in inside:
                for source in _lying_in(value):
                    deep = not isinstance(value, Read) or found.get(variable) == "deep"
                    _note(found, source, deep=deep)
                    inside.add(source)


def _taken(nodes: list[BackwardNode]) -> Iterator[tuple[Variable, Expression]]:
    """Give each variable with the values that it is bound to."""
    for node in nodes:
        match node:
            case BackwardGroup():
                for line in node.lines:
                    if not isinstance(line, Write):
                        yield from ((variable, line.value) for variable in _bound(line))
            case BackwardIf():
                yield from _taken([*node.then, *node.otherwise])
            case BackwardLoop():
                if node.index is not None and node.sequence is not None:
                    yield node.index, node.sequence
                yield from _taken(node.body)


def _lying_in(value: Expression) -> Iterator[Variable]:
    """Give the variables in whose memory a value may lie."""
    match value:
        case Read(variable=variable):
            yield variable
        case Item(value=inner):
            yield from _lying_in(inner)
        case Choice(then=then, otherwise=otherwise):
            yield from _lying_in(then)
            yield from _lying_in(otherwise)
        case Group(items=items):
            yield from (variable for item in items for variable in _lying_in(item))
        case Call(function=function, arguments=(inner, *_)):
            if function == Member("pop") or function in VIEWS:
                yield from _lying_in(inner)


def _note(found: dict[Variable, Depth], variable: Variable, *, deep: bool) -> None:
    if deep or variable not in found:
        found[variable] = "deep" if deep else "flat"


def taken_over(nodes: list[BackwardNode], last: Iterable[Variable]) -> list[Variable]:
    """Give the variables that backward code reads first and binds later or never, as they come."""
    last = list(last)
    first = read_first(nodes, last)
    return [v for v in dict.fromkeys([*_reads_in(nodes), *last]) if v in first]


def _reads_in(nodes: list[BackwardNode]) -> Iterator[Variable]:
    for node in nodes:
        match node:
            case BackwardGroup():
                for line in node.lines:
                    yield from reads(line)
            case BackwardIf():
                yield from variables(node.test) if node.test is not None else ()
                yield from _reads_in(node.then)
                yield from _reads_in(node.otherwise)
            case BackwardLoop():
                yield from variables(node.sequence) if node.sequence is not None else ()
                yield from _reads_in(node.body)
