"""What the functions of itertools run over, as an index and the elements that it picks.

Takes a call that is read. Gives the sequence that the index runs over, and the element at the
index: those of `combinations(x, 2)` are picked by combinations of places. Refuses calls of which
it isn't known how many items are together, and those that never end.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Sequence
from typing import Any

from srcdiff.ir.nodes import Call, Choice, Const, Expression, Group, Item

CHOOSING = frozenset(
    [itertools.combinations, itertools.permutations, itertools.combinations_with_replacement]
)
ENDLESS = frozenset([itertools.count, itertools.cycle, itertools.repeat])
PAIRWISE: Any = getattr(itertools, "pairwise", None)
PICKING = CHOOSING | {itertools.product, itertools.islice, itertools.zip_longest, PAIRWISE}
"""Functions whose items are those of their arguments at places that are known."""
MOST_TOGETHER = 8

Named = Callable[[Expression], Expression]
Pick = Callable[[Expression, Expression], Expression]
Found = tuple[Expression, Expression] | None


def picks(tree: Expression) -> bool:
    """Whether a value is a call of one of these functions."""
    return isinstance(tree, Call) and tree.function in PICKING


def never_ends(tree: Expression) -> bool:
    """Whether a value goes on for as long as it is asked."""
    if not isinstance(tree, Call) or tree.function not in ENDLESS:
        return False
    return tree.function is not itertools.repeat or len(tree.arguments) + len(tree.keywords) == 1


def picked_places(tree: Call, here: Expression, named: Named, pick: Pick, length: Named) -> Found:
    """Give what the index runs over, and the element at the index; None where that isn't known.

    Parameters
    ----------
    here
        The index.
    named
        Gives a sequence that may be read again.
    pick, length
        Give the item of a sequence at a place, and the length of a sequence.
    """
    function: Any = tree.function
    keywords = dict(tree.keywords)
    if function is zip:
        return _side_by_side(tree, here, named, pick, length)
    if function in CHOOSING:
        return _chosen(tree, here, named, pick)
    if function is itertools.product:
        return _product(tree, here, named, pick)
    if function is PAIRWISE and len(tree.arguments) == 1:
        sequence = named(tree.arguments[0])
        following = Call(operator.add, (here, Const(1)), (), "operator")
        count = Call(operator.sub, (_length(sequence), Const(1)), (), "operator")
        pair = Group("tuple", (pick(sequence, here), pick(sequence, following)))
        return Call(range, (count,)), pair
    if function is itertools.zip_longest and not keywords.keys() - {"fillvalue"}:
        parts = [named(argument) for argument in tree.arguments]
        lengths = tuple(map(_length, parts))
        longest = lengths[0] if len(lengths) == 1 else Call(max, lengths)
        fill = keywords.get("fillvalue", Const(None, "None"))
        items = (
            Choice(Call(operator.lt, (here, length), (), "operator"), pick(part, here), fill)
            for part, length in zip(parts, lengths, strict=True)
        )
        return Call(range, (longest,)), Group("tuple", tuple(items))
    return None


def part_of(tree: Call, named: Named) -> Expression | None:
    """Give the slice that `islice` runs over; None for what isn't one."""
    if tree.function is not itertools.islice or tree.keywords:
        return None
    whole, *bounds = tree.arguments
    if len(bounds) not in (1, 2, 3) or never_ends(whole):
        return None
    ends = [Const(None), *bounds] if len(bounds) == 1 else bounds
    cut = Group("slice", (*ends, *([Const(None)] * (3 - len(ends)))))
    return Item(named(whole), cut, tree.span)


def _side_by_side(tree: Call, here: Expression, named: Named, pick: Pick, length: Named) -> Found:
    """Give the items at one place of each, up to the end of the shortest."""
    parts = [a if never_ends(a) else named(a) for a in tree.arguments]
    lengths = tuple(length(part) for part in parts if not never_ends(part))
    items = tuple(
        _without_end(part, here, named, pick)
        if isinstance(part, Call) and never_ends(part)
        else pick(part, here)
        for part in parts
    )
    least = lengths[0] if len(lengths) == 1 else Call(min, lengths)
    return Call(range, (least,)), Group("tuple", items)


def _length(sequence: Expression) -> Expression:
    if isinstance(sequence, Call) and sequence.function is range and len(sequence.arguments) == 1:
        return sequence.arguments[0]
    return Call(len, (sequence,))


def _places(sequence: Expression) -> Expression:
    """Give the places of a sequence; of one of places, itself."""
    if isinstance(sequence, Call) and sequence.function is range and len(sequence.arguments) == 1:
        return sequence
    return Call(range, (_length(sequence),))


def _chosen(tree: Call, here: Expression, named: Named, pick: Pick) -> Found:
    keywords = dict(tree.keywords)
    sequence = named(tree.arguments[0])
    count = tree.arguments[1] if len(tree.arguments) == 2 else keywords.get("r")
    if isinstance(sequence, Call):  # a range: its numbers have no gradient
        given = () if count is None else (count,)
        return Call(list, (Call(tree.function, (sequence, *given)),)), here
    if not isinstance(count, Const) or type(count.value) is not int:
        return None
    if count.value > MOST_TOGETHER:
        return None
    places = Call(tree.function, (_places(sequence), count))
    items = (pick(sequence, Item(here, Const(place))) for place in range(count.value))
    return Call(list, (places,)), Group("tuple", tuple(items))


def _product(tree: Call, here: Expression, named: Named, pick: Pick) -> Found:
    keywords = dict(tree.keywords)
    repeat = keywords.pop("repeat", Const(1))
    if keywords or not isinstance(repeat, Const) or type(repeat.value) is not int:
        return None
    sequences = [named(argument) for argument in tree.arguments] * repeat.value
    if not sequences or len(sequences) > MOST_TOGETHER:
        return None
    places = Call(itertools.product, tuple(map(_places, sequences)))
    items = (pick(part, Item(here, Const(place))) for place, part in enumerate(sequences))
    return Call(list, (places,)), Group("tuple", tuple(items))


def _without_end(tree: Call, here: Expression, named: Named, pick: Pick) -> Expression:
    """Give the element at the index of what never ends."""
    if tree.function is itertools.repeat:
        return named(tree.arguments[0])
    if tree.function is itertools.cycle:
        sequence = named(tree.arguments[0])
        return pick(sequence, Call(operator.mod, (here, _length(sequence)), (), "operator"))
    start, step = _start_and_step(tree.arguments, dict(tree.keywords))
    moved = here
    if not (isinstance(step, Const) and step.value == 1):
        moved = Call(operator.mul, (here, step), (), "operator")
    if isinstance(start, Const) and start.value == 0:
        return moved
    return Call(operator.add, (start, moved), (), "operator")


def _start_and_step(
    arguments: Sequence[Expression], keywords: dict[str, Expression]
) -> tuple[Expression, Expression]:
    start = arguments[0] if arguments else keywords.get("start", Const(0))
    step = arguments[1] if len(arguments) > 1 else keywords.get("step", Const(1))
    return start, step
