"""Loops over a value whose elements are only used as keys.

Takes the name of a loop's target and what each round evaluates. Says whether the elements are keys
of what the loop runs over, so that the loop can run over the keys backwards too. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from srcdiff.syntax.statements import parts

ASKS_STRINGS = frozenset(["startswith", "endswith"])


def are_keys(name: str, holder: str, body: Iterable[cst.CSTNode]) -> bool:
    """Whether elements pick entries of their holder, and nothing else is computed from them.

    A key has no gradient then, be it a string, a number or an array.
    """
    uses = [use for node in body for use in _uses(name, node)]
    held = [use.value for use in uses if isinstance(use, cst.Subscript)]
    picks = {value.value for value in held if isinstance(value, cst.Name)}
    return holder in picks and len(held) == len(uses)


def _uses(name: str, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Give the places that use a name: the whole subscript where it is the key."""
    match node:
        case cst.Name(value=found):
            if found == name:
                yield node
        case cst.Subscript(
            slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Name(value=key)))]
        ):
            if key == name:
                yield node
            yield from _uses(name, node.value)
        case cst.Attribute():
            yield from _uses(name, node.value)
        case cst.Arg():
            yield from _uses(name, node.value)
        case cst.Comparison():
            return
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=method))) if method in ASKS_STRINGS:
            return
        case _:
            for child in parts(node):
                yield from _uses(name, child)
