"""Names that may share memory, where something is written in place.

Takes a function with branches, loops or writes in place, and its types. Gives the updates that may
stay in place. Refuses writes that change what another name stands for.
"""

from __future__ import annotations

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import Bind, Expression, Function, Read, Statement, Variable
from srcdiff.passes.infer import Types
from srcdiff.passes.views import views


class Aliases:
    """The classes of variables of one function that may share memory."""

    def __init__(self, function: Function, types: Types) -> None:
        self.function = function
        self.types = types
        self.parents: dict[Variable, Variable] = {}
        self.views: set[Variable] = set()
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
        self._hold(bind.variable, bind.value)

    def check(self, problems: Problems) -> set[Statement]:
        """Refuse writes into shared memory; give the updates that may stay in place."""
        shared = {self.root(variable) for variable in self.views}
        parameters = {self.root(p.variable) for p in self.function.parameters}
        safe: set[Statement] = set()
        for statement in self.function.statements:
            with problems.within(statement.span):
                for write in statement.writes:
                    if write.mode not in ("append", "pop") and self.root(write.variable) in shared:
                        raise self._refusal(write.variable)
                if statement.form == "update":
                    (bind,) = statement.binds[-1:]
                    if self._form(Read(bind.variable)) == "scalar":
                        safe.add(statement)
                        continue
                    root = self.root(bind.variable)
                    if root in shared:
                        raise self._refusal(bind.variable)
                    if root not in parameters:
                        safe.add(statement)
        return safe

    def _refusal(self, variable: Variable) -> Refusal:
        root = self.root(variable)
        names = [v.wish for v in self.views if self.root(v) is root and v.wish != variable.wish]
        other = sorted(name for name in names if name)
        what = other[0] if other else "another value"
        return Refusal(
            "SD110",
            f"this changes {what} too, if {variable.wish} is an array: "
            "both are names of the same memory.",
            "Copy the array first: .copy(), or write the part out: x[1:] instead of a name for it.",
        )
