"""Lists of objects: a list for each field.

Takes the objects that a display, a comprehension or `append` puts into a list. Gives lists of what
their fields hold; an item of the list is an object whose fields are items of these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Group,
    Item,
    Node,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.syntax.closures import Picked, Static, Table, is_same, is_static, picked
from srcdiff.syntax.instance import Instance, Key, Several
from srcdiff.syntax.object_forms import at_path, columns, form, form_of, inner_objects

if TYPE_CHECKING:
    from srcdiff.syntax.kept_objects import KeptObjects


class ObjectLists:
    """The lists of objects of one function."""

    def __init__(self, objects: KeptObjects) -> None:
        self.objects = objects
        self.expressions = objects.expressions

    def listed(self, items: tuple[Expression, ...], span: Span) -> Static | None:
        """Give a list of objects written out; None where none is among the items."""
        found = [self.objects.of(item) for item in items]
        if not any(item is not None for item in found):
            return None
        objects = [item for item in found if isinstance(item, Instance)]
        if len(objects) < len(items):
            raise self._refuse("objects and other values stand in one list.", span)
        alike = all(o.cls is objects[0].cls and form(o) == form(objects[0]) for o in objects)
        fresh = all(o.holders == 0 and not o.is_item and not o.is_slot for o in objects)
        for inner in [inner for held in objects for inner in inner_objects(held)]:
            if inner.holders > 1:
                self.objects.note_copied(inner.cls, None)
        if not alike or not fresh:
            for held in objects:
                held.holders += 1
            return Table("sequence", (), tuple(map(self.fixed, objects)))
        made = self._like(objects[0], Variable("", "staged"))
        binds = self._binds(made, objects)
        if made.first() is None:
            return Table("sequence", (), tuple(objects))
        self._before(Statement(tuple(binds), span, form="made"))
        return made

    def keyed(self, items: tuple[Expression, ...]) -> Variable | None:
        """Give what stands for a dict of objects written out; None for other dicts."""
        keys, values = items[::2], items[1::2]
        objects = [held for held in map(self.objects.of, values) if isinstance(held, Instance)]
        if not objects or len(objects) < len(values):
            return None
        for held in objects:
            held.holders += 1
        return self.objects.token(Table("dict", keys, tuple(map(self.fixed, objects))))

    def displayed(self, items: tuple[Expression, ...], span: Span) -> Expression | None:
        """Give what stands for a list of objects written out; None for other lists."""
        found = self.listed(items, span)
        return None if found is None else Read(self.objects.token(found), span)

    def _before(self, node: Node) -> None:
        self.expressions.before.append(node)
        self.expressions.rewritten.add(self.expressions.place)

    def _like(self, held: Instance | Several, token: Variable) -> Several:
        """Give an empty list for objects like one, or for lists like one."""
        made = Several(held.cls, token, rows=isinstance(held, Several))
        self.objects.by_token[token] = made
        for name, value in columns(held).items():
            if isinstance(value, (Instance, Several)):
                made.lists[name] = inner = self._like(value, Variable("", "staged"))
                if isinstance(held, Several) and isinstance(own := held.lists[name], Several):
                    inner.rows = own.rows
            elif is_static(value):
                made.lists[name] = value  # type: ignore[assignment]  # is_static
            else:
                column = made.lists[name] = Variable(f"{name}s")
                self.expressions.owned.add(column)
        return made

    def _binds(self, made: Several, objects: Sequence[Instance | Several]) -> list[Bind]:
        """Give the assignments of the lists of fields."""
        found: list[Bind] = []
        for name, held in made.lists.items():
            values: list[Any] = [columns(o)[name] for o in objects]
            if isinstance(held, Several):
                found += self._binds(held, values)
            elif isinstance(held, Variable):
                found.append(Bind(held, Group("list", tuple(values))))
        return found

    def item(self, value: Expression, index: Expression, span: Span | None) -> Expression | None:
        """Give the object at an index of a list of objects."""
        whole = self.objects.of(value)
        if isinstance(whole, Table):
            one = self._of_table(whole, index, span)
            return Read(self.objects.token(one), span)
        if not isinstance(whole, Several):
            return None
        if isinstance(index, Group):
            if index.kind != "slice":
                raise self._refuse("this part of a list of objects isn't supported.", span)
            return Read(self._part(whole, index, span).token, span)
        return Read(self._item(whole, index, span).token, span)

    def _of_table(self, whole: Table, index: Expression, span: Span | None) -> Static:
        """Give the object at an index of objects that are known each."""
        if isinstance(index, Group):
            bounds = [bound.value for bound in index.items if isinstance(bound, Const)]
            if len(bounds) < len(index.items) or index.kind != "slice":
                raise self._refuse("which objects this part has isn't known.", span)
            return Table(whole.kind, (), whole.items[slice(*bounds)])
        counts = isinstance(index, Read) and index.variable in self.expressions.counts
        named = (lambda value: value) if counts else self.expressions.fixed
        one = picked(whole, index, named)
        return replace(one, counts=counts) if isinstance(one, Picked) else one

    def _part(self, whole: Several, index: Group, span: Span | None) -> Several:
        """Give a part of a list: right as long as its objects don't change."""
        here = self.expressions.place
        span = span or self.expressions.positions.between(here, here)
        self.objects.note_copied(whole.cls, None)
        made = Several(whole.cls, Variable("", "staged"))
        self.objects.by_token[made.token] = made
        for name, held in whole.lists.items():
            if isinstance(held, Variable):
                own = made.lists[name] = Variable(held.wish)
                self.expressions.owned.add(own)
                bind = Bind(own, Item(at_path(held, whole.within), index, span))
                self._before(Statement((bind,), span, form="made"))
            elif isinstance(held, Several):
                inner = made.lists[name] = self._part(held.seen(whole.within), index, span)
                inner.rows = held.rows
            else:
                made.lists[name] = held
        return made

    def _item(self, whole: Several, index: Expression, span: Span | None) -> Instance:
        made = Instance(whole.cls, Variable("", "staged"), self.expressions.path)
        made.item_of = (whole, index)
        self.objects.by_token[made.token] = made
        for name, held in whole.lists.items():
            if isinstance(held, Variable):
                made.fields[name] = Item(at_path(held, whole.within), index, span)
            elif isinstance(held, Several) and held.rows:
                made.fields[name] = self._seen(held, (*whole.within, index))
            elif isinstance(held, Several):
                made.fields[name] = self._item(held.seen(whole.within), index, span)
            else:
                made.fields[name] = held
        return made

    def _seen(self, held: Several, within: tuple[Expression, ...]) -> Several:
        made = held.seen(within)
        self.objects.by_token[made.token] = made
        return made

    def fixed_list(self, held: Several) -> Several:
        """Give a list that lies in others, at indices that keep their values."""
        within = tuple(map(self._steady, held.within))
        return held if within == held.within else self._seen(held, within)

    def fixed(self, held: Instance) -> Instance:
        """Give an item of a list whose index keeps its value."""
        if held.item_of is None:
            return held
        whole, index = held.item_of
        steady, kept = self.fixed_list(whole), self._steady(index)
        if steady is whole and kept is index:
            return held
        made = self._item(steady, kept, None)
        made.path = held.path
        own = {n: v for n, v in held.fields.items() if is_static(v) and not _is_part(v)}
        made.fields |= own
        return made

    def _steady(self, index: Expression) -> Expression:
        steady = isinstance(index, Read) and index.variable in self.expressions.steady
        return index if steady or isinstance(index, Const) else self.expressions.fixed(index)

    def length(self, value: Expression, span: Span | None) -> Expression | None:
        """Give the length of a list of objects; None of other values."""
        whole = self.objects.of(value)
        if isinstance(whole, Table):
            return Const(len(whole.items), str(len(whole.items)), span)
        first = whole.first() if isinstance(whole, Several) else None
        if first is None or not isinstance(whole, Several):
            return None
        self.expressions.rewritten.add(self.expressions.place)
        return Call(len, (at_path(first, whole.within),), (), "function", span)

    def filled(self, filled: Variable, value: Expression, nodes: list[Node]) -> list[Write] | None:
        """Let a comprehension fill lists of fields; None where it makes no objects."""
        held = self.objects.of(value)
        if held is None:
            return None
        if not isinstance(held, Instance):
            raise self._refuse("lists of objects in a list aren't supported.", value.span)
        self._note(held)
        made = self._like(held, filled)
        for place, node in enumerate(nodes):
            if isinstance(node, Statement) and any(b.variable is filled for b in node.binds):
                nodes[place] = Statement(tuple(self._binds(made, [])), node.span, form="made")
        return list(self._appended(made, held))

    def _note(self, held: Instance) -> None:
        if held.holders or held.is_item or held.is_slot:
            self.objects.note_copied(held.cls, None)
        for inner in inner_objects(held):
            if inner.holders > 1 or inner.is_item or inner.is_slot:
                self.objects.note_copied(inner.cls, None)

    def _appended(
        self, made: Several, held: Instance | Several, path: tuple[Expression, ...] = ()
    ) -> list[Write]:
        found: list[Write] = []
        values: dict[str, Any] = columns(held)
        for name, own in made.lists.items():
            if isinstance(own, Variable):
                found.append(Write(own, path, values[name], "append"))
            elif isinstance(own, Several):
                found += self._appended(own, values[name], path)
        return found

    def appended(self, holder: cst.BaseExpression, value: Expression) -> list[Write] | None:
        """Give what `objects.append(object)` writes; None where it is of no object."""
        held = self.objects.of(value)
        if held is None:
            return None
        whole = self.objects.at(holder)
        if not isinstance(held, Instance):
            raise self._refuse("lists of objects in a list aren't supported.", value.span)
        if not isinstance(whole, Several):
            key = self._key(holder)
            if key is None or key in self.objects.notes.growing:
                raise self._refuse("this list isn't known to be one of objects.", value.span)
            self.objects.grow(key, held)
        assert isinstance(whole, Several)
        if whole.cls is not held.cls or form_of(whole) != form(held):
            raise self._refuse("this list holds objects of another class.", value.span)
        self._note(held)
        self.expressions.rewritten.add(self.expressions.place)
        return self._appended(whole, held, whole.within)

    def _key(self, node: cst.BaseExpression) -> Key | None:
        match node:
            case cst.Name(value=name):
                return name
            case cst.Attribute(value=of, attr=cst.Name(value=name)):
                held = self.objects.at(of)
                return (held.cls.name, name) if isinstance(held, Instance) else None
        return None

    def begun(self, key: Key, value: Expression | Static, node: cst.CSTNode) -> Several | None:
        """Give the list of objects that an empty list becomes; None for other values."""
        template = self.objects.notes.growing.get(key)
        if template is None or not (isinstance(value, Group) and value.kind == "list"):
            return None
        if value.items:
            return None
        made = self._like(self._present(template), Variable("", "staged"))
        span = self.expressions.positions.span(node)
        self._before(Statement(tuple(self._binds(made, [])), span, form="made"))
        return made

    def _present(self, held: Instance | Several) -> Any:
        """Give an object of an earlier reading with the classes of this one."""
        cls = self.objects.class_named(held.cls.name)
        assert cls is not None
        inner: dict[str, Any] = {
            name: self._present(value) if isinstance(value, (Instance, Several)) else value
            for name, value in (held.fields if isinstance(held, Instance) else held.lists).items()
        }
        if isinstance(held, Instance):
            return Instance(cls, held.token, held.path, inner)
        return replace(held, cls=cls, lists=inner)

    def kept(
        self,
        slot: object,
        given: Several,
        wish: str,
        put: Callable[[Bind | Write], None],
    ) -> Several:
        """Let what keeps one list of objects after another keep this one."""
        if not isinstance(slot, Several):
            slot = Several(given.cls, Variable(wish, "staged"), is_slot=True)
            self.objects.by_token[slot.token] = slot
        if slot.cls is not given.cls or (slot.lists and slot.lists.keys() != given.lists.keys()):
            raise self._refuse("this list holds objects of another class.", None)
        for name, value in given.lists.items():
            old = slot.lists.get(name)
            if isinstance(value, Several):
                inner = self.kept(old, value.seen(given.within), f"{wish}_{name}", put)
                inner.rows = value.rows
                slot.lists[name] = inner
            elif isinstance(value, Variable):
                own = old if isinstance(old, Variable) else Variable(f"{wish}_{name}")
                self.expressions.owned.add(own)
                slot.lists[name] = own
                if own is not value:
                    put(Bind(own, at_path(value, given.within)))
            elif old is not None and not is_same(old, value):
                raise self._refuse(f"{name} is another function before.", None)
            else:
                slot.lists[name] = value
        return slot

    def shown(self, value: Expression, span: Span) -> Expression:
        """Give a tuple of objects as one of objects that are known each; others as they are."""
        if isinstance(value, Group) and value.kind == "tuple" and value.record is None:
            return self.displayed(value.items, value.span or span) or value
        return value

    def place(self, value: Expression, index: Expression) -> Expression:
        """Give the item of a value, which may be an object of several."""
        return self.item(value, index, None) or Item(value, index)

    def _refuse(self, message: str, span: Span | None) -> Refusal:
        hint = "Keep objects of one class in the list, or write the list's loop out."
        place = self.expressions.place
        at = span or self.expressions.positions.between(place, place)
        return self.expressions.refuse_at("SD103", message, hint, at)


def _is_part(value: object) -> bool:
    """Whether a field of an item belongs to the list that it is an item of."""
    return isinstance(value, (Instance, Several))
