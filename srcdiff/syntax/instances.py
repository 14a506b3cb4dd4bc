"""Objects where they are read: their attributes, methods, operators and lists.

Takes attributes, calls and operators. Gives trees that know variables alone: a method's statements
stand where it is called. Refuses what isn't known of an object.
"""

from __future__ import annotations

import operator
from dataclasses import replace

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Attribute,
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Group,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.parts import path_to
from srcdiff.ir.records import RecordClass
from srcdiff.syntax.arguments import Arguments
from srcdiff.syntax.class_tests import answered_class
from srcdiff.syntax.closures import (
    Closure,
    NotStraight,
    Partial,
    Picked,
    Static,
    Table,
    chosen_at,
    is_static,
    library_function,
)
from srcdiff.syntax.instance import (
    ClassRef,
    Instance,
    Several,
    is_object,
)
from srcdiff.syntax.lifting import MakingScope
from srcdiff.syntax.object_classes import Method, ObjectClass
from srcdiff.syntax.object_sums import ObjectSums

NAMES = (cst.Name, cst.Attribute, cst.Subscript)
OPERATORS: dict[object, tuple[str, ...]] = {
    operator.add: ("__add__", "__radd__"),
    operator.sub: ("__sub__", "__rsub__"),
    operator.mul: ("__mul__", "__rmul__"),
    operator.truediv: ("__truediv__", "__rtruediv__"),
    operator.matmul: ("__matmul__", "__rmatmul__"),
    operator.pow: ("__pow__", "__rpow__"),
    operator.neg: ("__neg__",),
    operator.pos: ("__pos__",),
}
"""The methods by which a class says what an operator does, of the left operand and the right."""


