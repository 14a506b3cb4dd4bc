"""Names that may share memory, where something is written in place.

Takes a function with branches, loops or writes in place, and its types. Gives the updates that may
stay in place. Refuses writes that change what another name stands for.
"""

from __future__ import annotations

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import (
    Bind,
    Expression,
    Function,
    Group,
    Item,
    Read,
    Statement,
    Variable,
)
from srcdiff.passes.infer import Types
from srcdiff.passes.views import views


def checked_aliases(function: Function, types: Types, problems: Problems) -> set[Statement]:
    """Refuse writes into shared memory; give the updates that may stay in place."""
    with problems.within(function.name_span):
        return Aliases(function, types).check(problems)
    return set()


class Assumption(Exception):
    """What must hold of parameters for a function to be differentiated.

    Parameters
    ----------
    ranks
        How many axes each parameter must have; None where any number will do.
    refusal
        What is said where that isn't enough.
    """

    def __init__(self, ranks: dict[Variable, int | None], refusal: Refusal) -> None:
        super().__init__(ranks)
        self.ranks = ranks
        self.refusal = refusal


class Aliases:
    """The memory that each variable of one function may stand for.

    Memory is known by what made it: a parameter, or an assignment of something new.
    """

    def __init__(self, function: Function, types: Types) -> None:
        self.function = function
        self.types = types
        self.memory: dict[Variable, set[object]] = {}
        self.views: list[tuple[Variable, tuple[Variable, int | None] | None]] = []
        for parameter in function.parameters:
            self.memory[parameter.variable] = {parameter.variable}
        self._follow()

    def _form(self, node: Expression) -> str:
        return self.types.of(node).form

    def of(self, variable: Variable) -> set[object]:
        """Give the memory that a variable may stand for."""
        return self.memory.get(variable, set())

    def _follow(self) -> None:
        """Collect until nothing is added: rounds of loops hand memory on."""
        before = -1
        while before != sum(map(len, self.memory.values())):
            before = sum(map(len, self.memory.values()))
            self.views.clear()
            for statement in self.function.statements:
                for bind in statement.binds:
                    self._bind(statement, bind)
                for write in statement.writes:
                    if write.mode == "append" or self._form(Read(write.variable)) == "list":
                        self._hold(write.variable, write.value, None)

    def _hold(
        self, variable: Variable, value: Expression, known: tuple[Variable, int | None] | None
    ) -> bool:
        """Note that a variable may stand for memory of others; whether it does."""
        found: set[object] = set()
        for source in views(value):
            if self._form(Read(source)) != "scalar" and self._form(value) != "scalar":
                found |= self.of(source)
        if found:
            self.memory.setdefault(variable, set()).update(found)
            self.views.append((variable, known))
        return bool(found)

    def _bind(self, statement: Statement, bind: Bind) -> None:
        if self._form(bind.value) == "scalar" or self._form(Read(bind.variable)) == "scalar":
            return
        if statement.form == "update":
            (old, *_) = bind.value.arguments  # type: ignore[union-attr]  # an update is a call
            assert isinstance(old, Read)
            own = self.of(old.variable) or {id(bind)}
            self.memory.setdefault(bind.variable, set()).update(own)
            return
        if not self._hold(bind.variable, bind.value, self._if_array(bind.value)):
            self.memory.setdefault(bind.variable, set()).add(id(bind))

    def _if_array(self, node: Expression) -> tuple[Variable, int | None] | None:
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
        return origin, rank if whole else None

    def check(self, problems: Problems) -> set[Statement]:
        """Refuse writes into shared memory; give the updates that may stay in place."""
        parameters = {p.variable for p in self.function.parameters}
        safe: set[Statement] = set()
        for statement in self.function.statements:
            with problems.within(statement.span):
                for write in statement.writes:
                    if write.mode not in ("append", "pop"):
                        self._check(write.variable, self.of(write.variable), statement)
                if statement.form == "update":
                    bind = statement.binds[-1]
                    if self._form(Read(bind.variable)) == "scalar":
                        safe.add(statement)
                        continue
                    (old, *_) = bind.value.arguments  # type: ignore[union-attr]  # it is a call
                    assert isinstance(old, Read)
                    changed = self.of(old.variable)
                    self._check(bind.variable, changed, statement)
                    if not changed & parameters:
                        safe.add(statement)
        return safe

    def _check(self, variable: Variable, changed: set[object], statement: Statement) -> None:
        """Refuse a change of memory that another name stands for."""
        others = [
            v
            for v, memory in self.memory.items()
            if memory & changed and v is not variable and v.wish != variable.wish
        ]
        if not others:
            return
        what = sorted(v.wish for v in others if v.wish)
        refusal = Refusal(
            "SD110",
            f"this changes {what[0] if what else 'another value'} too, if {variable.wish} is an "
            "array: both are names of the same memory.",
            "Copy the array first: .copy(), or write the part out: x[1:] instead of a name for it.",
            statement.span,
        )
        involved = [known for v, known in self.views if self.of(v) & changed]
        ranks = {known[0]: known[1] for known in involved if known is not None}
        if involved and None not in involved:
            if None in ranks.values():
                ranks = {p: rank for p, rank in ranks.items() if rank is None}
            raise Assumption(ranks, refusal)
        raise refusal
