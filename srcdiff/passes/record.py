"""What backward needs of forward: the values to be named, the statements to be kept.

Takes the function and the backward lines. Gives the lines with every forward value as a variable,
and the forward statements that compute these. Refuses nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.live import needed_of
from srcdiff.ir.nodes import (
    Attribute,
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Forward,
    Function,
    Group,
    Item,
    Read,
    Statement,
    Unpack,
    Variable,
    Write,
)
from srcdiff.ir.returned import is_as_written
from srcdiff.ir.types import OTHER
from srcdiff.ir.walk import children, rebuild, variables
from srcdiff.passes.backward import BackwardGroup, BackwardNode, Line, groups_in
from srcdiff.passes.drawn import run_once
from srcdiff.passes.infer import Types
from srcdiff.passes.suggest import roles, suggest
from srcdiff.passes.unpacking import unpacks
from srcdiff.rules.helpers import unbroadcast
from srcdiff.rules.joining import JOINING

SIZED = frozenset([np.shape, np.ndim, np.size, len])
SHAPE_ONLY = SIZED | {np.zeros_like, np.ones_like}


@dataclass(slots=True)
class ForwardLine:
    """One line of the forward pass.

    Parameters
    ----------
    statement
        The statement that it comes from.
    binds
        What it computes, with named parts as reads.
    verbatim
        Whether the statement's own text says just that, if the names stay.
    writes
        What it writes in place.
    """

    statement: Statement
    binds: tuple[Bind, ...]
    verbatim: bool
    writes: tuple[Write, ...] = ()


class Recorder:
    """Names forward values for one derivation."""

    def __init__(self, function: Function, types: Types) -> None:
        self.function = function
        self.types = types
        self.staged: dict[Expression, Variable] = {}
        self.bound: dict[Expression, Variable] = {}
        self.roles: dict[Expression, str] = {}
        self.inside: dict[Expression, tuple[tuple[Expression, bool], ...]] = {}
        self.needed = run_once(function)  # a draw moves the generator on
        self.origins = {
            expansion: call
            for call, expansion in types.expansions.items()
            if not isinstance(expansion, (Read, Const))
        }
        self.wishes: dict[Variable, str] = {}
        for statement in function.statements:
            for bind in statement.binds:
                if not isinstance(bind.value, (Read, Const)):
                    self.bound[bind.value] = bind.variable
                self._note(bind.value)
        for output in function.outputs:
            self._note(output.value)
            if not isinstance(output.value, (Read, Const)):
                self.roles[output.value] = output.name

    def _note(self, node: Expression) -> None:
        roles(node, self.roles)
        self._note_choices(node, ())

    def _note_choices(self, node: Expression, tests: tuple[tuple[Expression, bool], ...]) -> None:
        if tests:
            self.inside[node] = tests
        expansion = self.types.expansions.get(node)
        if expansion is not None:
            roles(expansion, self.roles)
            self._note_choices(expansion, tests)
        if isinstance(node, Choice):
            self._note_choices(node.test, tests)
            self._note_choices(node.then, (*tests, (node.test, True)))
            self._note_choices(node.otherwise, (*tests, (node.test, False)))
            return
        for child in children(node):
            self._note_choices(child, tests)

    # Backward lines: each Forward becomes a variable or an expression of variables.

    def placed_line(self, line: Line) -> Line:
        """Give a backward line that reads variables only."""
        match line:
            case Bind():
                return Bind(line.variable, self.placed(line.value))
            case Unpack():
                return Unpack(line.variables, self.placed(line.value))
            case Write():
                path = tuple(self.placed_user(index) for index in line.path)
                return replace(line, path=path, value=self.placed(line.value))

    def placed_groups(self, nodes: list[BackwardNode]) -> list[BackwardNode]:
        """Give the groups with their lines placed."""
        return [
            BackwardGroup(group.statements, [self.placed_line(line) for line in group.lines])
            for group in groups_in(nodes)
        ]

    def placed(self, node: Expression) -> Expression:
        """Give a backward expression that reads variables only."""
        if isinstance(node, Forward):
            return self.value_of(node.node)
        if isinstance(node, Call) and node.function in SHAPE_ONLY:
            operand = node.arguments[0]
            if isinstance(operand, Forward):
                shown = self.shaped_like(
                    operand.node,
                    exact=node.function is np.zeros_like,
                    any_form=node.function in SIZED,
                )
                result = Call(node.function, (shown, *node.arguments[1:]), node.keywords)
                return self._same_type(node, result)
        if isinstance(node, Call) and node.function is unbroadcast:
            gradient, like = node.arguments
            if isinstance(like, Forward):
                shown = self.shaped_like(like.node, exact=False, any_form=True)
                result = Call(unbroadcast, (self.placed(gradient), shown))
                return self._same_type(node, result)
        if isinstance(node, Call) and node.function is np.broadcast_to:
            value, shape = node.arguments
            if self.types.of(value).shape == () and isinstance(shape, Call):
                return self._spread(node, value, shape.arguments[0])
        if isinstance(node, Call) and node.function in JOINING:
            gradient, parts = node.arguments
            if isinstance(parts, Forward) and isinstance(parts.node, Group):
                shown = rebuild(
                    parts.node, lambda item: self.shaped_like(item, exact=False, any_form=True)
                )
                result = Call(node.function, (self.placed(gradient), shown), node.keywords)
                return self._same_type(node, result)
        return self._same_type(node, rebuild(node, self.placed))

    def _spread(self, node: Call, value: Expression, like: Expression) -> Expression:
        """Give a number times ones: of the array's own type, where np.broadcast_to would widen."""
        shown = self.shaped_like(like, exact=True)
        ones = Call(np.ones_like, (shown,))
        self.types.note(ones, self.types.of(like))
        return self._same_type(node, Call(operator.mul, (self.placed(value), ones), (), "operator"))

    def _same_type(self, old: Expression, new: Expression) -> Expression:
        if new is not old:
            self.types.note(new, self.types.of(old))
        return new

    def placed_user(self, node: Expression) -> Expression:
        """Give a user's expression, such as an index, for use in a backward line."""
        for variable in variables(node):
            self.needed.add(variable)
        return self.placed(node)

    def value_of(self, node: Expression) -> Expression:
        """Give an expression for the value that the forward pass gave to a node."""
        while isinstance(node, Forward):
            node = node.node
        if isinstance(node, Read):
            self.needed.add(node.variable)
            return node
        if isinstance(node, Const):
            return node
        if isinstance(node, Group) and node not in self.bound:
            return self._same_type(node, rebuild(node, self.value_of))
        while node in self.origins:
            node = self.origins[node]
        if node in self.staged:
            return self._read(self.staged[node])
        if node in self.bound:
            return self._read(self.bound[node])
        if self._repeatable(node):
            return self._same_type(node, rebuild(node, self.value_of))
        return self._stage(node)

    def _read(self, variable: Variable) -> Expression:
        self.needed.add(variable)
        return Read(variable)

    def _stage(self, node: Expression) -> Expression:
        variable = Variable(self.roles.get(node) or suggest(node), "staged")
        self.types.variables[variable] = self.types.of(node)
        self.staged[node] = variable
        return self._read(variable)

    def _repeatable(self, node: Expression) -> bool:
        """Whether writing an expression again is what a person would do."""
        match node:
            case Read() | Const():
                return True
            case Item():
                return self._repeatable(node.value) and self._repeatable(node.index)
            case Attribute():
                return self._repeatable(node.value)
            case Group():
                return all(map(self._repeatable, node.items))
            case Call(function=function):
                simple = all(isinstance(a, (Read, Const)) for a in node.arguments)
                if function in operators.COMPARISONS or function is operator.not_:
                    return simple
                if function in (np.shape, np.size, np.ndim, len, np.transpose, np.arange):
                    return all(map(self._repeatable, node.arguments)) and not node.keywords
        return False

    def shaped_like(self, node: Expression, *, exact: bool, any_form: bool = False) -> Expression:
        """Give something of the same shape as a node, preferably what is at hand."""
        while isinstance(node, Forward):
            node = node.node
        if isinstance(node, Const) or node in self.staged:
            return self.value_of(node)
        here = isinstance(node, Read) and self._is_at_hand(node.variable)
        if here or (node in self.bound and self.bound[node] in self.needed):
            return self.value_of(node)
        wanted = self.types.of(node)
        for variable in self._at_hand():
            known = self.types.variables.get(variable, OTHER)
            kind = not exact or known.kind == wanted.kind
            form = any_form or known.form == wanted.form
            if known.shape == wanted.shape and form and kind:
                return self._read(variable)
        return self.value_of(node)

    def _is_at_hand(self, variable: Variable) -> bool:
        return variable.role in ("parameter", "global", "attribute") or variable in self.needed

    def _at_hand(self) -> list[Variable]:
        """Give the variables that are there anyway, in whatever branch."""
        own = [parameter.variable for parameter in self.function.parameters]
        bound = [b.variable for s in self.function.statements for b in s.binds if b.variable.wish]
        found = [*own, *bound, *(v for n, v in self.staged.items() if n not in self.inside)]
        return [variable for variable in found if self._is_at_hand(variable)]

    def staged_outputs(self) -> set[Variable]:
        """Give the variables that stand for returned expressions."""
        return {self.staged[value] for value in self.function.values if value in self.staged}

    # Forward lines.

    def forward(self, *, whole: bool = False) -> list[ForwardLine]:
        """Give the forward lines that the needed variables depend on, or all of them."""
        result = self.function.result
        kept = self.staged_in(result, [o.value for o in self.function.outputs])[::-1]
        for statement in reversed(self.function.statements):
            if whole:
                self.needed.update(b.variable for b in statement.binds if b.variable.wish)
            kept += self._statement(statement)
        return kept[::-1]

    def _statement(self, statement: Statement) -> list[ForwardLine]:
        """Give a statement's lines, last one first."""
        hidden = {b.variable for b in statement.binds if not b.variable.wish}
        visible = [b for b in statement.binds if b.variable not in hidden]
        wanted = needed_of(visible, self.needed, at_once=statement.form == "swap")
        shown_hidden = [b for b in statement.binds if b.variable in hidden & self.needed]
        lines: list[ForwardLine] = []
        if wanted:
            keep = visible if statement.form in ("swap", "unpack") else wanted
            binds = tuple(Bind(b.variable, self.spelled(b.value)) for b in keep)
            same = all(self.untouched(b.value) for b in statement.binds)
            if not shown_hidden and unpacks(statement.binds):
                first = statement.binds[0]
                binds = (Bind(first.variable, self.spelled(first.value)), *binds)
            else:
                binds = self._without_hidden(binds, statement, hidden - self.needed)
            same = same and len(keep) == len(visible) and is_as_written(self.function, statement)
            verbatim = same and not shown_hidden
            lines.append(ForwardLine(statement, binds, verbatim))
            for bind in binds:
                self.needed.update(variables(bind.value))
        unseen = frozenset(hidden) - {b.variable for b in shown_hidden}
        before: list[ForwardLine] = []
        for bind in statement.binds:
            before += self.staged_in(statement, [bind.value], unseen)
            if bind in shown_hidden:
                self.wishes[bind.variable] = suggest(bind.value)
                spelled = self.spelled(bind.value)
                self.needed.update(variables(spelled))
                before.append(ForwardLine(statement, (Bind(bind.variable, spelled),), False))
        lines += before[::-1]
        return lines

    def _without_hidden(
        self,
        binds: tuple[Bind, ...],
        statement: Statement,
        hidden: set[Variable] | frozenset[Variable],
    ) -> tuple[Bind, ...]:
        """Write hidden values out where they are read."""
        if not hidden:
            return binds
        table = {b.variable: self.spelled(b.value) for b in statement.binds if b.variable in hidden}

        def out(node: Expression) -> Expression:
            if isinstance(node, Read) and node.variable in table:
                return out(table[node.variable])
            return rebuild(node, out)

        return tuple(Bind(b.variable, out(b.value)) for b in binds)

    def staged_in(
        self,
        statement: Statement,
        trees: list[Expression],
        unseen: frozenset[Variable] = frozenset(),
    ) -> list[ForwardLine]:
        """Give lines for the named parts of trees, inner ones first; unseen variables have none.

        They are hidden, and not named anywhere: what they are is written out.
        """
        lines: list[ForwardLine] = []
        seen: set[Variable] = set()

        def visit(node: Expression) -> None:
            expansion = self.types.expansions.get(node)
            if expansion is not None:
                visit(expansion)
            for child in children(node):
                visit(child)
            variable = self.staged.get(node)
            if variable is None or variable in seen:
                return
            seen.add(variable)
            value = self.lasting(node, self.spelled(node, root=True))
            value = self.under_tests(node, value, self.spelled)
            binds = self._without_hidden((Bind(variable, value),), statement, unseen)
            self.needed.update(variables(binds[0].value))
            lines.append(ForwardLine(statement, binds, False))

        for tree in trees:
            visit(tree)
        return lines

    def under_tests(
        self, node: Expression, value: Expression, say: Callable[[Expression], Expression]
    ) -> Expression:
        """Give a value that is computed only where the conditional expressions around it do."""
        for test, positive in reversed(self.inside.get(node, ())):
            pair = (value, Const(None)) if positive else (Const(None), value)
            value = Choice(say(test), *pair)
        return value

    def lasting(self, _node: Expression, value: Expression) -> Expression:
        """Give a value that stays as it is; in straight code all do."""
        return value

    def untouched(self, node: Expression) -> bool:
        """Whether no part of an expression, itself aside, has a name."""
        expansion = self.types.expansions.get(node)
        if expansion is not None and (expansion in self.staged or not self.untouched(expansion)):
            return False
        return all(child not in self.staged and self.untouched(child) for child in children(node))

    def spelled(self, node: Expression, *, root: bool = False) -> Expression:
        """Give an expression with its named parts as reads."""
        if node in self.staged and not root:
            return Read(self.staged[node])
        expansion = self.types.expansions.get(node)
        if expansion is not None and not self.untouched(node):
            return self.spelled(expansion)
        return rebuild(node, self.spelled)

    def output(self, value: Expression) -> Expression:
        """Give an output as it is returned."""
        spelled = self.spelled(value)
        self.needed.update(variables(spelled))
        return spelled
