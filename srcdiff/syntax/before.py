"""What an expression needs before its statement: assignments, loops, branches.

Takes parts of expressions. Adds statements before the one that is being read, and gives what stands
in the expression then. Refuses assignments in an expression to what it has read before.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst
import numpy as np

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Choice,
    Const,
    Expression,
    If,
    Item,
    Node,
    Read,
    Statement,
    UserFunction,
    Variable,
    Write,
)
from srcdiff.ir.parts import path_to
from srcdiff.ir.walk import variables, walk
from srcdiff.syntax.asked import chosen
from srcdiff.syntax.attributes import OwnNames
from srcdiff.syntax.closures import NotStraight, Static
from srcdiff.syntax.instance import Instance, Notes, Path, Several
from srcdiff.syntax.kinds import Kinds
from srcdiff.syntax.known_kinds import KnownKinds
from srcdiff.syntax.object_classes import ObjectClass
from srcdiff.syntax.positions import Positions
from srcdiff.syntax.scope import Foreign, Scope

if TYPE_CHECKING:
    from srcdiff.syntax.instances import Instances


class Before:
    """Keeps what is known while one function is read.

    Parameters
    ----------
    positions
        The parsed text.
    scope
        Where names are looked up that the function doesn't bind.
    assigned
        The names that the function binds somewhere: Python holds them for local everywhere.
    """

    def __init__(self, positions: Positions, scope: Scope, assigned: frozenset[str]) -> None:
        self.positions = positions
        self.scope = scope
        self.assigned = assigned
        self.variables: dict[str, Variable] = {}
        self.attributes: dict[str, Variable] = {}
        self.reads: dict[str, Variable] = {}
        self.stated: dict[Variable, str] = {}
        self.self_name = ""
        self.methods: dict[str, UserFunction] = {}
        self.definitions: dict[str, cst.FunctionDef] = {}
        self.levels: tuple[dict[str, cst.FunctionDef], ...] = ()
        self.definition: cst.FunctionDef | cst.Lambda | None = None
        self.of_class = False
        self.changed: dict[str, Variable] = {}
        self.own_names = OwnNames()
        self.slots = False
        self.before: list[Node] = []
        self.named: dict[int, Variable] = {}
        self.kept: list[Expression] = []
        self.seen: set[Variable] = set()
        self.filled: set[Variable] = set()
        self.inner: dict[str, Static] = {}
        self.place = 0
        self.rewritten: set[int] = set()
        self.inline: Callable[[Static, cst.Call, Span], Expression] | None = None
        self.made: Callable[[cst.Call], Static | None] = lambda _: None
        self.alone: cst.CSTNode | None = None
        self.fill: Callable[[Any, Any], Variable] = _unfilled
        self.objects: Instances
        self.kinds: Kinds
        self.notes = Notes(slots=False)
        self.path: Path = ()
        self.paths = itertools.count(1)
        self.single: frozenset[str] = frozenset()
        self.steady: set[Variable] = set()
        self.owned: set[Variable] = set()
        self.given: dict[Variable, Path] = {}
        self.counts: set[Variable] = set()
        self.nonlocals: frozenset[str] = frozenset()
        self.bound: set[str] = set()
        self.known_at: dict[str, Path] = {}
        self.kept_objects: dict[str, Instance] = {}
        self.kept_lists: dict[str, Several] = {}
        self.copied_here: set[Instance] = set()
        self.owner: tuple[Expression | Static, ObjectClass] | None = None
        self.over: Callable[[cst.Call], Expression | None] = lambda _: None
        self.listed: Callable[[Expression], Expression] = lambda tree: tree
        self.forms = KnownKinds(self)
        self.entry: Callable[[cst.Subscript, Span], Expression | None] = lambda node, span: None
        self.of_lists: Callable[[Any, Span], Expression | None] = lambda node, span: None

    def assigned_variable(self, name: str, value: Expression | None = None) -> Variable:
        """Give the variable that an assignment to a name makes: a new one in straight code.

        Where statements may run several times or not at all, a name is one variable until the
        pass `webs` has seen which values meet; but a value of another class has one of its own.
        """
        self.objects.lost(name)
        self.bound.add(name)
        self.known_at[name] = self.path
        if self.slots and not self._is_of_other_class(name, value):
            variable = self.variables.setdefault(name, Variable(name))
        else:
            variable = self.variables[name] = Variable(name)
        if name in self.single:
            self.steady.add(variable)
        return variable

    def _is_of_other_class(self, name: str, value: Expression | None) -> bool:
        """Whether a parameter is certainly given a value of another class than its argument's."""
        known = self.variables.get(name)
        if value is None or known is None or self.given.get(known) != self.path:
            return False
        return self.kinds.of(value) != self.kinds.of(Read(known))

    @contextlib.contextmanager
    def deeper(self) -> Iterator[None]:
        """Read what may run several times, or not at all."""
        outer = self.path
        self.path = (*outer, next(self.paths))
        try:
            yield
        finally:
            self.path = outer

    def own_attribute(self, name: str) -> Variable:
        """Give the variable of one of self's attributes."""
        if name in self.changed:
            return self.changed[name]
        if name not in self.attributes:
            self.attributes[name] = Variable(name, "attribute")
        return self.attributes[name]

    def is_inner(self, value: Expression, name: str) -> bool:
        """Whether an attribute belongs to an object that self has, and is no array's."""
        own = isinstance(value, Read) and value.variable.role == "attribute"
        return self.of_class and own and not hasattr(np.ndarray, name)

    def refuse_at(self, code: str, message: str, hint: str, span: Span | None) -> Refusal:
        """Make a refusal at a span."""
        return Refusal(code, message, hint, span)

    def refuse(self, code: str, message: str, hint: str, node: cst.CSTNode) -> Refusal:
        """Make a refusal at a node."""
        return Refusal(code, message, hint, self.positions.span(node))

    def unknown_function(self, name: str, node: cst.CSTNode) -> Refusal:
        """Make the refusal of a call of an argument."""
        return self.refuse(
            "SD132",
            f"{name} is an argument, and which function it is isn't known before the program runs.",
            f"Give it a default, {name}=np.tanh; or let grad or the decorator derive at a call, "
            "and pass a plain function.",
            node,
        )

    def is_module(self, name: str) -> bool:
        """Whether a name is that of a module of which nothing is known."""
        found = self.scope.lookup(name)
        return isinstance(found, Foreign) and found.what == f"the module {name}"

    def respelled(self, name: str, written: str) -> str:
        """Give a name that may be another one than the text has at this place."""
        if name != written:
            self.rewritten.add(self.place)
        return name

    def outside(self, name: str) -> Variable:
        """Give the variable of the module, or around the function, that a name is."""
        return self.reads.setdefault(name, Variable(name, "global"))

    def read(self, node: cst.BaseExpression) -> Expression:
        """Give the expression that a node stands for."""
        raise NotImplementedError

    def choice(self, node: cst.IfExp, span: Span) -> Expression:
        """Read a conditional expression."""
        known = chosen(self, node)
        if known is not node:
            self.rewritten.add(self.place)
            return self.read(known)
        test = self.read(node.test)
        arms = (self.apart(node.body), self.apart(node.orelse))
        found = self.objects.chosen(test, arms, span)
        if found is not None:
            return found
        kinds = self.slots and any(
            isinstance(inner, Call) and inner.function is isinstance for inner in walk(test)
        )
        if kinds or any(nodes for _, nodes in arms):
            # Values of different kinds have gradients of different kinds, each in its own branch.
            return self.branched(test, arms, span)
        return Choice(test, arms[0][0], arms[1][0], span)

    def apart(self, node: cst.BaseExpression) -> tuple[Expression, list[Node]]:
        """Read an expression that isn't evaluated each time, with the statements that it needs."""
        return self.collected(lambda: self.read(node))

    @contextlib.contextmanager
    def into(self, nodes: list[Node]) -> Iterator[list[Node]]:
        """Let the statements that expressions need go to a block of their own."""
        outer, self.before = self.before, nodes
        try:
            yield nodes
        finally:
            self.before = outer

    def collected(self, make: Callable[[], Expression]) -> tuple[Expression, list[Node]]:
        """Make an expression, with the statements that it needs apart from those here."""
        with self.into([]), self.deeper():
            return make(), self.before

    def branched(
        self, test: Expression, arms: tuple[tuple[Expression, list[Node]], ...], span: Span
    ) -> Expression:
        """Write a choice as branches before the statement."""
        chosen = Variable("chosen", "staged")
        then, otherwise = (
            (*nodes, Statement((Bind(chosen, value),), span, form="made")) for value, nodes in arms
        )
        self.before.append(If(test, then, otherwise, Statement((), span, form="made")))
        self.rewritten.add(self.place)
        return Read(chosen, span)

    def added(self, test: Expression, write: Write, span: Span) -> None:
        """Write something before the statement, if a test holds."""
        own = Statement((), span, form="made", writes=(write,))
        self.before.append(If(test, (own,), (), Statement((), span, form="made")))
        self.rewritten.add(self.place)

    def taken_off(self, node: cst.Call) -> tuple[cst.BaseExpression, int] | None:
        """Give the list that `pop` or `popleft` takes an item off, and its place; else None."""
        if any(argument.keyword is not None or argument.star for argument in node.args):
            return None
        match node.func:
            case cst.Attribute(value=owner, attr=cst.Name(value="pop")):
                place = place_taken([argument.value for argument in node.args])
                keyed = self.forms.is_dict(owner)
                return None if place is None or keyed else (owner, place)
            case cst.Attribute(value=owner, attr=cst.Name(value="popleft")) if not node.args:
                if self.forms.is_a(owner, "deque"):
                    self.rewritten.add(self.place)
                    return owner, 0
        return None

    def popped(self, holder: Expression, at: int, seen: set[Variable], span: Span) -> Expression:
        """Take an item off a list before the statement, which must not have read the list."""
        if not self.slots:
            raise NotStraight
        root, path = path_to(holder)
        if not isinstance(root, Read) or root.variable in seen:
            raise self.refuse_at(
                "SD102",
                "this takes an item off what isn't a variable, or what the statement has read.",
                "Give it a statement of its own: item = items.pop().",
                span,
            )
        self.seen = seen
        kept = Variable("item", "staged")
        taken = Write(root.variable, path, Const(None), "pop", at=None if at == -1 else at)
        bind = Bind(kept, Item(holder, Const(at, str(at)), span))
        self.before.append(Statement((bind,), span, form="made", writes=(taken,)))
        self.rewritten.add(self.place)
        return Read(kept, span)

    def fixed(self, value: Expression) -> Expression:
        """Give a value that stays what it is, whatever is assigned later."""
        if isinstance(value, Const) or self.objects.of(value) is not None:
            return value
        if not self.slots:
            raise NotStraight
        kept = Variable("value", "staged")
        span = value.span or self.positions.between(self.place, self.place)
        self.before.append(Statement((Bind(kept, value),), span, form="made"))
        self.rewritten.add(self.place)
        return Read(kept)

    def computed_first(
        self, items: tuple[Expression, ...], filled: Variable
    ) -> tuple[Expression, ...]:
        """Give the items that a list gets, such that each is computed before the first is added."""
        return items[:1] + tuple(
            self.fixed(item) if _reads_list(item, filled) else item for item in items[1:]
        )

    def simple(self, value: Expression) -> Expression:
        """Give a value that may be read several times before anything else is assigned."""
        return value if isinstance(value, Read) else self.fixed(value)

    def assigned_inside(self, node: cst.NamedExpr, span: Span) -> Expression:
        """Write an assignment in an expression as a statement before."""
        if not self.slots:
            raise NotStraight
        seen = set(self.seen)
        value = self.read(node.value)
        assert isinstance(node.target, cst.Name)
        name = node.target.value
        held = self.objects.of(value)
        if held is not None:
            self.objects.name(name, held, self.objects.before(span), node)
            return value
        variable = self.assigned_variable(name)
        if variable in seen:
            raise self.refuse(
                "SD102",
                f"{name} is read before and assigned after in one statement.",
                "Assign it in a statement of its own.",
                node,
            )
        self.before.append(Statement((Bind(variable, value),), span, form="made"))
        self.rewritten.add(self.place)
        return Read(variable, span)

    def comprehension(self, node: cst.ListComp | cst.GeneratorExp | cst.DictComp) -> Expression:
        """Write a comprehension as a loop before the statement; give what it fills."""
        filled = self.fill(self, node)
        self.rewritten.add(self.place)
        return Read(filled, self.positions.span(node))


def _reads_list(item: Expression, filled: Variable) -> bool:
    """Whether an item reads a list, by its name or as what may be another name of it."""
    if isinstance(item, (Const, Read)):
        return False
    local = (
        isinstance(node, Item)
        and isinstance(node.value, Read)
        and node.value.variable.role != "parameter"
        for node in walk(item)
    )
    return filled in variables(item) or any(local)


def place_taken(arguments: Sequence[cst.BaseExpression]) -> int | None:
    """Give the place of the item that `pop` takes off a list; None if that isn't written there."""
    match arguments:
        case []:
            return -1
        case [cst.Integer(value=text)]:
            return int(text, 0)
        case [cst.UnaryOperation(operator=cst.Minus(), expression=cst.Integer(value="1"))]:
            return -1
    return None


def _unfilled(reader: Before, node: Any) -> Variable:
    raise reader.refuse(
        "SD102",
        "a comprehension can't be differentiated here.",
        "Write it as plain statements.",
        node,
    )
