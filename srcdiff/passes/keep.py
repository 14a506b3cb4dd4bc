"""What backward needs of a forward pass with branches, loops and writes in place.

Takes a function over variables and its backward code. Gives the backward code over variables, with
the values that forward overwrites restored, and the forward code that it needs, with lines that
keep these values. Refuses loops whose bounds change while they run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Forward,
    Function,
    Group,
    If,
    Item,
    Loop,
    Read,
    Statement,
    Variable,
    leaves,
)
from srcdiff.ir.types import OTHER, Type
from srcdiff.ir.walk import nodes_of, rebuild, walk
from srcdiff.passes.backward import (
    BackwardGroup,
    BackwardIf,
    BackwardLoop,
    BackwardNode,
    Line,
)
from srcdiff.passes.cleanup import values
from srcdiff.passes.homes import Homes, Path
from srcdiff.passes.indexed import is_computed
from srcdiff.passes.infer import Types
from srcdiff.passes.kinds import Kinds
from srcdiff.passes.memory import Memory, written_anywhere
from srcdiff.passes.record import Recorder
from srcdiff.passes.sequences import backwards, only_bounds
from srcdiff.passes.suggest import is_short, suggest
from srcdiff.passes.unread import Unread
from srcdiff.passes.views import views
from srcdiff.rules.records import place_of


@dataclass(slots=True)
class Needs:
    """The variables whose values a line or a statement needs, from before or after it."""

    before: set[Variable] = field(default_factory=set)
    after: set[Variable] = field(default_factory=set)


class Keeper(Recorder):
    """Names forward values for one derivation with branches, loops or writes in place."""

    def __init__(
        self,
        function: Function,
        types: Types,
        problems: Problems,
        memory: Memory,
        unread: Unread,
    ) -> None:
        super().__init__(function, types)
        self.memory = memory
        self.unread = unread.writes
        self.held = unread.places()
        self.keys: dict[Variable, Variable] = {}
        self.picked = {n.value for n in nodes_of(function) if isinstance(n, Item)}
        self.problems = problems
        self.homes = Homes(function)
        self.kinds = Kinds(function, self.homes, written_anywhere(function, memory))
        self.needs: dict[Statement, Needs] = {}
        self.line_needs: dict[int, Needs] = {}
        self.tests: dict[If, Variable] = {}
        self.exits: dict[int, set[Variable]] = {}
        self.entries: dict[int, set[Variable]] = {}
        self.present: dict[int, BackwardNode] = {}
        self.valued: set[Variable] = set()
        self.shapes: set[Variable] = set()
        self.temporaries: dict[Expression, Variable] = {}
        self.repeated: set[Expression] = set()
        self.now: Statement | None = None
        self.path: Path = ()
        self.own = Needs()
        self.late: set[Expression] = set()
        for place in self.held.values():
            root = next(node for node in walk(place) if isinstance(node, Read))
            self.late.add(root)
            self.picked.add(root)
        self.order: list[Line] = []
        self.results: set[Expression] = set()
        for statement in function.statements:
            self._note_late(statement)
            for write in statement.writes:
                for tree in (write.value, *write.path):
                    self._note(tree)

    def _note_late(self, statement: Statement) -> None:
        """Note the reads of what the statement itself has assigned before."""
        assigned: set[Variable] = set()
        for bind in statement.binds:
            self._note_late_in(bind.value, assigned)
            if statement.form != "swap":
                assigned.add(bind.variable)
        assigned |= {bind.variable for bind in statement.binds}
        for write in statement.writes:
            for tree in (write.value, *write.path):
                self._note_late_in(tree, assigned)

    def _note_late_in(self, tree: Expression, assigned: set[Variable]) -> None:
        for node in walk(tree):
            if isinstance(node, Read) and node.variable in assigned:
                self.late.add(node)
            elif node in self.types.expansions:
                self._note_late_in(self.types.expansions[node], assigned)

    # Backward lines.

    def placed_groups(self, nodes: list[BackwardNode]) -> list[BackwardNode]:
        """Give the backward code over variables."""
        return self._placed_nodes(nodes, ())

    def _placed_nodes(self, nodes: list[BackwardNode], path: Path) -> list[BackwardNode]:
        for node, following in zip_longest(nodes, nodes[1:]):
            match node:
                case BackwardGroup():
                    place = node.statements[0].span if node.statements else None
                    with self.problems.within(place):
                        needs = self._place_group(node, path)
                    if not node.statements:
                        self._note_loose(needs, node, following, path)
                case BackwardIf():
                    self.present[id(node.node)] = node
                    self._placed_nodes(node.then, (*path, (id(node.node), "then")))
                    self._placed_nodes(node.otherwise, (*path, (id(node.node), "otherwise")))
                    with self.problems.within(node.node.header.span):
                        self._place_test(node, path)
                case BackwardLoop():
                    self.present[id(node.node)] = node
                    self._placed_nodes(node.body, (*path, (id(node.node), "body")))
                    self._place_loop(node, path)
        return nodes

    def _note_loose(
        self, needs: Needs, group: BackwardGroup, following: BackwardNode | None, path: Path
    ) -> None:
        """Note what lines of no statement need: at a block's start, or behind a loop."""
        if group.last and path:
            self.entries.setdefault(path[-1][0], set()).update(needs.before | needs.after)
        elif isinstance(following, BackwardLoop):
            found = self.exits.setdefault(id(following.node), set())
            found |= needs.before | needs.after

    def _place_group(self, group: BackwardGroup, path: Path) -> Needs:
        self.now = group.statements[0] if group.statements else None
        self.path = path
        if self.now is not None:
            self.present[id(self.now)] = group
        total = self.needs.setdefault(self.now, Needs()) if self.now is not None else Needs()
        self._count(group)
        lines: list[Line] = []
        for line in group.lines:
            known = len(self.order)
            self.own = Needs()
            placed = self.placed_line(line)
            for made in self.order[known:]:
                lines.append(made)
                self.line_needs[id(made)] = self.own
            lines.append(placed)
            self.line_needs[id(placed)] = self.own
            total.before |= self.own.before
            total.after |= self.own.after
        group.lines = lines
        self.order.clear()
        self.temporaries.clear()
        return total

    def _count(self, group: BackwardGroup) -> None:
        """Find the values that a group's lines need more than once."""
        seen: set[Expression] = set()
        self.repeated = set()
        if not self.kinds.looped(self.path):
            return
        for line in group.lines:
            for value in values(line):
                for node in walk(value):
                    if not isinstance(node, Forward):
                        continue
                    inner = self._origin(node)
                    if isinstance(inner, (Read, Const)) or inner in self.bound:
                        continue
                    (self.repeated if inner in seen else seen).add(inner)

    def _origin(self, node: Expression) -> Expression:
        while isinstance(node, Forward):
            node = node.node
        while node in self.origins:
            node = self.origins[node]
        return node

    def placed_user(self, node: Expression) -> Expression:
        """Give a user's expression, such as an index, for use in a backward line."""
        if isinstance(node, Call) and node.function is place_of:
            return self.placed(node)
        return self.value_of(node)

    def value_of(self, node: Expression) -> Expression:
        """Give an expression for the value that the forward pass gave to a node."""
        node = self._origin(node)
        if isinstance(node, Read):
            self._need(node.variable, late=node in self.late)
            if node not in self.picked:
                keys = self.keys.setdefault(node.variable, Variable("", "staged"))
                (self.own.after if node in self.late else self.own.before).add(keys)
            return node
        if isinstance(node, Const):
            return node
        if node in self.bound:
            variable = self.bound[node]
            self._need(variable, late=True)
            result = Read(variable)
            self.results.add(result)
            return result
        if node in self.held:
            return self._same_type(node, rebuild(self.held[node], self.value_of))
        if isinstance(node, Group) and node.kind == "slice":
            return self._same_type(node, rebuild(node, self.value_of))
        if node in self.staged:
            return self._read(self.staged[node])
        if self.kinds.looped(self.path):
            return self._again(node)
        if isinstance(node, Group) or self._repeatable(node):
            return self._same_type(node, rebuild(node, self.value_of))
        if is_short(node) and self.kinds.is_there(node):
            return self._same_type(node, rebuild(node, self.value_of))
        return self._stage(node)

    def lasting(self, _node: Expression, value: Expression) -> Expression:
        """Give a value that stays as it is, whatever is written in place later."""
        if self.types.of(_node).form == "scalar" or views(_node).isdisjoint(self.kinds.written):
            return value
        return self._same_type(_node, Call(np.copy, (value,)))

    def _again(self, node: Expression) -> Expression:
        """Compute a value again, once for all lines of a group."""
        if node in self.temporaries:
            return Read(self.temporaries[node])
        built = self._same_type(node, rebuild(node, self.value_of))
        if node not in self.repeated or self._repeatable(node):
            return built
        wish = self.roles.get(node) or suggest(node)
        variable = Variable(wish, "staged")
        self.types.variables[variable] = self.types.of(node)
        self.temporaries[node] = variable
        self.order.append(Bind(variable, self.under_tests(node, built, self.value_of)))
        return Read(variable)

    def _need(self, variable: Variable, *, late: bool) -> None:
        self.needed.add(variable)
        self.valued.add(variable)
        loop = self.kinds.indices.get(variable)
        if loop is not None and not self._is_in(loop):
            if self.kinds.looped(self.homes.paths.get(variable, ())) or self._outer_loop(loop):
                raise Refusal(
                    "SD102",
                    f"{variable.wish} is used after its loop, and the loop runs again.",
                    "Assign it to another name in the loop.",
                    loop.header.span,
                )
        if not self.kinds.is_fixed(variable):
            (self.own.after if late else self.own.before).add(variable)

    def _is_in(self, loop: Loop) -> bool:
        return any(key == id(loop) for key, _ in self.path)

    def _outer_loop(self, loop: Loop) -> bool:
        return self.kinds.looped(self.kinds.paths.get(loop.header, ((0, ""),))[:-1])

    def shaped_like(self, node: Expression, *, exact: bool, any_form: bool = False) -> Expression:
        """Give something of the same shape as a node, preferably what is at hand."""
        node = self._origin(node)
        if isinstance(node, Const):
            return node
        if not isinstance(node, Read):
            parameter = self.alike(self.types.of(node), exact=exact, any_form=any_form)
            return Read(parameter) if parameter is not None else self.value_of(node)
        if not self._keeps_shape(node.variable):
            return self.value_of(node)
        if node.variable.wish:
            self.shapes.add(node.variable)
        else:
            self.needed.add(node.variable)
            self.valued.add(node.variable)
        return node

    def alike(self, wanted: Type, *, exact: bool, any_form: bool = False) -> Variable | None:
        """Find a parameter that has a known shape, whatever is written into it."""
        if not isinstance(wanted.shape, tuple):
            return None
        for parameter in self.function.parameters:
            variable = parameter.variable
            found = self.types.variables.get(variable, OTHER)
            if variable.role != "parameter" or found.shape != wanted.shape:
                continue
            kind = not exact or found.kind == wanted.kind
            if kind and (any_form or found.form == wanted.form) and self._keeps_shape(variable):
                return variable
        return None

    def _keeps_shape(self, variable: Variable) -> bool:
        """Whether all values of a variable have one shape, and one is there."""
        if variable in self.types.unsteady or self.types.variables[variable].form == "list":
            return False
        kind = self.kinds.of(variable)
        if kind in ("steady", "index"):
            return True
        shape = self.types.variables[variable].shape
        if is_computed(shape) and self.kinds.looped(self.homes.paths.get(variable, ())):
            return False
        known = isinstance(shape, tuple)
        single = len(self.kinds.definitions.get(variable, ())) < 2
        return known or (single and kind == "restored")

    # Tests and loops.

    def _place_test(self, node: BackwardIf, path: Path) -> None:
        test = node.node.test
        self.path, self.now, self.own = path, None, Needs()
        flag = isinstance(test, Read) and test.variable.role == "staged"
        if self.kinds.is_there(test) or (flag and not self.kinds.looped(path)):
            node.test = self.value_of(test)
            return
        variable = Variable("taken", "staged")
        self.tests[node.node] = variable
        self.types.variables[variable] = self.types.of(test)
        self.homes.paths[variable] = path
        self.needed.add(variable)
        self.valued.add(variable)
        node.test = Read(variable)

    def _place_loop(self, node: BackwardLoop, path: Path) -> None:
        loop = node.node
        self.path, self.now, self.own = path, None, Needs()
        with self.problems.within(loop.header.span):
            sequence = loop.sequence
            if sequence is None:
                assert loop.rounds is not None
                node.index = Variable("_", "staged")
                node.sequence = Call(range, (Read(loop.rounds),))
            else:
                assigned = {b.variable for s in leaves((loop,)) for b in s.binds}
                assigned |= {w.variable for s in leaves((loop,)) for w in s.writes}
                bounds = only_bounds(sequence, loop)
                if assigned & bounds:
                    raise Refusal(
                        "SD102",
                        "what this loop runs over changes while it runs.",
                        "Give it a name of its own before the loop.",
                        loop.header.span,
                    )
                node.index = loop.index
                node.sequence = backwards(self._written_again(sequence), loop.rounds)
            if loop.rounds is not None:
                self._need(loop.rounds, late=True)
        self.exits.setdefault(id(loop), set()).update(self.own.before | self.own.after)

    def _written_again(self, node: Expression) -> Expression:
        """Give a sequence with the values that it had."""
        if isinstance(node, Call) and node.function is not np.shape:
            return self._same_type(node, rebuild(node, self._written_again))
        return self.value_of(node)
