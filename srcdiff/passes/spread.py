"""Calls that are written out with simpler ones.

Takes a call whose members are resolved, and the tuples and lists that variables stand for. Gives
max(a, b, c) as max(max(a, b), c), sum([a, b]) as a + b, np.select as np.where in np.where. Refuses
arguments that are functions.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Mapping

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir import operators
from srcdiff.ir.nodes import Call, Const, Expression, Group, Item, Read, Variable
from srcdiff.passes.arguments import arranged
from srcdiff.passes.restated import restated, result_count

Groups = Mapping[Variable, Group]


def spread(node: Call, groups: Groups) -> Expression:
    """Write a call out, or arrange its arguments as its rule has them."""
    function = node.function
    if function in (max, min):
        return _extreme(node)
    if function is sum:
        return _total(node)
    if function is math.hypot and len(node.arguments) != 2:
        return _length(node)
    if function in (np.select, np.choose):
        return _selected(node, groups)
    if function is tuple and len(node.arguments) == 1 and result_count(node.arguments[0]) > 1:
        return node.arguments[0]
    return restated(arranged(node))


def _function(function: object, *arguments: Expression, like: Call) -> Call:
    return Call(function, arguments, (), "function", like.span)


def _operator(function: object, *arguments: Expression, like: Call) -> Call:
    return Call(function, arguments, (), "operator", like.span)


def _extreme(node: Call) -> Expression:
    """Write max(a, b, c) as max(max(a, b), c), and the largest of a sequence as its item."""
    arguments = node.arguments
    if node.keywords:
        raise Refusal(
            "SD103",
            f"keyword arguments of {node.function.__name__} are not supported.",
            "Choose with a conditional expression.",
            node.span,
        )
    if len(arguments) == 1 and isinstance(arguments[0], Group):
        arguments = arguments[0].items
    if any(isinstance(argument, Group) for argument in arguments):  # compared item by item
        arguments = (Group("list", arguments, node.span),)
    if len(arguments) == 1 and arguments != getattr(node.arguments[0], "items", None):
        place = operators.place_of_greatest if node.function is max else operators.place_of_least
        return Item(arguments[0], _function(place, *arguments, like=node), node.span)
    result = arguments[0]
    for argument in arguments[1:]:
        result = _function(node.function, result, argument, like=node)
    return result


def _total(node: Call) -> Expression:
    """Write sum([a, b]) as a + b, and sum(x, start) as start + sum(x)."""
    given = (*node.arguments, *(value for name, value in node.keywords if name == "start"))
    if len(given) == 2:
        rest = _total(Call(sum, given[:1], (), "function", node.span))
        return _operator(operator.add, given[1], rest, like=node)
    if not isinstance(given[0], Group):
        return node
    total, *rest_items = given[0].items or (Const(0),)
    for item in rest_items:
        total = _operator(operator.add, total, item, like=node)
    return total


def _length(node: Call) -> Expression:
    """Write math.hypot(a, b, c) as math.hypot(math.hypot(a, b), c)."""
    if len(node.arguments) < 2:
        return _function(abs, *(node.arguments or (Const(0.0),)), like=node)
    return functools.reduce(
        lambda left, right: _function(math.hypot, left, right, like=node), node.arguments
    )


def _selected(node: Call, groups: Groups) -> Expression:
    """Write np.select and np.choose as np.where in np.where."""
    keywords = dict(node.keywords)
    given = list(node.arguments)
    if node.function is np.choose:
        choices = _items(given[1], groups) if len(given) == 2 and not keywords else None
        if not choices:
            return node
        result: Expression = choices[-1]
        for place in range(len(choices) - 2, -1, -1):
            test = _function(np.equal, given[0], Const(place), like=node)  # of lists too
            result = _function(np.where, test, choices[place], result, like=node)
        return result
    names = ("condlist", "choicelist", "default")
    named = dict(zip(names, given, strict=False)) | keywords
    tests, values = (_items(named[n], groups) if n in named else None for n in names[:2])
    if tests is None or values is None or len(tests) != len(values) or named.keys() - {*names}:
        return node
    chosen: Expression = named.get("default", Const(0))
    for condition, value in zip(reversed(tests), reversed(values), strict=True):
        chosen = _function(np.where, condition, value, chosen, like=node)
    return chosen


def _items(node: Expression, groups: Groups) -> tuple[Expression, ...] | None:
    """Give the items of a list that is written out, here or where its variable is assigned."""
    if isinstance(node, Group):
        return node.items
    if isinstance(node, Read) and node.variable in groups:
        count = len(groups[node.variable].items)
        return tuple(Item(node, Const(place)) for place in range(count))
    return None
