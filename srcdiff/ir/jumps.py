"""Blocks without jumps: what a jump skips stands in the other branch of an if.

Takes a block as read. Gives one in which break, continue and return are only the ends of branches
that nothing follows, so that each block can be run backwards from its end. Refuses returns of
different forms.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    Group,
    If,
    Item,
    Jump,
    Loop,
    Node,
    Output,
    Read,
    Statement,
    UserFunction,
    Variable,
)


def returns(block: Block | list[Node]) -> bool:
    """Whether a block returns somewhere."""
    return any(True for _ in _returned(block))


def may_leave(block: Block | list[Node]) -> bool:
    """Whether a loop's body may leave the loop."""
    for node in block:
        match node:
            case Jump(kind="break" | "return"):
                return True
            case If() if may_leave(node.then) or may_leave(node.otherwise):
                return True
            case Loop() if returns(node.body) or may_leave(node.otherwise):
                return True
    return False


def _returned(block: Block | list[Node]) -> list[Jump]:
    found: list[Jump] = []
    for node in block:
        match node:
            case Jump(kind="return"):
                found.append(node)
            case If():
                found += [*_returned(node.then), *_returned(node.otherwise)]
            case Loop():
                found += [*_returned(node.body), *_returned(node.otherwise)]
    return found


def _is_several(values: Expression | None) -> TypeGuard[Group]:
    """Whether a return gives its outputs in a tuple."""
    if not isinstance(values, Group) or values.record is not None:
        return False
    return values.kind == "tuple" and bool(values.items)


def gives_one(block: Block | list[Node]) -> bool:
    """Whether the returns of a block give a tuple of one value, which callers take out of it."""
    found = [jump.values for jump in _returned(block)]
    return any(isinstance(v, Group) and _is_several(v) and len(v.items) == 1 for v in found)


def outputs_of(values: Expression, header: Statement) -> tuple[Output, ...]:
    """Give the outputs of a return statement.

    Raises
    ------
    Refusal
        It returns an empty tuple, list or dict.
    """
    items = values.items if _is_several(values) else None
    outputs = items if items is not None else (values,)
    if isinstance(values, Group) and not values.items:
        raise Refusal(
            "SD105", "the function returns an empty container.", "Return a value.", header.span
        )
    named = _output_names([(output,) for output in outputs], several=items is not None)
    return tuple(map(Output, named, outputs))


def _counted(jump: Jump) -> int:
    """Give how many values a return says that it gives."""
    return (
        len(jump.values.items) if isinstance(jump.values, Group) and _is_several(jump.values) else 1
    )


def _unpacked(block: Block, count: int) -> Block:
    """Let a return of what a function of the user's returns give as many values as the others."""
    if count == 1:
        return block
    found: list[Node] = []
    for node in block:
        match node:
            case Jump(kind="return", values=Call(function=UserFunction()) as call, header=header):
                held = Variable("results", "staged")
                items = tuple(Item(Read(held), Const(place)) for place in range(count))
                found.append(Statement((Bind(held, call),), header.span, form="made"))
                found.append(replace(node, values=Group("tuple", items, header.span)))
            case If():
                then, otherwise = _unpacked(node.then, count), _unpacked(node.otherwise, count)
                found.append(replace(node, then=then, otherwise=otherwise))
            case Loop():
                body, otherwise = _unpacked(node.body, count), _unpacked(node.otherwise, count)
                found.append(replace(node, body=body, otherwise=otherwise))
            case _:
                found.append(node)
    return tuple(found)


def _output_names(columns: list[tuple[Expression, ...]], *, several: bool) -> list[str]:
    named: list[str] = []
    for index, values in enumerate(columns):
        wishes = {
            value.variable.wish
            if isinstance(value, Read) and value.variable.role in ("parameter", "local")
            else ""
            for value in values
        }
        own = f"out{index}" if several else "out"
        wish = wishes.pop() if len(wishes) == 1 else ""
        named.append(wish if wish and wish not in named else own)
    return named


