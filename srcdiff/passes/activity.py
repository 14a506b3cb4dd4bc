"""Which values depend differentiably on what is differentiated.

Takes a resolved function and the types of its parameters. Gives, for each expression, whether a
gradient flows through it; on the way, the types of all variables, and where each is used. Refuses
calls through which a gradient would flow but for which there is no rule.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable

import numpy as np

from srcdiff.diagnostics import DerivationError, Problems, Refusal
from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Attribute,
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    Function,
    Group,
    Item,
    Member,
    Read,
    Statement,
    UserFunction,
    Variable,
    Write,
)
from srcdiff.ir.types import Type
from srcdiff.ir.walk import variables
from srcdiff.passes.apply import bound_arguments, differentiable
from srcdiff.passes.demanded import demand_numbers
from srcdiff.passes.drawn import is_drawn, telling
from srcdiff.passes.idioms import Uses
from srcdiff.passes.infer import Types
from srcdiff.passes.listed_items import ListedItems
from srcdiff.passes.number_kinds import stated_kind
from srcdiff.passes.recursion import calls_itself
from srcdiff.passes.results import Results
from srcdiff.passes.settle import settle
from srcdiff.passes.slots import of_unknown_method
from srcdiff.passes.webs import webs
from srcdiff.passes.written import changed_anywhere
from srcdiff.rules import registry
from srcdiff.rules.refused import DRAW, reason_against

MADE_OF_SIZES = frozenset([np.zeros, np.ones, np.empty])
"""Functions whose arguments say how large, and are no numbers to be differentiated by."""


class Activity:
    """The activity of one function's expressions.

    Parameters
    ----------
    function
        Resolved.
    types
        Its types.
    sources
        What is differentiated.
    problems
        Where refusals go.
    """

    def __init__(
        self, function: Function, types: Types, sources: Iterable[Variable], problems: Problems
    ) -> None:
        self.function = function
        self.types = types
        self.problems = problems
        self.sources = frozenset(sources)
        self.active: set[Variable] = set(self.sources)
        self.uses = Uses()
        self.listed = ListedItems(function, types)
        self._activity: dict[Expression, bool] = {}
        demand_numbers(function, types, problems)
        with problems.within(function.name_span):
            self.results = Results(function, types)
        problems.raise_if_any()
        self._look_forward()

    def _look_forward(self) -> None:
        before = -1
        while before != len(self.active):
            before = len(self.active)
            self._activity.clear()
            self.uses = Uses()
            for statement in self.function.statements:
                self._look_at(statement)
            if self.function.is_straight:
                break
        for output in self.function.outputs:
            with self.problems.within(self.function.result.span):
                self.types.of(output.value)
                self.is_active(output.value)
            self.uses.counts.update(variables(output.value))

    def _look_at(self, statement: Statement) -> None:
        changing = self.function.changing
        for bind in statement.binds:
            before = len(self.problems.found)
            with self.problems.within(statement.span):
                self.types.variables.setdefault(bind.variable, self.types.of(bind.value))
                if self.is_active(bind.value):
                    self.active.add(bind.variable)
            if len(self.problems.found) > before:
                self.active.add(bind.variable)  # so that later problems are found too
            if bind.variable not in changing and changing.isdisjoint(variables(bind.value)):
                self.uses.definitions[bind.variable] = (statement, bind)
            self.uses.note(bind)
        for write in statement.writes:
            with self.problems.within(statement.span):
                if self.carries(write):
                    self.active.add(write.variable)
                    self.listed.check_write(write)
            for tree in (write.value, *write.path):
                self.uses.counts.update(variables(tree))

    def carries(self, write: Write) -> bool:
        """Whether what is written keeps its derivative: an array of whole numbers cuts it off.

        Not one that is so because an argument is: a gradient is of the function of real numbers.
        """
        if not self.is_active(write.value):
            return False
        known = self.types.of(Read(write.variable))
        if not (write.path and known.form in ("array", "number") and _is_whole(known)):
            return True
        if write.variable not in self._from_whole_arguments:
            return False
        typed = self.types.variables
        rest = {v for v in self.sources if v not in typed or not _is_whole(typed[v])}
        if not self._depending_on(rest).isdisjoint(variables(write.value)):
            raise Refusal(
                "SD107",
                f"{write.variable.wish or 'what is written into'} is an array of whole numbers, as "
                "an argument is, which cuts off what is written into it.",
                "Pass an array of floating numbers: x.astype(float).",
            )
        return True

    @functools.cached_property
    def _from_whole_arguments(self) -> set[Variable]:
        """The variables that depend on whole numbers that are differentiated."""
        typed = self.types.variables
        return self._depending_on({v for v in self.sources if v in typed and _is_whole(typed[v])})

    def _depending_on(self, sources: set[Variable]) -> set[Variable]:
        """Give the variables that depend on others."""
        found = set(sources)
        before = 0
        while before != len(found):
            before = len(found)
            for statement in self.function.statements:
                lines: tuple[Bind | Write, ...] = (*statement.binds, *statement.writes)
                for line in lines:
                    if not found.isdisjoint(variables(line.value)):
                        found.add(line.variable)
        return found

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
            case Item(value=Const(value=value)) if value is np.mgrid or value is np.ogrid:
                return self._is_active_grid(node)
            case Item() | Attribute():
                picked = self.results.picked(node)
                return self.is_active(node.value) and not (picked is not None and picked.flat)
            case Choice():
                return self.is_active(node.then) or self.is_active(node.otherwise)
            case Call():
                return self._is_active_call(node)
        return False

    def _is_active_grid(self, node: Item) -> bool:
        """Refuse a grid whose points depend on what is differentiated; how many may."""
        index = node.index
        several = isinstance(index, Group) and index.kind == "tuple"
        ranges = index.items if isinstance(index, Group) and several else (index,)
        for along in ranges:
            bounds = along.items if isinstance(along, Group) else ()
            if any(self.is_active(bound) for bound in (*bounds[:1], *bounds[2:])):
                raise Refusal(
                    "SD103",
                    "the points of this grid depend on what is differentiated.",
                    "Use np.linspace and np.meshgrid.",
                    node.span,
                )
        return False

    def _is_active_call(self, node: Call) -> bool:
        if node.function in MADE_OF_SIZES:
            return False
        arguments = (*node.arguments, *(value for _, value in node.keywords))
        if is_drawn(node):
            arguments = telling(node)
        # A list, not any(): each operand is looked at, so that each problem is found.
        if not any([self.is_active(argument) for argument in arguments]):
            return isinstance(node.function, Member)
        function = node.function
        if self._repeats_constants(node):
            return False
        self.listed.check(node)
        rule = self.types.rule(node)
        self._check_kind(node, rule)
        if function in registry.FLAT and (rule is None or not self.types.takes_complex(node)):
            if function is np.arange and len(node.arguments) > 1:
                self._check_steps(node)
            return False
        if stated_kind(node) in ("int", "bool"):
            return False  # a step function
        if rule is not None:
            bound = bound_arguments(node, rule)
            active = any(self.is_active(bound[n]) for n in differentiable(rule) if n in bound)
            fixed = [n for n in rule.fixed if n in bound and self.is_active(bound[n])]
            if fixed:
                raise Refusal(
                    "SD103",
                    f"the derivative of {function.__name__} by {fixed[0]} isn't known.",
                    "Ask for other gradients: wrt=.",
                    node.span,
                )
            self._check_object(node, active=active)
            if rule.unless is not None:
                self._check(node, rule.unless(registry.Operands(bound, self.types.of)))
            return active
        if isinstance(function, (UserFunction, Member)):
            return isinstance(function, Member) or not _is_flat(function)
        if function in (operators.both, operators.either):
            if self.types.of(node).kind == "bool":
                return False
            raise Refusal(
                "SD102",
                "and/or between numbers can't be differentiated.",
                "Write a conditional expression: a if test else b.",
                node.span,
            )
        raise _without_rule(node)

    def _repeats_constants(self, node: Call) -> bool:
        """Whether a list that depends on nothing is repeated, however many times."""
        if node.function is not operator.mul:
            return False
        for group, count in (node.arguments, reversed(node.arguments)):
            if not isinstance(group, Group) or group.kind not in ("list", "tuple"):
                continue
            known = self.types.of(count)
            whole = known.form == "scalar" and known.kind in ("int", "bool", "any")
            names = any(isinstance(i, Const) and not _is_number(i.value) for i in group.items)
            zeros = all(isinstance(i, Const) and i.value == 0 for i in group.items)
            return (whole or names or zeros) and not self.is_active(group)
        return False

    def _check_kind(self, node: Call, rule: registry.Rule | None) -> None:
        """Refuse complex operands of a function whose rule is for real ones."""
        if not self.types.takes_complex(node):
            return
        name = getattr(node.function, "__name__", getattr(node.function, "name", ""))
        if isinstance(node.function, Member):
            what = "is called with complex numbers, and not written out here"
            hint = "Write its steps out here."
        elif node.function is np.sign:
            what, hint = "of complex numbers has no derivative rule", "Write z / np.abs(z)."
        elif rule is not None and not rule.takes_complex:
            what = "has a derivative rule for real numbers only, and takes complex ones here"
            hint = (
                "Take np.real, np.imag or np.abs first, or write it with functions of both parts."
            )
        else:
            return
        raise Refusal("SD108", f"{name} {what}.", hint, node.span)

    def _check_object(self, node: Call, *, active: bool) -> None:
        """Refuse a method of a module's object that would be an array's only by its name."""
        if not active and node.spelling == "method" and _is_global(node.arguments[0]):
            if any(map(self.is_active, (*node.arguments, *dict(node.keywords).values()))):
                raise of_unknown_method(node)

    def _check_steps(self, node: Call) -> None:
        """Refuse steps from a number, or of a width, that is differentiated."""
        for value in (*node.arguments[:1], *node.arguments[2:3]):
            if self.is_active(value) and self.types.of(value).kind != "int":
                raise Refusal(
                    "SD103",
                    "where these steps begin, or how wide they are, depends on a parameter.",
                    "Write start + width * np.arange(count), or give the parameter the type int.",
                    node.span,
                )

    @staticmethod
    def _check(node: Call, reason: str) -> None:
        if reason:
            name = getattr(node.function, "__name__", "this function")
            hint = "Write it with functions that have one."
            message = f"there is no derivative rule for this call of {name}: {reason}."
            raise Refusal("SD103", message, hint, node.span)


@functools.lru_cache(maxsize=1024)
def _is_flat(function: UserFunction) -> bool:
    """Whether a function of the user's has a result that no argument influences differentiably.

    One that changes its arguments isn't, nor one that calls itself or can't be read.
    """
    if calls_itself(function):
        return False
    try:
        callee = webs(function.read())
    except DerivationError:
        return False
    parameters = [parameter.variable for parameter in callee.parameters]
    if not callee.outputs or not changed_anywhere(callee).isdisjoint(parameters):
        return False
    types, problems = Types({}), callee.source.problems()
    try:
        settle(callee, types)
        inner = Activity(callee, types, parameters, problems)
        return not problems.found and not any(map(inner.is_active, callee.values))
    except (Refusal, DerivationError):
        return False


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, complex)) and not isinstance(value, bool)


def _is_whole(known: Type) -> bool:
    """Whether a type is that of an array, or a list, of whole numbers."""
    return known.kind in ("int", "bool") and known.form != "scalar"


def _without_rule(node: Call) -> Refusal:
    """Make the refusal of a call of a function that has no rule."""
    name = getattr(node.function, "__name__", str(node.function))
    reason = DRAW if is_drawn(node) else reason_against(node.function)
    return Refusal(
        "SD103",
        f"there is no derivative rule for {name}{': ' if reason else ''}{reason}.",
        "Write it with functions that have one, or register a rule with srcdiff.rule.",
        node.span,
    )


def _is_global(node: Expression) -> bool:
    """Whether a value is of a module's variable."""
    while isinstance(node, (Item, Attribute)):
        node = node.value
    return isinstance(node, Read) and node.variable.role == "global"
