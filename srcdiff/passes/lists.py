"""Lists of a rule that are written out while deriving: comprehensions, ends of parts, the parts.

Takes an expression of a rule whose parts are folded. Gives the items where they are known, so that
`np.split(dz, [n])` is `dz[:n]` and `dz[n:]`. Refuses nothing.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.nodes import Call, Choice, Const, Expression, Forward, Group, Item, Read, Variable
from srcdiff.ir.walk import rebuild, substitute, walk
from srcdiff.passes.infer import Types
from srcdiff.rules.helpers import unpadded
from srcdiff.rules.padding import widths_of
from srcdiff.rules.registry import UNKNOWN, constant

Items = tuple[Expression, ...]
ALL = Group("slice", (Const(None), Const(None), Const(None)))
ON_LISTS = frozenset([operators.each, zip, enumerate, range])


def operand(node: Expression) -> Expression:
    """Give what stands in a rule's text for an operand: constants as they are."""
    if isinstance(node, Const):
        return node
    if isinstance(node, Group) and all(isinstance(operand(i), (Const, Group)) for i in node.items):
        return node
    return Forward(node)


def items_of(node: Expression) -> Items | None:
    """Give the items of a list or tuple that is written out; None for others."""
    match node:
        case Group(kind="list" | "tuple"):
            return node.items
        case Forward(node=Group(kind="list" | "tuple") as given):
            return tuple(map(operand, given.items))
    return None


def item_at(gradient: Expression, path: Items, types: Types) -> Expression:
    """Give an item of a gradient; one that may be a list has no index of several."""
    if len(path) > 1 and types.of(gradient).form == "array":
        return Item(gradient, Group("tuple", path))
    for index in path:
        gradient = Item(gradient, index)
    return gradient


def undecided(node: Expression) -> bool:
    """Whether a list isn't known, or an item's form depends on a rank that isn't."""
    for inner in walk(node):
        if isinstance(inner, Call) and inner.function in ON_LISTS:
            return True
        if isinstance(inner, Choice):
            tests = (n for n in walk(inner.test) if isinstance(n, Call))
            if any(n.function in (np.ndim, isinstance) for n in tests):
                return True
    return False


def unrolled(node: Call, fold: Callable[[Expression], Expression]) -> Expression:
    """Write out a comprehension."""
    targets, values, body = node.arguments
    values = fold(values)
    items = items_of(values)
    if items is None:
        return Call(operators.each, (targets, values, body))
    found = []
    for item in items:
        table: dict[Variable, Expression] = {}
        if not _bind(targets, item, table):
            return Call(operators.each, (targets, values, body))
        found.append(fold(substitute(body, table)))
    return Group("list", tuple(found))


def _bind(targets: Expression, item: Expression, table: dict[Variable, Expression]) -> bool:
    if isinstance(targets, Read):
        table[targets.variable] = item
        return True
    assert isinstance(targets, Group)
    parts = items_of(item)
    if parts is None or len(parts) != len(targets.items):
        return False
    return all(_bind(t, p, table) for t, p in zip(targets.items, parts, strict=True))


def listed(node: Call, types: Types) -> Expression | None:
    """Write out the result of a function of lists, where it is a list or a part of an array."""
    match node.function, node.arguments:
        case (np.split, (value, ends, *axis)):
            return _split(value, items_of(ends), axis[0] if axis else Const(0), types)
        case (np.take, (value, Const(value=int(place)), Const(value=int(axis)))):
            return part(Item(value, _at(axis, Const(place), types.of(value).rank)), types)
        case (np.asarray, (value,)) if types.of(value).form == "array":
            return None if node.keywords else value
        case (np.copy, (Item() as value,)):
            return value  # copied where somebody else may look at it
        case (np.reshape, (value, Call(function=np.shape, arguments=(like,)))):
            shape = types.of(value).shape
            return value if shape and shape == types.of(like).shape else None
        case (function, (value, width)) if function is unpadded:
            return _unpadded(value, constant(width), types)
        case (np.cumsum, (values,)):
            return _partial_sums(items_of(values))
        case (function, arguments) if function in (zip, enumerate, range, len):
            return _list_of(node, arguments)
    return None


def _list_of(node: Call, arguments: Items) -> Expression | None:
    if node.function is range:
        count = arguments[0] if len(arguments) == 1 else None
        if isinstance(count, Const) and isinstance(count.value, int):
            return Group("list", tuple(map(Const, range(count.value))))
        return None
    lists = [items_of(argument) for argument in arguments]
    known = [items for items in lists if items is not None]
    if len(known) < len(lists):
        return None
    if node.function is len:
        return Const(len(known[0]))
    if node.function is enumerate:
        known = [tuple(map(Const, range(len(known[0])))), known[0]]
    return Group("list", tuple(Group("tuple", row) for row in zip(*known, strict=False)))


def _partial_sums(items: Items | None) -> Expression | None:
    if items is None:
        return None
    sums: list[Expression] = []
    for item in items:
        sums.append(_plus(sums[-1], item) if sums else item)
    return Group("list", tuple(sums))


