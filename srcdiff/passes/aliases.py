"""Names that may share memory, where something is written in place.

Takes a function with branches, loops or writes in place, and its types. Gives the updates that may
stay in place. Refuses writes that change what another name stands for.
"""

from __future__ import annotations

from srcdiff.diagnostics import Problems, Refusal, Span
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
    """The classes of variables of one function that may share memory."""

    def __init__(self, function: Function, types: Types) -> None:
        self.function = function
        self.types = types
        self.parents: dict[Variable, Variable] = {}
        self.views: set[Variable] = set()
        self.assumable: list[tuple[Variable, Variable, int | None]] = []
        self.certain: set[Variable] = set()
        for statement in function.statements:
            for bind in statement.binds:
                self._bind(statement, bind)
            for write in statement.writes:
                if write.mode == "append" or self._form(Read(write.variable)) == "list":
                    self._hold(write.variable, write.value)

    def _form(self, node: Expression) -> str:
        return self.types.of(node).form

    def root(self, variable: Variable) -> Variable:
        """Give the variable that stands for a class."""
        while variable in self.parents:
            variable = self.parents[variable]
        return variable

    def _join(self, left: Variable, right: Variable) -> None:
        left, right = self.root(left), self.root(right)
        if left is not right:
            self.parents[right] = left

    def _hold(self, variable: Variable, value: Expression) -> None:
        for source in views(value):
            if self._form(Read(source)) != "scalar" and self._form(value) != "scalar":
                self._join(source, variable)
                self.views |= {source, variable}

    def _bind(self, statement: Statement, bind: Bind) -> None:
        if self._form(bind.value) == "scalar" or self._form(Read(bind.variable)) == "scalar":
            return
        if statement.form == "update":
            (old, *_) = bind.value.arguments  # type: ignore[union-attr]  # an update is a call
            assert isinstance(old, Read)
            self._join(old.variable, bind.variable)
            return
        known = self._if_array(bind.value)
        before = set(self.views)
        self._hold(bind.variable, bind.value)
        if known is not None:
            self.assumable.append((bind.variable, *known))
        else:
            self.certain |= self.views - before or ({bind.variable} & self.views)

    def _if_array(self, node: Expression) -> tuple[Variable, int | None] | None:
        """Give the parameter that must be an array, with so many axes if this is an element."""
        rank = 0
        whole = True
        if not isinstance(node, Item):
            return None
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

    def _assume(self, variable: Variable, span: Span) -> None:
        """Ask for parameters whose elements are numbers, if that is all that is at stake."""
        root = self.root(variable)
        own = [(p, rank) for v, p, rank in self.assumable if self.root(v) is root]
        if own and not any(self.root(v) is root for v in self.certain):
            if any(rank is None for _, rank in own):
                own = [(p, rank) for p, rank in own if rank is None]
            raise Assumption(dict(own), self._refusal(variable, span))

    def check(self, problems: Problems) -> set[Statement]:
        """Refuse writes into shared memory; give the updates that may stay in place."""
        shared = {self.root(variable) for variable in self.views}
        parameters = {self.root(p.variable) for p in self.function.parameters}
        safe: set[Statement] = set()
        for statement in self.function.statements:
            with problems.within(statement.span):
                for write in statement.writes:
                    if write.mode not in ("append", "pop") and self.root(write.variable) in shared:
                        self._assume(write.variable, statement.span)
                        raise self._refusal(write.variable, statement.span)
                if statement.form == "update":
                    (bind,) = statement.binds[-1:]
                    if self._form(Read(bind.variable)) == "scalar":
                        safe.add(statement)
                        continue
                    root = self.root(bind.variable)
                    if root in shared:
                        self._assume(bind.variable, statement.span)
                        raise self._refusal(bind.variable, statement.span)
                    if root not in parameters:
                        safe.add(statement)
        return safe

    def _refusal(self, variable: Variable, span: Span) -> Refusal:
        root = self.root(variable)
        names = [v.wish for v in self.views if self.root(v) is root and v.wish != variable.wish]
        other = sorted(name for name in names if name)
        what = other[0] if other else "another value"
        return Refusal(
            "SD110",
            f"this changes {what} too, if {variable.wish} is an array: "
            "both are names of the same memory.",
            "Copy the array first: .copy(), or write the part out: x[1:] instead of a name for it.",
            span,
        )
