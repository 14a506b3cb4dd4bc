"""Calls of NumPy's that are other expressions in disguise, written as these.

Takes the call of a library's function, its members resolved. Gives np.select as nested np.where,
np.meshgrid as broadcast arrays, x.item(i) as x[i]. Refuses nothing: other calls stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Expression,
    Group,
    Item,
    Output,
    Read,
    Statement,
    Variable,
    leaves,
)
from srcdiff.passes.plainer import PLAINER
from srcdiff.passes.unpacking import unpacks
from srcdiff.rules.conversion import astype
from srcdiff.rules.registry import AnyFunction, constant, numpys, rule_of, upstream_names
from srcdiff.rules.shaping import item


def restated(node: Call) -> Expression:
    """Give what a call stands for."""
    change = CHANGES.get(node.function)
    changed = change(node) if change is not None else None
    return node if changed is None else changed


def _call(node: Call, function: AnyFunction, *arguments: Expression) -> Call:
    return Call(function, arguments, (), "function", node.span)


def _where(node: Call) -> Expression | None:
    """np.where(test) is where the test holds: np.nonzero(test)."""
    single = len(node.arguments) == 1 and not node.keywords
    return _call(node, np.nonzero, *node.arguments) if single else None


def _select(node: Call) -> Expression | None:
    """np.select takes the first choice whose condition holds."""
    given = dict(zip(("condlist", "choicelist", "default"), node.arguments, strict=False))
    given |= dict(node.keywords)
    tests, choices = given.get("condlist"), given.get("choicelist")
    if not isinstance(tests, Group) or not isinstance(choices, Group):
        return None
    result = given.get("default", Const(0))
    for test, choice in zip(tests.items[::-1], choices.items[::-1], strict=False):
        result = _call(node, np.where, test, choice, result)
    return result


def _item(node: Call) -> Expression | None:
    """x.item(i) is an element of all in a row, x.item(i, j) is x[i, j]."""
    value, *index = node.arguments
    if not index:
        return None
    if isinstance(index[0], Group):
        return Item(value, index[0], node.span)
    if len(index) == 1:
        return Item(_call(node, np.ravel, value), index[0], node.span)
    return Item(value, Group("tuple", tuple(index)), node.span)


def _ravel(node: Call) -> Expression | None:
    """np.ravel(x, "C") is np.ravel(x); with its order, it would be taken for x.flat."""
    match node.arguments:
        case (value, Const(value="C")) if not node.keywords:
            return Call(np.ravel, (value,), (), node.spelling, node.span)
    return None


def _compress(node: Call) -> Expression | None:
    """x.compress(condition, axis) is np.compress(condition, x, axis)."""
    if node.spelling != "method":
        return None
    value, condition, *rest = node.arguments
    return Call(np.compress, (condition, value, *rest), node.keywords, "function", node.span)


def _each_with_each(node: Call) -> Expression | None:
    """np.maximum.outer(x, y) is np.maximum of x, given the axes of y too, and y."""
    if len(node.arguments) != 2 or node.keywords:
        return None
    x, y = node.arguments
    function = node.function.__self__
    spread = _call(node, np.multiply.outer, x, _call(node, np.ones_like, y))
    return _call(node, function, spread, y)


def _rows(node: Call) -> Expression:
    """np.row_stack is an old name of np.vstack."""
    return Call(np.vstack, node.arguments, node.keywords, "function", node.span)


def _cast(node: Call) -> Expression:
    """np.astype(x, dtype) is x.astype(dtype)."""
    return Call(astype, node.arguments, node.keywords, "method", node.span)


def _each(node: Call) -> Expression | None:
    """np.atleast_1d(a, b) is one result for each argument."""
    if len(node.arguments) < 2:
        return None
    return Group("tuple", tuple(_call(node, node.function, a) for a in node.arguments), node.span)


def _are_simple(arguments: tuple[Expression, ...]) -> bool:
    return all(isinstance(argument, (Read, Const)) for argument in arguments)


def _broadcast(node: Call) -> Expression | None:
    """np.broadcast_arrays(a, b) is np.broadcast_to of each."""
    if node.keywords or not _are_simple(node.arguments):
        return None
    shapes = (_call(node, np.shape, argument) for argument in node.arguments)
    shape = _call(node, np.broadcast_shapes, *shapes)
    parts = (_call(node, np.broadcast_to, argument, shape) for argument in node.arguments)
    return Group("tuple", tuple(parts), node.span)


def _grid(node: Call) -> Expression | None:
    """np.meshgrid(a, b) is each vector along an axis of its own, repeated along the others."""
    keywords = dict(node.keywords)
    settings = {name: getattr(value, "value", ...) for name, value in keywords.items()}
    sparse, order = settings.pop("sparse", False), settings.pop("indexing", "xy")
    copies = settings.pop("copy", True) is not False
    known = order in ("xy", "ij") and isinstance(sparse, bool) and not settings
    if not known or not _are_simple(node.arguments):
        return None
    rank = len(node.arguments)
    axes = list(range(rank))
    if order == "xy" and rank > 1:
        axes[:2] = [1, 0]
    sizes = [_call(node, np.size, node.arguments[axes[place]]) for place in range(rank)]
    whole = Group("tuple", tuple(sizes))
    parts = []
    for argument, axis in zip(node.arguments, axes, strict=True):
        form = Group("tuple", tuple(sizes[p] if p == axis else Const(1) for p in range(rank)))
        row = _call(node, np.reshape, argument, form)
        part = row if sparse else _call(node, np.broadcast_to, row, whole)
        parts.append(_call(node, np.copy, part) if copies else part)
    return Group("tuple", tuple(parts), node.span)


CHANGES: dict[AnyFunction, Callable[[Call], Expression | None]] = {
    np.where: _where,
    np.select: _select,
    item: _item,
    np.ravel: _ravel,
    np.compress: _compress,
    np.atleast_1d: _each,
    np.atleast_2d: _each,
    np.atleast_3d: _each,
    np.broadcast_arrays: _broadcast,
    np.meshgrid: _grid,
    **dict.fromkeys(numpys("astype"), _cast),
    **dict.fromkeys(numpys("row_stack"), _rows),
    **{f.outer: _each_with_each for f in (np.maximum, np.minimum, np.logaddexp)},
    **PLAINER,
}


def slopes_apart(statement: Statement) -> Statement:
    """Write `gy, gx = np.gradient(f)` as a call for each axis."""
    binds = statement.binds
    call = binds[0].value if statement.form == "unpack" and unpacks(binds) else None
    if not isinstance(call, Call) or call.function is not np.gradient or not call.arguments:
        return statement
    whole, *widths = call.arguments
    keywords = dict(call.keywords)
    targets = binds[1:]
    axes = constant(keywords.pop("axis", Const(tuple(range(len(targets))))))
    if not isinstance(axes, tuple) or len(axes) != len(targets):
        return statement
    if len(widths) not in (0, 1, len(targets)):
        return statement
    held: tuple[Bind, ...] = ()
    if not isinstance(whole, Read):
        held = (Bind(binds[0].variable, whole),)
        whole = Read(binds[0].variable)
    made = list(held)
    for place, (target, axis) in enumerate(zip(targets, axes, strict=True)):
        own = widths[place : place + 1] if len(widths) > 1 else widths
        given = (*keywords.items(), ("axis", Const(axis)))
        value = Call(np.gradient, (whole, *own), given, call.spelling, call.span)
        made.append(Bind(target.variable, value))
    return replace(statement, binds=tuple(made), form="made")


def with_name(outputs: list[Output], result: Statement) -> tuple[Statement, list[Output]] | None:
    """Give the results of a call that is returned, `return np.linalg.eigh(a)`, one name."""
    call = outputs[0].value if len(outputs) == 1 else None
    if call is None or result_count(call) < 2:
        return None
    whole = Variable("results", "staged")
    naming = Statement((Bind(whole, call),), result.span, form="made")
    return naming, [Output(outputs[0].name, Read(whole))]


def result_count(node: Expression) -> int:
    """Give how many results a call of a library's function has, which lie in a tuple."""
    rule = rule_of(node) if isinstance(node, Call) else None
    return 1 if rule is None or rule.listed else len(upstream_names(rule))


def as_tuples(outputs: list[Output], body: Block) -> list[Output]:
    """Write out the results of a call that outputs give as a whole: `r = np.modf(x)`, `return r`.

    Raises
    ------
    Refusal
        The name stands for the results of one call or another.
    """
    bound: dict[Variable, list[Expression]] = {}
    for statement in leaves(body):
        for bind in statement.binds:
            bound.setdefault(bind.variable, []).append(bind.value)
    found: list[Output] = []
    for output in outputs:
        value = output.value
        values = bound.get(value.variable, []) if isinstance(value, Read) else []
        counts = [result_count(one) for one in values]
        if not counts or max(counts) < 2:
            found.append(output)
            continue
        if len(counts) > 1:
            raise Refusal(
                "SD102",
                "several results of one function are returned as a whole, of one call or another.",
                "Give each result a name: a, b = ...; and return these.",
                getattr(value, "span", None),
            )
        items = tuple(Item(value, Const(place)) for place in range(counts[0]))
        found.append(Output(output.name, Group("tuple", items)))
    return found
