"""Values that forward overwrites and backward reads, and where they are kept.

Takes what the lines of a placed backward pass need. Gives, for each statement, what is kept at it.
Refuses writes into memory whose old value can't be put back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from srcdiff.diagnostics import Refusal
from srcdiff.ir.live import read_in
from srcdiff.ir.nodes import (
    Block,
    Call,
    Const,
    Expression,
    Group,
    If,
    Loop,
    Member,
    Node,
    Read,
    Statement,
    Variable,
    Write,
    leaves,
)
from srcdiff.ir.parts import part
from srcdiff.ir.types import Type
from srcdiff.ir.walk import held_in, same, variables, walk
from srcdiff.passes.aliases import Aliases
from srcdiff.passes.assumed import Assumption
from srcdiff.passes.homes import Path
from srcdiff.passes.infer import Types
from srcdiff.passes.keep import Keeper, Needs
from srcdiff.passes.sequences import keeps_keys
from srcdiff.passes.suggest import plural_of
from srcdiff.passes.written import changed_in_place, updated


@dataclass(frozen=True, eq=False, slots=True)
class Save:
    """A value that is kept before a statement overwrites it.

    Parameters
    ----------
    variable, path
        What is overwritten; the whole variable, or a part of it.
    store, many
        Where it is kept: a list if the statement may run several times.
    grown, sure
        Whether a list is to be shortened or lengthened again by what was appended or popped;
        whether an entry of a dict is there.
    at
        Where in the list; None for its end.
    """

    variable: Variable
    path: tuple[Expression, ...]
    store: Variable
    many: bool
    whole_copy: bool = False
    grown: Literal["", "append", "pop"] = ""
    sure: bool = False
    at: int | None = None


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


class Saver:
    """Finds what must be kept, and where."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.memory = keeper.memory
        self.copied: set[Variable] = set()
        self.shared: dict[Variable, Statement] = {}
        self.resized = {
            write.variable: statement
            for statement in keeper.function.statements
            for write in statement.writes
            if write.mode in ("append", "pop")
        }
        self.kinds = keeper.kinds
        self.types = keeper.types
        self._order = {s: place for place, s in enumerate(keeper.function.statements)}
        self.saves = Saves()
        self.stores: dict[tuple[Variable, bool, int], Variable] = {}

    def find(self) -> Saves:
        """Find everything that forward keeps.

        Raises
        ------
        Refusal
            A value is kept by a copy, where backward would have to write into its own memory.
        """
        self._flow(self.keeper.function.body, set(), ())
        self._keep_locals()
        both = sorted(self.copied & set(self.shared), key=lambda v: v.wish)
        if both:
            refusal = Refusal(
                "SD110",
                f"this changes what another name stood for, and {both[0].wish} is assigned "
                "anew while its memory is in use.",
                "Copy the array first: .copy().",
                self.shared[both[0]].span,
            )
            parts = [self.types.of(Read(variable)).form for variable in both]
            aliases = Aliases(self.keeper.function, self.types, self.memory)
            statement = self.shared[both[0]]
            changed = [*changed_in_place(statement), both[0]]
            numbers = aliases.as_numbers(both, changed[0], statement)
            if numbers:
                raise Assumption({}, refusal, numbers=numbers)
            arrays = set() if set(parts) == {"array"} else aliases.taken_apart()
            raise Assumption(dict.fromkeys(arrays, None), refusal, frozenset(both))
        return self.saves

    def kept_whole(self) -> set[Statement]:
        """Give the updates that must not be done in place: the old array is kept."""
        kept = {s.variable for saves in self.saves.before.values() for s in saves if not s.path}
        kept |= {s.variable for saves in self.saves.after.values() for s in saves}
        found: set[Statement] = set()
        for statement in self.keeper.function.statements:
            bound = {bind.variable for bind in statement.binds}
            bound |= {v for bind in statement.binds for v in variables(bind.value)}
            single = all(self.types.of(Read(v)).form == "scalar" for v in bound & kept)
            if statement.form != "update":
                continue
            shared = self.memory.others(statement, updated(statement.binds[-1]))
            if not single or shared & self.keeper.valued:
                found.add(statement)
        return found

    # What is needed at a point, and so must be kept where it is overwritten.

    def _flow(self, block: Block, needed: set[Variable], outer: tuple[Loop, ...]) -> set[Variable]:
        for node in block:
            entry = self.keeper.entries.get(id(node), set())
            match node:
                case Statement():
                    needed = self._at(node, needed, outer)
                case If() if id(node) in self.keeper.present:
                    needed = needed | entry
                    then = self._flow(node.then, set(needed), outer)
                    needed = then | self._flow(node.otherwise, set(needed), outer)
                case Loop() if id(node) in self.keeper.present:
                    while True:
                        inner = (*outer, node)
                        start = self._at(node.header, (needed - self._own(node)) | entry, inner)
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
                shared = self.memory.keeps(statement, variable)
                copied = shared and self.memory.is_changed(variable)
                self._save(statement, variable, (), outer, copied=copied)
                needed = needed - {variable}
        for write in statement.writes:
            shared_with = self.memory.shared(statement, write) & needed
            seen = write.variable in needed and write not in self.keeper.unread
            if seen or shared_with:
                self._save_part(statement, write, outer, needed)
                needed = needed | read_in(write.path)
            if shared_with:
                needed = needed | {write.variable}
                self.keeper.needed.add(write.variable)
                self.keeper.valued.add(write.variable)
                for variable in (write.variable, *shared_with):
                    self.shared[variable] = statement
        return needed | own.after

    def _save_part(
        self,
        statement: Statement,
        write: Write,
        outer: tuple[Loop, ...],
        needed: set[Variable],
    ) -> None:
        if write.mode == "append":
            known = self.saves.before.setdefault(id(statement), [])
            if not any(save.grown == "append" for save in known):
                appended = [w for w in statement.writes if w.mode == "append"]
                known += [
                    Save(w.variable, w.path, w.variable, False, grown="append", at=w.at)
                    for w in appended
                ]
            return
        if write.mode == "pop":
            known = self.saves.before.get(id(statement), [])
            if not any(save.grown == "pop" for save in known):
                taken = (*write.path, Const(-1 if write.at is None else write.at))
                self._save(statement, write.variable, taken, outer, grown="pop", at=write.at)
            return
        goes = write.mode == "del"
        sure = _reads_itself(write) or keeps_keys(write, outer) or not self._may_add_a_key(write)
        sure = sure and not goes
        if self.keeper.keys.get(write.variable) in needed and not sure:
            self._save(statement, write.variable, (), outer, copied=True)  # with the keys it had
            return
        self.keeper.needed |= read_in(write.path)
        self.keeper.valued |= read_in(write.path)
        there = sure or goes
        self._save(statement, write.variable, write.path, outer, copied=write.updates, sure=there)

    def _may_add_a_key(self, write: Write) -> bool:
        """Whether an entry may be new in a dict."""
        known = self.types.of(Read(write.variable))
        if known.form != "dict" or len(write.path) != 1:
            return False
        (key,) = write.path
        writes = [w for s in self.keeper.function.statements for w in s.writes]
        if any(w.mode == "del" and w.variable is write.variable for w in writes):
            return True
        places = self.kinds.definitions.get(write.variable, [])
        begun = [place.bind.value for place in places]
        return not begun or not all(
            isinstance(group, Group) and any(same(key, own) for own, _ in held_in(group))
            for group in begun
        )

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
        grown: Literal["", "append", "pop"] = "",
        sure: bool = False,
        at: int | None = None,
    ) -> None:
        known = self.saves.before.setdefault(id(node), [])
        if any(s.variable is variable and s.path is path for s in known):
            return
        if any(s.variable is variable and not s.path for s in known):
            return
        if copied and not path:
            self.copied.add(variable)
        many = bool(outer)
        store = self._store(variable, many=many, part=bool(path), outer=outer)
        known.append(Save(variable, path, store, many, copied, grown, sure, at))
        begun = (
            self._is_defined_before(variable, outer[0]) if many else self._is_set_at(variable, node)
        )
        if not path and not begun:
            if variable not in self.saves.undefined:
                self.saves.undefined.append(variable)

    def _is_defined_before(self, variable: Variable, loop: Loop) -> bool:
        if variable.role in ("parameter", "global"):
            return True
        inside = {id(statement) for statement in leaves((loop,))}
        places = self.kinds.definitions.get(variable, [])
        return any(id(p.statement) not in inside and p.path == () for p in places)

    def _is_set_at(self, variable: Variable, node: Node) -> bool:
        """Whether a variable has a value on each way to a node that runs once."""
        if variable.role in ("parameter", "global"):
            return True
        here = node if isinstance(node, Statement) else node.header
        path, end = self.kinds.paths[here], self._order.get(here, len(self._order))
        places = self.kinds.definitions.get(variable, [])
        return any(path[: len(p.path)] == p.path and self._order[p.statement] < end for p in places)

    def _store(
        self, variable: Variable, *, many: bool, part: bool, outer: tuple[Loop, ...]
    ) -> Variable:
        """Give the variable that keeps values of another."""
        wish = variable.wish or "value"
        if not many:
            return Variable(f"{wish}_old", "staged")
        key = (variable, part, id(outer[0]))
        if key not in self.stores:
            plural = plural_of(wish) if not part else f"{wish}_parts"
            store = self.stores[key] = Variable(plural, "staged")
            self.types.variables[store] = Type("list", "any", frozenset([store]))
            self.saves.lists.setdefault(id(outer[0]), []).append(store)
        return self.stores[key]

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
        ends = [place.statement for place in self.kinds.definitions.get(variable, ())]
        shared = any(self.memory.after(statement, variable) for statement in ends)
        copied = shared and self.memory.is_changed(variable)
        if copied:
            self.copied.add(variable)
            if variable in self.resized:  # what is undone is undone on what forward left
                self.shared[variable] = self.resized[variable]
        save = Save(variable, (), store, many=True, whole_copy=copied)
        self.saves.after.setdefault(id(holder), []).append(save)

    def _outermost(self, path: Path) -> Loop:
        block = self.keeper.function.body
        for key, arm in path:
            node = next(n for n in block if id(n) == key)
            if isinstance(node, Loop):
                return node
            assert isinstance(node, If)
            block = node.then if arm == "then" else node.otherwise
        raise AssertionError(path)


def _reads_itself(write: Write) -> bool:
    """Whether a write reads the entry that it changes, which so is there."""
    target = part(Read(write.variable), write.path)
    return write.mode == "add" or any(same(node, target) for node in walk(write.value))


def part_of(save: Save, types: Types) -> Expression:
    """Give the value that is kept, before it is copied; None for an entry that a dict hasn't."""
    value = Read(save.variable)
    if len(save.path) == 1 and types.of(value).form == "dict" and not save.sure:
        return Call(Member("get"), (value, *save.path), (), "method")
    return part(value, save.path)