def with_one_return(block: Block, header: Statement) -> tuple[Block, tuple[Output, ...], Statement]:
    """Give a block in which each return has become assignments to the outputs.

    Raises
    ------
    Refusal
        The returns give different numbers of values, or one gives none.
    """
    block = _unpacked(block, max((_counted(jump) for jump in _returned(block)), default=1))
    found = _returned(block)
    if all(jump.values is None for jump in found):
        return without_jumps(_Returns([], None).block(block)), (), header
    rows: list[tuple[Expression, ...]] = []
    for jump in found:
        if jump.values is None:
            raise Refusal(
                "SD105", "this return gives no value.", "Return a value here too.", jump.header.span
            )
        rows.append(tuple(output.value for output in outputs_of(jump.values, jump.header)))
    if len({len(row) for row in rows}) > 1:
        raise Refusal(
            "SD105",
            "the returns of this function give different numbers of values.",
            "Return the same number of values everywhere.",
            found[-1].header.span,
        )
    several = _is_several(found[0].values)
    names = _output_names(list(zip(*rows, strict=True)), several=several)
    outputs = [Variable(name) for name in names]
    changed = _Returns(outputs, Variable("returned", "staged"))
    result = changed.block(block)
    if changed.flagged:
        assert changed.flag is not None
        start = Statement((Bind(changed.flag, Const(False, "False")),), header.span)
        result = (start, *result)
    final = tuple(Output(v.wish, Read(v)) for v in outputs)
    return without_jumps(result), final, found[-1].header


class _Returns:
    """Turns returns into assignments and jumps to the end."""

    def __init__(self, outputs: list[Variable], flag: Variable | None) -> None:
        self.outputs = outputs
        self.flag = flag or Variable("returned", "staged")
        self.flagged = False

    def block(self, block: Block, *, looped: bool = False) -> Block:
        """Give a block without returns."""
        found: list[Node] = []
        for position, node in enumerate(block):
            rest = block[position + 1 :]
            match node:
                case Jump(kind="return"):
                    found += self._given(node, looped=looped)
                    return tuple(found)
                case If() if returns(node.then) or returns(node.otherwise):
                    found += self._if(node, rest, looped=looped)
                    return tuple(found)
                case Loop() if returns(node.body):
                    found += self._loop(node, rest, looped=looped)
                    return tuple(found)
            found.append(node)
        return tuple(found)

    def _given(self, jump: Jump, *, looped: bool) -> list[Node]:
        values = jump.values
        items: tuple[Expression, ...] = ()
        if values is not None:
            items = tuple(output.value for output in outputs_of(values, jump.header))
        binds = tuple(map(Bind, self.outputs, items))
        nodes: list[Node] = [replace(jump.header, binds=binds)] if binds else []
        if looped:
            self.flagged = True
            raised = Bind(self.flag, Const(True, "True"))
            nodes += [Statement((raised,), jump.header.span), Jump("break", jump.header)]
        return nodes

    def _if(self, node: If, rest: Block, *, looped: bool) -> list[Node]:
        if looped:
            then = self.block(node.then, looped=True)
            otherwise = self.block(node.otherwise, looped=True)
            return [replace(node, then=then, otherwise=otherwise), *self.block(rest, looped=True)]
        first, second = _ends(node.then), _ends(node.otherwise)
        if not first and not second and rest:
            raise Refusal(
                "SD105",
                "a return inside one of several inner branches isn't supported here.",
                "Let each branch end with a return, or assign the result and return it once.",
                node.header.span,
            )
        then = self.block(node.then if first else (*node.then, *rest))
        otherwise = self.block(node.otherwise if second else (*node.otherwise, *rest))
        return [replace(node, then=then, otherwise=otherwise)]

    def _loop(self, node: Loop, rest: Block, *, looped: bool) -> list[Node]:
        body = self.block(node.body, looped=True)
        after = (*node.otherwise, *rest)
        loop = replace(node, body=body, otherwise=())
        self.flagged = True
        if node.otherwise and _breaks(node.body):
            raise Refusal(
                "SD101",
                "a loop with return, break and else isn't supported.",
                "Write the else part with a flag.",
                node.header.span,
            )
        left: tuple[Node, ...] = (Jump("break", node.header),) if looped else ()
        test = Read(self.flag)
        header = Statement((), node.header.span, form="made")
        unless = If(test, left, self.block(after, looped=looped), header, flat=looped)
        return [loop, unless] if after or looped else [loop]


