"""Writes into elements that nothing has read before.

Takes a function over variables, its types, and which names share memory. Gives the writes that
overwrite nothing that was looked at: `h[t + 1] = ...` in a loop that reads `h[t]`. Nothing is kept
for these, and what they wrote is still there when the backward pass comes to them. Refuses nothing.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
    Jump,
    Loop,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.parts import is_view
from srcdiff.ir.walk import children, held_in
from srcdiff.passes.homes import Homes
from srcdiff.passes.infer import Types
from srcdiff.passes.memory import Memory
from srcdiff.passes.private import is_made

BLANK: frozenset[Any] = frozenset(
    [np.zeros, np.ones, np.empty, np.eye, np.zeros_like, np.ones_like, np.empty_like]
)
SPREADING = frozenset([np.exp, np.tanh])
"""Functions whose derivatives are written with their value, in whatever shape that is spread to."""
Key = int | str


@dataclass(frozen=True, slots=True)
class _Along:
    """An index that a loop moves: its loop, and what is added to the loop's own.

    The text is that of a key with the number in it, "W{}"; empty for the number itself.
    """

    loop: Loop
    offset: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """An element: when it is looked at or written, within which loops, and along which indices.

    `others` says whether its statement writes more than this.
    """

    order: int
    loops: tuple[Loop, ...]
    indices: tuple[Key | _Along | None, ...]
    others: bool = False


class Unread:
    """The writes of one function that overwrite nothing that was read.

    Attributes
    ----------
    writes
        Those writes.
    """

    def __init__(self, function: Function, types: Types, memory: Memory) -> None:
        self.function = function
        self.types = types
        self.memory = memory
        self.homes = Homes(function)
        self.loops: tuple[Loop, ...] = ()
        self.order = 0
        self.read: dict[Variable, list[_Place]] = {}
        self.written: list[tuple[Write, _Place]] = []
        self.moved = _indices(function)
        self.keyed = _dicts(function)
        writes = [write for statement in function.statements for write in statement.writes]
        self.shifted = {write.variable for write in writes if write.at is not None}
        self._block(function.body)
        for value in function.values:
            self._reads(value)
        self.writes = {write for write, place in self.written if self._is_unread(write, place)}

    def places(self) -> dict[Expression, Expression]:
        """Give where values lie that such writes put there: they need not be computed again."""
        found: dict[Expression, Expression] = {}
        for write, place in self.written:
            if write not in self.writes or write.mode != "set" or place.others:
                continue
            if not isinstance(write.value, Call) or any(map(is_view, write.path)):
                continue
            there: Expression = Read(write.variable)
            for index in write.path:
                there = Item(there, index)
            if self.memory.holds(write) or self._stays_itself(write.value, there):
                found[write.value] = there
        return found

    def _stays_itself(self, value: Call, place: Expression) -> bool:
        """Whether an array takes a value as it is, neither broadcast nor rounded."""
        known, there = self.types.of(value), self.types.of(place)
        spread = value.function in SPREADING and not isinstance(known.shape, tuple)
        alike = known.shape == there.shape or spread
        return alike and known.kind != "complex" and there.kind == "float"

    # What is read and written, in the order of the text.

    def _block(self, block: Block) -> None:
        for node in block:
            match node:
                case Statement():
                    self._statement(node)
                case If():
                    self._reads(node.test)
                    self._block(node.then)
                    self._block(node.otherwise)
                case Loop():
                    if node.sequence is not None:
                        self._reads(node.sequence)
                    self.loops = (*self.loops, node)
                    if node.test is not None:
                        self._reads(node.test)
                    self._statement(node.header)
                    self._block(node.body)
                    self.loops = self.loops[:-1]
                    self._block(node.otherwise)
                case Jump(values=values) if values is not None:
                    self._reads(values)

    def _statement(self, statement: Statement) -> None:
        for bind in statement.binds:
            self._reads(bind.value)
            if not _is_blank(bind.value):  # backward may look at the value as a whole
                self._note(bind.variable, ())
            if isinstance(bind.value, Group) and bind.value.kind == "dict":
                for key, _ in held_in(bind.value):  # whose gradients go to what they are made of
                    self._note(bind.variable, (key,))
        for write in statement.writes:
            for tree in (write.value, *write.path):
                self._reads(tree)
            self.order += 1
            place = replace(self._place(write.path), others=len(statement.writes) > 1)
            self.written.append((write, place))
            self._note(write.variable, write.path)  # backward may look at what it wrote

    def _reads(self, tree: Expression) -> None:
        path: list[Expression] = []
        node = tree
        while isinstance(node, Item):
            path.insert(0, node.index)
            self._reads(node.index)
            node = node.value
        if isinstance(node, Read):
            self._note(node.variable, tuple(path))
            return
        for child in children(node):
            self._reads(child)

    def _note(self, variable: Variable, path: tuple[Expression, ...]) -> None:
        self.order += 1
        self.read.setdefault(variable, []).append(self._place(path))

    def _place(self, path: tuple[Expression, ...]) -> _Place:
        return _Place(self.order, self.loops, tuple(self._flat(path)))

    def _flat(self, path: tuple[Expression, ...]) -> Iterator[Key | _Along | None]:
        """Give the indices axis by axis, as far as it is clear which axis each is of."""
        for index in path:
            if is_view(index):
                return
            parts = index.items if isinstance(index, Group) and index.kind == "tuple" else (index,)
            for part in parts:
                if isinstance(part, Group) and part.kind == "slice":
                    yield None
                    continue
                found = self._index(part)
                if found is None and self.types.of(part).form != "scalar":
                    return
                yield found
            if len(parts) > 1 and any(isinstance(part, Group) for part in parts):
                return

    def _index(self, node: Expression) -> Key | _Along | None:
        match node:
            case Const(value=bool()):
                return None
            case Const(value=int() | str() as value):
                return value
            case Read(variable=variable) if variable in self.moved:
                known = self.moved[variable]
                return _Along(known, 0) if isinstance(known, Loop) else self._index(known)
            case Call(function=str.format, arguments=(Const(value=str() as text), value)):
                return self._within(text, value)
            case Call(
                function=operator.add,
                arguments=(Const(value=str() as text), Call(function=builtins.str) as made),
            ):
                return self._within(text.replace("{", "{{") + "{}", made.arguments[0])
            case Call(function=operator.add, arguments=(left, Const(value=int() as offset))):
                return self._shifted(left, offset)
            case Call(function=operator.add, arguments=(Const(value=int() as offset), right)):
                return self._shifted(right, offset)
            case Call(function=operator.sub, arguments=(left, Const(value=int() as offset))):
                return self._shifted(left, -offset)
        return None

    def _within(self, text: str, node: Expression) -> Key | _Along | None:
        """Give a key with a number in its text; None where more is in it."""
        found = self._index(node)
        if isinstance(found, str) or text.count("{") != 1 or text.count("{}") != 1:
            return None
        if isinstance(found, _Along):
            return None if found.text else replace(found, text=text)
        return None if found is None else text.format(found)

    def _shifted(self, node: Expression, offset: int) -> Key | _Along | None:
        found = self._index(node)
        if not isinstance(found, _Along) or found.text:
            return None
        return replace(found, offset=found.offset + offset)

    # Whether a write may overwrite what was read.

    def _is_unread(self, write: Write, place: _Place) -> bool:
        variable = write.variable
        if write.mode not in ("set", "add") or not write.path or variable in self.shifted:
            return False
        if not self.memory.is_own(variable, len(write.path)):
            return False
        own = len([1 for _, arm in self.homes.paths.get(variable, ()) if arm == "body"])
        named = variable in self.keyed
        return not any(
            _overwrites(place, read, own, named=named) for read in self.read.get(variable, ())
        )


def _overwrites(write: _Place, read: _Place, own: int, *, named: bool) -> bool:
    """Whether a write may come after a read of the same element.

    `own` is how many of the loops begin with a container of their own.
    """
    common = 0
    for mine, other in zip(write.loops, read.loops, strict=False):
        if mine is not other:
            break
        common += 1
    shared = write.loops[:common]
    for level in range(own, common):
        if not _apart(write, read, shared[:level], shared[level], named=named):
            return True
    return read.order < write.order and not _apart(write, read, shared, None, named=named)


def _apart(
    write: _Place, read: _Place, equal: tuple[Loop, ...], later: Loop | None, *, named: bool
) -> bool:
    """Whether two elements differ, in the same round of some loops and a later one of another."""
    for mine, other in zip(write.indices, read.indices, strict=False):
        if _differ(mine, other, equal, later, named=named):
            return True
    return False


def _differ(
    mine: Key | _Along | None,
    other: Key | _Along | None,
    equal: tuple[Loop, ...],
    later: Loop | None,
    *,
    named: bool,
) -> bool:
    if not named and not (_counts_up(mine) and _counts_up(other)):
        return False  # a negative index is another name for an element
    match _number_in(mine, other), _number_in(other, mine):
        case _Along() as first, _Along() as second if first.text != second.text:
            return not _may_be_alike(first.text, second.text)
        case _Along() as first, _Along() as second if first.loop is second.loop:
            if first.loop in equal:
                return first.offset != second.offset
            step = _bounds(first.loop)[1]
            return first.loop is later and step * (first.offset - second.offset) >= 0 and step != 0
        case (_Along() as along, int() as number) | (int() as number, _Along() as along):
            least, step = _bounds(along.loop)
            return step != 0 and least is not None and number < least + along.offset
        case (str() | int()) as first, (str() | int()) as second:
            return first != second
        case (str(), _Along()) | (_Along(), str()):
            return True
    return False


def _number_in(index: Key | _Along | None, like: Key | _Along | None) -> Key | _Along | None:
    """Give the number in a key that has the text of another one; any other index as it is."""
    if not isinstance(like, _Along) or not like.text or isinstance(index, _Along):
        return index
    start, _, end = like.text.partition("{}")
    key = str(index) if isinstance(index, str) else ""
    inner = key[len(start) : len(key) - len(end)]
    if key == f"{start}{inner}{end}" and inner.lstrip("-").isdecimal() and str(int(inner)) == inner:
        return int(inner)
    return key


def _may_be_alike(mine: str, other: str) -> bool:
    """Whether two texts of keys may be the same with some numbers in them."""
    (start, _, end), (other_start, _, other_end) = mine.partition("{}"), other.partition("{}")
    starts = start.startswith(other_start) or other_start.startswith(start)
    return starts and (end.endswith(other_end) or other_end.endswith(end))


def _counts_up(index: Key | _Along | None) -> bool:
    """Whether an index is certainly a text, or no negative number."""
    if isinstance(index, _Along):
        least = _bounds(index.loop)[0]
        return least is not None and least + index.offset >= 0
    return isinstance(index, str) or (isinstance(index, int) and index >= 0)


def _bounds(loop: Loop) -> tuple[int | None, int]:
    """Give the least value of a loop's index, and its step; zero for an unknown one."""
    sequence: Any = loop.sequence
    back = 1
    if isinstance(sequence, Call) and sequence.function is reversed:
        sequence, back = sequence.arguments[0], -1
    if not isinstance(sequence, Call) or sequence.function not in (range, np.arange):
        return None, 0
    if sequence.keywords:
        return None, 0
    values = [a.value if isinstance(a, Const) else None for a in sequence.arguments]
    if len(values) == 1:
        return 0, back
    step = values[2] if len(values) > 2 else 1
    if not all(isinstance(v, int) or v is None for v in values) or not step:
        return None, 0
    least = values[0] if step > 0 else (None if values[1] is None else values[1] + 1)
    return least, back * step


