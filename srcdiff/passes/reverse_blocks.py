"""Blocks run backwards: branches, loops, and writes in place.

Takes the reverser of a function and a block. Adds the backward code of the block, nested as the
block is. Refuses writes whose gradient would not be right.
"""

from __future__ import annotations

import operator
from collections import Counter
from typing import Any

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    Forward,
    Function,
    Group,
    If,
    Item,
    Loop,
    Member,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.parts import part, step
from srcdiff.ir.types import Type, is_container
from srcdiff.ir.walk import held_in, same, variables, walk
from srcdiff.passes.backward import BackwardIf, BackwardLoop, BackwardNode, Line
from srcdiff.passes.cleanup import merged, without_copy
from srcdiff.passes.contribute import names_once
from srcdiff.passes.homes import Homes, Path
from srcdiff.passes.indexed import has_slice
from srcdiff.passes.memory import Memory, written_anywhere
from srcdiff.passes.reverse import Reverser
from srcdiff.passes.slots import Slot
from srcdiff.passes.written import changes_length
from srcdiff.rules.helpers import copy_of, last_named, zeros_like


class BlockReverser(Reverser):
    """Writes the backward pass of a function with branches, loops or writes in place."""

    def __init__(self, memory: Memory, unread: set[Write], *derived: Any) -> None:
        self.memory = memory
        self.unread = unread
        super().__init__(*derived)

    def prepare(self) -> None:
        """Look at the whole function first."""
        self.homes = Homes(self.function)
        self.gradients.changing = several_values(self.function, self.memory)
        self.preset: dict[int, list[Variable]] = {}
        self.path: Path = ()
        self._around: list[Loop] = []
        self.gradients.grown = grown(self.function)
        self.gradients.filled = grown(self.function, inside=True)
        self.gradients.nested = self.types.asks

    def block(self, block: Block) -> None:
        """Add a block's backward code."""
        for node in reversed(block):
            match node:
                case Statement():
                    self.statement(node)
                case If():
                    self._branch(node)
                case Loop():
                    self._loop(node)

    def _inner(self, node: If | Loop, arm: str, block: Block) -> list[BackwardNode]:
        """Give an inner block's backward code."""
        outer, self.groups = self.groups, []
        before = self.path
        self.path = (*before, (id(node), arm))
        self.gradients.forget()
        self.block(block)
        self.gradients.forget()
        found, self.groups = self.groups, outer
        self.path = before
        return found

    def _zeros(
        self, missing: set[Variable], groups: list[BackwardNode], *, last: bool = True
    ) -> None:
        """Add the gradients that an inner block leaves without a value; last, if not before it."""
        outer, self.groups = self.groups, groups
        self.open()
        self.group.last = last
        for variable in self._ordered(missing):
            self.gradients.start(variable, self.lines)
        self.close()
        self.groups = outer

    def _ordered(self, found: set[Variable]) -> list[Variable]:
        order = {variable: place for place, variable in enumerate(self.homes.paths)}
        return sorted(found, key=lambda v: order.get(v, len(order)))

    def _outer(self, found: set[Variable]) -> set[Variable]:
        """Give the variables that belong to this block or to one around it."""
        places = self.homes.paths
        return {v for v in found if places.get(v, ()) == self.path[: len(places.get(v, ()))]}

    def loops(self) -> list[Loop]:
        """Give the loops around the statement at hand, outermost first."""
        return list(self._around)

    def _branch(self, node: If) -> None:
        before = set(self.gradients.started)
        then = self._inner(node, "then", node.then)
        after_then = self._outer(self.gradients.started)
        self.gradients.started = set(before)
        otherwise = self._inner(node, "otherwise", node.otherwise)
        after_otherwise = self._outer(self.gradients.started)
        self._zeros(after_otherwise - after_then, then)
        self._zeros(after_then - after_otherwise, otherwise)
        self.gradients.started = after_then | after_otherwise
        if then or otherwise:
            self.groups.append(BackwardIf(node, then, otherwise))

    def _loop(self, node: Loop) -> None:
        preset = self.preset.setdefault(id(node), [])
        while True:
            known = len(self.groups)
            before = set(self.gradients.started)
            missing = [v for v in preset if v not in before]
            if missing:
                self._zeros(set(missing), self.groups, last=False)
            start = set(self.gradients.started)
            self._around.append(node)
            body = self._inner(node, "body", (node.header, *node.body))
            self._around.pop()
            after = self._outer(self.gradients.started)
            new = after - start
            if not new:
                break
            preset += self._ordered(new)
            del self.groups[known:]
            self.gradients.started = before
        self._zeros(self._outer(start) - after, body)
        self.gradients.started = self._outer(start)
        if body:
            self.groups.append(BackwardLoop(node, body))
        else:
            del self.groups[known:]
            self.gradients.started = before

    def lives_with(self, variable: Variable, other: Variable) -> None:
        """Note that a variable belongs to the block that another one belongs to."""
        self.homes.paths[variable] = self.homes.paths.get(other, ())

    def assigned(self, bind: Bind) -> None:
        """Pass on the gradient of a variable that has other values before this one."""
        variable = bind.variable
        adjoint = self.gradients.adjoints[variable]
        guards = self.gradients.masks.get(variable, ())
        upstream = adjoint
        if variable in self._read_in(bind.value):
            upstream = Variable("d" + variable.wish, "adjoint")
            self.types.variables[upstream] = self.types.of(Read(adjoint))
            self.lines.append(Bind(upstream, Read(adjoint)))
        self.push(bind.value, Read(upstream), guards)
        own = [entry for entry in self.gradients.pending if entry[0] is variable]
        self.gradients.pending = [e for e in self.gradients.pending if e[0] is not variable]
        self.gradients.flush(self.lines)
        self.gradients.started.discard(variable)
        if upstream is not adjoint:
            self.gradients.pending = _summed(own)
            self.gradients.flush(self.lines)
            without_copy(self.lines, upstream, adjoint)

    def _read_in(self, tree: Expression) -> set[Variable]:
        found = set(variables(tree))
        for node, expansion in self.types.expansions.items():
            if found and isinstance(node, Call):
                found |= set(variables(expansion)) if self._is_in(node, tree) else set()
        return found

    @staticmethod
    def _is_in(node: Expression, tree: Expression) -> bool:
        return any(inner is node for inner in walk(tree))

    # Writes in place.

    def write(self, write: Write) -> None:
        """Pass on the gradient of what a write in place put there."""
        variable = write.variable
        if variable not in self.gradients.started:
            return
        adjoint = self.gradients.adjoints[variable]
        self.gradients.touched.pop(adjoint, None)
        self._check_list(write)
        if write.mode == "append":
            self._appended(write, adjoint)
            return
        if write.mode == "pop":
            zero = self._zero_of_taken(part(Read(variable), write.path), write.at)
            self.lines.append(Write(adjoint, write.path, zero, "append", at=write.at))
            return
        if write.mode == "del":
            gone = Call(zeros_like, (Forward(part(Read(variable), write.path)),))
            self.lines.append(Write(adjoint, write.path, gone, "set"))
            return
        target: Expression = Read(variable)
        taking: Expression = Read(adjoint)
        for index in write.path:
            there = index if isinstance(index, Const) else Forward(index)
            target, taking = step(target, index), step(taking, there)
        self.typed(taking, target)
        slot = isinstance(target, Item) and self.types.of(target.value).form in ("list", "dict")
        named = slot and isinstance(write.value, Group)  # the entry is just this list or dict
        apart = write in self.unread
        own = not apart and variable in self._read_in(write.value)
        active = self.activity.carries(write)
        last = apart and self._begins_flat(variable)
        zeroed = [] if last else self._zeroed(adjoint, write, taking, slot=slot)
        if not active:
            self.lines += zeroed
            return
        single = self.types.of(target).form == "scalar"
        taken = Variable("d" + (f"{variable.wish}_part" if not single else "item"), "adjoint")
        self.types.variables[taken] = self.types.of(write.value if named else taking)
        value: Expression = taking
        keyed = self.types.of(target.value).form == "dict" if isinstance(target, Item) else False
        if write.mode != "add.at" and not (keyed or names_once(write.path[-1], self.types)):
            assert isinstance(taking, Item)
            value = Call(last_named, (taking.value, taking.index))
            self.types.note(value, self.types.of(taking))
        elif own and slot and has_slice(write.path[-1]):  # an array that is given has views
            value = Call(copy_of, (taking,))
            self.types.note(value, self.types.of(taking))
        elif not single and own and not (slot and write.mode == "set"):
            value = Call(np.copy, (taking,))
            self.types.note(value, self.types.of(taking))
        self.lines.append(Bind(taken, value))
        if own:
            self.lines += zeroed
            zeroed = []
        self._pass_on(write.value, Read(taken), True, ())
        self._first_same_path(variable, write.path)
        self.gradients.flush(self.lines)
        self.lines += zeroed
        self.gradients.touched.pop(adjoint, None)
        merged(self.lines, adjoint)

    def _check_list(self, write: Write) -> None:
        """Refuse a write that lists and other values take for different things."""
        holder = self.types.of(part(Read(write.variable), write.path))
        if write.mode == "pop" and holder.form == "dict":
            hint = "Say that it is one: d = dict(d), before all else."
            raise Refusal("SD102", "this takes an entry out of a dict by a number.", hint)
        if changes_length(write) and self.types.of(Read(write.variable)).form in ("list", "any"):
            raise Refusal(
                "SD102",
                "this gives a list another number of items, if it is one.",
                "Make a new list, a[:i] + items + a[j:]; or write one value into all of a slice.",
                write.value.span,
            )

    def _begins_flat(self, variable: Variable) -> bool:
        """Whether what a variable held at first has no gradient, but for a dict's own entries."""
        binds = [b for s in self.function.statements for b in s.binds if b.variable is variable]
        values = [
            b.value for b in binds if not isinstance(b.value, Group) or b.value.kind != "dict"
        ]
        flat = not any(map(self.activity.is_active, values))
        return variable.role in ("local", "staged") and flat

    def _zeroed(
        self, adjoint: Variable, write: Write, taking: Expression, *, slot: bool
    ) -> list[Line]:
        if write.mode != "set":
            return []
        known = self.types.of(taking)
        zero: Expression = Const(0.0 if known.form == "scalar" else 0)
        sliced = has_slice(write.path[-1])
        form = self.types.of(part(Read(write.variable), write.path[:-1])).form
        given = _gives_items(write) or self.types.of(write.value).form == "list"
        listed = form == "list" or (form in ("any", "number") and given)
        held = known.form in ("list", "tuple", "dict", "any")
        held = held and self.types.of(Read(adjoint)).form != "array"
        if held or (sliced and listed) or (slot and known.form != "scalar"):
            alike = known.rank is not None and known.shape == self.types.of(write.value).shape
            before = None if alike else _part_read(write) or self._old(write, slot=slot)
            zero = Call(zeros_like, (taking if before is None else Forward(before),))
        return [Write(adjoint, write.path, zero, "set")]

    def _old(self, write: Write, *, slot: bool) -> Expression | None:
        """Give what an entry held before that is known by its key, where its shape may change."""
        held = part(Read(write.variable), write.path)
        key = write.path[0]
        if slot and len(write.path) == 1 and isinstance(key, Const) and self._is_there(write, key):
            steady = frozenset([Slot(held)]) if isinstance(held, Item) else frozenset()
            return None if self.types.of(held).shape == steady else held
        return None

    def _is_there(self, write: Write, key: Const) -> bool:
        """Whether an entry is certainly there before a write."""
        variable = write.variable
        writes = [w for s in self.function.statements for w in s.writes if w.variable is variable]
        if any(w.mode == "del" for w in writes):
            return False
        binds = [
            b.value for s in self.function.statements for b in s.binds if b.variable is variable
        ]
        shown = [held_in(value) for value in binds if isinstance(value, Group)]
        if shown and len(shown) == len(binds):
            if all(any(same(index, key) for index, _ in entries) for entries in shown):
                return True
        first = next(w for w in writes if w is write or (w.path and same(w.path[0], key)))
        return first is not write

    def _zero_of_taken(self, holder: Expression, at: int | None) -> Expression:
        """Give what the gradient of a list's item begins with: zeros in its structure."""
        item = Item(holder, Const(-1 if at is None else at))
        known = self.types.of(item)
        if is_container(known) or (known.form == "any" and self.types.nests):
            return Call(zeros_like, (Forward(item),))
        return Const(0.0)

    def _first_same_path(self, variable: Variable, path: tuple[Expression, ...]) -> None:
        """Let what goes to the written part itself come first: there it replaces the zero."""

        def elsewhere(entry: tuple[Variable, tuple[Expression, ...], object, object]) -> bool:
            alike = entry[0] is variable and len(entry[1]) == len(path)
            return not (alike and all(map(same, entry[1], path)))

        self.gradients.pending.sort(key=elsewhere)

    def _appended(self, write: Write, adjoint: Variable) -> None:
        path = (index if isinstance(index, Const) else Forward(index) for index in write.path)
        holder = part(Read(adjoint), tuple(path))
        place = () if write.at is None else (Const(write.at),)
        popped = Call(Member("pop"), (holder, *place), (), "method")
        taken = Variable("ditem", "adjoint")
        known = self.types.of(write.value)
        kind = self.types.of(Read(adjoint)).gradient_kind
        self.types.variables[taken] = Type(known.form, kind, known.shape, known.items)
        self.lines.append(Bind(taken, popped))
        if known.form in ("dict", "any") or known.record is not None:
            self.gradients.given.add(taken)  # it may be a list or a dict, which += would join
        if self.activity.is_active(write.value):
            self.push(write.value, Read(taken), ())
            self.gradients.flush(self.lines)


