"""The helpers of srcdiff's own in a file that it wrote, which is derived again.

Takes a file's names. Lets its copies of helpers stand for the helpers themselves, which have rules.
Refuses nothing.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap

from srcdiff.rules.helpers import HELPERS
from srcdiff.syntax.libraries import Library
from srcdiff.syntax.scope import FileScope


def own_helpers(scope: FileScope) -> dict[str, str]:
    """Find the file's functions that are srcdiff's helpers, word for word; give their texts.

    A user's function that only has the name of one stays the user's.
    """
    found: dict[str, str] = {}
    for name in scope.functions.keys() & HELPERS.keys():
        text = scope.positions.module.code_for_node(
            scope.functions[name].with_changes(leading_lines=())
        ).strip()
        if _meaning(text) == _meaning_of(name):
            scope.entities[name] = Library(HELPERS[name])
            found[name] = text
    return found


@functools.cache
def _meaning_of(name: str) -> str:
    """Give what a helper's text means, without its layout and comments."""
    return _meaning(textwrap.dedent(inspect.getsource(HELPERS[name])))


def _meaning(text: str) -> str:
    return ast.dump(ast.parse(text))
