"""What a function of the user's gives back of its arguments.

Takes a function that another one calls. Gives it with the parameters that each of its outputs may
share memory with; and, of a function that is resolved, the parameters that each variable may.
Refuses nothing: of a function that can't be read, or calls itself, nothing is known.
"""

from __future__ import annotations

import functools
import operator
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from srcdiff.diagnostics import DerivationError
from srcdiff.ir.given_back import GivenBack, Lent
from srcdiff.ir.nodes import (
    Attribute,
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Function,
    Group,
    Item,
    Member,
    Read,
    UserFunction,
    Variable,
    Write,
)
from srcdiff.ir.walk import rebuild, same
from srcdiff.passes.places import is_update
from srcdiff.passes.plain_numbers import Numbers
from srcdiff.passes.private import JOINING
from srcdiff.passes.recursion import calls_itself
from srcdiff.passes.resolve import resolve
from srcdiff.passes.views import copies_items, views
from srcdiff.passes.webs import webs
from srcdiff.passes.written import resizes, updated

COMPARING: tuple[object, ...] = (operator.lt, operator.le, operator.gt, operator.ge)
INDEXING: tuple[object, ...] = (np.argsort, np.flatnonzero, np.arange, np.nonzero)
"""Functions that give arrays of indices."""


@functools.lru_cache(maxsize=1024)
def known_memory(function: UserFunction) -> UserFunction:
    """Give a function with what each output may share memory with, where that can be told."""
    if calls_itself(function):
        return function
    try:
        read = function.read()
        found = resolve(webs(read), read.source.problems())
    except DerivationError:
        return function  # it is refused where it is differentiated
    if any(parameter.kind in ("star", "stars") for parameter in found.parameters):
        return function
    plain, copying = Borrowed(found), Borrowed(found, copies=True)
    values = found.values
    whole = len(values) == 1 and not found.gives_one
    outputs = tuple(_lent(found, plain.of(value), copying.of(value)) for value in values)
    together = [plain.touched(value) for value in values]
    apart = all(a.isdisjoint(b) for i, a in enumerate(together) for b in together[:i])
    return replace(function, gives=GivenBack(outputs, whole, apart))


