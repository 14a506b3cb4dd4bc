"""Drops what nothing needs from forward mode, and keeps the caller's arrays as they are.

Takes the nodes of forward mode and what is returned. Gives those that it depends on, with copies of
the parameters that are written into and of tangents that would share memory with an argument.
Refuses nothing.
"""

from __future__ import annotations

import operator
from dataclasses import replace

import numpy as np

from srcdiff.ir.nodes import (
    Bind,
    Call,
    Expression,
    Function,
    Group,
    Member,
    Read,
    Unpack,
    Variable,
    Write,
)
from srcdiff.ir.types import is_container
from srcdiff.ir.walk import variables, with_values
from srcdiff.passes.cleanup import reads
from srcdiff.passes.drawn import is_drawn
from srcdiff.passes.forward_nodes import (
    ForwardIf,
    ForwardJump,
    ForwardLoop,
    ForwardNode,
    TangentLine,
    forward_lines,
    read_by_write,
    tangent_lines,
)
from srcdiff.passes.infer import Types
from srcdiff.passes.memory import Memory
from srcdiff.passes.record import ForwardLine
from srcdiff.passes.seed import may_be_container
from srcdiff.passes.views import views
from srcdiff.rules import helpers


class Needed:
    """What the results of one function depend on.

    Parameters
    ----------
    memory
        Of the function's variables.
    tangents
        The tangent of each variable: what shares memory with a variable, so does its tangent.
    """

    def __init__(self, memory: Memory, tangents: dict[Variable, Variable]) -> None:
        self.beside = dict(memory.ever)
        for variable, others in memory.ever.items():
            if variable in tangents:
                found = {tangents[v] for v in others if v in tangents}
                self.beside[tangents[variable]] = found
        self.left: set[Variable] = set()

    def kept(self, nodes: list[ForwardNode], live: set[Variable]) -> list[ForwardNode]:
        """Give the nodes that what is live behind them needs; `live` becomes what is before."""
        found: list[ForwardNode] = []
        for node in reversed(nodes):
            kept = self._node(node, live)
            if kept is not None:
                found.append(kept)
        return found[::-1]

    def _node(self, node: ForwardNode, live: set[Variable]) -> ForwardNode | None:
        match node:
            case ForwardLine():
                return node if self._line(node, live) else None
            case TangentLine(line=Write() as line):
                if not self._is_live(line.variable, live):
                    return None
                live.update(reads(line))
            case TangentLine(line=Bind() | Unpack() as line):
                bound = line.variables if isinstance(line, Unpack) else (line.variable,)
                if live.isdisjoint(bound):
                    return None
                live.difference_update(bound)
                live.update(reads(line))
            case ForwardIf():
                return self._if(node, live)
            case ForwardLoop():
                return self._loop(node, live)
            case ForwardJump(jump=jump):
                live |= self.left
                live.update(variables(jump.values) if jump.values is not None else ())
        return node

    def _is_live(self, variable: Variable, live: set[Variable]) -> bool:
        return variable in live or not live.isdisjoint(self.beside.get(variable, ()))

    def _line(self, node: ForwardLine, live: set[Variable]) -> bool:
        bound = {bind.variable for bind in node.binds}
        written = any(self._is_live(write.variable, live) for write in node.writes)
        draws = any(is_drawn(bind.value) for bind in node.binds)  # each moves the generator on
        if live.isdisjoint(bound) and not (written or draws) and node.statement.form != "guard":
            return False
        for write in reversed(node.writes):
            live.update(read_by_write(write))
        if node.statement.form == "swap":
            live -= bound
            live.update(v for bind in node.binds for v in variables(bind.value))
        else:
            for bind in reversed(node.binds):
                live.discard(bind.variable)
                live.update(variables(bind.value))
        return True

    def _if(self, node: ForwardIf, live: set[Variable]) -> ForwardNode | None:
        other = set(live)
        then = self.kept(node.then, live)
        otherwise = self.kept(node.otherwise, other)
        live |= other
        if not then and not otherwise:
            return None
        live.update(variables(node.test))
        return replace(node, then=then, otherwise=otherwise)

    def _loop(self, node: ForwardLoop, live: set[Variable]) -> ForwardNode | None:
        outer, after = self.left, set(live)
        head = set(live)
        trees = [tree for tree in (node.sequence, node.test) if tree is not None]
        read = {v for tree in trees for v in variables(tree)}
        while True:
            self.left = after | head | read
            start = set(self.left)
            body = self.kept(node.body, start)
            for bind in reversed(node.node.header.binds):
                start.discard(bind.variable)
                start.update(variables(bind.value))
            if start - {node.node.index} <= head:
                break
            head |= start - {node.node.index}
        self.left = outer
        own = {node.node.index, *(bind.variable for bind in node.node.header.binds)}
        if all(map(_only_jumps, body)) and own.isdisjoint(after):
            live.clear()
            live.update(after)
            return None
        live |= head | read
        return replace(node, body=body)


