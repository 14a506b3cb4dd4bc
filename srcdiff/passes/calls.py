"""Calls of the user's own functions: short ones are written out, for the derivative only.

Takes a resolved function. Gives it with a table of what each such call computes; operands that the
callee reads more than once become values of their own. Refuses recursion.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from typing import Any

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Function,
    Group,
    Item,
    Output,
    Parameter,
    Read,
    Statement,
    UserFunction,
    Variable,
    Write,
)
from srcdiff.ir.walk import children, rebuild, rebuilt, variables, walk
from srcdiff.passes.drawn import drawn
from srcdiff.passes.given_back import known_memory
from srcdiff.passes.recursion import calls_itself
from srcdiff.passes.webs import changing_in, webs

Resolve = Callable[[Function, Problems], Function]
MOST_NESTED = 20
MOST_EXPANDED = 200


def expand(
    function: Function, problems: Problems, resolve: Resolve
) -> tuple[Function, dict[Expression, Expression]]:
    """Write out calls of one-expression functions."""
    expander = _Expander(problems, resolve, function.origin)

    def change(statement: Statement) -> Statement:
        expander.hidden = []
        binds: list[Bind] = []
        writes: list[Write] = []
        with problems.within(statement.span):
            for bind in statement.binds:
                value = expander.expanded(bind.value, conditional=False)
                binds += [*expander.hidden, Bind(bind.variable, value)]
                expander.hidden = []
                if bind.variable not in function.changing:
                    expander.values[bind.variable] = value
            for write in statement.writes:
                path = tuple(expander.expanded(i, conditional=True) for i in write.path)
                value = expander.expanded(write.value, conditional=False)
                writes.append(dataclasses.replace(write, path=path, value=value))
            binds += expander.hidden
        return dataclasses.replace(statement, binds=tuple(binds), writes=tuple(writes))

    def tests(node: Expression, statement: Statement) -> Expression:
        with problems.within(statement.span):
            return expander.expanded(node, conditional=True)
        return node

    statements = list(rebuilt(function.body, change, tests))
    outputs: list[Output] = []
    expander.hidden = []
    with problems.within(function.result.span):
        for output in function.outputs:
            value = expander.expanded(output.value, conditional=False)
            outputs.append(Output(output.name, value))
    if expander.hidden:
        # Operands of the returned expression that get names of their own belong to its line.
        result = function.result
        statements.append(Statement(tuple(expander.hidden), result.span))
    problems.raise_if_any()
    expanded = dataclasses.replace(function, body=tuple(statements), outputs=tuple(outputs))
    # A value of its own in a loop has another value each round.
    changed = dataclasses.replace(expanded, changing=changing_in(expanded))
    return changed, expander.expansions


class _Expander:
    def __init__(self, problems: Problems, resolve: Resolve, origin: Any) -> None:
        self.origin = origin
        self.problems = problems
        self.resolve = resolve
        self.expansions: dict[Expression, Expression] = {}
        self.hidden: list[Bind] = []
        self.values: dict[Variable, Expression] = {}
        self.callees: list[str] = []
        self.count = 0

    def expanded(self, node: Expression, *, conditional: bool) -> Expression:
        """Note what the calls in an expression compute; values of their own go to `hidden`."""
        if node in self.expansions:
            return node
        inner = conditional or isinstance(node, Choice)
        node = rebuild(node, lambda child: self.expanded(child, conditional=inner))
        if isinstance(node, Call) and isinstance(node.function, UserFunction):
            return self._call(node, conditional=conditional)
        if isinstance(node, Item):
            self._item(node)
        return node

    def _item(self, node: Item) -> None:
        """Note which of several returned values an item is."""
        value: Expression = node.value
        if isinstance(value, Read) and not value.variable.wish:
            value = self.values.get(value.variable, value)
        group = self.expansions.get(value)
        if isinstance(group, Group) and isinstance(node.index, Const):
            index = node.index.value
            if isinstance(index, int) and -len(group.items) <= index < len(group.items):
                self.expansions[node] = group.items[index]

    def _call(self, node: Call, *, conditional: bool) -> Call:
        callee = self._read(node)
        node = dataclasses.replace(node, function=known_memory(node.function))
        self.count += 1
        if calls_itself(node.function):
            return node
        if callee.body or len(self.callees) > MOST_NESTED or self.count > MOST_EXPANDED:
            return node
        outputs = [output.value for output in callee.outputs]
        alone = len(outputs) == 1 and not callee.gives_one
        body: Expression = outputs[0] if alone else Group("tuple", tuple(outputs))
        if any(v.role == "global" for v in variables(body)):
            return node
        if calls_others(body) and not same_module(callee.origin, self.origin):
            return node  # the names of what it calls may mean something else here
        if calls_made(body, self.origin):
            return node
        bound = bind_arguments(node, callee)
        counts = Counter(variables(body))
        table: dict[Variable, Expression] = {}
        replaced: dict[Expression, Expression] = {}
        for variable, value in bound.items():
            if counts[variable] > 1 and not isinstance(value, (Read, Const)):
                if conditional:
                    return node
                own = Variable("", "staged")
                self.hidden.append(Bind(own, value))
                self.values[own] = value
                replaced[value] = Read(own)
                value = Read(own)
            table[variable] = value
        if replaced:
            node = rebuild(node, lambda child: replaced.get(child, child))  # type: ignore[assignment]  # a call stays one
        fresh = _copied(body, table)
        self.callees.append(callee.name)
        try:
            self.expansions[node] = self.expanded(fresh, conditional=conditional)
        finally:
            self.callees.pop()
        return node

    def _read(self, node: Call) -> Function:
        """Give the called function, resolved."""
        callee = node.function.read()
        found = self.resolve(webs(callee), callee.source.problems())
        if drawn(found):
            raise Refusal(
                "SD103",
                f"{found.name} draws random numbers, which its backward function would draw anew.",
                "Draw them here, and pass them as an argument.",
                node.span,
            )
        return found


def calls_others(body: Expression) -> bool:
    """Whether an expression calls functions of the user's."""
    return any(isinstance(n, Call) and isinstance(n.function, UserFunction) for n in walk(body))


