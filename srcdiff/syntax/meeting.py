"""Functions and objects that names stand for where two branches meet.

Takes what the names stand for at the end of each branch. Gives what they stand for behind them: the
same, or one of two by the branch's test. Refuses nothing.
"""

from __future__ import annotations

from srcdiff.ir.nodes import Expression
from srcdiff.syntax.closures import Picked, Static, Table, is_same
from srcdiff.syntax.expressions import ExpressionReader
from srcdiff.syntax.instance import Instance, Several, is_object


def met(
    expressions: ExpressionReader,
    first: dict[str, Static],
    second: dict[str, Static],
    test: Expression,
) -> dict[str, Static]:
    """Give the functions of names where two branches meet."""
    found: dict[str, Static] = {}
    for name in sorted(first.keys() & second.keys()):
        mine, other = first[name], second[name]
        if is_same(mine, other):
            found[name] = mine
            continue
        kinds = (Instance, Several)
        if isinstance(mine, kinds) and isinstance(other, kinds):
            if mine.cls is other.cls and type(mine) is type(other):
                expressions.objects.again(expressions.notes.kept, name)
        found[name] = Picked(Table("choice", (), (mine, other)), test)
    return found


def object_in_one(
    first: dict[str, Static], second: dict[str, Static], values: frozenset[str]
) -> bool:
    """Whether a name that stood for a value is an object at the end of one branch alone."""
    found = [first.get(n) or second[n] for n in first.keys() ^ second.keys() if n in values]
    return any(map(is_object, found))


def see(expressions: ExpressionReader, functions: dict[str, Static]) -> None:
    """Let names stand for functions, or for objects, from here on."""
    for name, function in functions.items():
        if function is not expressions.inner.get(name):
            expressions.known_at[name] = expressions.path
    expressions.inner.clear()
    expressions.inner.update(functions)
