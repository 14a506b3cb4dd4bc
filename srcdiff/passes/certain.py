"""Parts and conjugates of what may be complex or real.

Takes a function whose parameters' types aren't known from a call, and its types. Gives nothing.
Refuses the functions that nobody applies to real numbers, applied to what isn't known to be
complex: the rules for real numbers would be wrong if it were.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import Call, Expression, Function
from srcdiff.ir.walk import walk
from srcdiff.passes.infer import Types

OF_COMPLEX = frozenset([np.real, np.imag, np.conjugate, np.angle])


def check_certain(function: Function, types: Types, problems: Problems) -> None:
    """Refuse parts and conjugates of values of which it isn't known whether they are complex."""
    for statement in function.statements:
        with problems.within(statement.span):
            for bind in statement.binds:
                _check(bind.value, types)
            for write in statement.writes:
                _check(write.value, types)
    with problems.within(function.result.span):
        for value in function.values:
            _check(value, types)


def _check(tree: Expression, types: Types) -> None:
    for node in reversed([*_calls(tree, types)]):  # the innermost first
        if node.function in OF_COMPLEX and types.of(node.arguments[0]).kind == "any":
            name = getattr(node.function, "__name__", "")
            raise Refusal(
                "SD130",
                f"{name} is taken of a value that may be complex or real.",
                "Annotate the parameters that it depends on: complex, NDArray[complex] or "
                "NDArray[float]. With the decorator, the arguments of the call say it.",
                node.span,
            )


def _calls(tree: Expression, types: Types) -> Iterator[Call]:
    for node in walk(tree):
        expansion = types.expansions.get(node)
        if expansion is not None:
            yield from _calls(expansion, types)
        elif isinstance(node, Call) and node.arguments:
            yield node
