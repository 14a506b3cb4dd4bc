"""Shapes of parts: what x[index] is like where the shape of x is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import Const, Expression, Group, Read
from srcdiff.ir.types import Dim, Shape, Type, broadcast, joined

COMPUTED = "computed "
"""Stands in the name of a size that a computed bound gives."""


def indexed(
    shape: tuple[Dim, ...], index: Expression, typed: Callable[[Expression], Type]
) -> Shape | None:
    """Give the shape of x[index] for a known shape; None where it isn't clear."""
    parts = indices(index)
    result: list[Dim] = []
    left = list(shape)
    advanced: list[Shape] = []
    for part in parts:
        if isinstance(part, Const) and part.value is None:
            result.append(1)
            continue
        if isinstance(part, Const) and part.value is ...:
            taken = sum(1 for p in parts if not (isinstance(p, Const) and p.value in (None, ...)))
            keep = len(shape) - taken
            result += left[:keep]
            left = left[keep:]
            continue
        if not left:
            raise Refusal("SD107", "there are more indices than axes.", "", index.span)
        axis = left.pop(0)
        if isinstance(part, Group) and part.kind == "slice":
            result.append(_sliced(axis, part))
            continue
        kind = typed(part)
        if kind.kind == "bool" or kind.form == "other" or not isinstance(kind.shape, tuple):
            return None
        if kind.shape != ():
            advanced.append(kind.shape)
            if len(advanced) == 1:
                place = len(result)
        elif advanced:
            return None
    if advanced:
        if len(advanced) + sum(1 for p in parts if _is_slice(p)) != len(parts):
            return None
        if any(_is_slice(p) for p in parts):
            return None
        both = broadcast(advanced)
        if not isinstance(both, tuple):
            return None
        result[place:place] = both
    return (*result, *left)


def indices(index: Expression) -> tuple[Expression, ...]:
    """Give the indices of the axes, one by one."""
    if isinstance(index, Const) and isinstance(index.value, tuple):
        return tuple(map(Const, index.value))
    return index.items if isinstance(index, Group) and index.kind == "tuple" else (index,)


def _is_slice(part: Expression) -> bool:
    return isinstance(part, Group) or (isinstance(part, Const) and part.value in (None, ...))


def _sliced(axis: Dim, part: Group) -> Dim:
    bounds: list[Any] = [item.value if isinstance(item, Const) else part for item in part.items]
    if bounds == [None, None, None]:
        return axis
    if isinstance(axis, int) and all(b is None or isinstance(b, int) for b in bounds):
        lower, upper, step = bounds
        return len(range(axis)[slice(lower, upper, step)])
    lower, upper, step = bounds
    if step is None and lower in (None, *range(100)) and upper in (None, *range(-99, 0)):
        # However it is cut at its two ends, what is left is as long: u[2:], u[1:-1], u[:-2].
        less = (lower or 0) - (upper or 0)
        name = sorted(axis) if isinstance(axis, frozenset) else axis
        return frozenset([f"{name}-{less}"]) if less else axis
    text = tuple(b if b is None or isinstance(b, int) else f"{COMPUTED}{id(b)}" for b in bounds)
    return frozenset([f"{sorted(axis) if isinstance(axis, frozenset) else axis}{text}"])


def is_computed(shape: Shape) -> bool:
    """Whether a size depends on bounds that may differ from round to round of a loop."""
    dims = shape if isinstance(shape, tuple) else ()
    return any(isinstance(dim, frozenset) and any(COMPUTED in n for n in dim) for dim in dims)


def has_slice(index: Expression) -> bool:
    """Whether an index has a slice or a new axis in it, so that a part of an array is an array."""
    return any(
        part.kind == "slice"
        if isinstance(part, Group)
        else isinstance(part, Const) and (part.value is None or part.value is ...)
        for part in indices(index)
    )


def dict_type(node: Group, type_of: Callable[[Expression], Type]) -> Type:
    """Give the type of a dict, with its fields where each key is a text."""
    keys = [key.value if isinstance(key, Const) else None for key in node.items[::2]]
    items = [type_of(item) for item in node.items[1::2]]
    fields = None
    if all(isinstance(key, str) for key in keys):
        fields = tuple(zip(map(str, keys), items, strict=True))
    kind = joined(items)[1] if items else "float"
    return Type("dict", kind, frozenset([node]), None, None, fields)


def names_one(index: Expression, known: Type) -> bool:
    """Whether an index is a whole number, or a name that may be a key: it names one item."""
    return known.kind == "int" or (isinstance(index, Read) and known.form == "other")
