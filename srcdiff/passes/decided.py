"""Branches that the arguments of a call rule out: by rank, by kind, by what is left out.

Takes a function, and the types of a call's arguments. Gives it without the branches that aren't
taken for such arguments, its members and calls resolved. Refuses nothing itself.

What a value is decides nothing, only what kind of value it is.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from srcdiff.diagnostics import Problems
from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Choice,
    Const,
    Expression,
    Function,
    If,
    Jump,
    Loop,
    Member,
    Node,
    Output,
    Statement,
    UserFunction,
    Variable,
    Write,
    leaves,
)
from srcdiff.ir.types import Type, unknown
from srcdiff.ir.walk import nodes_of, rebuild, rebuilt, walk
from srcdiff.passes.answers import answer
from srcdiff.passes.calls import expand
from srcdiff.passes.infer import Types
from srcdiff.passes.recursion import calls_itself
from srcdiff.passes.resolve import resolve
from srcdiff.passes.stated import stated_types
from srcdiff.passes.webs import webs

Expanded = tuple[Function, dict[Expression, Expression], dict[Variable, Type]]
"""A function, what its calls of the user's functions compute, and the types that are stated."""

ASKING: frozenset[Any] = frozenset(
    [
        isinstance,
        len,
        np.ndim,
        np.shape,
        np.size,
        operator.is_,
        operator.is_not,
        operators.within,
        operators.not_within,
    ]
)
ASKING_MEMBERS = frozenset(["ndim", "shape", "size"])


def expanded(
    function: Function,
    given: dict[str, Type] | None,
    attributes: dict[str, Type] | None,
    problems: Problems,
    complex_parameters: frozenset[str] = frozenset(),
) -> Expanded:
    """Give a function with its members and calls resolved, and branches ruled out where known.

    Parameters
    ----------
    function
        As read.
    given, attributes
        The types of a call's arguments, None where there is no call; those of the object's
        attributes.
    complex_parameters
        The parameters that a call gives complex numbers, whatever else is known of them.
    """
    while True:
        split = webs(function)
        known = stated_types(split, given, attributes)
        for variable in (p.variable for p in split.parameters):
            if variable.wish in complex_parameters:
                known[variable] = known.get(variable, Type()).of_kind("complex")
        resolved = resolve(split, problems, known)
        changed, expansions = expand(resolved, problems, resolve)
        if given is None or not _asks(changed, expansions):
            return changed, expansions, known
        types = Types(_arguments(split, given, known), dict(expansions))
        decider = _Decider(types)
        decider.block(function.body, changed.body)
        if not decider.arms:
            return decider.chosen_in(changed), decider.types.expansions, known
        function = replace(function, body=_without(function.body, decider.arms))


def _asks(function: Function, expansions: dict[Expression, Expression]) -> bool:
    """Whether there is something to decide; a function that calls itself asks anew each time."""
    nodes = [*nodes_of(function), *(n for tree in expansions.values() for n in walk(tree))]
    if any(
        isinstance(n, Call) and isinstance(n.function, UserFunction) and calls_itself(n.function)
        for n in nodes
    ):
        return False
    return any(isinstance(n, Choice) for n in nodes) or _has_branch(function.body)


def asks_types(function: Function) -> bool:
    """Whether types may decide which branches of a function, as read, are taken."""
    return any(asks_of_types(test) for test in _tests(function))


def _tests(function: Function) -> Iterator[Expression]:
    pending = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, If):
            yield node.test
            pending += (*node.then, *node.otherwise)
        elif isinstance(node, Loop):
            pending += (*node.body, *node.otherwise)
    for inner in nodes_of(function):
        if isinstance(inner, Choice):
            yield inner.test


def asks_of_types(test: Expression) -> bool:
    """Whether a test asks of what kind, or how large, a value is."""
    for node in walk(test):
        if isinstance(node, Call):
            asked = node.function
            if asked in ASKING or (isinstance(asked, Member) and asked.name in ASKING_MEMBERS):
                return True
    return False


def _has_branch(block: Block) -> bool:
    return any(
        isinstance(node, If) or (isinstance(node, Loop) and _has_branch(node.body))
        for node in block
    )


def _arguments(
    function: Function, given: dict[str, Type], known: dict[Variable, Type]
) -> dict[Variable, Type]:
    """Give the types of the arguments, of those too whose kind the function asks for."""
    variables = [parameter.variable for parameter in function.parameters]
    return known | {v: given[v.wish] for v in variables if v.wish in given}


def _without(block: Block, arms: dict[int, bool]) -> Block:
    """Give a block with the arms that are taken in the place of their ifs."""
    found: list[Node] = []
    for node in block:
        match node:
            case If() if id(node) in arms:
                found += _without(node.then if arms[id(node)] else node.otherwise, arms)
            case If():
                then, otherwise = _without(node.then, arms), _without(node.otherwise, arms)
                found.append(replace(node, then=then, otherwise=otherwise))
            case Loop():
                body, otherwise = _without(node.body, arms), _without(node.otherwise, arms)
                found.append(replace(node, body=body, otherwise=otherwise))
            case _:
                found.append(node)
    return tuple(found)


