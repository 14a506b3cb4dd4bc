"""Types of results: shape functions that the families of rules share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from srcdiff.ir.types import (
    OTHER,
    SIZES,
    Dim,
    Kind,
    Shape,
    Type,
    array,
    broadcast,
    joined,
    size,
    unknown,
)
from srcdiff.rules.registry import UNKNOWN, Operands, ShapeFunction


def of_kind(source: Type, shape: Shape, kind: Kind | None = None) -> Type:
    """Give the type of a NumPy function's result: an array, or a number if it has no axes."""
    form = "scalar" if shape == () else "array" if isinstance(shape, tuple) else "number"
    return Type(form, kind or source.kind, shape)  # type: ignore[arg-type]  # one of Form


def several(*items: Type) -> Type:
    """Give the type of several results, held in a tuple."""
    return Type("tuple", "float", unknown().shape, items)


def smaller(left: Dim, right: Dim) -> Dim:
    """Give the smaller of two sizes."""
    if left == right:
        return left
    if isinstance(left, int) and isinstance(right, int):
        return min(left, right)
    return size(f"the smaller of {left} and {right}")


def normalized(axis: Any, rank: int) -> tuple[int, ...] | None:
    """Give the axes counted from the front; None if they aren't ints in range."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    if not all(isinstance(a, int) and -rank <= a < rank for a in axes):
        return None
    return tuple(a % rank for a in axes)


def reduced(operands: Operands) -> Type:
    """Give the type of a reduction over `axis` with `keepdims`."""
    source = operands.type("x")
    axis, keepdims = operands.constant("axis"), operands.constant("keepdims", False)
    if axis is None and keepdims is False:
        return Type("scalar", source.kind, ())
    if not isinstance(source.shape, tuple) or axis is UNKNOWN or keepdims is UNKNOWN:
        return unknown(form="number").of_kind(source.kind)
    rank = len(source.shape)
    axes = tuple(range(rank)) if axis is None else normalized(axis, rank)
    if axes is None:
        return unknown(form="number")
    shape = tuple(
        1 if index in axes else dim
        for index, dim in enumerate(source.shape)
        if keepdims or index not in axes
    )
    return of_kind(source, shape)


def reduced_to_float(operands: Operands) -> Type:
    """Give the type of a reduction that divides, such as the mean."""
    result = reduced(operands)
    return result.of_kind("float") if result.kind in ("int", "bool") else result


def reduced_to_int(operands: Operands) -> Type:
    """Give the type of a reduction to positions or counts."""
    return reduced(operands).of_kind("int")


def reduced_to_bool(operands: Operands) -> Type:
    """Give the type of a reduction to truth values."""
    return reduced(operands).of_kind("bool")


def same_as_operand(operands: Operands) -> Type:
    """Give the type of a result shaped like the operand, as an array or a number."""
    source = operands.type("x")
    known = of_kind(source, source.shape)
    return array(source.shape, source.kind) if source.form == "array" else known


def copied(operands: Operands) -> Type:
    """Give the type of a copy: a dict's is a dict."""
    source = operands.type("x")
    return source if source.form == "dict" else same_as_operand(operands)


def broadcast_kind(operands: Operands, kind: Kind) -> Type:
    """Give the type of a function of each entry whose results are of one kind."""
    given = [operands.typed(expression) for expression in operands.expressions.values()]
    form, _ = joined(given)
    shape = broadcast(operand.shape for operand in given)
    return Type("number" if form == "scalar" and shape != () else form, kind, shape)


def along(operands: Operands) -> Type:
    """Give the type of a running sum: like the operand, flat where no axis is given."""
    return along_or_flat(operands, None)


def along_or_flat(operands: Operands, default: int | None) -> Type:
    """Give the type of what keeps the operand's shape along an axis, and is flat without one."""
    source, axis = operands.type("x"), operands.constant("axis", default)
    stated = isinstance(axis, int) or (axis is UNKNOWN and operands.type("axis").form == "scalar")
    if stated or source.rank == 1:
        return of_kind(source, source.shape)
    return unknown(form="array").of_kind(source.kind)


def along_first(operands: Operands) -> Type:
    """Give the type of a ufunc's running results, along the first axis if none is given."""
    source = operands.type("x")
    return of_kind(source, source.shape)


def contracted(operands: Operands) -> Type:
    """Give the type of a dot product or a matrix product."""
    left, right = operands.type("x"), operands.type("w")
    _, kind = joined([left, right])
    if left.shape == () or right.shape == ():
        return of_kind(left, broadcast([left.shape, right.shape]), kind)
    if not isinstance(left.shape, tuple) or not isinstance(right.shape, tuple):
        return unknown(form="number").of_kind(kind)
    check_contraction(left.shape, right.shape)
    if len(left.shape) > 2 or len(right.shape) > 2:
        return unknown(form="array").of_kind(kind)
    columns: tuple[Dim, ...] = right.shape[1:] if len(right.shape) == 2 else ()
    return of_kind(left, left.shape[:-1] + columns, kind)


def check_contraction(left: tuple[Dim, ...], right: tuple[Dim, ...]) -> None:
    """Refuse a product whose inner sizes are known to differ.

    Raises
    ------
    Refusal
        They do.
    """
    from srcdiff.diagnostics import Refusal

    inner = right[-2] if len(right) > 1 else right[0]
    if isinstance(left[-1], int) and isinstance(inner, int) and left[-1] != inner:
        raise Refusal(
            "SD107",
            f"the product's inner sizes, {left[-1]} and {inner}, differ.",
            "Check the shapes in the annotations or of the arguments.",
        )


