"""Writes in place that change what another name stands for.

Takes a function with branches, loops or writes in place, its types, and what shares memory. Gives
the updates that may stay in place. Refuses writes that change what another name stands for.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable

import numpy as np

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import (
    Call,
    Const,
    Expression,
    Function,
    Group,
    Item,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.parts import FLAT, IN_A_ROW, READ_ONLY, REARRANGING, is_view, step, view_of
from srcdiff.ir.walk import same, variables, walk
from srcdiff.passes.assumed import Assumption, of_two_names
from srcdiff.passes.contribute import is_single
from srcdiff.passes.indexed import has_slice
from srcdiff.passes.infer import Types
from srcdiff.passes.items_as_numbers import (
    ItemsAsNumbers,
    Known,
    if_picked,
    must_be_numbers,
    written_by_parts,
)
from srcdiff.passes.memory import Memory, holds
from srcdiff.passes.number_guards import Numbers
from srcdiff.passes.places import is_update
from srcdiff.passes.views import views
from srcdiff.passes.written import resizes, updated

KEEPING = REARRANGING - {
    np.squeeze,
    np.expand_dims,
    np.atleast_1d,
    np.atleast_2d,
    np.atleast_3d,
}
"""Views that have as many axes as the array."""


class Aliases:
    """Looks at the writes in place of one function."""

    def __init__(self, function: Function, types: Types, memory: Memory) -> None:
        self.function = function
        self.types = types
        self.memory = memory
        self.named = _named_once(function)
        self.made: dict[Variable, list[Known | None]] = {}
        self.items = ItemsAsNumbers(function, types, memory)
        for statement in function.statements:
            for bind in statement.binds:
                if not is_update(bind, statement) and views(bind.value):
                    swapped = len(statement.writes) > 1
                    picked = [] if swapped else if_picked(bind.value, types)
                    found = picked or [self._if_array(bind.variable, bind.value)]
                    self.made.setdefault(bind.variable, []).extend(found)
            for write in statement.writes:
                if holds(write, types) and types.of(Read(write.variable)).form == "any":
                    known = (write.variable, None) if write.variable.role == "parameter" else None
                    self.made.setdefault(write.variable, []).append(known)

    def check(self, problems: Problems) -> set[Statement]:
        """Refuse writes into shared memory; give the updates that may stay in place."""
        known = len(problems.found)
        numbers: Numbers = {}
        refusals: list[Refusal] = []
        twice = self._holding_twice()
        for statement in self.function.statements:
            with problems.within(statement.span):
                for write in statement.writes:
                    self._check_views(write, statement)
                    self._check_items(write, statement, twice)
        for statement, variable, others in self.memory.conflicts():
            what = min((v.wish for v in others if v.wish), default="another value")
            refusal = of_two_names(variable, what, statement, self.types)
            with problems.within(statement.span):
                number = statement.form == "update" and not self._axes(variable)
                found = self.items.of(variable) if number else []
                if found:
                    numbers = must_be_numbers(found, what, statement) | numbers
                    refusals.append(refusal)
                    continue
                self._refuse(variable, others, refusal, statement)
        if numbers and len(problems.found) == known:
            raise Assumption({}, refusals[0], numbers=numbers)
        return {s for s in self.function.statements if s.form == "update" and self._is_own(s)}

    def _check_views(self, write: Write, statement: Statement) -> None:
        """Refuse a write by way of a view that may be a copy."""
        whole: Expression = Read(write.variable)
        for place, index in enumerate(write.path):
            if is_view(index, IN_A_ROW):
                raise Refusal(
                    "SD110",
                    f"whether this changes {write.variable.wish} depends on how it lies in memory: "
                    "ravel and reshape give a view or a copy.",
                    "Write into the array itself, or by way of .flat.",
                    statement.span,
                )
            last = place == len(write.path) - 2 and is_single(write.path[-1], self.types)
            if is_view(index, FLAT) and not last:
                raise Refusal(
                    "SD101",
                    "a part of .flat is a copy.",
                    "Write one index: x.flat[i], x.flat[1:3].",
                    statement.span,
                )
            if is_view(index) and self.types.of(whole).form not in ("array", "number"):
                refusal = Refusal(
                    "SD101",
                    "a view is written to, and it isn't known whether it is one of an array.",
                    "Annotate the parameters that are arrays.",
                    statement.span,
                )
                arrays = dict.fromkeys(self.taken_apart(), None)
                raise Assumption(arrays, refusal) if arrays else refusal
            whole = step(whole, index)

    def _check_items(self, write: Write, statement: Statement, twice: set[Variable]) -> None:
        """Refuse a write into an item that may stand in another place of its list, too."""
        inside = not resizes(write) and len(write.path) > 1
        if inside and write.variable in twice and not self.memory.is_private(write):
            raise Refusal(
                "SD110",
                f"this may change another item of {write.variable.wish} too: it holds the same "
                "memory twice.",
                "Copy what is put into it: .copy().",
                statement.span,
            )

    def _holding_twice(self) -> set[Variable]:
        """Give the containers that may hold the same memory in two places."""
        found: set[Variable] = set()
        for statement in self.function.statements:
            for bind in statement.binds:
                if self._is_repeated(bind.value):
                    found.add(bind.variable)
                if isinstance(bind.value, Group) and bind.value.kind != "slice":
                    seen: list[tuple[Expression, set[Variable]]] = []
                    for item in bind.value.items:
                        memory = self._lies_in(item, statement) - {bind.variable}
                        if any(memory & m and not _apart(item, other) for other, m in seen):
                            found.add(bind.variable)
                        seen.append((item, memory))
            for write in statement.writes:
                if holds(write, self.types) and len(statement.writes) == 1:
                    own = {write.variable} | self.memory.others(statement, write.variable)
                    if own & self._lies_in(write.value, statement):
                        found.add(write.variable)
        return found.union(*(self.memory.ever.get(v, set()) for v in found))

    def _is_repeated(self, value: Expression) -> bool:
        """Whether a value is a list of the same array or list several times: [row] * 3."""
        if not isinstance(value, Call) or value.function is not operator.mul:
            return False
        lists = [t for t in map(self.types.of, value.arguments) if t.form in ("list", "tuple")]
        return any(
            t.rank != 1 if t.items is None else any(i.form != "scalar" for i in t.items)
            for t in lists
        )

    def _lies_in(self, node: Expression, statement: Statement) -> set[Variable]:
        """Give the variables whose memory a value may lie in."""
        if self.types.of(node).form in ("scalar", "other"):
            return set()
        found = views(node)
        return found.union(*(self.memory.others(statement, v) for v in found))

    def _is_own(self, statement: Statement) -> bool:
        """Whether an update in place changes nothing but its own variable."""
        bind = statement.binds[-1]
        if self.types.of(Read(bind.variable)).form == "scalar":
            return True
        old = updated(bind)
        others = self.memory.others(statement, old) - {old, bind.variable}
        return not others

    def _refuse(
        self, variable: Variable, others: set[Variable], refusal: Refusal, statement: Statement
    ) -> None:
        involved = [known for v in (variable, *others) for known in self.made.get(v, ())]
        ranks = {known[0]: known[1] for known in involved if known is not None}
        if involved and None not in involved:
            if None in ranks.values():
                ranks = {p: rank for p, rank in ranks.items() if rank is None}
            raise Assumption(ranks, refusal)
        numbers = self.as_numbers(others, variable, statement)
        if numbers:
            raise Assumption({}, refusal, numbers=numbers)
        arrays = dict.fromkeys(self.taken_apart(), None)
        if arrays:
            raise Assumption(arrays, refusal)
        raise refusal

    def as_numbers(
        self, others: Iterable[Variable], changed: Variable, statement: Statement
    ) -> Numbers:
        """Give what must be numbers for a statement to change no others; nothing if it may."""
        numbers: Numbers = {}
        for other in sorted(others, key=lambda v: v.wish):
            found = [] if other is changed or self._axes(other) else self.items.of(other)
            if not found:
                return {}
            numbers |= must_be_numbers(found, other.wish, statement)
        return numbers

    def taken_apart(self) -> set[Variable]:
        """Give the parameters that are arrays or lists, and it isn't known which."""
        found: set[Variable] = set()
        for statement in self.function.statements:
            trees = [bind.value for bind in statement.binds]
            for write in statement.writes:
                found.add(write.variable)
                trees += [write.value, *write.path]
            for node in (inner for tree in trees for inner in walk(tree)):
                if isinstance(node, Item) and isinstance(node.value, Read):
                    named = isinstance(node.index, Const) and isinstance(node.index.value, str)
                    found |= set() if named else {node.value.variable}
                elif isinstance(node, Call) and node.spelling in ("method", "attribute"):
                    found |= set(variables(node.arguments[0]))
        found |= self.memory.copied_from(found)
        return {v for v in found if v.role == "parameter" and self.types.of(Read(v)).form == "any"}

    def _is_single(self, index: Expression) -> bool:
        """Whether an index takes one entry along an axis, or picks some of them and so copies."""
        new = isinstance(index, (Group, Const)) and (
            isinstance(index, Group) or index.value is None or index.value is ...
        )
        known = self.types.of(index)
        return not new and known.kind != "bool" and known.form in ("scalar", "number", "any")

    def _if_array(self, variable: Variable, node: Expression) -> Known | None:
        """Give the parameter that must be an array, with so many axes if this is an element."""
        axes = own_axes = self._axes(variable)
        whole, taken = True, False
        while not isinstance(node, Read) or node.variable in self.named:
            view = view_of(node)
            if isinstance(node, Read):
                node = self.named[node.variable]
            elif isinstance(node, Item):
                index = node.index
                tupled = isinstance(index, Group) and index.kind == "tuple"
                parts = index.items if tupled and isinstance(index, Group) else (index,)
                single = [self._is_single(part) for part in parts]
                new = any(isinstance(part, Const) and part.value is None for part in parts)
                if not all(map(operator.or_, single, map(has_slice, parts))) or (new and taken):
                    return None
                whole = whole and (taken or all(single))
                taken = True
                axes = sum(single) + max(axes, len(parts) - sum(single))
                node = node.value
            elif isinstance(node, Call) and (view is not None or node.function in READ_ONLY):
                whole = whole and taken and node.function in KEEPING
                node = node.arguments[0]
            else:
                break
        known = self.types.of(node)
        if isinstance(known.shape, tuple) or len(known.shape) != 1:
            return None
        (origin,) = known.shape
        own = isinstance(origin, Variable) and origin.role == "parameter"
        if not own or not isinstance(origin, Variable) or (not whole and known.form == "array"):
            return None
        if not taken and whole and (axes or origin in self.taken_apart()):
            return origin, None
        if taken and not own_axes and origin in written_by_parts(self.function):
            axes += 1  # numbers taken out of it would leave it as it is
        return origin, axes if whole else None

    def _axes(self, variable: Variable) -> int:
        """Give how many axes a variable has at least, by how it is used."""
        names = {variable}
        found = 0
        for statement in self.function.statements:
            trees = [bind.value for bind in statement.binds]
            if statement.form == "update" and updated(statement.binds[-1]) in names:
                own = statement.binds[-1].variable
                names.add(own)
                if not self.memory.is_read_after(statement, own):
                    found = max(found, 1)  # it would be in vain to change a number
            for write in statement.writes:
                trees += [write.value, *write.path]
                if write.variable in names and write.path:
                    found = max(found, _counted(write.path[0]))
            for node in (inner for tree in trees for inner in walk(tree)):
                if isinstance(node, Item) and isinstance(node.value, Read):
                    if node.value.variable in names:
                        found = max(found, _counted(node.index))
        return found


def _named_once(function: Function) -> dict[Variable, Expression]:
    """Give what the names of parts stand for that are assigned in one place only."""
    found: dict[Variable, list[Expression]] = {}
    for statement in function.statements:
        for bind in statement.binds:
            found.setdefault(bind.variable, []).append(bind.value)
    places = {
        v: values[0] for v, values in found.items() if len(values) == 1 and v.role != "parameter"
    }
    return {v: value for v, value in places.items() if views(value) and v not in views(value)}


def _apart(one: Expression, other: Expression) -> bool:
    """Whether two expressions are certainly different items of the same value."""
    match one, other:
        case Item(index=Const(value=int(i))), Item(index=Const(value=int(j))):
            return i != j and (i < 0) == (j < 0) and same(one.value, other.value)
    return False


def _counted(index: Expression) -> int:
    """Give how many axes an index speaks of, at least."""
    if isinstance(index, Group) and index.kind == "tuple":
        return sum(not isinstance(item, Const) or type(item.value) is int for item in index.items)
    return 1
