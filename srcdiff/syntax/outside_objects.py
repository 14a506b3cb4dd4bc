"""Objects that a live function sees outside: of which classes they are now.

Takes a tree that reads a variable of the module or of a closure. Gives the class of what it stands
for, and notes that the derivation holds for objects of that class alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from srcdiff.ir.nodes import Attribute, Const, Expression, Item, Read
from srcdiff.syntax.kinds import Known, ManyOf
from srcdiff.syntax.lifting import MakingScope
from srcdiff.syntax.object_classes import ObjectClass
from srcdiff.syntax.scope import known_module

CONTAINERS = (list, tuple, dict)


@dataclass(frozen=True, slots=True)
class OfClass:
    """The class of what a variable holds.

    Parameters
    ----------
    steps
        The attributes and the keys that lead there from the variable.
    classes
        The class; of the things that it holds, if it is a container.
    """

    steps: tuple[object, ...]
    classes: frozenset[type]

    def is_still(self, value: Any) -> bool:
        """Whether a value holds an object of the same class."""
        try:
            return classes_of(at_end(value, self.steps)) == self.classes
        except (LookupError, AttributeError, TypeError):
            return False


@dataclass(frozen=True, slots=True, eq=False)
class Attributed:
    """What an attribute of a class stands for."""

    name: str
    value: Any

    def is_still(self, value: Any) -> bool:
        """Whether the class has the same value there."""
        return isinstance(value, type) and vars(value).get(self.name) is self.value


def at_end(value: Any, steps: tuple[object, ...]) -> Any:
    """Give what attributes and keys lead to."""
    for step in steps:
        value = vars(value)[step.name] if isinstance(step, _Name) else value[step]
    return value


@dataclass(frozen=True, slots=True)
class _Name:
    """An attribute, as a step."""

    name: str


def classes_of(value: Any) -> frozenset[type]:
    """Give the class of an object, or those of what a container holds."""
    if type(value) in CONTAINERS:
        items = value.values() if isinstance(value, dict) else value
        return frozenset(map(type, items))
    return frozenset([type(value)])


def single_class(value: Any) -> tuple[type, bool] | None:
    """Give the one class of an object, or of all that a container holds, and which it is."""
    many = type(value) in CONTAINERS
    found = [c for c in classes_of(value) if not known_module(c) and c not in CONTAINERS]
    return (found[0], many) if len(found) == len(classes_of(value)) == 1 else None


class OutsideObjects:
    """The objects outside of one function.

    Parameters
    ----------
    scope
        Where names have values.
    class_named
        Gives the class of a name.
    """

    def __init__(self, scope: object, class_named: Callable[[str], ObjectClass | None]) -> None:
        self.scope = scope if isinstance(scope, MakingScope) else None
        self.class_named = class_named

    def named(self, cls: type, *, many: bool) -> Known | None:
        """Give what is known of a live class."""
        if self.scope is None:
            return None
        known = self.class_named(self.scope.named(cls))
        return ManyOf(known) if known is not None and many else known

    def of(self, tree: Expression) -> Known | None:
        """Give the class of what a tree stands for; None if that isn't known."""
        steps: list[object] = []
        while not isinstance(tree, Read):
            match tree:
                case Attribute(value=value, name=name):
                    steps.insert(0, _Name(name))
                case Item(value=value, index=Const(value=key)) if isinstance(key, (int, str)):
                    steps.insert(0, key)
                case _:
                    return None
            tree = value
        return self._of(tree.variable.wish, tuple(steps))

    def _of(self, name: str, steps: tuple[object, ...]) -> Known | None:
        if self.scope is None:
            return None
        try:
            value = at_end(self.scope.value(name), steps)
        except (LookupError, AttributeError, TypeError, NameError):
            return None
        found = single_class(value)
        known = self.named(found[0], many=found[1]) if found is not None else None
        if known is not None:
            self.scope.note(name, OfClass(steps, classes_of(value)))
        return known