class Instances(ObjectSums):
    """Reads the objects of one function."""

    def attribute(
        self, value: Expression, name: str, node: cst.Attribute, span: Span
    ) -> Expression | None:
        """Give what an attribute of an object stands for; None for what is no object's."""
        held = self.of(value)
        if isinstance(held, Instance):
            self.expressions.rewritten.add(self.expressions.place)
            return self._field(held, name, node, span)
        if isinstance(held, Picked):
            self.expressions.rewritten.add(self.expressions.place)
            return self._of_any(held, name, node, span)
        if held is not None:
            raise self._refuse(f"a list has no {name} here.", "", node)
        own = self.class_at(node.value) if isinstance(value, Const) else None
        written = own is not None and bool(own.methods)  # others go along as they are
        if own is not None and written and not isinstance(self.expressions.scope, MakingScope):
            constant = self.constant(own, name, span)
            if constant is not None:
                self.expressions.rewritten.add(self.expressions.place)
                return self._value(constant, node, span)
        cls = self.expressions.kinds.of(value)
        if not isinstance(cls, ObjectClass):
            return None
        method = cls.method(name)
        if method is not None and method.kind == "property":
            return self._property(method, value, node, span)
        if method is None and name not in {f.name for f in cls.fields or ()}:
            constant = self.constant(cls, name, span)
            if constant is not None:
                self.expressions.rewritten.add(self.expressions.place)
                return self._value(constant, node, span)
        return None

    def _field(self, held: Instance, name: str, node: cst.CSTNode, span: Span) -> Expression:
        found = held.fields.get(name)
        if found is None:
            method = held.cls.method(name)
            if method is not None and method.kind == "property":
                return self._property(method, held, node, span)
            found = self.constant(held.cls, name, span)
            if found is None:
                what = f"{held.cls.name}.{name} is a method" if method else f"it has no {name} yet"
                raise self._refuse(f"{what}, and is read here as a value.", "", node)
        return self._value(found, node, span)

    def _value(self, found: Expression | Static, node: cst.CSTNode, span: Span) -> Expression:
        """Give what stands for something in an expression."""
        if isinstance(found, (Instance, Several)):
            return Read(found.token, span)
        if isinstance(found, (Table, Picked)) and is_object(found):
            return Read(self.token(found), span)
        if is_static(found) and not isinstance(found, Const):
            raise self._refuse(
                "this is a function, and is used here as a value.",
                "Call it, or give it to a function that calls it.",
                node,
            )
        assert not isinstance(found, (Closure, Table, Picked, Partial, ClassRef))
        if isinstance(found, Read):
            self.expressions.seen.add(found.variable)
        root, _ = path_to(found)
        if isinstance(root, Read):
            self.expressions.seen.add(root.variable)
        return replace(found, span=span)

    def _of_any(self, held: Picked, name: str, node: cst.CSTNode, span: Span) -> Expression:
        """Give an attribute of one of several objects."""
        found: Expression | None = None
        for place, item in reversed([*enumerate(held.table.items)]):
            if not isinstance(item, Instance):
                raise self._refuse("which object this is isn't known.", "", node)
            own = self._field(item, name, node, span)
            found = own if found is None else Choice(chosen_at(held, place), own, found, span)
        assert found is not None
        return found

    def _property(
        self, method: Method, first: Expression | Instance, node: cst.CSTNode, span: Span
    ) -> Expression:
        if not self.expressions.slots:
            raise NotStraight
        called = self.closure(method)
        return self.inliner.applied(called, Arguments((first,)), node, span)

    def subscript(self, node: cst.Subscript, span: Span) -> Expression | None:
        """Give the object at an index of several; None for other values."""
        held = self.at(node.value)
        method = self.bound(held, "__getitem__") if isinstance(held, Instance) else None
        if method is not None:
            match node.slice:
                case [cst.SubscriptElement(slice=cst.Index(value=index))]:
                    arguments = Arguments((self.expressions.read(index),))
                    return self.inliner.applied(method, arguments, node, span)
        if not isinstance(held, Table):
            return None
        found = self.inliner.static(node)
        return None if found is None else self._value(found, node, span)

    # Calls.

    def call(self, node: cst.Call, span: Span, *, alone: bool = False) -> Expression | None:
        """Give what a call makes of a class, or of an object; None for other calls."""
        known = answered_class(self, node)
        if known is not None:
            self.expressions.rewritten.add(self.expressions.place)
            return Const(known, str(known), span)
        counted = self._counted(node, span)
        if counted is not None:
            return counted
        cls = self.class_at(node.func)
        if cls is not None:
            return None if self.is_record(cls) else self.made(cls, node, span)
        called = self._called(node)
        if called is None:
            return None
        if not isinstance(called, tuple):
            return self.inliner.call(called, node, span, alone=alone)
        receiver, name, seen = called
        if name == "_replace":
            return self._replaced(receiver, node, span)
        if any(argument.star for argument in node.args):
            raise self._refuse("these arguments are not supported here.", "", node)
        read = self.expressions.read
        positional = tuple(read(a.value) for a in node.args if a.keyword is None)
        named = tuple((a.keyword.value, read(a.value)) for a in node.args if a.keyword is not None)
        return self.expressions.method(node, receiver, positional, named, seen)

    def _counted(self, node: cst.Call, span: Span) -> Expression | None:
        """Give how many objects a list holds, or what an object says of its length."""
        match node:
            case cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=of)]):
                if library_function(self.expressions, node) is not len:
                    return None
                held = self.at(of)
                if isinstance(held, Several):
                    return self.lists.length(Read(held.token), span)
                if isinstance(held, Table):
                    self.expressions.rewritten.add(self.expressions.place)
                    return Const(len(held.items), str(len(held.items)), span)
                method = self.bound(held, "__len__") if held is not None else None
                if method is not None:
                    self.expressions.rewritten.add(self.expressions.place)
                    return self.inliner.applied(method, Arguments(()), node, span)
        return None

    def _replaced(self, receiver: Expression, node: cst.Call, span: Span) -> Expression:
        """Give a named tuple with other fields."""
        cls = self.expressions.kinds.of(receiver)
        known = self.expressions.scope.lookup(cls.name) if isinstance(cls, ObjectClass) else None
        given = {a.keyword.value: self.expressions.read(a.value) for a in node.args if a.keyword}
        if not isinstance(known, RecordClass) or len(given) < len(node.args):
            raise self._refuse("which fields this replaces isn't known.", "Name each.", node)
        holder = self.expressions.simple(receiver)
        fields = known.record.fields
        items = tuple(given.get(name) or Attribute(holder, name, span) for name in fields)
        self.expressions.rewritten.add(self.expressions.place)
        return Group("tuple", items, span, replace(known.record, name=cls.name))  # type: ignore[union-attr]  # a class

    def _called(self, node: cst.Call) -> Static | tuple[Expression, str, set[Variable]] | None:
        """Give the function of an object that a call is of, or the value whose method it is."""
        if not isinstance(node.func, cst.Attribute):
            held: Expression | Static | None = self.at(node.func)
            if held is None and self.may_give(node.func):
                held = self.expressions.read(node.func)
                held = self.of(held) or held
            return self._needed(self.bound(held, "__call__"), node) if held is not None else None
        owner, name = node.func.value, node.func.attr.value
        above = self._above(owner)
        if above is not None:
            first, cls = above
            method = cls.method(name) if cls is not None else None
            if method is None:
                raise self._refuse(f"no class above has {name}.", "", node)
            return Partial(self.closure(method), (first,), ())
        cls = self.class_at(owner)
        if cls is not None:
            return self.bound(ClassRef(cls), name)
        if not self.may_give(owner):
            return None
        seen = set(self.expressions.seen)
        held = self.at(owner)
        receiver = held if held is not None else self.expressions.read(owner)
        found = self.bound(self.of(receiver) or receiver, name)
        if found is not None:
            return found
        if isinstance(self.of(receiver) or held, (Instance, Picked)):
            field = self.expressions.attribute(
                node.func, self.expressions.positions.span(node.func)
            )
            return self._needed(self.bound(self.of(field) or field, "__call__"), node)
        if is_static(receiver):
            return None
        known = self.expressions.kinds.of(receiver)
        record = name == "_replace" and isinstance(known, ObjectClass) and known.is_tuple
        computed = record or not isinstance(owner, NAMES)
        if not computed:
            self.expressions.seen = seen
        return (receiver, name, seen) if computed else None  # type: ignore[return-value]  # a value

    def _needed(self, found: Static | None, node: cst.CSTNode) -> Static:
        if found is None:
            raise self._refuse(
                "what is called here isn't known.", "Call a function or method.", node
            )
        return found

    def _above(
        self, node: cst.BaseExpression
    ) -> tuple[Expression | Static, ObjectClass | None] | None:
        """Give the object and the class that `super()` stands for."""
        match node:
            case cst.Call(func=cst.Name(value="super"), args=()) if self.expressions.owner:
                first, cls = self.expressions.owner
                return first, cls.base
        return None

    # Operators.

    def operator(
        self,
        function: object,
        operands: tuple[Expression, ...],
        node: cst.CSTNode,
        span: Span,
    ) -> Expression | None:
        """Give what an operator makes of objects whose class says it; None for other values."""
        held = [self.of(operand) or operand for operand in operands]
        classes = [h.cls if isinstance(h, Instance) else self.expressions.kinds.of(h) for h in held]
        if not any(isinstance(cls, ObjectClass) for cls in classes):
            return None
        if function in (operator.and_, operator.or_, operators.both, operators.either):
            return None
        names = OPERATORS.get(function, ())
        for name, own, given in zip(names, held, (operands[1:], operands[:1]), strict=False):
            method = self.bound(own, name)
            if method is not None:
                if not self.expressions.slots:
                    raise NotStraight
                arguments = tuple(self.of(v) or v for v in given)
                return self.inliner.applied(method, Arguments(arguments), node, span)
        if any(isinstance(h, Instance) for h in held):
            raise self._refuse("the class doesn't say what this operator does.", "", node)
        return None

    def _counts(self, index: Expression) -> bool:
        """Whether an index is a place counted from the beginning."""
        if isinstance(index, Const):
            return isinstance(index.value, int) and index.value >= 0
        return isinstance(index, Read) and index.variable in self.expressions.counts

    def compared(
        self,
        function: object,
        left: Expression,
        right: Expression,
        node: cst.CSTNode,
        span: Span,
    ) -> Expression | None:
        """Give whether an object is None, or is another one; None for other values."""
        held = (self.of(left), self.of(right))
        if function not in (operator.is_, operator.is_not) or not any(held):
            return None
        own = [h.item_of for h in held if isinstance(h, Instance)]
        if len(own) == 2 and own[0] and own[1] and own[0][0] is own[1][0]:
            if all(map(self._counts, (own[0][1], own[1][1]))):
                test = operator.eq if function is operator.is_ else operator.ne
                return Call(test, (own[0][1], own[1][1]), (), "operator", span)
        nothing = any(isinstance(side, Const) and side.value is None for side in (left, right))
        plain = all(isinstance(h, Instance) and not (h.is_slot or h.is_item) for h in held)
        if not (nothing or plain):
            raise self._refuse("which object this is isn't known.", "", node)
        self.expressions.rewritten.add(self.expressions.place)
        same = (held[0] is held[1]) == (function is operator.is_)
        return Const(same, str(same), span)

    def updated(self, node: cst.AugAssign, function: object, span: Span) -> list[Statement] | None:
        """Read `object += value`, or `object.field += value`; None for other targets."""
        target = node.target
        if self.at(target) is not None:
            left = self.expressions.read(target)
            made = self.operator(function, (left, self.expressions.read(node.value)), node, span)
            put = self.before(span)
            if isinstance(target, cst.Name):
                held = self.of(made)
                if held is None:
                    raise self._refuse("this object becomes another value.", "", node)
                self.name(target.value, held, put, node)
                return []
        holder = self.holder(target) if isinstance(target, cst.Attribute) else None
        if holder is None:
            return None
        assert isinstance(target, cst.Attribute)
        name = target.attr.value
        if self.at(target) is not None:
            assert made is not None
            self.put(holder, name, made, put, node)
            return []
        old = self.expressions.read(target)
        given = self.expressions.read(node.value)
        changes: list[Bind | Write] = []
        value = Call(function, (old, given), (), "operator", span)
        self.put(holder, name, value, changes.append, node)
        (change,) = changes
        if isinstance(change, Bind):
            return [Statement((change,), span, form="update")]
        return [Statement((), span, writes=(replace(change, updates=True),))]
