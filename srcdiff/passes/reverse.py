"""The backward pass: the rules applied to the statements, last one first.

Takes a resolved function, its types and the parameters to be differentiated. Gives groups of
backward lines, one group per statement. Refuses what no rule covers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir import operators
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
    Member,
    Read,
    Statement,
    Unpack,
    UserFunction,
    Variable,
    Write,
)
from srcdiff.ir.types import Type
from srcdiff.ir.walk import same, variables, walk
from srcdiff.passes.apply import Applier, bound_arguments, differentiable
from srcdiff.passes.idioms import Uses, recognise
from srcdiff.passes.infer import Types
from srcdiff.passes.simplify import Simplifier
from srcdiff.passes.suggest import suggest
from srcdiff.rules import registry
from srcdiff.rules.helpers import zeros_like

Line = Bind | Write | Unpack
Path = tuple[Expression, ...]


@dataclass(slots=True)
class BackwardGroup:
    """The backward lines of one statement, and of those that it was taken together with."""

    statements: list[Statement]
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition under which a gradient flows.

    Parameters
    ----------
    kind
        "choice" for one truth value, "where" for one per entry.
    """

    kind: Literal["choice", "where"]
    test: Expression
    positive: bool


@dataclass(slots=True)
class Reversed:
    """The backward pass.

    Parameters
    ----------
    upstreams
        The upstream gradients, one per output.
    groups
        In the order of the backward pass.
    adjoints
        The gradient variables of the forward variables that have one.
    """

    upstreams: list[Variable]
    groups: list[BackwardGroup]
    adjoints: dict[Variable, Variable]


