"""Gradients get the structure of their parameters: lists for lists, tuples for tuples.

Takes the backward lines and the gradient variables. Gives lines in which a container's gradient is
held as an array where whole-array contributions reach it, and what is returned for each parameter.
Refuses nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import TypeGuard

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Forward,
    Function,
    Group,
    Item,
    Read,
    Unpack,
    UserFunction,
    Variable,
    Write,
)
from srcdiff.ir.parts import is_key, path_to
from srcdiff.ir.types import Type, array
from srcdiff.passes.backward import BackwardGroup, BackwardNode, Path, groups_in
from srcdiff.passes.contribute import Contributions, names_once
from srcdiff.passes.exclusive import are_apart
from srcdiff.passes.families import Holding, families, first_in_loops, handed_on, summed
from srcdiff.passes.fields import may_hold_records
from srcdiff.passes.infer import Types
from srcdiff.passes.keyed import gains_keys
from srcdiff.passes.record import ForwardLine, Recorder
from srcdiff.passes.recursion import takes_parts
from srcdiff.passes.self_held import bound_to_containers, held_in_themselves
from srcdiff.rules.helpers import added, array_of_zeros, copy_of, for_each, structured, zeros_like
from srcdiff.rules.joining import JOINING
from srcdiff.rules.products import multi_dot_backward
from srcdiff.rules.records import place_of

CONTAINERS = frozenset(["list", "tuple", "dict", "any"])
LISTED = JOINING | {multi_dot_backward}
"""Rules whose gradients are lists."""


class Structure:
    """Follows the containers of one derivation."""

    def __init__(
        self,
        types: Types,
        adjoints: dict[Variable, Variable],
        contributions: Contributions,
        function: Function,
    ) -> None:
        self.types = types
        self.grown = contributions.grown
        self.given = contributions.given
        self.lists = {adjoints[variable] for variable in self.grown if variable in adjoints}
        self.optional = {p.variable for p in function.parameters if p.default == "None"}
        self.summed = summed(function)
        self.late = first_in_loops(function)
        self.linked = held_in_themselves(function)
        self.adjoints = adjoints
        self.nested = types.asks
        self.function = function
        self.kept: list[ForwardLine] = []
        self.rebound = {b.variable for s in function.statements for b in s.binds}
        self.as_array: set[Variable] = set()
        self.parted: set[Variable] = set()

    def settled(self, nodes: list[BackwardNode]) -> list[BackwardNode]:
        """Decide how each container's gradient is held."""
        groups = list(groups_in(nodes))
        held = self._held(groups)
        for family in families(held):
            wholes = any(
                self._is_whole(line, held) for adjoint in family for line in held[adjoint].lines
            )
            if self.nested and are_apart(nodes, [x for a in family for x in held[a].lines]):
                wholes = False  # the program itself asks which are containers
            if any(held[adjoint].forward in self.linked for adjoint in family):
                wholes = False  # no array is one of its own items
                _sum_by_items(groups, set(family))
                made = bound_to_containers(self.function)
                _check_linked([held[a] for a in family if held[a].forward in made])
            paths = [line.path for a in family for line in held[a].lines if _is_part(line)]
            parts = bool(paths)
            named = any(held[a].known.form == "dict" for a in family)
            named = named or any(is_key(index) for path in paths for index in path)
            if wholes and (named or any(_is_record(held[a].known, paths) for a in family)):
                raise _as_a_whole(held[family[0]].forward)
            if parts and not any(map(_is_of_array, paths)):
                self.parted |= set(family)
            elif not wholes and any(_is_sum(line) for a in family for line in held[a].lines):
                self.parted |= set(family)  # a sum is a list
            self._settle_given(groups, set(family), wholes=wholes, parts=parts)
            for adjoint in family:
                own = held[adjoint]
                _check_joined(own)
                if wholes:
                    self.as_array.add(adjoint)
                    shape = own.known.shape
                    self.types.variables[adjoint] = (
                        array(shape, own.known.gradient_kind)
                        if parts
                        else Type("number", own.known.gradient_kind, shape)
                    )
                self._rewrite(groups, own.forward, adjoint, own.known, wholes=wholes)
        return nodes

    def may_be_none(self) -> set[Variable]:
        """Give the gradients of parameters that may be left out."""
        return {self.adjoints[v] for v in self.optional & self.adjoints.keys()}

    def _held(self, groups: list[BackwardGroup]) -> dict[Variable, Holding]:
        """Give the gradient variables of containers, with the lines that set or change them."""
        found: dict[Variable, Holding] = {}
        for forward, adjoint in self.adjoints.items():
            known = self.types.of(Read(forward))
            if known.form in CONTAINERS and forward not in self.grown:
                found[adjoint] = Holding(forward, known)
        for group in groups:
            for line in group.lines:
                if isinstance(line, (Bind, Write)) and line.variable in found:
                    found[line.variable].lines.append(line)
        return found

    def _is_whole(self, line: Bind | Write, held: dict[Variable, Holding]) -> bool:
        """Whether a line brings a gradient as an array, or adds one."""
        if _is_part(line) or _is_list(line) or _is_sum(line):
            return False
        leaves = handed_on(line)
        known = self.given | self.lists | held.keys()
        own = held[line.variable].known
        structured = own.form == "dict" or own.record is not None
        return not leaves or not all(
            _is_zeros(leaf)
            or (isinstance(leaf, Read) and leaf.variable in known)
            or _is_structured(leaf)
            or (isinstance(leaf, Item) and (structured or self._is_row(leaf, held)))
            for leaf in leaves
        )

    def _is_row(self, node: Item, held: dict[Variable, Holding]) -> bool:
        """Whether a gradient is an item of a container's, in which a list lies there."""
        root, _ = path_to(node)
        return (
            isinstance(root, Read)
            and root.variable in held
            and self.types.of(node).form in ("list", "tuple")
        )

    def _settle_given(
        self, groups: list[BackwardGroup], family: set[Variable], *, wholes: bool, parts: bool
    ) -> None:
        """Take what calls give, whose gradients have structure, as the family is held."""
        own = np.array if wholes else copy_of if parts else None
        for group in groups:
            for index, line in reversed(list(enumerate(group.lines))):
                if isinstance(line, Unpack) and own is not None and _is_structured(line.value):
                    taken = [v for v in line.variables if v in family]
                    copies = [Bind(v, Call(own, (Read(v),))) for v in taken if v is not None]
                    group.lines[index + 1 : index + 1] = copies
                if not isinstance(line, Bind) or line.variable not in family:
                    continue
                value = line.value
                if wholes and _is_sum(line) and isinstance(value, Call):
                    more = Call(np.asarray, (value.arguments[1],))
                    group.lines[index] = Write(line.variable, (), more, "add")
                elif own is not None:
                    taken_over = self._taken(value, own, family)
                    if taken_over is not value:
                        group.lines[index] = Bind(line.variable, taken_over)

    def _taken(
        self, value: Expression, own: Callable[..., object], family: set[Variable]
    ) -> Expression:
        """Take a gradient that has structure as its family holds it, whichever is chosen."""
        if isinstance(value, Choice):
            then = self._taken(value.then, own, family)
            otherwise = self._taken(value.otherwise, own, family)
            if then is value.then and otherwise is value.otherwise:
                return value
            chosen = Choice(value.test, then, otherwise)
            self.types.note(chosen, self.types.of(value))
            return chosen
        given = isinstance(value, Read) and value.variable in self.given - family
        return Call(own, (value,)) if given or _is_structured(value) else value

    def _rewrite(
        self,
        groups: list[BackwardGroup],
        forward: Variable,
        adjoint: Variable,
        known: Type,
        *,
        wholes: bool,
    ) -> None:
        """Choose the zeros that the parts are written into."""
        zeros: Expression | None = None
        if wholes and forward not in self.optional:
            zeros = Call(array_of_zeros, (Forward(Read(forward)),))
        elif forward not in self.late and known.record is None and known.rank == 1:
            if known.form in ("list", "tuple"):
                count = Call(len, (Forward(Read(forward)),))
                zeros = Call(operator.mul, (Group("list", (Const(0.0),)), count), (), "operator")
        if zeros is None:
            return
        for group in groups:
            for index, line in enumerate(group.lines):
                if isinstance(line, Unpack) or line.variable is not adjoint:
                    continue
                if isinstance(line, Bind):
                    group.lines[index] = Bind(adjoint, self._with_zeros(line.value, zeros))
                elif wholes and line.mode == "add.at":
                    if names_once(line.path[-1], self.types):  # no list that += would join
                        group.lines[index] = replace(line, mode="add")

    def _with_zeros(self, value: Expression, zeros: Expression) -> Expression:
        """Put other zeros in the place of those of unknown structure."""
        if _is_zeros(value):
            return zeros
        if isinstance(value, Choice):
            then = self._with_zeros(value.then, zeros)
            chosen = Choice(value.test, then, self._with_zeros(value.otherwise, zeros))
            self.types.note(chosen, self.types.of(value))
            return chosen
        return value

    def gradient(self, variable: Variable, recorder: Recorder) -> Expression:
        """Give what is returned as the gradient of a parameter."""
        known = self.types.of(Read(variable))
        given = self.types.given.get(variable, known)
        if known.form == "any" and given.form in ("list", "tuple"):
            known = given  # the name stands for something else later, the parameter doesn't
        adjoint = self.adjoints.get(variable)
        if adjoint is None:
            return self._zeros(variable, known, recorder)
        value: Expression = Read(adjoint)
        if variable not in self.optional and gains_keys(self.function, variable, self.types):
            copied = Call(np.copy, (Read(variable),), (), "method")
            return Call(structured, (value, self._at_entry(variable, copied)))
        unsure = known.form == "any" or (known.form == "dict" and known.fields is None)
        by_item = unsure and (adjoint in self.parted or variable in self.summed)
        if self.types.has_records and (by_item or may_hold_records(known)):
            return Call(structured, (value, self._as_given(variable, recorder)))
        if known.form in ("list", "tuple") and adjoint in self.as_array:
            arrays = known.items is not None and any(i.form == "array" for i in known.items)
            value = Call(list, (value,)) if arrays else Call(_to_list, (value,), (), "method")
        if by_item or (_has_inner_tuples(known) and adjoint not in self.as_array):
            return Call(structured, (value, self._as_given(variable, recorder)))
        if known.form == "tuple":
            value = Call(tuple, (value,))
        return value

    def _as_given(self, variable: Variable, recorder: Recorder) -> Expression:
        """Give the argument, whatever the parameter's name stands for later."""
        if variable in self.rebound:
            return self._at_entry(variable, Read(variable))
        return recorder.placed(Forward(Read(variable)))

    def _at_entry(self, variable: Variable, value: Expression) -> Expression:
        """Keep what a parameter is when forward begins."""
        entry = Variable(f"{variable.wish}_old", "staged")
        self.types.variables[entry] = self.types.of(Read(variable))
        self.kept.append(ForwardLine(self.function.result, (Bind(entry, value),), False))
        return Read(entry)

    def _zeros(self, variable: Variable, known: Type, recorder: Recorder) -> Expression:
        if known.form == "scalar":
            return Const(0.0 if known.gradient_kind == "float" else 0j)
        given = self._as_given(variable, recorder)
        if self.types.has_records and (known.form == "any" or may_hold_records(known)):
            return Call(structured, (Call(zeros_like, (given,)), given))
        if known.form == "array" and known.kind in ("float", "complex"):
            return Call(np.zeros_like, (given,))
        zeros: Expression = Call(zeros_like, (given,))
        return Call(tuple, (zeros,)) if known.form == "tuple" else zeros


