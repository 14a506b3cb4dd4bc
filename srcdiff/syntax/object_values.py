"""Objects that a function returns, or that are values: records, and nothing else.

Takes what was read of a function. Gives it without the tokens of objects. Refuses objects that have
no value in derived code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import (
    Bind,
    Const,
    Expression,
    Group,
    If,
    Jump,
    Loop,
    Node,
    Read,
    Statement,
)
from srcdiff.ir.records import RecordClass
from srcdiff.ir.walk import rebuild, rebuilt
from srcdiff.syntax.class_tests import ask_again
from srcdiff.syntax.closures import Picked, Table, is_static
from srcdiff.syntax.instance import Instance
from srcdiff.syntax.making import MadeObjects


class ObjectValues(MadeObjects):
    """Gives the objects of one function that are values after all."""

    def without_tokens(self, nodes: Iterable[Node]) -> list[Node]:
        """Give statements without the tokens of objects."""

        def changed(node: Statement) -> Statement:
            binds = tuple(Bind(b.variable, self.settled(b.value)) for b in node.binds)
            writes = tuple(
                replace(w, path=tuple(map(self.settled, w.path)), value=self.settled(w.value))
                for w in node.writes
            )
            return replace(node, binds=binds, writes=writes)

        return list(rebuilt(tuple(nodes), changed, lambda tree, _: self.settled(tree)))

    def settled(self, value: Expression) -> Expression:
        """Give an expression without tokens.

        Raises
        ------
        Refusal
            An object of a class that isn't known for its fields is used as a value.
        """
        if isinstance(value, Read) and value.variable in self.by_token:
            return self._as_value(value)
        return rebuild(value, self.settled)

    def _as_value(self, value: Read) -> Expression:
        held = self.by_token[value.variable]
        if isinstance(held, Instance):
            known = self.expressions.scope.lookup(held.cls.name)
            if isinstance(known, RecordClass) and known.is_plain:
                if set(known.record.fields) <= held.fields.keys():
                    fields = [held.fields[name] for name in known.record.fields]
                    if not any(is_static(field) for field in fields):
                        record = replace(known.record, name=held.cls.name)
                        return Group("tuple", tuple(fields), value.span, record)  # type: ignore[arg-type]  # values
        what = f"an object of {held.cls.name}" if hasattr(held, "cls") else "a list of objects"
        raise self.expressions.refuse_at(
            "SD103",
            f"{what} is used as a value here, and is none in the derived code.",
            "Use its attributes, or call its methods.",
            value.span,
        )

    def one_return(self, nodes: list[Node], span: Span) -> tuple[list[Node], dict[int, Expression]]:
        """Let returns of objects at several places give one that keeps any of them.

        Returns
        -------
        The block, and what stands for the objects by their places among the values.
        """
        slots: dict[int, Instance] = {}
        same: dict[int, set[Instance]] = {}
        for place, held in self._returned(nodes):
            same.setdefault(place, set()).add(held)
        if not same:
            return nodes, {}

        def given(jump: Jump) -> list[Node]:
            values = jump.values
            made: list[Node] = []
            items = list(_items(values))
            for place, item in enumerate(items):
                held = self.of(item)
                if place not in same:
                    continue
                if not isinstance(held, Instance):
                    raise self.expressions.refuse_at(
                        "SD103", "this is an object at one return only.", "", span
                    )
                self.expressions.copied_here = set()
                if len(same[place]) == 1:
                    slots[place] = held
                else:
                    with self.expressions.into(made):
                        put, kept = self.before(span), slots.get(place)
                        slots[place] = self._kept(kept, held, "", put, None, leaving=True)
                items[place] = Const(None, "None")
            whole = replace(values, items=tuple(items)) if _is_tuple(values) else items[0]  # type: ignore[type-var]  # a group
            return [*made, replace(jump, values=whole)]

        changed = _each_return(nodes, given)
        self.met([held for place, held in slots.items() if len(same[place]) > 1])
        return changed, {place: Read(held.token, span) for place, held in slots.items()}

    def chosen(
        self, test: Expression, arms: tuple[tuple[Expression, list[Node]], ...], span: Span
    ) -> Expression | None:
        """Give one of two objects, for a conditional expression; None for other values."""
        held = [self.of(value) for value, _ in arms]
        if not any(h is not None for h in held):
            return None
        first, second = held
        if not isinstance(first, Instance) or not isinstance(second, Instance):
            ask_again(self, test)
            hint = "Make an object in both cases, or test with isinstance which it is."
            raise self._refuse("this is an object in one case only.", hint, None)
        if not any(nodes for _, nodes in arms):
            index = self.expressions.fixed(test)
            return Read(self.token(Picked(Table("choice", (), (first, second)), index)), span)
        header = Statement((), span, form="made")
        if first.cls is not second.cls:
            index = self.expressions.fixed(test)
            then, otherwise = (tuple(nodes) for _, nodes in arms)
            self.expressions.before.append(If(index, then, otherwise, header))
            self.expressions.rewritten.add(self.expressions.place)
            return Read(self.token(Picked(Table("choice", (), (first, second)), index)), span)
        kept: Instance | None = None
        for one, (_, nodes) in zip((first, second), arms, strict=True):
            self.expressions.copied_here = set()
            with self.expressions.into(nodes):
                kept = self._kept(kept, one, "", self.before(span), None)
        assert kept is not None
        self.met([kept])
        then, otherwise = (tuple(nodes) for _, nodes in arms)
        self.expressions.before.append(If(test, then, otherwise, header))
        self.expressions.rewritten.add(self.expressions.place)
        return Read(kept.token, span)

    def _returned(self, nodes: Iterable[Node]) -> Iterator[tuple[int, Instance]]:
        """Give the objects that a block returns, with their places among the values."""
        for node in nodes:
            match node:
                case Jump(kind="return", values=values):
                    held = [(i, self.of(v)) for i, v in enumerate(_items(values))]
                    yield from ((i, h) for i, h in held if isinstance(h, Instance))
                case If():
                    yield from self._returned((*node.then, *node.otherwise))
                case Loop():
                    yield from self._returned((*node.body, *node.otherwise))


def _is_tuple(values: Expression | None) -> bool:
    return isinstance(values, Group) and values.kind == "tuple" and values.record is None


def _items(values: Expression | None) -> tuple[Expression, ...]:
    """Give the values that a return gives."""
    if values is None:
        return ()
    return values.items if isinstance(values, Group) and _is_tuple(values) else (values,)


def _each_return(nodes: Iterable[Node], given: Callable[[Jump], list[Node]]) -> list[Node]:
    """Give a block with something else for each return."""
    found: list[Node] = []
    for node in nodes:
        match node:
            case Jump(kind="return"):
                found += given(node)
            case If():
                then = tuple(_each_return(node.then, given))
                otherwise = tuple(_each_return(node.otherwise, given))
                found.append(replace(node, then=then, otherwise=otherwise))
            case Loop():
                body = tuple(_each_return(node.body, given))
                otherwise = tuple(_each_return(node.otherwise, given))
                found.append(replace(node, body=body, otherwise=otherwise))
            case _:
                found.append(node)
    return found
