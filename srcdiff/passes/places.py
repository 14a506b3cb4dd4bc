"""Where the memory of variables may lie: in which items of which parameters.

Takes a function, and the variables of containers that it changes. Says of two variables whether
they stand for different items of one parameter, which are taken to share no memory, as different
parameters are. Refuses nothing.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np

from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Function,
    Group,
    Item,
    Read,
    Statement,
    Variable,
)
from srcdiff.ir.types import Type
from srcdiff.ir.walk import nodes_of, variables
from srcdiff.passes.infer import Types
from srcdiff.passes.views import copies_items, views

DEEPEST = 4

Key = str | int | range


@dataclass(frozen=True, slots=True)
class Place:
    """What lies at some keys of a root, or is a part of that.

    Parameters
    ----------
    root
        A parameter, or the assignment of something that was made.
    keys
        Outermost first; a range is what a slice may have.
    exact
        Whether it is all that lies there, so that its items lie at further keys.
    """

    root: Variable | Bind
    keys: tuple[Key, ...] = ()
    exact: bool = True

    def part(self) -> Place:
        """Give the place of what may be any part of it."""
        return Place(self.root, self.keys, exact=False)

    def item(self, key: Key | None) -> Place:
        """Give the place of an item; None is a key that isn't known."""
        if not self.exact or key is None or len(self.keys) == DEEPEST:
            return self.part()
        return Place(self.root, (*self.keys, key), not isinstance(key, range))

    def is_apart(self, other: Place) -> bool:
        """Whether nothing lies in both."""
        return self.root is not other.root or any(map(_differ, self.keys, other.keys))


class Places:
    """The places of one function's variables.

    Parameters
    ----------
    function
        The function.
    changed
        Containers whose items are others at different times.
    """

    def __init__(self, function: Function, changed: set[Variable]) -> None:
        self._binds = [(bind, s) for s in function.statements for bind in s.binds]
        self._assigned = {bind.variable for bind, _ in self._binds}
        self._known = self._assigned.union(*(variables(bind.value) for bind, _ in self._binds))
        self._unknown = self._joined(changed)
        found = {p.variable: frozenset([Place(p.variable)]) for p in function.parameters}
        self._found: dict[Variable, frozenset[Place]] = found
        before: dict[Variable, frozenset[Place]] = {}
        while before != self._found:
            before = dict(self._found)
            for bind, statement in self._binds:
                more = self._of(bind.value, bind)
                if is_update(bind, statement) and isinstance(bind.value, Call):
                    more |= self._of(bind.value.arguments[0], bind)  # where the old value lies
                self._found[bind.variable] = self._of_variable(bind.variable) | more

    def _joined(self, changed: set[Variable]) -> set[Variable]:
        """Give the variables that may be names of others, or of their parts, or the reverse."""
        reached = set(changed)
        before = -1
        while before != len(reached):
            before = len(reached)
            for bind, _ in self._binds:
                group = {bind.variable} | _near(bind.value)
                reached |= group if group & reached else set()
        return reached

    def _of(self, node: Expression, bind: Bind) -> frozenset[Place]:
        if isinstance(node, Read):
            return self._of_variable(node.variable)
        if isinstance(node, Item) and isinstance(node.value, (Item, Read)):
            key = _key(node.index)
            return frozenset(place.item(key) for place in self._of(node.value, bind))
        found = {place.part() for v in _near(node) for place in self._of_variable(v)}
        listed = isinstance(node, Group) and node.kind == "list"  # of what is made with it
        return frozenset(found or {Place(bind, (), exact=listed)})

    def _of_variable(self, variable: Variable) -> frozenset[Place]:
        own = () if variable in self._assigned else (Place(variable),)
        return self._found.get(variable, frozenset(own))

    def are_apart(self, one: Variable, other: Variable) -> bool:
        """Whether the memory of two variables lies in different places."""
        if {one, other} & self._unknown or not {one, other} <= self._known:
            return False
        first, second = self._of_variable(one), self._of_variable(other)
        apart = all(place.is_apart(there) for place in first for there in second)
        return bool(first and second) and apart


