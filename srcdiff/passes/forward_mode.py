"""Forward mode: each statement with the line of its tangent.

Takes a function over variables, its types, its memory and the tangents of its expressions. Gives
the statements as they are written, each with its tangent lines before or behind it, and the
returned values and tangents. Refuses what no rule covers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from srcdiff.diagnostics import Problems
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    Function,
    Group,
    If,
    Loop,
    Node,
    Output,
    Read,
    Statement,
    Unpack,
    Variable,
    Write,
)
from srcdiff.ir.returned import is_as_written
from srcdiff.ir.walk import loops, substitute, variables
from srcdiff.passes.backward import Line
from srcdiff.passes.cleanup import bound_by, changed, reads
from srcdiff.passes.forward_live import copy_of
from srcdiff.passes.forward_nodes import (
    ForwardIf,
    ForwardJump,
    ForwardLoop,
    ForwardNode,
    TangentLine,
)
from srcdiff.passes.forward_results import named_at_once, unpacked, without_dead
from srcdiff.passes.infer import Types
from srcdiff.passes.memory import Memory, written_anywhere
from srcdiff.passes.placer import Beside, Placer
from srcdiff.passes.record import ForwardLine
from srcdiff.passes.suggest import suggest
from srcdiff.passes.tangent import Tangents
from srcdiff.passes.unpacking import unpacks
from srcdiff.passes.views import views


@dataclass(slots=True)
class Pushed:
    """A function with its tangents.

    Parameters
    ----------
    nodes
        The statements and the tangent lines.
    outputs, tangents
        What is returned.
    wishes
        What variables that the source didn't name would like to be called.
    """

    nodes: list[ForwardNode]
    outputs: list[Expression]
    tangents: list[Expression]
    wishes: dict[Variable, str]


class ForwardMode:
    """Writes the forward mode of one function."""

    def __init__(
        self,
        function: Function,
        types: Types,
        memory: Memory,
        tangents: Tangents,
        problems: Problems,
    ) -> None:
        self.function = function
        self.types = types
        self.memory = memory
        self.tangents = tangents
        self.problems = problems
        self.placer = Placer(function, types)
        self.owners = {tangent: v for v, tangent in tangents.variables.items()}
        self.written = written_anywhere(function, memory)
        self.lines: dict[int, list[Line]] = {}
        self.beside: dict[int, Beside] = {}
        self.merged: set[int] = set()

    def pushed(self, sources: list[Variable]) -> Pushed:
        """Give the function with its tangents."""
        for statement in self.function.statements:
            with self.problems.within(statement.span):
                self.lines[id(statement)] = self._lines_of(statement)
        result = self.function.result
        ends: list[tuple[Output, Expression]] = []
        with self.problems.within(result.span):
            self.tangents.lines = self.lines.setdefault(id(result), [])
            ends = [(o, self._end(o)) for o in self.function.outputs]
        self.problems.raise_if_any()
        self._drop_dead([end for _, end in ends])
        headers = {id(loop.header) for loop in loops(self.function.body)}
        for statement in self.function.statements:
            self._place(statement, header=id(statement) in headers)
        outputs, tangents, last = self._returned(ends)
        nodes = [*self._starts(sources), *self._block(self.function.body), *last]
        return Pushed(nodes, outputs, tangents, self.placer.wishes)

    # The tangent lines of statements.

    def _lines_of(self, statement: Statement) -> list[Line]:
        lines: list[Line] = []
        self.tangents.lines = lines
        found: list[tuple[Variable, Expression]] = []
        for bind in statement.binds:
            if bind.variable not in self.tangents.variables:
                continue
            value = self._value(bind)
            unnamed = not bind.variable.wish and isinstance(bind.value, Call)
            if unnamed and isinstance(value, Group):  # one with several results
                self.tangents.parts[bind.variable] = value
                continue
            if statement.form == "chain" or not bind.variable.wish:
                lines.append(Bind(self.tangents.variables[bind.variable], value))
            else:
                found.append((self.tangents.variables[bind.variable], value))
        lines[:] = named_at_once(unpacked([*lines, *_at_once(found)]))
        for write in statement.writes:
            if write.variable in self.tangents.variables:
                lines += self._write(write)
        return lines

    def _value(self, bind: Bind) -> Expression:
        tangent = self.tangents.whole(bind.value)
        if tangent is None:
            return self.tangents.zero(bind.value)
        return self._alone(tangent, bind.value, bind.variable)

    def _write(self, write: Write) -> list[Line]:
        variable = self.tangents.variables[write.variable]
        if write.mode == "pop":
            return [replace(write, variable=variable)]
        kept = self.tangents.activity.carries(write)
        tangent = self.tangents.of(write.value) if kept else None
        if tangent is None:
            if write.mode in ("add", "add.at"):
                return []
            zero = self.tangents.zero(write.value)
            part = write.mode == "set" and self.types.of(Read(write.variable)).form == "array"
            return [replace(write, variable=variable, value=Const(0.0) if part else zero)]
        if write.mode == "append" or self.types.of(Read(write.variable)).form != "array":
            tangent = self.tangents.whole(write.value)
            assert tangent is not None
        else:
            tangent = self.tangents.simplifier.simplify(tangent)
        value = self._alone(tangent, write.value, write.variable)
        return [replace(write, variable=variable, value=value)]

    def _alone(self, tangent: Expression, value: Expression, target: Variable) -> Expression:
        """Give a tangent that shares memory only with tangents of what the value shares it with."""
        if isinstance(tangent, Group) and isinstance(value, Group):
            pairs = zip(tangent.items, value.items, strict=True)
            items = tuple(self._alone(*pair, target) for pair in pairs)
            alone = replace(tangent, items=items)
            self.types.note(alone, self.types.of(tangent))
            return alone
        given = {v for lines in self.tangents.called.values() for v in bound_by(lines[-1])}
        shared = {self.owners.get(v, v) for v in views(tangent) if v not in given} - views(value)
        if not shared or not (shared | {target}) & self.written:
            return tangent
        return copy_of(tangent, self.types)

    def _end(self, output: Output) -> Expression:
        """Give the tangent of an output."""
        tangent = self.tangents.whole(output.value)
        return self.tangents.zero(output.value) if tangent is None else tangent

    def _drop_dead(self, ends: list[Expression]) -> None:
        """Drop the lines of tangents that no output's tangent depends on."""
        called = self.tangents.called
        found = [line for lines in (*self.lines.values(), *called.values()) for line in lines]
        live = {v for end in ends for v in variables(end)}
        before = -1
        while before != len(live):
            before = len(live)
            for line in found:
                if live & set(bound_by(line)):
                    live.update(reads(line))
        for node in [n for n, lines in called.items() if live.isdisjoint(bound_by(lines[-1]))]:
            del called[node]
        self.placer.given(called)
        result = id(self.function.result)
        for key, lines in self.lines.items():
            kept = [line for line in lines if key == result or live & set(bound_by(line))]
            self.lines[key] = [without_dead(line, live) for line in kept]

    # Places: a line stands behind its statement unless that changes what the line reads.

    def _merge(self, statement: Statement) -> bool:
        """Let `y = g(x)` and its tangent be one call of the companion: y, dy = g_jvp(x, dx)."""
        lines = self.lines[id(statement)]
        if len(statement.binds) != 1 or len(lines) != 1 or statement.writes:
            return False
        (bind,), (line,) = statement.binds, lines
        if not isinstance(bind.value, Call) or bind.value not in self.tangents.called:
            return False
        *first, last = self.tangents.called[bind.value]
        assert isinstance(last, Unpack)
        if not isinstance(line, Bind) or not isinstance(line.value, Read):
            return False
        if line.value.variable is not last.variables[1]:
            return False
        both = Unpack((bind.variable, line.variable), last.value)
        self.placer.called.pop(bind.value)
        del self.placer.staged[bind.value]
        self.beside[id(statement)] = Beside(list(map(self.placer.placed_line, [*first, both])))
        self.merged.add(id(statement))
        return True

    def _place(self, statement: Statement, *, header: bool) -> None:
        beside = self.beside[id(statement)] = Beside()
        if self._merge(statement):
            return
        lines = self.lines[id(statement)]
        if not lines:
            return
        stands: dict[Variable, Bind] = {}
        for bind in statement.binds:
            called = bind.value in self.placer.staged
            if self.placer.bound.get(bind.value) is bind.variable and not called:
                wish = f"new_{bind.variable.wish}" if bind.variable.wish else suggest(bind.value)
                stand = Variable(wish, "staged")
                self.types.variables[stand] = self.types.of(bind.value)
                self.placer.staged[bind.value] = stand
                stands[stand] = bind
        placed = list(map(self.placer.placed_line, lines))
        read = {v for line in placed for v in reads(line)}
        own = {bind.variable.wish for bind in statement.binds if bind.variable.wish}
        own |= {write.variable.wish for write in statement.writes}
        clash = any(v.wish in own for v in read if v not in self.owners and v not in stands)
        first = self._changes_memory(statement) or clash or statement.form == "swap"
        first = first and not header
        kept = {stand for stand in stands if stand in read and first}
        for stand, bind in stands.items():
            if stand not in kept:
                del self.placer.staged[bind.value]
        table: dict[Variable, Expression] = {
            stand: Read(bind.variable) for stand, bind in stands.items() if stand not in kept
        }
        placed = [changed(line, lambda node: substitute(node, table)) for line in placed]
        (beside.before if first else beside.behind).extend(placed)

    def _changes_memory(self, statement: Statement) -> bool:
        if statement.form == "update":
            return self.types.of(Read(statement.binds[-1].variable)).form != "scalar"
        return any(write.mode not in ("append", "pop") for write in statement.writes)

    def _returned(
        self, ends: list[tuple[Output, Expression]]
    ) -> tuple[list[Expression], list[Expression], list[ForwardNode]]:
        """Give the outputs and their tangents, and the lines that compute them."""
        result = self.function.result
        before = [TangentLine(self.placer.placed_line(line)) for line in self.lines[id(result)]]
        outputs: list[Expression] = []
        tangents: list[Expression] = []
        named: list[ForwardNode] = []
        for output, end in ends:
            value = output.value
            plain = isinstance(value, (Read, Const))
            if not plain and value not in self.placer.staged:
                own = Variable(output.name, "staged")
                self.types.variables[own] = self.types.of(value)
                self.placer.staged[value] = own
            tangent = self.placer.placed(end)
            if not isinstance(tangent, (Read, Const)):
                own = Variable("d" + output.name, "adjoint")
                self.types.variables[own] = self.types.of(tangent)
                named.append(TangentLine(Bind(own, tangent)))
                tangent = Read(own)
            outputs.append(value if plain else Read(self.placer.staged[value]))
            tangents.append(tangent)
        staged = self.placer.before(result, [o.value for o, _ in ends])
        return outputs, tangents, [*staged, *before, *named]

    # The statements as they are written.

    def _starts(self, sources: list[Variable]) -> list[ForwardNode]:
        """Give zeros to the parameters that get a tangent on the way."""
        found: list[ForwardNode] = []
        for parameter in self.function.parameters:
            tangent = self.tangents.variables.get(parameter.variable)
            if tangent is not None and parameter.variable not in sources:
                zero = self.tangents.contributions.zeros(Read(parameter.variable))
                found.append(TangentLine(Bind(tangent, self.placer.placed(zero))))
        return found

    def _block(self, block: Block) -> list[ForwardNode]:
        return [line for node in block for line in self._node(node)]

    def _node(self, node: Node) -> list[ForwardNode]:
        match node:
            case Statement():
                return self._statement(node)
            case If():
                return self._if(node)
            case Loop():
                return self._loop(node)
        return [ForwardJump(node)]

    def _statement(self, node: Statement) -> list[ForwardNode]:
        placer = self.placer
        beside = self.beside[id(node)]
        hidden = {bind.variable for bind in node.binds if not bind.variable.wish}
        read = {v for line in (*beside.before, *beside.behind) for v in reads(line)}
        first = node.binds[0] if unpacks(node.binds) else None
        if first is not None and first.value in placer.called and first.variable not in read:
            hidden = set()  # the call's values are unpacked, by the name that they have
        trees = [bind.value for bind in node.binds]
        parts = [tree for write in node.writes for tree in (write.value, *write.path)]
        verbatim = self._is_verbatim(node, [*trees, *parts]) and not hidden & read
        lines: list[ForwardNode] = []
        rest: list[Bind] = []
        for bind in node.binds:
            lines += placer.before(node, [bind.value])
            own = Bind(bind.variable, placer.spelled(bind.value))
            if bind.variable in hidden and not verbatim:
                placer.wishes[bind.variable] = suggest(bind.value)
                made = replace(node, binds=(), writes=(), form="made")
                lines.append(ForwardLine(made, (own,), False))
            else:
                rest.append(own)
        lines += [*placer.before(node, parts), *map(TangentLine, beside.before)]
        writes = tuple(
            replace(w, path=tuple(map(placer.spelled, w.path)), value=placer.spelled(w.value))
            for w in node.writes
        )
        if (rest or writes) and id(node) not in self.merged:
            lines.append(ForwardLine(node, tuple(rest), verbatim, writes))
        return [*lines, *map(TangentLine, beside.behind)]

    def _is_verbatim(self, node: Statement, trees: list[Expression]) -> bool:
        """Whether a statement's own text says what its tree says."""
        if not is_as_written(self.function, node):
            return False
        if any(tree in self.placer.staged for tree in trees):
            return False
        if not all(map(self.placer.untouched, trees)):
            return False
        named = [v for tree in trees for v in variables(tree)]
        named += [b.variable for b in node.binds] + [w.variable for w in node.writes]
        return not any(v.role == "staged" and v.wish for v in named)

    def _if(self, node: If) -> list[ForwardNode]:
        lines: list[ForwardNode] = self.placer.before(node.header, [node.test])
        plain = self.placer.untouched(node.test) and node.test not in self.placer.staged
        own = node.header.span.start not in self.function.rewritten
        verbatim = plain and own and node.header.form != "made"
        test = self.placer.spelled(node.test)
        then, otherwise = self._block(node.then), self._block(node.otherwise)
        return [*lines, ForwardIf(node, test, verbatim, then, otherwise)]

    def _loop(self, node: Loop) -> list[ForwardNode]:
        own = node.header.span.start not in self.function.rewritten
        trees = [tree for tree in (node.sequence, node.test) if tree is not None]
        staged = [v for tree in trees for v in variables(tree) if v.role == "staged"]
        verbatim = own and node.header.form != "made" and set(staged) <= {node.index}
        first = self.placer.before(node.header, [bind.value for bind in node.header.binds])
        verbatim = verbatim and not first
        head = [TangentLine(line) for line in self.beside[id(node.header)].behind]
        body = [*head, *self._block(node.body)]
        return [ForwardLoop(node, node.sequence, node.test, verbatim, [*first], body)]


def _at_once(found: list[tuple[Variable, Expression]]) -> Iterator[Line]:
    """Give lines that bind variables as if all at once: together where one reads another."""
    for place, (variable, _) in enumerate(found):
        if any(variable in set(variables(value)) for _, value in found[place + 1 :]):
            targets, values = zip(*found, strict=True)
            yield Unpack(targets, Group("tuple", values))
            return
    for variable, value in found:
        yield Bind(variable, value)
