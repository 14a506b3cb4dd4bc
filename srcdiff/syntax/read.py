"""A function's text as a tree of statements.

Takes a libcst function definition and a scope. Gives a `Function`. Refuses, at its line, each
statement that isn't straight-line code.
"""

from __future__ import annotations

from typing import Literal

import libcst as cst

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import (
    Function,
    Group,
    Output,
    Parameter,
    Read,
    Source,
    Statement,
    UserFunction,
    Variable,
)
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.positions import Positions
from srcdiff.syntax.scope import Scope
from srcdiff.syntax.statements import HINTS, REFUSED, bound_names, introduced_names
from srcdiff.syntax.targets import AssignmentReader

SILENT_CALLS = frozenset(["print"])


class FunctionReader:
    """Reads one function.

    Parameters
    ----------
    positions
        The parsed text.
    scope
        Where free names are looked up.
    filename, first_line
        Where the text comes from.
    method
        Whether the first parameter is the object.
    methods
        The methods of the object's class, for calls such as self.activation(x).
    attributes
        The object's attributes as variables, shared between its methods.
    """

    def __init__(
        self,
        positions: Positions,
        scope: Scope,
        filename: str,
        first_line: int = 1,
        *,
        method: bool = False,
        methods: dict[str, UserFunction] | None = None,
        attributes: dict[str, Variable] | None = None,
    ) -> None:
        self.positions = positions
        self.scope = scope
        self.source = Source(positions.text, filename, first_line)
        self.problems = Problems(positions.text, filename, first_line)
        self.method = method
        self.methods = methods or {}
        self.attributes = attributes if attributes is not None else {}

    def read(self, node: cst.FunctionDef) -> Function:
        """Read a function definition.

        Raises
        ------
        DerivationError
            Something in it isn't supported; every such place is told.
        """
        names = frozenset(bound_names(node.body))
        self.expressions = ExpressionReader(self.positions, self.scope, names)
        self.targets = AssignmentReader(self.expressions, method=self.method)
        self.expressions.methods = self.methods
        self.expressions.attributes = self.attributes
        self.annotations: dict[Variable, str] = {}
        self.statements: list[Statement] = []
        self.outputs: tuple[Output, ...] = ()
        self.result: Statement | None = None
        self.docstring = ""
        with self.problems.within(self.positions.span(node.name)):
            self.check(node)
        parameters = self._parameters(node)
        self._body(node.body)
        if self.result is None:
            refusal = Refusal(
                "SD105",
                f"{node.name.value} returns nothing, so there is no output to differentiate.",
                "Return the value that the gradient is of.",
            )
            if not self.problems.found:
                self.problems.add(refusal, self.positions.span(node.name))
        self.problems.raise_if_any()
        assert self.result is not None
        return Function(
            node.name.value,
            parameters,
            tuple(self.statements),
            self.outputs,
            self.result,
            self.source,
            self.positions.span(node),
            self.docstring,
            self.expressions.reads,
            {**self.annotations, **self.expressions.stated},
            self.method,
            self.positions.span(node.name),
            self.expressions.attributes,
        )

    def check(self, node: cst.FunctionDef) -> None:
        """Refuse what no function to be differentiated may be."""
        if node.asynchronous is not None:
            raise Refusal("SD101", "an async function can't be differentiated.")

    def _parameters(self, node: cst.FunctionDef) -> tuple[Parameter, ...]:
        given = node.params
        found: list[Parameter] = []
        kinds: list[tuple[Literal["positional", "either", "keyword"], object]] = [
            ("positional", given.posonly_params),
            ("either", given.params),
            ("keyword", given.kwonly_params),
        ]
        for star in (given.star_arg, given.star_kwarg):
            if isinstance(star, cst.Param):
                self.expressions.variables[star.name.value] = Variable(star.name.value)
                with self.problems.within(None):
                    raise self.expressions.refuse(
                        "SD101",
                        "a function with starred parameters can't be differentiated yet.",
                        "Name each parameter.",
                        star,
                    )
        for kind, parameters in kinds:
            for parameter in parameters:  # type: ignore[attr-defined]  # three tuples of Param
                found.append(self._parameter(parameter, kind))
        if self.method and found:
            first = found[0].variable
            first.role = "object"
            self.expressions.self_name = first.wish
        return tuple(found)

    def _parameter(
        self, node: cst.Param, kind: Literal["positional", "either", "keyword"]
    ) -> Parameter:
        name = node.name.value
        default = None
        if node.default is not None:
            with self.problems.within(self.positions.span(node.default)):
                default = self.expressions.read(node.default)
        variable = Variable(name, "parameter")
        self.expressions.variables[name] = variable
        annotation = self._text(node.annotation.annotation) if node.annotation else ""
        text = self._text(node.default) if node.default else ""
        return Parameter(variable, kind, annotation, text, default)

    def _text(self, node: cst.CSTNode) -> str:
        start, end = self.positions.offsets(node)
        return self.positions.text[start:end]

    def _body(self, body: cst.BaseSuite) -> None:
        lines: list[cst.CSTNode] = list(body.body)
        if isinstance(body, cst.SimpleStatementSuite):
            lines = [cst.SimpleStatementLine(body.body)]
            for small in body.body:
                with self.problems.within(self.positions.span(small)):
                    self._small(small, "", (), first=small is body.body[0])
            return
        for index, line in enumerate(lines):
            if not isinstance(line, cst.SimpleStatementLine):
                self._refuse_compound(line)
                continue
            comment = line.trailing_whitespace.comment
            leading = tuple(
                empty.comment.value for empty in line.leading_lines if empty.comment is not None
            )
            for small in line.body:
                last = small is line.body[-1]
                text = comment.value if comment is not None and last else ""
                before = len(self.problems.found)
                with self.problems.within(self.positions.span(small)):
                    self._small(small, text, leading, first=index == 0)
                if len(self.problems.found) > before:
                    self._assume_bound(small)
                leading = ()

    def _assume_bound(self, node: cst.CSTNode) -> None:
        """Let what a refused statement binds count as bound, so that one problem is one."""
        for name in sorted(introduced_names(node)):
            self.expressions.variables.setdefault(name, Variable(name))

    def _refuse_compound(self, node: cst.CSTNode) -> None:
        self._assume_bound(node)
        what = REFUSED.get(type(node), "this statement")
        hint = HINTS.get(type(node), "")
        span = self.positions.span(node)
        first_line = self.positions.text.find("\n", span.start)
        span = self.positions.between(span.start, min(span.end, first_line))
        self.problems.add(Refusal("SD101", f"{what} can't be differentiated yet.", hint, span))

    def _small(
        self,
        node: cst.BaseSmallStatement,
        comment: str,
        leading: tuple[str, ...],
        *,
        first: bool,
    ) -> None:
        span = self.positions.span(node)
        if self.result is not None:
            raise Refusal("SD101", "code after return is never run.", "Delete it.", span)
        match node:
            case cst.Pass():
                return
            case cst.Expr(value=value):
                self._expression_statement(value, first=first)
            case cst.Return(value=value):
                self._return(value, Statement((), span, comment, leading))
            case cst.Assign(targets=targets, value=value):
                found = [target.target for target in targets]
                self.statements.append(self.targets.assign(found, value, span, comment, leading))
            case cst.AnnAssign(target=target, annotation=annotation, value=value):
                if value is None:
                    return
                self.statements.append(self.targets.assign([target], value, span, comment, leading))
                if isinstance(target, cst.Name):
                    variable = self.expressions.variables[target.value]
                    self.annotations[variable] = self._text(annotation.annotation)
            case cst.AugAssign():
                self.statements.append(self.targets.update(node, span, comment, leading))
            case _:
                what = REFUSED.get(type(node), "this statement")
                hint = HINTS.get(type(node), "")
                raise Refusal("SD101", f"{what} can't be differentiated yet.", hint, span)

    def _expression_statement(self, value: cst.BaseExpression, *, first: bool) -> None:
        match value:
            case cst.SimpleString() | cst.ConcatenatedString():
                if first:
                    self.docstring = self._text(value)
            case cst.Ellipsis():
                pass
            case cst.Call(func=cst.Name(value=name)) if name in SILENT_CALLS:
                pass
            case _:
                raise Refusal(
                    "SD106",
                    "this statement may change something, and what isn't known.",
                    "Assign its result, or leave it out of the function.",
                    self.positions.span(value),
                )

    def _return(self, value: cst.BaseExpression | None, statement: Statement) -> None:
        if value is None:
            raise Refusal("SD105", "the function returns nothing.", "Return a value.")
        result = self.expressions.read(value)
        self.result = statement
        items = result.items if isinstance(result, Group) and result.kind == "tuple" else None
        if isinstance(result, Group) and items is None:
            raise Refusal(
                "SD105",
                "a returned list can't be differentiated yet.",
                "Return a tuple or np.array([...]).",
                statement.span,
            )
        outputs = items if items is not None else (result,)
        named = [
            output.variable.wish
            if isinstance(output, Read) and output.variable.role in ("parameter", "local")
            else f"out{index}"
            if items is not None
            else "out"
            for index, output in enumerate(outputs)
        ]
        if not outputs:
            raise Refusal("SD105", "the function returns an empty tuple.", "Return a value.")
        for index, name in enumerate(named):
            if name in named[:index]:
                named[index] = f"out{index}"
        self.outputs = tuple(map(Output, named, outputs))
