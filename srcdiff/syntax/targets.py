"""Assignments: which variables they make."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import libcst as cst

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Group,
    Item,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.parts import path_to
from srcdiff.ir.walk import copied, variables, walk
from srcdiff.syntax.attributes import stored
from srcdiff.syntax.expressions import BINARY, ExpressionReader
from srcdiff.syntax.instance import Instance
from srcdiff.syntax.one_by_one import is_moved, one_by_one, updated


class AssignmentReader:
    """Reads the assignments of one function.

    Parameters
    ----------
    expressions
        Reads the values, and knows the variables so far.
    method
        Whether the function's first parameter is the object.
    """

    def __init__(self, expressions: ExpressionReader, *, method: bool) -> None:
        self.expressions = expressions
        self.method = method
        self.writes: list[Write] = []
        self.places: list[int] = []

    def assign(
        self,
        targets: Sequence[cst.BaseExpression],
        node: cst.BaseExpression,
        span: Span,
        comment: str,
        leading: tuple[str, ...],
    ) -> list[Statement]:
        """Read `a = b = value`: one statement, or several where a target depends on one before.

        Raises
        ------
        Refusal
            A target is neither a name, nor an attribute of self, nor several of these.
        """
        binds: list[Bind] = []
        stores: list[tuple[str, Variable]] = []
        outer = self.writes, self.places  # the value may have statements of its own
        self.writes, self.places = [], []
        value = self._popped(node, span) or self.expressions.read(node)
        form: Literal["chain", "swap", "unpack"] = "chain"
        for target in targets:
            if (of_object := self._begun(target, value, span)) is not None:
                value = of_object
            match target:
                case cst.Tuple(elements=elements) | cst.List(elements=elements):
                    if len(targets) > 1:
                        raise Refusal(
                            "SD102",
                            "a chained assignment to a tuple isn't supported yet.",
                            "Write two statements.",
                            span,
                        )
                    form = self._unpack(elements, value, binds, stores)
                case cst.Subscript():
                    if len(targets) > 1 or self.writes:  # the item of a list is read, then popped
                        value = self._hidden(value, binds)
                    self._part(target, value, binds)
                case cst.Attribute() if (
                    holder := self.expressions.objects.holder(target)
                ) is not None:
                    value = self._hidden(value, binds) if len(targets) > 1 else value
                    self._field(target, holder, value, binds)
                case _:
                    bound = self._target(target, value, binds, stores)
                    if not isinstance(value, Const):  # a number shares nothing
                        value = Read(bound)
        writes, places = self.writes, self.places
        self.writes, self.places = outer
        if not (binds or writes or stores):
            return []  # a name for an object
        if is_moved(writes, binds) and not stores:
            self.expressions.rewritten.add(span.start)
            return one_by_one(binds, writes, places, span)
        return [Statement(tuple(binds), span, comment, leading, tuple(stores), form, tuple(writes))]

    def _begun(
        self, target: cst.BaseExpression, value: Expression, span: Span
    ) -> Expression | None:
        """Give the list of objects that an empty list is the beginning of."""
        if not isinstance(target, cst.Name):
            return None
        made = self.expressions.objects.lists.begun(target.value, value, target)
        return Read(made.token, span) if made is not None else None

    def _popped(self, node: cst.BaseExpression, span: Span) -> Expression | None:
        """Give the last item of a list that `x = items.pop()` takes off."""
        taken = self.expressions.taken_off(node) if isinstance(node, cst.Call) else None
        if taken is None or not self.expressions.slots:
            return None
        owner, at = taken
        variable, path = self.place(owner)
        end = None if at == -1 else at
        self.writes.append(Write(variable, path, Const(None), "pop", at=end))
        self.places.append(0)
        return Item(self.expressions.read(owner), Const(at, str(at)), span)

    def _part(self, target: cst.Subscript, value: Expression, binds: list[Bind]) -> Variable:
        variable, path = self.place(target, new=True)
        self.writes.append(Write(variable, path, value, "set"))
        self.places.append(len(binds))
        return variable

    def _unaffected(
        self, items: list[Expression], nodes: list[cst.BaseExpression], binds: list[Bind]
    ) -> list[Expression]:
        """Give the values such that assigning one after the other gives the same."""
        if not all(isinstance(node, cst.Name) for node in nodes):
            steady = not self.expressions.slots
            return [
                item if steady and isinstance(item, Read) else self._kept_value(item, binds)
                for item in items
            ]
        names = [node.value for node in nodes if isinstance(node, cst.Name)]
        changed: set[Variable] = set()
        found: list[Expression] = []
        for name, item in zip(names, items, strict=True):
            if self.expressions.objects.of(item) is not None:
                put = self._put(binds)
                found.append(self.expressions.objects.apart(item, put) if len(names) > 1 else item)
                continue
            clash = not changed.isdisjoint(variables(item))
            found.append(self._kept_value(item, binds) if clash else item)
            changed.add(self.expressions.assigned_variable(name))
        return found

    def _kept_value(self, value: Expression, binds: list[Bind]) -> Expression:
        """Give a value a variable that the assignments after it don't change."""
        if (
            self.expressions.objects.of(value) is not None
            or isinstance(value, Const)
            or (isinstance(value, Group) and not value.items)
        ):
            return value
        own = Variable("", "staged")
        binds.append(Bind(own, value))
        return Read(own)

    @staticmethod
    def _hidden(value: Expression, binds: list[Bind]) -> Expression:
        """Give a value a variable of its own, unless it has one."""
        if isinstance(value, (Read, Const)):
            return value
        whole = Variable("", "staged")
        binds.append(Bind(whole, value))
        return Read(whole)

    def place(
        self, node: cst.BaseExpression, *, new: bool = False
    ) -> tuple[Variable, tuple[Expression, ...]]:
        """Give the variable that a target is a part of, and the indices that lead there.

        Parameters
        ----------
        new
            Whether an entry may be new.

        Raises
        ------
        Refusal
            What is written to isn't a variable of the function, or a part of one.
        """
        if new and isinstance(node, cst.Subscript):
            whole: Expression = self.expressions.item(node, self.expressions.positions.span(node))
        else:
            whole = self.expressions.read(node)
        tree, path = path_to(whole)
        if isinstance(tree, Read) and tree.variable.role in ("parameter", "local"):
            return tree.variable, path
        if isinstance(tree, Read) and tree.variable.role == "global":
            raise self.expressions.refuse(
                "SD110",
                f"{tree.variable.wish} is a variable of the module; writing into it is an effect.",
                "Pass it as a parameter.",
                node,
            )
        raise self.expressions.refuse(
            "SD101",
            "an assignment to a part of this can't be differentiated.",
            "Assign to a part of a variable.",
            node,
        )

    def _unpack(
        self,
        elements: object,
        value: Expression,
        binds: list[Bind],
        stores: list[tuple[str, Variable]],
    ) -> Literal["chain", "swap", "unpack"]:
        nodes = [element.value for element in elements]  # type: ignore[attr-defined]  # sequence
        stars = [i for i, e in enumerate(elements) if isinstance(e, cst.StarredElement)]  # type: ignore[var-annotated,arg-type]  # a sequence of elements
        if stars:
            self._unpack_starred(nodes, stars[0], value, binds, stores)
            return "unpack"
        if isinstance(value, Group) and value.kind in ("tuple", "list"):
            if len(value.items) != len(nodes):
                raise Refusal(
                    "SD107",
                    f"{len(value.items)} values are unpacked into {len(nodes)} names.",
                    "",
                    value.span,
                )
            items = list(value.items)
            ordered = self.expressions.slots or any(map(_opens, nodes, items))
            if ordered and len(items) > 1:
                # All values are computed before the first is assigned.
                items = self._unaffected(items, nodes, binds)
            for node, item in zip(nodes, items, strict=True):
                self._target(node, item, binds, stores)
            return "chain" if ordered else "swap"
        if isinstance(value, Item) and self._is_steady(value, nodes):
            for index, node in enumerate(nodes):
                self._target(node, Item(copied(value), Const(index)), binds, stores)
            return "chain"
        if not isinstance(value, Read):
            whole = Variable("", "staged")
            binds.append(Bind(whole, value))
            value = Read(whole)
        lists = self.expressions.objects.lists
        for index, node in enumerate(nodes):
            self._target(node, lists.place(value, Const(index)), binds, stores)
        return "unpack"

    def _is_steady(self, value: Item, nodes: list[cst.BaseExpression]) -> bool:
        """Whether a place is the same one while its items are assigned: `u, v = y[i]`."""
        if not all(isinstance(node, cst.Name) for node in nodes):
            return False
        parts = [node for node in walk(value) if not isinstance(node, (Item, Read, Const))]
        plain = all(
            isinstance(p, Call) and p.function in (operator.add, operator.sub) for p in parts
        )
        named = {variable.wish for variable in variables(value)}
        return plain and named.isdisjoint(n.value for n in nodes if isinstance(n, cst.Name))

    def _unpack_starred(
        self,
        nodes: list[cst.BaseExpression],
        star: int,
        value: Expression,
        binds: list[Bind],
        stores: list[tuple[str, Variable]],
    ) -> None:
        """Read `a, *b, c = value`."""
        value = self._hidden(value, binds)
        after = len(nodes) - star - 1
        for index, node in enumerate(nodes):
            if index == star:
                end = Const(-after, str(-after)) if after else Const(None)
                place: Expression = Group("slice", (Const(star), end, Const(None)))
            else:
                place = Const(index if index < star else index - len(nodes))
            self._target(node, self.expressions.objects.lists.place(value, place), binds, stores)

    def _target(
        self,
        target: cst.BaseExpression,
        value: Expression,
        binds: list[Bind],
        stores: list[tuple[str, Variable]],
    ) -> Variable:
        match target:
            case cst.Name(value=name):
                span = self.expressions.positions.span(target)
                value = self.expressions.objects.lists.shown(value, span)
                held = self.expressions.objects.of(value)
                if held is not None:
                    self.expressions.objects.name(name, held, self._put(binds), target)
                    return self.expressions.objects.token(held)
                variable = self.expressions.assigned_variable(name, value)
                self.expressions.kinds.note(variable, value)
                binds.append(Bind(variable, value))
                return variable
            case cst.Attribute() if (holder := self.expressions.objects.holder(target)) is not None:
                return self._field(target, holder, value, binds)
            case cst.Subscript():
                return self._part(target, value, binds)
            case cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value=name)) if (
                self.method and owner == self.expressions.self_name
            ):
                return stored(self.expressions, target, value, binds, stores)
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                self._unpack(elements, value, binds, stores)
                return binds[-1].variable
        raise self.expressions.refuse(
            "SD101",
            "an assignment to this target can't be differentiated.",
            "Assign to a name.",
            target,
        )

    def _field(
        self, target: cst.Attribute, holder: Instance, value: Expression, binds: list[Bind]
    ) -> Variable:
        """Assign an attribute of an object that is made here."""
        name = target.attr.value
        if binds and holder.cls.setter(name) is not None:
            raise self.expressions.refuse(
                "SD101", f"{name} is set by a method.", "Set it alone.", target
            )
        self.expressions.objects.put(holder, name, value, self._put(binds), target)
        field = holder.fields.get(name)
        return field.variable if isinstance(field, Read) else Variable("")

    def _put(self, binds: list[Bind]) -> Callable[[Bind | Write], None]:
        """Give what adds an assignment to the statement."""

        def put(change: Bind | Write) -> None:
            if isinstance(change, Bind):
                binds.append(change)
            else:
                self.writes.append(change)
                self.places.append(len(binds))

        return put

    def update(
        self, node: cst.AugAssign, span: Span, comment: str, leading: tuple[str, ...]
    ) -> list[Statement]:
        """Read `a += value`: one statement, or none for an object that its class changes.

        Raises
        ------
        Refusal
            The target is neither a name nor a part of a variable.
        """
        symbol = type(node.operator).__name__.removesuffix("Assign")
        function = BINARY[getattr(cst, symbol)]
        of_object = self.expressions.objects.updated(node, function, span)
        if of_object is not None:
            return [replace(s, comment=comment, leading=leading) for s in of_object]
        if isinstance(node.target, cst.Subscript):
            place, path = self.place(node.target, new=True)
            given = self.expressions.read(node.value)
            write = updated(place, path, function, given, self.expressions.read(node.target))
            return [Statement((), span, comment, leading, writes=(write,))]
        if _last_name(node.target) in self.expressions.own_names.counted:
            operands = (self.expressions.read(node.target), self.expressions.read(node.value))
            binds: list[Bind] = []
            stores: list[tuple[str, Variable]] = []
            self._target(node.target, Call(function, operands, (), "operator", span), binds, stores)
            return [Statement(tuple(binds), span, comment, leading, tuple(stores))]
        if not isinstance(node.target, cst.Name):
            raise self.expressions.refuse(
                "SD101",
                "an update of a part or an attribute can't be differentiated yet.",
                "Assign the new value to a name.",
                node.target,
            )
        name = node.target.value
        old = self.expressions.name(name, node.target)
        value = Call(function, (old, self.expressions.read(node.value)), (), "operator", span)
        variable = self.expressions.assigned_variable(name)
        return [Statement((Bind(variable, value),), span, comment, leading, (), "update")]


def _last_name(node: cst.BaseExpression) -> str:
    return node.attr.value if isinstance(node, cst.Attribute) else ""


def _opens(target: cst.BaseExpression, value: Expression) -> bool:
    """Whether a target takes the items of a value that isn't written out."""
    return isinstance(target, (cst.Tuple, cst.List)) and not isinstance(value, Group)
