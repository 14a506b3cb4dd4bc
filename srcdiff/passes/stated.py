"""The types that are known before anything is computed.

Takes a function, with the types of a call. Gives types of its parameters and of what it reads.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import replace

from srcdiff.ir.annotations import from_annotation, from_docstring
from srcdiff.ir.nodes import (
    Call,
    Choice,
    Expression,
    Function,
    Item,
    Member,
    Parameter,
    Read,
    Variable,
)
from srcdiff.ir.parts import is_key
from srcdiff.ir.types import INTEGER, Form, Type, size, unknown
from srcdiff.ir.walk import loops, trees, walk
from srcdiff.passes.recursion import asked_about, asks_kinds

Ranks = dict[Variable, int | None]
WHOLE = frozenset([operator.add, operator.sub, operator.mul, operator.floordiv, operator.neg])
"""Operators that give an int for ints alone."""

KEYS = (list, sorted, reversed, Member("keys"), Member("items"), Member("values"))
"""What gives the keys of a dict in some order, or what stands under them."""


def assumed_types(ranks: Ranks) -> dict[Variable, Type]:
    """Give the types of arrays of which only the number of axes is known."""
    return {
        v: Type("scalar", "any", ())
        if rank == 0
        else Type(
            "array",
            "any",
            frozenset([v])
            if rank is None
            else tuple(size(f"{v.wish}{axis}") for axis in range(rank)),
        )
        for v, rank in ranks.items()
    }


def starred(parameter: Parameter) -> Type:
    """Give the type of all that a starred parameter gets: a tuple, or a dict."""
    variable = parameter.variable
    item = from_annotation(parameter.annotation, variable.wish)
    form: Form = "tuple" if parameter.kind == "star" else "any"
    return Type(form, item.kind if item is not None else "any", frozenset([variable]))


def counted(function: Function) -> set[Variable]:
    """Give the parameters that `range` is given, by themselves or in sums: they are ints."""
    found: set[Variable] = set()
    for tree in (*trees(function.body), *function.values):
        pending = [
            argument
            for node in walk(tree)
            if isinstance(node, Call) and node.function is range
            for argument in node.arguments
        ]
        while pending:
            node = pending.pop()
            if isinstance(node, Read) and node.variable.role == "parameter":
                found.add(node.variable)
            elif isinstance(node, Call) and node.function in WHOLE:
                pending += node.arguments
    return found - function.changing


def keyed(function: Function) -> set[Variable]:
    """Give the variables of which texts name entries, such as c["w"], or a copy's: dicts.

    So are those that a loop over their keys writes into.
    """
    runs_over = {node.index: _whose_keys(node.sequence) for node in loops(function.body)}
    if asks_kinds(function):
        runs_over = {}  # it may be a number too
    found: set[Variable] = set()
    for tree in (*trees(function.body), *function.values):
        for node in walk(tree):
            match node:
                case Item(value=Read(variable=variable), index=index) if is_key(index):
                    found.add(variable)
    bound: dict[Variable, list[Expression]] = {}
    for statement in function.statements:
        for write in statement.writes:
            place = write.path[0] if write.path else None
            named = isinstance(place, Read) and runs_over.get(place.variable) is write.variable
            found |= {write.variable} if named or (place is not None and is_key(place)) else set()
        for bind in statement.binds:
            bound.setdefault(bind.variable, []).append(bind.value)
    pending = list(found)
    while pending:
        held = bound.get(pending.pop(), [])
        new = {source for value in held for source in _copied(value)} - found
        found |= new
        pending += new
    return found


def _whose_keys(sequence: Expression | None) -> Variable | None:
    """Give the variable over whose keys a loop runs, if it is a dict."""
    while isinstance(sequence, Call) and sequence.function in KEYS and sequence.arguments:
        sequence = sequence.arguments[0]
    return sequence.variable if isinstance(sequence, Read) else None


def _copied(value: Expression) -> Iterator[Variable]:
    """Give the variables of which a value is another name or a copy."""
    match value:
        case Read(variable=variable):
            yield variable
        case Call(function=Member(name="copy"), arguments=(source,)):
            yield from _copied(source)
        case Choice(then=then, otherwise=otherwise):
            yield from (*_copied(then), *_copied(otherwise))


def stated_types(
    function: Function, given: dict[str, Type] | None, attributes: dict[str, Type] | None
) -> dict[Variable, Type]:
    """Give the types of parameters from the call, annotations and the docstring, in this order."""
    if given is not None:
        asked = asked_about(function)  # what it asks is found out when it runs
        contents = [n for n, t in given.items() if t.items is not None or t.fields is not None]
        left_out = {*asked, *contents} if asked else asked
        given = {n: t for n, t in given.items() if n not in left_out}
    described = from_docstring(function.docstring)
    found: dict[Variable, Type] = {}
    counts = counted(function) if given is None else set()
    dicts = keyed(function) if given is None else set()
    for parameter in function.parameters:
        variable = parameter.variable
        name = variable.wish
        stated = (given or {}).get(name)
        if stated is None and given is None:
            classes = tuple(function.records.items())
            stated = from_annotation(parameter.annotation, name, classes) or described.get(name)
        if parameter.kind in ("star", "stars") and (given is None or stated is None):
            stated = starred(parameter)
        usual = unknown(variable, "dict") if variable in dicts else unknown(variable)
        known = stated or (INTEGER if variable in counts else usual)
        if known == INTEGER and variable not in function.changing:
            known = replace(known, value=size(f"value of {id(variable)}"))
        found[variable] = known
    for name, variable in function.reads.items():
        stated = from_annotation(function.annotations.get(variable, ""), name)
        found[variable] = (given or {}).get(name) or stated or unknown(variable)
    for variable in function.attributes:
        found[variable] = (attributes or {}).get(variable.wish) or unknown(variable)
    return found
