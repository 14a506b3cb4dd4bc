"""Items of containers that may be lists, which `+` joins and `*` repeats.

Takes a function and its types. Says of an expression whether its value may be a list or tuple that
was put into a container, though its type doesn't say so. Refuses to join or repeat lists.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterator

import numpy as np

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Function,
    Group,
    Item,
    Read,
    Variable,
    Write,
)
from srcdiff.ir.parts import part
from srcdiff.ir.types import Type
from srcdiff.ir.walk import held_in
from srcdiff.passes.infer import Types

ANY = object()
"""Any place in a container."""
JOINING = (operator.add, operator.mul)
JOINS = "this operator joins or repeats lists, and doesn't compute with their numbers."
COPYING = (np.copy, list, tuple, sorted, reversed)


class ListedItems:
    """The containers of a function whose items may be lists.

    Parameters
    ----------
    function, types
        What is differentiated, and its types.
    """

    def __init__(self, function: Function, types: Types) -> None:
        self.types = types
        self.holders: dict[Variable, set[Hashable]] = {}
        self.lists: set[Variable] = set()
        for parameter in function.parameters:
            places = set(_places_of_lists(types.given.get(parameter.variable)))
            if places:
                self.holders[parameter.variable] = places
        lines: list[Bind | Write] = [b for s in function.statements for b in s.binds]
        lines += [w for s in function.statements for w in s.writes]
        before = -1
        while before != self._size():
            before = self._size()
            for line in lines:
                for variable, place in self._found(line):
                    self.holders.setdefault(variable, set()).add(place)
                if isinstance(line, Bind) and self.has(line.value):
                    self.lists.add(line.variable)

    def has(self, node: Expression) -> bool:
        """Whether a value may be a list that lies in a container."""
        match node:
            case Read(variable=variable):
                return variable in self.lists
            case Item(value=value, index=Group(kind="slice")):
                return self.has(value)
            case Item(value=Read(variable=variable), index=index):
                places = self.holders.get(variable, set())
                last = isinstance(index, Const) and isinstance(index.value, int) and index.value < 0
                known = isinstance(index, Const) and not last
                return any(place is ANY or not known or _is(index, place) for place in places)
            case Choice(then=then, otherwise=otherwise):
                return self.has(then) or self.has(otherwise)
            case Call(function=function, arguments=(source, *_)) if function in COPYING:
                return self.has(source)
        return False

    def check(self, node: Call) -> None:
        """Refuse operators on containers that don't compute with what these hold.

        Raises
        ------
        Refusal
            An operand is a list or a dict, or may be one.
        """
        forms = {self.types.of(argument).form for argument in node.arguments}
        if node.function is operator.or_ and "dict" in forms:
            raise Refusal("SD102", "this joins dicts.", "Write {**one, **other}.", node.span)
        if node.function not in JOINING or "array" in forms:
            return
        if forms & {"list", "tuple"} or any(map(self._may_be_list, node.arguments)):
            raise _joined(node.span)

    def check_write(self, write: Write) -> None:
        """Refuse writes that aren't what they are for arrays.

        `rows[0] += [x]` makes the list that lies there longer, `rows.sort()` puts rows in order as
        wholes, and `y[()] = x` changes an array without axes, whose gradient is a number.
        """
        if write.path and self._is_all_of_one(write):
            raise Refusal(
                "SD102",
                "this writes into an array without axes.",
                "Use a number: y = x, or y = y + x.",
            )
        match write.value:
            case Call(function=np.sort, arguments=(source,)) if self._holds_lists(source):
                raise Refusal(
                    "SD102",
                    "this sorts lists or tuples as Python does, or their numbers as NumPy does.",
                    "Give it a name of its own: rows = sorted(rows), or rows = list(rows) first.",
                )
        if write.mode == "add" and len(write.path) == 1 and self._is_list(write.value):
            if self.has(Item(Read(write.variable), write.path[0])):
                raise _joined(None)

    def _is_all_of_one(self, write: Write) -> bool:
        """Whether a write is into all of an array without axes."""
        rank = self.types.of(part(Read(write.variable), write.path[:-1])).rank
        match write.path[-1]:
            case Group(kind="tuple", items=()):
                return not rank
            case Const(value=value) if value is ...:
                return rank == 0
        return False

    def _holds_lists(self, node: Expression) -> bool:
        known = self.types.of(node)
        inner = (*(known.items or ()), *(value for _, value in known.fields or ()))
        return bool(self._places(node)) or any(i.form in ("list", "tuple") for i in inner)

    def _may_be_list(self, node: Expression) -> bool:
        return self.types.of(node).form in ("any", "number") and self.has(node)

    def _size(self) -> int:
        return len(self.lists) + sum(map(len, self.holders.values()))

    def _found(self, line: Bind | Write) -> Iterator[tuple[Variable, Hashable]]:
        """Give the places at which a line puts lists, with what holds them."""
        if isinstance(line, Write):
            index = line.path[0] if line.path else None
            if len(line.path) == 1 and _is_slice(index):
                yield from [(line.variable, ANY)] if self._places(line.value) else []
                return
            depth = len(line.path) + (line.mode == "append")
            if depth == 1 and self._is_list(line.value):
                yield line.variable, index.value if isinstance(index, Const) else ANY
            return
        yield from ((line.variable, place) for place in self._places(line.value))
        if isinstance(line.value, Read):  # a second name for the same container
            own = self.holders.get(line.variable, set())
            yield from [(line.value.variable, place) for place in own]

    def _places(self, node: Expression) -> list[Hashable]:
        """Give the places of a container at which lists lie."""
        match node:
            case Read(variable=variable):
                return list(self.holders.get(variable, ()))
            case Item(value=value, index=Group(kind="slice")):
                return [ANY] if self._places(value) else []
            case Group(kind="list" | "tuple" | "dict"):
                found = [(index, item) for index, item in held_in(node) if self._is_list(item)]
                return [index.value if isinstance(index, Const) else ANY for index, _ in found]
            case Choice(then=then, otherwise=otherwise):
                return [*self._places(then), *self._places(otherwise)]
            case Call(function=function, arguments=(source, *_)) if function in COPYING:
                return [ANY] if self._places(source) else []
        return []

    def _is_list(self, node: Expression) -> bool:
        written = isinstance(node, Group) and node.kind in ("list", "tuple")
        return written or self.has(node)


def _is_slice(index: Expression | None) -> bool:
    return isinstance(index, Group) and index.kind == "slice"


def _is(index: Expression, place: Hashable) -> bool:
    return isinstance(index, Const) and index.value == place


def _joined(span: Span | None) -> Refusal:
    return Refusal(
        "SD102",
        JOINS,
        "Pass an array, or use np.add and np.multiply; or write it as a loop, or as "
        "[item for _ in range(n)].",
        span,
    )


def _places_of_lists(known: Type | None) -> Iterator[Hashable]:
    """Give the places at which lists or tuples lie in an argument, or in what lies in it."""
    if known is None or known.record is not None:
        return
    for place, item in (*enumerate(known.items or ()), *(known.fields or ())):
        if item.form in ("list", "tuple"):
            yield place
        yield from _places_of_lists(item)
