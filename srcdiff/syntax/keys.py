"""Loops over a value whose elements are used as keys.

Takes the name of a loop's target and what each round evaluates. Says whether the elements are keys
of what the loop runs over, so that the loop can run over the keys backwards too. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from srcdiff.syntax.statements import parts


def are_keys(name: str, holder: str, body: Iterable[cst.CSTNode]) -> bool:
    """Whether elements pick entries of their holder: then they are its keys, or whole numbers.

    Either has no gradient, whatever else is computed from them.
    """
    return any(_is_picked(name, holder, node) for node in body)


def _is_picked(name: str, holder: str, node: cst.CSTNode) -> bool:
    match node:
        case cst.Subscript(
            value=cst.Name(value=found),
            slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Name(value=key)))],
        ) if (found, key) == (holder, name):
            return True
    return any(_is_picked(name, holder, child) for child in parts(node))
