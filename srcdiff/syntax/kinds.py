"""Of which classes the values of variables are, as far as methods are read of them.

Takes annotations and assignments. Gives the class of an expression, so that its methods are known.
Refuses a variable that is of another class, or of none that is known, where it is assigned later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import libcst as cst

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Attribute,
    Block,
    Choice,
    Expression,
    Group,
    Item,
    Node,
    Output,
    Read,
    Variable,
    leaves,
)
from srcdiff.syntax.object_classes import ObjectClass
from srcdiff.syntax.written_names import dotted_name

LISTS = frozenset(["list", "List", "Sequence", "Iterable", "tuple", "Tuple"])
DICTS = frozenset(["dict", "Dict", "Mapping"])
ANYTHING = frozenset(["Any", "object"])
"""Annotations that say nothing."""


@dataclass(frozen=True, slots=True)
class ManyOf:
    """The class of what a list, a tuple or a dict holds."""

    cls: ObjectClass


Known = ObjectClass | ManyOf


class Outside(Protocol):
    """What is known of objects outside the function."""

    def of(self, tree: Expression) -> Known | None:
        """Give the class of what a tree stands for."""


class Kinds:
    """What is known of the values of one function.

    Parameters
    ----------
    class_named
        Gives the class of a name of the module.
    """

    def __init__(self, class_named: Callable[[str], ObjectClass | None]) -> None:
        self.class_named = class_named
        self.known: dict[Variable, Known] = {}
        self.unsure: set[Variable] = set()
        self.open: set[Variable] = set()
        self.asked: set[Variable] = set()
        self.undecided: set[int] = set()
        self.outside: Outside | None = None

    def of(self, value: object) -> Known | None:
        """Give the class of a value, or of what it holds."""
        match value:
            case Read(variable=variable):
                own = self.known.get(variable)
                return self._outside(value) if variable.role == "global" else own
            case Group(record=record) if record is not None:
                return self.class_named(record.name)
            case Group(kind="list" | "tuple", items=items):
                found = {self.of(item) for item in items}
                one = found.pop() if len(found) == 1 else None
                return ManyOf(one) if isinstance(one, ObjectClass) else None
            case Item(value=held, index=index):
                known = self._outside(value)
                if known is not None:
                    return known
                whole = self.of(held)
                if isinstance(index, Group):
                    return whole if index.kind == "slice" else None
                return whole.cls if isinstance(whole, ManyOf) else None
            case Attribute(value=held, name=name):
                known = self._outside(value)
                if known is not None:
                    return known
                whole = self.of(held)
                return self._field(whole, name) if isinstance(whole, ObjectClass) else None
            case Choice(then=then, otherwise=otherwise):
                first = self.of(then)
                return first if first == self.of(otherwise) else None
        return None

    def _outside(self, value: Expression) -> Known | None:
        """Give the class of what a live variable outside holds."""
        root = value
        while isinstance(root, (Attribute, Item)):
            root = root.value
        outside = isinstance(root, Read) and root.variable.role == "global"
        return self.outside.of(value) if outside and self.outside is not None else None

    def _field(self, cls: ObjectClass, name: str) -> Known | None:
        for field in cls.fields or ():
            if field.name == name:
                return self.annotated(field.annotation)
        return None

    def annotated(self, node: cst.BaseExpression) -> Known | None:
        """Give what an annotation says."""
        match node:
            case cst.Name(value=name):
                return self.class_named(name)
            case cst.SimpleString() if isinstance(node.evaluated_value, str):
                return self.class_named(node.evaluated_value)
            case cst.Subscript(value=of, slice=slices):
                inner = [s.slice.value for s in slices if isinstance(s.slice, cst.Index)]
                head = dotted_name(of).split(".")[-1]
                picked = inner[:1] if head in LISTS else inner[1:2] if head in DICTS else []
                one = self.annotated(picked[0]) if picked else None
                return ManyOf(one) if isinstance(one, ObjectClass) else None
        return None

    def note_annotation(self, variable: Variable, node: cst.BaseExpression | None) -> None:
        """Note what a parameter's annotation says."""
        known = self.annotated(node) if node is not None else None
        if known is not None:
            self.known[variable] = known
            return
        text = cst.Module([]).code_for_node(node) if node is not None else ""
        names = re.findall(r"[A-Za-z_]\w*", text)
        if not names or not ANYTHING.isdisjoint(names):
            self.open.add(variable)
        elif any(map(self.class_named, names)):
            self.unsure.add(variable)

    def note_class(self, variable: Variable, known: Known | None) -> None:
        """Note of which class an argument is; None for one of a class that isn't read."""
        if known is not None:
            self.known[variable] = known
        else:
            self.unsure.add(variable)

    def note(self, variable: Variable, value: Expression) -> None:
        """Note what an assignment says of a variable."""
        found = self.of(value)
        if found is not None:
            self.known.setdefault(variable, found)
        elif not self._may_be_plain(value):
            self.unsure.add(variable)
        if _root(value) in self.open:
            self.open.add(variable)

    def is_plain(self, value: Expression, *, given: bool) -> bool:
        """Whether a value is certainly no object of a class of the user's.

        Parameters
        ----------
        given
            Whether arguments of which nothing is said are none.
        """
        root = _root(value)
        if not self._may_be_plain(value) or (root in self.open and not given):
            return False
        if root is not None:
            self.asked.add(root)
        return True

    def _may_be_plain(self, value: Expression) -> bool:
        match value:
            case Read(variable=variable):
                known = variable in self.known or variable in self.unsure
                return not known and variable.role not in ("attribute", "object", "global")
            case Item(value=held) | Attribute(value=held):
                return self._may_be_plain(held)
            case Choice(then=then, otherwise=otherwise):
                return self._may_be_plain(then) and self._may_be_plain(otherwise)
        return True

    def meet(self, outputs: Iterable[Output], block: Block) -> None:
        """Note of which class the values are that a function returns at several places."""
        for output in outputs:
            assert isinstance(output.value, Read)
            variable = output.value.variable
            given = [b.value for s in leaves(block) for b in s.binds if b.variable is variable]
            found = {self.of(value) for value in given}
            one = found.pop() if len(found) == 1 else None
            if one is not None:
                self.known[variable] = one

    def check(self, nodes: Iterable[Node]) -> None:
        """Let every assignment of a variable be of its class.

        Raises
        ------
        Refusal
            One isn't.
        """
        both = [v for v in self.asked if v in self.unsure or v in self.known]
        if both:
            raise self._refuse(both[0], Read(both[0]), None)
        for statement in leaves(tuple(nodes)) if self.known else ():
            for bind in statement.binds:
                known = self.known.get(bind.variable)
                empty = isinstance(bind.value, Group) and not bind.value.items
                if known is not None and not empty and self.of(bind.value) != known:
                    raise self._refuse(bind.variable, bind.value, statement.span)
            for write in statement.writes:
                known = self.known.get(write.variable)
                held = known.cls if isinstance(known, ManyOf) and len(write.path) < 2 else None
                if held is not None and write.mode != "pop" and self.of(write.value) is not held:
                    raise self._refuse(write.variable, write.value, statement.span)

    @staticmethod
    def _refuse(variable: Variable, value: Expression, span: object) -> Refusal:
        return Refusal(
            "SD103",
            f"{variable.wish or 'this value'} isn't known to be of one class everywhere, and "
            "methods of it are called.",
            "Use a name for objects of one class alone.",
            value.span or span,  # type: ignore[arg-type]  # a statement's span
        )


def _root(value: Expression) -> Variable | None:
    """Give the variable of which a value is, or is a part."""
    while isinstance(value, (Item, Attribute)):
        value = value.value
    return value.variable if isinstance(value, Read) else None
