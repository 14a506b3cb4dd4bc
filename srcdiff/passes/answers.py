"""Tests whose outcome follows from types.

Takes a test and the types of its operands. Says how it comes out, where it asks for the number of
axes, for a size, for a kind, for None, or for a key of a dict, and the types say it. Refuses
nothing.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir import operators
from srcdiff.ir.nodes import Call, Const, Expression, Group, Item, Read, Variable
from srcdiff.ir.types import NOTHING, known_sizes
from srcdiff.ir.walk import rebuild
from srcdiff.passes.fold import fold
from srcdiff.passes.infer import Types
from srcdiff.passes.slots import Slot

CLASSES: dict[str, type] = {"array": np.ndarray, "list": list, "tuple": tuple, "dict": dict}
NOT_NUMBERS = (*CLASSES.values(), str)
OPEN = Variable("open", "staged")
"""Stands for a test without an answer where `fold` would give one."""
NUMBERS = (int, float, complex, bool, np.floating, np.integer)


def answer(test: Expression, types: Types) -> bool | None:
    """Say how a test comes out; None where the types don't say it."""
    asker = _Asker(types)
    try:
        found = fold(asker.answered(test), types)
    except Refusal:
        return None
    return bool(found.value) if isinstance(found, Const) else None


class _Asker:
    def __init__(self, types: Types) -> None:
        self.types = types

    def answered(self, node: Expression) -> Expression:
        """Put answers in the place of what a test asks for."""
        if isinstance(node, Item) and isinstance(node.value, Call):
            if node.value.function is np.shape and isinstance(node.index, Const):
                return self._size(node.value.arguments[0], node.index.value, node)
        if not isinstance(node, Call):
            return rebuild(node, self.answered)
        if node.function in (operator.is_, operator.is_not):
            return self._is_nothing(node)
        if node.function in (np.ndim, np.size, len) and len(node.arguments) == 1:
            return self._measured(node.function, node.arguments[0], node)
        if node.function in (operators.within, operators.not_within):
            return self._is_key(node)
        if node.function is isinstance:
            return self._is_instance(node)
        return rebuild(node, self.answered)

    def _is_nothing(self, node: Call) -> Expression:
        left, right = node.arguments
        if not isinstance(right, Const) or right.value is not None:
            return node
        known = self.types.guess(left)
        if known == NOTHING or (isinstance(left, Const) and left.value is None):
            return Const(node.function is operator.is_)
        held = known.form == "number" and any(isinstance(origin, Slot) for origin in known.shape)
        if held:  # what an unknown container holds may be None as well as a number
            return Read(OPEN)
        if known.form in (*CLASSES, "number", "scalar") or known.fields is not None:
            return Const(node.function is operator.is_not)
        return node

    def _measured(self, asked: Any, node: Expression, call: Expression) -> Expression:
        if asked is len and isinstance(node, Call) and node.function is np.shape:
            return self._measured(np.ndim, node.arguments[0], call)
        known = self.types.guess(node)
        if known.form not in ("array", "scalar", "number") or known.rank is None:
            return call
        if asked is np.ndim:
            return Const(known.rank)
        sizes = known_sizes(known.shape)
        if not sizes:
            return call
        return Const(sizes[0] if asked is len else int(np.prod(sizes)))

    def _size(self, node: Expression, axis: Any, item: Expression) -> Expression:
        known = self.types.guess(node)
        sizes = known_sizes(known.shape) if known.form == "array" else None
        if sizes is None or not isinstance(axis, int):
            return item
        return Const(sizes[axis]) if -len(sizes) <= axis < len(sizes) else item

    def _is_key(self, node: Call) -> Expression:
        key, container = node.arguments
        fields = self.types.guess(container).fields
        if fields is None or not isinstance(key, Const) or not isinstance(key.value, str):
            return node
        return Const((key.value in dict(fields)) == (node.function is operators.within))

    def _is_instance(self, node: Call) -> Expression:
        value, kinds = node.arguments
        asked = _classes(kinds)
        known = self.types.guess(value)
        if known.record is not None or not set(asked) <= {*NOT_NUMBERS, *NUMBERS}:
            return node
        own = dict if known.fields is not None else CLASSES.get(known.form)
        if own is not None or known == NOTHING:
            return Const(own in asked)
        if known.form == "scalar" and set(asked) <= set(NOT_NUMBERS):
            return Const(False)
        return node


def _classes(kinds: Expression) -> list[Any]:
    """Give the classes that a value is asked to be of."""
    if isinstance(kinds, Group):
        return [item.value if isinstance(item, Const) else object for item in kinds.items]
    if not isinstance(kinds, Const):
        return [object]
    return list(kinds.value) if isinstance(kinds.value, tuple) else [kinds.value]