def _indices(function: Function) -> dict[Variable, Loop | Expression]:
    """Give the variables that a loop moves: by their loops, or by what each round computes."""
    found: dict[Variable, Loop | Expression] = {}
    counts: dict[Variable, int] = {}
    for statement in function.statements:
        for bind in statement.binds:
            counts[bind.variable] = counts.get(bind.variable, 0) + 1
    pending = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, If):
            pending += [*node.then, *node.otherwise]
        if isinstance(node, Loop):
            pending += [*node.body, *node.otherwise]
            if node.index is not None and node.index not in counts:
                if node.index in found:  # two loops have one index, and it may be read after both
                    counts[node.index] = 2
                    del found[node.index]
                else:
                    found[node.index] = node
            for bind in node.header.binds:
                if counts[bind.variable] == 1:
                    found[bind.variable] = bind.value
    return found


def _dicts(function: Function) -> set[Variable]:
    """Give the variables that are dicts, each of whose keys is an entry of its own."""
    binds: list[Bind] = [bind for statement in function.statements for bind in statement.binds]
    others = {b.variable for b in binds if not isinstance(b.value, Group) or b.value.kind != "dict"}
    return {b.variable for b in binds} - others


def _is_blank(node: Expression) -> bool:
    """Whether a value is such that backward never looks at it."""
    return is_made(node) or (isinstance(node, Call) and node.function in BLANK)
