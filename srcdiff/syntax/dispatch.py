"""Calls of one of several functions, known when the program runs, as branches.

Takes a call whose arguments are read. Gives the variable of its value; the branches go before the
statement. Refuses what the functions' calls refuse.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import libcst as cst

from srcdiff.diagnostics import Span
from srcdiff.ir.nodes import Bind, Call, Const, If, Jump, Node, Read, Statement, Variable
from srcdiff.syntax.arguments import Arguments, Starred
from srcdiff.syntax.closures import Picked, chosen_at, is_static

if TYPE_CHECKING:
    from srcdiff.syntax.inline import Inliner


def dispatched(
    inliner: Inliner,
    called: Picked,
    arguments: Arguments,
    span: Span,
    node: cst.CSTNode,
    *,
    alone: bool,
) -> Read:
    """Write a call of one of several functions as branches."""
    expressions = inliner.expressions

    def simple(value: Any) -> Any:
        as_it_is = isinstance(value, Starred) or is_static(value)
        return value if as_it_is else expressions.simple(value)

    positional = tuple(map(simple, arguments.positional))
    named = tuple((name, simple(value)) for name, value in arguments.keywords)
    given = Arguments(positional, named, arguments.rest)
    result = Variable("value", "staged")
    header = Statement((), span, form="made")
    nodes: tuple[Node, ...] = ()
    sure = called.table.kind == "choice" or called.counts
    if not sure:
        unknown = Call(KeyError, (Const("no such function", '"no such function"'),))
        nodes = (Jump("raise", header, unknown),)
    for place, item in reversed([*enumerate(called.table.items)]):
        call = functools.partial(inliner.applied, item, given, node, span, alone=alone)
        value, needed = expressions.collected(call)
        bind = () if alone else (Statement((Bind(result, value),), span, form="made"),)
        arm = (*needed, *bind)
        if sure and not nodes:
            nodes = arm
            continue
        nodes = (If(chosen_at(called, place), arm, nodes, header),)
    expressions.before += nodes
    expressions.rewritten.add(expressions.place)
    return Read(result, span)
