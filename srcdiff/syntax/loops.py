"""What a for loop runs over, as an index and the elements that it picks.

Takes the target and the iterable of a for loop. Gives the sequence that the index runs over, the
index, and the assignments that each round begins with. Refuses targets and iterables of forms that
can't be run backwards.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst
import numpy as np

from srcdiff.diagnostics import Refusal, Span
from srcdiff.ir.nodes import (
    Attribute,
    Bind,
    Call,
    Const,
    Expression,
    Group,
    Item,
    Member,
    Node,
    Read,
    Statement,
    Variable,
)
from srcdiff.syntax.closures import Picked, Table, library_function
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.instance import has_slot
from srcdiff.syntax.iterated import (
    ENDLESS,
    PICKING,
    never_ends,
    part_of,
    picked_places,
)
from srcdiff.syntax.keys import are_keys
from srcdiff.syntax.loop_forms import (
    around,
    counts_from_zero,
    index_name,
    is_place,
    plus,
    second,
)

OVER_ALL = (list, tuple, reversed, sorted, enumerate)
"""Functions whose result runs over the keys if they are given a dict."""


class Elements:
    """Reads the first lines of for loops."""

    def __init__(self, expressions: ExpressionReader) -> None:
        self.expressions = expressions
        self.filled: Callable[[Expression, Span], Read] = _unfilled

    def of(
        self,
        target: cst.BaseExpression,
        iterable: cst.BaseExpression,
        assigned: set[str],
        nodes: list[Node],
        header: Statement,
        outside: dict[str, Variable | None] | None = None,
        body: Sequence[cst.CSTNode] = (),
    ) -> tuple[Expression, Variable, tuple[Bind, ...]]:
        """Give the sequence, the index and the assignments of each round.

        Parameters
        ----------
        assigned
            The names that the loop's body assigns; the index must not be among them.
        nodes
            Where an iterable that isn't a name gets one.
        outside
            What the target's names mean in the iterable, if not what they mean in the loop.
        body
            What each round evaluates.
        """
        variables = self.expressions.variables
        known = {name: v for name, v in (outside or {}).items() if v is not None}
        variables.update(known)
        tree = self._keys(target, iterable, body) or self._columns(target, iterable)
        tree = tree or self._places(iterable) or self.expressions.read(iterable)
        for name in known:
            del variables[name]
        index = Variable("i", "staged")
        sequence, element = self._elements(tree, index, nodes, header)
        name = index_name(target, element, index)
        if name and name not in assigned:
            index = self.expressions.variables.setdefault(name, Variable(name))
            sequence, element = self._elements(tree, index, nodes, header)
        if index.role == "staged" or name in self.expressions.single:
            self.expressions.steady.add(index)
        binds: list[Bind] = []
        self._assign(target, element, index, binds)
        return sequence, index, tuple(binds)

    def _keys(
        self,
        target: cst.BaseExpression,
        iterable: cst.BaseExpression,
        body: Sequence[cst.CSTNode],
    ) -> Expression | None:
        """Give the keys of a value of which a loop only picks entries; None for other loops."""
        holder, calls = around(iterable)
        if any(library_function(self.expressions, c) not in OVER_ALL for c in calls):
            return None
        if calls and library_function(self.expressions, calls[0]) is enumerate:
            target = second(target)
        if not isinstance(holder, cst.Name) or not isinstance(target, cst.Name):
            return None
        if not are_keys(target.value, holder.value, body):
            return None
        read = self.expressions.read(holder)
        if not isinstance(read, Read) or self.expressions.objects.of(read) is not None:
            return None
        tree: Expression = Call(Member("keys"), (read,), (), "method", read.span)
        for call in reversed(calls):
            function = library_function(self.expressions, call)
            tree = Call(function, (tree,), (), "function", self.expressions.positions.span(call))
        return tree

    def _columns(
        self, target: cst.BaseExpression, iterable: cst.BaseExpression
    ) -> Expression | None:
        """Give what `for a, b in zip(*pairs)` runs over: the two that the target says they are."""
        if not isinstance(iterable, cst.Call) or not isinstance(target, (cst.Tuple, cst.List)):
            return None
        if [argument.star for argument in iterable.args] != ["*"]:
            return None
        if any(isinstance(element, cst.StarredElement) for element in target.elements):
            return None
        if library_function(self.expressions, iterable) is not zip:
            return None
        whole = self.expressions.simple(self.expressions.read(iterable.args[0].value))
        places = range(len(target.elements))
        return Call(zip, tuple(Item(whole, Const(place), whole.span) for place in places))

    def _places(self, iterable: cst.BaseExpression) -> Expression | None:
        """Give what `for place in np.ndindex(*x.shape)` runs over, as NumPy takes it too."""
        match iterable:
            case cst.Call(args=[cst.Arg(value=sizes, star="*")]):
                if library_function(self.expressions, iterable) is np.ndindex:
                    return Call(np.ndindex, (self.expressions.read(sizes),))
        return None

    def of_functions(
        self,
        targets: list[cst.BaseExpression],
        parts: list[Table | Expression],
        header: Statement,
        nodes: list[Node],
    ) -> tuple[Expression, Variable, tuple[Bind, ...]]:
        """Give what a loop over several things at once runs over, functions among them."""
        counted: list[Expression] = [
            Call(range, (Const(len(part.items)),)) if isinstance(part, Table) else part
            for part in parts
        ]
        index = Variable("i", "staged")
        tree = counted[0] if len(counted) == 1 else Call(zip, tuple(counted))
        sequence, element = self._elements(tree, index, nodes, header)
        binds: list[Bind] = []
        for place, (target, part) in enumerate(zip(targets, parts, strict=True)):
            if isinstance(part, Table):
                assert isinstance(target, cst.Name)
                if has_slot(part):
                    raise self.expressions.refuse(
                        "SD103",
                        "which object this is isn't known in each round.",
                        "Write the loop out.",
                        target,
                    )
                self.expressions.variables.pop(target.value, None)
                self.expressions.inner[target.value] = Picked(part, Read(index), counts=True)
            else:
                own = element.items[place] if isinstance(element, Group) else element
                self._assign(target, own, index, binds)
        return sequence, index, tuple(binds)

    def over(
        self, tree: Expression, nodes: list[Node], header: Statement
    ) -> tuple[Expression, Variable, Expression]:
        """Give the sequence, the index and the element of each round, for one that is read."""
        index = Variable("i", "staged")
        sequence, element = self._elements(tree, index, nodes, header)
        return sequence, index, element

    def _elements(
        self, tree: Expression, index: Variable, nodes: list[Node], header: Statement
    ) -> tuple[Expression, Expression]:
        """Give what the index runs over, and the element at the index."""
        here = Read(index)
        if isinstance(tree, Call):
            function: Any = tree.function
            arguments = tree.arguments
            if function is range or (function is np.arange and not tree.keywords):
                return tree, here
            if function is np.ndindex:
                return Call(list, (tree,)), here
            if function is np.ndenumerate and len(arguments) == 1:
                whole = self._sequence(arguments[0], nodes, header)
                places = Call(np.ndindex, (Call(np.shape, (whole,)),))
                both = Group("tuple", (here, Item(whole, here, tree.span)))
                return Call(list, (places,)), both
            if function is enumerate and arguments:
                sequence, inner = self._elements(arguments[0], index, nodes, header)
                start = arguments[1:] or tuple(value for _, value in tree.keywords)
                count = plus(here, start[0]) if start else here
                if not counts_from_zero(sequence):
                    raise self._uncounted(tree)
                return sequence, Group("tuple", (count, inner))
            if (function is zip and arguments) or function in PICKING or function in ENDLESS:
                return self._picked(tree, index, nodes, header)
            if function is reversed:
                sequence, element = self._elements(arguments[0], index, nodes, header)
                return Call(reversed, (sequence,)), element
            if function in (list, tuple) and len(arguments) == 1:
                return self._elements(arguments[0], index, nodes, header)
            if function is sorted and len(arguments) == 1 and not tree.keywords:
                return self._in_order(tree, arguments[0], here)
            if isinstance(function, Member) and function.name in ("items", "keys", "values"):
                return self._of_dict(function.name, arguments[0], here)
        sequence = self._sequence(self._displayed(tree, nodes), nodes, header)
        self.expressions.counts.add(index)
        return Call(range, (self._length(sequence),)), self._item(sequence, here)

    def _length(self, sequence: Expression) -> Expression:
        lists = self.expressions.objects.lists
        return lists.length(sequence, sequence.span) or Call(len, (sequence,))

    def _displayed(self, tree: Expression, nodes: list[Node]) -> Expression:
        """Give objects that are written out as a list of objects."""
        if not isinstance(tree, Group) or tree.kind == "dict":
            return tree
        span = tree.span or self.expressions.positions.between(0, 0)
        with self.expressions.into(nodes):
            return self.expressions.objects.lists.displayed(tree.items, span) or tree

    def _picked(
        self, tree: Call, index: Variable, nodes: list[Node], header: Statement
    ) -> tuple[Expression, Expression]:
        """Give what `zip`, or a function of itertools, runs over."""
        if all(map(never_ends, tree.arguments if tree.function is zip else (tree,))):
            raise self._endless(tree)

        def named(part: Expression) -> Expression:
            return self._sequence(self._displayed(part, nodes), nodes, header)

        self.expressions.counts.add(index)
        if tree.function is itertools.repeat:
            count = (*tree.arguments, *(value for _, value in tree.keywords))[1]
            return Call(range, (count,)), named(tree.arguments[0])
        part = part_of(tree, named)
        if part is not None:
            return self._elements(part, index, nodes, header)
        found = picked_places(tree, Read(index), named, self._item, self._length)
        if found is None:
            name = getattr(tree.function, "__name__", "this function")
            raise self.expressions.refuse_at(
                "SD102",
                f"how many items {name} puts together isn't known here.",
                "Write the number out, or write loops.",
                tree.span,
            )
        return found

    def _endless(self, tree: Call) -> Refusal:
        return self.expressions.refuse_at(
            "SD102",
            "a loop over what never ends can't be run backwards.",
            "Write a while loop, or give it to zip with something that ends.",
            tree.span,
        )

    def _in_order(
        self, tree: Call, holder: Expression, here: Expression
    ) -> tuple[Expression, Expression]:
        """Give the entries of a dict in the order of their keys."""
        assert isinstance(holder, Call)
        _, element = self._of_dict(holder.function.name, holder.arguments[0], here)
        if holder.function.name == "values":
            raise self._uncounted(tree)
        return Call(sorted, (holder.arguments[0],)), element

    @staticmethod
    def _of_dict(name: str, holder: Expression, here: Expression) -> tuple[Expression, Expression]:
        value = Item(holder, here, holder.span)
        element = {"items": Group("tuple", (here, value)), "keys": here, "values": value}[name]
        return Call(list, (holder,)), element

    def _uncounted(self, tree: Call) -> Refusal:
        return self.expressions.refuse_at(
            "SD102",
            "enumerate of this can't be run backwards.",
            "Count with range, and pick the element in the loop.",
            tree.span,
        )

    def _item(self, sequence: Expression, here: Expression) -> Expression:
        if isinstance(sequence, Call) and sequence.function is range:
            if len(sequence.arguments) == 1:
                return here
            if len(sequence.arguments) == 2:
                return plus(here, sequence.arguments[0])
        if isinstance(sequence, Group) and sequence.kind == "tuple":
            return Group("tuple", tuple(self._item(part, here) for part in sequence.items))
        item = self.expressions.objects.lists.item(sequence, here, sequence.span)
        return item or Item(sequence, here, sequence.span)

    def _sequence(self, tree: Expression, nodes: list[Node], header: Statement) -> Expression:
        """Give an iterable that may be read twice: one that is no name gets one."""
        if isinstance(tree, Call) and tree.function is reversed and len(tree.arguments) == 1:
            back = Group("slice", (Const(None), Const(None), Const(-1, "-1")))
            tree = Item(tree.arguments[0], back, tree.span)
        if isinstance(tree, Read) or (isinstance(tree, Call) and tree.function is range):
            return tree
        if isinstance(tree, (Item, Attribute)) and is_place(tree):
            return tree
        key = id(tree)
        known = self.expressions.named.get(key)
        if known is None and isinstance(tree, Call) and tree.function in (zip, enumerate, *PICKING):
            with self.expressions.into(nodes):
                known = self.filled(tree, tree.span or header.span).variable
            self.expressions.named[key] = known
            self.expressions.kept.append(tree)
        if known is None:
            known = Variable("values", "staged")
            self.expressions.named[key] = known
            self.expressions.kept.append(tree)
            nodes.append(Statement((Bind(known, tree),), header.span))
        return Read(known)

    def _assign(
        self, target: cst.BaseExpression, element: Expression, index: Variable, binds: list[Bind]
    ) -> None:
        match target:
            case cst.Name(value=name):
                if isinstance(element, Read) and element.variable is index:
                    if index.wish == name and index.role != "staged":
                        return
                held = self.expressions.objects.of(element)
                if held is not None:
                    put = binds.append
                    self.expressions.objects.name(name, held, put, target)  # type: ignore[arg-type]  # binds alone
                    return
                self.expressions.objects.lost(name)
                variable = self.expressions.variables.setdefault(name, Variable(name))
                self.expressions.kinds.note(variable, element)
                binds.append(Bind(variable, element))
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                for position, part in enumerate(elements):
                    if isinstance(part, cst.StarredElement):
                        raise self.expressions.refuse(
                            "SD102",
                            "a starred target isn't supported yet.",
                            "Name each item.",
                            part,
                        )
                    inner = (
                        element.items[position]
                        if isinstance(element, Group) and position < len(element.items)
                        else Item(element, Const(position), element.span)
                    )
                    self._assign(part.value, inner, index, binds)
            case _:
                raise self.expressions.refuse(
                    "SD101", "a loop over this target isn't supported.", "Use a name.", target
                )


def _unfilled(tree: Expression, span: Span) -> Read:
    raise AssertionError(tree, span)
