"""Loops, and the functions that names stand for from one statement to the next.

Takes the loops of one function. Adds them to its nodes. Refuses a function that is another one in
each round.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace

import libcst as cst

from srcdiff.diagnostics import Problems, Refusal, Span
from srcdiff.ir.jumps import may_leave
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    If,
    Jump,
    Loop,
    Node,
    Read,
    Statement,
    Variable,
)
from srcdiff.ir.walk import variables
from srcdiff.syntax.chosen import Chosen
from srcdiff.syntax.class_tests import ask_again
from srcdiff.syntax.closures import NotStraight, Static, Table, library_function
from srcdiff.syntax.comprehensions import Comprehensions
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.gathered import Gathered
from srcdiff.syntax.in_place import InPlaceCalls
from srcdiff.syntax.inline import Inliner
from srcdiff.syntax.instance import Several, has_slot, is_object
from srcdiff.syntax.list_methods import ListMethods
from srcdiff.syntax.list_values import ListValues
from srcdiff.syntax.loops import Elements
from srcdiff.syntax.meeting import met, object_in_one, see
from srcdiff.syntax.queues import Queues
from srcdiff.syntax.sequences import Sequences
from srcdiff.syntax.statements import bound_names, function_names, writes_into_each
from srcdiff.syntax.targets import AssignmentReader


class LoopReader:
    """Reads the loops of one function.

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
        self.inliner = Inliner(expressions, self)
        expressions.objects.inliner = self.inliner
        self.loops = 0
        self.defined: dict[str, int] = {}
        self.forgotten: set[str] = set()
        expressions.inline = self.inliner.call
        expressions.made = self.inliner.static
        expressions.fill = Comprehensions(self.elements).fill
        sequences = Sequences(self.elements, self.inliner)
        expressions.over, expressions.listed = sequences.over, sequences.listed
        self.chosen = Chosen(sequences)
        self.gathered = Gathered(sequences)
        self.list_values = ListValues(sequences)
        self.list_methods = ListMethods(self.list_values, targets)
        self.queues = Queues(self.list_methods)
        expressions.of_lists, expressions.entry = self._of_lists, self.queues.entry

    def _of_lists(self, node: cst.BaseExpression, span: Span) -> Expression | None:
        """Give what is made of lists, or chosen from their items; None for anything else."""
        if isinstance(node, cst.Call):
            function = library_function(self.expressions, node)
            if function in (max, min):
                return self.chosen.best(node, span, greatest=function is max)
            made = self.gathered.made(node, span) or self.list_methods.taken(node, span)
            made = made or self.list_methods.dropped(node, span) or self.queues.made(node, span)
            if made is not None:
                return made
        return self.list_values.made(node, span)

    def suite(self, suite: cst.BaseSuite) -> list[Node]:
        """Read a block of statements."""
        raise NotImplementedError

    def header(self, node: cst.If | cst.For | cst.While, last: cst.BaseExpression) -> Statement:
        """Give the place of a compound statement's first line, without the colon."""
        start, _ = self.positions.offsets(node)
        end = self.positions.end_with_parentheses(last)
        comment = ""
        if isinstance(node.body, cst.IndentedBlock) and node.body.header.comment is not None:
            comment = node.body.header.comment.value
        return Statement(
            (), self.positions.between(start, end), comment, comments(node.leading_lines)
        )

    def for_loop(self, node: cst.For, nodes: list[Node]) -> None:
        """Read a for loop."""
        header = self.header(node, node.iter)
        if writes_into_each(node):
            assert isinstance(node.iter, (cst.Tuple, cst.List))
            for element in node.iter.elements:
                target = [node.target]
                nodes.extend(self.targets.assign(target, element.value, header.span, "", ()))
                nodes += self.suite(node.body)
            return
        assigned = bound_names(node.body)
        functions = self._functions(node)
        if functions is None:
            found = self.elements.of(
                node.target, node.iter, assigned, nodes, header, body=[node.body]
            )
        else:
            header = replace(header, form="made")
            found = self.elements.of_functions(*functions, header, nodes)
        sequence, index, binds = found
        sequence, header = self._counted_once(sequence, binds, assigned, header, nodes)
        header = replace(header, binds=binds)
        self._loop(node, Loop(header, index, sequence, None, ()), nodes)

    def _counted_once(
        self,
        sequence: Expression,
        binds: tuple[Bind, ...],
        assigned: set[str],
        header: Statement,
        nodes: list[Node],
    ) -> tuple[Expression, Statement]:
        """Compute before the loop how far it counts, where its rounds assign what says so."""
        inner = {v.wish for bind in binds for v in variables(bind.value)}
        if not isinstance(sequence, Call) or sequence.function is not range or inner & assigned:
            return sequence, header  # items of what is assigned are those of another value
        bounds: list[Expression] = []
        for bound in sequence.arguments:
            if all(variable.wish not in assigned for variable in variables(bound)):
                bounds.append(bound)
                continue
            kept = Variable("count", "staged")
            nodes.append(Statement((Bind(kept, bound),), header.span, form="made"))
            bounds.append(Read(kept))
            header = replace(header, form="made")
        return replace(sequence, arguments=tuple(bounds)), header

    def _functions(
        self, node: cst.For
    ) -> tuple[list[cst.BaseExpression], list[Table | Expression]] | None:
        """Give the targets and the things of a loop that runs over functions; None for others."""
        targets: list[cst.BaseExpression] = [node.target]
        trees = [node.iter]
        function = library_function(self.expressions, node.iter)
        if function in (zip, enumerate) and isinstance(node.target, cst.Tuple):
            assert isinstance(node.iter, cst.Call)
            args = node.iter.args
            targets = [element.value for element in node.target.elements]
            trees = [a.value for a in args if not a.star and a.keyword is None]
            numbered = function is enumerate and len(trees) == len(args) == 1
            if len(trees) < len(args) or len(targets) != len(trees) + numbered:
                return None
            found = [self._table(tree) for tree in trees]
            if numbered and found[0] is not None:
                count = Call(range, (Const(len(found[0].items)),))
                return targets, [count, found[0]]
        found = [self._table(tree) for tree in trees]
        named = [isinstance(t, cst.Name) or f is None for t, f in zip(targets, found, strict=False)]
        if not any(found) or not all(named):
            return None
        parts: list[Table | Expression] = [
            self.expressions.read(tree) if table is None else table
            for tree, table in zip(trees, found, strict=True)
        ]
        return targets, parts

    def _table(self, node: cst.BaseExpression) -> Table | None:
        known = isinstance(node, (cst.Name, cst.Tuple, cst.List, cst.Attribute))
        found = self.inliner.static(node) if known else None
        return found if isinstance(found, Table) and found.kind == "sequence" else None

    def _predefine(self, node: cst.CSTNode) -> None:
        """Let the variables that a loop assigns have values from the round before."""
        for name in sorted(bound_names(node) - function_names(node)):
            if name not in self.expressions.inner and name not in self.forgotten:
                self.expressions.variables.setdefault(name, Variable(name))

    def _forget(self, node: cst.CSTNode) -> None:
        """Let names mean no function of an earlier loop, where this one gives them others."""
        for name in bound_names(node) & self.expressions.inner.keys():
            of_loop = self.defined.get(name, 0) > self.loops
            if of_loop and not is_object(self.expressions.inner[name]):
                del self.expressions.inner[name]
                self.forgotten.add(name)

    def while_loop(self, node: cst.While, nodes: list[Node]) -> None:
        """Read a while loop."""
        header = self.header(node, node.test)
        self._predefine(node)
        first: list[Node] = []
        self.expressions.before = first
        with self.expressions.deeper():
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
            test, header = Const(True, "True"), replace(header, form="made")
        self._loop(node, Loop(header, None, None, test, tuple(first)), nodes)

    def _loop(
        self,
        node: cst.For | cst.While,
        loop: Loop,
        nodes: list[Node],
    ) -> None:
        self._forget(node.body)
        self._predefine(node.body)
        self.loops += 1
        with self.expressions.deeper():
            body = [*loop.body, *self.suite(node.body)]
        self.loops -= 1
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

    def branch(
        self,
        test: Expression,
        arms: tuple[Callable[[], list[Node]], Callable[[], list[Node]]],
        header: Statement,
        nodes: list[Node],
    ) -> None:
        """Add a branch whose arms are read here; a name may stand for a function of either."""
        before, values = dict(self.expressions.inner), frozenset(self.expressions.variables)
        with self.expressions.deeper():
            then = arms[0]()
        first = dict(self.expressions.inner)
        see(self.expressions, before)
        with self.expressions.deeper():
            otherwise = arms[1]()
        second = dict(self.expressions.inner)
        left = [bool(arm) and isinstance(arm[-1], Jump) for arm in (then, otherwise)]
        if left[0] or first == second:
            see(self.expressions, second)
        elif left[1]:
            see(self.expressions, first)
        else:
            self.expressions.before = nodes
            if object_in_one(first, second, values):
                ask_again(self.expressions.objects, test)
            test = self.expressions.fixed(test)
            see(self.expressions, met(self.expressions, first, second, test))
        nodes.append(If(test, tuple(then), tuple(otherwise), header))

    def defines(
        self, targets: list[cst.BaseAssignTargetExpression], value: cst.BaseExpression
    ) -> bool:
        """Whether an assignment gives a function a name; note it, then."""
        if not all(isinstance(target, (cst.Name, cst.Tuple)) for target in targets):
            return False
        found = self.inliner.static(value)
        if found is None:
            return False
        if not self.expressions.slots:
            raise NotStraight
        for target in targets:
            self._define_target(target, found)
        return True

    def _define_target(self, target: cst.BaseExpression, found: Static) -> None:
        if isinstance(target, cst.Name):
            self.define(target.value, found)
            return
        assert isinstance(target, cst.Tuple)
        if isinstance(found, Several):
            objects = self.expressions.objects
            for place, element in enumerate(target.elements):
                item = objects.of(objects.lists.place(Read(found.token), Const(place)))
                assert item is not None
                self._define_target(element.value, item)
            return
        if not isinstance(found, Table) or len(found.items) != len(target.elements):
            raise self.expressions.refuse(
                "SD101", "these functions can't be unpacked.", "Name each.", target
            )
        objects, place = self.expressions.objects, self.expressions.place
        put = objects.before(self.positions.between(place, place))
        items = [objects.kept_apart(item, put) for item in found.items]
        for element, item in zip(target.elements, items, strict=True):
            self._define_target(element.value, item)

    def define(self, name: str, function: Static) -> None:
        """Note a function inside the function, or an object."""
        if is_object(function):
            expressions = self.expressions
            span = self.positions.between(expressions.place, expressions.place)
            expressions.objects.name(name, function, expressions.objects.before(span), None)
            return
        if has_slot(function):
            raise Refusal("SD103", f"which object {name} is of isn't known here.", "Use two names.")
        if self.defined.get(name, self.loops) < self.loops:
            raise Refusal(
                "SD101",
                f"the function {name} is another one in each round of a loop.",
                "Give one of them another name.",
            )
        self.defined[name] = self.loops
        self.expressions.variables.pop(name, None)
        self.expressions.inner[name] = function


def comments(lines: object) -> tuple[str, ...]:
    """Give the comments of empty lines."""
    return tuple(
        empty.comment.value
        for empty in lines  # type: ignore[attr-defined]  # a sequence of EmptyLine
        if empty.comment is not None
    )