def transposed(operands: Operands) -> Type:
    """Give the type of a transpose."""
    source = operands.type("x")
    axes = operands.constant("axes")
    if isinstance(source.shape, tuple) and axes is None:
        return of_kind(source, source.shape[::-1])
    if isinstance(source.shape, tuple) and isinstance(axes, (tuple, list)):
        order = normalized(tuple(axes), len(source.shape))
        if order is not None:
            return of_kind(source, tuple(source.shape[axis] for axis in order))
    return unknown(form="number").of_kind(source.kind)


def sizes(operands: Operands, name: str, *, unsaid: bool = False) -> Shape | None:
    """Give the shape that an operand's expression states, such as `(n, 3)`; None if unclear.

    With `unsaid`, each int is a size, known or not; a reshape's may be -1.
    """
    from srcdiff.ir.nodes import Call, Group

    expression = operands.expressions[name]
    if isinstance(expression, Call) and expression.function is np.shape:
        return operands.typed(expression.arguments[0]).shape
    items = (
        expression.items
        if isinstance(expression, Group) and expression.kind in ("tuple", "list")
        else (expression,)
    )
    value = operands.constant(name)
    if isinstance(value, tuple):
        return tuple(value) if all(isinstance(v, int) and v >= 0 for v in value) else None
    found: list[Dim] = []
    for item in items:
        known = operands.typed(item)
        whole = known.form == "scalar" and known.kind == "int"
        among = isinstance(expression, Group) and known.form in ("any", "number", "scalar")
        if known.value is None and unsaid and (whole or among):
            found.append(size(f"value of {id(item)}"))
        elif known.value is None or (isinstance(known.value, int) and known.value < 0):
            return None
        else:
            found.append(known.value)
    return tuple(found)


def reshaped(operands: Operands) -> Type:
    """Give the type of a reshape to a stated shape."""
    source = operands.type("x")
    shape = sizes(operands, "shape")
    if shape is None:
        return unknown(form="array").of_kind(source.kind)
    return of_kind(source, shape, source.kind)


def constructed(operands: Operands) -> Type:
    """Give the type of `np.zeros(shape)` and the like."""
    shape = sizes(operands, "shape", unsaid=True)
    kind: Kind = "any" if operands.has("dtype") else "float"
    if shape is None:
        return unknown(form="array").of_kind(kind)
    return _without_axes(of_kind(array(()), shape, kind))


def _without_axes(known: Type) -> Type:
    """Give the type of a new array: `+=` changes it under its other names, even without axes."""
    return replace(known, form="number") if known.form == "scalar" else known


def like_operand(operands: Operands) -> Type:
    """Give the type of `np.zeros_like(x)` and the like."""
    source = operands.type("x")
    kind: Kind = "any" if operands.has("dtype") else source.kind
    return _without_axes(of_kind(source, source.shape, kind))


def not_a_number(operands: Operands) -> Type:
    """Give the type of a result that has no gradient: a shape, a string, a list of ints."""
    return OTHER


def shape_of(operands: Operands) -> Type:
    """Give the type of `np.shape(x)`, with the sizes where they are known."""
    shape = operands.type("x").shape
    if not isinstance(shape, tuple):
        return SIZES
    return replace(SIZES, items=tuple(Type("scalar", "int", (), None, dim) for dim in shape))


def whole_number(operands: Operands) -> Type:
    """Give the type of an int."""
    return Type("scalar", "int", ())


def length(operands: Operands) -> Type:
    """Give the type of `len(x)`, with its value where the first size is known."""
    shape = operands.type("x").shape
    return Type("scalar", "int", (), None, shape[0] if isinstance(shape, tuple) and shape else None)


def a_float(operands: Operands) -> Type:
    """Give the type of a float."""
    return Type("scalar", "float", ())


def anything(operands: Operands) -> Type:
    """Give the type of an array of which nothing is known."""
    return unknown(form="number")


def arranged(operands: Operands) -> Type:
    """Give the type of an array of which only the kind of its numbers is known: the operands'."""
    given = map(operands.typed, operands.expressions.values())
    return anything(operands).of_kind(joined(known for known in given if known.form != "other")[1])


def floating(shape: ShapeFunction) -> ShapeFunction:
    """Give a shape function's types, of floating numbers where it gives whole ones."""

    def typed(operands: Operands) -> Type:
        known = shape(operands)
        return known.of_kind("float") if known.kind in ("int", "bool") else known

    return typed


def whole_numbers(operands: Operands) -> Type:
    """Give the type of an array of whole numbers: of positions or of counts."""
    return anything(operands).of_kind("int")


def rearranged(function: Callable[..., Any], **settings: Any) -> Callable[[Operands], Type]:
    """Give the shape function of a function that only puts axes into another order.

    Parameters
    ----------
    settings
        Its other parameters, in order, with their defaults; `...` for those without one.
    """

    def shape(operands: Operands) -> Type:
        source = operands.type("x")
        values = [operands.constant(name, default) for name, default in settings.items()]
        if not isinstance(source.shape, tuple) or UNKNOWN in values:
            return unknown(form="array").of_kind(source.kind)
        axes = np.empty(tuple(range(len(source.shape))))  # empty; each size is its axis' number
        try:
            order = function(axes, *values).shape
        except (ValueError, TypeError):
            return unknown(form="array").of_kind(source.kind)
        return of_kind(source, tuple(source.shape[axis] for axis in order))

    return shape


def raised(least: int) -> Callable[[Operands], Type]:
    """Give the shape function of `np.atleast_1d` and its like."""

    def shape(operands: Operands) -> Type:
        source = operands.type("x")
        if not isinstance(source.shape, tuple):
            return unknown(form="array").of_kind(source.kind)
        sizes = source.shape
        if least == 3 and len(sizes) < 3:
            sizes = ((1,) * (2 - len(sizes)) + sizes) + (1,)
        return Type("array", source.kind, (1,) * (least - len(sizes)) + sizes)

    return shape
