"""Objects that a function makes: their fields get their values.

Takes a call of a class. Gives what stands for the object; what its class does to make it goes
before the statement. Refuses classes that are made in a way that isn't read.
"""

from __future__ import annotations

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import Expression, Group, Read, Variable
from srcdiff.syntax.arguments import Arguments, Starred
from srcdiff.syntax.closures import NotStraight, Partial, Static
from srcdiff.syntax.instance import Instance
from srcdiff.syntax.kept_objects import KeptObjects
from srcdiff.syntax.object_classes import FieldText, Method, ObjectClass


class MadeObjects(KeptObjects):
    """Makes the objects of one function."""

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
            value = self.constant(cls, name, span)
            if value is not None:
                self.put(made, name, value, self.before(span), node)
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
