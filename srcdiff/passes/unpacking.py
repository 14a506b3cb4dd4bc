"""Whether assignments unpack one value.

Takes a statement's assignments. Gives whether the first has a value without a name, and the others
name its items.
"""

from __future__ import annotations

from srcdiff.ir.nodes import Bind, Call, Const, Item, Read


def unpacks(binds: tuple[Bind, ...]) -> bool:
    """Whether assignments give a value without a name, and then names to all of its items."""
    if len(binds) < 2 or binds[0].variable.wish or not isinstance(binds[0].value, Call):
        return False
    whole = binds[0].variable
    return all(
        isinstance(bind.value, Item)
        and isinstance(bind.value.value, Read)
        and bind.value.value.variable is whole
        and isinstance(bind.value.index, Const)
        and bind.value.index.value == place
        for place, bind in enumerate(binds[1:])
    )
