"""Names become variables: one for each group of assignments whose values may meet.

Takes a function in which each name is one variable. Gives it with a variable of its own for each
assignment, except where the branches of an if or the rounds of a loop join: the assignments that
reach the same read share one. Refuses nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from srcdiff.ir.live import live_at_head, live_into
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Expression,
    Function,
    If,
    Jump,
    Loop,
    Node,
    Output,
    Read,
    Statement,
    Variable,
    Write,
    leaves,
)
from srcdiff.ir.walk import loops, rebuild, rebuilt, variables
from srcdiff.passes.ends import ends_of

Names = dict[Variable, Variable]


def webs(function: Function) -> Function:
    """Split a function's names into variables, and leave out the outputs that aren't asked for."""
    if function.asked and function.outputs:
        kept = tuple(o for o in function.outputs if o.name in function.asked)
        function = replace(function, outputs=kept or function.outputs)
    if function.is_straight and function.outputs and _has_single_values(function):
        return function
    splitter = _Splitter()
    names: Names = {p.variable: p.variable for p in function.parameters}
    live = {v for output in function.outputs for v in variables(output.value)}
    ends = [] if function.outputs else ends_of(function)
    live |= set(ends)
    body = splitter.block(function.body, names, live)
    outputs = tuple(Output(o.name, splitter.read(o.value, names)) for o in function.outputs)
    body = splitter.settled(body)
    outputs = tuple(Output(o.name, splitter.final(o.value)) for o in outputs)
    annotations = {splitter.found(v): text for v, text in function.annotations.items()}
    changed = replace(function, body=body, outputs=outputs, annotations=annotations)
    changing = changing_in(changed)
    if not outputs:
        final = tuple(Output(v.wish, splitter.final(Read(names[v]))) for v in ends)
        changed = replace(changed, outputs=final)
    return replace(changed, changing=changing)


def _has_single_values(function: Function) -> bool:
    """Whether each variable is assigned once, as where each assignment was read as a new one."""
    assigned = [bind.variable for statement in function.statements for bind in statement.binds]
    given = {parameter.variable for parameter in function.parameters}
    return len(set(assigned)) == len(assigned) and given.isdisjoint(assigned)


def changing_in(function: Function) -> frozenset[Variable]:
    """Give the variables that are assigned more than once, or written in place."""
    counts: Counter[Variable] = Counter(p.variable for p in function.parameters)
    found: set[Variable] = set()

    def visit(block: Block, *, looped: bool) -> None:
        for node in block:
            match node:
                case Statement():
                    count(node, looped=looped)
                case If():
                    visit(node.then, looped=looped)
                    visit(node.otherwise, looped=looped)
                case Loop():
                    count(node.header, looped=True)
                    if node.index is not None:
                        counts[node.index] += 2
                    visit(node.body, looped=True)

    def count(statement: Statement, *, looped: bool) -> None:
        for bind in statement.binds:
            counts[bind.variable] += 2 if looped else 1
        found.update(write.variable for write in statement.writes)

    visit(function.body, looped=False)
    return frozenset(found | {variable for variable, n in counts.items() if n > 1})


class _Splitter:
    def __init__(self) -> None:
        self.parents: Names = {}
        self.depth = 0

    def found(self, variable: Variable) -> Variable:
        """Give the variable that stands for a group."""
        while variable in self.parents:
            variable = self.parents[variable]
        return variable

    def join(self, left: Variable, right: Variable) -> None:
        """Let two variables be one; a parameter stays what it is."""
        left, right = self.found(left), self.found(right)
        if left is right:
            return
        if right.role == "parameter":
            left, right = right, left
        self.parents[right] = left

    def fresh(self, slot: Variable, names: Names) -> Variable:
        """Give an assignment to a name a variable of its own."""
        role = "local" if slot.role == "parameter" else slot.role
        names[slot] = Variable(slot.wish, role)
        return names[slot]

    def read(self, node: Expression, names: Names) -> Expression:
        """Give an expression over the variables that its names stand for."""
        if isinstance(node, Read):
            variable = names.get(node.variable)
            if variable is None and node.variable.role in ("local", "staged"):
                variable = self.fresh(node.variable, names)
            return Read(variable, node.span) if variable is not None else node
        return rebuild(node, lambda child: self.read(child, names))

    def statement(self, statement: Statement, names: Names) -> Statement:
        """Give a statement over variables."""
        binds: list[Bind] = []
        for bind in statement.binds:
            value = self.read(bind.value, names)
            binds.append(Bind(self.fresh(bind.variable, names), value))
        writes = tuple(self.write(write, names) for write in statement.writes)
        stores = tuple((n, names.get(v, v)) for n, v in statement.stores)
        return replace(statement, binds=tuple(binds), writes=writes, stores=stores)

    def write(self, write: Write, names: Names) -> Write:
        """Give an update in place over variables."""
        variable = self.read(Read(write.variable), names)
        assert isinstance(variable, Read)
        path = tuple(self.read(index, names) for index in write.path)
        value = self.read(write.value, names)
        return replace(write, variable=variable.variable, path=path, value=value)

    def block(self, block: Block, names: Names, live: set[Variable]) -> Block:
        """Give a block over variables; `names` is left as it is at the block's end."""
        after: list[set[Variable]] = []
        for node in reversed(block):
            after.append(live)
            live = live_into((node,), live)
        found: list[Node] = []
        for node, needed in zip(block, reversed(after), strict=True):
            match node:
                case Statement():
                    found.append(self.statement(node, names))
                case If():
                    found.append(self.branch(node, names, needed))
                case Loop():
                    found.append(self.loop(node, names, needed))
                case Jump(values=said):
                    values = self.read(said, names) if said is not None else None
                    found.append(replace(node, values=values))
        return tuple(found)

    def branch(self, node: If, names: Names, live: set[Variable]) -> If:
        """Give an if over variables; what both branches assign meets behind it."""
        test = self.read(node.test, names)
        other = dict(names)
        then = self.block(node.then, names, live)
        otherwise = self.block(node.otherwise, other, live)
        self.meet(names, other, live)
        return replace(node, test=test, then=then, otherwise=otherwise)

    def meet(self, names: Names, other: Names, live: set[Variable]) -> None:
        """Join the variables of names that are needed where two ways meet."""
        for slot, variable in other.items():
            mine = names.setdefault(slot, variable)
            if mine is not variable and slot in live:
                self.join(mine, variable)

    def loop(self, node: Loop, names: Names, live: set[Variable]) -> Loop:
        """Give a loop over variables; what a round assigns meets what the next one reads."""
        if self.depth and node.index is not None and node.index in live:
            node = _with_last(node, node.index)
        sequence = self.read(node.sequence, names) if node.sequence is not None else None
        head = live_at_head(node, live)
        assigned = {b.variable for s in leaves((node,)) for b in s.binds}
        for slot in assigned & head:
            if slot not in names:
                self.fresh(slot, names)
        before = dict(names)
        test = self.read(node.test, names) if node.test is not None else None
        index = self.fresh(node.index, names) if node.index is not None else None
        header = self.statement(node.header, names)
        self.depth += 1
        body = self.block(node.body, names, head)
        self.depth -= 1
        for slot, variable in names.items():
            first = before.get(slot)
            if first is not None and first is not variable and slot in head:
                self.join(first, variable)
        rounds = names.get(node.rounds) if node.rounds is not None else None
        if index is not None and node.index is not None and node.index in live:
            first = before.get(node.index)
            if first is not None:
                self.join(first, index)
        return replace(
            node,
            header=header,
            index=index,
            sequence=sequence,
            test=test,
            body=body,
            rounds=rounds,
        )

    # The second walk: each group gets its one variable.

    def final(self, node: Expression) -> Expression:
        """Give an expression over the final variables."""
        table: dict[Variable, Expression] = {
            v: Read(self.found(v)) for v in variables(node) if v in self.parents
        }
        return _with_spans(node, table) if table else node

    def settled(self, block: Block) -> Block:
        """Give a block over the final variables."""
        changed = rebuilt(block, self._settled, lambda node, _: self.final(node))
        assigned = Counter(b.variable for s in leaves(changed) for b in s.binds)
        assigned.update(self.found(loop.index) for loop in loops(changed) if loop.index is not None)
        return self._indices(changed, {v for v, times in assigned.items() if times > 1})

    def _settled(self, statement: Statement) -> Statement:
        binds = tuple(Bind(self.found(b.variable), self.final(b.value)) for b in statement.binds)
        writes = tuple(
            replace(
                w,
                variable=self.found(w.variable),
                path=tuple(map(self.final, w.path)),
                value=self.final(w.value),
            )
            for w in statement.writes
        )
        stores = tuple((n, self.found(v)) for n, v in statement.stores)
        return replace(statement, binds=binds, writes=writes, stores=stores)

    def _indices(self, block: Block, shared: set[Variable]) -> Block:
        """Settle the loops' indices; one that something else assigns too is bound in the loop."""
        found: list[Node] = []
        for node in block:
            match node:
                case If():
                    then = self._indices(node.then, shared)
                    otherwise = self._indices(node.otherwise, shared)
                    found.append(replace(node, then=then, otherwise=otherwise))
                case Loop():
                    index = self.found(node.index) if node.index is not None else None
                    rounds = self.found(node.rounds) if node.rounds is not None else None
                    body = self._indices(node.body, shared)
                    loop = replace(node, index=index, rounds=rounds, body=body)
                    mixed = index is not None and (index in shared or index.role == "parameter")
                    found.append(_with_last(loop, index) if index is not None and mixed else loop)
                case _:
                    found.append(node)
        return tuple(found)


def _with_last(loop: Loop, index: Variable) -> Loop:
    """Give a loop that assigns its index to a variable, which outlives it."""
    own = Variable(index.wish, "staged")
    header = loop.header
    binds = (Bind(index, Read(own)), *header.binds)
    return replace(loop, index=own, header=replace(header, binds=binds, form="made"))


def _with_spans(node: Expression, table: dict[Variable, Expression]) -> Expression:
    """Put variables in the place of others; each read keeps its place in the source."""
    if isinstance(node, Read):
        new = table.get(node.variable)
        return Read(new.variable, node.span) if isinstance(new, Read) else node
    return rebuild(node, lambda child: _with_spans(child, table))
