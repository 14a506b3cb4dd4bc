"""Items that may be numbers, and must be where an array would be changed under another name.

Takes a function, its types, and what shares memory. Gives the assignments, and what is put into
lists, that variables have their memory from, if all are items that may be numbers. Refuses nothing.
"""

from __future__ import annotations

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
    Write,
)
from srcdiff.passes.infer import Types
from srcdiff.passes.memory import Memory, holds
from srcdiff.passes.number_guards import Numbers
from srcdiff.passes.places import is_update
from srcdiff.passes.views import views
from srcdiff.passes.written import changed_in_place, updated

Known = tuple[Variable, int | None]
Found = list[tuple[Variable, Statement]]


class ItemsAsNumbers:
    """The items of one function that may be numbers."""

    def __init__(self, function: Function, types: Types, memory: Memory) -> None:
        self.function = function
        self.types = types
        self.memory = memory
        self.assigned: dict[Variable, list[tuple[Statement, Bind]]] = {}
        self.held: dict[Variable, list[tuple[Statement, Write]]] = {}
        for statement in function.statements:
            for bind in statement.binds:
                self.assigned.setdefault(bind.variable, []).append((statement, bind))
            for write in statement.writes:
                if holds(write, types):
                    self.held.setdefault(write.variable, []).append((statement, write))

    def of(self, variable: Variable) -> Found:
        """Give the assignments of items that a variable's memory is from, if all are of items.

        Once these are numbers, the sums that begin with them may still be arrays: then these.
        """
        if self.memory.callers([variable]) & written_by_parts(self.function):
            return []
        items: Found = []
        sums: Found = []
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
                elif named.wish and self._may_be_number(value):
                    items.append((named, statement))
                elif views(value):
                    return []
                if source is not None and source not in pending:
                    pending.append(source)
            for statement, write in self.held.get(named, ()):
                if self._may_be_number(write.value):
                    items.append((named, statement))
                elif views(write.value) and self.types.guess(write.value).form != "scalar":
                    return []
        return items or sums

    def _may_be_number(self, node: Expression) -> bool:
        if not isinstance(node, Item):
            return False
        known = self.types.guess(node)
        index = node.index
        parts = index.items if isinstance(index, Group) and index.kind == "tuple" else (index,)
        several = any(isinstance(p, Group) or self._picks_several(p) for p in parts)
        unsure = known.rank is None and known.form in ("any", "number")
        return unsure and not several and not if_picked(node, self.types)

    def _picks_several(self, part: Expression) -> bool:
        if isinstance(part, Const):
            return not isinstance(part.value, (int, str)) or isinstance(part.value, bool)
        known = self.types.of(part)
        return known.form in ("array", "list") or known.kind == "bool"


def if_picked(node: Expression, types: Types) -> list[Known | None]:
    """Give the parameters that must be arrays for an index to pick entries, and so to copy."""
    if not isinstance(node, Item) or not isinstance(node.index, Read):
        return []
    index = node.index.variable
    if index.role != "parameter" or types.of(node.index).form != "any":
        return []
    whole = types.of(node.value)
    if whole.form == "array":
        return [(index, None)]
    root = node.value.variable if isinstance(node.value, Read) else None
    known = root is not None and root.role == "parameter" and whole.form == "any"
    return [(index, None), (root, None)] if known and root is not None else []


def written_by_parts(function: Function) -> set[Variable]:
    """Give the outputs that are written only by way of names for their parts."""
    written = {v for s in function.statements for v in changed_in_place(s)}
    found = {o.value.variable for o in function.outputs if isinstance(o.value, Read)}
    return {v for v in found if v.role == "parameter"} - written


def must_be_numbers(found: Found, other: str, statement: Statement) -> Numbers:
    """Say of assignments, and of what is put into lists, that they must be numbers, and why."""
    if statement.form == "update":
        update = statement.binds[-1]
        assert isinstance(update.value, Call)
        symbol = operators.BINARY[update.value.function][0]
        changing = f"{update.variable.wish} {symbol}= ..."
    else:
        changing = f"writing into {changed_in_place(statement)[0].wish or 'it'}"
    numbers: Numbers = {}
    for variable, place in found:
        held = not any(bind.variable is variable for bind in place.binds)
        must = "must hold numbers" if held else "must be a number"
        why = f"{changing} would change {other}"
        numbers[variable, place.span] = f"{variable.wish} {must}: {why}"
    return numbers
