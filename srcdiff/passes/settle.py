"""The types of variables that have more than one value.

Takes a function over variables and the types of its parameters. Notes a type for each variable that
holds for all its values. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import replace

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Function,
    Group,
    If,
    Item,
    Jump,
    Loop,
    Node,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.parts import is_key
from srcdiff.ir.types import (
    INTEGER,
    OTHER,
    Form,
    Kind,
    Shape,
    Type,
    is_container,
    named_origins,
    size,
    unknown,
)
from srcdiff.ir.walk import held_in, trees, variables, walk
from srcdiff.passes.infer import Types
from srcdiff.passes.number_guards import sure_numbers
from srcdiff.passes.self_held import held_in_themselves
from srcdiff.passes.slots import CHANGES
from srcdiff.passes.stated import keyed
from srcdiff.passes.written import resizes

MOST_ROUNDS = 8


def settle(function: Function, types: Types) -> None:
    """Note the types of all variables of a function."""
    if function.is_straight:
        _note_in_order(function, types)
        return
    types.sure = set(sure_numbers(function.body))
    types.rewritten = _rewritten(function)
    settler = _Settler(function, types)
    rounds = 0
    while settler.round():
        rounds += 1
        if rounds >= MOST_ROUNDS:
            settler.give_up()
    types.renew(dict(types.variables))
    types.nests = any(_is_list(node, types) for node in _held(function))
    types.nests = types.nests or bool(held_in_themselves(function))


def _rewritten(function: Function) -> dict[Variable, set[Hashable] | None]:
    """Give the keys of the entries that are written, for each container; None for any."""
    found: dict[Variable, set[Hashable] | None] = {}
    for write in (w for statement in function.statements for w in statement.writes):
        first = write.path[0] if write.path and not resizes(write) else None
        known = found.setdefault(write.variable, set())
        if known is None or not isinstance(first, Const) or not isinstance(first.value, Hashable):
            found[write.variable] = None
        else:
            known.add(first.value)
    return found


def _held(function: Function) -> Iterator[Expression]:
    """Give what a function puts into lists and dicts."""
    for statement in function.statements:
        yield from (write.value for write in statement.writes)
    for tree in trees(function.body):
        for node in walk(tree):
            if isinstance(node, Group) and node.kind != "slice":
                yield from (item for _, item in held_in(node))


def _is_list(node: Expression, types: Types) -> bool:
    if isinstance(node, Call) and node.function in (list, tuple):
        return True
    return is_container(types.guess(node))


def _note_in_order(function: Function, types: Types) -> None:
    """Note the types of straight code, as far as its calls fit; the others are refused later."""
    for statement in function.statements:
        for bind in statement.binds:
            with suppress(Refusal):
                types.variables.setdefault(bind.variable, types.of(bind.value))


class _Settler:
    def __init__(self, function: Function, types: Types) -> None:
        self.function = function
        self.types = types
        self.parameters = {p.variable for p in function.parameters}
        self.stated = {
            v: t
            for v, t in types.variables.items()
            if v in self.parameters or v.role in ("global", "attribute")
        }
        self.keyed = keyed(function) - self.parameters
        self.met: set[Variable] = set()
        self.before: dict[Variable, Type] = {}
        self.unsure: set[Variable] = set()
        self.pinned: dict[Variable, Type] = {}
        self.waits = True
        self.waited = False

    def round(self) -> bool:
        """Infer once more, from what the round before found; whether that changed."""
        found: dict[Variable, Type] = dict(self.stated)
        self.met = set()
        self.waited = False
        self._block(self.function.body, found)
        found |= self.pinned
        changing = self.function.changing
        for variable in changing & found.keys():
            before = self.before.get(variable)
            if before is not None and _alike(before, found[variable]):
                found[variable] = before
        self.unsure = {v for v in changing if self.before.get(v) != found.get(v)}
        unsteady = {v for v in changing & found.keys() if self._is_unsteady(v, found[v])}
        grown = not unsteady <= self.types.unsteady
        again = bool(self.unsure) or grown or (self.waits and self.waited)
        self.waits = self.waits and (bool(self.unsure) or grown)
        self.types.unsteady |= unsteady
        self.before = found
        self.types.renew(found)
        return again

    def give_up(self) -> None:
        """Let what doesn't settle be unknown."""
        known = [*self.before.values(), *self.pinned.values()]
        kind: Kind = "complex" if any(t.kind == "complex" for t in known) else "any"
        self.pinned |= {v: unknown(v).of_kind(kind) for v in self.unsure}

    def _is_unsteady(self, variable: Variable, known: Type) -> bool:
        """Whether a variable's values may differ in shape."""
        several = variable not in self.parameters or variable in self.met
        return several and known.shape == frozenset([variable])

    def _assume(self, variable: Variable, found: dict[Variable, Type]) -> None:
        """Let a variable that is read be all that it was found to be, in this round or before."""
        changing = variable in self.function.changing
        known = self.before.get(variable) if changing else None
        self.types.assume(variable, known or found[variable])

    def _waits_for(self, value: Expression, found: dict[Variable, Type]) -> bool:
        """Whether a value reads what only a later statement gives a type."""
        return self.waits and any(
            v in self.function.changing and v not in found and v not in self.before
            for v in variables(value)
        )

    def _block(self, block: tuple[Node, ...], found: dict[Variable, Type]) -> None:
        for node in block:
            match node:
                case If():
                    self._block(node.then, found)
                    self._block(node.otherwise, found)
                    continue
                case Loop():
                    if node.index is not None:
                        known = INTEGER if _counts(node) else OTHER
                        self._meet(node.index, known, found)
                        self._assume(node.index, found)
                    statement = node.header
                case Jump():
                    continue
                case Statement():
                    statement = node
            for bind in statement.binds:
                if self._waits_for(bind.value, found):
                    self.waited = True
                    continue
                known = self.types.guess(bind.value)
                if known.form == "any" and self._is_dict(bind, found):
                    known = replace(known, form="dict")
                self._meet(bind.variable, known, found)
                self._assume(bind.variable, found)
            for write in statement.writes:
                self._write(write, found)
            if isinstance(node, Loop):
                self._block(node.body, found)

    def _is_dict(self, bind: Bind, found: dict[Variable, Type]) -> bool:
        """Whether a variable is an entry, or made of a dict, and has itself entries with names."""
        held = any(found.get(v, OTHER).form == "dict" for v in variables(bind.value))
        return bind.variable in self.keyed and (held or isinstance(bind.value, Item))

    def _write(self, write: Write, found: dict[Variable, Type]) -> None:
        variable = write.variable
        if write.mode == "append" and not write.path:
            self._append(variable, self.types.guess(write.value), found)
        elif write.mode == "set" and not write.path:
            self._meet(variable, self.types.guess(write.value), found)
        elif write.path and variable in found and write.mode != "del":
            known = found[variable]
            if known.form == "any" and is_key(write.path[0]):
                known = replace(known, form="dict")
            if known.form == "dict" and write.mode not in ("append", "pop"):
                known = self._with_entry(known, write)
            elif known.form in ("list", "tuple") or known.fields is not None:
                known = _without_items(known, write, self.types.guess(write.value))
            may_be = known.form != "array" or known.kind == "any"  # a real array stays one
            if may_be and self.types.guess(write.value).kind == "complex":
                known = known.of_kind("complex")
            if known != found[variable]:
                found[variable] = known
                self._assume(variable, found)

    def _with_entry(self, known: Type, write: Write) -> Type:
        """Give the type of a dict with another entry."""
        value = replace(self.types.guess(write.value), value=None)
        match write.path:
            case (Const(value=str() as key),) if known.fields is not None:
                entries = dict(known.fields)
                entries[key] = meet(entries.get(key, value), value, CHANGES)
                return replace(known, fields=tuple(entries.items()))
        return replace(known, fields=None, kind=_kind(known.kind, value.kind))

    def _meet(self, variable: Variable, known: Type, found: dict[Variable, Type]) -> None:
        if variable in self.function.changing:
            known = replace(known, value=None)
        elif known.form == "scalar" and known.kind == "int" and known.value is None:
            known = replace(known, value=size(f"value of {id(variable)}"))
        old = found.get(variable)
        if old is None:
            found[variable] = known
        elif variable in self.stated and variable in self.parameters and old == known:
            return
        else:
            found[variable] = meet(old, known, variable)
            if found[variable] != old or known.shape != old.shape:
                self.met.add(variable)

    def _append(self, variable: Variable, known: Type, found: dict[Variable, Type]) -> None:
        old = found.get(variable, unknown(variable))
        kind: Kind = known.kind
        form: Form = "list"
        shape: Shape = frozenset([variable])
        if known.form == "scalar" and (old.items == () or old.rank == 1):
            shape = (frozenset([f"len{id(variable)}"]),)
        if old.form not in ("list", "any") or (old.items and old.kind != kind):
            kind = "complex" if "complex" in (old.kind, kind) else "any"
        found[variable] = Type(form, kind, shape)
        self._assume(variable, found)


