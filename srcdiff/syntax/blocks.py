"""Blocks of statements: assignments, branches, loops, and calls that write in place.

Takes a suite of libcst. Gives nodes. Refuses, at its line, each statement that isn't supported.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import libcst as cst
import numpy as np

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.jumps import leaves_early
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Group,
    Jump,
    Node,
    Read,
    Statement,
    Variable,
)
from srcdiff.syntax.asked import answered
from srcdiff.syntax.at_once import pulled
from srcdiff.syntax.attempts import only_reads, only_tells, suites_of
from srcdiff.syntax.cases import Cases
from srcdiff.syntax.closures import closure_of
from srcdiff.syntax.derived import binds_no_value, transform_name
from srcdiff.syntax.dicts import named_at_once
from srcdiff.syntax.libraries import library
from srcdiff.syntax.looping import LoopReader, comments
from srcdiff.syntax.statements import (
    docstring_node,
    introduced_names,
    read_names,
    refused,
)
from srcdiff.syntax.written_names import imported_names

JUMPS: dict[type[cst.CSTNode], Literal["break", "continue", "raise"]] = {
    cst.Break: "break",
    cst.Continue: "continue",
    cst.Raise: "raise",
}
UNREAD = {
    "yield": (
        "SD102",
        "a generator can't be differentiated yet.",
        "Append to a list what it yields, and return the list.",
    ),
    "": (
        "SD106",
        "this statement may change something, and what isn't known.",
        "Assign its result, or leave it out of the function.",
    ),
}
UNSUPPORTED = "unsupported operand"
SILENT_CALLS = frozenset(["print"])
SILENT_MODULES = frozenset(["logging", "warnings"])


class BlockReader(LoopReader):
    """Reads the blocks of one function."""

    def body(self, suite: cst.BaseSuite) -> list[Node]:
        """Read a function's body."""
        nodes = self.suite(suite)
        described = docstring_node(suite)
        if described is not None:
            self.docstring = self.positions.text_at(described)
        return nodes

    def suite(self, suite: cst.BaseSuite) -> list[Node]:
        """Read a block of statements."""
        outer = self.expressions.path
        nodes = self._suite(suite)
        self.expressions.path = outer
        return nodes

    def _suite(self, suite: cst.BaseSuite) -> list[Node]:
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
                before, known = len(self.problems.found), len(nodes)
                with self.problems.within(self._first_line(line)):
                    self._compound(line, nodes)
                if len(self.problems.found) > before:
                    self._assume_bound(line)
                if isinstance(line, cst.If) and any(isinstance(n, Jump) for n in nodes[known:]):
                    return nodes  # the test is known to hold: what follows is never run
                if nodes and leaves_early(nodes[-1]):  # what follows may never run
                    path = (*self.expressions.path, next(self.expressions.paths))
                    self.expressions.path = path
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
            self.expressions.copied_here = set()
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
            case _ if self._does_nothing(node):
                return
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Tuple(elements=[first, second]))], value=value
            ) if transform_name(self.expressions, value) == "vjp":
                self._pull(first.value, second.value, value, span, nodes)
            case cst.Expr(value=value):
                self._expression_statement(value, Statement((), span, comment, leading), nodes)
            case cst.Return(value=value):
                nodes.append(self._returned(value, Statement((), span, comment, leading)))
            case cst.Assign(targets=targets, value=value):
                found = [target.target for target in targets]
                if self.defines(found, value):
                    return
                start = len(nodes)
                made = self.targets.assign(found, value, span, comment, leading)
                nodes.extend(made)
                if made:
                    named_at_once(nodes, start, self.expressions.filled)
            case cst.AnnAssign(target=target, annotation=annotation, value=value):
                if value is None:
                    return
                nodes.extend(self.targets.assign([target], value, span, comment, leading))
                if isinstance(target, cst.Name) and target.value in self.expressions.variables:
                    variable = self.expressions.variables[target.value]
                    self.annotations[variable] = self.positions.text_at(annotation.annotation)
            case cst.AugAssign():
                added = self.list_methods.added(node, Statement((), span, comment, leading))
                nodes += added or self.targets.update(node, span, comment, leading)
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

    def _returned(self, value: cst.BaseExpression | None, header: Statement) -> Jump:
        if self.expressions.owner is not None and _is_not_implemented(value):
            error = Call(TypeError, (Const(UNSUPPORTED, f'"{UNSUPPORTED}"'),))
            return Jump("raise", header, error)
        values = self.expressions.read(value) if value is not None else None
        nothing = isinstance(values, Const) and values.value is None
        return Jump("return", header, None if nothing else values)

    def _does_nothing(self, node: cst.BaseSmallStatement) -> bool:
        """Whether a statement does nothing; one for variables of the module may only read them."""
        match node:
            case cst.Pass() | cst.Nonlocal():
                return True
            case cst.Global():
                return only_reads(node, self.expressions.assigned)
        return isinstance(node, cst.Assign) and binds_no_value(self.expressions, node)

    def _pull(
        self,
        value: cst.BaseExpression,
        back: cst.BaseExpression,
        node: cst.BaseExpression,
        span: Span,
        nodes: list[Node],
    ) -> None:
        """Read `out, pull = vjp(f, x)`: a value, and a function that is known from the text."""
        if not isinstance(value, cst.Name) or not isinstance(back, cst.Name):
            raise Refusal("SD102", "vjp gives a value and a function.", "Give both a name.", span)
        found, function = pulled(self.expressions, node, span)
        variable = self.expressions.assigned_variable(value.value)
        nodes.append(Statement((Bind(variable, found),), span, form="made"))
        self.define(back.value, function)

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
                raise refused(node, statement.span)

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
            case cst.Call() if (
                self.expressions.objects.call(value, statement.span, alone=True) is not None
            ):
                return
            case cst.Call() if (queued := self.queues.call(value, statement)) is not None:
                nodes += queued
                return
            case cst.Call():
                writes = self.changes.writes(value)
                if writes:
                    nodes.append(replace(statement, writes=writes))
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
        said = UNREAD["yield" if isinstance(value, cst.Yield) else ""]
        raise Refusal(*said, self.positions.span(value))

    def _seeds(self, value: cst.Call) -> Expression | None:
        """Give a call that sets NumPy's random state: what is drawn after depends on it."""
        if not isinstance(value.func, cst.Attribute) or value.func.attr.value != "seed":
            return None
        called = self.expressions.read(value)
        seeds = isinstance(called, Call) and called.function is np.random.seed
        return called if seeds else None

    def _tells(self, name: str) -> bool:
        """Whether a name is a module whose functions tell the user something, no more."""
        known = name in SILENT_MODULES and name not in self.expressions.variables
        return known and self.expressions.is_module(name)

    def _is_written_out(self, node: cst.Call) -> bool:
        """Whether a call that is a statement of its own was one of a function of the user's."""
        adds = isinstance(node.func, cst.Attribute) and node.func.attr.value == "setdefault"
        if not (isinstance(node.func, cst.Name) or adds):
            return False
        self.expressions.alone, outer = node, self.expressions.alone
        called = self.expressions.read(node)
        self.expressions.alone = outer
        return not isinstance(called, Call)

    # Compound statements.

    def _compound(self, node: cst.CSTNode, nodes: list[Node]) -> None:
        self.expressions.before = nodes
        self.expressions.place = self.positions.span(node).start
        self.expressions.seen = set()
        self.expressions.copied_here = set()
        match node:
            case cst.If():
                self._if(node, nodes)
            case cst.For() if node.asynchronous is None:
                self.for_loop(node, nodes)
            case cst.While():
                self.while_loop(node, nodes)
            case cst.FunctionDef() if node.asynchronous is None and not node.decorators:
                self.define(node.name.value, closure_of(self.expressions, node))
            case cst.With() if only_tells(self.expressions, node):
                nodes += self.suite(node.body)
            case cst.Try() if (suites := suites_of(node)) is not None:
                for suite in suites:
                    nodes += self.suite(suite)
            case cst.Match():
                nodes += Cases(self).read(node)
            case _:
                raise refused(node)

    def _first_line(self, node: cst.CSTNode) -> Span:
        span = self.positions.span(node)
        end = self.positions.text.find("\n", span.start)
        return self.positions.between(span.start, min(span.end, end if end > 0 else span.end))

    def _if(self, node: cst.If, nodes: list[Node]) -> None:
        known = answered(self.expressions, node.test)
        if known is not None:
            nodes += self.suite(node.body) if known else self._otherwise(node.orelse)
            return
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


def _is_not_implemented(node: cst.BaseExpression | None) -> bool:
    """Whether a method of an operator gives up, after which Python raises an error."""
    return isinstance(node, cst.Name) and node.value == "NotImplemented"


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
