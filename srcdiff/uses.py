"""What each line of a derivation reads and binds, in the order of the text, for names."""

from __future__ import annotations

from bisect import bisect_right

from srcdiff.ir.nodes import Unpack, Variable
from srcdiff.ir.walk import variables
from srcdiff.passes.backward import BackwardGroup, BackwardIf, BackwardLoop, BackwardNode, Line
from srcdiff.passes.cleanup import bound_by, reads
from srcdiff.passes.forward_nodes import (
    ForwardIf,
    ForwardLoop,
    ForwardNode,
    TangentLine,
    read_by_write,
)
from srcdiff.passes.name import Use
from srcdiff.passes.record import ForwardLine
from srcdiff.passes.unpacking import unpacks
from srcdiff.pipeline import Derivation


def uses_of(derivation: Derivation) -> list[Use]:
    """Give what each line reads and binds, in the order of the text."""
    uses: list[Use] = []
    loops: list[tuple[Use, Use]] = []
    _forward_uses(derivation.forward, uses, loops)
    uses.append(Use((), ()))
    for bind in derivation.prologue:
        uses.append(Use(tuple(variables(bind.value)), (bind.variable,)))
    _backward_uses(derivation.groups, uses, loops)
    _keep_past(uses, loops)
    return uses


def _keep_past(uses: list[Use], loops: list[tuple[Use, Use]]) -> None:
    """Let what is read behind a loop keep the value that it had before: there may be no round."""
    places = {id(use): place for place, use in enumerate(uses)}
    events: dict[Variable, list[int]] = {}
    for place, use in enumerate(uses):
        for variable in dict.fromkeys((*use.reads, *use.binds)):
            events.setdefault(variable, []).append(place)
    for first, last in sorted(loops, key=lambda loop: -places[id(loop[0])]):
        start, end = places[id(first)], places[id(last)]

        def is_kept(variable: Variable, start: int = start, end: int = end) -> bool:
            found = events[variable]
            behind = bisect_right(found, end)
            earlier = found[0] < start and behind < len(found)
            return earlier and variable in uses[found[behind]].reads

        kept = tuple(v for v in first.binds if is_kept(v))
        if kept:
            bound = tuple(v for v in first.binds if v not in kept)
            uses[start] = Use((*first.reads, *kept), bound)


def _forward_uses(nodes: list[ForwardNode], uses: list[Use], loops: list[tuple[Use, Use]]) -> None:
    for node in nodes:
        match node:
            case ForwardLine():
                uses += _line_uses(node)
            case TangentLine(line=line):
                uses.append(_use_of(line))
            case ForwardIf():
                uses.append(Use(tuple(variables(node.test)), ()))
                start = len(uses)
                _forward_uses(node.then, uses, loops)
                middle = len(uses)
                _forward_uses(node.otherwise, uses, loops)
                _join(uses, start, middle)
            case ForwardLoop():
                read = [v for t in (node.sequence, node.test) if t for v in variables(t)]
                start = len(uses)
                loop = node.node
                own = (loop.index,) if loop.index is not None else ()
                uses.append(Use(tuple(read), own))
                _forward_uses(node.first, uses, loops)
                uses.append(Use(own, tuple(bind.variable for bind in loop.header.binds)))
                _forward_uses(node.body, uses, loops)
                loops.append(_close(uses, start))


def _line_uses(line: ForwardLine) -> list[Use]:
    """Give the uses of a line: one for each assignment, unless all are made at once."""
    written = [v for w in line.writes for v in read_by_write(w)]
    form = line.statement.form
    if form == "swap" or (form == "unpack" and unpacks(line.binds)) or len(line.binds) < 2:
        read = [v for b in line.binds for v in variables(b.value)]
        return [Use((*read, *written), tuple(b.variable for b in line.binds))]
    uses = [Use(tuple(variables(b.value)), (b.variable,)) for b in line.binds]
    return [*uses, Use(tuple(written), ())] if written else uses


def _backward_uses(
    nodes: list[BackwardNode], uses: list[Use], loops: list[tuple[Use, Use]]
) -> None:
    for node in nodes:
        match node:
            case BackwardGroup():
                for line in node.lines:
                    uses.append(_use_of(line))
            case BackwardIf():
                uses.append(Use(tuple(variables(node.test)) if node.test else (), ()))
                start = len(uses)
                _backward_uses(node.then, uses, loops)
                middle = len(uses)
                _backward_uses(node.otherwise, uses, loops)
                _join(uses, start, middle)
            case BackwardLoop():
                start = len(uses)
                read = tuple(variables(node.sequence)) if node.sequence else ()
                bound = (node.index,) if node.index is not None else ()
                uses.append(Use(read, bound))
                _backward_uses(node.body, uses, loops)
                loops.append(_close(uses, start))


def _use_of(line: Line) -> Use:
    leaves_out = isinstance(line, Unpack) and None in line.variables
    return Use(tuple(reads(line)), bound_by(line), leaves_out)


def _close(uses: list[Use], start: int) -> tuple[Use, Use]:
    """Let what a loop reads and binds live through the whole loop; give what marks its ends."""
    first: dict[Variable, bool] = {}
    for use in uses[start:]:
        for variable in use.reads:
            first.setdefault(variable, True)
        for variable in use.binds:
            first.setdefault(variable, False)
    read = tuple(variable for variable, reading in first.items() if reading)
    bound = tuple(variable for variable, reading in first.items() if not reading)
    opening, closing = Use(read, bound), Use(tuple(first), ())
    uses.insert(start, opening)
    uses.append(closing)
    return opening, closing


def _join(uses: list[Use], start: int, middle: int) -> None:
    """Let what an if binds keep the value that it had before: the branch may not be taken.

    What both branches bind, the second from `middle` on, lives to the end of each.
    """
    before = {v for use in uses[:start] for v in (*use.reads, *use.binds)}
    inside = dict.fromkeys(v for use in uses[start:] for v in (*use.reads, *use.binds))
    kept = tuple(variable for variable in inside if variable in before)
    other = {v for use in uses[middle:] for v in use.binds}
    both = dict.fromkeys(v for use in uses[start:middle] for v in use.binds if v in other)
    uses.insert(middle, Use(tuple(both), ()))
    uses.insert(start, Use(kept, ()))
    uses.append(Use(kept, ()))