class _Decider:
    """Follows the types along a function.

    Attributes
    ----------
    arms
        Whether the test holds, by the if as it was read.
    """

    def __init__(self, types: Types) -> None:
        self.types = types
        self.arms: dict[int, bool] = {}
        self._chosen: dict[Expression, Expression] = {}

    def block(self, block: Block, resolved: Block) -> None:
        """Follow a block; `resolved` is the same with its members and calls resolved."""
        for node, own in zip(block, resolved, strict=False):
            match node, own:
                case If(), If():
                    self._branch(node, own)
                case Loop(), Loop():
                    self._forget(leaves((own,)))
                    if own.index is not None:
                        self.types.assume(own.index, unknown(own.index))
                    for tree in (own.sequence, own.test):
                        if tree is not None:
                            self.chosen(tree)
                    self._statement(own.header)
                    self.block(node.body, own.body)
                    self._forget(leaves((own,)))
                    self.block(node.otherwise, own.otherwise)
                    self._forget(leaves((own,)))
                case Jump(), Jump():
                    if own.values is not None:
                        self.chosen(own.values)
                case _, Statement():
                    self._statement(own)
        for own in resolved[len(block) :]:
            if isinstance(own, Statement):  # values that the returned expression names
                self._statement(own)

    def _branch(self, node: If, own: If) -> None:
        test = answer(self.chosen(own.test), self.types)
        if test is not None:
            self.arms[id(node)] = test
            taken, other = (own.then, node.then) if test else (own.otherwise, node.otherwise)
            self.block(other, taken)
            return
        before = dict(self.types.variables)
        self.block(node.then, own.then)
        for variable, known in before.items():
            self.types.assume(variable, known)
        self.block(node.otherwise, own.otherwise)
        self._forget(leaves((own,)))

    def _statement(self, statement: Statement) -> None:
        for bind in statement.binds:
            self.types.assume(bind.variable, self.types.guess(self.chosen(bind.value)))
        for write in statement.writes:
            for tree in (*write.path, write.value):
                self.chosen(tree)
            self._write(write)

    def _write(self, write: Write) -> None:
        """Note another entry of a dict; any other write may change what a name stands for."""
        known = self.types.variables.get(write.variable, unknown())
        if known.form in ("array", "number", "scalar") and write.path:
            return
        match known.fields, write:
            case tuple() as fields, Write(path=(Const(value=str() as key),), mode="set"):
                entries = dict(fields) | {key: self.types.guess(write.value)}
                self._forget_containers()
                self.types.assume(write.variable, replace(known, fields=tuple(entries.items())))
            case _:
                self._forget_containers()
                self.types.assume(write.variable, unknown(write.variable))

    def _forget(self, statements: Iterable[Statement]) -> None:
        """Forget what is assigned or written somewhere."""
        for statement in statements:
            for bind in statement.binds:
                self.types.assume(bind.variable, unknown(bind.variable))
            for write in statement.writes:
                self._write(replace(write, mode="append") if write.path else write)

    def _forget_containers(self) -> None:
        """Forget what containers hold: another name for one may have been written into."""
        for variable, known in list(self.types.variables.items()):
            if known.items is not None or known.fields is not None:
                self.types.assume(variable, unknown(variable))

    # Choices.

    def chosen_in(self, function: Function) -> Function:
        """Give a resolved function with the operands that its choices are known to choose."""
        rewritten: set[int] = set()

        def new(node: Expression, statement: Statement) -> Expression:
            found = self._chosen.get(node, node)
            if found is not node:
                rewritten.add(statement.span.start)  # its text has the other operand too
            return found

        def change(statement: Statement) -> Statement:
            binds = tuple(Bind(b.variable, new(b.value, statement)) for b in statement.binds)
            writes = tuple(
                replace(
                    write,
                    path=tuple(new(index, statement) for index in write.path),
                    value=new(write.value, statement),
                )
                for write in statement.writes
            )
            return replace(statement, binds=binds, writes=writes)

        body = rebuilt(function.body, change, new)
        for output in function.outputs:
            self.chosen(output.value)
        outputs = tuple(Output(o.name, new(o.value, function.result)) for o in function.outputs)
        changed = function.rewritten | rewritten
        return replace(function, body=body, outputs=outputs, rewritten=changed)

    def chosen(self, node: Expression) -> Expression:
        """Give an expression with the operands that its choices are known to choose."""
        if node not in self._chosen:
            found = self._chosen_in_parts(node)
            expansion = self.types.expansions.get(node)
            if expansion is not None:
                self.types.expansions[found] = self.chosen(expansion)
            self._chosen[node] = found
        return self._chosen[node]

    def _chosen_in_parts(self, node: Expression) -> Expression:
        if isinstance(node, Choice):
            test = answer(self.chosen(node.test), self.types)
            if test is not None:
                return self.chosen(node.then if test else node.otherwise)
        return rebuild(node, self.chosen)
