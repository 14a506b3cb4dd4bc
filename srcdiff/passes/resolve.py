"""Members that have a meaning become calls of the functions they stand for.

Takes a function as read. Gives it with `x.sum(0)` as a call of `np.sum`, `x.T` as a call of
`np.transpose`, and items of a tuple written out as these items. Refuses unknown members.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir import operators
from srcdiff.ir.nodes import (
    Attribute,
    Bind,
    Call,
    Const,
    Expression,
    Function,
    Group,
    Item,
    Member,
    Output,
    Read,
    Statement,
    Variable,
    Write,
)
from srcdiff.ir.records import Field
from srcdiff.ir.types import Type
from srcdiff.ir.walk import rebuild, rebuilt, variables
from srcdiff.passes.arguments import arranged
from srcdiff.passes.drawn import (
    is_conditional,
    is_drawn,
    is_run,
    refuse_draws,
    refuse_runs,
)
from srcdiff.passes.fields import FieldNames
from srcdiff.passes.restated import as_tuples, restated, slopes_apart, with_name
from srcdiff.passes.spread import spread
from srcdiff.passes.stated import stated_types
from srcdiff.passes.webs import changing_in
from srcdiff.passes.written import changed_anywhere
from srcdiff.rules import registry
from srcdiff.rules.refused import REASONS

VARIADIC = {np.reshape: 1, np.transpose: 1}
JOINERS = {np.r_: operators.r_, np.c_: operators.c_}
INDEXERS = (*JOINERS, np.s_)


def resolve(
    function: Function, problems: Problems, stated: dict[Variable, Type] | None = None
) -> Function:
    """Resolve the members of a function; `stated` are the types that its parameters have."""
    known = stated if stated is not None else stated_types(function, None, None)
    records = FieldNames(function, known)
    resolver = _Resolver(function, _result_fields(function), records)

    def change(statement: Statement) -> Statement:
        statement = slopes_apart(statement)
        with problems.within(statement.span):
            resolver.unpacks = statement.form == "unpack"
            resolver.draws = None if statement.form in ("unpack", "swap") else []
            binds = [bind for old in statement.binds for bind in resolver.binds(old)]
            resolver.unpacks = False
            writes = tuple(resolver.write(write) for write in statement.writes)
            binds += resolver.draws or []
            resolver.note(statement)
            return dataclasses.replace(statement, binds=tuple(binds), writes=writes)
        return statement

    def tests(node: Expression, statement: Statement) -> Expression:
        with problems.within(statement.span):
            resolved = resolver.resolve(node)
            resolver.refuse(resolved)
            return resolved
        return node

    body = rebuilt(function.body, change, tests)
    outputs: list[Output] = []
    resolver.draws = []
    with problems.within(function.result.span):
        for output in function.outputs:
            value = resolver.without_draws(resolver.resolve(output.value))
            outputs.append(Output(output.name, value))
        named = with_name(outputs, function.result)
        if named is not None:
            body, outputs = (*body, named[0]), named[1]
        outputs = as_tuples(outputs, body)
    problems.raise_if_any()
    if resolver.draws:
        body = (*body, Statement(tuple(resolver.draws), function.result.span))
    rewritten = frozenset(function.rewritten | resolver.rewritten)
    resolved = dataclasses.replace(function, body=body, outputs=tuple(outputs), rewritten=rewritten)
    if not resolver.drawn:
        return resolved
    return dataclasses.replace(resolved, changing=changing_in(resolved))


class _Resolver:
    def __init__(
        self,
        function: Function,
        fields: dict[Variable, tuple[str, ...]],
        records: FieldNames,
    ) -> None:
        self.changing = function.changing | changed_anywhere(function, resized=True)
        self.again = not function.is_straight  # where backward may compute values again
        self.fields = fields
        self.records = records
        self.unpacks = False
        self.groups: dict[Variable, Group] = {}
        self.rewritten: set[int] = set()
        self.taken = False
        self.draws: list[Bind] | None = None
        self.drawn = False

    def note(self, statement: Statement) -> None:
        """Note that a statement no longer reads the container whose items it names."""
        if self.taken:
            self.rewritten.add(statement.span.start)
        self.taken = False

    def _is_single(self, node: Expression) -> bool:
        """Whether a value must not be computed again, and so gets a name."""
        return is_drawn(node) or (self.again and is_run(node))

    def refuse(self, *nodes: Expression) -> None:
        """Refuse expressions with values that must not be computed again."""
        refuse_draws(*nodes)
        if self.again:
            refuse_runs(*nodes)

    def without_draws(self, node: Expression) -> Expression:
        """Give the draws in an expression variables of their own, as far as all are drawn."""
        if self.draws is None or is_conditional(node):
            self.refuse(node)
            return node
        node = rebuild(node, self.without_draws)
        if not self._is_single(node):
            return node
        own = Variable("", "staged")
        self.draws.append(Bind(own, node))
        self.drawn = self.taken = True
        return Read(own, getattr(node, "span", None))

    def binds(self, bind: Bind) -> list[Bind]:
        """Give an assignment, after those of what is drawn in its expression."""
        value = self.resolve(bind.value)
        if self._is_single(value):
            value = rebuild(value, self.without_draws)
        else:
            value = self.without_draws(value)
        draws = self.draws or []
        if self.draws is not None:
            self.draws = []
        if isinstance(value, Group) and value.kind != "slice":
            fixed = not any(v in self.changing for v in variables(value))
            if fixed and bind.variable not in self.changing:
                self.groups[bind.variable] = value
        return [*draws, Bind(bind.variable, value)]

    def write(self, write: Write) -> Write:
        path = tuple(self.resolve(index) for index in write.path)
        self.refuse(*path)
        value = self.without_draws(self.resolve(write.value))
        return dataclasses.replace(write, path=path, value=value)

    def resolve(self, node: Expression) -> Expression:
        node = rebuild(node, self.resolve)
        match node:
            case Call(function=operators.stop_gradient):
                self.taken = True  # its text names srcdiff, which emitted code does without
                return node
            case Call(function=Member()):
                return _method(node)
            case Call():
                return spread(node, self.groups)
            case Attribute():
                fields = self._fields_of(node.value)
                if node.name in fields:
                    return Item(node.value, Const(fields.index(node.name)), node.span)
                if node.name in registry.ATTRIBUTES and not self.records.has_field(node):
                    function = registry.ATTRIBUTES[node.name]
                    if function is np.ravel:  # flat: parts of it are copies, unlike ravel()'s
                        return Call(function, (node.value, Const("C")), (), "function", node.span)
                    return Call(function, (node.value,), (), "attribute", node.span)
                return Item(node.value, Const(Field(node.name), node.name), node.span)
            case Item():
                return self._item(node)
        return node

    def _fields_of(self, node: Expression) -> tuple[str, ...]:
        """Give the names of the several results that an expression stands for."""
        if isinstance(node, Read):
            return self.fields.get(node.variable, ())
        rule = registry.rule_of(node) if isinstance(node, Call) else None
        return rule.fields if rule is not None else ()

    def _item(self, node: Item) -> Expression:
        """Give the item itself where a tuple or list written out is indexed by a constant."""
        if isinstance(node.value, Const) and any(node.value.value is known for known in INDEXERS):
            return _indexed(node)
        value: Expression = node.value
        if isinstance(value, Read):
            value = self.groups.get(value.variable, value)
        if isinstance(value, Group) and isinstance(node.index, Const):
            index = node.index.value
            if isinstance(index, int) and -len(value.items) <= index < len(value.items):
                item = value.items[index]
                simple = isinstance(item, (Read, Const)) and not self.unpacks
                if value is node.value or simple:
                    self.taken = self.taken or value is not node.value
                    return item
        if isinstance(value, Item) and value is node.value:
            start, index = _start(value.index), _whole(node.index)
            if start is not None and index is not None:  # x[1:][0] is x[1]
                return Item(value.value, Const(start + index), node.span)
        return node


def _because(name: str) -> str:
    """Give the reason why an array's method or attribute isn't supported, where there is one."""
    reason = REASONS.get(f"ndarray.{name}")
    return f": {reason}" if reason else ""


def _indexed(node: Item) -> Expression:
    """Write np.r_[a, b] and np.c_[a, b] as calls, and np.s_[1:3] as the index that it is."""
    assert isinstance(node.value, Const)
    indexer, index = node.value.value, node.index
    if indexer not in JOINERS:
        return index
    items = index.items if isinstance(index, Group) and index.kind == "tuple" else (index,)
    parts: list[Expression] = []
    for item in items:
        if isinstance(item, Const) and isinstance(item.value, str):
            raise Refusal(
                "SD102",
                "a string in np.r_ or np.c_ isn't supported.",
                "Use np.concatenate, np.stack or np.column_stack.",
                node.span,
            )
        if isinstance(item, Group) and item.kind == "slice":
            lower, upper, step = item.items
            start = Const(0) if isinstance(lower, Const) and lower.value is None else lower
            by = Const(1) if isinstance(step, Const) and step.value is None else step
            item = Call(np.arange, (start, upper, by), (), "function", node.span)
        parts.append(item)
    return Call(JOINERS[indexer], (Group("list", tuple(parts)),), (), "function", node.span)


def _result_fields(function: Function) -> dict[Variable, tuple[str, ...]]:
    """Give the variables that hold several results with names, and these names."""
    found: dict[Variable, set[tuple[str, ...]]] = {}
    for statement in function.statements:
        for bind in statement.binds:
            rule = registry.rule_of(bind.value) if isinstance(bind.value, Call) else None
            found.setdefault(bind.variable, set()).add(rule.fields if rule is not None else ())
    return {v: next(iter(fields)) for v, fields in found.items() if len(fields) == 1}


def _start(index: Expression) -> int | None:
    """Give where a slice begins that leaves out nothing after it."""
    if not isinstance(index, Group) or index.kind != "slice":
        return None
    lower, upper, step = index.items
    whole = all(isinstance(end, Const) and end.value is None for end in (upper, step))
    return _whole(lower) if whole else None


def _whole(node: Expression) -> int | None:
    """Give a constant that counts from the beginning."""
    value = node.value if isinstance(node, Const) else None
    return value if type(value) is int and value >= 0 else None


def _method(node: Call) -> Expression:
    name = node.function.name
    receiver = node.arguments[0]
    if name == "forward" or (isinstance(receiver, Read) and receiver.variable.role == "object"):
        return node
    if name not in registry.METHODS:
        raise Refusal(
            "SD103",
            f"there is no derivative rule for the method {name}{_because(name)}.",
            "Use a NumPy function, or register a rule with srcdiff.rule.",
            node.span,
        )
    function = registry.METHODS[name]
    arguments = node.arguments
    fixed = VARIADIC.get(function)
    if fixed is not None and len(arguments) > fixed + 1:
        arguments = (*arguments[:fixed], Group("tuple", arguments[fixed:]))
    found = restated(arranged(Call(function, arguments, node.keywords, "method", node.span)))
    if name == "flatten":  # unlike ravel, it never gives a view
        return Call(np.copy, (found,), (), "function", node.span)
    return found
