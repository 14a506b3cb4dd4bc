"""Names of parts of an array are written out where the array is written in place.

Takes a function with writes in place, and its types. Gives it with `a[1:]` in the place of a
variable that stands for it, so that gradients mirror the memory that values share. Refuses nothing:
what it leaves is refused by `aliases`.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

import numpy as np

from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    Function,
    Group,
    If,
    Item,
    Loop,
    Output,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.parts import CUTTING, FLAT, IN_A_ROW, READ_ONLY, contents, is_view, path_to, view_of
from srcdiff.ir.walk import copied, rebuild, rebuilt, variables
from srcdiff.passes.contribute import is_basic, is_single
from srcdiff.passes.infer import Types
from srcdiff.passes.memory import Memory
from srcdiff.passes.places import is_update
from srcdiff.passes.views import views
from srcdiff.passes.webs import changing_in
from srcdiff.passes.written import changed_in_place

MADE_IN_ORDER: dict[Any, int] = {np.zeros: 1, np.ones: 1, np.empty: 1, np.full: 2, np.eye: 3}
"""Functions that give an array whose entries lie in order, called with so many arguments."""


def mirror(
    function: Function, types: Types, parts: frozenset[Variable]
) -> tuple[Function, dict[Expression, Expression]]:
    """Write views out where their memory is changed in place, and those asked for.

    Also in what the calls of the user's functions compute, which is given as well.
    """
    if not any(s.writes or changed_in_place(s) for s in function.statements):
        return function, types.expansions
    finder = _Finder(function, types)
    table = finder.table(set(parts))
    if not table:
        return function, types.expansions
    writer = _Writer(table)
    body = writer.block(function.body)
    outputs = tuple(Output(o.name, writer.read(o.value)) for o in function.outputs)
    rewritten = function.rewritten | writer.rewritten
    changed = replace(function, body=body, outputs=outputs, rewritten=rewritten)
    expansions = {writer.read(n): writer.read(tree) for n, tree in types.expansions.items()}
    return replace(changed, changing=changing_in(changed)), expansions


class _Finder:
    def __init__(self, function: Function, types: Types) -> None:
        self.function = function
        self.types = types
        self.memory = Memory(function, types)
        self.plain: dict[Variable, list[Bind]] = {}
        self.updated: dict[Variable, Variable] = {}
        self.mixed: set[Variable] = set()
        self.indices: set[Variable] = set()
        self.stepped: set[Variable] = set()
        self._collect(function.body)

    def _collect(self, block: Block) -> None:
        for node in block:
            match node:
                case If():
                    self._collect(node.then)
                    self._collect(node.otherwise)
                case Loop():
                    if node.index is not None:
                        self.indices.add(node.index)
                    self._statement(node.header)
                    self._collect(node.body)
                case Statement():
                    self._statement(node)

    def _statement(self, statement: Statement) -> None:
        for bind in statement.binds:
            value = bind.value
            if is_update(bind, statement) and isinstance(value, Call):
                old = value.arguments[0]
                if isinstance(old, Read) and old.variable is not bind.variable:
                    if self.updated.get(bind.variable, old.variable) is not old.variable:
                        self.mixed.add(bind.variable)
                    self.updated[bind.variable] = old.variable
                else:
                    self.stepped.add(bind.variable)
                continue
            self.plain.setdefault(bind.variable, []).append(bind)

    def table(self, involved: set[Variable]) -> dict[Variable, Expression]:
        """Give what each view is to be written as."""
        for _, variable, others in self.memory.conflicts():
            for shared in (variable, *others):
                involved |= {shared} | self.memory.ever.get(shared, set())
        found: dict[Variable, Expression] = {}
        before = -1
        while before != len(found):
            before = len(found)
            self._find(involved, found)
        return found

    def _find(self, involved: set[Variable], found: dict[Variable, Expression]) -> None:
        kept = {old for variable, old in self.updated.items() if not self._is_chained(variable)}
        for variable, binds in self.plain.items():
            if variable not in involved or len(binds) != 1:
                continue
            if variable.role == "parameter" or not views(binds[0].value):
                continue
            if variable in self.updated or variable in kept:
                continue  # it is this view, or what an update of something else gave
            if self._is_view(variable, binds[0].value, found):
                found[variable] = binds[0].value
        for variable, old in self.updated.items():
            origin: Variable | None = old
            passed = {variable}
            while origin is not None and origin not in found:
                passed.add(origin)
                origin = self.updated.get(origin)
                origin = None if origin in passed else origin
            chained = self._is_chained(variable)
            if origin is not None and chained:
                found[variable] = found[origin]
            elif chained and self._is_root(old, found):
                found[variable] = Read(old)

    def _is_chained(self, variable: Variable) -> bool:
        """Whether all that a variable stands for is what updates gave of one other."""
        return not self.plain.get(variable) and variable not in self.mixed

    def _is_root(self, variable: Variable, found: dict[Variable, Expression]) -> bool:
        """Whether views are of an array that is updated in place."""
        roots = {v for value in found.values() for v in variables(value)}
        return variable in roots and self.types.of(Read(variable)).form == "array"

    def _is_view(
        self, variable: Variable, value: Expression, found: dict[Variable, Expression]
    ) -> bool:
        """Whether a value is certainly a part of an array that stays where it is."""
        root = value
        whole = True
        while not isinstance(root, Read):
            if isinstance(root, Item):
                if not is_basic(root.index, self.types):
                    return False
                if not all(self._stays(v) for v in variables(root.index)):
                    return False
                root = root.value
                whole = False
                continue
            view = view_of(root)
            if not isinstance(root, Call) or (view is None and not self._is_read(variable, root)):
                return False
            if view == FLAT:
                return False
            if view == IN_A_ROW and not (whole and self._is_flat(variable, root.arguments[0])):
                return False
            whole = whole and root.function in CUTTING
            root = root.arguments[0]
        if len(self.plain.get(root.variable, ())) > 1:
            return False
        if root.variable in self.updated and root.variable not in found:
            return False
        form, own = self.types.of(root).form, self.types.of(Read(variable)).form
        if own == "list" and form == "array" and whole:
            return not any(len(w.path) < 2 for w in self._writes(variable))  # an entry is replaced
        cut = found.get(root.variable)
        if own == "array" and isinstance(cut, Call) and cut.function in CUTTING:
            return True
        if root is value and {form, own} <= {"list", "any"}:  # to which += adds nothing in place
            moved = self.stepped | set(self.updated.values())
            return moved.isdisjoint([variable, root.variable])
        return form == own == "array"

    def _is_read(self, variable: Variable, value: Call) -> bool:
        """Whether a value is a view that can't be written to, of which parts aren't written."""
        if value.function not in READ_ONLY or len(value.arguments) != 1 or value.keywords:
            return False
        flat = value.function is np.diag and self.types.of(value.arguments[0]).rank != 2
        return not flat and not self._writes(variable)

    def _writes(self, variable: Variable) -> list[Write]:
        return [w for s in self.function.statements for w in s.writes if w.variable is variable]

    def _is_flat(self, variable: Variable, source: Expression) -> bool:
        """Whether an array's entries in order are a view, written to by single indices."""
        if not isinstance(source, Read) or not self._is_in_order(source.variable):
            return False
        writes = self._writes(variable)
        return all(len(w.path) == 1 and is_single(w.path[0], self.types) for w in writes)

    def _is_in_order(self, variable: Variable) -> bool:
        """Whether an array was made here such that its entries lie in order in memory."""
        binds = self.plain.get(variable, ())
        if len(binds) != 1 or variable.role == "parameter":
            return False
        value = binds[0].value
        if not isinstance(value, Call) or "order" in dict(value.keywords):
            return False
        if value.function is np.copy:  # np.copy keeps the order that the array has
            return value.spelling == "method" and len(value.arguments) == 1
        if value.function is np.array:
            return isinstance(value.arguments[0], Group)
        return len(value.arguments) <= MADE_IN_ORDER.get(value.function, -1)

    def _stays(self, variable: Variable) -> bool:
        single = len(self.plain.get(variable, ())) <= 1
        single = single and variable not in self.updated and variable not in self.stepped
        return variable not in self.function.changing or variable in self.indices or single


