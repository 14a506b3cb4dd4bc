"""Drops backward lines that nothing needs, and temporaries that say nothing.

Takes the groups of backward lines and the gradients wanted. Gives the groups without dead lines,
with temporaries used once written where they are used. Refuses nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from srcdiff.ir.nodes import (
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Member,
    Read,
    Unpack,
    Variable,
    Write,
)
from srcdiff.ir.walk import same, substitute, variables, walk
from srcdiff.passes.backward import (
    BackwardGroup,
    BackwardIf,
    BackwardLoop,
    BackwardNode,
    Line,
    groups_in,
)
from srcdiff.passes.drawn import is_conditional
from srcdiff.passes.simplify import Simplifier
from srcdiff.rules.helpers import zeros_like
from srcdiff.rules.records import gradients_of


def values(line: Line) -> tuple[Expression, ...]:
    """Give the expressions that a line evaluates."""
    return (line.value, *line.path) if isinstance(line, Write) else (line.value,)


def reads(line: Line) -> list[Variable]:
    """Give the variables that a line reads; an update reads what it updates."""
    found = [variable for value in values(line) for variable in variables(value)]
    return [*found, line.variable] if isinstance(line, Write) else found


def bound_by(line: Line) -> tuple[Variable, ...]:
    """Give the variables that a line gives a value, or changes."""
    targets = line.variables if isinstance(line, Unpack) else (line.variable,)
    return tuple(v for v in targets if v is not None)


def has_effect(line: Line) -> bool:
    """Whether a line calls an object's backward, which leaves gradients on the object."""
    value = line.value
    called = value.function if isinstance(value, Call) else None
    return isinstance(called, Member) or called is gradients_of


def without_dead(nodes: list[BackwardNode], wanted: Iterable[Variable]) -> list[BackwardNode]:
    """Keep only the lines that the wanted gradients depend on."""
    return _kept(nodes, set(wanted))


def _kept(nodes: list[BackwardNode], live: set[Variable]) -> list[BackwardNode]:
    """Give the lines that what is live behind them needs; `live` becomes what is before them."""
    kept: list[BackwardNode] = []
    for node in reversed(nodes):
        match node:
            case BackwardGroup():
                lines = _kept_lines(node.lines, live)
                if lines:
                    kept.append(BackwardGroup(node.statements, lines, node.last))
            case BackwardIf():
                other = set(live)
                then = _kept(node.then, live)
                otherwise = _kept(node.otherwise, other)
                live |= other
                if then or otherwise:
                    kept.append(BackwardIf(node.node, then, otherwise))
            case BackwardLoop():
                while True:
                    start = set(live)
                    body = _kept(node.body, start)
                    if start <= live:
                        break
                    live |= start
                if body:
                    kept.append(BackwardLoop(node.node, body))
    return kept[::-1]


def _kept_lines(given: list[Line], live: set[Variable]) -> list[Line]:
    lines: list[Line] = []
    for line in reversed(given):
        if isinstance(line, Unpack):
            targets = tuple(v if v in live else None for v in line.variables)
            if not any(targets) and not has_effect(line):
                continue
            live -= set(targets) - {None}
            line = Unpack(targets, line.value)
        elif line.variable not in live and not has_effect(line):
            continue
        elif isinstance(line, Bind):
            live.discard(line.variable)
        live.update(reads(line))
        lines.append(line)
    return lines[::-1]


def tidied(
    nodes: list[BackwardNode], named: set[Variable], simplifier: Simplifier
) -> list[BackwardNode]:
    """Write temporaries where they are used, or give them the name that they are bound to."""
    groups = list(groups_in(nodes))
    uses = Counter(v for group in groups for line in group.lines for v in reads(line))
    for group in groups:
        _inline(group, named, uses, simplifier)
        _coalesce(group, named)
    return nodes


def changed(line: Line, change: Callable[[Expression], Expression]) -> Line:
    """Give a line with its expressions changed."""
    match line:
        case Bind():
            return Bind(line.variable, change(line.value))
        case Unpack():
            return Unpack(line.variables, change(line.value))
        case Write():
            path = tuple(change(index) for index in line.path)
            return replace(line, path=path, value=change(line.value))


def substituted(
    nodes: list[BackwardNode], prologue: list[Bind], table: dict[Variable, Expression]
) -> list[Bind]:
    """Put expressions in the place of variables in all lines; give the first lines anew."""
    for group in groups_in(nodes) if table else ():
        group.lines = [changed(line, lambda node: substitute(node, table)) for line in group.lines]
    return [Bind(line.variable, substitute(line.value, table)) for line in prologue]


def _replaced(line: Line, table: dict[Variable, Expression], simplifier: Simplifier) -> Line:
    def change(node: Expression) -> Expression:
        new = substitute(node, table)
        return node if new is node else simplifier.simplify(new)

    return changed(line, change)