def _only_jumps(node: ForwardNode) -> bool:
    """Whether a node does nothing but end a loop or a round of it."""
    match node:
        case ForwardJump(jump=jump):
            return jump.kind != "raise"
        case ForwardIf():
            return all(map(_only_jumps, (*node.then, *node.otherwise)))
    return False


class Separated:
    """Copies where forward mode would change or give back the caller's memory."""

    def __init__(
        self, function: Function, types: Types, memory: Memory, tangents: dict[Variable, Variable]
    ) -> None:
        self.function = function
        self.types = types
        self.memory = memory
        self.tangents = tangents
        self.copied: set[Variable] = set()

    def copies(self, nodes: list[ForwardNode], sources: list[Variable]) -> list[ForwardNode]:
        """Give copies of the parameters that are written into, and of their tangents."""
        written = {w.variable for line in forward_lines(nodes) for w in line.writes}
        written |= self.memory.callers(written)
        found: list[ForwardNode] = []
        for parameter in self.function.parameters:
            variable = parameter.variable
            form = self.types.of(Read(variable)).form
            if variable not in written or form == "tuple":
                continue
            header = replace(self.function.result, binds=())
            copied = Bind(variable, self._own(Read(variable)))
            found.append(ForwardLine(header, (copied,), False))
            if variable in sources and variable in self.tangents:
                tangent = self.tangents[variable]
                self.copied.add(tangent)
                found.append(TangentLine(Bind(tangent, self._own(Read(tangent)))))
        return found

    def _own(self, value: Read) -> Expression:
        """Give a copy of what is written into, and so is a container."""
        if self.types.of(value).form == "any":
            return Call(Member("copy"), (value,), (), "method")
        return copy_of(value, self.types)

    def ends(
        self, nodes: list[ForwardNode], tangents: list[Expression], outputs: list[Expression]
    ) -> list[Expression]:
        """Give the returned tangents, of the outputs' structure.

        One that may lie in a caller's memory is copied.
        """
        sources: dict[Variable, set[Variable]] = {}
        for line in tangent_lines(nodes):
            if isinstance(line, Bind):
                sources.setdefault(line.variable, set()).update(views(line.value))
        parameters = [p.variable for p in self.function.parameters]
        taken = {self.tangents[v] for v in parameters if v in self.tangents} - self.copied
        found: list[Expression] = []
        for tangent, output in zip(tangents, outputs, strict=True):
            reached = _reached(views(tangent), sources)
            held = is_container(self.types.of(tangent))  # what it holds isn't followed
            own = copy_of(tangent, self.types) if reached & taken or held else tangent
            if not held and may_be_container(output, self.types, self.function):
                own = Call(helpers.copy_of, (tangent,))
            record = self.types.of(output).record is not None
            found.append(Call(helpers.structured, (own, output)) if record else own)
            taken |= reached
        return found


def copy_of(value: Expression, types: Types) -> Expression:
    """Give a copy of a tangent; a number is as it is."""
    known = types.of(value)
    if known.form == "scalar":
        return value
    copied: Expression
    if known.form == "array":
        copied = Call(np.copy, (value,))
    elif isinstance(value, Group) and value.kind != "slice":
        copied = with_values(value, lambda item: copy_of(item, types))
    elif is_container(known):
        flat = known.form in ("list", "tuple") and known.rank == 1
        copied = Call(list if flat else helpers.copy_of, (value,))
    else:
        copied = Call(operator.pos, (value,), (), "operator")
    types.note(copied, known)
    return copied


def _reached(start: set[Variable], sources: dict[Variable, set[Variable]]) -> set[Variable]:
    """Give the variables in whose memory a value may lie."""
    reached = set(start)
    pending = list(reached)
    while pending:
        for source in sources.get(pending.pop(), ()):
            if source not in reached:
                reached.add(source)
                pending.append(source)
    return reached
