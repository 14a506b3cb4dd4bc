"""Tangents of several results that one call gives at once.

Takes tangent lines of a statement, and the variables that are live. Gives lines in which the call
names what is used of its results. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Container

from srcdiff.ir.nodes import Bind, Read, Unpack, Variable
from srcdiff.passes.backward import Line
from srcdiff.passes.unpacking import names_items


def named_at_once(lines: list[Line]) -> list[Line]:
    """Give `dq, dr = f(x)` for `first, second = f(x); dq = first; dr = second`."""
    unpacked = {v for line in lines if isinstance(line, Unpack) for v in line.variables if v}
    names: dict[Variable | None, Variable] = {}
    rest: list[Line] = []
    for line in lines:
        value = line.value if isinstance(line, Bind) else None
        if isinstance(value, Read) and value.variable in unpacked - set(names):
            assert isinstance(line, Bind)
            names[value.variable] = line.variable
        else:
            rest.append(line)
    return [
        Unpack(tuple(names.get(v, v) for v in line.variables), line.value)
        if isinstance(line, Unpack)
        else line
        for line in rest
    ]


def unpacked(lines: list[Line]) -> list[Line]:
    """Give `da, db = dg` for `parts = dg; da = parts[0]; db = parts[1]`."""
    binds = tuple(line for line in lines if isinstance(line, Bind))
    whole = len(binds) == len(lines) > 1 and isinstance(binds[0].value, Read)
    if not whole or not names_items(binds):
        return lines
    return [Unpack(tuple(bind.variable for bind in binds[1:]), binds[0].value)]


def without_dead(line: Line, live: Container[Variable | None]) -> Line:
    """Give a line that names only those of several results that are live."""
    if not isinstance(line, Unpack):
        return line
    return Unpack(tuple(v if v in live else None for v in line.variables), line.value)
