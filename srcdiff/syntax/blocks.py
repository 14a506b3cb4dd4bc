"""Blocks of statements: assignments, branches, loops, and calls that write in place.

Takes a suite of libcst. Gives nodes. Refuses, at its line, each statement that isn't supported.
"""

from __future__ import annotations

import importlib
import operator
from dataclasses import replace

import libcst as cst
import numpy as np

from srcdiff.diagnostics import Problems, Refusal, Span
from srcdiff.ir.jumps import may_leave
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    If,
    Jump,
    Loop,
    Node,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.syntax.cases import Cases
from srcdiff.syntax.closures import Closure
from srcdiff.syntax.comprehensions import Comprehensions
from srcdiff.syntax.derived import binds_no_value
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.in_place import InPlaceCalls
from srcdiff.syntax.inline import Inliner
from srcdiff.syntax.loops import Elements
from srcdiff.syntax.statements import (
    HINTS,
    REFUSED,
    bound_names,
    introduced_names,
    writes_into_each,
)
from srcdiff.syntax.targets import AssignmentReader

SILENT_CALLS = frozenset(["print"])


class BlockReader:
    """Reads the blocks of one function.

    Parameters
    ----------
    expressions, targets
        Read values and assignments, and know the variables so far.
    problems
        Where refusals go.
    """

    def __init__(
        self, expressions: ExpressionReader, targets: AssignmentReader, problems: Problems
    ) -> None:
        self.expressions = expressions
        self.targets = targets
        self.problems = problems
        self.positions = expressions.positions
        self.annotations: dict[Variable, str] = {}
        self.docstring = ""
        self.elements = Elements(expressions)
        self.changes = InPlaceCalls(expressions, targets)
        expressions.inline = Inliner(expressions, self).call
        expressions.fill = Comprehensions(self.elements).fill

    def body(self, suite: cst.BaseSuite) -> list[Node]:
        """Read a function's body."""
        nodes = self.suite(suite)
        if self.docstring_node(suite) is not None:
            self.docstring = self.text(self.docstring_node(suite))  # type: ignore[arg-type]  # checked
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

    def text(self, node: cst.CSTNode) -> str:
        """Give a node's text."""
        start, end = self.positions.offsets(node)
        return self.positions.text[start:end]

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
                leading = _comments(line.leading_lines)
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
            case cst.Pass() | cst.Assign() if binds_no_value(self.expressions, node):
                return
            case cst.Expr(value=value):
                self._expression_statement(value, Statement((), span, comment, leading), nodes)
            case cst.Return(value=value):
                values = self.expressions.read(value) if value is not None else None
                nothing = isinstance(values, Const) and values.value is None
                header = Statement((), span, comment, leading)
                nodes.append(Jump("return", header, None if nothing else values))
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Name(value=name))], value=cst.Lambda()
            ):
                self._define(name, node.value)
            case cst.Assign(targets=targets, value=value):
                found = [target.target for target in targets]
                nodes.append(self.targets.assign(found, value, span, comment, leading))
            case cst.AnnAssign(target=target, annotation=annotation, value=value):
                if value is None:
                    return
                nodes.append(self.targets.assign([target], value, span, comment, leading))
                if isinstance(target, cst.Name):
                    variable = self.expressions.variables[target.value]
                    self.annotations[variable] = self.text(annotation.annotation)
            case cst.AugAssign():
                nodes.append(self.targets.update(node, span, comment, leading))
            case cst.Break():
                nodes.append(Jump("break", Statement((), span, comment, leading)))
            case cst.Continue():
                nodes.append(Jump("continue", Statement((), span, comment, leading)))
            case cst.Raise():
                nodes.append(Jump("raise", Statement((), span, comment, leading)))
            case cst.Assert(test=test):
                checked = Bind(Variable("", "staged"), self.expressions.read(test))
                nodes.append(Statement((checked,), span, comment, leading, (), "guard"))
            case _:
                self._forget_or_import(node, span)

    def _forget_or_import(self, node: cst.BaseSmallStatement, span: Span) -> None:
        match node:
            case cst.Del(target=cst.Name()):
                return
            case cst.Import(names=names) if all(map(_is_usual, names)):
                for alias in names:
                    name = alias.evaluated_alias or alias.evaluated_name
                    module = importlib.import_module(alias.evaluated_name)
                    self.expressions.inner[name] = Const(module, name)
            case _:
                what = REFUSED.get(type(node), "this statement")
                hint = HINTS.get(type(node), "")
                raise Refusal("SD101", f"{what} can't be differentiated yet.", hint, span)

    def _expression_statement(
        self, value: cst.BaseExpression, statement: Statement, nodes: list[Node]
    ) -> None:
        match value:
            case cst.SimpleString() | cst.ConcatenatedString() | cst.Ellipsis():
                return
            case cst.Call(func=cst.Name(value=name)) if name in SILENT_CALLS:
                return
            case cst.Call():
                writes = self.changes.writes(value)
                if writes:
                    nodes.append(_with_writes(statement, writes))
                    return
                if self._is_written_out(value):
                    return
        raise Refusal(
            "SD106",
            "this statement may change something, and what isn't known.",
            "Assign its result, or leave it out of the function.",
            self.positions.span(value),
        )

    def _is_written_out(self, node: cst.Call) -> bool:
        """Whether a call that is a statement of its own was one of a function of the user's."""
        if not isinstance(node.func, cst.Name):
            return False
        self.expressions.alone = node
        called = self.expressions.read(node)
        self.expressions.alone = None
        return not isinstance(called, Call)

    # Compound statements.

    def _compound(self, node: cst.CSTNode, nodes: list[Node]) -> None:
        self.expressions.before = nodes
        self.expressions.place = self.positions.span(node).start
        match node:
            case cst.If():
                self._if(node, nodes)
            case cst.For() if node.asynchronous is None:
                self._for(node, nodes)
            case cst.While():
                self._while(node, nodes)
            case cst.FunctionDef() if node.asynchronous is None and not node.decorators:
                self._define(node.name.value, node)
            case cst.With() if self._is_errstate(node):
                nodes += self.suite(node.body)
            case cst.Match():
                nodes += Cases(self).read(node)
            case _:
                what = REFUSED.get(type(node), "this statement")
                hint = HINTS.get(type(node), "")
                raise Refusal("SD101", f"{what} can't be differentiated yet.", hint)

    def _define(self, name: str, node: cst.BaseExpression | cst.FunctionDef) -> None:
        """Note a function inside the function."""
        assert isinstance(node, (cst.FunctionDef, cst.Lambda))
        if name in self.expressions.inner:
            raise Refusal(
                "SD101",
                f"the inner function {name} is defined twice.",
                "Give one of them another name.",
            )
        expressions = self.expressions
        expressions.inner[name] = Closure(node, expressions.variables, expressions.inner)

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

    def _header(self, node: cst.If | cst.For | cst.While, last: cst.CSTNode) -> Statement:
        """Give the place of a compound statement's first line, without the colon."""
        start, _ = self.positions.offsets(node)
        _, end = self.positions.offsets(last)
        comment = ""
        if isinstance(node.body, cst.IndentedBlock) and node.body.header.comment is not None:
            comment = node.body.header.comment.value
        return Statement(
            (), self.positions.between(start, end), comment, _comments(node.leading_lines)
        )

    def _if(self, node: cst.If, nodes: list[Node]) -> None:
        header = self._header(node, node.test)
        test = self.expressions.read(node.test)
        then = tuple(self.suite(node.body))
        otherwise: list[Node] = []
        if isinstance(node.orelse, cst.If):
            self.expressions.before = otherwise
            self._if(node.orelse, otherwise)
        elif node.orelse is not None:
            otherwise = self.suite(node.orelse.body)
        nodes.append(If(test, then, tuple(otherwise), header))

    def _for(self, node: cst.For, nodes: list[Node]) -> None:
        header = self._header(node, node.iter)
        if writes_into_each(node):
            assert isinstance(node.iter, (cst.Tuple, cst.List))
            for element in node.iter.elements:
                target = [node.target]
                nodes.append(self.targets.assign(target, element.value, header.span, "", ()))
                nodes += self.suite(node.body)
            return
        assigned = bound_names(node.body)
        sequence, index, binds = self.elements.of(node.target, node.iter, assigned, nodes, header)
        header = Statement(binds, header.span, header.comment, header.leading)
        self._loop(node, Loop(header, index, sequence, None, ()), nodes)

    def _while(self, node: cst.While, nodes: list[Node]) -> None:
        header = self._header(node, node.test)
        for name in sorted(bound_names(node.body)):
            self.expressions.variables.setdefault(name, Variable(name))
        first: list[Node] = []
        self.expressions.before = first
        test = self.expressions.read(node.test)
        if first:
            # What the test computes is computed in each round, before it.
            if node.orelse is not None:
                raise self.expressions.refuse(
                    "SD102",
                    "a test that assigns isn't supported in a loop with else.",
                    "Compute it in the loop's body.",
                    node.test,
                )
            made = Statement((), header.span, form="made")
            done = Call(operator.not_, (test,), (), "operator")
            first.append(If(done, (Jump("break", made),), (), made))
            test = Const(True, "True")
            header = replace(header, form="made")
        self._loop(node, Loop(header, None, None, test, tuple(first)), nodes)

    def _loop(self, node: cst.For | cst.While, loop: Loop, nodes: list[Node]) -> None:
        for name in sorted(bound_names(node.body)):
            self.expressions.variables.setdefault(name, Variable(name))
        body = [*loop.body, *self.suite(node.body)]
        otherwise = self.suite(node.orelse.body) if node.orelse is not None else []
        rounds = None
        if loop.test is not None or may_leave(body):
            rounds = Variable("rounds", "staged")
            nodes.append(Statement((Bind(rounds, Const(0)),), loop.header.span))
            more = Call(operator.add, (Read(rounds), Const(1)), (), "operator")
            body.insert(0, Statement((Bind(rounds, more),), loop.header.span, "", (), (), "update"))
        nodes.append(
            Loop(
                loop.header,
                loop.index,
                loop.sequence,
                loop.test,
                tuple(body),
                rounds,
                tuple(otherwise),
            )
        )


def _is_usual(alias: cst.ImportAlias) -> bool:
    """Whether a module is imported under the name that derived code gives it."""
    return (alias.evaluated_name, alias.evaluated_alias or alias.evaluated_name) in (
        ("numpy", "np"),
        ("math", "math"),
    )


def _with_writes(statement: Statement, writes: tuple[Write, ...]) -> Statement:
    return Statement((), statement.span, statement.comment, statement.leading, writes=writes)


def _comments(lines: object) -> tuple[str, ...]:
    return tuple(
        empty.comment.value
        for empty in lines  # type: ignore[attr-defined]  # a sequence of EmptyLine
        if empty.comment is not None
    )
