"""The gradients of variables: what statements contribute to them, added up.

Takes contributions as the walk over a statement finds them. Gives the lines that add them to the
variables' gradients: `=` first, `+=` after, parts into zeros. Refuses nothing.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Literal

import numpy as np

from srcdiff.ir.nodes import (
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Forward,
    Group,
    Item,
    Read,
    Variable,
    Write,
)
from srcdiff.ir.parts import is_key, part, step
from srcdiff.ir.types import Type
from srcdiff.ir.walk import same, substitute, variables
from srcdiff.passes.backward import Guard, Line, Path
from srcdiff.passes.idioms import Uses
from srcdiff.passes.indexed import indices
from srcdiff.passes.infer import Types
from srcdiff.passes.simplify import Simplifier
from srcdiff.passes.suggest import suggest
from srcdiff.rules.helpers import added, for_each, unbroadcast, zeros_like
from srcdiff.rules.records import place_of
from srcdiff.rules.shaping import list_backward

BOXING = frozenset(
    [
        np.where,
        np.reshape,
        np.copy,
        np.transpose,
        np.broadcast_to,
        np.squeeze,
        np.expand_dims,
        np.flip,
    ]
)
"""Functions whose result for a number is an array without axes."""


class Contributions:
    """The gradient variables of one derivation.

    Parameters
    ----------
    types
        Of the derivation.
    uses
        Where variables are defined, for names.
    """

    def __init__(self, types: Types, uses: Uses) -> None:
        self.types = types
        self.uses = uses
        self.simplifier = Simplifier(types)
        self.adjoints: dict[Variable, Variable] = {}
        self.started: set[Variable] = set()
        self.parted: set[Variable] = set()
        self.given: set[Variable] = set()
        self.nested = False
        self.grown: frozenset[Variable] = frozenset()
        self.filled: frozenset[Variable] = frozenset()
        self.changing: set[Variable] = set()
        self.stand_ins: dict[Variable, Expression] = {}
        self.masks: dict[Variable, tuple[Guard, ...]] = {}
        self.touched: dict[Variable, set[object]] = {}
        self.pending: list[tuple[Variable, Path, Expression, tuple[Guard, ...]]] = []

    def flush(self, lines: list[Line]) -> None:
        """Add up what the statement contributes, like contributions together."""
        pending, self.pending = self.pending, []
        merged: list[tuple[Variable, Path, Expression, tuple[Guard, ...], int]] = []
        for variable, path, value, guards in pending:
            value = self.simplifier.simplify(value)
            for index, (other, other_path, other_value, other_guards, n) in enumerate(merged):
                if (
                    other is variable
                    and not path
                    and not other_path
                    and guards == other_guards
                    and not _is_listed(value)
                    and same(value, other_value)
                ):
                    merged[index] = (variable, path, value, guards, n + 1)
                    break
            else:
                merged.append((variable, path, value, guards, 1))
        for variable, path, value, guards, n in merged:
            if n > 1:
                value = self.simplifier.product(Const(n), value)
            self._contribute(variable, path, value, guards, lines)

    def _contribute(
        self,
        variable: Variable,
        path: Path,
        value: Expression,
        guards: tuple[Guard, ...],
        lines: list[Line],
    ) -> None:
        known = self.types.of(Read(variable))
        first = variable not in self.started
        self.started.add(variable)
        if not first and len(path) == 1 and not indices(path[0]):
            path = ()  # x[()] is all of x, and what was computed from x without axes a number
        value = self._under_guards(variable, path, value, guards, first=first)
        adjoint = self.adjoints.setdefault(variable, self._adjoint(variable, known))
        if not path and known.form == "scalar":
            value = self._as_number(value)
        grown = not path and variable in self.grown
        if not path and not first and not grown:
            value = self._unstretched(value, known)
        if grown:
            value = _listed(value)
        if not path and (known.form == "dict" or known.record is not None):
            value = self._taken(value, known, lines)
        held = self._is_held(value, known)
        if held:
            self.given.add(adjoint)
        if not path:
            self.touched.pop(adjoint, None)
            line = Bind(adjoint, value) if first else Write(adjoint, (), value, "add")
            if (held or grown) and not first:  # += would join lists
                line = Bind(adjoint, Call(added, (Read(adjoint), value)))
            lines.append(line)
            return
        if first:
            lines.append(Bind(adjoint, self.zeros(Read(variable))))
        if known.form not in ("scalar", "array"):
            self.parted.add(adjoint)
        mode: Literal["set", "add", "add.at"] = self.write_mode(path)
        if known.form == "dict" and len(path) == 1:
            mode = "add"  # a key names one entry
        parted = isinstance(value, Read) and value.variable in self.parted
        if held or parted or self._may_hold_lists(variable, path, value):
            mode = "add.at"  # += would join lists
        plain = mode == "add" or is_basic(path[-1], self.types)
        stays = mode == "add.at" and variable in self.filled  # a list, from which pop takes items
        if plain and not stays and self._is_untouched(adjoint, path, first=first):
            mode = "set"
        lines.append(Write(adjoint, path, value, mode))

    def _is_held(self, value: Expression, known: Type) -> bool:
        """Whether a gradient has the structure of the container that it is of."""
        given = isinstance(value, Read) and value.variable in self.parted | self.given
        return (given or _is_listed(value)) and known.form not in ("scalar", "array", "number")

    def _taken(self, value: Expression, known: Type, lines: list[Line]) -> Expression:
        """Give the gradient of a dict that another gradient holds a name."""
        if isinstance(value, Call) and value.function is unbroadcast:
            value = value.arguments[0]  # a dict has no axes
        if not isinstance(value, Item):
            return value
        taken = Variable("ditem", "adjoint")
        self.types.variables[taken] = known.of_kind(known.gradient_kind)
        lines.append(Bind(taken, value))
        self.given.add(taken)
        return Read(taken)

    def start(self, variable: Variable, lines: list[Line]) -> None:
        """Begin a variable's gradient with zeros."""
        adjoint = self.adjoints.get(variable)
        if adjoint is None:
            known = self.types.of(Read(variable))
            adjoint = self.adjoints[variable] = self._adjoint(variable, known)
        self.started.add(variable)
        self.touched.pop(adjoint, None)
        self.masks.pop(variable, None)
        zeros = Const(0.0) if self._has_none(variable) else self.zeros(Read(variable))
        lines.append(Bind(adjoint, zeros))

    def forget(self) -> None:
        """Forget what is known of gradients only where no block begins or ends."""
        self.touched.clear()
        self.masks.clear()

    def _may_hold_lists(self, variable: Variable, path: Path, value: Expression) -> bool:
        """Whether a part may be a list or a dict, to which += would do something else."""
        holder = part(Read(variable), path[:-1])
        whole = self.types.of(holder).form
        if whole not in ("list", "tuple", "dict", "any"):
            return False
        index = path[-1]
        if isinstance(index, Group) and index.kind == "slice":
            return True
        if isinstance(value, Call) and value.function is list_backward:
            return True
        entry = self.types.of(step(holder, index))
        if variable in self.filled and entry.form in ("any", "number"):
            return True
        if self.nested and entry.form in ("any", "number"):
            return True  # the program itself asks what is a list
        if self.types.nests and entry.form in ("any", "number"):
            if self.types.of(value).form not in ("scalar", "array", "number"):
                return True
        named = is_key(index) or (isinstance(index, Call) and index.function is place_of)
        named = named or (whole == "dict" and self.types.nests)
        return entry.form in ("list", "tuple", "dict") or (named and entry.form == "any")

    def _as_number(self, value: Expression) -> Expression:
        """Take the number out of the array without axes that some functions give."""
        if isinstance(value, Choice):
            branches = (self._as_number(value.then), self._as_number(value.otherwise))
            chosen = Choice(value.test, *branches)
            self.types.note(chosen, self.types.of(value))
            return chosen
        if isinstance(value, Call) and value.function in BOXING:
            number = Item(value, Const(()))
            self.types.note(number, Type("scalar", self.types.of(value).gradient_kind, ()))
            return number
        return value

    def _unstretched(self, value: Expression, known: Type) -> Expression:
        """Leave to `+=` the broadcasting that it does anyway."""
        if isinstance(value, Call) and value.function is np.broadcast_to:
            if self.types.of(value).shape == known.shape:
                return value.arguments[0]
        if isinstance(value, Call) and value.function is operator.neg:
            inner = self._unstretched(value.arguments[0], known)
            return Call(operator.neg, (inner,), (), "operator")
        return value

    def _is_untouched(self, adjoint: Variable, path: Path, *, first: bool) -> bool:
        """Whether a part still holds the zeros that it began with."""
        index = path[0]
        place = index.value if isinstance(index, Const) and len(path) == 1 else None
        known = (isinstance(place, int) and place >= 0) or isinstance(place, str)
        touched = self.touched.setdefault(adjoint, set()) if first else self.touched.get(adjoint)
        if touched is None:
            return False
        fresh = first or (known and place not in touched)
        if known:
            touched.add(place)
        else:
            self.touched.pop(adjoint)
        return fresh

    def _adjoint(self, variable: Variable, known: Type) -> Variable:
        adjoint = Variable("d" + variable.wish if variable.wish else "", "adjoint")
        if not variable.wish and variable in self.uses.definitions:
            adjoint.wish = "d" + suggest(self.uses.definitions[variable][1].value)
        self.types.variables[adjoint] = replace(known.of_kind(known.gradient_kind), value=None)
        return adjoint

    def _under_guards(
        self,
        variable: Variable,
        path: Path,
        value: Expression,
        guards: tuple[Guard, ...],
        *,
        first: bool,
    ) -> Expression:
        """Give a gradient that is zero where a guard doesn't hold, and note the guards."""
        self.masks.pop(variable, None)
        if not guards:
            return value
        steady = all(self.changing.isdisjoint(variables(guard.test)) for guard in guards)
        if first and not path and steady:
            self.masks[variable] = guards
        target = part(Read(variable), path)
        known = self.types.of(target)
        value = self.guarded(value, guards, known)
        plain = known.form == "scalar" or self._has_none(variable)
        if isinstance(value, Choice) and not plain and first and not path:
            value = self._with_zeros(value, target)
        return value

    def _has_none(self, variable: Variable) -> bool:
        """Whether a number or an array is None where a condition doesn't hold: it has no shape."""
        known = self.types.of(Read(variable))
        return variable in self.uses.optional and known.form in ("scalar", "array", "number", "any")

    def _with_zeros(self, value: Choice, target: Expression) -> Expression:
        """Put zeros of the right shape into a choice between a gradient and nothing."""

        def fill(node: Expression) -> Expression:
            if isinstance(node, Choice):
                return Choice(node.test, fill(node.then), fill(node.otherwise))
            if isinstance(node, Const) and node.value == 0.0:
                return self.zeros(target)
            return node

        filled = fill(value)
        self.types.note(filled, self.types.of(value))
        return filled

    def write_mode(self, path: Path) -> Literal["add", "add.at"]:
        """Say how to add to a part: `+=` drops contributions where an index repeats."""
        return "add" if names_once(path[-1], self.types) else "add.at"

    def guarded(self, value: Expression, guards: tuple[Guard, ...], like: Type) -> Expression:
        """Give a gradient that is zero where a guard doesn't hold."""
        for guard in reversed(guards):
            test = Forward(guard.test)
            if guard.kind == "where":
                zero: Expression = Const(0)
                pair = (value, zero) if guard.positive else (zero, value)
                value = Call(np.where, (test, *pair))
                continue
            zero = Const(0.0)
            pair = (value, zero) if guard.positive else (zero, value)
            value = Choice(test, *pair)
            kind = self.types.of(pair[not guard.positive]).gradient_kind
            self.types.note(value, Type(like.form, kind, like.shape))
        return value

    def zeros(self, node: Expression) -> Expression:
        """Give zeros in the structure and shape of a value."""
        node = substitute(node, self.stand_ins)
        known = self.types.of(node)
        forward = node if isinstance(node, Const) else Forward(node)
        if known.form == "scalar":
            return Const(0.0 if known.gradient_kind == "float" else 0j)
        if known.form == "array" and known.kind in ("float", "complex"):
            return Call(np.zeros_like, (forward,))
        if known.form == "array" and known.kind in ("int", "bool"):
            return Call(np.zeros, (Call(np.shape, (forward,)),))
        return Call(zeros_like, (forward,))