def _gives_items(write: Write) -> bool:
    """Whether what is written is a list, or other items of the same holder: lists do that too."""
    match write.value:
        case Group(kind=kind):
            return kind == "list"
        case Item(value=whole):
            return same(whole, part(Read(write.variable), write.path[:-1]))
    return False


def several_values(function: Function, memory: Memory) -> set[Variable]:
    """Give the variables that may change between two statements of one round."""
    counts = Counter(p.variable for p in function.parameters)
    counts.update(bind.variable for s in function.statements for bind in s.binds)
    return {v for v, n in counts.items() if n > 1} | written_anywhere(function, memory)


def grown(function: Function, *, inside: bool = False) -> frozenset[Variable]:
    """Give the lists that are appended to, or what holds such lists."""
    return frozenset(
        write.variable
        for statement in function.statements
        for write in statement.writes
        if write.mode in ("append", "pop") and bool(write.path) is inside
    )


def _part_read(write: Write) -> Expression | None:
    """Give what an element held before, where its new value reads a part: its shape may differ."""
    held = part(Read(write.variable), write.path)
    for node in walk(write.value):
        if isinstance(node, Item) and same(node.value, held):
            return node.value
    return None


def _summed(own: list[tuple]) -> list[tuple]:  # type: ignore[type-arg]  # entries
    """Add up what a variable's new value contributes to its old one."""
    whole = [entry for entry in own if not entry[1] and not entry[3]]
    if len(whole) < 2:
        return own
    total = whole[0][2]
    for entry in whole[1:]:
        total = Call(operator.add, (total, entry[2]), (), "operator")
    return [(whole[0][0], (), total, ()), *(entry for entry in own if entry not in whole)]
