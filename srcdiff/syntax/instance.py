"""Objects that a function makes, while they are read: each field is a variable of its own.

An object has a token, a variable that stands for it in expressions as they are read and is in no
tree that is given on: every use of the object becomes one of its fields.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from srcdiff.ir.nodes import Expression, Variable
from srcdiff.syntax.object_classes import ObjectClass

if TYPE_CHECKING:
    from srcdiff.syntax.closures import Static

Path = tuple[int, ...]
Key = str | tuple[str, str]
"""What an object, or a list, is known by from one reading to the next: a name, or a class and the
name of an attribute."""


@dataclass(eq=False, slots=True)
class Instance:
    """An object made here.

    Parameters
    ----------
    cls, token
        Its class, and what stands for it.
    path
        The blocks in which it is made.
    fields
        What its attributes are: variables of its own or of others, items of lists, functions.
    own
        The fields that are variables of the object's own, so that they may be assigned.
    holders
        How many names, fields and lists it was given to.
    is_slot
        Whether a name keeps one object after another in it.
    item_of
        The list of objects that it is an item of, and its index.
    """

    cls: ObjectClass
    token: Variable
    path: Path
    fields: dict[str, Expression | Static] = field(default_factory=dict)
    own: dict[str, Variable] = field(default_factory=dict)
    holders: int = 0
    is_slot: bool = False
    item_of: tuple[Several, Expression] | None = None

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list of objects."""
        return self.item_of is not None


@dataclass(eq=False, slots=True)
class Several:
    """A list of objects of one class: a list for each field.

    Parameters
    ----------
    cls, token
        The class, and what stands for the list.
    is_slot
        Whether a name keeps one list after another in it.
    lists
        By fields: the variables of lists, lists of objects, or what all of them have.
    rows
        Whether it is a list of lists: what the objects of another list have as a field.
    within
        The indices that lead to what belongs to it in each of the lists.
    """

    cls: ObjectClass
    token: Variable
    is_slot: bool = False
    lists: dict[str, Variable | Several | Static] = field(default_factory=dict)
    rows: bool = False
    within: tuple[Expression, ...] = ()

    def seen(self, within: tuple[Expression, ...]) -> Several:
        """Give a list of objects that lies at one index after the other."""
        return Several(self.cls, Variable("", "staged"), False, self.lists, False, within)

    def first(self) -> Variable | None:
        """Give a list whose length is how many objects there are."""
        for held in self.lists.values():
            if isinstance(held, Variable):
                return held
        inner = (held.first() for held in self.lists.values() if isinstance(held, Several))
        return next((found for found in inner if found is not None), None)


@dataclass(frozen=True, slots=True)
class ClassRef:
    """A class as a value: what a class method takes."""

    cls: ObjectClass


HELD = (Instance, Several, ClassRef)


def is_object(held: object) -> bool:
    """Whether something is an object, a list of objects, or one of several objects."""
    if isinstance(held, HELD):
        return True
    items = getattr(held, "items", None) or getattr(getattr(held, "table", None), "items", ())
    return isinstance(items, tuple) and any(map(is_object, items))


def has_slot(held: object) -> bool:
    """Whether something stands for an object that may become another one later."""
    if isinstance(held, (Instance, Several)):
        return held.is_slot
    parts: list[object] = [getattr(held, "table", None), getattr(held, "function", None)]
    for name in ("items", "positional"):
        own = getattr(held, name, ())
        parts += own if isinstance(own, tuple) else ()
    return any(has_slot(part) for part in parts if part is not None)


@dataclass(slots=True)
class Notes:
    """What must be known of a function before it can be read, found by trying.

    Parameters
    ----------
    slots
        Whether statements may run several times or not at all.
    assigned
        The fields that are assigned when their objects are made already, by their classes.
    apart
        The classes of records whose fields are assigned.
    kept
        The names and fields that hold one object after another.
    growing
        The lists that begin empty and get objects: of what they hold, by fields.
    numbers
        Where tests stand that decide between an object and a number.
    """

    slots: bool
    assigned: set[tuple[str, str]] = field(default_factory=set)
    apart: set[str] = field(default_factory=set)
    kept: set[Key] = field(default_factory=set)
    growing: dict[Key, Instance] = field(default_factory=dict)
    numbers: set[int] = field(default_factory=set)


class Again(Exception):
    """A function has to be read again, with what is known of it by now."""