def calls_made(body: Expression, origin: Any) -> bool:
    """Whether an expression calls what a transform gave, which only its function has a name for."""
    names = origin.__globals__ if origin is not None else None
    called = (n.function for n in walk(body) if isinstance(n, Call))
    return names is not None and any(
        isinstance(function, UserFunction) and function.name not in names for function in called
    )


def same_module(one: Any, other: Any) -> bool:
    """Whether two functions see the same names: of a file, or live ones of one module."""
    if one is None or other is None:
        return one is other
    return one.__globals__ is other.__globals__ and not (one.__closure__ or other.__closure__)


def _copied(node: Expression, table: dict[Variable, Expression]) -> Expression:
    """Give a copy whose nodes are this call's own, operands put in."""
    if isinstance(node, Read):
        return table.get(node.variable, node)
    if not children(node):
        return dataclasses.replace(node)
    copied = rebuild(node, lambda child: _copied(child, table))
    return dataclasses.replace(node) if copied is node else copied


def _is_function(value: Expression, parameter: Parameter) -> bool:
    """Whether an argument is the function that a parameter is taken to be."""
    match value, parameter.default_value:
        case Const(value=given), Const(value=usual):
            return given is usual
    return False


def bind_arguments(node: Call, callee: Function) -> dict[Variable, Expression]:
    """Give a call's arguments by the callee's parameters.

    Raises
    ------
    Refusal
        They don't fit.
    """
    bound: dict[Variable, Expression] = {}
    if any(parameter.kind in ("star", "stars") for parameter in callee.parameters):
        raise Refusal(
            "SD103",
            f"{callee.name} has starred parameters, and can't be written out here.",
            "Give it a single return at its end, or parameters of its own.",
            node.span,
        )
    places = [p for p in callee.parameters if p.kind != "keyword"]
    named = {p.variable.wish: p for p in callee.parameters if p.kind != "positional"}
    if len(node.arguments) > len(places):
        raise Refusal("SD103", f"{callee.name} is called with too many arguments.", "", node.span)
    for parameter, value in zip(places, node.arguments, strict=False):
        bound[parameter.variable] = value
    for keyword, value in node.keywords:
        if keyword not in named or named[keyword].variable in bound:
            raise Refusal(
                "SD103", f"{callee.name} can't be called with {keyword} here.", "", node.span
            )
        bound[named[keyword].variable] = value
    for parameter in callee.parameters:
        given = bound.get(parameter.variable)
        if parameter.fixed and given is not None and not _is_function(given, parameter):
            raise Refusal(
                "SD103",
                f"{callee.name} is differentiated with {parameter.variable.wish}="
                f"{parameter.default}, and called with another function here.",
                "Call the function here by its name, or write its steps out.",
                node.span,
            )
        if parameter.variable not in bound:
            if parameter.default_value is None:
                raise Refusal(
                    "SD103",
                    f"{callee.name} is called without its argument {parameter.variable.wish}.",
                    "",
                    node.span,
                )
            bound[parameter.variable] = parameter.default_value
    return bound