def _near(node: Expression) -> set[Variable]:
    """Give the variables whose memory a value may lie in, or hold: a copied list's items stay."""
    return views(node.arguments[0] if isinstance(node, Call) and copies_items(node) else node)


def is_update(bind: Bind, statement: Statement) -> bool:
    """Whether this is an augmented assignment itself, not a value that its statement needs."""
    return statement.form == "update" and bind is statement.binds[-1]


def _key(index: Expression) -> Key | None:
    """Give the key that an index is, where its text says it."""
    if isinstance(index, Const) and (isinstance(index.value, str) or type(index.value) is int):
        return index.value
    if isinstance(index, Group) and index.kind == "slice":
        first, last, step = (b.value if isinstance(b, Const) else b for b in index.items)
        first = 0 if first is None else first
        last = sys.maxsize if last is None else last
        if step is None and type(first) is int and first >= 0:
            return range(first, last if type(last) is int and last >= 0 else sys.maxsize)
    return None


def _differ(one: Key, other: Key) -> bool:
    """Whether two keys of one container never name the same."""
    match one, other:
        case (str(), str()):
            return one != other
        case (int(), int()):  # one from the start and one from the end may be the same
            return one != other and (one < 0) == (other < 0)
        case (int(), range()):
            return one >= 0 and one not in other
        case (range(), int()):
            return _differ(other, one)
        case (range(), range()):
            return one.stop <= other.start or other.stop <= one.start
    return False


def growing(function: Function) -> dict[Variable, list[Expression]]:
    """Give the lists that are only added to, each time something that was made for that.

    Their items stay in their places, and none is another; nor has such a list another name. With
    each comes what it holds.
    """
    lists: dict[Variable, list[Expression]] = {}
    others = {parameter.variable for parameter in function.parameters}
    for statement in function.statements:
        for bind in statement.binds:
            match bind.value:
                case Group(kind="list", items=items) if bind.variable not in lists:
                    lists[bind.variable] = [*items]
                case _:
                    others.add(bind.variable)
        for write in statement.writes:
            added = write.mode == "append" and not write.path and write.at is None
            added = added and write.variable in lists
            others |= set() if added else {write.variable}
            lists.setdefault(write.variable, []).append(write.value)
    reads: Counter[Variable] = Counter()
    for node in nodes_of(function):
        reads.update([node.variable] if isinstance(node, Read) else ())
        if isinstance(node, Item) and isinstance(node.value, Read) and not _from_end(node.index):
            reads.subtract([node.value.variable])
    return {
        variable: values
        for variable, values in lists.items()
        if variable not in others and not reads[variable] and not any(map(_near, values))
    }


def _from_end(index: Expression) -> bool:
    """Whether an index counts from the end, which isn't always the same place."""
    return isinstance(index, Const) and isinstance(index.value, int) and index.value < 0


def holds_more(known: Type) -> bool:
    """Whether a dict may hold more than numbers, which a copy of it then holds too."""
    entries = known.fields
    return known.form == "dict" and (
        entries is None or any(entry.form != "scalar" for _, entry in entries)
    )


def copies_more(function: Function, types: Types) -> bool:
    """Whether a function copies a dict whose copy holds the same arrays."""
    return any(
        holds_more(types.guess(bind.value.arguments[0]))
        for statement in function.statements
        for bind in statement.binds
        if isinstance(bind.value, Call) and bind.value.function is np.copy
    )


def only_sets_entries(statement: Statement, variable: Variable, types: Types) -> bool:
    """Whether all that a statement does to a dict is to give entries other values."""
    writes = [write for write in statement.writes if write.variable is variable]
    if not writes or types.of(Read(variable)).form != "dict":
        return False
    return all(w.mode in ("set", "del") and not w.updates and len(w.path) == 1 for w in writes)
