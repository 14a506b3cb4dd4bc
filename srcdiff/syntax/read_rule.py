"""A rule's text as a tree: assignments, if statements, a return of names.

Takes a rule's function. Gives its body, or no body where the text has other forms; such a rule
isn't inlined but taken along as a function.
"""

from __future__ import annotations

import functools
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import libcst as cst

from srcdiff.diagnostics import Refusal
from srcdiff.ir import operators
from srcdiff.ir.branches import Branch, Never
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Group,
    Item,
    Read,
    UserFunction,
    Variable,
)
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.instances import Instances
from srcdiff.syntax.kinds import Kinds
from srcdiff.syntax.objects import ObjectScope
from srcdiff.syntax.positions import parse
from srcdiff.syntax.statements import single_parameters


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as read.

    Parameters
    ----------
    parameters
        Its parameters, the upstream gradient included, by name.
    body
        Its statements; None if they can't be inlined.
    returned
        The names that it returns, such as dx and dy.
    result
        The returned expression of a pattern, which returns no names.
    lists
        Whether it has comprehensions.
    """

    parameters: dict[str, Variable]
    body: tuple[Bind | Branch | Never, ...] | None
    returned: tuple[str, ...]
    locals: dict[str, Variable]
    result: Expression | None = None
    lists: bool = False


@functools.cache
def read_rule(function: Callable[..., Any]) -> RuleText:
    """Read a rule or a pattern once."""
    text = textwrap.dedent(inspect.getsource(function))
    positions = parse(text)
    node = positions.module.body[0]
    assert isinstance(node, cst.FunctionDef), function
    return _Reader(function, positions).read(node)


class _RuleExpressions(ExpressionReader):
    """Reads a rule's expressions; its comprehensions stay in the tree, to be written out."""

    lists = False

    def read(self, node: cst.BaseExpression) -> Expression:
        match node:
            case cst.ListComp(elt=body, for_in=cst.CompFor(ifs=[], inner_for_in=None) as loop):
                self.lists = True
                values = self.read(loop.iter)
                before = dict(self.variables)
                targets = self._targets(loop.target)
                found = (targets, values, self.read(body))
                self.variables = before
                return Call(operators.each, found)
        return super().read(node)

    def name(self, name: str, node: cst.CSTNode) -> Expression:
        found = super().name(name, node)
        variable = isinstance(found, Read) and found.variable.role == "global"
        if variable or (isinstance(found, Const) and isinstance(found.value, UserFunction)):
            raise Refusal("SD101", "a name of the rule's own module isn't one where it is inlined")
        return found

    def _targets(self, target: cst.BaseExpression) -> Expression:
        """Bind what a comprehension runs over: a name, or several."""
        match target:
            case cst.Name(value=name):
                variable = self.variables[name] = Variable(name)
                return Read(variable)
            case cst.Tuple(elements=elements):
                return Group("tuple", tuple(self._targets(e.value) for e in elements))
        raise Refusal("SD101", "not a form that rules inline")


class _Reader:
    def __init__(self, function: Any, positions: Any) -> None:
        scope = ObjectScope(function, _unreadable)
        self.expressions = _RuleExpressions(positions, scope, frozenset())
        self.expressions.objects = Instances(self.expressions)
        self.expressions.kinds = Kinds(lambda _: None)
        self.locals: dict[str, Variable] = {}
        self.returned: tuple[str, ...] = ()
        self.result: Expression | None = None

    def read(self, node: cst.FunctionDef) -> RuleText:
        names = [*single_parameters(node.params)]
        if isinstance(node.params.star_arg, cst.Param):
            names.append(node.params.star_arg)
        parameters = {p.name.value: Variable(p.name.value, "parameter") for p in names}
        self.expressions.variables.update(parameters)
        body: tuple[Bind | Branch | Never, ...] | None
        try:
            body = self._block(node.body)
        except Refusal:
            body = None
            self.returned = returned_names(node)
        return RuleText(
            parameters, body, self.returned, self.locals, self.result, self.expressions.lists
        )

    def _block(self, suite: cst.BaseSuite) -> tuple[Bind | Branch | Never, ...]:
        found: list[Bind | Branch | Never] = []
        for statement in suite.body:
            match statement:
                case cst.If():
                    found.append(self._branch(statement))
                case cst.SimpleStatementLine(body=[small]):
                    found += self._small(small)
                case _:
                    raise Refusal("SD101", "not a form that rules inline")
        return tuple(found)

    def _branch(self, node: cst.If) -> Branch:
        test = self.expressions.read(node.test)
        then = self._block(node.body)
        otherwise: tuple[Bind | Branch | Never, ...] = ()
        if isinstance(node.orelse, cst.If):
            otherwise = (self._branch(node.orelse),)
        elif node.orelse is not None:
            otherwise = self._block(node.orelse.body)
        return Branch(test, then, otherwise)

    def _small(self, node: cst.BaseSmallStatement) -> list[Bind | Branch | Never]:
        match node:
            case cst.Expr(value=cst.SimpleString()):
                return []
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
                value = self.expressions.read(node.value)
                return [Bind(self._local(name), value)]
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Tuple(elements=elements))]):
                value = self.expressions.read(node.value)
                variables = [self._local(element.value.value) for element in elements]  # type: ignore[attr-defined]  # names, by the form of rules
                if isinstance(value, Group):
                    return [Bind(v, item) for v, item in zip(variables, value.items, strict=True)]
                whole = Variable("")
                parts = [Item(Read(whole), Const(place)) for place in range(len(variables))]
                binds = list(map(Bind, variables, parts))
                return [Bind(whole, value), *binds]
            case cst.Raise(exc=cst.Call(args=[cst.Arg(value=cst.SimpleString() as reason)])):
                return [Never(str(reason.evaluated_value))]
            case cst.Return(value=value) if value is not None:
                self.returned = returned_names(node)
                if not self.returned:
                    self.result = self.expressions.read(value)
                return []
        raise Refusal("SD101", "not a form that rules inline")

    def _local(self, name: str) -> Variable:
        known = self.expressions.variables.get(name)
        variable = known or Variable(name)
        self.expressions.variables[name] = variable
        self.locals[name] = variable
        return variable


def returned_names(node: cst.CSTNode) -> tuple[str, ...]:
    """Give the names in a function's return statement, if it returns gradients by name."""
    finder = _Returns()
    node.visit(finder)
    return finder.names


class _Returns(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: tuple[str, ...] = ()

    def visit_Return(self, node: cst.Return) -> None:
        match node.value:
            case cst.Name(value=name) if name.startswith("d"):
                self.names = (name,)
            case cst.Tuple(elements=elements):
                names = [e.value.value for e in elements if isinstance(e.value, cst.Name)]
                if all(name.startswith("d") for name in names):
                    self.names = tuple(names)


def _unreadable(function: Any) -> Any:
    raise Refusal("SD103", f"{function.__name__} can't be read here")
