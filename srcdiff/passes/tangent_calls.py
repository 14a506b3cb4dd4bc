"""What a family of rules says of a call's tangent.

Takes a call and its rule. Tells whether the tangent follows from the rule for complex operands too,
and gives the call with tangents in the places of operands. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from srcdiff.ir.nodes import Call, Expression, Group
from srcdiff.passes.lists import operand as operand_of
from srcdiff.rules import forwards, registry


def holds_for_complex(rule: registry.Rule, node: Call) -> bool:
    """Whether a family gives the tangent for complex operands too.

    A function that isn't holomorphic has a rule of its own for them, which isn't diagonal.
    """
    tables = (forwards.TANGENTS, forwards.JOINT, forwards.IN_TURN)
    own_tangent = any(rule.backward in table for table in tables)
    if rule.family in ("linear", "bilinear") or (own_tangent and rule.takes_complex):
        return True
    own = registry.OF_COMPLEX.get(node.function) is rule
    return rule.family == "elementwise" and rule.takes_complex and not own


def with_tangents(node: Call, rule: registry.Rule, tangents: dict[str, Expression]) -> Call:
    """Give a call with tangents in the places of operands."""
    places = [p.name for p in registry.forward_parameters(rule)]
    arguments = tuple(
        tangents[place] if place in tangents else operand_of(argument)
        for place, argument in zip(places, node.arguments, strict=False)
    )
    keywords = tuple(
        (key, tangents[key] if key in tangents else operand_of(value))
        for key, value in node.keywords
    )
    if node.function is np.broadcast_to:  # other passes look at its arguments
        return Call(node.function, (*arguments, *(value for _, value in keywords)))
    return Call(node.function, arguments, keywords, node.spelling)


def each_in_turn(
    node: Call, tangent_of: Callable[[Expression], Expression | None]
) -> Iterator[Call]:
    """Give a call with each operand's tangent in its place, of those that have one.

    The operands are the items of a list written out, or the arguments.
    """
    listed = node.arguments[0] if len(node.arguments) == 1 else None
    given = listed.items if isinstance(listed, Group) else node.arguments
    for place, operand in enumerate(given):
        tangent = tangent_of(operand)
        if tangent is None:
            continue
        operands = [*map(operand_of, given)]
        operands[place] = tangent
        items = tuple(operands)
        arguments = (Group(listed.kind, items),) if isinstance(listed, Group) else items
        yield Call(node.function, arguments, node.keywords, node.spelling)
