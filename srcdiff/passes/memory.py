"""Which variables may share memory, and which are read later, at each statement.

Takes a function with branches, loops or writes in place, and its types. Gives, for each statement,
the variables that may lie in the memory of another. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from srcdiff.ir.live import live_after, read_in
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Expression,
    Function,
    Group,
    If,
    Item,
    Jump,
    Loop,
    Read,
    Statement,
    Variable,
    Write,
    leaves,
)
from srcdiff.ir.walk import trees, variables
from srcdiff.passes.infer import Types
from srcdiff.passes.places import Places, copies_more, growing, is_update, only_sets_entries
from srcdiff.passes.private import private
from srcdiff.passes.sources import Sources
from srcdiff.passes.unheld import unheld
from srcdiff.passes.views import copies_items
from srcdiff.passes.written import (
    beside,
    beside_inner,
    changed_anywhere,
    changed_in_place,
    resizes,
    sets_entry,
    updated,
)

Pairs = frozenset[frozenset[Variable]]
NONE: Pairs = frozenset()


class Memory:
    """The memory of one function's variables, followed along its statements.

    Two variables may share memory after an assignment that gives one a view of the other, until
    either is assigned something new. Different parameters share none, nor do different items of
    one.

    Attributes
    ----------
    ever
        The variables that may share memory with each anywhere.
    """

    def __init__(self, function: Function, types: Types, *, deep: bool = True) -> None:
        self.function = function
        self.types = types
        # What an entry that is set anew changes is the dict, not what its copies hold.
        self._whole = (
            Memory(function, types, deep=False) if deep and copies_more(function, types) else self
        )
        self.ever: dict[Variable, set[Variable]] = {}
        self._before: dict[int, Pairs] = {}
        self._at: dict[int, Pairs] = {}
        self._after: dict[int, Pairs] = {}
        self._live = live_after(function)
        self._read = _kept_or_read(function)
        self._left: dict[str, list[Pairs]] = {}
        self._sources = Sources(function, types, deep=deep)
        self._callers = {Variable(""): p.variable for p in function.parameters}
        self._beside = beside(function, types)
        self._inner = beside_inner(function, types)
        self._unheld = unheld(function, types)
        self._places = Places(function, self._refilled())
        at_first = (_pairs(v, [callers]) for callers, v in self._callers.items())
        self._follow(function.body, NONE.union(*at_first))
        for pairs in (*self._at.values(), *self._after.values()):
            for pair in pairs:
                for variable in pair:
                    self.ever.setdefault(variable, set()).update(pair - {variable})
        self._changed = changed_anywhere(function, types.expansions)
        self._private = private(function, types)

    def others(self, statement: Statement, variable: Variable) -> set[Variable]:
        """Give what may share a variable's memory where a statement writes in place."""
        if self._whole is not self and only_sets_entries(statement, variable, self.types):
            return self._whole.others(statement, variable)
        return _partners(self._at.get(id(statement), NONE), variable)

    def is_own(self, variable: Variable, steps: int) -> bool:
        """Whether a write so many indices deep changes what no other name ever stands for."""
        if self._private.get(variable, 0) >= steps:
            return True
        return self.ever.get(variable, set()) <= set(self._callers)

    def holds(self, write: Write) -> bool:
        """Whether a write puts the value itself into a container of its own."""
        return self._private.get(write.variable, 0) >= len(write.path)

    def callers(self, found: Iterable[Variable]) -> set[Variable]:
        """Give the parameters that variables may be names of, or of parts of."""
        sources: dict[Variable, set[Variable]] = {}
        for statement in self.function.statements:
            for bind in statement.binds:
                if not is_update(bind, statement):
                    found_here = (
                        set() if isinstance(bind.value, Group) else self._sources.all(bind.value)
                    )
                    sources.setdefault(bind.variable, set()).update(found_here)
        reached = set(found)
        pending = list(reached)
        while pending:
            for source in sources.get(pending.pop(), ()):
                if source not in reached:
                    reached.add(source)
                    pending.append(source)
        return reached & set(self._callers.values())

    def copied_from(self, found: Iterable[Variable]) -> set[Variable]:
        """Give the variables that variables are copies of, or made to be like."""
        reached = set(found)
        before = -1
        while before != len(reached):
            before = len(reached)
            for statement in self.function.statements:
                for bind in statement.binds:
                    value = bind.value
                    if bind.variable not in reached:
                        continue
                    if isinstance(value, Call) and value.function in (np.copy, np.zeros_like):
                        reached |= set(variables(value.arguments[0]))
                    elif isinstance(value, Read):
                        reached.add(value.variable)
        return reached

    def keeps(self, statement: Statement, variable: Variable) -> bool:
        """Whether the old value of a variable lives on under another name after a statement."""
        before = self._before.get(id(statement), NONE)
        if statement.form == "update":  # the old value is kept, and so the new one lies elsewhere
            return not _partners(before, variable).isdisjoint(self._live[id(statement)])
        old = Variable("")
        state = before | _pairs(old, {variable} | _partners(before, variable))
        found = _partners(self._binds(statement, state), old)
        return not found.isdisjoint(self._live.get(id(statement), set()))

    def is_read_after(self, statement: Statement, variable: Variable) -> bool:
        """Whether a variable's value is read after a statement."""
        return variable in self._live.get(id(statement), set())

    def after(self, statement: Statement, variable: Variable) -> set[Variable]:
        """Give what may share a variable's memory after a statement, and is read afterwards."""
        found = _partners(self._after.get(id(statement), NONE), variable)
        return found & self._live.get(id(statement), set())

    def is_changed(self, variable: Variable) -> bool:
        """Whether a statement ever changes a variable's memory in place, under whatever name."""
        return variable in self._changed

    def conflicts(self) -> list[tuple[Statement, Variable, set[Variable]]]:
        """Give the statements that change in place what other variables still stand for."""
        found = []
        for statement in self.function.statements:
            live = self._live[id(statement)] & self._read
            for write in filter(self._resizes_more, statement.writes):
                variable = write.variable
                others = self.others(statement, variable) & live
                inner = (variable, len(write.path))
                others &= self._inner[inner] if write.path else self._beside[variable]
                if others:
                    found.append((statement, variable, others))
            own = {w.variable for w in statement.writes if self.is_private(w)}
            own -= {w.variable for w in statement.writes if not self.is_private(w)}
            writes = [write for write in statement.writes if not resizes(write)]
            for place, variable in enumerate(changed_in_place(statement)):
                keyed = self.types.guess(Read(variable)).form == "dict"
                if variable in own and (keyed or len(statement.writes) == 1):
                    continue
                others = self.others(statement, variable)
                if statement.form == "update":  # the old value, read by way of what holds it
                    old = self.types.guess(Read(variable)).form != "scalar"
                    others = others | ({variable} if old else set())
                others = others & live
                others -= {bind.variable for bind in statement.binds}
                others |= self._read_next(statement, place) & self.others(statement, variable)
                if place < len(writes) and sets_entry(writes[place], self.types):
                    others &= self._beside[variable]
                if others:
                    found.append((statement, variable, others))
        return found

    def is_private(self, write: Write) -> bool:
        """Whether a write puts another value into a container that has no other name."""
        place: Expression = Read(write.variable)
        for index in write.path:
            place = Item(place, index)
        anew = write.mode in ("set", "del") and not write.updates
        replaced = anew or self.types.guess(place).form == "scalar"
        return replaced and self._private.get(write.variable, 0) >= len(write.path) > 0

    def _resizes_more(self, write: Write) -> bool:
        """Whether a list that becomes longer or shorter may be one with another name."""
        if write in self._unheld:
            return False
        return resizes(write) and self._private.get(write.variable, 0) <= len(write.path)

    def shared(self, statement: Statement, write: Write) -> set[Variable]:
        """Give the variables that a write may change too."""
        if resizes(write) or self.is_private(write):
            return set()
        others = self.others(statement, write.variable)
        return others & self._beside[write.variable] if sets_entry(write, self.types) else others

    def _refilled(self) -> set[Variable]:
        """Give the containers in which something else may be put."""
        added = growing(self.function)
        lists = {v for v, values in added.items() if all(map(self._is_array, values))}
        others: set[Variable] = set()
        for bind in (bind for s in self.function.statements for bind in s.binds):
            match bind.value:
                case Item(value=Read(variable=variable)) if variable in lists:
                    continue
            others.add(bind.variable)
        return {
            write.variable
            for statement in self.function.statements
            for write in statement.writes
            if write.variable in others or write.variable.role != "local"
            if not self._is_array(Read(write.variable)) and write.variable not in added
        }

    def _is_array(self, node: Expression) -> bool:
        made = isinstance(node, Call) and node.function is np.copy and not copies_items(node)
        return made or self.types.guess(node).form == "array"

    def _read_next(self, statement: Statement, place: int) -> set[Variable]:
        """Give what the writes of a statement read after one of them, as `a[0], a[1] = ...`."""
        later = [w for w in statement.writes if not resizes(w)]
        reading = [w for w in later[place + 1 :] if w.variable in self._read]
        found = read_in(t for write in reading for t in (write.value, *write.path))
        if place < len(later) and len(later[place].path) == 1:
            known = self.types.of(Read(later[place].variable))
            return set() if known.form == "list" and known.rank == 1 else found
        return found

    # Forwards: what shares memory.

    def _follow(self, block: Block, state: Pairs) -> Pairs:
        for node in block:
            match node:
                case Statement():
                    state = self._statement(node, state)
                case If():
                    then = self._follow(node.then, state)
                    state = then | self._follow(node.otherwise, state)
                case Loop():
                    state = self._loop(node, state)
                case Jump(kind=kind):
                    self._left.setdefault(kind, []).append(state)
                    state = NONE  # nothing behind it is reached from here
        return state

    def _loop(self, loop: Loop, state: Pairs) -> Pairs:
        outer, self._left = self._left, {}
        while True:
            end = self._follow(loop.body, self._statement(loop.header, state))
            after = state.union(end, *self._left.get("continue", ()))
            if after == state:
                break
            state = after
        broken = self._left.get("break", ())
        self._left = outer
        return self._follow(loop.otherwise, state).union(*broken)

    def _statement(self, statement: Statement, state: Pairs) -> Pairs:
        self._before[id(statement)] = state
        if statement.form == "update":
            self._at[id(statement)] = state
        state = self._binds(statement, state)
        if statement.form != "update":
            self._at[id(statement)] = state
        for write in statement.writes:
            state = self._write(write, state)
        self._after[id(statement)] = state
        return state

    def _binds(self, statement: Statement, state: Pairs) -> Pairs:
        if statement.form != "swap":
            for bind in statement.binds:
                state = self._bind(statement, bind, state)
            return state
        reached = [(bind.variable, self._reached(bind, state)) for bind in statement.binds]
        for variable, _ in reached:
            state = _without(state, variable)
        for variable, found in reached:
            beside = {v for v, others in reached if others & found}
            state |= self._together(variable, found | beside)
        return state

    def _bind(self, statement: Statement, bind: Bind, state: Pairs) -> Pairs:
        variable = bind.variable
        if (
            self.types.guess(Read(variable)).form == "scalar"
            or self.types.guess(bind.value).form == "scalar"
        ):
            return _without(state, variable)
        if is_update(bind, statement):
            old = updated(bind)
            shared = {old} | _partners(state, old)
            return state | self._together(variable, shared)
        return _without(state, variable) | self._together(variable, self._reached(bind, state))

    def _reached(self, bind: Bind, state: Pairs) -> set[Variable]:
        """Give what a bound value may share memory with."""
        shared: set[Variable] = set()
        if self.types.guess(bind.value).form == "scalar":
            return shared
        for source in self._sources.of(bind.value):
            if self.types.guess(Read(source)).form != "scalar":
                shared |= {source} | _partners(state, source)
        return shared

    def _together(self, variable: Variable, others: set[Variable]) -> Pairs:
        """Pair a variable with others, but for those that lie in other items."""
        found = others - {variable}
        return _pairs(variable, (v for v in found if not self._places.are_apart(variable, v)))

    def _holders(self, write: Write, partners: set[Variable]) -> set[Variable]:
        """Give the names under which what a write puts into a container is found, too."""
        own = not write.path if resizes(write) else sets_entry(write, self.types)
        if not own:
            return partners
        return partners & (self._beside[write.variable] | set(self._callers))

    def _write(self, write: Write, state: Pairs) -> Pairs:
        """Note what a container holds from now on."""
        if not holds(write, self.types) or self.types.guess(write.value).form == "scalar":
            return state
        holders = {write.variable} | self._holders(write, _partners(state, write.variable))
        for source in self._sources.of(write.value):
            if self.types.guess(Read(source)).form != "scalar":
                for held in {source} | _partners(state, source):
                    state |= self._together(held, holders)
        return state


def holds(write: Write, types: Types) -> bool:
    """Whether a write may put a value itself into a container, not a copy of its numbers."""
    form = types.of(Read(write.variable)).form
    return write.mode == "append" or (write.mode == "set" and form in ("list", "dict", "any"))


def _kept_or_read(function: Function) -> set[Variable]:
    """Give the variables of which what is put into them is ever seen again."""
    found = read_in([*trees(function.body), *function.values])
    written = {write.variable for s in function.statements for write in s.writes}
    return found | {v for v in written if v.role in ("parameter", "global", "attribute")}


def written_anywhere(function: Function, memory: Memory) -> set[Variable]:
    """Give the variables whose values writes in place change, under whatever name."""
    found = {w.variable for s in leaves(function.body) for w in s.writes}
    return found.union(*(memory.ever.get(v, set()) for v in found))


def _pairs(variable: Variable, others: Iterable[Variable]) -> Pairs:
    return frozenset(frozenset([variable, other]) for other in others)


def _partners(state: Pairs, variable: Variable) -> set[Variable]:
    return {v for pair in state if variable in pair for v in pair if v is not variable}


def _without(state: Pairs, variable: Variable) -> Pairs:
    return frozenset(pair for pair in state if variable not in pair)
