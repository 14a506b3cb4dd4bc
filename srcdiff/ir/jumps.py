"""Blocks without jumps: what a jump skips stands in the other branch of an if.

Takes a block as read. Gives one in which break, continue and return are only the ends of branches
that nothing follows, so that each block can be run backwards from its end. Refuses returns of
different forms.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Literal

from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    If,
    Jump,
    Loop,
    Node,
    Output,
    Read,
    Statement,
    Variable,
)
from srcdiff.ir.returned import outputs_of, returned, returned_names, returns, unpacked


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


def leaves_early(node: Node) -> bool:
    """Whether a statement may leave the block around it before its end."""
    match node:
        case Jump(kind=kind):
            return kind != "raise"
        case If():
            return any(map(leaves_early, (*node.then, *node.otherwise)))
        case Loop():
            return returns(node.body) or any(map(leaves_early, node.otherwise))
    return False


def with_one_return(block: Block, header: Statement) -> tuple[Block, tuple[Output, ...], Statement]:
    """Give a block in which each return has become assignments to the outputs.

    Raises
    ------
    Refusal
        The returns give different numbers of values, or one gives none.
    """
    block = unpacked(block)
    found = returned(block)
    names: list[str] = []
    if any(jump.values is not None for jump in found):
        names = returned_names(found)
    outputs = [Variable(name) for name in names]
    result = _Returns(outputs).block(without_else(block))
    final = tuple(Output(v.wish, Read(v)) for v in outputs)
    return without_jumps(result), final, found[-1].header if names else header


def _set(flag: Variable, value: bool, header: Statement) -> Statement:
    return Statement((Bind(flag, Const(value, str(value))),), header.span)


def _unless(flag: Variable, otherwise: Block, header: Statement, then: Block = ()) -> If:
    """Give what runs only where a flag isn't set."""
    made = Statement((), header.span, form="made")
    if not then and _ends(otherwise):
        return If(Call(operator.not_, (Read(flag),), (), "operator"), otherwise, (), made)
    return If(Read(flag), then, otherwise, made, flat=bool(then))


class _Returns:
    """Turns returns into assignments and jumps to the end.

    A flag notes that a return has been met where what follows can't be put into the branch that
    doesn't return: behind a loop, which is left, and behind an if with several returns inside. Each
    such place has a flag of its own, which keeps its value: backward tests it again.
    """

    def __init__(self, outputs: list[Variable]) -> None:
        self.outputs = outputs
        self.flags: list[Variable] = []

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
        nodes += [_set(flag, True, jump.header) for flag in self.flags]
        if looped:
            nodes.append(Jump("break", jump.header))
        return nodes

    def _if(self, node: If, rest: Block, *, looped: bool) -> list[Node]:
        if looped:
            then = self.block(node.then, looped=True)
            otherwise = self.block(node.otherwise, looped=True)
            return [replace(node, then=then, otherwise=otherwise), *self.block(rest, looped=True)]
        first, second = _ends(node.then), _ends(node.otherwise)
        if not first and not second and rest:
            flag = self._flag()
            then, otherwise = self.block(node.then), self.block(node.otherwise)
            self.flags.pop()
            noted = replace(node, then=then, otherwise=otherwise)
            below = _unless(flag, self.block(rest), node.header)
            return [_set(flag, False, node.header), noted, below]
        then = self.block(node.then if first else (*node.then, *rest))
        otherwise = self.block(node.otherwise if second else (*node.otherwise, *rest))
        return [replace(node, then=then, otherwise=otherwise)]

    def _loop(self, node: Loop, after: Block, *, looped: bool) -> list[Node]:
        if looped:  # inside another loop, which is left too
            loop = replace(node, body=self.block(node.body, looped=True))
            left = (Jump("break", node.header),)
            rest = self.block(after, looped=True)
            return [loop, _unless(self.flags[-1], rest, node.header, left)]
        flag = self._flag()
        loop = replace(node, body=self.block(node.body, looped=True))
        self.flags.pop()
        unless = [_unless(flag, self.block(after), node.header)] if after else []
        return [_set(flag, False, node.header), loop, *unless]

    def _flag(self) -> Variable:
        self.flags.append(Variable("returned", "staged"))
        return self.flags[-1]


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