def _is_record(known: Type, paths: list[Path]) -> bool:
    """Whether a value is a record, by its type or by how it is read."""
    first = [path[0] for path in paths]
    return known.record is not None or any(
        isinstance(index, Call) and index.function is place_of for index in first
    )


def _as_a_whole(variable: Variable) -> Refusal:
    return Refusal(
        "SD102",
        f"{variable.wish} is used as a whole, or under several names at once.",
        "Read its fields or entries one by one: p.w, or w, b = p.",
    )


def _has_inner_tuples(known: Type) -> bool:
    """Whether tuples stand inside a container."""
    inner = (*(known.items or ()), *(value for _, value in known.fields or ()))
    return any(item.form == "tuple" or _has_inner_tuples(item) for item in inner)


def _is_sum(line: Bind | Write) -> bool:
    """Whether a line adds what has structure, item by item."""
    return isinstance(line.value, Call) and line.value.function is added


def _is_structured(value: Expression) -> bool:
    """Whether a call may give a list for a list, a tuple for a tuple."""
    if not isinstance(value, Call):
        return False
    function = value.function
    return function is for_each or (isinstance(function, UserFunction) and takes_parts(function))


def _is_zeros(value: Expression) -> bool:
    return isinstance(value, Call) and value.function is zeros_like


