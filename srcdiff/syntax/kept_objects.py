"""Objects that are assigned: to names, to attributes, one after another.

Takes an assignment of an object, or of an attribute of one. Gives assignments of variables. Refuses
those after which it isn't known which object is which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import (
    Bind,
    Const,
    Expression,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.parts import path_to
from srcdiff.syntax.arguments import Arguments
from srcdiff.syntax.closures import (
    Closure,
    Partial,
    Picked,
    Static,
    Table,
    is_same,
    is_static,
)
from srcdiff.syntax.instance import (
    HELD,
    Instance,
    Several,
    has_slot,
    is_object,
)
from srcdiff.syntax.known_objects import KnownObjects
from srcdiff.syntax.object_classes import ObjectClass
from srcdiff.syntax.object_forms import wished
from srcdiff.syntax.object_lists import ObjectLists

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader

Put = Callable[[Bind | Write], None]


class KeptObjects(KnownObjects):
    """Assigns the objects of one function, and their attributes."""

    def __init__(self, expressions: ExpressionReader) -> None:
        super().__init__(expressions)
        self.lists = ObjectLists(self)

    def before(self, span: Span) -> Put:
        """Give what puts assignments before the statement."""

        def put(change: Bind | Write) -> None:
            binds = (change,) if isinstance(change, Bind) else ()
            writes = (change,) if isinstance(change, Write) else ()
            made = Statement(binds, span, form="made", writes=writes)
            self.expressions.before.append(made)

        return put

    # Attributes.

    def put(
        self,
        held: Instance,
        name: str,
        value: Expression | Static,
        put: Put,
        node: cst.CSTNode,
    ) -> None:
        """Assign an attribute of an object."""
        self.expressions.rewritten.add(self.expressions.place)
        self._note_change(held, node)
        setter = held.cls.setter(name)
        if setter is not None:
            called = Partial(self.closure(setter), (held,), ())
            arguments = Arguments((self.of(value) or value,))
            span = self.expressions.positions.span(node)
            self.inliner.applied(called, arguments, node, span, alone=True)
            return
        given = self.of(value) or value
        given = self.lists.begun((held.cls.name, name), value, node) or given
        found = held.fields.get(name)
        if is_static(given):
            self._put_static(held, name, given, put, node)  # type: ignore[arg-type]  # is_static
        elif is_static(found):
            raise self._refuse(
                f"{name} is an object or a function, and no other value.", "Use two names.", node
            )
        else:
            assert not isinstance(value, (*HELD, Closure, Table, Picked, Partial))
            self._put_value(held, name, value, put)

    def _put_value(self, held: Instance, name: str, value: Expression, put: Put) -> None:
        found = held.fields.get(name)
        if held.is_item and found is not None:
            root, path = path_to(found)  # type: ignore[arg-type]  # a list's item
            assert isinstance(root, Read)
            put(Write(root.variable, path, value, "set"))
            return
        key = (held.cls.name, name)
        own = held.is_slot or key in self.notes.assigned
        here = self.expressions.path == held.path
        if found is None and not own:
            if not here and held.cls.constant(name) is not None:
                self.again(self.notes.assigned, key)
            steady = isinstance(value, Const) or (
                isinstance(value, Read) and value.variable in self.expressions.steady
            )
            if steady and here:
                held.fields[name] = value
                return
        if found is not None and name not in held.own:
            self.again(self.notes.assigned, key)
        variable = held.own.get(name)
        if variable is None:
            variable = held.own[name] = Variable(self._wish(held, name))
            self.expressions.owned.add(variable)
            held.fields[name] = Read(variable)
        put(Bind(variable, value))

    @staticmethod
    def _wish(held: Instance, name: str) -> str:
        return f"{held.token.wish}_{name}" if held.token.wish else name

    def _put_static(
        self, held: Instance, name: str, given: Static, put: Put, node: cst.CSTNode
    ) -> None:
        """Let an attribute be an object or a function."""
        found = held.fields.get(name)
        here = self.expressions.path == held.path and not held.is_slot
        if isinstance(given, Instance):
            key = (held.cls.name, name)
            if key in self.notes.kept or held.is_slot or held.is_item:
                held.fields[name] = self._kept(found, given, self._wish(held, name), put, node)
                return
            if not here or given.is_slot:
                self.again(self.notes.kept, key)
            given = self.lists.fixed(given)
            self._hold(given, self._wish(held, name))
        elif isinstance(given, Several):
            key = (held.cls.name, name)
            if key in self.notes.kept or held.is_slot:
                held.fields[name] = self.lists.kept(found, given, self._wish(held, name), put)
                return
            if given.is_slot or not here:
                self.again(self.notes.kept, key)
            given = self.lists.fixed_list(given)
        elif has_slot(given):
            raise self._refuse("which object this is isn't known here.", "Use two names.", node)
        elif found is not None and not is_same(found, given):
            raise self._refuse(
                f"{name} is another function or list before.", "Use two names.", node
            )
        elif not here and found is None:
            raise self._refuse(
                f"{name} gets its function or list in a branch or loop.",
                "Assign it where the object is made.",
                node,
            )
        held.fields[name] = given

    def holder(self, target: cst.Attribute) -> Instance | None:
        """Give the object of which an attribute is assigned."""
        held = self.at(target.value)
        if held is None and self.may_give(target.value):
            value = self.expressions.read(target.value)
            held = self.of(value)
            cls = self.expressions.kinds.of(value)
            if held is None and isinstance(cls, ObjectClass) and self.is_record(cls):
                root, _ = path_to(value)
                if isinstance(root, Read) and root.variable.role != "parameter":
                    self.again(self.notes.apart, cls.name)
        return held if isinstance(held, Instance) else None

    # Names.

    def name(self, name: str, given: Static, put: Put, node: cst.CSTNode | None) -> None:
        """Let a name stand for an object."""
        expressions = self.expressions
        plain = isinstance(given, (Instance, Several))
        if name in expressions.nonlocals or (has_slot(given) and not plain):
            raise self._refuse(f"which object {name} is isn't known here.", "Use two names.", node)
        known = expressions.inner.get(name)
        at = expressions.known_at.get(name)
        here = expressions.path
        if isinstance(given, Instance):
            if name in self.notes.kept:
                slot = expressions.kept_objects.get(name)
                given = self._kept(slot, given, name, put, node)
                expressions.kept_objects[name] = given
            else:
                if given.is_slot:
                    self.again(self.notes.kept, name)
                known_value = expressions.variables.get(name)
                given_to = known_value is not None and known_value.role == "parameter"
                at = () if given_to and at is None else at
                visible = known is not None or name in expressions.bound or given_to
                if visible and at is not None and here != at[: len(here)]:
                    if known is None:
                        raise self._refuse(
                            f"{name} is no object before this block.",
                            "Begin with an object, or use two names.",
                            node,
                        )
                    self.again(self.notes.kept, name)
                if isinstance(known, Instance) and known is not given:
                    known.holders -= 1
                if known is not given:
                    given = self.lists.fixed(given)
                    self._hold(given, name)
        elif isinstance(given, Several):
            if name in self.notes.kept:
                older = expressions.kept_lists.get(name)
                given = expressions.kept_lists[name] = self.lists.kept(older, given, name, put)
            elif given.is_slot or (
                known is not None and at is not None and here != at[: len(here)]
            ):
                self.again(self.notes.kept, name)
            else:
                given = self.lists.fixed_list(given)
                wished(given, name)
        elif known is not None and at is not None and here != at[: len(here)]:
            raise self._refuse(f"{name} is another list in each round.", "Use two names.", node)
        expressions.variables.pop(name, None)
        expressions.inner[name] = given
        expressions.known_at[name] = here

    def lost(self, name: str) -> None:
        """Let a name that stood for an object stand for a value."""
        expressions = self.expressions
        if is_object(expressions.inner.get(name)):
            if name in expressions.nonlocals:
                raise self._refuse(f"{name} is an object outside.", "Use two names.", None)
            at = expressions.known_at.get(name, ())
            if expressions.path != at[: len(expressions.path)]:
                place = expressions.place
                raise expressions.refuse_at(
                    "SD103",
                    f"{name} is an object before this block, and a value in it.",
                    "Use two names.",
                    expressions.positions.between(place, place),
                )
            del expressions.inner[name]

    def _hold(self, given: Instance, wish: str) -> None:
        given.holders += 1
        if not given.token.wish and not given.is_item:
            given.token.wish = wish
            for field, variable in given.own.items():
                variable.wish = f"{wish}_{field}"
            for field, inner in given.fields.items():
                if isinstance(inner, Instance) and not inner.is_item:
                    inner.token.wish = ""
                    inner.holders -= 1
                    self._hold(inner, f"{wish}_{field}")

    def apart(self, value: Expression, put: Put) -> Expression:
        """Give what stands for an object that keeps its fields."""
        held = self.of(value)
        kept = self.kept_apart(held, put) if held is not None else None
        return Read(kept.token) if isinstance(kept, Instance) else value

    def kept_apart(self, held: Static, put: Put) -> Static:
        """Give an object that keeps its fields while names get other objects."""
        if not isinstance(held, Instance) or not held.is_slot:
            return held
        before = set(self.expressions.copied_here)
        kept = self._kept(None, held, "", put, None)
        self.expressions.copied_here = before
        return kept

    def met(self, held: list[Instance]) -> None:
        """Let an object that keeps one of several be one that is made here."""
        for kept in held:
            kept.is_slot, kept.path = False, self.expressions.path
            self.met([v for v in kept.fields.values() if isinstance(v, Instance)])

    def _kept(
        self,
        slot: object,
        given: Instance,
        wish: str,
        put: Put,
        node: cst.CSTNode | None,
        *,
        leaving: bool = False,
        alone: int = 0,
    ) -> Instance:
        """Copy an object into what keeps one object after another.

        Parameters
        ----------
        leaving
            Whether the function is left, so that its names hold the object no more.
        alone
            How many hold an object of which there will be no second one.
        """
        fresh = given.holders == alone and not given.is_slot and not given.is_item
        here = self.expressions.known_at if leaving else {}  # names of the function itself
        own = sum(self.expressions.inner.get(name) is given for name in here)
        fresh = fresh or (own == given.holders and not given.is_slot and not given.is_item)
        if not fresh or given in self.making:
            self.note_copied(given.cls, node)
        if not isinstance(slot, Instance):
            slot = Instance(given.cls, Variable(wish, "staged"), self.expressions.path)
            slot.is_slot = True
            self.by_token[slot.token] = slot
        if slot.cls is not given.cls:
            raise self._refuse(
                "this is an object of one class here, and of another one elsewhere.",
                "Give each a name of its own.",
                node,
            )
        if slot is given:
            return slot
        if slot.fields and slot.fields.keys() != given.fields.keys():
            raise self._refuse("this object has other attributes than the one before.", "", node)
        if slot in self.expressions.copied_here or given in self.expressions.copied_here:
            raise self._refuse(
                "objects change places in one statement.", "Write one statement for each.", node
            )
        self.expressions.copied_here.add(slot)
        for name, value in given.fields.items():
            if isinstance(value, Instance):
                inner = slot.fields.get(name)
                wish = self._wish(slot, name)
                moved = int(fresh)  # with the object that holds it
                slot.fields[name] = self._kept(inner, value, wish, put, node, alone=moved)
            elif isinstance(value, Several):
                old = slot.fields.get(name)
                slot.fields[name] = self.lists.kept(old, value, self._wish(slot, name), put)
            elif is_static(value):
                if name in slot.fields and not is_same(slot.fields[name], value):
                    raise self._refuse(f"{name} is another function or list before.", "", node)
                slot.fields[name] = value
            else:
                self._put_value(slot, name, value, put)  # type: ignore[arg-type]  # a value
        return slot

    # Which may be two of one.

    def _note_change(self, held: Instance, node: cst.CSTNode) -> None:
        if held in self.making:
            return
        self.changed.update(held.cls.above())
        self._check(held.cls, node)

    def note_copied(self, cls: ObjectClass, node: cst.CSTNode | None) -> None:
        """Note that there are two of an object of a class: no more right if either changes."""
        self.copied.update(cls.above())
        self._check(cls, node)

    def _check(self, cls: ObjectClass, node: cst.CSTNode | None) -> None:
        if cls in self.changed and cls in self.copied:
            span = self.expressions.positions.span(node) if node is not None else None
            raise self.expressions.refuse_at(
                "SD110",
                f"objects of {cls.name} change, and which one this is isn't known.",
                "Let the method return a new object, or keep the objects under names of their own.",
                span,
            )