def _alike(one: Type, other: Type) -> bool:
    """Whether two types say the same, but for shapes that are like no other."""
    if replace(one, shape=(), items=None, fields=None) != replace(
        other, shape=(), items=None, fields=None
    ):
        return False
    if isinstance(one.shape, tuple) or isinstance(other.shape, tuple):
        if one.shape != other.shape:
            return False
    elif named_origins(one.shape) != named_origins(other.shape):
        return False
    inner = [(one.items, other.items)]
    if one.fields is not None and other.fields is not None:
        if [key for key, _ in one.fields] != [key for key, _ in other.fields]:
            return False
        inner.append((tuple(t for _, t in one.fields), tuple(t for _, t in other.fields)))
    elif one.fields is not other.fields:
        return False
    return all(_all_alike(*pair) for pair in inner)


def _all_alike(ones: tuple[Type, ...] | None, others: tuple[Type, ...] | None) -> bool:
    if ones is None or others is None:
        return ones is others
    return len(ones) == len(others) and all(map(_alike, ones, others))


def _without_items(known: Type, write: Write, value: Type) -> Type:
    """Give the type of a container whose entries change; they may be of another rank then."""
    other = any(item.form != "scalar" for item in known.items or ())
    if isinstance(known.shape, tuple):
        slices = any(isinstance(i, Group) and i.kind == "slice" for i in write.path)
        other = other or slices or known.shape[len(write.path) :] != value.shape
    if other:
        known = replace(known, shape=frozenset([write.variable]))
    return replace(known, items=None, fields=None)