class Reverser:
    """Writes the backward pass of one function.

    Parameters
    ----------
    function
        Resolved.
    types
        Its types.
    sources
        The parameters, or attributes, to be differentiated.
    problems
        Where refusals go.
    companion
        Differentiates a call of a user's function that isn't inlined.
    """

    def __init__(
        self,
        function: Function,
        types: Types,
        sources: Iterable[Variable],
        problems: Problems,
        companion: Callable[[Reverser, Call, Expression, tuple[Guard, ...]], None],
    ) -> None:
        self.function = function
        self.types = types
        self.problems = problems
        self.companion = companion
        self.applier = Applier(types)
        self.simplifier = Simplifier(types)
        self.active: set[Variable] = set(sources)
        self.adjoints: dict[Variable, Variable] = {}
        self.masks: dict[Variable, tuple[Guard, ...]] = {}
        self.groups: list[BackwardGroup] = []
        self.lines: list[Line] = []
        self.pending: list[tuple[Variable, Path, Expression, tuple[Guard, ...]]] = []
        self.uses = Uses()
        self.touched: dict[Variable, set[object]] = {}
        self._activity: dict[Expression, bool] = {}

    def reverse(self) -> Reversed:
        """Write the backward pass."""
        self._look_forward()
        upstreams = []
        seeds: list[tuple[Expression, Variable]] = []
        for output in self.function.outputs:
            upstream = Variable("d" + output.name, "upstream")
            shape = self.types.of(output.value)
            self.types.variables[upstream] = Type(shape.form, "float", shape.shape)
            upstreams.append(upstream)
            seeds.append((output.value, upstream))
        self._seed(seeds)
        for statement in reversed(self.function.statements):
            self._statement(statement)
        return Reversed(upstreams, self.groups, self.adjoints)

    def _demand_numbers(self) -> None:
        """Learn from calls that take plain numbers alone: math's functions, max, min, tests."""
        trees = [(s.span, b.value) for s in self.function.statements for b in s.binds]
        trees += [(self.function.result.span, o.value) for o in self.function.outputs]
        for span, tree in trees:
            with self.problems.within(span):
                for statement in self.function.statements:
                    for bind in statement.binds:
                        if bind.value is tree:
                            self.types.variables.setdefault(bind.variable, self.types.of(tree))
                for node in walk(tree):
                    for operand in _plain_numbers(self.types.expansions.get(node, node)):
                        self.types.demand_number(operand)

    def _look_forward(self) -> None:
        self._demand_numbers()
        for statement in self.function.statements:
            for bind in statement.binds:
                with self.problems.within(statement.span):
                    self.types.variables.setdefault(bind.variable, self.types.of(bind.value))
                    if self.is_active(bind.value):
                        self.active.add(bind.variable)
                self.uses.definitions[bind.variable] = (statement, bind)
                self.uses.counts.update(variables(bind.value))
        for output in self.function.outputs:
            with self.problems.within(self.function.result.span):
                self.types.of(output.value)
                self.is_active(output.value)
            self.uses.counts.update(variables(output.value))

    def _seed(self, seeds: list[tuple[Expression, Variable]]) -> None:
        for value, upstream in seeds:
            if isinstance(value, Read) and value.variable not in self.adjoints:
                if value.variable in self.active:
                    self.adjoints[value.variable] = upstream
        self._open(self.function.result)
        with self.problems.within(self.function.result.span):
            for value, upstream in seeds:
                own = isinstance(value, Read) and self.adjoints.get(value.variable) is upstream
                if not own and self.is_active(value):
                    self.push(value, Read(upstream), ())
        self._close()

    def _statement(self, statement: Statement) -> None:
        self._open(statement)
        for bind in reversed(statement.binds):
            adjoint = self.adjoints.get(bind.variable)
            if adjoint is None:
                continue
            with self.problems.within(statement.span):
                self.push(bind.value, Read(adjoint), self.masks.get(bind.variable, ()))
            self._flush()
        self._close()

    def _open(self, statement: Statement) -> None:
        self.group = BackwardGroup([statement])
        self.lines = self.group.lines

    def _close(self) -> None:
        self._flush()
        if self.lines:
            self.groups.append(self.group)

    # Activity: whether a value depends differentiably on a source.

    def is_active(self, node: Expression) -> bool:
        """Whether an expression depends differentiably on what is differentiated."""
        found = self._activity.get(node)
        if found is None:
            found = self._activity[node] = self._is_active(node)
        return found

    def _is_active(self, node: Expression) -> bool:
        if node in self.types.expansions:
            return self.is_active(self.types.expansions[node])
        match node:
            case Read(variable=variable):
                return variable in self.active and self.types.of(node).form != "other"
            case Group():
                return node.kind != "slice" and any(map(self.is_active, node.items))
            case Item() | Attribute():
                return self.is_active(node.value)
            case Choice():
                return self.is_active(node.then) or self.is_active(node.otherwise)
            case Call():
                return self._is_active_call(node)
        return False

    def _is_active_call(self, node: Call) -> bool:
        arguments = (*node.arguments, *(value for _, value in node.keywords))
        # A list, not any(): each operand is looked at, so that each problem is found.
        if not any([self.is_active(argument) for argument in arguments]):
            return isinstance(node.function, Member)
        function = node.function
        if function in registry.FLAT:
            return False
        rule = registry.RULES.get(function)
        if rule is not None:
            bound = bound_arguments(node, rule)
            return any(self.is_active(bound[n]) for n in differentiable(rule) if n in bound)
        if isinstance(function, (UserFunction, Member)):
            return True
        if function in (operators.both, operators.either):
            if self.types.of(node).kind == "bool":
                return False
            raise Refusal(
                "SD102",
                "and/or between numbers can't be differentiated.",
                "Write a conditional expression: a if test else b.",
                node.span,
            )
        name = getattr(function, "__name__", str(function))
        raise Refusal(
            "SD103",
            f"there is no derivative rule for {name}.",
            "Write it with functions that have one, or register a rule with srcdiff.rule.",
            node.span,
        )

    # The walk from a value's gradient to those of what it was computed from.

    def push(self, node: Expression, upstream: Expression, guards: tuple[Guard, ...]) -> None:
        """Pass the gradient of a value on to what the value was computed from."""
        if node in self.types.expansions:
            if isinstance(node, Call) and self._idiom(node, upstream, guards):
                return
            self.push(self.types.expansions[node], upstream, guards)
            return
        if not self.is_active(node):
            return
        match node:
            case Read(variable=variable):
                self.pending.append((variable, (), upstream, guards))
            case Item():
                self._push_item(node, upstream, guards)
            case Choice():
                then = Guard("choice", node.test, True)
                otherwise = Guard("choice", node.test, False)
                upstream = self._named(upstream, node, guards)
                self.push(node.then, upstream, (*guards, then))
                self.push(node.otherwise, upstream, (*guards, otherwise))
            case Group():
                self._push_items(node, upstream, guards)
            case Call():
                self._push_call(node, upstream, guards)
            case _:
                raise Refusal("SD104", "this can't be differentiated.", "", node.span)

    def _push_items(
        self, node: Group, upstream: Expression, guards: tuple[Guard, ...], path: Path = ()
    ) -> None:
        if not path:
            upstream = self._named(upstream, node, guards)
        for index, item in enumerate(node.items):
            here = (*path, Const(index))
            if isinstance(item, Group) and item.kind in ("list", "tuple"):
                self._push_items(item, upstream, guards, here)
            elif self.is_active(item):
                single = here[0] if len(here) == 1 else Group("tuple", here)
                part = Item(upstream, single)
                self.push(item, self._typed(part, item), guards)

    def _typed(self, part: Expression, like: Expression) -> Expression:
        """Give a part of a gradient the type of the value that it belongs to."""
        known = self.types.of(like)
        self.types.note(part, Type(known.form, "float", known.shape))
        return part

    def _push_call(self, node: Call, upstream: Expression, guards: tuple[Guard, ...]) -> None:
        function: Any = node.function
        if isinstance(function, (UserFunction, Member)):
            self.companion(self, node, upstream, guards)
            return
        if function is np.where and len(node.arguments) == 3 and not node.keywords:
            self._push_where(node, upstream, guards)
            return
        if function in (np.array, np.asarray) and isinstance(node.arguments[0], Group):
            if self._joins_numbers(node):
                self._push_items(node.arguments[0], upstream, guards)
                return
        if self._idiom(node, upstream, guards):
            return
        rule = registry.RULES[function]
        self._apply(node, node, rule, upstream, guards)

    def _joins_numbers(self, node: Call) -> bool:
        """Whether np.array's items all have one shape, so that item i is row i."""
        group = node.arguments[0]
        return not node.keywords and isinstance(group, Group)

    def _idiom(self, node: Call, upstream: Expression, guards: tuple[Guard, ...]) -> bool:
        root = self.types.expansions.get(node, node)
        if not isinstance(root, Call) or not self.is_active(node):
            return False
        match = recognise(root, self.uses, self.types.expansions)
        if match is None:
            return False
        rule = registry.RULES[match.pattern]
        call = Call(match.pattern, tuple(match.operands.values()), (), "function", node.span)
        self.types.note(call, self.types.of(node))
        for statement in match.covered:
            if statement not in self.group.statements:
                self.group.statements.append(statement)
        self._apply(node, call, rule, upstream, guards)
        return True

    def _apply(
        self,
        origin: Expression,
        node: Call,
        rule: registry.Rule,
        upstream: Expression,
        guards: tuple[Guard, ...],
    ) -> None:
        bound = bound_arguments(node, rule)
        wanted = {n for n in differentiable(rule) if n in bound and self.is_active(bound[n])}
        spread = rule.family == "elementwise"
        if not spread and guards:
            upstream, guards = self.guarded(upstream, guards, self.types.of(node)), ()
        applied = self.applier.apply(node, rule, upstream, wanted, origin)
        self.emit(applied.temporaries, guards)
        for name in differentiable(rule):
            if name not in applied.gradients:
                continue
            self._pass_on(bound[name], applied.gradients[name], spread, guards)

    def _pass_on(
        self, operand: Expression, gradient: Expression, spread: bool, guards: tuple[Guard, ...]
    ) -> None:
        if spread and not self._may_wait(operand):
            fitted = self.applier.fitted(gradient, operand)
            if fitted is not gradient and any(guard.kind == "where" for guard in guards):
                gradient = self.guarded(gradient, guards, self.types.of(gradient))
                guards = ()
                fitted = self.applier.fitted(gradient, operand)
            gradient = fitted
        if isinstance(operand, Group):
            self._push_items(operand, gradient, guards)
        else:
            self.push(operand, gradient, guards)

    def _may_wait(self, operand: Expression) -> bool:
        """Whether the sum over broadcast axes may wait until the operand's own operands.

        Elementwise operations commute with broadcasting. Where shapes are known, summing at once
        is cheaper; where they aren't, it would take the shape of a value that has no name.
        """
        root = self.types.expansions.get(operand, operand)
        if not isinstance(root, Call) or isinstance(self.types.of(operand).shape, tuple):
            return False
        match = recognise(root, self.uses, self.types.expansions)
        rule = registry.RULES.get(match.pattern if match is not None else root.function)
        return rule is not None and rule.family == "elementwise"

    def _push_where(self, node: Call, upstream: Expression, guards: tuple[Guard, ...]) -> None:
        test, then, otherwise = node.arguments
        upstream = self._named(upstream, node, guards)
        for branch, positive in ((then, True), (otherwise, False)):
            if not self.is_active(branch):
                continue
            inner = (*guards, Guard("where", test, positive))
            self._pass_on(branch, upstream, True, inner)

    def _push_item(self, node: Item, upstream: Expression, guards: tuple[Guard, ...]) -> None:
        path: list[Expression] = [node.index]
        root: Expression = node.value
        while isinstance(root, Item):
            path.insert(0, root.index)
            root = root.value
        for index in path[:-1]:
            if not _is_basic(index, self.types):
                raise Refusal(
                    "SD102",
                    "an index that picks entries can't be followed by another.",
                    "Write one index: x[i, j].",
                    node.span,
                )
        if isinstance(root, Read):
            self.pending.append((root.variable, tuple(path), upstream, guards))
            return
        if guards:
            upstream = self.guarded(upstream, guards, self.types.of(node))
        buffer = Variable("d" + suggest(root), "adjoint")
        self.types.variables[buffer] = self.types.of(root).of_kind("float")
        self.lines.append(Bind(buffer, self.zeros(root)))
        self.lines.append(Write(buffer, tuple(path), self.simplifier.simplify(upstream), "set"))
        if self._write_mode(tuple(path)) == "add.at":
            last = self.lines.pop()
            assert isinstance(last, Write)
            self.lines.append(Write(buffer, last.path, last.value, "add.at"))
        self.push(root, Read(buffer), ())

    def _named(
        self, upstream: Expression, node: Expression, guards: tuple[Guard, ...]
    ) -> Expression:
        """Give a gradient a name where it is about to be used several times."""
        if isinstance(upstream, (Read, Const)):
            return upstream
        variable = Variable("d" + suggest(node), "adjoint")
        self.types.variables[variable] = self.types.of(upstream)
        self.emit([Bind(variable, self.simplifier.simplify(upstream))], guards)
        return Read(variable)

    def emit(self, temporaries: Iterable[Bind | Unpack], guards: tuple[Guard, ...]) -> None:
        """Add lines, computed only where their guards hold."""
        tests = [guard for guard in guards if guard.kind == "choice"]
        for line in temporaries:
            value = line.value
            for guard in reversed(tests):
                none = Const(None)
                items = (value, none) if guard.positive else (none, value)
                value = Choice(Forward(guard.test), *items)
            if isinstance(line, Bind):
                self.lines.append(Bind(line.variable, value))
            else:
                if tests:
                    raise Refusal(
                        "SD102",
                        "this call in a branch of a conditional expression isn't supported.",
                        "Annotate the parameters with their shapes, or assign it before.",
                    )
                self.lines.append(line)

    def guarded(
        self, value: Expression, guards: tuple[Guard, ...], like: Type
    ) -> Expression:
        """Give a gradient that is zero where a guard doesn't hold."""
        for guard in reversed(guards):
            test = Forward(guard.test)
            if guard.kind == "where":
                zero: Expression = Const(0)
                pair = (value, zero) if guard.positive else (zero, value)
                value = Call(np.where, (test, *pair))
                continue
            zero = Const(0.0)
            pair = (value, zero) if guard.positive else (zero, value)
            value = Choice(test, *pair)
            self.types.note(value, Type(like.form, "float", like.shape))
        return value

    def zeros(self, node: Expression) -> Expression:
        """Give zeros in the structure and shape of a value."""
        known = self.types.of(node)
        forward = node if isinstance(node, Const) else Forward(node)
        if known.form == "scalar":
            return Const(0.0)
        if known.form == "array" and known.kind == "float":
            return Call(np.zeros_like, (forward,))
        if known.form == "array" and known.kind in ("int", "bool"):
            return Call(np.zeros, (Call(np.shape, (forward,)),))
        return Call(zeros_like, (forward,))

    # Contributions to the gradients of variables.

    def _flush(self) -> None:
        """Add up what the statement contributes, like contributions together."""
        pending, self.pending = self.pending, []
        merged: list[tuple[Variable, Path, Expression, tuple[Guard, ...], int]] = []
        for variable, path, value, guards in pending:
            value = self.simplifier.simplify(value)
            for index, (other, other_path, other_value, other_guards, n) in enumerate(merged):
                if (
                    other is variable
                    and not path
                    and not other_path
                    and guards == other_guards
                    and same(value, other_value)
                ):
                    merged[index] = (variable, path, value, guards, n + 1)
                    break
            else:
                merged.append((variable, path, value, guards, 1))
        for variable, path, value, guards, n in merged:
            if n > 1:
                value = self.simplifier.product(Const(n), value)
            self._contribute(variable, path, value, guards)

    def _contribute(
        self, variable: Variable, path: Path, value: Expression, guards: tuple[Guard, ...]
    ) -> None:
        known = self.types.of(Read(variable))
        first = variable not in self.adjoints
        if guards:
            value = self._guarded_leaf(variable, path, value, guards)
            if first and not path:
                self.masks[variable] = guards
            else:
                self.masks.pop(variable, None)
        else:
            self.masks.pop(variable, None)
        adjoint = self.adjoints.setdefault(variable, self._adjoint(variable, known))
        if not path:
            self.touched.pop(adjoint, None)
            line = Bind(adjoint, value) if first else Write(adjoint, (), value, "add")
            self.lines.append(line)
            return
        if first:
            self.lines.append(Bind(adjoint, self.zeros(Read(variable))))
        mode: Literal["set", "add", "add.at"] = self._write_mode(path)
        if mode == "add" and self._is_untouched(adjoint, path, first=first):
            mode = "set"
        self.lines.append(Write(adjoint, path, value, mode))

    def _is_untouched(self, adjoint: Variable, path: Path, *, first: bool) -> bool:
        """Whether a part still holds the zeros that it began with."""
        index = path[0]
        place = index.value if isinstance(index, Const) else None
        known = isinstance(place, int) and place >= 0
        touched = self.touched.setdefault(adjoint, set()) if first else self.touched.get(adjoint)
        if touched is None:
            return False
        fresh = first or (known and place not in touched)
        if known:
            touched.add(place)
        else:
            self.touched.pop(adjoint)
        return fresh

    def _adjoint(self, variable: Variable, known: Type) -> Variable:
        adjoint = Variable("d" + variable.wish if variable.wish else "", "adjoint")
        if not variable.wish and variable in self.uses.definitions:
            adjoint.wish = "d" + suggest(self.uses.definitions[variable][1].value)
        self.types.variables[adjoint] = Type(known.form, "float", known.shape, known.items)
        return adjoint

    def _guarded_leaf(
        self, variable: Variable, path: Path, value: Expression, guards: tuple[Guard, ...]
    ) -> Expression:
        target: Expression = Read(variable)
        for index in path:
            target = Item(target, index)
        known = self.types.of(target)
        value = self.guarded(value, guards, known)
        if isinstance(value, Choice) and known.form != "scalar":
            value = self._with_zeros(value, target)
        return value

    def _with_zeros(self, value: Choice, target: Expression) -> Expression:
        """Put zeros of the right shape into a choice between a gradient and nothing."""

        def fill(node: Expression) -> Expression:
            if isinstance(node, Choice):
                return Choice(node.test, fill(node.then), fill(node.otherwise))
            if isinstance(node, Const) and node.value == 0.0:
                return self.zeros(target)
            return node

        filled = fill(value)
        self.types.note(filled, self.types.of(value))
        return filled

    def _write_mode(self, path: Path) -> Literal["add", "add.at"]:
        return "add" if _names_once(path[-1], self.types) else "add.at"