def _listed(value: Expression) -> Expression:
    """Give the gradient of a list that grows as a list, from which append's takes items."""
    made = isinstance(value, Group) or _is_listed(value)
    return value if made else Call(list, (value,))


def _is_listed(value: Expression) -> bool:
    """Whether a gradient is a list, with which nothing can be computed."""
    return isinstance(value, Call) and value.function is for_each


def is_basic(index: Expression, types: Types) -> bool:
    """Whether an index is an int or slices: what it names is a view, each entry once."""
    if isinstance(index, Group):
        parts = index.kind == "tuple" and all(is_basic(item, types) for item in index.items)
        return index.kind == "slice" or parts
    if isinstance(index, Const):
        return True
    known = types.of(index)
    sliced = isinstance(index, Read) and known.form == "other"
    return sliced or (known.form == "scalar" and known.kind == "int")


def is_single(index: Expression, types: Types) -> bool:
    """Whether an index is a whole number, a slice or an ellipsis, as `.flat` takes it."""
    if isinstance(index, Group):
        return index.kind == "slice"
    if isinstance(index, Const):
        return index.value is ... or isinstance(index.value, int)
    known = types.of(index)
    return known.form == "scalar" and known.kind == "int"


def names_once(index: Expression, types: Types) -> bool:
    """Whether an index is certain to name each entry at most once."""
    if is_basic(index, types):
        return True
    if types.of(index).kind == "bool":
        return True
    items = index.items if isinstance(index, Group) and index.kind == "tuple" else (index,)
    picking = [item for item in items if not is_basic(item, types)]
    shapes = {types.of(item).shape for item in picking}
    counted = any(isinstance(item, Call) and item.function is np.arange for item in picking)
    return counted and len(shapes) == 1 and isinstance(shapes.pop(), tuple)