def _counts(loop: Loop) -> bool:
    """Whether a loop's index is an int."""
    sequence = loop.sequence
    name = getattr(getattr(sequence, "function", None), "__name__", "")
    if name == "reversed":
        sequence = sequence.arguments[0]  # type: ignore[union-attr]  # a call has arguments
        name = getattr(getattr(sequence, "function", None), "__name__", "")
    return name in ("range", "arange")


def meet(left: Type, right: Type, variable: Hashable) -> Type:
    """Give what holds for values of two types."""
    left, right = replace(left, value=None), replace(right, value=None)
    if left == right:
        return left
    kind = _kind(left.kind, right.kind)
    if left.record is not None and left.record == right.record:
        shape = left.shape if left.shape == right.shape else frozenset([variable])
        if left.items is None or right.items is None:
            return Type(left.form, kind, shape, record=left.record)
        pairs = zip(left.items, right.items, strict=True)
        fields = tuple(meet(mine, other, variable) for mine, other in pairs)
        return Type(left.form, kind, shape, fields, record=left.record)
    if left.form == right.form and left.shape == right.shape:
        items = left.items if left.items == right.items else None
        return Type(left.form, kind, left.shape, items)
    if left.form == "list" and right.form == "list":
        shape = _shape(left.shape, right.shape, variable)
        if left.items == ():
            return Type("list", right.kind, right.shape)
        if right.items == ():
            return Type("list", left.kind, left.shape)
        return Type("list", kind, shape)
    form: Form = left.form if left.form == right.form else "any"
    if {left.form, right.form} <= {"scalar", "array", "number"}:
        form = left.form if left.form == right.form else "number"
    if OTHER.form in (left.form, right.form):
        form = "other" if left.form == right.form else "any"
    return Type(form, kind, _shape(left.shape, right.shape, variable))


def _kind(left: Kind, right: Kind) -> Kind:
    if left == right:
        return left
    if "complex" in (left, right):
        return "complex"
    return "float" if {left, right} <= {"float", "int", "bool"} else "any"


def _shape(left: Shape, right: Shape, variable: Hashable) -> Shape:
    if left == right:
        return left
    return frozenset([variable])
