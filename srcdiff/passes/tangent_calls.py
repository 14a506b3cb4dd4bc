"""What a family of rules says of a call's tangent.

Takes a call and its rule. Tells whether the tangent follows from the rule for complex operands too,
and gives the call with tangents in the places of operands, zeros for entries that don't count, and
the refusal where there is no tangent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import Call, Const, Expression, Forward, Group
from srcdiff.passes.apply import counted
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


def without_uncounted(
    rule: registry.Rule, bound: dict[str, Expression], tangents: dict[str, Expression]
) -> dict[str, Expression]:
    """Give tangents that are zero where a reduction leaves out what is computed within it."""
    found = dict(tangents)
    for name, tangent in tangents.items():
        test = counted(rule, bound, name)
        if test is not None:
            found[name] = Call(np.where, (Forward(test), tangent, Const(0.0)))
    return found


def inside_where(tangent: Expression) -> tuple[Expression, Callable[[Expression], Expression]]:
    """Give the tangent that np.where chooses for some entries, and what puts zeros for the others.

    What is computed of the chosen one may have no value for the others: 0 / 0.
    """
    match tangent:
        case Call(function=np.where, arguments=(test, then, Const(value=0.0) as zero)):
            return then, lambda part: Call(np.where, (test, part, zero))
        case Call(function=np.where, arguments=(test, Const(value=0.0) as zero, otherwise)):
            return otherwise, lambda part: Call(np.where, (test, zero, part))
    return tangent, lambda part: part


def without_tangent(node: Call, reason: str, *, of_complex: bool = False) -> Refusal:
    """Give the refusal of a call whose function has no rule for forward mode."""
    name = getattr(node.function, "__name__", "this function")
    if of_complex:
        message = f"{name} of complex numbers has no forward mode."
        return Refusal("SD108", message, "Use the backward mode.", node.span)
    because = f": {reason}" if reason else ""
    hint = "Use the backward mode, or write it with functions that have one."
    return Refusal("SD103", f"{name} has no rule for forward mode{because}.", hint, node.span)
