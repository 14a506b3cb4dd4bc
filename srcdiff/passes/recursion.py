"""Functions that call themselves, directly or by way of others.

Takes a function of the user's. Says whether it may call itself. Refuses nothing.
"""

from __future__ import annotations

import functools
import operator

import numpy as np

from srcdiff.diagnostics import DerivationError
from srcdiff.ir.nodes import (
    Call,
    Const,
    Expression,
    Function,
    Item,
    Read,
    UserFunction,
    Variable,
)
from srcdiff.ir.walk import nodes_of, variables, walk
from srcdiff.passes.indexed import has_slice

CONTAINERS: frozenset[type] = frozenset([list, tuple, dict])
NUMBERS: frozenset[type] = frozenset([int, float, complex, np.ndarray, np.floating, np.generic])


@functools.lru_cache(maxsize=1024)
def calls_itself(function: UserFunction) -> bool:
    """Whether a function may call itself, by way of others too."""
    seen: set[str] = set()
    pending = [function]
    while pending:
        for called in _called(pending.pop()):
            if called.name == function.name:
                return True
            if called.name not in seen:
                seen.add(called.name)
                pending.append(called)
    return False


def _called(function: UserFunction) -> list[UserFunction]:
    """Give the functions of the user's that a function calls."""
    try:
        read = function.read()
    except DerivationError:
        return []  # it is refused where it is called
    return [
        node.function
        for node in nodes_of(read)
        if isinstance(node, Call) and isinstance(node.function, UserFunction)
    ]


def asks_kinds(function: Function) -> bool:
    """Whether a function asks which of its values are containers."""
    return bool(asked_about(function))


def asked_about(function: Function) -> set[str]:
    """Give the names of the values of which a function asks whether they are containers.

    A function that calls itself with parts of a value asks that too where it asks for numbers.
    """
    calls = [node for node in nodes_of(function) if isinstance(node, Call)]
    asks = [node for node in calls if node.function in (isinstance, np.isscalar)]
    own = {node.function for node in calls if isinstance(node.function, UserFunction)}
    kinds = CONTAINERS
    if asks and any(calls_itself(called) for called in own):
        kinds = CONTAINERS | NUMBERS
    return {
        variable.wish
        for node in asks
        if _asks(node, kinds)
        for variable in variables(node.arguments[0])
    }


@functools.lru_cache(maxsize=1024)
def takes_parts(function: UserFunction) -> bool:
    """Whether a function takes items of what it is given, or asks what is a container."""
    read = function.read()
    results = _several(read)
    return asks_kinds(read) or any(
        isinstance(node, Item)
        and isinstance(node.value, Read)
        and node.value.variable not in results
        for node in nodes_of(read)
    )


def _several(function: Function) -> set[Variable]:
    """Give the variables that hold what functions of the user's return together."""
    held: dict[Variable, bool] = {}
    for bind in (bind for statement in function.statements for bind in statement.binds):
        call = bind.value
        own = isinstance(call, Call) and isinstance(call.function, UserFunction)
        several = own and len(call.function.read().outputs) > 1  # type: ignore[union-attr]  # a Call
        held[bind.variable] = several and held.get(bind.variable, True)
    return {variable for variable, several in held.items() if several}


def _asks(node: Call, kinds: frozenset[type]) -> bool:
    if node.function is np.isscalar:
        return bool(kinds & NUMBERS)
    return any(_is_one_of(inner, kinds) for inner in walk(node.arguments[-1]))


def _is_one_of(node: Expression, kinds: frozenset[type]) -> bool:
    if not isinstance(node, Const):
        return False
    asked = node.value if isinstance(node.value, tuple) else (node.value,)
    return any(isinstance(kind, type) and kind in kinds for kind in asked)


def joins_parts(function: Function) -> bool:
    """Whether a function adds slices, which are lists or arrays: the text doesn't tell."""
    return any(
        isinstance(node, Call)
        and node.function is operator.add
        and any(isinstance(a, Item) and has_slice(a.index) for a in node.arguments)
        for node in nodes_of(function)
    )
