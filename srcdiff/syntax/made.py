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
    filename = f"<srcdiff {name} made {next(_numbers)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    namespace = {"__name__": "__main__", **names}
    exec(compile(text, filename, "exec"), namespace)
    return namespace[name]  # type: ignore[no-any-return]  # the function defined above
