"""The types of what the helpers give, with which emitted code computes.

Takes the call of a helper. Gives its type. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcdiff.ir.nodes import Call, Expression
from srcdiff.ir.types import INTEGER, Type, is_container, joined, unknown


def helper_type(name: str, node: Call, of: Callable[[Expression], Type], *, nests: bool) -> Type:
    """Give the type of what a helper gives.

    Parameters
    ----------
    name, node, of
        The helper's name, the call of it, and what gives the types of operands.
    nests
        Whether a container may be put into another one.
    """
    if name in ("unbroadcast", "resized"):
        source, like = of(node.arguments[0]), of(node.arguments[1])
        if is_container(like) or (like.form == "any" and nests):
            return like.of_kind(source.kind)
        form = like.form if like.form in ("scalar", "array") else "number"
        return Type(form, source.kind, like.shape)
    if name == "for_each":
        source, items = map(of, node.arguments)
        return items.of_kind(source.gradient_kind)
    if name in ("zeros_like", "copy_of"):
        like = of(node.arguments[0])
        return like.of_kind(like.gradient_kind)
    if name in ("structured", "rebuilt"):
        grad, like = map(of, node.arguments)
        like = grad if like.form == "any" and grad.form == "dict" else like
        return like.of_kind(like.gradient_kind)
    if name == "array_of_zeros":
        like = of(node.arguments[0])
        return Type("number", like.gradient_kind, like.shape)
    if name in ("copied", "doubled", "added"):
        return of(node.arguments[0])
    if name == "over_gaps":
        kind = joined(map(of, node.arguments))[1]
        return of(node.arguments[0]).of_kind("float" if kind in ("int", "bool") else kind)
    if name == "gathered":
        like = of(node.arguments[2])
        form = "array" if like.form == "array" else "number"
        return Type(form, of(node.arguments[0]).gradient_kind, like.shape)
    if name == "einsum_gradient":
        operand = of(node.arguments[3]).items[node.arguments[1].value]  # type: ignore[index,union-attr]  # written so
        return replace(operand.of_kind(operand.gradient_kind), value=None)
    if name in ("count", "place_of"):
        return INTEGER
    return unknown(form="number")