class _Writer:
    def __init__(self, table: dict[Variable, Expression]) -> None:
        self.table = {v: self._deep(value, table) for v, value in table.items()}
        self.rewritten: set[int] = set()
        self.written: dict[Expression, Expression] = {}

    def _deep(self, node: Expression, table: dict[Variable, Expression]) -> Expression:
        if isinstance(node, Read) and node.variable in table:
            return self._deep(table[node.variable], table)
        return rebuild(node, lambda child: self._deep(child, table))

    def read(self, node: Expression) -> Expression:
        """Give an expression with the views written out; of one node, the same each time."""
        if node not in self.written:
            view = isinstance(node, Read) and self.table.get(node.variable)
            self.written[node] = copied(view) if view else rebuild(node, self.read)
        return self.written[node]

    def block(self, block: Block) -> Block:
        """Give a block with the views written out."""
        return rebuilt(block, self._statement, self._test)

    def _test(self, tree: Expression, header: Statement) -> Expression:
        changed = self.read(tree)
        if changed is not tree:
            self.rewritten.add(header.span.start)
        return changed

    def _statement(self, statement: Statement) -> Statement:
        binds: list[Bind] = []
        writes: list[Write] = []
        changed = False
        for bind in statement.binds:
            value = self.read(bind.value)
            changed = changed or value is not bind.value
            if bind.variable not in self.table:
                binds.append(Bind(bind.variable, value))
                continue
            changed = True
            if is_update(bind, statement) and isinstance(value, Call):
                writes.append(self._updated(bind.variable, value))
        for write in statement.writes:
            path = tuple(map(self.read, write.path))
            new = replace(write, path=path, value=self.read(write.value))
            if write.variable in self.table:
                root, front = self._place(write.variable)
                new = replace(new, variable=root, path=(*front, *path))
            same = new.variable is write.variable and new.value is write.value
            changed = changed or not same or new.path != write.path
            writes.append(new)
        if not changed:
            return statement
        if binds and statement.form in ("update", "swap"):  # which it stays
            self.rewritten.add(statement.span.start)
            return replace(statement, binds=tuple(binds), writes=tuple(writes))
        self.rewritten.add(statement.span.start)
        return replace(statement, binds=tuple(binds), writes=tuple(writes), form="made")

    def _place(self, variable: Variable) -> tuple[Variable, tuple[Expression, ...]]:
        node, path = path_to(copied(self.table[variable]))
        assert isinstance(node, Read)
        path = tuple(Const(FLAT) if is_view(index, IN_A_ROW) else index for index in path)
        return node.variable, path

    def _updated(self, variable: Variable, value: Call) -> Write:
        root, path = self._place(variable)
        path = contents(path)
        if value.function is operator.add:
            return Write(root, path, value.arguments[1], "add", updates=True)
        if value.function is operator.sub:
            negative = Call(operator.neg, (value.arguments[1],), (), "operator")
            return Write(root, path, negative, "add", updates=True)
        return Write(root, path, value, "set", updates=True)
