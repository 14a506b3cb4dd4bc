"""Functions made while deriving: their text runs, and is found by tracebacks and by reading."""

from __future__ import annotations

import itertools
import linecache
import types
from typing import Any

_numbers = itertools.count(1)


def written(text: str, name: str, names: dict[str, Any]) -> types.FunctionType:
    """Run the text of a module, which tracebacks then show; give its one function.

    Parameters
    ----------
    names
        What the text reads.
    """
    namespace = {"__name__": "__main__", **names}
    exec(_compiled(text, name), namespace)
    return namespace[name]  # type: ignore[no-any-return]  # the function defined above


def written_beside(
    text: str, name: str, function: types.FunctionType, names: dict[str, Any]
) -> types.FunctionType:
    """Give the function that a text defines, which sees all that another function sees.

    Parameters
    ----------
    names
        What it sees besides.
    """
    code = function.__code__
    cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
    cells |= {own: types.CellType(value) for own, value in names.items()}
    cells[name] = types.CellType()
    inner = "".join(f"    {line}" for line in text.splitlines(keepends=True))
    around = f"def around({', '.join(cells)}):\n{inner}\n    return {name}\n"
    namespace: dict[str, Any] = {}
    exec(_compiled(around, name), function.__globals__, namespace)
    found: types.FunctionType = namespace["around"](*cells)
    own = found.__code__
    closure = tuple(cells[free] for free in own.co_freevars)
    made = types.FunctionType(own, function.__globals__, name, found.__defaults__, closure)
    made.__kwdefaults__ = found.__kwdefaults__
    cells[name].cell_contents = made
    return made


def _compiled(text: str, name: str) -> types.CodeType:
    filename = f"<srcdiff {name} made {next(_numbers)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    return compile(text, filename, "exec")
