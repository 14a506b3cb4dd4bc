"""Whether assignments unpack one value, and which values have lines of their own.

Takes a statement's assignments. Gives whether the first has a value without a name, and the others
name its items.
"""

from __future__ import annotations

from srcdiff.ir.nodes import Bind, Call, Const, Item, Read, Statement, Variable


def unpacks(binds: tuple[Bind, ...]) -> bool:
    """Whether assignments give a value without a name, and then names to all of its items."""
    if len(binds) < 2 or binds[0].variable.wish or not isinstance(binds[0].value, (Call, Read)):
        return False
    return names_items(binds)


def names_items(binds: tuple[Bind, ...]) -> bool:
    """Whether assignments give names to all items of the first one's value, in their order."""
    whole = binds[0].variable
    return all(
        isinstance(bind.value, Item)
        and isinstance(bind.value.value, Read)
        and bind.value.value.variable is whole
        and isinstance(bind.value.index, Const)
        and bind.value.index.value == place
        for place, bind in enumerate(binds[1:])
    )


def own_lines(statement: Statement, valued: set[Variable]) -> set[Variable]:
    """Give the unnamed values of a statement that get lines of their own.

    Those whose values backward needs, and the ones before, from which they may be computed.
    """
    unnamed = [bind.variable for bind in statement.binds if not bind.variable.wish]
    last = max((place for place, v in enumerate(unnamed) if v in valued), default=-1)
    return set(unnamed[: last + 1])
