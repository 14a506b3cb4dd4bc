"""Values that forward overwrites and backward reads are kept before, and restored behind.

Takes a placed backward pass and what its lines need. Gives, for each statement, what is kept at it,
and the backward pass with the lines that restore. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from srcdiff.ir.live import read_in
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    If,
    Item,
    Loop,
    Member,
    Node,
    Read,
    Statement,
    Variable,
    Write,
    leaves,
)
from srcdiff.ir.types import Type
from srcdiff.ir.walk import rebuild, variables
from srcdiff.passes.backward import (
    BackwardGroup,
    BackwardIf,
    BackwardLoop,
    BackwardNode,
    Line,
)
from srcdiff.passes.cleanup import changed
from srcdiff.passes.homes import Path
from srcdiff.passes.keep import Keeper, Needs
from srcdiff.passes.suggest import plural_of


@dataclass(eq=False, slots=True)
class Save:
    """A value that is kept before a statement overwrites it.

    Parameters
    ----------
    variable, path
        What is overwritten; the whole variable, or a part of it.
    store, many
        Where it is kept: a list if the statement may run several times.
    grown
        Whether a list is to be shortened or lengthened again by what was appended or popped.
    """

    variable: Variable
    path: tuple[Expression, ...]
    store: Variable
    many: bool
    whole_copy: bool = False
    grown: Literal["", "append", "pop"] = ""


@dataclass(slots=True)
class Saves:
    """Everything that forward keeps.

    Parameters
    ----------
    before
        By the node that would overwrite it.
    after
        Variables kept once a round, by the node that assigns them.
    lists
        By the outermost loop before which they begin.
    undefined
        Variables that may have no value yet where theirs is kept.
    """

    before: dict[int, list[Save]] = field(default_factory=dict)
    after: dict[int, list[Save]] = field(default_factory=dict)
    lists: dict[int, list[Variable]] = field(default_factory=dict)
    undefined: list[Variable] = field(default_factory=list)


class Restorer:
    """Finds what must be kept, and adds the lines that restore it."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.kinds = keeper.kinds
        self.types = keeper.types
        self.saves = Saves()
        self.stores: dict[tuple[Variable, bool], Variable] = {}

    def restored(self, nodes: list[BackwardNode]) -> list[BackwardNode]:
        """Give the backward pass with the lines that restore."""
        block = self.keeper.function.body
        self._flow(block, set(), ())
        self._keep_locals()
        return self._block(block, nodes, ())

    def kept_whole(self) -> set[Statement]:
        """Give the updates that must not be done in place: the old array is kept."""
        kept = {s.variable for saves in self.saves.before.values() for s in saves if not s.path}
        kept |= {s.variable for saves in self.saves.after.values() for s in saves}
        found: set[Statement] = set()
        for statement in self.keeper.function.statements:
            bound = {bind.variable for bind in statement.binds}
            bound |= {v for bind in statement.binds for v in variables(bind.value)}
            single = all(self.types.of(Read(v)).form == "scalar" for v in bound & kept)
            if statement.form == "update" and not single:
                found.add(statement)
        return found

    # What is needed at a point, and so must be kept where it is overwritten.

    def _flow(self, block: Block, needed: set[Variable], outer: tuple[Loop, ...]) -> set[Variable]:
        for node in block:
            match node:
                case Statement():
                    needed = self._at(node, needed, outer)
                case If() if id(node) in self.keeper.present:
                    then = self._flow(node.then, set(needed), outer)
                    needed = then | self._flow(node.otherwise, set(needed), outer)
                case Loop() if id(node) in self.keeper.present:
                    while True:
                        inner = (*outer, node)
                        start = self._at(node.header, needed - self._own(node), inner)
                        end = self._flow(node.body, start, inner)
                        if end <= needed:
                            break
                        needed |= end
                    needed = needed | self.keeper.exits.get(id(node), set())
                case If() | Loop():
                    self._atomic(node, needed, outer)
        return needed

    def _own(self, loop: Loop) -> set[Variable]:
        """Give the variables that each round of a loop keeps for itself."""
        own = {v for v in self.kinds.definitions if self.kinds.of(v) == "local"}
        return {v for v in own if self._loops(v)[-1:] == [(id(loop), "body")]}

    def _loops(self, variable: Variable) -> list[tuple[int, str]]:
        path = self.keeper.homes.paths[variable]
        return [step for i, step in enumerate(path) if path[: i + 1] in self.kinds.loops]

    def _at(
        self, statement: Statement, needed: set[Variable], outer: tuple[Loop, ...]
    ) -> set[Variable]:
        own = self.keeper.needs.get(statement, Needs())
        needed = needed | own.before
        for bind in statement.binds:
            variable = bind.variable
            if self.kinds.of(variable) in ("restored", "local") and variable in needed:
                self._save(statement, variable, (), outer)
                needed = needed - {variable}
        for write in statement.writes:
            if write.variable in needed:
                self._save_part(statement, write, outer)
                needed = needed | read_in(write.path)
        return needed | own.after

    def _save_part(self, statement: Statement, write: Write, outer: tuple[Loop, ...]) -> None:
        if write.mode == "append":
            known = self.saves.before.setdefault(id(statement), [])
            if not known:
                appended = [w for w in statement.writes if w.mode == "append"]
                known += [
                    Save(w.variable, w.path, w.variable, False, grown="append") for w in appended
                ]
            return
        if write.mode == "pop":
            if id(statement) not in self.saves.before:
                last = (*write.path, Const(-1))
                self._save(statement, write.variable, last, outer)
                self.saves.before[id(statement)][-1].grown = "pop"
            return
        self.keeper.needed |= read_in(write.path)
        self.keeper.valued |= read_in(write.path)
        self._save(statement, write.variable, write.path, outer)

    def _atomic(self, node: If | Loop, needed: set[Variable], outer: tuple[Loop, ...]) -> None:
        """Keep what a block without backward code overwrites as a whole."""
        for statement in leaves((node,)):
            for bind in statement.binds:
                if bind.variable in needed and self.kinds.of(bind.variable) == "restored":
                    self._save(node, bind.variable, (), outer)
            for write in statement.writes:
                if write.variable in needed:
                    self._save(node, write.variable, (), outer, copied=True)

    def _save(
        self,
        node: Node,
        variable: Variable,
        path: tuple[Expression, ...],
        outer: tuple[Loop, ...],
        *,
        copied: bool = False,
    ) -> None:
        known = self.saves.before.setdefault(id(node), [])
        if any(s.variable is variable and s.path is path for s in known):
            return
        if any(s.variable is variable and not s.path for s in known):
            return
        many = bool(outer)
        store = self._store(variable, many=many, part=bool(path), outer=outer)
        known.append(Save(variable, path, store, many, copied))
        if many and not path and not self._is_defined_before(variable, outer[0]):
            if variable not in self.saves.undefined:
                self.saves.undefined.append(variable)

    def _is_defined_before(self, variable: Variable, loop: Loop) -> bool:
        if variable.role in ("parameter", "global"):
            return True
        inside = {id(statement) for statement in leaves((loop,))}
        places = self.kinds.definitions.get(variable, [])
        return any(id(p.statement) not in inside and p.path == () for p in places)

    def _store(
        self, variable: Variable, *, many: bool, part: bool, outer: tuple[Loop, ...]
    ) -> Variable:
        """Give the variable that keeps values of another."""
        wish = variable.wish or "value"
        if not many:
            return Variable(f"{wish}_old", "staged")
        key = (variable, part)
        if key not in self.stores:
            plural = plural_of(wish) if not part else f"{wish}_parts"
            store = self.stores[key] = Variable(plural, "staged")
            self.types.variables[store] = Type("list", "any", frozenset([store]))
            self._begin_list(store, outer[0])
        elif self.stores[key] not in self.saves.lists.get(id(outer[0]), []):
            self._begin_list(self.stores[key], outer[0])
        return self.stores[key]

    def _begin_list(self, store: Variable, loop: Loop) -> None:
        started = any(store in found for found in self.saves.lists.values())
        if not started:
            self.saves.lists.setdefault(id(loop), []).append(store)

    def _keep_locals(self) -> None:
        for variable in self.kinds.definitions:  # in the order of the text
            if variable in self.keeper.valued and self.kinds.of(variable) == "local":
                holder = self.kinds.holder(variable)
                self._keep_after(holder, variable, self.keeper.homes.paths[variable])
        for node, variable in self.keeper.tests.items():
            path = self.keeper.homes.paths[variable]
            if self.kinds.looped(path):
                self._keep_after(node, variable, path)

    def _keep_after(self, holder: Node, variable: Variable, path: Path) -> None:
        outer = self._outermost(path)
        store = self._store(variable, many=True, part=False, outer=(outer,))
        self.saves.after.setdefault(id(holder), []).append(Save(variable, (), store, many=True))

    def _outermost(self, path: Path) -> Loop:
        block = self.keeper.function.body
        for key, arm in path:
            node = next(n for n in block if id(n) == key)
            if isinstance(node, Loop):
                return node
            assert isinstance(node, If)
            block = node.then if arm == "then" else node.otherwise
        raise AssertionError(path)

    # The backward pass with the lines that restore.

    def _block(self, block: Block, nodes: list[BackwardNode], path: Path) -> list[BackwardNode]:
        found = self._begun(path)
        rest = list(nodes)
        for node in reversed(block):
            key = id(node)
            while rest and not self._stands_for(rest[0], node) and self._is_loose(rest[0], block):
                found.append(rest.pop(0))
            match node:
                case If() | Loop() if key in self.keeper.present:
                    backward = rest.pop(0)
                    self._inner(node, backward, path)
                    found.append(backward)
                    continue
                case If() | Loop():
                    found += self._restoring(self.saves.before.get(key, []))
                    continue
                case Statement():
                    own = rest.pop(0) if rest and self._stands_for(rest[0], node) else None
                    found += self._statement(node, own)
        return [*found, *rest]

    def _inner(self, node: If | Loop, backward: BackwardNode, path: Path) -> None:
        if isinstance(backward, BackwardIf) and isinstance(node, If):
            backward.then = self._block(node.then, backward.then, (*path, (id(node), "then")))
            backward.otherwise = self._block(
                node.otherwise, backward.otherwise, (*path, (id(node), "otherwise"))
            )
        elif isinstance(backward, BackwardLoop) and isinstance(node, Loop):
            body = (node.header, *node.body)
            backward.body = self._block(body, backward.body, (*path, (id(node), "body")))

    def _stands_for(self, backward: BackwardNode, node: Node) -> bool:
        if isinstance(backward, BackwardGroup):
            return bool(backward.statements) and backward.statements[0] is node
        return backward.node is node

    def _is_loose(self, backward: BackwardNode, block: Block) -> bool:
        """Whether a group belongs to no statement of a block."""
        if not isinstance(backward, BackwardGroup):
            return False
        return not backward.statements or not any(backward.statements[0] is n for n in block)

    def _begun(self, path: Path) -> list[BackwardNode]:
        """Give the lines that a block's backward code begins with: values of its own."""
        if not self.kinds.looped(path):
            return []
        lines: list[Line] = []
        for saves in self.saves.after.values():
            for save in saves:
                if self.keeper.homes.paths.get(save.variable) == path:
                    lines.append(Bind(save.variable, _popped(save.store)))
        replayed = [
            v
            for v in self.kinds.definitions
            if v in self._replayed() and self.keeper.homes.paths.get(v) == path
        ]
        for variable in replayed:
            place = self.kinds.definitions[variable][0]
            lines.append(Bind(variable, place.bind.value))
        return [BackwardGroup([], lines)] if lines else []

    def _replayed(self) -> set[Variable]:
        """Give the variables that backward computes again, and what they are computed from."""
        found: set[Variable] = set()
        pending = [v for v in self.keeper.needed if self.kinds.of(v) == "replayed"]
        while pending:
            variable = pending.pop()
            if variable in found:
                continue
            found.add(variable)
            for inner in variables(self.kinds.definitions[variable][0].bind.value):
                self.keeper.needed.add(inner)
                if self.kinds.of(inner) == "replayed":
                    pending.append(inner)
        return found

    def _statement(self, statement: Statement, group: BackwardNode | None) -> list[BackwardNode]:
        saves = self.saves.before.get(id(statement), [])
        if not isinstance(group, BackwardGroup):
            return self._restoring(saves)
        for save in saves:
            self._restore_in(group, save)
        return [group]

    def _restoring(self, saves: list[Save]) -> list[BackwardNode]:
        lines: list[Line] = [self._line(save) for save in reversed(saves)]
        return [BackwardGroup([], lines)] if lines else []

    def _line(self, save: Save) -> Line:
        if save.grown == "append":
            return Write(save.variable, save.path, Const(None), "pop")
        value: Expression = _popped(save.store) if save.many else Read(save.store)
        if save.grown == "pop":
            return Write(save.variable, save.path[:-1], value, "append")
        if not save.path:
            return Bind(save.variable, value)
        return Write(save.variable, save.path, value, "set")

    def _restore_in(self, group: BackwardGroup, save: Save) -> None:
        """Restore a variable between the lines that need its new value and those of the old."""
        variable = save.variable
        needs = [self.keeper.line_needs.get(id(line), Needs()) for line in group.lines]
        first = next((i for i, n in enumerate(needs) if variable in n.before), len(group.lines))
        late = [i for i in range(first, len(needs)) if variable in needs[i].after]
        if not late:
            last = [i for i, n in enumerate(needs) if variable in n.after]
            place = max([first if first < len(needs) else 0, *(i + 1 for i in last)])
            group.lines.insert(place, self._line(save))
            return
        own = Variable(f"new_{variable.wish}", "staged")
        self.types.variables[own] = self.types.variables[variable]
        for index in late:
            group.lines[index] = self._with_new(group.lines[index], variable, own)
        value: Expression = Read(variable)
        if save.path:
            value = Call(np.copy, (value,))
        group.lines[first:first] = [Bind(own, value), self._line(save)]

    def _with_new(self, line: Line, old: Variable, new: Variable) -> Line:
        """Read the new value under another name, where the tree says that it is meant."""
        late = self.keeper.late
        roots = {id(n): v for n, v in self.keeper.bound.items() if v is old}

        def change(node: Expression) -> Expression:
            if isinstance(node, Read) and node.variable is old:
                if node in late or id(node) in roots or node in self.keeper.results:
                    return Read(new)
                return node
            return rebuild(node, change)

        needs = self.keeper.line_needs.get(id(line))
        result = changed(line, change)
        if needs is not None:
            self.keeper.line_needs[id(result)] = needs
        return result


def _popped(store: Variable) -> Call:
    return Call(Member("pop"), (Read(store),), (), "method")


def part_of(save: Save) -> Expression:
    """Give the value that is kept, before it is copied."""
    value: Expression = Read(save.variable)
    for index in save.path:
        value = Item(value, index)
    return value
