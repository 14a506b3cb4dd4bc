"""Expressions of libcst as expressions of the tree."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Attribute,
    Call,
    Const,
    Expression,
    Group,
    Item,
    Member,
    Node,
    Read,
    UserFunction,
    Variable,
)
from srcdiff.ir.records import RecordClass
from srcdiff.syntax import dicts
from srcdiff.syntax.at_once import along
from srcdiff.syntax.before import Before
from srcdiff.syntax.closures import is_plain
from srcdiff.syntax.derived import derived_call
from srcdiff.syntax.instance import is_object
from srcdiff.syntax.libraries import Library
from srcdiff.syntax.records import record_made
from srcdiff.syntax.scope import Foreign, ModuleVariable
from srcdiff.syntax.starred import joined, joins_shapes, starred_call
from srcdiff.syntax.strings import formatted, has_values
from srcdiff.syntax.written_names import dotted_name
from srcdiff.syntax.written_out import written_out

BINARY: dict[type[cst.CSTNode], Callable[..., Any]] = {
    cst.Add: operator.add,
    cst.Subtract: operator.sub,
    cst.Multiply: operator.mul,
    cst.Divide: operator.truediv,
    cst.FloorDivide: operator.floordiv,
    cst.Modulo: operator.mod,
    cst.Power: operator.pow,
    cst.MatrixMultiply: operator.matmul,
    cst.BitAnd: operator.and_,
    cst.BitOr: operator.or_,
    cst.BitXor: operator.xor,
    cst.LeftShift: operator.lshift,
    cst.RightShift: operator.rshift,
    cst.And: operators.both,
    cst.Or: operators.either,
    cst.LessThan: operator.lt,
    cst.LessThanEqual: operator.le,
    cst.GreaterThan: operator.gt,
    cst.GreaterThanEqual: operator.ge,
    cst.Equal: operator.eq,
    cst.NotEqual: operator.ne,
    cst.Is: operator.is_,
    cst.IsNot: operator.is_not,
    cst.In: operators.within,
    cst.NotIn: operators.not_within,
}
UNARY: dict[type[cst.CSTNode], Callable[..., Any]] = {
    cst.Minus: operator.neg,
    cst.Plus: operator.pos,
    cst.Not: operator.not_,
    cst.BitInvert: operator.invert,
}
MAY_MAKE_LISTS = frozenset([cst.BinaryOperation, cst.List, cst.Call])
LATER = {
    cst.ListComp: "a list comprehension",
    cst.GeneratorExp: "a generator",
    cst.SetComp: "a set comprehension",
    cst.DictComp: "a dict comprehension",
    cst.Lambda: "a lambda that is neither called nor given to a function",
    cst.Set: "a set",
    cst.Await: "await",
    cst.Yield: "yield",
}


class ExpressionReader(Before):
    """Reads expressions of one function."""

    def read(self, node: cst.BaseExpression) -> Expression:
        """Give the expression that a node stands for.

        Raises
        ------
        Refusal
            The expression has a form that isn't supported.
        """
        span = self.positions.span(node)
        made = self.of_lists(node, span) if type(node) in MAY_MAKE_LISTS else None
        return made or self._read(node, span)

    def _read(self, node: cst.BaseExpression, span: Span) -> Expression:
        match node:
            case cst.Name(value=name):
                return self.name(name, node)
            case cst.Ellipsis():
                return Const(..., "...", span)
            case cst.Integer() | cst.Float() | cst.Imaginary() | cst.SimpleString():
                return Const(ast.literal_eval(node.value), node.value, span)
            case cst.ConcatenatedString() | cst.FormattedString() if has_values(node):
                return formatted(node, self.read, span)
            case cst.ConcatenatedString():
                return Const(node.evaluated_value, "", span)
            case cst.BinaryOperation() | cst.BooleanOperation():
                return self._binary(node, span)
            case cst.UnaryOperation(operator=symbol, expression=inner):
                return self._unary(UNARY[type(symbol)], inner, span)
            case cst.Comparison():
                return self._comparison(node, span)
            case cst.Attribute():
                return self.attribute(node, span)
            case cst.Subscript():
                return self.entry(node, span) or self._item(node, span)
            case cst.Call():
                return self._call(node, span)
            case cst.Tuple() | cst.List():
                return self._several(node, span)
            case cst.Dict():
                return dicts.display(self, node, span)
        return self._read_with_statements(node, span)

    def _read_with_statements(self, node: cst.BaseExpression, span: Span) -> Expression:
        """Read an expression that may need statements before."""
        match node:
            case cst.IfExp():
                return self.choice(node, span)
            case cst.NamedExpr():
                return self.assigned_inside(node, span)
            case cst.ListComp() | cst.GeneratorExp() | cst.DictComp() if self.slots:
                return self.comprehension(node)
        what = LATER.get(type(node), "this expression")
        raise self.refuse(
            "SD102", f"{what} can't be differentiated yet.", "Write it as plain statements.", node
        )

    def _binary(self, node: cst.BinaryOperation | cst.BooleanOperation, span: Span) -> Expression:
        left = self.read(node.left)
        function = BINARY[type(node.operator)]
        if isinstance(node, cst.BinaryOperation):
            operands = (left, self.read(node.right))
            found = self.objects.operator(function, operands, node, span)
            if found is not None:
                return found
            if function is operator.or_ and any(map(dicts.is_display, operands)):
                return dicts.merged(self, operands, (), span)
            return Call(function, operands, (), "operator", span)
        right, nodes = self.apart(node.right)
        if not nodes:
            return Call(function, (left, right), (), "operator", span)
        left = self.fixed(left)
        arms: tuple[tuple[Expression, list[Node]], ...] = ((right, nodes), (left, []))
        return self.branched(left, arms if function is operators.both else arms[::-1], span)

    def _several(self, node: cst.Tuple | cst.List, span: Span) -> Expression:
        starred = any(isinstance(element, cst.StarredElement) for element in node.elements)
        if isinstance(node, cst.List):
            if starred:
                return joined(node.elements, span, self.read, list)
            items = self._elements(node.elements)
            return self.objects.lists.displayed(items, span) or Group("list", items, span)
        if joins_shapes(node.elements):
            return joined(node.elements, span, self.read)
        return Group("tuple", self._elements(node.elements), span)

    def _item(self, node: cst.Subscript, span: Span) -> Expression:
        found = self.objects.subscript(node, span)
        if found is not None:
            return found
        value, index = self.read(node.value), self._index(node, span)
        return self.objects.lists.item(value, index, span) or Item(value, index, span)

    def _unary(
        self, function: Callable[..., Any], inner: cst.BaseExpression, span: Span
    ) -> Expression:
        operand = self.read(inner)
        found = self.objects.operator(function, (operand,), inner, span)
        if found is not None:
            return found
        if function is operator.neg and isinstance(operand, Const) and operand.text:
            if isinstance(operand.value, (int, float)) and not operand.text.startswith("-"):
                return Const(-operand.value, f"-{operand.text}", span)
        return Call(function, (operand,), (), "operator", span)

    def _elements(self, elements: Any) -> tuple[Expression, ...]:
        for element in elements:
            if isinstance(element, cst.StarredElement):
                raise self.refuse(
                    "SD102", "a starred item isn't supported yet.", "Write the items out.", element
                )
        return tuple(self.read(element.value) for element in elements)

    def _comparison(self, node: cst.Comparison, span: Span) -> Expression:
        left = self.read(node.left)
        result: Expression | None = None
        for target in node.comparisons:
            right = self.read(target.comparator)
            function = BINARY[type(target.operator)]
            known = self.objects.compared(function, left, right, node, span)
            step = known or Call(function, (left, right), (), "operator", span)
            both = (result, step) if result is not None else ()
            result = Call(operators.both, both, (), "operator", span) if both else step
            left = right
        assert result is not None
        return result

    def name(self, name: str, node: cst.CSTNode) -> Expression:
        """Give what a name stands for at this point of the function."""
        span = self.positions.span(node)
        if name in self.variables:
            self.seen.add(self.variables[name])
            return Read(self.variables[name], span)
        passed = self.inner.get(name)
        if passed is not None and is_object(passed):
            self.rewritten.add(self.place)
            return Read(self.objects.token(passed), span)
        if isinstance(passed, Const):
            if name != passed.text:  # a name that the derived code doesn't have
                self.rewritten.add(self.place)
            return Const(passed.value, passed.text, span)
        if passed is not None:
            raise self.refuse(
                "SD102",
                f"{name} is a function, and is used here as a value.",
                "Call it, or give it to a function that calls it.",
                node,
            )
        if name in self.assigned:
            raise self.refuse("SD104", f"{name} is read before it has a value.", "", node)
        if name in ("True", "False", "None"):
            return Const({"True": True, "False": False, "None": None}[name], name, span)
        entity = self.scope.lookup(name)
        match entity:
            case None:
                raise self.refuse("SD104", f"nothing defines {name}.", "", node)
            case Library(value=value):
                return Const(value, name, span)
            case Foreign() if self.objects.is_outside(name):
                pass
            case UserFunction(name=own):
                return Const(entity, self.respelled(own, name), span)
            case Foreign() | RecordClass():
                return Const(entity, name, span)
        own = entity.alias if isinstance(entity, ModuleVariable) else ""
        variable = self.outside(self.respelled(own or name, name))
        if isinstance(entity, ModuleVariable) and entity.annotation:
            self.stated[variable] = entity.annotation
        return Read(variable, span)

    def attribute(self, node: cst.Attribute, span: Span, *, called: bool = False) -> Expression:
        """Read an attribute; one that is called may be a function of a module."""
        name = node.attr.value
        if isinstance(node.value, cst.Name) and node.value.value == self.self_name:
            if self.self_name and self.self_name in self.variables:
                return Read(self.own_attribute(name), span)
        value = self.read(node.value)
        of_object = self.objects.attribute(value, name, node, span)
        if of_object is not None:
            return of_object
        if isinstance(value, Read) and self.is_inner(value, name):
            return Read(self.own_attribute(f"{value.variable.wish}.{name}"), span)
        if isinstance(value, Const) and not isinstance(
            value.value, (int, float, complex, str, Foreign, RecordClass)
        ):
            try:
                found = getattr(value.value, name)
            except AttributeError:
                raise self.refuse("SD104", f"{value.text} has no {name}.", "", node) from None
            return Const(found, f"{value.text}.{name}", span)
        if isinstance(value, Const) and isinstance(value.value, (Foreign, RecordClass)):
            path = f"{value.text}.{name}"
            member = self.scope.member(path)
            if called or member is not None or not isinstance(node.value, cst.Name):
                return Const(member or value.value, path, span)
            # Whatever it is, it doesn't depend on the parameters.
            owner = self.reads.setdefault(value.text, Variable(value.text, "global"))
            return Attribute(Read(owner, value.span), name, span)
        return Attribute(value, name, span)

    def _ruled(self, node: cst.Attribute) -> Any:
        """Give the function with a rule that a dotted name of the module stands for, if any."""
        path = dotted_name(node)
        root = path.split(".")[0]
        of_function = root in self.variables or root in self.assigned
        return None if of_function else self.scope.member(path)

    def item(self, node: cst.Subscript, span: Span) -> Item:
        """Give what lies at an index, as it is."""
        return Item(self.read(node.value), self._index(node, span), span)

    def _index(self, node: cst.Subscript, span: Span) -> Expression:
        parts = [self._slice(element.slice, span) for element in node.slice]
        comma = len(parts) > 1 or not isinstance(node.slice[-1].comma, cst.MaybeSentinel)
        return Group("tuple", tuple(parts), span) if comma else parts[0]

    def _slice(self, node: cst.BaseSlice, span: Span) -> Expression:
        if isinstance(node, cst.Index):
            return self.read(node.value)
        assert isinstance(node, cst.Slice)
        bounds = (node.lower, node.upper, node.step)
        items = (Const(None) if bound is None else self.read(bound) for bound in bounds)
        return Group("slice", tuple(items), span)

    def _call(self, node: cst.Call, span: Span) -> Expression:
        derived = derived_call(self, node, span) or along(self, node, span)
        if derived is not None:
            return derived
        made = self.objects.call(node, span)
        if made is not None:
            return made
        called = written_out(self, node)
        if called is not None and self.inline is not None and not is_plain(called):
            return self.inline(called, node, span)
        made = self.over(node)
        if made is not None:
            return made
        if any(argument.star for argument in node.args):
            return starred_call(self, node, span)
        arguments = tuple(self.listed(self.read(a.value)) for a in node.args if a.keyword is None)
        keywords = tuple(
            (a.keyword.value, self.read(a.value)) for a in node.args if a.keyword is not None
        )
        function = node.func
        if isinstance(function, cst.Attribute):
            owner = function.value
            own = isinstance(owner, cst.Name) and owner.value == self.self_name
            ruled = self._ruled(function)
            if ruled is not None:
                return Call(ruled, arguments, keywords, "function", span)
            seen = set(self.seen)
            receiver = self.read(owner) if not own else Read(self.variables[self.self_name])
            if own and function.attr.value in self.methods:
                method = self.methods[function.attr.value]
                return Call(method, (receiver, *arguments), keywords, "method", span)
            if not isinstance(receiver, Const) or isinstance(
                receiver.value, (int, float, complex, str)
            ):
                return self.method(node, receiver, arguments, keywords, seen)
        if isinstance(function, cst.Name) and function.value not in self.variables:
            made = record_made(self, function.value, arguments, dict(keywords), node, span)
            if made is not None:
                return made
        target = self._function(function)
        found = self.objects.summed(target.value, arguments, keywords, node)
        found = found or dicts.constructed(self, target.value, arguments, keywords, span)
        return found or Call(target.value, arguments, keywords, "function", span)

    def method(
        self,
        node: cst.Call,
        receiver: Expression,
        arguments: tuple[Expression, ...],
        keywords: tuple[tuple[str, Expression], ...],
        seen: set[Variable],
    ) -> Expression:
        """Give the call of a method of a value; `seen` was read before in the statement."""
        name, span = cst.ensure_type(node.func, cst.Attribute).attr.value, self.positions.span(node)
        taken = self.taken_off(node)
        if taken is not None:
            return self.popped(receiver, taken[1], seen, span)
        got = dicts.got(self, name, receiver, arguments, span) if not keywords else None
        return got or Call(Member(name), (receiver, *arguments), keywords, "method", span)

    def _function(self, function: cst.BaseExpression) -> Const:
        """Give the function that is called, which must be known."""
        target = (
            self.attribute(function, self.positions.span(function), called=True)
            if isinstance(function, cst.Attribute)
            else self.read(function)
        )
        if isinstance(target, Const) and isinstance(target.value, (Foreign, RecordClass)):
            what = "a class" if isinstance(target.value, RecordClass) else target.value.what
            raise self.refuse(
                "SD103",
                f"{target.text} is {what}, which can't be read here.",
                "Write a function in this file for it, or use a NumPy function.",
                function,
            )
        if isinstance(target, Read) and target.variable.role == "parameter":
            raise self.unknown_function(target.variable.wish, function)
        match target:
            case Const(value=value) if callable(value) or isinstance(value, UserFunction):
                return target
        raise self.refuse(
            "SD103",
            "what is called here isn't known before the program runs.",
            "Call a function by its name.",
            function,
        )
