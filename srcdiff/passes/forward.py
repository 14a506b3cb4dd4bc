"""The forward pass that backward needs, nested as the source is.

Takes a keeper, what it keeps, and the outputs. Gives the statements that the needed values come
from, with the lines that keep values. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    Group,
    If,
    Jump,
    Loop,
    Member,
    Node,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.returned import is_as_written
from srcdiff.ir.types import Type, is_container
from srcdiff.ir.walk import variables
from srcdiff.passes.backward import BackwardNode, groups_in
from srcdiff.passes.forward_nodes import ForwardIf, ForwardJump, ForwardLoop, ForwardNode
from srcdiff.passes.record import ForwardLine
from srcdiff.passes.saves import Save, Saver, part_of
from srcdiff.passes.suggest import suggest
from srcdiff.passes.truths import kept_truth
from srcdiff.passes.unpacking import own_lines
from srcdiff.passes.views import views
from srcdiff.rules.helpers import copied as copy_inside


class Planner:
    """Chooses the forward statements of one derivation."""

    def __init__(self, saver: Saver, groups: list[BackwardNode], *, whole: bool) -> None:
        self.groups = groups
        self.all = whole
        self.kept_whole = saver.kept_whole
        self.keeper = saver.keeper
        self.saves = saver.saves
        self.types = saver.types
        self.function = self.keeper.function
        # What backward computes again itself, forward need not compute.
        self.needed = {v for v in self.keeper.needed if self.keeper.kinds.of(v) != "replayed"}
        # Of these only the shape matters, which writes in place don't change, and which a
        # parameter may have too.
        shaped = {v for v in self.keeper.shapes if self.keeper.kinds.of(v) != "replayed"}
        found = {v: self.keeper.alike(self.types.of(Read(v)), exact=True) for v in shaped}
        self.alike = {v: parameter for v, parameter in found.items() if parameter is not None}
        self.shapes = shaped - set(self.alike)
        self.kept: set[int] = set()
        self.staging: set[int] = set()
        self.whole: set[int] = set()
        self.kept_outputs: list[ForwardNode] = []

    def plan(self) -> list[ForwardNode]:
        """Give the forward pass."""
        for save in self._all_saves():
            self.needed.add(save.variable)
        while True:
            before = (len(self.needed), len(self.kept))
            for value in self.function.values:
                self._need_staged(value)
            self._choose(self.function.body)
            if before == (len(self.needed), len(self.kept)):
                break
        result = self.function.result
        found = self._block(self.function.body)
        own = self._staged(result, self.function.values)
        empty: list[ForwardNode] = [
            ForwardLine(result, (Bind(variable, Const(None)),), False)
            for variable in dict.fromkeys([*self.saves.undefined, *self._perhaps_unassigned()])
        ]
        copies = [] if self.all else self._copies()
        return [*copies, *empty, *found, *own, *self.kept_outputs]

    def _perhaps_unassigned(self) -> Iterator[Variable]:
        """Give what only branches assign, and whose gradient begins with zeros in other ones."""
        for group in groups_in(self.groups):
            for line in group.lines if group.last else ():
                for variable in variables(line.value):
                    places = self.keeper.kinds.definitions.get(variable, [])
                    inner = bool(places) and all(p.path for p in places)
                    if inner and variable in self.needed and variable.role != "parameter":
                        yield variable

    def stand_ins(self) -> dict[Variable, Expression]:
        """Give what backward reads for a shape in the place of what forward doesn't compute."""
        return {v: Read(p) for v, p in self.alike.items() if v not in self.needed}

    def outputs(self, values: list[Expression]) -> list[Expression]:
        """Give the outputs; those that backward changes by restoring are kept apart."""
        saved = list(self._all_saves())
        changed = {save.variable for save in saved} | set(self.keeper.kinds.indices)
        changed = changed.union(*(self.keeper.memory.ever.get(v, set()) for v in changed))
        for group in groups_in(self.groups):
            changed |= {line.variable for line in group.lines if isinstance(line, (Bind, Write))}
        found: list[Expression] = []
        for index, value in enumerate(values):
            if not changed.intersection(variables(value)):
                found.append(value)
                continue
            own = Variable(self.function.outputs[index].name + "_value", "staged")
            known = self.types.of(value)
            self.types.variables[own] = known
            inside = [save for save in saved if save.path or save.whole_copy or save.grown]
            if known.form != "scalar" and any(self._may_change(s, value) for s in inside):
                value = self._copied(value, known)
            value = self.keeper.spelled(value)
            self.kept_outputs.append(ForwardLine(self.function.result, (Bind(own, value),), False))
            self.needed.update(variables(value))
            found.append(Read(own))
        return found

    def _may_change(self, save: Save, value: Expression) -> bool:
        """Whether backward changes a value when it restores what is kept."""
        shared = {save.variable} | self.keeper.memory.ever.get(save.variable, set())
        return not shared.isdisjoint(variables(value))

    def _copied(self, value: Expression, known: Type, *, held: bool = False) -> Expression:
        """Give a copy of what backward changes by restoring, or forward later.

        `held` says that it may be a list or a dict, if its type doesn't say.
        """
        inner = known.form == "any" and self.types.nests  # it may be a container in another one
        copied: Expression = Call(copy_inside if inner else np.copy, (value,))
        if is_container(known) or held:
            ever = self.keeper.memory.ever
            names = views(value).union(*(ever.get(v, set()) for v in views(value)))
            deep = any(_is_inside(w) for v in names for w in self._writes_of(v))
            copied = Call(Member("copy"), (value,), (), "method")
            if deep or known.form == "tuple":
                copied = Call(copy_inside, (value,))
        self.types.note(copied, known)
        return copied

    def _all_saves(self) -> Iterator[Save]:
        for table in (self.saves.before, self.saves.after):
            for saves in table.values():
                yield from saves

    def _copies(self) -> list[ForwardNode]:
        """Give copies of the parameters that are written into."""
        written = {w.variable for line in self._kept_statements() for w in line.writes}
        written |= {save.variable for save in self._all_saves() if save.path}
        written |= self.keeper.memory.callers(written)
        found: list[ForwardNode] = []
        for parameter in self.function.parameters:
            variable = parameter.variable
            if variable not in written:
                continue
            known = self.types.variables[variable]
            if known.form == "tuple" and not any(map(_is_inside, self._writes_of(variable))):
                continue
            copied = self._copied(Read(variable), known, held=known.form == "any")
            if parameter.default == "None" and (known.form == "any" or is_container(known)):
                copied = Call(copy_inside, (Read(variable),))
            header = replace(self.function.result, binds=())
            found.append(ForwardLine(header, (Bind(variable, copied),), False))
        return found

    def _writes_of(self, variable: Variable) -> list[Write]:
        return [w for s in self.function.statements for w in s.writes if w.variable is variable]

    def _kept_statements(self) -> list[Statement]:
        return [s for s in self.function.statements if id(s) in self.whole]

    # Which nodes are needed.

    def _choose(self, block: Block) -> bool:
        """Note the nodes of a block that are needed; whether there are any."""
        some = False
        for node in block:
            match node:
                case Statement():
                    chosen = self._choose_statement(node)
                case If():
                    chosen = self._choose_if(node)
                case Loop():
                    chosen = self._choose_loop(node)
                case Jump():
                    chosen = node.kind == "raise"
                    self.needed.update(variables(node.values) if node.values is not None else ())
            if chosen or id(node) in self.kept:
                self.kept.add(id(node))
                some = True
        return some

    def _choose_statement(self, node: Statement) -> bool:
        needed = {bind.variable for bind in node.binds} & (self.needed | self.shapes)
        needed |= {write.variable for write in node.writes} & self.needed
        staged = False
        for tree in _trees(node):
            staged = self._need_staged(tree) or staged
        if staged:
            self.staging.add(id(node))
        if not (needed or node.form == "guard" or self.all):
            return staged
        self.whole.add(id(node))
        for bind in node.binds:
            self.needed.update(variables(bind.value))
        self.needed.update(write.variable for write in node.writes)
        for write in node.writes:
            for tree in (write.value, *write.path):
                self.needed.update(variables(tree))
        return True

    def _need_staged(self, tree: Expression) -> bool:
        lines = self.keeper.staged_in(self.function.result, [tree])
        for line in lines:
            for bind in line.binds:
                self.needed.update(variables(bind.value))
        return bool(lines)

    def _choose_if(self, node: If) -> bool:
        then = self._choose(node.then)
        chosen = self._choose(node.otherwise) or then
        chosen = self._need_staged(node.test) or chosen
        if chosen or node in self.keeper.tests or id(node) in self.kept or self.all:
            self.needed.update(variables(node.test))
            return True
        return False

    def _choose_loop(self, node: Loop) -> bool:
        inner = self._choose((node.header, *node.body))
        if node.index in self.needed and node.index is not None:
            own = (id(node), "body")
            inner = inner or own not in self.keeper.homes.paths.get(node.index, (own,))
        if not inner and id(node) not in self.kept and not self.all:
            return False
        self.kept.add(id(node))
        for tree in (node.sequence, node.test):
            if tree is not None:
                self.needed.update(variables(tree))
        self.needed.update(v for bind in node.header.binds for v in variables(bind.value))
        self._keep_jumps(node.body)
        return True

    def _keep_jumps(self, block: Block) -> bool:
        """Note the ifs that decide where a needed loop goes on."""
        some = False
        for node in block:
            jumps = isinstance(node, Jump)
            if isinstance(node, If):
                then = self._keep_jumps(node.then)
                jumps = self._keep_jumps(node.otherwise) or then
            if jumps:
                self.kept.add(id(node))
                some = True
        return some

    # The nodes with what they keep.

    def _block(self, block: Block) -> list[ForwardNode]:
        found: list[ForwardNode] = []
        for node in block:
            key = id(node)
            found += self._lists(node)
            found += [line for save in self.saves.before.get(key, []) for line in self._kept(save)]
            if key in self.kept:
                found += self._node(node)
            found += [line for save in self.saves.after.get(key, []) for line in self._kept(save)]
        return found

    def _lists(self, node: Node) -> list[ForwardNode]:
        header = self.function.result
        lines: list[ForwardNode] = []
        for store in self.saves.lists.get(id(node), []):
            lines.append(ForwardLine(header, (Bind(store, Group("list", ())),), False))
        return lines

    def _kept(self, save: Save) -> list[ForwardNode]:
        if save.grown == "append":
            return []  # what was appended is there to be taken off again
        value = part_of(save, self.types)
        known = self.types.of(value)
        # An entry is another value then, not a changed one, unless the source updates it.
        rebound = isinstance(value, Call) and not save.whole_copy
        if (save.path or save.whole_copy) and known.form != "scalar" and not rebound:
            value = self._copied(value, known)
        header = self.function.result
        if save.many:
            write = Write(save.store, (), value, "append")
            return [ForwardLine(header, (), False, (write,))]
        return [ForwardLine(header, (Bind(save.store, value),), False)]

    def _staged(self, statement: Statement, trees: list[Expression]) -> list[ForwardNode]:
        return list(self.keeper.staged_in(statement, trees))

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
        keeper = self.keeper
        trees = _trees(node)
        hidden = own_lines(node, keeper.valued)
        lines: list[ForwardNode] = []
        whole = id(node) in self.whole
        rest: list[Bind] = []
        for bind in node.binds:
            lines += self._staged(node, [bind.value])
            own = Bind(bind.variable, keeper.spelled(bind.value))
            if bind.variable in hidden and whole:
                keeper.wishes[bind.variable] = suggest(bind.value)
                lines.append(ForwardLine(replace(node, binds=(), form="made"), (own,), False))
            else:
                rest.append(own)
        for write in node.writes:
            lines += self._staged(node, [write.value, *write.path])
        if not whole or not (rest or node.writes or node.stores):
            return lines
        verbatim = not hidden and self._is_verbatim(node, trees)
        if not verbatim:
            for variable in {b.variable for b in node.binds if not b.variable.wish}:
                keeper.wishes.setdefault(variable, "value")
        writes = tuple(
            replace(w, path=tuple(map(keeper.spelled, w.path)), value=keeper.spelled(w.value))
            for w in node.writes
        )
        lines.append(ForwardLine(node, tuple(rest), verbatim, writes))
        return lines

    def _is_verbatim(self, node: Statement, trees: list[Expression]) -> bool:
        """Whether a statement's own text says what its tree says."""
        staged = self.keeper.staged
        if not is_as_written(self.function, node) or not all(map(self.keeper.untouched, trees)):
            return False
        if any(tree in staged for tree in trees):
            return False
        named = [v for tree in trees for v in variables(tree)]
        named += [b.variable for b in node.binds] + [w.variable for w in node.writes]
        return not any(v.role == "staged" and v.wish for v in named)

    def _if(self, node: If) -> list[ForwardNode]:
        lines = self._staged(node.header, [node.test])
        test = self.keeper.spelled(node.test)
        plain = self.keeper.untouched(node.test) and node.test not in self.keeper.staged
        own = node.header.span.start not in self.function.rewritten
        verbatim = plain and own and node.header.form != "made"
        taken, types = self.keeper.tests.get(node), self.keeper.types
        if taken is not None:
            lines.append(ForwardLine(node.header, (Bind(taken, kept_truth(test, types)),), False))
            saves = self.saves.after.get(id(node), [])
            lines += [x for s in saves if s.variable is taken for x in self._kept(s)]
            self.saves.after[id(node)] = [s for s in saves if s.variable is not taken]
            test, verbatim = Read(taken), False
        then, otherwise = self._block(node.then), self._block(node.otherwise)
        return [*lines, ForwardIf(node, test, verbatim, then, otherwise)]

    def _loop(self, node: Loop) -> list[ForwardNode]:
        own = node.header.span.start not in self.function.rewritten
        first = [x for s in self.saves.before.get(id(node.header), []) for x in self._kept(s)]
        verbatim = own and node.header.form != "made" and not first
        trees = [tree for tree in (node.sequence, node.test) if tree is not None]
        named = [v for tree in trees for v in variables(tree)]
        verbatim = verbatim and not any(v.role == "staged" and v is not node.index for v in named)
        body = [
            *[x for s in self.saves.after.get(id(node.header), []) for x in self._kept(s)],
            *self._block(node.body),
        ]
        return [ForwardLoop(node, node.sequence, node.test, verbatim, first, body)]


def _is_inside(write: Write) -> bool:
    """Whether a write may change an item of a container, not only put another there."""
    steps = len(write.path) + (write.mode in ("append", "pop"))
    one = bool(write.path) and not isinstance(write.path[0], Group)
    return one and (steps > 1 or write.updates or write.mode in ("add", "add.at"))


def _trees(statement: Statement) -> list[Expression]:
    """Give all expressions of a statement."""
    trees = [bind.value for bind in statement.binds]
    for write in statement.writes:
        trees += [write.value, *write.path]
    return trees
