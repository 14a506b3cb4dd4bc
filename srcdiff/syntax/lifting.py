"""Functions inside a function as functions of their own: what they see of it is passed by name.

Takes a closure. Gives the names that are to be passed, and the inner functions that it calls.
Refuses what has no text, and names that mean two things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import libcst as cst

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import Const, Expression, Read, UserFunction
from srcdiff.syntax.bindings import parameters_of
from srcdiff.syntax.closures import Closure, Static, in_module

if TYPE_CHECKING:
    from srcdiff.syntax.expressions import ExpressionReader


@runtime_checkable
class MakingScope(Protocol):
    """Names of a live function, to which functions that are made can be added."""

    def value(self, name: str) -> Any:
        """Give the function itself that a name stands for."""

    def named(self, value: Any, wish: str = "") -> str:
        """Give a function that a transform gives a name that this scope then knows."""

    def note(self, name: str, holds: Any) -> None:
        """Note what a variable must still hold for a derivation to be right."""

    def lifted(self, name: str, text: str, seen: dict[str, Any]) -> Any:
        """Give the function that a text defines, which sees some functions by other names."""


class Lifter:
    """Finds what a function inside a function needs to stand alone.

    Parameters
    ----------
    captured
        What is passed along, by name; it is added to.

    Attributes
    ----------
    passed
        The names that this function takes.
    helpers
        The inner functions that it calls, to stand in it.
    seen
        The functions outside that it knows by other names.
    """

    def __init__(
        self, expressions: ExpressionReader, scope: MakingScope, captured: dict[str, Expression]
    ) -> None:
        self.expressions = expressions
        self.scope = scope
        self.captured = captured
        self.passed: list[str] = []
        self.helpers: list[cst.FunctionDef] = []
        self.seen: dict[str, Any] = {}
        self._known: dict[str, Static] = {}

    def see(self, closure: Closure, name: str) -> None:
        """Find what a function sees."""
        for read in free_names(closure.definition):
            if read in closure.variables:
                self._pass(read, Read(closure.variables[read]), name, closure)
            elif read in closure.inner:
                self._function(read, closure.inner[read], name, closure)
            elif read in closure.assigned:
                raise self.expressions.refuse(
                    "SD104", f"{read} is read before it has a value.", "", closure.definition
                )
            else:
                self._outside(read, name, closure)

    def _pass(self, read: str, value: Expression, name: str, closure: Closure) -> None:
        known = self.captured.get(read)
        if known is not None and not _is_same(known, value):
            raise self._two(read, name, closure)
        self.captured[read] = value
        if read not in self.passed:
            self.passed.append(read)

    def _outside(self, read: str, name: str, closure: Closure) -> None:
        """Pass a variable of the module; functions and constants are seen there too."""
        with in_module(self.expressions):
            value = self.expressions.name(read, closure.definition)
        if not isinstance(value, Const):
            self._pass(read, value, name, closure)
        elif read in self.captured:
            raise self._two(read, name, closure)

    def _function(self, read: str, known: Static, name: str, closure: Closure) -> None:
        if self._known.setdefault(read, known) is not known or read in self.captured:
            raise self._two(read, name, closure)
        if isinstance(known, Const):
            if isinstance(known.value, UserFunction):
                self.seen[read] = self.scope.value(known.text)
            elif callable(known.value):
                self.seen[read] = known.value
            else:
                self._pass(read, known, name, closure)
            return
        if not isinstance(known, Closure):
            raise self.expressions.refuse(
                "SD103",
                f"{name} calls {read}, which stands for a function that is made in this one.",
                f"Define {read} with def, or at the top of the file.",
                closure.definition,
            )
        if any(helper.name.value == read for helper in self.helpers):
            return
        node = known.definition
        params = node.params
        params = params.with_changes(
            params=tuple(p.with_changes(comma=cst.MaybeSentinel.DEFAULT) for p in params.params)
        )
        self.see(known, name)
        self.helpers.append(cst.FunctionDef(cst.Name(read), params, block_of(node)))

    def _two(self, read: str, name: str, closure: Closure) -> Refusal:
        return self.expressions.refuse(
            "SD103",
            f"{read} means two things for what {name} calls.",
            "Give one of them another name.",
            closure.definition,
        )


def block_of(node: cst.FunctionDef | cst.Lambda) -> cst.IndentedBlock:
    """Give a function's body as lines of its own."""
    if isinstance(node, cst.Lambda):
        return cst.IndentedBlock([cst.SimpleStatementLine([cst.Return(node.body)])])
    if isinstance(node.body, cst.IndentedBlock):
        return node.body
    return cst.IndentedBlock([cst.SimpleStatementLine(node.body.body)])  # type: ignore[arg-type]  # a suite on one line


def _is_same(one: Expression, other: Expression) -> bool:
    match one, other:
        case Read(variable=first), Read(variable=second):
            return first is second
        case Const(value=first), Const(value=second):
            return first is second
    return False


def free_names(node: cst.Lambda | cst.FunctionDef) -> list[str]:
    """Give the names that a function reads and doesn't bind, in order."""
    finder = _Names()
    node.body.visit(finder)
    bound = parameters_of(node).keys() | finder.bound
    return [n for n in dict.fromkeys(finder.read) if n not in bound]


class _Names(cst.CSTVisitor):
    """Collects the names that a body reads and binds."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.bound: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:
        """Note a name that is read."""
        self.read.append(node.value)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        """Look at the owner alone: an attribute's name is no variable."""
        node.value.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        """Look at the value alone: a keyword is no variable."""
        node.value.visit(self)
        return False

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        """Note what an assignment binds."""
        self._bind(node.target)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        """Note what an augmented assignment binds."""
        self._bind(node.target)

    def visit_For(self, node: cst.For) -> None:
        """Note what a loop binds."""
        self._bind(node.target)

    def visit_CompFor(self, node: cst.CompFor) -> None:
        """Note what a comprehension binds."""
        self._bind(node.target)

    def visit_Param(self, node: cst.Param) -> None:
        """Note what an inner function takes."""
        self.bound.add(node.name.value)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Note an inner function."""
        self.bound.add(node.name.value)

    def _bind(self, target: cst.BaseExpression) -> None:
        if isinstance(target, cst.Name):
            self.bound.add(target.value)
        elif isinstance(target, (cst.Tuple, cst.List)):
            for element in target.elements:
                self._bind(element.value)
