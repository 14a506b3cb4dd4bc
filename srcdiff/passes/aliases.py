"""Writes in place that change what another name stands for.

Takes a function with branches, loops or writes in place, its types, and what shares memory. Gives
the updates that may stay in place. Refuses writes that change what another name stands for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir import operators
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
from srcdiff.ir.walk import variables, walk
from srcdiff.passes.infer import Types
from srcdiff.passes.memory import Memory, changed_in_place, holds, updated
from srcdiff.passes.number_guards import Numbers
from srcdiff.passes.places import is_update
from srcdiff.passes.views import views

Known = tuple[Variable, int | None]


class Assumption(Exception):
    """What must hold of parameters for a function to be differentiated.

    Parameters
    ----------
    ranks
        How many axes each parameter must have; None where any number will do.
    refusal
        What is said where that isn't enough.
    parts
        Names for parts of arrays that are to be written out.
    numbers
        Assignments of items that must be numbers.
    """

    def __init__(
        self,
        ranks: dict[Variable, int | None],
        refusal: Refusal,
        parts: frozenset[Variable] = frozenset(),
        numbers: Numbers | None = None,
    ) -> None:
        super().__init__(ranks)
        self.ranks = ranks
        self.parts = parts
        self.numbers = numbers or {}
        self.refusal = refusal


@dataclass(slots=True)
class Assumed:
    """What a derivation assumes because it couldn't be right without."""

    ranks: dict[Variable, int | None] = field(default_factory=dict)
    parts: frozenset[Variable] = frozenset()
    numbers: Numbers = field(default_factory=dict)

    def including(self, more: Assumption) -> bool:
        """Assume something more; say whether it is new."""
        known = more.ranks.items() <= self.ranks.items() and more.parts <= self.parts
        known = known and more.numbers.keys() <= self.numbers.keys()
        self.ranks |= more.ranks
        self.parts |= more.parts
        self.numbers = more.numbers | self.numbers
        return not known


