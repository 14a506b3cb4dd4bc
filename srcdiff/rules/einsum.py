"""np.einsum in all its forms."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.nodes import Expression
from srcdiff.ir.types import Dim, Type, broadcast, joined, unknown
from srcdiff.rules.helpers import contracted, einsum_gradient, zeros_like
from srcdiff.rules.registry import Operands, rule
from srcdiff.rules.shapes import of_kind


def terms_of(subscripts: str) -> tuple[list[str], str]:
    """Give the operands' letters and the result's, which may go without saying."""
    given, arrow, out = subscripts.replace(" ", "").partition("->")
    if not arrow:
        letters = sorted(set(given) - {",", "."})
        out = "..." * ("..." in given) + "".join(c for c in letters if given.count(c) == 1)
    return given.split(","), out


def turned(subscripts: str, place: int) -> str | None:
    """Give the subscripts of the gradient of an operand: of the result's with the other operands.

    None where that isn't all: a letter is repeated, or stands in this operand alone, or axes
    without letters are elsewhere than in front.
    """
    terms, out = terms_of(subscripts)
    own = terms[place]
    rest = [out, *(term for i, term in enumerate(terms) if i != place)]
    letters = own.removeprefix("...")
    plain = "." not in letters and len(set(letters)) == len(letters)
    summed_alone = set(letters) - set("".join(rest))
    dots = any("..." in term for term in terms)
    if not plain or summed_alone or (dots and not (own.startswith("...") and "..." in out)):
        return None
    return ",".join(rest) + "->" + own


def _einsum(operands: Operands) -> Type:
    subscripts = operands.constant("subscripts")
    given = operands.expressions.get("operands")
    items: tuple[Expression, ...] = getattr(given, "items", ())
    known = [operands.typed(item) for item in items]
    kind = joined(known)[1]
    if not isinstance(subscripts, str) or "." in subscripts:
        return unknown(form="number").of_kind(kind)
    terms, out = terms_of(subscripts)
    sizes: dict[str, Dim] = {}
    for term, operand in zip(terms, known, strict=False):
        if not isinstance(operand.shape, tuple) or len(operand.shape) != len(term):
            return unknown(form="number" if out == "" else "array").of_kind(kind)
        for letter, dim in zip(term, operand.shape, strict=True):
            both = broadcast([(sizes.get(letter, 1),), (dim,)])
            assert isinstance(both, tuple)
            sizes[letter] = both[0]
    if len(terms) != len(known) or not set(out) <= sizes.keys():
        return unknown(form="array").of_kind(kind)  # NumPy says what is wrong
    return of_kind(known[0], tuple(sizes[letter] for letter in out), kind)


LISTS = ("list", "tuple")


def _not_text(operands: Operands) -> str:
    """Refuse lists of places that aren't written out, which nothing tells from operands."""
    subscripts, given = operands.type("subscripts"), operands.expressions.get("operands")
    listed = any(operands.typed(i).form in LISTS for i in getattr(given, "items", ()))
    if subscripts.form == "other" or (subscripts.form == "any" and not listed):
        return ""
    return "write the axes as text, or their lists where they are given"


@rule(np.einsum, shape=_einsum, takes_complex=True, unless=_not_text)
def einsum_backward(subscripts, *operands, optimize=False, dz):
    """Gradients of np.einsum(subscripts, *operands)."""
    places = range(len(operands))
    doperands = [einsum_gradient(subscripts, i, dz, operands, optimize) for i in places]
    return doperands


def _like_operand(operands: Operands) -> Type:
    place, given = operands.constant("place"), operands.expressions["operands"]
    items = operands.typed(given).items
    kind = joined([operands.type("dz"), *(items or ())])[1]
    if items is None or not isinstance(place, int):
        return unknown(form="number").of_kind(kind)
    return of_kind(items[place], items[place].shape, kind)


@rule(einsum_gradient, shape=_like_operand, takes_complex=True)
def einsum_gradient_backward(subscripts, place, dz, operands, optimize=False, *, dx):
    """Gradients of einsum_gradient, linear in dz and in all operands but one."""
    changed = [dx if i == place else operands[i] for i in range(len(operands))]
    ddz = contracted(subscripts, changed, optimize)
    doperands = [
        zeros_like(operands[i])
        if i == place
        else einsum_gradient(subscripts, i, dz, changed, optimize)
        for i in range(len(operands))
    ]
    return ddz, doperands


def _contracted(operands: Operands) -> Type:
    given = operands.typed(operands.expressions["operands"])
    return unknown(form="number").of_kind(given.kind)


@rule(contracted, shape=_contracted, takes_complex=True)
def contracted_backward(subscripts, operands, optimize=False, *, dz):
    """Gradients of np.einsum, whose operands are given as a list."""
    places = range(len(operands))
    doperands = [einsum_gradient(subscripts, i, dz, operands, optimize) for i in places]
    return doperands
