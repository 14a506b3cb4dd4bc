"""Calls that write in place: methods of lists and arrays, and functions of NumPy.

Takes a call that is a statement of its own. Gives what it writes. Refuses nothing: what isn't known
to write gives nothing.
"""

from __future__ import annotations

import operator

import libcst as cst
import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Call,
    Const,
    Expression,
    Group,
    If,
    Item,
    Jump,
    Statement,
    Write,
)
from srcdiff.ir.walk import copied, held_in
from srcdiff.syntax.closures import NotStraight
from srcdiff.syntax.dicts import updates
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.targets import AssignmentReader


class InPlaceCalls:
    """Reads the calls of one function that write in place."""

    def __init__(self, expressions: ExpressionReader, targets: AssignmentReader) -> None:
        self.expressions = expressions
        self.targets = targets

    def writes(self, node: cst.Call) -> tuple[Write, ...]:
        """Give what a call that is a statement of its own writes in place."""
        function = node.func
        arguments = [a.value for a in node.args if a.keyword is None and not a.star]
        keywords = {a.keyword.value: a.value for a in node.args if a.keyword is not None}
        if isinstance(function, cst.Attribute):
            name = function.attr.value
            if name in ("append", "fill") and len(arguments) == 1 and not keywords:
                value = self.expressions.read(arguments[0])
                objects = self.expressions.objects.lists.appended(function.value, value)
                if objects is not None:
                    return tuple(objects)
                variable, path = self.targets.place(function.value)
                if name == "fill":
                    return (Write(variable, (*path, Const(..., "...")), value, "set"),)
                return (Write(variable, path, value, "append"),)
            if name == "update" and node.args:
                return self._entries(function.value, node)
            if name == "extend" and isinstance(arguments[0], (cst.List, cst.Tuple)):
                variable, path = self.targets.place(function.value)
                group = self.expressions.read(arguments[0])
                assert isinstance(group, Group)
                items = self.expressions.computed_first(group.items, variable)
                return tuple(Write(variable, path, item, "append") for item in items)
            if not node.args and name in ("sort", "reverse"):
                return self._moved(function.value, name, node)
            taken = self.expressions.taken_off(node)
            if taken is not None:
                variable, path = self.targets.place(taken[0])
                end = None if taken[1] == -1 else taken[1]
                return (Write(variable, path, Const(None), "pop", at=end),)
        if not isinstance(function, (cst.Name, cst.Attribute)):
            return ()
        if isinstance(function, cst.Name) and function.value in self.expressions.inner:
            return ()  # a function of the user's own, or one under another name
        target = self.expressions.read(function)
        called = target.value if isinstance(target, Const) else None
        count = called.nin if isinstance(called, np.ufunc) else _operands(called)
        if len(arguments) == count + 1 > 0 and "out" not in keywords:
            keywords["out"] = arguments.pop()
        if "out" in keywords and callable(called):
            chosen = keywords.pop("where", None) if isinstance(called, np.ufunc) else None
            written = keywords.pop("out")
            variable, path = self.targets.place(written)
            operands = tuple(self.expressions.read(a) for a in arguments)
            named = tuple((k, self.expressions.read(v)) for k, v in keywords.items())
            value = Call(called, operands, named, "function", self.expressions.positions.span(node))
            if chosen is not None:  # the other entries stay as they are
                others = self.expressions.read(written)
                value = Call(np.where, (self.expressions.read(chosen), value, others))
            return (Write(variable, (*path, Const(..., "...")), value, "set"),)
        return self._library_writes(called, arguments, keywords)

    def _moved(self, owner: cst.BaseExpression, name: str, node: cst.Call) -> tuple[Write, ...]:
        """Give what `x.sort()` and `x.reverse()` write; a list is sorted by a loop elsewhere."""
        if name == "sort":
            if self.expressions.forms.is_list(owner):
                return ()
            self._let_hold_numbers(owner, node)
        variable, path = self.targets.place(owner)
        old = self.expressions.read(owner)
        every = Group("slice", (Const(None), Const(None), Const(None)))
        back = Group("slice", (Const(None), Const(None), Const(-1, "-1")))
        changed: Expression = Call(np.sort, (old,)) if name == "sort" else Item(old, back)
        return (Write(variable, (*path, every), changed, "set"),)

    def _let_hold_numbers(self, owner: cst.BaseExpression, node: cst.Call) -> None:
        """Let what is sorted be an array or a list of numbers: Python sorts lists as wholes."""
        if not self.expressions.slots:
            raise NotStraight
        span = self.expressions.positions.span(node)
        value = self.expressions.read(owner)
        is_list = Call(isinstance, (value, Const(list, "list")))
        nested = Call(operator.gt, (Call(np.ndim, (copied(value),)), Const(1)), (), "operator")
        text = "a list of lists or tuples can't be sorted in place here: use sorted"
        header = Statement((), span, form="made")
        jump = Jump("raise", header, Call(TypeError, (Const(text, f'"{text}"'),)))
        test = Call(operators.both, (is_list, nested), (), "operator")
        self.expressions.before.append(If(test, (jump,), (), header))

    def _entries(self, holder: cst.BaseExpression, node: cst.Call) -> tuple[Write, ...]:
        """Give the entries that `d.update(...)` sets."""
        given = updates(self.expressions, node)
        if given is None:
            return ()
        variable, path = self.targets.place(holder)
        entries = list(held_in(given))
        if len(entries) > 1:  # all values are computed before the first is set
            entries = [(key, self.expressions.fixed(value)) for key, value in entries]
        return tuple(Write(variable, (*path, key), value, "set") for key, value in entries)

    def _library_writes(
        self,
        called: object,
        arguments: list[cst.BaseExpression],
        keywords: dict[str, cst.BaseExpression],
    ) -> tuple[Write, ...]:
        if called is np.copyto and len(arguments) == 2 and list(keywords) == ["where"]:
            variable, path = self.targets.place(arguments[0])
            old, new = (self.expressions.read(a) for a in arguments)
            chosen = Call(np.where, (self.expressions.read(keywords["where"]), new, old))
            return (Write(variable, (*path, Const(..., "...")), chosen, "set"),)
        if keywords:
            return ()
        if (_is_addition_at(called) or called == np.subtract.at) and len(arguments) == 3:
            variable, path = self.targets.place(arguments[0])
            index = self.expressions.read(arguments[1])
            value = self.expressions.read(arguments[2])
            if called == np.subtract.at:
                value = Call(operator.neg, (value,), (), "operator")
            return (Write(variable, (*path, index), value, "add.at"),)
        if called in (np.fill_diagonal, np.copyto) and len(arguments) == 2:
            variable, path = self.targets.place(arguments[0])
            value = self.expressions.read(arguments[1])
            whole: Expression = Const(..., "...")
            if called is np.fill_diagonal:
                whole = Call(np.diag_indices_from, (self.expressions.read(arguments[0]),))
            return (Write(variable, (*path, whole), value, "set"),)
        return ()


def _operands(called: object) -> int:
    """Give how many arguments come before `out`, where that may be given by position."""
    return {np.clip: 3, np.dot: 2}.get(called, -1) if callable(called) else -1  # type: ignore[call-overload]  # any function


def _is_addition_at(called: object) -> bool:
    """Whether this adds to parts of its first argument: NumPy's function, or the rules' helper."""
    own = getattr(called, "__module__", "") == "srcdiff.rules.helpers"
    return called == np.add.at or (own and getattr(called, "__name__", "") == "add_at")
