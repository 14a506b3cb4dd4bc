"""Which lines of a backward pass never run together.

Takes backward lines, and the blocks that they stand in. Says which exclude each other. Refuses
nothing.
"""

from __future__ import annotations

from srcdiff.ir.nodes import Bind, Write
from srcdiff.passes.backward import BackwardNode, steps_in


def are_apart(nodes: list[BackwardNode], lines: list[Bind | Write]) -> bool:
    """Whether no way through a function adds to the whole of a gradient, and to a part of it."""
    found = [(line, block) for line, block in steps_in(nodes) if any(line is own for own in lines)]
    whole = [block for line, block in found if isinstance(line, Write) and not line.path]
    parts = [block for line, block in found if isinstance(line, Write) and line.path]
    if not parts:
        return not whole
    return all(_exclude(one, other) for one in whole for other in parts)


def _exclude(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether two blocks are within different arms of one branch."""
    pairs = list(zip(one, other, strict=False))
    place = next((i for i, (a, b) in enumerate(pairs) if a != b), 0)
    return place > 0 and {*pairs[place]} == {0, 1}
