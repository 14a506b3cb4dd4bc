"""Blocks of statements: assignments, branches, loops, and calls that write in place.

Takes a suite of libcst. Gives nodes. Refuses, at its line, each statement that isn't supported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import libcst as cst
import numpy as np

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Group,
    If,
    Jump,
    Node,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.syntax.cases import Cases
from srcdiff.syntax.closures import Picked, Static, Table, closure_of
from srcdiff.syntax.derived import binds_no_value
from srcdiff.syntax.dicts import named_at_once
from srcdiff.syntax.looping import LoopReader, comments
from srcdiff.syntax.scope import Foreign, library
from srcdiff.syntax.statements import HINTS, REFUSED, introduced_names, read_names
from srcdiff.syntax.written_names import imported_names

JUMPS: dict[type[cst.CSTNode], Literal["break", "continue", "raise"]] = {
    cst.Break: "break",
    cst.Continue: "continue",
    cst.Raise: "raise",
}
SILENT_CALLS = frozenset(["print"])
SILENT_MODULES = frozenset(["logging", "warnings"])


class BlockReader(LoopReader):
    """Reads the blocks of one function."""

    def body(self, suite: cst.BaseSuite) -> list[Node]:
        """Read a function's body."""
        nodes = self.suite(suite)
        if self.docstring_node(suite) is not None:
            self.docstring = self.positions.text_at(self.docstring_node(suite))  # type: ignore[arg-type]  # checked
        return nodes

    @staticmethod
    def docstring_node(suite: cst.BaseSuite) -> cst.CSTNode | None:
        """Find the string that describes the function."""
        first: object = suite.body[0] if suite.body else None
        if isinstance(first, cst.SimpleStatementLine):
            first = first.body[0]
        if isinstance(first, cst.Expr):
            if isinstance(first.value, (cst.SimpleString, cst.ConcatenatedString)):
                return first.value
        return None

    def suite(self, suite: cst.BaseSuite) -> list[Node]:
        """Read a block of statements."""
        nodes: list[Node] = []
        if isinstance(suite, cst.SimpleStatementSuite):
            for small in suite.body:
                self._within(small, "", (), nodes)
            return nodes
        for line in suite.body:
            if isinstance(line, cst.SimpleStatementLine):
                comment = line.trailing_whitespace.comment
                leading = comments(line.leading_lines)
                for small in line.body:
                    last = small is line.body[-1]
                    text = comment.value if comment is not None and last else ""
                    self._within(small, text, leading, nodes)
                    leading = ()
            else:
                before = len(self.problems.found)
                with self.problems.within(self._first_line(line)):
                    self._compound(line, nodes)
                if len(self.problems.found) > before:
                    self._assume_bound(line)
        return nodes

    def _within(
        self,
        node: cst.BaseSmallStatement,
        comment: str,
        leading: tuple[str, ...],
        nodes: list[Node],
    ) -> None:
        before = len(self.problems.found)
        span = self.positions.span(node)
        with self.problems.within(span):
            if nodes and isinstance(nodes[-1], Jump):
                raise Refusal(
                    "SD101", f"code after {nodes[-1].kind} is never run.", "Delete it.", span
                )
            self.expressions.before = nodes
            self.expressions.place = span.start
            self.expressions.seen = set()
            self._small(node, span, comment, leading, nodes)
        if len(self.problems.found) > before:
            self._assume_bound(node)

    def _assume_bound(self, node: cst.CSTNode) -> None:
        """Let what a refused statement binds count as bound, so that one problem is one."""
        for name in sorted(introduced_names(node)):
            self.expressions.variables.setdefault(name, Variable(name))

    # Simple statements.

    def _small(
        self,
        node: cst.BaseSmallStatement,
        span: Span,
        comment: str,
        leading: tuple[str, ...],
        nodes: list[Node],
    ) -> None:
        match node:
            case cst.Pass() | cst.Nonlocal():
                return
            case cst.Assign() if binds_no_value(self.expressions, node):
                return
            case cst.Expr(value=value):
                self._expression_statement(value, Statement((), span, comment, leading), nodes)
            case cst.Return(value=value):
                values = self.expressions.read(value) if value is not None else None
                nothing = isinstance(values, Const) and values.value is None
                header = Statement((), span, comment, leading)
                nodes.append(Jump("return", header, None if nothing else values))
            case cst.Assign(targets=targets, value=value):
                found = [target.target for target in targets]
                if self.defines(found, value):
                    return
                start = len(nodes)
                nodes.extend(self.targets.assign(found, value, span, comment, leading))
                named_at_once(nodes, start, self.expressions.filled)
            case cst.AnnAssign(target=target, annotation=annotation, value=value):
                if value is None:
                    return
                nodes.extend(self.targets.assign([target], value, span, comment, leading))
                if isinstance(target, cst.Name):
                    variable = self.expressions.variables[target.value]
                    self.annotations[variable] = self.positions.text_at(annotation.annotation)
            case cst.AugAssign():
                added = self.list_methods.added(node, Statement((), span, comment, leading))
                nodes += added or [self.targets.update(node, span, comment, leading)]
            case cst.Break() | cst.Continue() | cst.Raise():
                said = self._said(node.exc) if isinstance(node, cst.Raise) else None
                nodes.append(Jump(JUMPS[type(node)], Statement((), span, comment, leading), said))
            case cst.Assert(test=test, msg=msg):
                told = self._said(msg)
                read = (self.expressions.read(test), *(() if told is None else (told,)))
                checks = tuple(Bind(Variable("", "staged"), tree) for tree in read)
                nodes.append(Statement(checks, span, comment, leading, (), "guard"))
            case _:
                self._forget_or_import(node, Statement((), span, comment, leading), nodes)

    def _said(self, node: cst.BaseExpression | None) -> Expression | None:
        """Give an error or its message; what it reads, where it has another form; None for none."""
        if node is None:
            return None
        known = self.expressions.variables
        named = sorted(read_names(node) & known.keys())
        if not named:
            return None
        before = len(self.expressions.before)
        try:
            return self.expressions.read(node)
        except Refusal:
            del self.expressions.before[before:]
            return Group("tuple", tuple(Read(known[name]) for name in named))

    def _forget_or_import(
        self, node: cst.BaseSmallStatement, statement: Statement, nodes: list[Node]
    ) -> None:
        match node:
            case cst.Del(target=cst.Name()):
                return
            case cst.Del(target=cst.Subscript() as part) if deleted := self.list_methods.deleted(
                part, statement
            ):
                nodes += deleted
            case cst.Import() | cst.ImportFrom() if found := _imported(node):
                self.expressions.inner.update(found)
            case _:
                what = REFUSED.get(type(node), "this statement")
                hint = HINTS.get(type(node), "")
                raise Refusal("SD101", f"{what} can't be differentiated yet.", hint, statement.span)

    def _expression_statement(
        self, value: cst.BaseExpression, statement: Statement, nodes: list[Node]
    ) -> None:
        match value:
            case cst.SimpleString() | cst.ConcatenatedString() | cst.Ellipsis():
                return
            case cst.Call(func=cst.Name(value=name)) if name in SILENT_CALLS:
                return
            case cst.Call(func=cst.Attribute(value=cst.Name(value=name))) if self._tells(name):
                return
            case cst.Call() if (queued := self.queues.call(value, statement)) is not None:
                nodes += queued
                return
            case cst.Call():
                writes = self.changes.writes(value)
                if writes:
                    nodes.append(_with_writes(statement, writes))
                    return
                moved = self.list_methods.call(value, statement)
                if moved is not None:
                    nodes += moved
                    return
                if self._is_written_out(value):
                    return
                seeds = self._seeds(value)
                if seeds is not None:
                    bind = Bind(Variable("", "staged"), seeds)
                    nodes.append(replace(statement, binds=(bind,)))
                    return
        raise Refusal(
            "SD106",
            "this statement may change something, and what isn't known.",
            "Assign its result, or leave it out of the function.",
            self.positions.span(value),
        )

    def _seeds(self, value: cst.Call) -> Expression | None:
        """Give a call that sets NumPy's random state: what is drawn after depends on it."""
        if not isinstance(value.func, cst.Attribute) or value.func.attr.value != "seed":
            return None
        called = self.expressions.read(value)
        seeds = isinstance(called, Call) and called.function is np.random.seed
        return called if seeds else None

    def _tells(self, name: str) -> bool:
        """Whether a name is a module whose functions tell the user something, no more."""
        if name not in SILENT_MODULES or name in self.expressions.variables:
            return False
        found = self.expressions.scope.lookup(name)
        return isinstance(found, Foreign) and found.what == f"the module {name}"

    def _is_written_out(self, node: cst.Call) -> bool:
        """Whether a call that is a statement of its own was one of a function of the user's."""
        adds = isinstance(node.func, cst.Attribute) and node.func.attr.value == "setdefault"
        if not (isinstance(node.func, cst.Name) or adds):
            return False
        self.expressions.alone = node
        called = self.expressions.read(node)
        self.expressions.alone = None
        return not isinstance(called, Call)

    # Compound statements.

    def _compound(self, node: cst.CSTNode, nodes: list[Node]) -> None:
        self.expressions.before = nodes
        self.expressions.place = self.positions.span(node).start
        self.expressions.seen = set()
        match node:
            case cst.If():
                self._if(node, nodes)
            case cst.For() if node.asynchronous is None:
                self.for_loop(node, nodes)
            case cst.While():
                self.while_loop(node, nodes)
            case cst.FunctionDef() if node.asynchronous is None and not node.decorators:
                self.define(node.name.value, closure_of(self.expressions, node))
            case cst.With() if self._is_errstate(node):
                nodes += self.suite(node.body)
            case cst.Match():
                nodes += Cases(self).read(node)
            case _:
                what = REFUSED.get(type(node), "this statement")
                hint = HINTS.get(type(node), "")
                raise Refusal("SD101", f"{what} can't be differentiated yet.", hint)

    def _is_errstate(self, node: cst.With) -> bool:
        """Whether a with statement only says which warnings NumPy gives."""
        for item in node.items:
            call = item.item
            if not isinstance(call, cst.Call) or item.asname is not None:
                return False
            function = self.expressions.read(call.func)
            if not isinstance(function, Const) or function.value is not np.errstate:
                return False
        return True

    def _first_line(self, node: cst.CSTNode) -> Span:
        span = self.positions.span(node)
        end = self.positions.text.find("\n", span.start)
        return self.positions.between(span.start, min(span.end, end if end > 0 else span.end))

    def _if(self, node: cst.If, nodes: list[Node]) -> None:
        header = self.header(node, node.test)
        test = self.expressions.read(node.test)
        arms = (lambda: self.suite(node.body), lambda: self._otherwise(node.orelse))
        self.branch(test, arms, header, nodes)

    def _otherwise(self, node: cst.If | cst.Else | None) -> list[Node]:
        nodes: list[Node] = []
        if isinstance(node, cst.If):
            self.expressions.before = nodes
            self._if(node, nodes)
        return self.suite(node.body) if isinstance(node, cst.Else) else nodes

    def branch(
        self,
        test: Expression,
        arms: tuple[Callable[[], list[Node]], Callable[[], list[Node]]],
        header: Statement,
        nodes: list[Node],
    ) -> None:
        """Add a branch whose arms are read here; a name may stand for a function of either."""
        before = dict(self.expressions.inner)
        then = arms[0]()
        first = dict(self.expressions.inner)
        self._see(before)
        otherwise = arms[1]()
        second = dict(self.expressions.inner)
        left = [bool(arm) and isinstance(arm[-1], Jump) for arm in (then, otherwise)]
        if left[0] or first == second:
            self._see(second)
        elif left[1]:
            self._see(first)
        else:
            self.expressions.before = nodes
            test = self.expressions.fixed(test)
            self._see(_met(first, second, test))
        nodes.append(If(test, tuple(then), tuple(otherwise), header))

    def _see(self, functions: dict[str, Static]) -> None:
        """Let names stand for functions."""
        self.expressions.inner.clear()
        self.expressions.inner.update(functions)


def _met(
    first: dict[str, Static], second: dict[str, Static], test: Expression
) -> dict[str, Static]:
    """Give the functions of names where two branches meet."""
    found: dict[str, Static] = {}
    for name in first.keys() & second.keys():
        mine, other = first[name], second[name]
        same = mine is other or _is_one(mine, other)
        found[name] = mine if same else Picked(Table("choice", (), (mine, other)), test)
    return found


def _is_one(first: Static, second: Static) -> bool:
    """Whether two names stand for the very same function or module."""
    return isinstance(first, Const) and isinstance(second, Const) and first.value is second.value


def _imported(node: cst.Import | cst.ImportFrom) -> dict[str, Const]:
    """Give what an import binds, under the names that derived code has for it; {} if unknown."""
    found = {}
    for name, path in imported_names(node).items():
        entity = library(path)
        head, *rest = path.split(".")
        if entity is None or (head == "scipy" and not rest):  # which doesn't say what of it
            return {}
        found[name] = Const(entity.value, ".".join(["np" if head == "numpy" else head, *rest]))
    return found


def _with_writes(statement: Statement, writes: tuple[Write, ...]) -> Statement:
    return Statement((), statement.span, statement.comment, statement.leading, writes=writes)