class Aliases:
    """Looks at the writes in place of one function."""

    def __init__(self, function: Function, types: Types, memory: Memory) -> None:
        self.function = function
        self.types = types
        self.memory = memory
        self.made: dict[Variable, list[Known | None]] = {}
        self.assigned: dict[Variable, list[tuple[Statement, Bind]]] = {}
        for statement in function.statements:
            for bind in statement.binds:
                self.assigned.setdefault(bind.variable, []).append((statement, bind))
                if not is_update(bind, statement) and views(bind.value):
                    found = self._if_picked(bind.value) or [self._if_array(bind.value)]
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
        for statement, variable, others in self.memory.conflicts():
            what = min((v.wish for v in others if v.wish), default="another value")
            refusal = _refusal(variable.wish, what, statement)
            with problems.within(statement.span):
                found = self._items(variable) if statement.form == "update" else []
                if found:
                    numbers = _must_be_numbers(found, what, statement) | numbers
                    refusals.append(refusal)
                    continue
                self._refuse(variable, others, refusal)
        if numbers and len(problems.found) == known:
            raise Assumption({}, refusals[0], numbers=numbers)
        return {s for s in self.function.statements if s.form == "update" and self._is_own(s)}

    def _is_own(self, statement: Statement) -> bool:
        """Whether an update in place changes nothing but its own variable."""
        bind = statement.binds[-1]
        if self.types.of(Read(bind.variable)).form == "scalar":
            return True
        old = updated(bind)
        others = self.memory.others(statement, old) - {old, bind.variable}
        return not others

    def _refuse(self, variable: Variable, others: set[Variable], refusal: Refusal) -> None:
        involved = [known for v in (variable, *others) for known in self.made.get(v, ())]
        ranks = {known[0]: known[1] for known in involved if known is not None}
        if involved and None not in involved:
            if None in ranks.values():
                ranks = {p: rank for p, rank in ranks.items() if rank is None}
            raise Assumption(ranks, refusal)
        arrays = dict.fromkeys(self._taken_apart(), None)
        if arrays:
            raise Assumption(arrays, refusal)
        raise refusal

    def _items(self, variable: Variable) -> list[tuple[Variable, Statement]]:
        """Give the assignments of items that a variable's memory is from, if all are of items.

        Once these are numbers, the sums that begin with them may still be arrays: then these.
        """
        if self.memory.callers([variable]) & self._written_by_parts():
            return []
        items: list[tuple[Variable, Statement]] = []
        sums: list[tuple[Variable, Statement]] = []
        pending = [variable]
        for named in pending:
            if named.role == "parameter" or named not in self.assigned:
                return []
            for statement, bind in self.assigned[named]:
                value = bind.value
                source: Variable | None = None
                if self.types.of(value).form == "scalar":
                    continue
                if is_update(bind, statement):
                    sums.append((named, statement))
                    source = updated(bind)
                elif isinstance(value, Read):
                    source = value.variable
                elif isinstance(value, Item) and named.wish and self._may_be_number(value):
                    items.append((named, statement))
                elif views(value):
                    return []
                if source is not None and source not in pending:
                    pending.append(source)
        return items or sums

    def _may_be_number(self, node: Item) -> bool:
        known = self.types.of(node)
        index = node.index
        parts = index.items if isinstance(index, Group) and index.kind == "tuple" else (index,)
        several = any(isinstance(p, Group) or self._picks_several(p) for p in parts)
        unsure = known.rank is None and known.form in ("any", "number")
        return unsure and not several and not self._if_picked(node)

    def _picks_several(self, part: Expression) -> bool:
        if isinstance(part, Const):
            return not isinstance(part.value, (int, str)) or isinstance(part.value, bool)
        known = self.types.of(part)
        return known.form in ("array", "list") or known.kind == "bool"

    def _written_by_parts(self) -> set[Variable]:
        """Give the outputs that are written only by way of names for their parts."""
        written = {v for s in self.function.statements for v in changed_in_place(s)}
        found = {o.value.variable for o in self.function.outputs if isinstance(o.value, Read)}
        return {v for v in found if v.role == "parameter"} - written

    def _taken_apart(self) -> set[Variable]:
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

    def _if_picked(self, node: Expression) -> list[Known | None]:
        """Give the parameters that must be arrays for an index to pick entries, and so to copy."""
        if not isinstance(node, Item) or not isinstance(node.index, Read):
            return []
        index = node.index.variable
        if index.role != "parameter" or self.types.of(node.index).form != "any":
            return []
        whole = self.types.of(node.value)
        if whole.form == "array":
            return [(index, None)]
        root = node.value.variable if isinstance(node.value, Read) else None
        known = root is not None and root.role == "parameter" and whole.form == "any"
        return [(index, None), (root, None)] if known and root is not None else []

    def _if_array(self, node: Expression) -> Known | None:
        """Give the parameter that must be an array, with so many axes if this is an element."""
        rank = 0
        whole = True
        while isinstance(node, Item):
            index = node.index
            parts = index.items if isinstance(index, Group) and index.kind == "tuple" else (index,)
            numbers = [self.types.of(p).form == "scalar" for p in parts]
            slices = [isinstance(p, Group) and p.kind == "slice" for p in parts]
            if not all(n or s for n, s in zip(numbers, slices, strict=True)):
                return None
            whole = whole and all(numbers)
            rank += len(parts)
            node = node.value
        known = self.types.of(node)
        if isinstance(known.shape, tuple) or len(known.shape) != 1:
            return None
        (origin,) = known.shape
        own = isinstance(origin, Variable) and origin.role == "parameter"
        if not own or not isinstance(origin, Variable) or (not whole and known.form == "array"):
            return None
        if rank == 0 and origin in self._taken_apart():
            return origin, None
        if whole and rank and origin in self._written_by_parts():
            rank += 1  # numbers taken out of it would leave it as it is
        return origin, rank if whole else None


def _refusal(changed: str, other: str, statement: Statement) -> Refusal:
    return Refusal(
        "SD110",
        f"this changes {other} too, if {changed} is an array: both are names of the same memory.",
        "Copy the array first: .copy(), or write the part out: x[1:] instead of a name for it.",
        statement.span,
    )


def _must_be_numbers(
    found: list[tuple[Variable, Statement]], other: str, statement: Statement
) -> Numbers:
    update = statement.binds[-1]
    assert isinstance(update.value, Call)
    symbol = operators.BINARY[update.value.function][0]
    changed = f"{update.variable.wish} {symbol}= ... would change {other}"
    return {(v, s.span): f"{v.wish} must be a number: {changed}" for v, s in found}
