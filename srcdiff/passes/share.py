"""No gradient buffer is shared by accident.

Takes the backward lines in order and what is returned. Gives lines in which an update in place
touches only a buffer that nobody else holds, and returned gradients that share no memory with one
another, with an argument or with the upstream gradient. Refuses nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeGuard

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Choice,
    Expression,
    Group,
    Item,
    Read,
    Unpack,
    Variable,
    Write,
)
from srcdiff.ir.parts import is_flat
from srcdiff.passes.backward import (
    BackwardGroup,
    BackwardIf,
    BackwardLoop,
    BackwardNode,
    Line,
    groups_in,
    steps_in,
)
from srcdiff.passes.cleanup import reads
from srcdiff.passes.fresh import fresh
from srcdiff.passes.infer import Types
from srcdiff.rules import registry
from srcdiff.rules.helpers import copy_of, for_each, unbroadcast, zeros_like
from srcdiff.rules.joining import JOINING
from srcdiff.rules.shaping import list_backward

REPEATING = (np.broadcast_to, np.lib.stride_tricks.sliding_window_view)
VIEWS = frozenset(
    [
        np.transpose,
        np.reshape,
        np.ravel,
        np.expand_dims,
        np.squeeze,
        np.swapaxes,
        np.moveaxis,
        *REPEATING,
        np.asarray,
        np.asanyarray,
        np.float64,
        np.float32,
        np.flip,
        np.fliplr,
        np.flipud,
        np.rot90,
        np.rollaxis,
        np.diag,
        np.trim_zeros,
        np.real_if_close,
        np.broadcast_arrays,
        np.atleast_1d,
        np.atleast_2d,
        np.atleast_3d,
        np.ascontiguousarray,
        np.asfortranarray,
        np.asarray_chkfinite,
        np.require,
        np.split,
        np.array_split,
        np.hsplit,
        np.vsplit,
        np.dsplit,
        np.real,
        np.imag,
        unbroadcast,
        operator.getitem,
        *(
            getattr(module, name)
            for module in (np, np.linalg)
            for name in ("matrix_transpose", "diagonal", "unstack", "permute_dims")
            if hasattr(module, name)
        ),
        operators.stop_gradient,
    ]
)
FOREIGN = "foreign"
Buffers = frozenset[Hashable]


class Sharing:
    """Follows which buffers a variable may stand for.

    Parameters
    ----------
    types
        Of the derivation.
    returned
        The gradients to be returned, in order.
    optional
        The gradients that may be None.
    """

    def __init__(self, types: Types, returned: list[Variable], optional: set[Variable]) -> None:
        self.types = types
        self.returned = returned
        self.optional = optional
        self.buffers: dict[Variable, Buffers] = {}
        self.held, self.taken = set[int](), set[int]()
        self.slots: dict[Variable, dict[int, Buffers]] = {}

    def own(self, variables: Iterable[Variable]) -> None:
        """Note variables whose buffers the derived function made itself."""
        for variable in variables:
            self.buffers[variable] = frozenset([object()])

    def separated(self, nodes: list[BackwardNode]) -> list[BackwardNode]:
        """Give the lines with copies where they are needed, and only there."""
        self.steps = list(steps_in(nodes))
        self._note_events()
        shared = {id(line) for line, _ in self.steps if self._widens(line)}
        self._follow_all(nodes, enumerate(line for line, _ in self.steps), shared)
        for group in groups_in(nodes):
            group.lines = [
                new
                for line in group.lines
                for new in (self._alone(line) if id(line) in shared else [self._taken(line)])
            ]
        self._separate_returned(nodes)
        return nodes

    def _widens(self, line: Line) -> bool:
        """Whether complex numbers are added to what may be real: then the sum is a new one."""
        if not self.types.mixed or not isinstance(line, Write) or line.path or line.mode != "add":
            return False
        return self.types.of(line.value).kind == "complex"

    def _follow_all(
        self, nodes: list[BackwardNode], steps: Iterator[tuple[int, Line]], shared: set[int]
    ) -> None:
        """Follow lines; after a block, a variable may also stand for what it did before."""
        for node in nodes:
            match node:
                case BackwardGroup():
                    for index, line in islice(steps, len(node.lines)):
                        self._follow(line, index, shared)
                    continue
                case BackwardIf():
                    blocks = (node.then, node.otherwise)
                case BackwardLoop():
                    blocks = (node.body, node.body)
            for block in blocks:
                before = dict(self.buffers)
                self._follow_all(block, steps, shared)
                for variable, own in before.items():
                    self.buffers[variable] |= own

    def _note_events(self) -> None:
        """Note where each variable is read, and where it gets another value."""
        self.changed_inside = {
            line.variable
            for line, _ in self.steps
            if isinstance(line, Write) and line.path and (line.mode != "set" or len(line.path) > 1)
        }
        self.of_lists = [line for line, _ in self.steps if _listed(line, (list_backward,))]
        self.structures = {
            line.variable
            for line, _ in self.steps
            if isinstance(line, Bind)
            and isinstance(line.value, Call)
            and line.value.function is zeros_like
        }
        self.arrays = {v for line, _ in self.steps for v in _maybe_arrays(line)}
        self.events: dict[Variable, list[tuple[int, bool]]] = {}
        for index, (line, _) in enumerate(self.steps):
            for variable in reads(line):
                self.events.setdefault(variable, []).append((index, True))
            bound = line.variables if isinstance(line, Unpack) else (line.variable,)
            if not isinstance(line, Write):
                for target in bound:
                    if target is not None:
                        self.events.setdefault(target, []).append((index, False))
        for variable in self.returned:
            self.events.setdefault(variable, []).append((len(self.steps), True))

    def _is_read_after(self, variable: Variable, index: int) -> bool:
        """Whether the value that a variable has at a line may be read later."""
        block = self.steps[index][1]
        for place, reading in self.events.get(variable, ()):
            if place <= index:
                continue
            if reading:
                return True
            if self.steps[place][1] in (block, ()):
                return False
        return False

    def _follow(self, line: Line, index: int, shared: set[int]) -> None:
        """Note which buffers a line's variables stand for; and the line, if it must not share."""
        if isinstance(line, (Bind, Unpack)):
            bound = (line.variable,) if isinstance(line, Bind) else line.variables
            sources = self._sources(line.value)
            if _listed(line) and (id(line) in shared or self._shared(sources, bound, index)):
                shared.add(id(line))
                sources = frozenset()
            if id(line) in self.taken:
                sources = frozenset()
            for variable in bound:
                if variable is not None:
                    self.buffers[variable] = sources or frozenset([object()])
            return
        variable = line.variable
        if variable.role not in ("adjoint", "upstream"):
            return
        form = self.types.of(Read(variable)).form
        if form == "scalar":
            return
        slot = form in ("list", "tuple", "dict") and len(line.path) == 1 and line.mode == "set"
        slot = slot and variable not in self.arrays
        alone = id(line) in shared and id(line) not in self.held
        if line.path:
            self._take_copies(variable, index, slot=slot)
        boxed = variable in self.structures and len(line.path) == 1 and line.mode == "set"
        if not slot and not boxed and (alone or self._held(variable, index)):
            shared.add(id(line))
            self.buffers[variable] = frozenset([object()])
        if line.mode == "set" and form != "array":
            self._hold(line, shared)

    def _take_copies(self, variable: Variable, index: int, *, slot: bool) -> None:
        """Copy what was taken from a buffer before a part of the buffer is changed.

        The copy stands where the later of the two names was bound: a part is copied, not the whole.
        A slot of a container that gets another value changes what other names of the container
        stand for, but no item that was taken from it.
        """
        for other in list(self.buffers):
            own = self.buffers.get(variable, frozenset())
            shared = other is not variable and own & self.buffers[other]
            if not shared or not self._is_read_after(other, index):
                continue
            place = max(self._bound_before(other, index), self._bound_before(variable, index))
            if place < 0:
                continue
            line = self.steps[place][0]
            if slot and not (isinstance(line, Bind) and _is_name(line, variable)):
                continue
            if isinstance(line, Bind) and self._sources(line.value):
                self.taken.add(id(line))
                own_copy: Buffers = frozenset([object()])
                self.buffers[line.variable] = own_copy
                for later, _ in self.steps[place + 1 : index]:  # may lie in the copy
                    if isinstance(later, Bind) and id(later) not in self.taken:
                        self.buffers[later.variable] |= self._sources(later.value) & own_copy
                self._take_copies(variable, index, slot=slot)
                return

    def _bound_before(self, variable: Variable, index: int) -> int:
        """Find the last line before another that gives a variable its value."""
        places = [i for i, reading in self.events.get(variable, ()) if not reading and i < index]
        return places[-1] if places else -1

    def _taken(self, line: Line) -> Line:
        if isinstance(line, Bind) and id(line) in self.taken:
            return Bind(line.variable, self._copy(line.value))
        return line

    def _hold(self, line: Write, shared: set[int]) -> None:
        """Note which buffers a list holds, or that what it is to hold must be copied."""
        sources = self._sources(line.value)
        if not sources or not line.path:
            return
        if isinstance(line.value, Read) and line.value.variable in self.structures:
            return
        own = self.buffers.get(line.variable, frozenset())
        slots = self.slots.setdefault(line.variable, {})
        slots[id(line)] = sources
        alike = any(sources & other for key, other in slots.items() if key != id(line))
        alike = alike or FOREIGN in sources
        if id(line) in self.held or alike or line.variable in self.changed_inside:
            shared.add(id(line))
            self.held.add(id(line))
        else:
            self.buffers[line.variable] = own | sources

    def _shared(self, sources: Buffers, bound: Iterable[Variable | None], index: int) -> bool:
        """Whether somebody else may look at buffers after a line."""
        if FOREIGN in sources:
            return True
        return any(
            other not in bound and sources & buffers and self._is_read_after(other, index)
            for other, buffers in self.buffers.items()
        )

    def _alone(self, line: Line) -> list[Line]:
        """Give a line that shares no buffer: an update in place has one of its own."""
        if isinstance(line, Bind):
            assert isinstance(line.value, Call)
            (values,) = line.value.arguments
            unsure = self.types.of(values).form == "any"
            copied = Call(copy_of, (values,)) if unsure else self._copy(values)
            return [Bind(line.variable, Call(list, (copied,)))]
        assert isinstance(line, Write)
        if id(line) in self.held:
            return [Write(line.variable, line.path, self._copy(line.value), "set")]
        if not line.path and line.mode == "add":
            total = Call(operator.add, (Read(line.variable), line.value), (), "operator")
            return [Bind(line.variable, total)]
        return [Bind(line.variable, self._copy(Read(line.variable))), line]

    def _held(self, variable: Variable, index: int) -> bool:
        """Whether somebody else may still look at a variable's buffer after a line."""
        return self._shared(self.buffers.get(variable, frozenset([FOREIGN])), (variable,), index)

    def _sources(self, node: Expression) -> Buffers:
        """Give the buffers that an expression's value may lie in; none if it is fresh."""
        if self.types.of(node).form == "scalar":
            return frozenset()
        match node:
            case Read(variable=variable):
                return self.buffers.get(variable, frozenset([FOREIGN]))
            case Choice():
                return self._sources(node.then) | self._sources(node.otherwise)
            case Item():  # a part of .flat is a copy
                return frozenset() if is_flat(node.value) else self._sources(node.value)
            case Group():
                return frozenset(b for item in node.items for b in self._sources(item))
            case Call(function=function) if function in (list, tuple, list_backward):
                return self._sources(node.arguments[0])
            case Call(function=function) if function in VIEWS:
                sources = self._sources(node.arguments[0])
                return sources | {FOREIGN} if function in REPEATING else sources
            case Call(function=function):
                rule = next((r for _, r in registry.all_rules() if r.backward is function), None)
                if rule is None or rule.fresh:
                    return frozenset()
                if rule.family != "bilinear" and function not in JOINING:
                    return frozenset([FOREIGN])
        return frozenset()

    def _copy(self, node: Expression) -> Expression:
        """Give a copy of a value; what `list(x)` passes back may hold others."""
        own = node.variable if isinstance(node, Read) else None
        unsure = own in self.optional and self.types.of(node).form in ("any", "number")
        unsure |= any(node is line.value or own is line.variable for line in self.of_lists)
        return Call(copy_of, (node,)) if unsure else fresh(node, self.types)

    def _separate_returned(self, nodes: list[BackwardNode]) -> None:
        taken: set[Hashable] = {FOREIGN}
        for variable in dict.fromkeys(self.returned):
            if self.types.of(Read(variable)).form == "scalar":
                continue
            own = self.buffers.get(variable, frozenset([FOREIGN]))
            if own & taken:
                self._copy_where_made(variable, nodes)
            taken |= own

    def _copy_where_made(self, variable: Variable, nodes: list[BackwardNode]) -> None:
        copied = Bind(variable, self._copy(Read(variable)))
        straight = all(isinstance(node, BackwardGroup) for node in nodes)
        for group in reversed(list(groups_in(nodes)) if straight else []):
            for index in range(len(group.lines) - 1, -1, -1):
                line = group.lines[index]
                if isinstance(line, Bind) and line.variable is variable:
                    group.lines[index] = Bind(variable, self._copy(line.value))
                    return
                if isinstance(line, Unpack) and variable in line.variables:
                    group.lines.insert(index + 1, copied)
                    return
        nodes.append(BackwardGroup([], [copied]))


def _is_name(line: Bind, changed: Variable) -> bool:
    """Whether a line gives another name to a container, or the changed one to a part of one."""
    return isinstance(line.value, Read) or line.variable is changed


def _maybe_arrays(line: Line) -> Iterator[Variable]:
    """Give what a line binds to the result of a rule, which is an array for a list as well."""
    if isinstance(line, Unpack):
        yield from (v for v in line.variables if v is not None)
    elif isinstance(line, Bind) and isinstance(line.value, Call):
        if line.value.function not in (zeros_like, copy_of, list, tuple, for_each):
            yield line.variable


def _listed(line: Line, by: tuple[Any, ...] = (list, tuple)) -> TypeGuard[Bind]:
    """Whether a line makes a list of the rows of an array."""
    value = line.value
    return isinstance(line, Bind) and isinstance(value, Call) and value.function in by
