"""Walks over expressions: children, rebuilding, reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from operator import is_

from srcdiff.ir.nodes import (
    Attribute,
    Block,
    Call,
    Choice,
    Const,
    Expression,
    Forward,
    Function,
    Group,
    If,
    Item,
    Jump,
    Loop,
    Node,
    Read,
    Statement,
    Variable,
)


def children(node: Expression) -> tuple[Expression, ...]:
    """Give the direct subexpressions, in the order of evaluation; none below a Forward."""
    kind = type(node)  # the most frequent call of all: compared, where isinstance would ask
    if kind is Read or kind is Const or kind is Forward:
        return ()
    match node:
        case Call(keywords=()):
            return node.arguments
        case Call():
            return node.arguments + tuple([value for _, value in node.keywords])
        case Item():
            return (node.value, node.index)
        case Attribute():
            return (node.value,)
        case Group():
            return node.items
        case Choice():
            return (node.test, node.then, node.otherwise)
    return ()


def rebuild(node: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Give the node with `change` applied to each child; the node itself if nothing changed."""
    before = children(node)
    if not before:
        return node
    after = tuple(map(change, before))
    if all(map(is_, before, after)):
        return node
    match node:
        case Call():
            cut = len(node.arguments)
            names = (name for name, _ in node.keywords)
            keywords = tuple(zip(names, after[cut:], strict=True))
            return Call(node.function, after[:cut], keywords, node.spelling, node.span)
        case Item():
            return Item(after[0], after[1], node.span)
        case Attribute():
            return Attribute(after[0], node.name, node.span)
        case Group():
            return Group(node.kind, after, node.span, node.record)
        case Choice():
            return Choice(after[0], after[1], after[2], node.span)
    return node


def walk(node: Expression) -> Iterator[Expression]:
    """Give the node and everything below it, parents first."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        below = children(node)
        if below:
            pending += below[::-1]


def trees(block: Block) -> Iterator[Expression]:
    """Give all expressions of a block."""
    for node in block:
        match node:
            case Statement():
                yield from (bind.value for bind in node.binds)
                for write in node.writes:
                    yield from (write.value, *write.path)
            case If():
                yield node.test
                yield from trees((*node.then, *node.otherwise))
            case Loop():
                yield from (tree for tree in (node.sequence, node.test) if tree is not None)
                yield from trees((node.header, *node.body, *node.otherwise))
            case Jump(values=values) if values is not None:
                yield values


def nodes_of(function: Function) -> Iterator[Expression]:
    """Give all nodes of all expressions of a function."""
    for tree in (*trees(function.body), *function.values):
        yield from walk(tree)


def variables(node: Expression) -> Iterator[Variable]:
    """Give the variables that an expression reads, repeated as they are read."""
    pending = [node]
    while pending:
        node = pending.pop()
        if type(node) is Read:
            yield node.variable
        else:
            pending += children(node)[::-1]


def held_in(group: Group) -> Iterator[tuple[Expression, Expression]]:
    """Give what a list, tuple or dict written out holds: each value, with its index or key."""
    if group.kind == "dict":
        return zip(group.items[::2], group.items[1::2], strict=True)
    return ((Const(place), item) for place, item in enumerate(group.items))


def with_values(group: Group, change: Callable[[Expression], Expression]) -> Group:
    """Give a container with its values changed; a dict's keys stay."""
    keyed = group.kind == "dict"
    items = enumerate(group.items)
    changed = (item if keyed and place % 2 == 0 else change(item) for place, item in items)
    return Group(group.kind, tuple(changed), group.span, group.record)


def copied(node: Expression) -> Expression:
    """Give a tree of nodes of its own, so that each place has its own."""
    found = rebuild(node, copied)
    return replace(node) if found is node else found


def substitute(node: Expression, table: dict[Variable, Expression]) -> Expression:
    """Put expressions in the place of variables."""

    def change(inner: Expression) -> Expression:
        if type(inner) is Read:
            return table.get(inner.variable, inner)
        return rebuild(inner, change)

    return change(node) if table else node


def same(left: Expression, right: Expression) -> bool:
    """Whether two expressions are written alike over the same variables."""
    if left is right:
        return True
    if type(left) is not type(right):
        return False
    match left, right:
        case Read(), Read():
            return left.variable is right.variable
        case Const(), Const():
            return type(left.value) is type(right.value) and repr(left.value) == repr(right.value)
        case Forward(), Forward():
            return same(left.node, right.node)
        case Attribute(), Attribute():
            return left.name == right.name and same(left.value, right.value)
        case Group(), Group() if left.kind != right.kind:
            return False
        case Call(), Call():
            if left.function is not right.function:
                return False
            if [name for name, _ in left.keywords] != [name for name, _ in right.keywords]:
                return False
    below, beside = children(left), children(right)
    return len(below) == len(beside) and all(map(same, below, beside))


def loops(block: Block) -> Iterator[Loop]:
    """Give all loops of a block, inner ones too."""
    for node in block:
        match node:
            case If():
                yield from loops(node.then)
                yield from loops(node.otherwise)
            case Loop():
                yield node
                yield from loops(node.body)


def rebuilt(block: Block, change: Callable[[Statement], Statement], tests: Change) -> Block:
    """Give a block with its statements changed, and the tests and sequences of its inner blocks."""
    found: list[Node] = []
    for node in block:
        match node:
            case Statement():
                found.append(change(node))
            case If():
                test = tests(node.test, node.header)
                then = rebuilt(node.then, change, tests)
                otherwise = rebuilt(node.otherwise, change, tests)
                found.append(replace(node, test=test, then=then, otherwise=otherwise))
            case Loop():
                header = change(node.header)
                sequence = tests(node.sequence, header) if node.sequence is not None else None
                test_ = tests(node.test, header) if node.test is not None else None
                body = rebuilt(node.body, change, tests)
                otherwise = rebuilt(node.otherwise, change, tests)
                found.append(
                    replace(
                        node,
                        header=header,
                        sequence=sequence,
                        test=test_,
                        body=body,
                        otherwise=otherwise,
                    )
                )
            case Jump():
                values = tests(node.values, node.header) if node.values is not None else None
                found.append(replace(node, values=values))
    return tuple(found)


Change = Callable[[Expression, Statement], Expression]


def assigned_in(statements: Iterable[Statement]) -> Iterator[Variable]:
    """Give the variables that statements assign or write into."""
    for statement in statements:
        yield from (bind.variable for bind in statement.binds)
        yield from (write.variable for write in statement.writes)


def headers(nodes: Iterable[Node]) -> Iterator[Statement]:
    """Give all statements of a block, and the first lines of its branches and loops."""
    for node in nodes:
        match node:
            case Statement():
                yield node
            case If() | Loop():
                yield node.header
                yield from headers((*node.body, *node.otherwise) if isinstance(node, Loop) else ())
                yield from headers((*node.then, *node.otherwise) if isinstance(node, If) else ())