def _plus(left: Expression, right: Expression) -> Expression:
    """Add two sizes, numbers together."""
    if isinstance(left, Const) and isinstance(right, Const):
        return Const(left.value + right.value)
    if isinstance(right, Const) and isinstance(left, Call) and left.function is operator.add:
        first, second = left.arguments
        if isinstance(second, Const):
            return _plus(first, Const(second.value + right.value))
    if isinstance(left, Const) and left.value == 0:
        return right
    return Call(operator.add, (left, right), (), "operator")


def _split(
    value: Expression, ends: Items | None, axis: Expression, types: Types
) -> Expression | None:
    """Give the parts of np.split as slices."""
    if ends is None or not isinstance(axis, Const) or not isinstance(axis.value, int):
        return None
    bounds = [Const(None), *map(_as_length, ends), Const(None)]
    rank = types.of(value).rank
    slices = (
        Group("slice", (lower, upper, Const(None))) for lower, upper in itertools.pairwise(bounds)
    )
    if not ends:
        return Group("list", (value,))
    return Group("list", tuple(part(Item(value, _at(axis.value, s, rank)), types) for s in slices))


def _unpadded(value: Expression, width: Any, types: Types) -> Expression | None:
    """Give what lies within the padding as slices."""
    rank = types.of(value).rank
    pairs = widths_of(width, rank) if rank and width is not UNKNOWN else None
    if pairs is None:
        return None
    slices = [
        Group("slice", (Const(before or None), Const(-behind if behind else None), Const(None)))
        for before, behind in pairs
    ]
    while slices and _is_all(slices[-1]):
        slices.pop()
    if not slices:
        return value
    return Item(value, slices[0] if len(slices) == 1 else Group("tuple", tuple(slices)))


def _at(axis: int, index: Expression, rank: int | None) -> Expression:
    """Give the index of a part along an axis."""
    if axis < 0 and rank is not None:
        axis += rank
    if axis == 0:
        return index
    if axis > 0:
        return Group("tuple", (ALL,) * axis + (index,))
    return Group("tuple", (Const(...), index, *(ALL,) * (-1 - axis)))


def part(node: Item, types: Types) -> Expression:
    """Give an item of a list written out, a size that is known, or a part of a part at once."""
    items = items_of(node.value)
    index = node.index
    if items is not None and isinstance(index, Const) and isinstance(index.value, int):
        return items[index.value]
    if items is not None and isinstance(index, Group) and index.kind == "slice":
        bounds = [b.value for b in index.items if isinstance(b, Const)]
        return Group("list", items[slice(*bounds)]) if len(bounds) == 3 else node
    if isinstance(index, Const) and index.value == () and isinstance(index.value, tuple):
        known = types.of(node.value)
        full = known.form == "array" and known.rank
        return node.value if full or isinstance(node.value, Item) else node
    if isinstance(node.value, Call) and node.value.function is np.shape:
        return _size(node, types)
    if isinstance(node.value, Item):
        both = _composed(_parts(node.value.index), _parts(index))
        if both is not None:
            return Item(node.value.value, both[0] if len(both) == 1 else Group("tuple", both))
    return node


def _size(node: Item, types: Types) -> Expression:
    known = types.of(node).value
    return Const(known) if isinstance(known, int) else node


def _as_length(node: Expression) -> Expression:
    """Write x.shape[0] as len(x)."""
    match node:
        case Item(Call(function=np.shape, arguments=operands), Const(value=0)):
            return Call(len, operands)
    return rebuild(node, _as_length)


def _parts(index: Expression) -> Items:
    return index.items if isinstance(index, Group) and index.kind == "tuple" else (index,)


def _composed(outer: Items, inner: Items) -> Items | None:
    """Give one index for x[outer][inner]; None where it isn't simple."""
    if not all(isinstance(p, Group) and p.kind == "slice" for p in outer):
        return None
    if any(isinstance(p, Const) and p.value in (None, ...) for p in inner):
        return None
    count = max(len(outer), len(inner))
    found = []
    outer, inner = (parts + (ALL,) * (count - len(parts)) for parts in (outer, inner))
    for first, second in zip(outer, inner, strict=True):
        both = _along(first, second)
        if both is None:
            return None
        found.append(both)
    while len(found) > 1 and _is_all(found[-1]):
        found.pop()
    return tuple(found)


def _is_all(index: Expression) -> bool:
    return isinstance(index, Group) and all(
        isinstance(bound, Const) and bound.value is None for bound in index.items
    )


def _along(outer: Expression, inner: Expression) -> Expression | None:
    """Give one index for a slice of an axis and an index into it."""
    if _is_all(inner):
        return outer
    if _is_all(outer):
        return inner
    assert isinstance(outer, Group)
    lower = outer.items[0]
    if isinstance(inner, Const) and isinstance(inner.value, int) and inner.value >= 0:
        start = Const(0) if isinstance(lower, Const) and lower.value is None else lower
        return _plus(start, inner) if inner.value else start
    return None