def _inline(
    group: BackwardGroup, named: set[Variable], uses: Counter[Variable], simplifier: Simplifier
) -> None:
    written = {line.variable for line in group.lines if isinstance(line, Write)}
    index = 0
    while index < len(group.lines):
        line = group.lines[index]
        index += 1
        if not isinstance(line, Bind) or line.variable in named or line.variable in written:
            continue
        later = [i for i in range(index, len(group.lines)) if line.variable in _names(group, i)]
        if uses[line.variable] != 1 or len(later) != 1:
            continue
        if has_effect(line):
            user = group.lines[index]
            if later[0] != index or _reads_too(user, line) or _may_skip(user, line.variable):
                continue
        between = {v for i in range(index, later[0]) for v in _written(group.lines[i])}
        if between & set(variables(line.value)):
            continue
        user = group.lines[later[0]]
        group.lines[later[0]] = _replaced(user, {line.variable: line.value}, simplifier)
        index -= 1
        del group.lines[index]


def _reads_too(user: Line, line: Bind) -> bool:
    """Whether a line reads what the one before takes an item off: d[-1] += d.pop()."""
    found = {v for value in values(user) for v in variables(value)} - {line.variable}
    if isinstance(user, Write) and user.mode == "add":
        found.add(user.variable)
    return not found.isdisjoint(variables(line.value))


def _may_skip(user: Line, variable: Variable) -> bool:
    """Whether a line reads a variable where it may leave it out, or read it many times."""
    tested = [node for value in values(user) for node in walk(value) if is_conditional(node)]
    return any(variable in variables(node) for node in tested)


def _names(group: BackwardGroup, index: int) -> list[Variable]:
    return [v for value in values(group.lines[index]) for v in variables(value)]


def _written(line: Line) -> tuple[Variable | None, ...]:
    return line.variables if isinstance(line, Unpack) else (line.variable,)


def _coalesce(group: BackwardGroup, named: set[Variable]) -> None:
    """Let a temporary take the name of the gradient that it is bound to first."""
    for position, line in enumerate(group.lines):
        if not isinstance(line, Bind) or not isinstance(line.value, Read):
            continue
        temporary = line.value.variable
        target = line.variable
        made = [i for i, other in enumerate(group.lines[:position]) if temporary in _written(other)]
        if temporary in named or len(made) != 1:
            continue
        first = made[0]
        maker = group.lines[first]
        if isinstance(maker, Write) or _is_changed_before(
            group, first, position, target, temporary
        ):
            continue
        if any(target in _names(group, i) for i in range(position)):
            continue
        if isinstance(maker, Bind):
            group.lines[first] = Bind(target, maker.value)
        else:
            renamed = tuple(target if v is temporary else v for v in maker.variables)
            group.lines[first] = Unpack(renamed, maker.value)
        del group.lines[position]
        for i, other in enumerate(group.lines):
            if i != first:
                group.lines[i] = _renamed(other, temporary, target)
        _coalesce(group, named)
        return


def _is_changed_before(
    group: BackwardGroup, first: int, position: int, target: Variable, temporary: Variable
) -> bool:
    """Whether one of two variables changes while the other is still read."""
    lines = group.lines
    changes = [
        index
        for index in range(first + 1, len(lines))
        if index != position and {target, temporary} & set(_written(lines[index]))
    ]
    if not changes:
        return False
    read = [index for index in range(first + 1, len(lines)) if temporary in reads(lines[index])]
    return changes[0] < position or max(read, default=0) > changes[0]


def _renamed(line: Line, old: Variable, new: Variable) -> Line:
    table: dict[Variable, Expression] = {old: Read(new)}
    return changed(line, lambda node: substitute(node, table))


def without_copy(lines: list[Line], upstream: Variable, adjoint: Variable) -> None:
    """Read a gradient under its own name for as long as it keeps its value."""
    start = next(i for i, line in enumerate(lines) if _binds(line, upstream))
    changes = [i for i in range(start + 1, len(lines)) if _changes(lines[i], adjoint)]
    end = changes[0] if changes else len(lines) - 1
    if any(upstream in reads(line) for line in lines[end + 1 :]):
        return
    table: dict[Variable, Expression] = {upstream: Read(adjoint)}
    for index in range(start + 1, end + 1):
        lines[index] = changed(lines[index], lambda node: substitute(node, table))
    del lines[start]


def _binds(line: Line, variable: Variable) -> bool:
    return isinstance(line, Bind) and line.variable is variable


def _changes(line: Line, variable: Variable) -> bool:
    return not isinstance(line, Unpack) and line.variable is variable


def merged(lines: list[Line], adjoint: Variable) -> None:
    """Write `dx[i] = 0` and `dx[i] += dy` as `dx[i] = dy`."""
    for index in range(len(lines) - 1):
        first, second = lines[index], lines[index + 1]
        if not isinstance(first, Write) or not isinstance(second, Write):
            continue
        blank = isinstance(first.value, Call) and first.value.function is zeros_like
        zero = blank or (isinstance(first.value, Const) and first.value.value == 0)
        zero = zero and first.mode == "set"
        alike = first.variable is second.variable is adjoint and len(first.path) == len(second.path)
        alike = alike and not isinstance(second.value, Choice)  # where it doesn't hold, zero stays
        if zero and alike and second.mode == "add" and all(map(same, first.path, second.path)):
            if adjoint not in {v for value in values(second) for v in variables(value)}:
                lines[index] = Write(adjoint, first.path, second.value, "set")
                del lines[index + 1]
                return