def without_else(block: Block) -> Block:
    """Give a block in which what stands in a loop's else stands behind the loop."""
    found: list[Node] = []
    for node in block:
        match node:
            case If():
                then, otherwise = without_else(node.then), without_else(node.otherwise)
                found.append(replace(node, then=then, otherwise=otherwise))
            case Loop():
                body, otherwise = without_else(node.body), without_else(node.otherwise)
                if otherwise and _breaks(body):
                    flag = Variable("found", "staged")
                    body = _raising(body, flag, "break", stays=True)
                    found.append(_set(flag, False, node.header))
                    otherwise = (_unless(flag, otherwise, node.header),)
                found += [replace(node, body=body, otherwise=()), *otherwise]
            case _:
                found.append(node)
    return tuple(found)


def without_jumps(block: Block) -> Block:
    """Give a block in which what a jump skips stands in the other branch."""
    return _below(without_else(block))


def _below(block: Block) -> Block:
    """Give a block without loops' else, with what a jump skips in the other branch."""
    found: list[Node] = []
    for position, node in enumerate(block):
        rest = block[position + 1 :]
        match node:
            case Jump():
                return (*found, node)
            case If():
                then, otherwise = _below(node.then), _below(node.otherwise)
                changed = replace(node, then=then, otherwise=otherwise)
                first, second = _ends(then, raising=False), _ends(otherwise, raising=False)
                if not rest or not (_jumps(then) or _jumps(otherwise)):
                    found.append(changed)
                elif first and second:
                    return (*found, changed)
                elif first:
                    below = _below((*node.otherwise, *rest))
                    flat = not node.otherwise
                    return (*found, replace(node, then=then, otherwise=below, flat=flat))
                elif second:
                    above = _below((*node.then, *rest))
                    return (*found, replace(node, then=above, otherwise=otherwise))
                else:
                    return (*found, *_flagged(node, then, otherwise, rest))
            case Loop():
                found.append(replace(node, body=_below(node.body)))
            case _:
                found.append(node)
    return tuple(found)


def _jumps(block: Block) -> bool:
    """Whether a block leaves the loop's body somewhere."""
    return bool(_kinds(block))


def _kinds(block: Block) -> list[Literal["break", "continue"]]:
    """Give the kinds of jumps with which a block leaves the loop's body."""
    found: set[Literal["break", "continue"]] = set()
    for node in block:
        match node:
            case Jump(kind="break" | "continue" as kind):
                found.add(kind)
            case If():
                found.update(_kinds(node.then), _kinds(node.otherwise))
    return sorted(found)


def _flagged(node: If, then: Block, otherwise: Block, rest: Block) -> list[Node]:
    """Note in flags that an inner branch jumps; the jump itself stands behind the branches."""
    flags: list[Node] = []
    below = _below(rest)
    for kind in _kinds((*then, *otherwise)):
        flag = Variable("left" if kind == "break" else "skipped", "staged")
        flags.append(_set(flag, False, node.header))
        then, otherwise = _raising(then, flag, kind), _raising(otherwise, flag, kind)
        below = (_unless(flag, below, node.header, (Jump(kind, node.header),)),)
    return [*flags, replace(node, then=then, otherwise=otherwise, flat=False), *below]


def _raising(block: Block, flag: Variable, kind: str, *, stays: bool = False) -> Block:
    """Give a block that sets a flag where it jumps, or before the jumps if they are to stay."""
    found: list[Node] = []
    for node in block:
        match node:
            case Jump() if node.kind == kind:
                found += [_set(flag, True, node.header), *([node] if stays else [])]
            case If():
                then = _raising(node.then, flag, kind, stays=stays)
                otherwise = _raising(node.otherwise, flag, kind, stays=stays)
                found.append(replace(node, then=then, otherwise=otherwise, flat=False))
            case _:
                found.append(node)
    return tuple(found)
