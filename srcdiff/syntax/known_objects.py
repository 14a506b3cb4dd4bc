"""The objects of one function: what stands for which, and what their classes are.

Takes texts and trees. Gives the object, the class or the method that they stand for; None where
they stand for none. Refuses nothing but functions that are used as values.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import libcst as cst

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.nodes import (
    Attribute,
    Const,
    Expression,
    Read,
    UserFunction,
    Variable,
)
from srcdiff.ir.records import RecordClass
from srcdiff.syntax.closures import (
    Closure,
    Partial,
    Picked,
    Static,
    Table,
    in_module,
    is_static,
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
    is_object,
)
from srcdiff.syntax.kinds import Known, ManyOf
from srcdiff.syntax.lifting import MakingScope
from srcdiff.syntax.object_classes import Method, ObjectClass, object_class
from srcdiff.syntax.outside_objects import Attributed
from srcdiff.syntax.scope import FileScope, known_module
from srcdiff.syntax.statements import parts
from srcdiff.syntax.written_names import dotted_name

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader
    from srcdiff.syntax.inline import Inliner


class KnownObjects:
    """What is known of the objects of one function.

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
        self.classes: dict[str, ObjectClass | None] = {}
        self.making: list[Instance] = []
        self.copied: set[ObjectClass] = set()
        self.changed: set[ObjectClass] = set()

    @property
    def notes(self) -> Notes:
        """What is known of the function from readings before."""
        return self.expressions.notes

    # Objects.

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

    def may_give(self, node: cst.BaseExpression) -> bool:
        """Whether a text may stand for an object."""
        match node:
            case cst.Name(value=name):
                return self.at(node) is not None or self._kind_of_name(name) is not None
            case cst.Attribute(value=of) | cst.Subscript(value=of):
                return self.may_give(of) or self.class_at(of) is not None
            case cst.Call(func=called):
                made = self.class_at(called) is not None
                return made or self.may_give(called) or self._makes(called)
            case cst.BinaryOperation(left=left, right=right):
                return self.may_give(left) or self.may_give(right)
            case cst.UnaryOperation(expression=inner) | cst.NamedExpr(value=inner):
                return self.may_give(inner)
        return False

    def is_outside(self, name: str) -> bool:
        """Whether a name stands for an object outside that can be read."""
        return isinstance(self._kind_of_name(name), ObjectClass)

    def _kind_of_name(self, name: str) -> Known | None:
        """Give the class of the value that a name stands for."""
        known = self.expressions
        if name in known.variables:
            return known.kinds.of(Read(known.variables[name]))
        free = name not in known.inner and name not in known.assigned
        return known.kinds.of(Read(Variable(name, "global"))) if free else None

    def _kind_at(self, node: cst.BaseExpression) -> ObjectClass | None:
        """Give the class of an argument, or of what it holds, where nothing is computed for it."""
        while isinstance(node, cst.Attribute):
            node = node.value
        known = self._kind_of_name(node.value) if isinstance(node, cst.Name) else None
        return known.cls if isinstance(known, ManyOf) else known

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

    # Classes and methods.

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
            case cst.Attribute() if (path := dotted_name(node)) and self._is_free(path):
                return self._class_of_module(path)
            case cst.Attribute(value=of, attr=cst.Name(value="__class__")):
                known_object = self.at(of)
                return known_object.cls if isinstance(known_object, Instance) else None
        return None

    def _is_free(self, path: str) -> bool:
        """Whether a dotted name begins with a name of the module."""
        root, known = path.split(".", maxsplit=1)[0], self.expressions
        return root not in {*known.variables, *known.inner, *known.assigned}

    def _class_of_module(self, path: str) -> ObjectClass | None:
        """Give the class that a live module's attribute is."""
        scope = self.expressions.scope
        if not isinstance(scope, MakingScope):
            return None
        try:
            value = scope.value(path)
        except (NameError, AttributeError):
            return None
        is_class = isinstance(value, type) and not known_module(value)
        return self.class_named(scope.named(value)) if is_class else None

    def is_record(self, cls: ObjectClass) -> bool:
        """Whether objects of a class are made as values, not taken apart."""
        known = self.expressions.scope.lookup(cls.name)
        plain = isinstance(known, RecordClass) and known.is_plain
        return plain and cls.name not in self.notes.apart

    def take_apart(self, name: str) -> None:
        """Let a record's class be read by its text, where it isn't made of all its fields."""
        cls = self.class_named(name)
        if cls is not None and not cls.is_tuple and self.is_record(cls):
            self.again(self.notes.apart, cls.name)

    def constant(
        self, cls: ObjectClass, name: str, span: Span | None
    ) -> Expression | Static | None:
        """Give what an attribute of a class itself stands for."""
        node = cls.constant(name)
        if node is None:
            return None
        scope = self.expressions.scope
        if isinstance(scope, FileScope):
            if not scope.is_fixed(node):
                raise self._refuse(f"{cls.name}.{name} is no constant.", "", node)
            return self._of_module(node)
        assert isinstance(scope, MakingScope)
        owner = next(c for c in cls.above() if name in c.constants)
        value = vars(scope.value(owner.name)).get(name)
        scope.note(owner.name, Attributed(name, value))
        plain = callable(value) or isinstance(value, (int, float, complex, str, type(None)))
        found = self._of_module(node) if plain else None
        if isinstance(found, Const) and (found.value is value or found.value == value):
            return found
        if is_object(found) or (found is not None and is_static(found)):
            raise self._refuse(f"{owner.name}.{name} is a function made elsewhere.", "", node)
        read = self.expressions.reads.setdefault(owner.name, Variable(owner.name, "global"))
        return Attribute(Read(read, span), name, span)

    def closure(self, method: Method) -> Closure:
        """Give a method as a function."""
        return replace(outside(self.expressions, method.definition), owner=method.owner)

    def _of_module(self, node: cst.BaseExpression) -> Expression | Static:
        """Read what a class's text says, in the module's words."""
        with in_module(self.expressions):
            found = self.inliner.static(node)
            return found if found is not None else self.expressions.read(node)

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
            held = self.constant(cls, name, None) if isinstance(cls, ObjectClass) else None
            return held if is_static(held) else None  # type: ignore[return-value]  # is_static
        closure = self.closure(method)
        if method.kind == "static" or (method.kind == "method" and isinstance(first, ClassRef)):
            return closure
        if method.kind == "class":
            assert isinstance(cls, ObjectClass)
            return Partial(closure, (ClassRef(cls),), ())
        return Partial(closure, (first,), ())

    def function(self, node: cst.BaseExpression) -> Static | None:
        """Give the method that a text stands for, where nothing has to be computed for it."""
        match node:
            case cst.Name():
                cls = self.class_at(node)
                return ClassRef(cls) if cls is not None and not self.is_record(cls) else None
            case cst.Attribute(value=of, attr=cst.Name(value=name)):
                held = self.at(of)
                cls = self.class_at(of) if held is None else None
                if cls is not None:
                    return self.bound(ClassRef(cls), name)
                if held is None and isinstance(of, cst.Name) and self.may_give(of):
                    return self.bound(self.expressions.read(of), name)
                return self.bound(held, name) if held is not None else None
        return None

    def passes(self, node: cst.BaseExpression) -> bool:
        """Whether an argument is an object, a class or a method."""
        if isinstance(node, cst.Call):
            cls = self.class_at(node.func)
            return cls is not None and not self.is_record(cls)
        if isinstance(node, (cst.Tuple, cst.List)):
            return any(self.passes(element.value) for element in node.elements)
        if isinstance(node, cst.ListComp):
            return self.passes(node.elt)
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

    # Again, or not at all.

    def grow(self, key: Key, held: Instance) -> NoReturn:
        """Let the function be read again, with a list that is known to be one of objects."""
        self.notes.growing[key] = held
        raise Again

    def again(self, notes: set[Any], key: Key | int) -> NoReturn:
        """Let the function be read again."""
        notes.add(key)
        raise Again

    def _refuse(self, message: str, hint: str, node: cst.CSTNode | None) -> Refusal:
        span = self.expressions.positions.span(node) if node is not None else None
        return self.expressions.refuse_at("SD103", message, hint, span)


def gives_object(objects: KnownObjects, definition: cst.FunctionDef, depth: int = 0) -> bool:
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


def _makes(objects: KnownObjects, node: cst.BaseExpression, made: set[str], depth: int) -> bool:
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