def _check_joined(own: Holding) -> None:
    if any(map(_is_list, own.lines)) and len(own.lines) > 1:
        raise Refusal(
            "SD102",
            f"the list {own.forward.wish} is joined, and used in another way too.",
            "Join a list written out, np.concatenate([a, b]), or use the list once.",
        )


def _sum_by_items(groups: list[BackwardGroup], family: set[Variable]) -> None:
    """Add what a linked list's gradient gets item by item: += would join two lists."""
    for group in groups:
        for index, line in enumerate(group.lines):
            if isinstance(line, Write) and line.variable in family and not line.path:
                if line.mode == "add" and isinstance(line.value, (Read, Item)):
                    both = Call(added, (Read(line.variable), line.value))
                    group.lines[index] = Bind(line.variable, both)


def _check_linked(family: list[Holding]) -> None:
    """Refuse a linked list whose gradient is added to as a whole, or depends on a test."""
    for own in family:
        for line in own.lines:
            plain = isinstance(line, Bind) and not isinstance(line.value, (Choice, Call))
            known = _is_sum(line) or _is_zeros(line.value) or _is_structured(line.value)
            if not (plain or known or _is_part(line)):
                raise Refusal(
                    "SD102",
                    f"{own.forward.wish} holds what it was before, and is used in several ways.",
                    "Append to a list, and read its items.",
                )


def _is_list(line: Bind | Write) -> bool:
    """Whether a line gives a list of gradients, one for each of the arrays of a list."""
    value = line.value
    return isinstance(value, Call) and value.function in LISTED


def _is_part(line: Bind | Write) -> TypeGuard[Write]:
    return isinstance(line, Write) and bool(line.path)


def _is_of_array(path: Path) -> bool:
    """Whether only an array has such a part: x[:, 0]."""
    return any(
        isinstance(index, Group)
        and index.kind == "tuple"
        and any(isinstance(item, Group) and item.kind == "slice" for item in index.items)
        for index in path
    )


def _to_list(values: np.ndarray) -> list[float]:
    return values.tolist()  # type: ignore[no-any-return]  # a list of floats


_to_list.__name__ = "tolist"
