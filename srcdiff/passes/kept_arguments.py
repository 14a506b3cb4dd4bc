"""What functions of the user's leave of their arguments: all of it.

Takes a function that calls others, and its types. Gives nothing. Refuses calls of functions that
may write into an argument, for a call's value is what it was when the backward pass reads it.
"""

from __future__ import annotations

import functools
from itertools import chain

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import Call, Expression, Function, Read, UserFunction, Variable, Write
from srcdiff.ir.walk import nodes_of, walk
from srcdiff.passes.calls import bind_arguments
from srcdiff.passes.given_back import Borrowed, Known
from srcdiff.passes.infer import Types
from srcdiff.passes.private import is_made, private
from srcdiff.passes.resolve import resolve
from srcdiff.passes.webs import webs
from srcdiff.passes.written import resizes, updated


def check_kept(function: Function, types: Types, problems: Problems) -> None:
    """Refuse calls that may change an argument in place."""
    hidden = (node for value in types.expansions.values() for node in walk(value))
    for node in chain(nodes_of(function), hidden):
        if isinstance(node, Call) and isinstance(node.function, UserFunction):
            with problems.within(function.name_span):
                _check(node, node.function, types)
    problems.raise_if_any()


def _check(node: Call, called: UserFunction, types: Types) -> None:
    if not _updates(called, Known()):
        return
    bound = bind_arguments(node, webs(called.read()))
    given = {variable.wish: types.guess(value) for variable, value in bound.items()}
    numbers = frozenset(name for name, known in given.items() if known.form == "scalar")
    rows = ("array", "list", "tuple")
    vectors = frozenset(n for n, known in given.items() if known.form in rows and known.rank == 1)
    if _updates(called, Known(numbers, vectors)):
        raise Refusal(
            "SD110",
            f"{called.name} updates its argument in place, which changes the array here too.",
            f"Write y = y + ... in {called.name}, or copy the array first.",
            node.span,
        )


@functools.lru_cache(maxsize=1024)
def _updates(function: UserFunction, known: Known) -> bool:
    """Whether a function updates in place what may be one of its arguments."""
    read = function.read()
    callee = resolve(webs(read), read.source.problems())
    borrowed = Borrowed(callee, known=known)
    depths = dict.fromkeys(_made_here(callee), 1) | private(callee, Types({}))
    for statement in callee.statements:
        writes = [w for w in statement.writes if not _sets_entry(w, depths)]
        changed = {w.variable for w in writes if not _is_shallow(w)}
        if statement.form == "update":
            changed.add(updated(statement.binds[-1]))
        put_into = {w.variable for w in writes if _is_shallow(w)}
        if borrowed.reached(changed) or borrowed.reached_itself(put_into):
            return True
    return False


def _is_shallow(write: Write) -> bool:
    """Whether a write puts something else at a place, and changes nothing that lay there."""
    return write.mode == "set" and not write.updates and len(write.path) == 1


def _made_here(callee: Function) -> set[Variable]:
    """Give the lists and dicts that a function makes: what they hold may be its arguments."""
    binds = [bind for statement in callee.statements for bind in statement.binds]
    found = {bind.variable for bind in binds} - {p.variable for p in callee.parameters}
    before = -1
    while before != len(found):
        before = len(found)
        found -= {b.variable for b in binds if not (is_made(b.value) or _is_name(b.value, found))}
    return found


def _is_name(value: Expression, of: set[Variable]) -> bool:
    return isinstance(value, Read) and value.variable in of


def _sets_entry(write: Write, depths: dict[Variable, int]) -> bool:
    """Whether a write puts something else into a container that is no argument's."""
    anew = resizes(write) or (write.mode in ("set", "del") and not write.updates)
    steps = len(write.path) + resizes(write)
    return anew and depths.get(write.variable, 0) >= steps > 0
