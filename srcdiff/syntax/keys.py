"""Loops over a value whose elements are its keys.

Takes the name of a loop's target and what each round evaluates. Says whether the elements are keys
of what the loop runs over, so that the loop can run over the keys backwards too. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from srcdiff.syntax.statements import parts


def are_keys(name: str, holder: str, body: Iterable[cst.CSTNode]) -> bool:
    """Whether elements pick entries of their own holder.

    Such an element is a key of a dict, or an index: it has no gradient, whatever else it is used
    for.
    """
    return any(_picks(name, holder, node) for node in body)


def _picks(name: str, holder: str, node: cst.CSTNode) -> bool:
    match node:
        case cst.Subscript(
            value=cst.Name(value=held),
            slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Name(value=key)))],
        ):
            if held == holder and key == name:
                return True
    return any(_picks(name, holder, child) for child in parts(node))