def _plain_numbers(node: Expression) -> tuple[Expression, ...]:
    """Give the operands of a node that must be plain numbers."""
    if isinstance(node, Choice):
        test = node.test
        compared = isinstance(test, Call) and test.function in operators.COMPARISONS
        return test.arguments if compared and isinstance(test, Call) else ()
    if isinstance(node, Call):
        if node.function in (max, min) or getattr(node.function, "__module__", "") == "math":
            return node.arguments
    return ()


def _is_basic(index: Expression, types: Types) -> bool:
    """Whether an index is an int or slices: what it names is a view, each entry once."""
    if isinstance(index, Group):
        return index.kind == "slice" or all(_is_basic(item, types) for item in index.items)
    if isinstance(index, Const):
        return True
    known = types.of(index)
    return known.form == "scalar" and known.kind == "int"


def _names_once(index: Expression, types: Types) -> bool:
    """Whether an index is certain to name each entry at most once."""
    if _is_basic(index, types):
        return True
    if types.of(index).kind == "bool":
        return True
    items = index.items if isinstance(index, Group) and index.kind == "tuple" else (index,)
    picking = [item for item in items if not _is_basic(item, types)]
    shapes = {types.of(item).shape for item in picking}
    counted = any(isinstance(item, Call) and item.function is np.arange for item in picking)
    return counted and len(shapes) == 1 and isinstance(shapes.pop(), tuple)
