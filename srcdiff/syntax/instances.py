"""Objects that a function makes, and the methods of objects: both are written out.

Takes classes' texts, and where objects are made, read, called and assigned. Gives trees that know
variables alone: each field of an object is one, and a method's statements stand where it is called.
Refuses objects that are used as values, and those that can't be told apart.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import libcst as cst

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Attribute,
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Group,
    If,
    Jump,
    Loop,
    Node,
    Read,
    Statement,
    UserFunction,
    Variable,
    Write,
)
from srcdiff.ir.parts import path_to
from srcdiff.ir.records import RecordClass
from srcdiff.ir.walk import rebuild, rebuilt
from srcdiff.syntax.arguments import Arguments, Starred
from srcdiff.syntax.closures import (
    Closure,
    NotStraight,
    Partial,
    Picked,
    Static,
    Table,
    chosen_at,
    in_module,
    is_static,
    library_function,
    outside,
)
from srcdiff.syntax.instance import (
    HELD,
    Again,
    ClassRef,
    Instance,
    Key,
    Notes,
    Several,
    has_slot,
    is_object,
)
from srcdiff.syntax.kinds import Known, ManyOf
from srcdiff.syntax.object_classes import FieldText, Method, ObjectClass, object_class
from srcdiff.syntax.object_lists import ObjectLists
from srcdiff.syntax.statements import parts

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader
    from srcdiff.syntax.inline import Inliner

NAMES = (cst.Name, cst.Attribute, cst.Subscript)
Put = Callable[[Bind | Write], None]
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


class Instances:
    """The objects of one function.

    Parameters
    ----------
    expressions
        Reads expressions, and knows the names.

    Attributes
    ----------
    inliner
        Writes out calls.
    """

    inliner: Inliner

    def __init__(self, expressions: ExpressionReader) -> None:
        self.expressions = expressions
        self.by_token: dict[Variable, Static] = {}
        self.lists = ObjectLists(self)
        self.classes: dict[str, ObjectClass | None] = {}
        self.making: list[Instance] = []
        self.copied: set[ObjectClass] = set()
        self.changed: set[ObjectClass] = set()

    @property
    def notes(self) -> Notes:
        """What is known of the function from readings before."""
        return self.expressions.notes

    # What things are.

    def class_named(self, name: str) -> ObjectClass | None:
        """Give the class that a name of the module stands for, if its objects can be read."""
        if name not in self.classes:
            self.classes[name] = None  # as long as it is read: no class is above itself
            text = self.expressions.scope.class_text(name)
            if text is not None:
                self.classes[name] = object_class(text, name, self.class_named)
        return self.classes[name]

    def class_at(self, node: cst.BaseExpression) -> ObjectClass | None:
        """Give the class that an expression names, if its objects can be read."""
        if isinstance(node, cst.Name):
            name, known = node.value, self.expressions
            if name in known.variables:
                return None
            if name in known.inner:
                held = known.inner[name]
                return held.cls if isinstance(held, ClassRef) else None
            return None if name in known.assigned else self.class_named(name)
        match node:
            case cst.Call(func=cst.Name(value="type"), args=[cst.Arg(value=of)]):
                known_object = self.at(of)
                return known_object.cls if isinstance(known_object, Instance) else None
            case cst.Attribute(value=of, attr=cst.Name(value="__class__")):
                known_object = self.at(of)
                return known_object.cls if isinstance(known_object, Instance) else None
        return None

    def of(self, value: object) -> Static | None:
        """Give the object that an expression stands for."""
        if isinstance(value, HELD):
            return value
        return self.by_token.get(value.variable) if isinstance(value, Read) else None

    def at(self, node: cst.BaseExpression) -> Static | None:
        """Give the object that a text stands for, where nothing has to be computed for it."""
        match node:
            case cst.Name(value=name) if name not in self.expressions.variables:
                held = self.expressions.inner.get(name)
                return held if is_object(held) else None
            case cst.Attribute(value=of, attr=cst.Name(value=name)):
                holder = self.at(of)
                if isinstance(holder, Instance):
                    found = holder.fields.get(name)
                    return found if is_static(found) else None  # type: ignore[return-value]  # is_static
            case cst.Subscript(value=of, slice=[cst.SubscriptElement(slice=cst.Index())]):
                if self.at(of) is not None:
                    return self.of(self.expressions.read(node))
        return None

    def may_give(self, node: cst.BaseExpression) -> bool:
        """Whether a text may stand for an object."""
        match node:
            case cst.Name(value=name):
                return self.at(node) is not None or self._kind_of_name(name) is not None
            case cst.Attribute(value=of) | cst.Subscript(value=of):
                return self.may_give(of)
            case cst.Call(func=called):
                made = self.class_at(called) is not None
                return made or self.may_give(called) or self._makes(called)
            case cst.BinaryOperation(left=left, right=right):
                return self.may_give(left) or self.may_give(right)
            case cst.UnaryOperation(expression=inner):
                return self.may_give(inner)
        return False

    def _kind_of_name(self, name: str) -> Known | None:
        """Give the class of the value that a name stands for."""
        known = self.expressions
        if name in known.variables:
            return known.kinds.of(Read(known.variables[name]))
        free = name not in known.inner and name not in known.assigned
        return known.kinds.of(Read(Variable(name, "global"))) if free else None

    def _makes(self, node: cst.BaseExpression) -> bool:
        """Whether a function returns an object."""
        if not isinstance(node, cst.Name) or node.value in self.expressions.variables:
            return False
        held = self.expressions.inner.get(node.value)
        if held is None and node.value not in self.expressions.assigned:
            seen = (
                self.expressions.scope.peek(node.value) if self._is_function(node.value) else None
            )
            return seen is not None and gives_object(self, seen)
        return isinstance(held, Closure)

    def _is_function(self, name: str) -> bool:
        return isinstance(self.expressions.scope.lookup(name), UserFunction)

    # Making.

    def made(self, cls: ObjectClass, node: cst.Call, span: Span) -> Expression:
        """Make an object; give its token."""
        expressions = self.expressions
        if not expressions.slots:
            raise NotStraight
        if cls.is_tuple:
            raise self._refuse(
                f"{cls.name} is a named tuple that is made in its own way.", "", node
            )
        token = Variable("", "staged")
        made = Instance(cls, token, expressions.path)
        self.by_token[token] = made
        self.making.append(made)
        expressions.rewritten.add(expressions.place)
        for name in sorted(n for c, n in self.notes.assigned if c == cls.name):
            value = cls.constant(name)
            if value is not None:
                self.put(made, name, self._of_module(value), self.before(span), node)
        init = cls.method("__init__")
        if init is not None:
            self._run(init, made, node, span)
        elif cls.fields is not None:
            self._fill(cls.fields, made, node, span)
        elif node.args:
            raise self._refuse(f"{cls.name} takes no arguments.", "", node)
        after = cls.method("__post_init__") if init is None else None
        if after is not None:
            called = Partial(self.closure(after), (made,), ())
            self.inliner.applied(called, Arguments(()), node, span, alone=True)
        self.making.pop()
        return Read(token, span)

    def _run(self, method: Method, made: Instance, node: cst.Call, span: Span) -> None:
        """Write out a method that is called for what it does to the object."""
        self.inliner.call(Partial(self.closure(method), (made,), ()), node, span, alone=True)

    def _fill(
        self, fields: tuple[FieldText, ...], made: Instance, node: cst.Call, span: Span
    ) -> None:
        """Give the fields of a dataclass their values."""
        arguments = self.inliner.arguments.read(node)
        named = dict(arguments.keywords)
        places = [f.name for f in fields if f.given and not f.by_keyword]
        positional = [v for v in arguments.positional if not isinstance(v, Starred)]
        unknown = len(positional) < len(arguments.positional) or arguments.rest is not None
        given = dict(zip(places, positional, strict=False)) | named
        if unknown or len(positional) > len(places) or named.keys() - {f.name for f in fields}:
            raise self._refuse(f"{made.cls.name} is not made of these arguments.", "", node)
        for field in fields:
            if field.name in given:
                value = given[field.name]
            elif field.default is not None:
                value = self._default(field)
            elif field.given:
                raise self._refuse(f"{made.cls.name} is made without {field.name}.", "", node)
            else:
                continue
            self.put(made, field.name, value, self.before(span), node)

    def _default(self, field: FieldText) -> Expression | Static:
        assert field.default is not None
        if not field.is_made:
            return self._of_module(field.default)
        match field.default:
            case cst.Lambda(body=body):
                return self._of_module(body)
            case cst.Name(value="list"):
                return Group("list", ())
            case cst.Name(value="dict"):
                return Group("dict", ())
        raise self._refuse("how this default is made isn't known.", "", field.default)

    def _of_module(self, node: cst.BaseExpression) -> Expression | Static:
        """Read what a class's text says, in the module's words."""
        with in_module(self.expressions):
            found = self.inliner.static(node)
            return found if found is not None else self.expressions.read(node)

    def closure(self, method: Method) -> Closure:
        """Give a method as a function."""
        return replace(outside(self.expressions, method.definition), owner=method.owner)

    # Reading.

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
        cls = self.expressions.kinds.of(value)
        if not isinstance(cls, ObjectClass):
            return None
        method = cls.method(name)
        if method is not None and method.kind == "property":
            return self._property(method, value, node, span)
        if method is None and name not in {f.name for f in cls.fields or ()}:
            constant = cls.constant(name)
            if constant is not None:
                self.expressions.rewritten.add(self.expressions.place)
                return self._value(self._of_module(constant), node, span)
        return None

    def _field(self, held: Instance, name: str, node: cst.CSTNode, span: Span) -> Expression:
        found = held.fields.get(name)
        if found is None:
            method = held.cls.method(name)
            if method is not None and method.kind == "property":
                return self._property(method, held, node, span)
            constant = held.cls.constant(name)
            if constant is None:
                what = f"{held.cls.name}.{name} is a method" if method else f"it has no {name} yet"
                raise self._refuse(f"{what}, and is read here as a value.", "", node)
            found = self._of_module(constant)
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

    def token(self, held: Static) -> Variable:
        """Give what stands for several objects in expressions."""
        if isinstance(held, (Instance, Several)):
            return held.token
        for known, present in self.by_token.items():
            if present is held:
                return known
        token = Variable("", "staged")
        self.by_token[token] = held
        return token

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

    def bound(self, first: Expression | Static, name: str) -> Static | None:
        """Give a method of an object as a function, or a function that it holds."""
        if isinstance(first, Picked):
            items = [self.bound(item, name) for item in first.table.items]
            if any(item is None for item in items):
                return None
            table = Table(first.table.kind, first.table.keys, tuple(filter(None, items)))
            return Picked(table, first.index, first.counts)
        if isinstance(first, Instance) and name in first.fields:
            found = first.fields[name]
            return found if is_static(found) else None  # type: ignore[return-value]  # is_static
        known = self.expressions.kinds.of(first)
        cls = first.cls if isinstance(first, (Instance, ClassRef)) else known
        method = cls.method(name) if isinstance(cls, ObjectClass) else None
        if method is None or method.kind == "property":
            constant = cls.constant(name) if isinstance(cls, ObjectClass) else None
            held = self._of_module(constant) if constant is not None else None
            return held if is_static(held) else None  # type: ignore[return-value]  # is_static
        closure = self.closure(method)
        if method.kind == "static" or (method.kind == "method" and isinstance(first, ClassRef)):
            return closure
        if method.kind == "class":
            assert isinstance(cls, ObjectClass)
            return Partial(closure, (ClassRef(cls),), ())
        return Partial(closure, (first,), ())

    def passes(self, node: cst.BaseExpression) -> bool:
        """Whether an argument is an object, a class or a method."""
        if isinstance(node, cst.Call):
            cls = self.class_at(node.func)
            return cls is not None and not self._is_record(cls)
        return self.at(node) is not None or self.function(node) is not None

    def gives(self, called: cst.FunctionDef) -> bool:
        """Whether a function returns an object that it makes."""
        return gives_object(self, called)

    def calls_methods(self, node: cst.Call, called: cst.FunctionDef) -> bool:
        """Whether a function calls methods of the objects that it is given."""
        known = [self._kind_at(argument.value) for argument in node.args]
        classes = [c for cls in known if cls is not None for c in cls.above()]
        names = {name for cls in classes for name in cls.methods}
        pending: list[cst.CSTNode] = [called.body] if names else []
        while pending:
            inner = pending.pop()
            if isinstance(inner, cst.Attribute) and inner.attr.value in names:
                return True
            pending += parts(inner)
        return False

    def _kind_at(self, node: cst.BaseExpression) -> ObjectClass | None:
        """Give the class of an argument, or of what it holds, where nothing is computed for it."""
        while isinstance(node, cst.Attribute):
            node = node.value
        known = self._kind_of_name(node.value) if isinstance(node, cst.Name) else None
        return known.cls if isinstance(known, ManyOf) else known

    def function(self, node: cst.BaseExpression) -> Static | None:
        """Give the method that a text stands for, where nothing has to be computed for it."""
        match node:
            case cst.Name():
                cls = self.class_at(node)
                return ClassRef(cls) if cls is not None and not self._is_record(cls) else None
            case cst.Attribute(value=of, attr=cst.Name(value=name)):
                held = self.at(of)
                cls = self.class_at(of) if held is None else None
                if cls is not None:
                    return self.bound(ClassRef(cls), name)
                if held is None and isinstance(of, cst.Name) and self.may_give(of):
                    return self.bound(self.expressions.read(of), name)
                return self.bound(held, name) if held is not None else None
        return None

    def call(self, node: cst.Call, span: Span, *, alone: bool = False) -> Expression | None:
        """Give what a call makes of a class, or of an object; None for other calls."""
        counted = self._counted(node, span)
        if counted is not None:
            return counted
        cls = self.class_at(node.func)
        if cls is not None:
            return None if self._is_record(cls) else self.made(cls, node, span)
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
        return self.expressions.method(name, receiver, positional, named, seen, span)

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
                    return Const(len(held.items), str(len(held.items)), span)
                method = self.bound(held, "__len__") if held is not None else None
                if method is not None:
                    return self.inliner.applied(method, Arguments(()), node, span)
        return None

    def is_outside(self, name: str) -> bool:
        """Whether a name stands for an object outside that can be read."""
        return isinstance(self._kind_of_name(name), ObjectClass)

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
        return (receiver, name, seen) if computed else None

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

    def take_apart(self, name: str) -> None:
        """Let a record's class be read by its text, where it isn't made of all its fields."""
        cls = self.class_named(name)
        if cls is not None and not cls.is_tuple and self._is_record(cls):
            self.again(self.notes.apart, cls.name)

    def _is_record(self, cls: ObjectClass) -> bool:
        """Whether objects of a class are made as values, not taken apart."""
        known = self.expressions.scope.lookup(cls.name)
        plain = isinstance(known, RecordClass) and known.is_plain
        return plain and cls.name not in self.notes.apart

    # Assigning.

    def before(self, span: Span) -> Put:
        """Give what puts assignments before the statement."""

        def put(change: Bind | Write) -> None:
            binds = (change,) if isinstance(change, Bind) else ()
            writes = (change,) if isinstance(change, Write) else ()
            made = Statement(binds, span, form="made", writes=writes)
            self.expressions.before.append(made)

        return put

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
            given = self.fixed_item(given)
            self._hold(given, self._wish(held, name))
        elif has_slot(given):
            raise self._refuse("which object this is isn't known here.", "Use two names.", node)
        elif found is not None and not _is_same(found, given):
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

    def _kept(
        self,
        slot: object,
        given: Instance,
        wish: str,
        put: Put,
        node: cst.CSTNode | None,
    ) -> Instance:
        """Copy an object into what keeps one object after another."""
        fresh = given.holders == 0 and not given.is_slot and not given.is_item
        if not fresh or given in self.making:
            self.note_copy(given, node)
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
                slot.fields[name] = self._kept(inner, value, self._wish(slot, name), put, node)
            elif is_static(value):
                if name in slot.fields and not _is_same(slot.fields[name], value):
                    raise self._refuse(f"{name} is another function or list before.", "", node)
                slot.fields[name] = value
            else:
                self._put_value(slot, name, value, put)  # type: ignore[arg-type]  # a value
        return slot

    def name(self, name: str, given: Static, put: Put, node: cst.CSTNode | None) -> None:
        """Let a name stand for an object."""
        expressions = self.expressions
        if name in expressions.nonlocals or (has_slot(given) and not isinstance(given, Instance)):
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
                visible = known is not None or name in expressions.bound
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
                    given = self.fixed_item(given)
                    self._hold(given, name)
        elif known is not None and at is not None and here != at[: len(here)]:
            raise self._refuse(f"{name} is another list in each round.", "Use two names.", node)
        elif isinstance(given, Several):
            _wished(given, name)
        expressions.variables.pop(name, None)
        expressions.inner[name] = given
        expressions.known_at[name] = here

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

    def fixed_item(self, given: Instance) -> Instance:
        """Give an item of a list whose index keeps its value."""
        if given.item_of is None:
            return given
        _, index = given.item_of
        steady = isinstance(index, Read) and index.variable in self.expressions.steady
        if isinstance(index, Const) or steady:
            return given
        return self.lists.moved(given, self.expressions.fixed(index))

    def _note_change(self, held: Instance, node: cst.CSTNode) -> None:
        if held in self.making:
            return
        self.changed.update(held.cls.above())
        self._check(held.cls, node)

    def note_copy(self, held: Instance, node: cst.CSTNode | None) -> None:
        """Note that there are two of an object now: no more right if either changes."""
        self.note_copied(held.cls, node)

    def note_copied(self, cls: ObjectClass, node: cst.CSTNode | None) -> None:
        """Note that there are two of an object of a class."""
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

    def grow(self, key: Key, held: Instance) -> NoReturn:
        """Let the function be read again, with a list that is known to be one of objects."""
        self.notes.growing[key] = held
        raise Again

    def again(self, notes: set[Any], key: Key) -> NoReturn:
        """Let the function be read again."""
        notes.add(key)
        raise Again

    def _refuse(self, message: str, hint: str, node: cst.CSTNode | None) -> Refusal:
        span = self.expressions.positions.span(node) if node is not None else None
        return self.expressions.refuse_at("SD103", message, hint, span)

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

    def holder(self, target: cst.Attribute) -> Instance | None:
        """Give the object of which an attribute is assigned."""
        held = self.at(target.value)
        if held is None and self.may_give(target.value):
            value = self.expressions.read(target.value)
            held = self.of(value)
            cls = self.expressions.kinds.of(value)
            if held is None and isinstance(cls, ObjectClass) and self._is_record(cls):
                root, _ = path_to(value)
                if isinstance(root, Read) and root.variable.role != "parameter":
                    self.again(self.notes.apart, cls.name)
        return held if isinstance(held, Instance) else None

    # What is left.

    def without_tokens(self, nodes: Iterable[Node]) -> list[Node]:
        """Give statements without the tokens of objects."""

        def changed(node: Statement) -> Statement:
            binds = tuple(Bind(b.variable, self.settled(b.value)) for b in node.binds)
            writes = tuple(
                replace(w, path=tuple(map(self.settled, w.path)), value=self.settled(w.value))
                for w in node.writes
            )
            return replace(node, binds=binds, writes=writes)

        return list(rebuilt(tuple(nodes), changed, lambda tree, _: self.settled(tree)))

    def subscript(self, node: cst.Subscript, span: Span) -> Expression | None:
        """Give the object at an index of several; None for other values."""
        if not isinstance(self.at(node.value), Table):
            return None
        found = self.inliner.static(node)
        return None if found is None else self._value(found, node, span)

    def settled(self, value: Expression) -> Expression:
        """Give an expression without tokens.

        Raises
        ------
        Refusal
            An object of a class that isn't known for its fields is used as a value.
        """
        if isinstance(value, Read) and value.variable in self.by_token:
            return self._as_value(value)
        return rebuild(value, self.settled)

    def _as_value(self, value: Read) -> Expression:
        held = self.by_token[value.variable]
        if isinstance(held, Instance):
            known = self.expressions.scope.lookup(held.cls.name)
            if isinstance(known, RecordClass) and known.is_plain:
                if set(known.record.fields) <= held.fields.keys():
                    fields = [held.fields[name] for name in known.record.fields]
                    if not any(is_static(field) for field in fields):
                        record = replace(known.record, name=held.cls.name)
                        return Group("tuple", tuple(fields), value.span, record)  # type: ignore[arg-type]  # values
        what = f"an object of {held.cls.name}" if hasattr(held, "cls") else "a list of objects"
        raise self.expressions.refuse_at(
            "SD103",
            f"{what} is used as a value here, and is none in the derived code.",
            "Use its attributes, or call its methods.",
            value.span,
        )

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

    def one_return(self, nodes: list[Node], span: Span) -> tuple[list[Node], dict[int, Expression]]:
        """Let returns of objects at several places give one that keeps any of them.

        Returns
        -------
        The block, and what stands for the objects by their places among the values.
        """
        slots: dict[int, Instance] = {}
        same: dict[int, set[Instance]] = {}
        for place, held in self._returned(nodes):
            same.setdefault(place, set()).add(held)
        if not same:
            return nodes, {}

        def given(jump: Jump) -> list[Node]:
            values = jump.values
            made: list[Node] = []
            items = list(_items(values))
            for place, item in enumerate(items):
                held = self.of(item)
                if place not in same:
                    continue
                if not isinstance(held, Instance):
                    raise self.expressions.refuse_at(
                        "SD103", "this is an object at one return only.", "", span
                    )
                outer, self.expressions.before = self.expressions.before, made
                self.expressions.copied_here = set()
                if len(same[place]) == 1:
                    slots[place] = held
                else:
                    slots[place] = self._kept(slots.get(place), held, "", self.before(span), None)
                self.expressions.before = outer
                items[place] = Const(None, "None")
            whole = replace(values, items=tuple(items)) if _is_tuple(values) else items[0]  # type: ignore[type-var]  # a group
            return [*made, replace(jump, values=whole)]

        changed = _each_return(nodes, given)
        return changed, {place: Read(held.token, span) for place, held in slots.items()}

    def _returned(self, nodes: Iterable[Node]) -> Iterator[tuple[int, Instance]]:
        """Give the objects that a block returns, with their places among the values."""
        for node in nodes:
            match node:
                case Jump(kind="return", values=values):
                    held = [(i, self.of(v)) for i, v in enumerate(_items(values))]
                    yield from ((i, h) for i, h in held if isinstance(h, Instance))
                case If():
                    yield from self._returned((*node.then, *node.otherwise))
                case Loop():
                    yield from self._returned((*node.body, *node.otherwise))


def _is_tuple(values: Expression | None) -> bool:
    return isinstance(values, Group) and values.kind == "tuple" and values.record is None


def _items(values: Expression | None) -> tuple[Expression, ...]:
    """Give the values that a return gives."""
    if values is None:
        return ()
    return values.items if isinstance(values, Group) and _is_tuple(values) else (values,)


def _each_return(nodes: Iterable[Node], given: Callable[[Jump], list[Node]]) -> list[Node]:
    """Give a block with something else for each return."""
    found: list[Node] = []
    for node in nodes:
        match node:
            case Jump(kind="return"):
                found += given(node)
            case If():
                then = tuple(_each_return(node.then, given))
                otherwise = tuple(_each_return(node.otherwise, given))
                found.append(replace(node, then=then, otherwise=otherwise))
            case Loop():
                body = tuple(_each_return(node.body, given))
                otherwise = tuple(_each_return(node.otherwise, given))
                found.append(replace(node, body=body, otherwise=otherwise))
            case _:
                found.append(node)
    return found


def _is_same(first: object, second: object) -> bool:
    """Whether two functions or lists are the very same."""
    if isinstance(first, Const) and isinstance(second, Const):
        return first.value is second.value
    return first is second


def _wished(held: Several, wish: str) -> None:
    """Let the lists of a list of objects be named after it."""
    if held.token.wish:
        return
    held.token.wish = wish
    for name, own in held.lists.items():
        if isinstance(own, Variable):
            own.wish = f"{wish}_{name}"
        elif isinstance(own, Several):
            own.token.wish = ""
            _wished(own, f"{wish}_{name}")


def gives_object(objects: Instances, definition: cst.FunctionDef, depth: int = 0) -> bool:
    """Whether a function returns an object that it makes."""
    made: set[str] = set()
    pending: list[cst.CSTNode] = [definition.body]
    returned: list[cst.BaseExpression] = []
    while pending:
        node = pending.pop()
        match node:
            case cst.Return(value=value) if value is not None:
                returned.append(value)
            case cst.Assign(targets=targets, value=value) if _makes(objects, value, set(), depth):
                made |= {t.target.value for t in targets if isinstance(t.target, cst.Name)}
        if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
            pending += parts(node)
    return any(_makes(objects, value, made, depth) for value in returned)


def _makes(objects: Instances, node: cst.BaseExpression, made: set[str], depth: int) -> bool:
    match node:
        case cst.Name(value=name):
            return name in made
        case cst.Call(func=cst.Name(value=name)):
            if objects.class_named(name) is not None:
                return True
            seen = objects.expressions.scope.peek(name) if depth < 3 else None
            return seen is not None and gives_object(objects, seen, depth + 1)
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            return any(_makes(objects, e.value, made, depth) for e in elements)
        case cst.ListComp(elt=item):
            return _makes(objects, item, made, depth)
        case cst.IfExp(body=body, orelse=otherwise):
            return any(_makes(objects, part, made, depth) for part in (body, otherwise))
    return False