def _lent(callee: Function, plain: set[Variable], copied: set[Variable]) -> Lent:
    places: set[int | str] = set()
    held: set[int | str] = set()
    for place, parameter in enumerate(callee.parameters):
        keys: set[int | str] = {place, parameter.variable.wish}
        if parameter.variable in plain:
            places |= keys
        elif parameter.variable in copied:
            held |= keys
    return Lent(frozenset(places), frozenset(held))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the arguments of one call, by the parameters' names.

    Parameters
    ----------
    numbers
        Those that are numbers, which have no memory.
    vectors
        Those whose items are numbers.
    """

    numbers: frozenset[str] = frozenset()
    vectors: frozenset[str] = frozenset()


class Borrowed:
    """What the variables of a resolved function may share memory with: its parameters.

    Parameters
    ----------
    function
        The function.
    copies
        Whether what is copied may be a list or a dict, whose items stay the same.
    known
        Of the arguments.
    """

    def __init__(
        self, function: Function, *, copies: bool = False, known: Known | None = None
    ) -> None:
        self.copies = copies
        own = (parameter.variable for parameter in function.parameters)
        self.vectors = set[Variable]()
        self.parameters = set(own)
        if known is not None:
            self.vectors = {v for v in self.parameters if v.wish in known.vectors}
            self.parameters = {v for v in self.parameters if v.wish not in known.numbers}
        sources: dict[Variable, set[Variable]] = {p: set() for p in self.parameters}
        held: list[tuple[Variable, set[Variable]]] = []
        self.definitions = _definitions(function)
        self.containers, self.numbers = _containers(function)
        for statement in function.statements:
            for bind in statement.binds:
                found = self._near(bind.value)
                if is_update(bind, statement):
                    found = found | {updated(bind)}
                sources.setdefault(bind.variable, set()).update(found)
            for write in statement.writes:
                if not self.numbers.has(Read(write.variable)):
                    held.append((write.variable, self._near(write.value)))
        self.lying = {variable: set(found) for variable, found in sources.items()}
        if any(found for _, found in held):  # what holds it may have other names
            for variable, found in held:
                sources.setdefault(variable, set()).update(found)
            for variable, found in list(sources.items()):
                for source in list(found):
                    sources.setdefault(source, set()).add(variable)
        self.sources = sources

    def of(self, value: Expression) -> set[Variable]:
        """Give the parameters whose memory a value may lie in, or hold."""
        return self.reached(self._near(value))

    def reached(self, found: Iterable[Variable]) -> set[Variable]:
        """Give the parameters whose memory variables may lie in, or hold."""
        return self._reached(found) & self.parameters

    def touched(self, value: Expression) -> set[Variable]:
        """Give all variables with which a value may share memory."""
        return self._reached(self._near(value))

    def _reached(self, found: Iterable[Variable]) -> set[Variable]:
        reached = set(found)
        pending = list(reached)
        while pending:
            new = self.sources.get(pending.pop(), set()) - reached
            reached |= new
            pending += new
        return reached

    def reached_itself(self, variables: Iterable[Variable]) -> set[Variable]:
        """Give the parameters whose memory variables may lie in, whatever they hold."""
        found = {v for variable in variables for v in self.lying.get(variable, ())}
        return self.reached(found) | (set(variables) & self.parameters)

    def _near(self, value: Expression) -> set[Variable]:
        return views(self._seen(value))

    def _seen(self, node: Expression) -> Expression:
        """Give an expression with what is known of the functions that it calls."""
        if isinstance(node, Item) and (self._picks(node.index, node.value) or self._is_item(node)):
            return Const(0.0)
        node = rebuild(node, self._seen)
        if isinstance(node, Call) and isinstance(node.function, UserFunction):
            return replace(node, function=known_memory(node.function))
        if self.copies and isinstance(node, Call) and copies_items(node):
            return node.arguments[0]
        if isinstance(node, Call) and node.function in JOINING:
            if _is_container(node, self.containers) and not self.numbers.has(node):
                return Group("tuple", node.arguments)
        return node

    def _is_item(self, node: Item) -> bool:
        """Whether a value is an item of what has numbers for items."""
        value = node.value
        while isinstance(value, Item) and _is_slice(value.index):
            value = value.value
        return (
            isinstance(value, Read)
            and value.variable in self.vectors
            and not isinstance(node.index, Group)
        )

    def _picks(self, index: Expression, of: Expression) -> bool:
        """Whether an index picks entries of an array one by one, which makes a copy."""
        if isinstance(index, Read) and index.variable in self.definitions:
            return self._picks(self.definitions[index.variable], of)
        match index:
            case Group(kind="list"):
                return True
            case Group(kind="tuple", items=items):
                return any(self._picks(item, of) for item in items)
            case Call(function=np.where, arguments=arguments):
                return len(arguments) == 1
            case Call(function=function) if function in INDEXING:
                return True
        return self._is_mask(index, of)

    def _is_mask(self, node: Expression, of: Expression) -> bool:
        """Whether a value says of each entry of an array something: no list has such a value."""
        if isinstance(node, Read) and node.variable in self.definitions:
            return self._is_mask(self.definitions[node.variable], of)
        match node:
            case Call(function=operator.and_ | operator.or_ | operator.invert, arguments=parts):
                return all(self._is_mask(part, of) for part in parts)
            case Call(function=function, arguments=parts) if function in COMPARING:
                return any(_is_by_entry(part, of) for part in parts)
        return False


def _is_by_entry(node: Expression, of: Expression) -> bool:
    """Whether a value is an array, or computed of one entry by entry."""
    computed = isinstance(node, Call) and isinstance(node.function, np.ufunc)
    return same(node, of) or (
        isinstance(node, Call) and computed and any(_is_by_entry(a, of) for a in node.arguments)
    )


def _is_slice(index: Expression) -> bool:
    return isinstance(index, Group) and index.kind == "slice"


def _containers(function: Function) -> tuple[set[Variable], Numbers]:
    """Give the variables that may be lists or the like, and those that certainly are none."""
    lines: list[Bind | Write] = [b for s in function.statements for b in s.binds]
    numbers = Numbers(function)
    lines += [w for s in function.statements for w in s.writes]
    found = {w.variable for s in function.statements for w in s.writes if resizes(w)}
    before = -1
    while before != len(found):
        before = len(found)
        more = {line.variable for line in lines if _is_container(line.value, found)}
        found |= more - numbers.variables
    return found, numbers


def _is_container(node: Expression, known: set[Variable]) -> bool:
    """Whether a value may be a list or the like, or holds one."""
    match node:
        case Read(variable=variable):
            return variable in known
        case Group():
            return True
        case Call(function=UserFunction() | Member()):
            return True
        case Item() | Attribute():
            return _is_container(node.value, known)
        case Choice():
            return any(_is_container(n, known) for n in (node.then, node.otherwise))
        case Call(function=function) if function in (list, tuple, dict, *JOINING, np.copy):
            return any(_is_container(a, known) for a in node.arguments)
    return False


def _definitions(function: Function) -> dict[Variable, Expression]:
    """Give what the variables are that are bound once, and depend on no other's changes."""
    binds = [bind for statement in function.statements for bind in statement.binds]
    times = Counter(bind.variable for bind in binds)
    return {
        bind.variable: bind.value
        for bind in binds
        if times[bind.variable] == 1 and bind.variable not in function.changing
    }