def _ends(block: Block, *, raising: bool = True) -> bool:
    """Whether a block never reaches its end; one that raises counts only if asked for."""
    if not block:
        return False
    match block[-1]:
        case Jump(kind=kind):
            return raising or kind != "raise"
        case If() as node:
            then = _ends(node.then, raising=raising)
            return then and _ends(node.otherwise, raising=raising)
    return False


def _breaks(block: Block) -> bool:
    for node in block:
        match node:
            case Jump(kind="break"):
                return True
            case If() if _breaks(node.then) or _breaks(node.otherwise):
                return True
    return False


def without_jumps(block: Block) -> Block:
    """Give a block in which what a jump skips stands in the other branch."""
    found: list[Node] = []
    for position, node in enumerate(block):
        rest = block[position + 1 :]
        match node:
            case Jump():
                return (*found, node)
            case If():
                then, otherwise = without_jumps(node.then), without_jumps(node.otherwise)
                changed = replace(node, then=then, otherwise=otherwise)
                first, second = _ends(then, raising=False), _ends(otherwise, raising=False)
                if not rest or not (_jumps(then) or _jumps(otherwise)):
                    found.append(changed)
                elif first and second:
                    return (*found, changed)
                elif first:
                    below = without_jumps((*node.otherwise, *rest))
                    flat = not node.otherwise
                    return (*found, replace(node, then=then, otherwise=below, flat=flat))
                elif second:
                    above = without_jumps((*node.then, *rest))
                    return (*found, replace(node, then=above, otherwise=otherwise))
                else:
                    return (*found, *_flagged(node, then, otherwise, rest))
            case Loop():
                body = without_jumps(node.body)
                loop = replace(node, body=body, otherwise=())
                if not node.otherwise:
                    found.append(loop)
                elif _breaks(node.body):
                    found += _with_else(node)
                else:
                    found += [loop, *without_jumps(node.otherwise)]
            case _:
                found.append(node)
    return tuple(found)


def _jumps(block: Block) -> bool:
    """Whether a block leaves the loop's body somewhere."""
    for node in block:
        match node:
            case Jump(kind="break" | "continue"):
                return True
            case If() if _jumps(node.then) or _jumps(node.otherwise):
                return True
    return False


def _flagged(node: If, then: Block, otherwise: Block, rest: Block) -> list[Node]:
    """Note in a flag that an inner branch has jumped."""
    flag = Variable("left", "staged")
    start = Statement((Bind(flag, Const(False, "False")),), node.header.span)
    inner = replace(node, then=_raising(then, flag), otherwise=_raising(otherwise, flag))
    header = Statement((), node.header.span, form="made")
    below = If(Read(flag), (Jump("continue", header),), without_jumps(rest), header, flat=True)
    return [start, inner, below]


def _raising(block: Block, flag: Variable) -> Block:
    found: list[Node] = []
    for node in block:
        match node:
            case Jump(kind="break" | "continue"):
                found.append(Statement((Bind(flag, Const(True, "True")),), node.header.span))
                found.append(node)
            case If():
                then, otherwise = _raising(node.then, flag), _raising(node.otherwise, flag)
                found.append(replace(node, then=then, otherwise=otherwise))
            case _:
                found.append(node)
    return tuple(found)


def _with_else(node: Loop) -> list[Node]:
    """Note in a flag that a loop with an else was left."""
    flag = Variable("found", "staged")
    start = Statement((Bind(flag, Const(False, "False")),), node.header.span)
    body = without_jumps(_raising_breaks(node.body, flag))
    header = Statement((), node.header.span, form="made")
    unless = If(Read(flag), (), without_jumps(node.otherwise), header)
    return [start, replace(node, body=body, otherwise=()), unless]


def _raising_breaks(block: Block, flag: Variable) -> Block:
    found: list[Node] = []
    for node in block:
        match node:
            case Jump(kind="break"):
                found.append(Statement((Bind(flag, Const(True, "True")),), node.header.span))
                found.append(node)
            case If():
                then = _raising_breaks(node.then, flag)
                otherwise = _raising_breaks(node.otherwise, flag)
                found.append(replace(node, then=then, otherwise=otherwise))
            case _:
                found.append(node)
    return tuple(found)
