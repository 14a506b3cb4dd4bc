"""Sizes that don't fit, in the statements that always run.

Takes a function and the types of a call. Gives nothing. Refuses products, sums and unpackings that
NumPy would refuse too, where the backward pass alone might not notice.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator

import numpy as np

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir import operators
from srcdiff.ir.nodes import Call, Choice, Const, Expression, Function, Item, Read, Statement
from srcdiff.ir.types import known_sizes
from srcdiff.ir.walk import children
from srcdiff.passes.infer import Types

PRODUCTS = frozenset([np.dot, np.matmul, operator.matmul])
ELEMENTWISE = frozenset([operator.add, operator.sub, operator.mul, operator.truediv])


def check_sizes(function: Function, types: Types, problems: Problems) -> None:
    """Refuse what can't be computed with arguments of these sizes."""
    for node in function.body:
        if isinstance(node, Statement):
            with problems.within(node.span):
                _check_unpacking(node, types)
                for tree in (bind.value for bind in node.binds):
                    _check(tree, types)
    with problems.within(function.result.span):
        for value in function.values:
            _check(value, types)


def _check(tree: Expression, types: Types) -> None:
    for node in _computed(tree):
        if not isinstance(node, Call) or node.keywords or len(node.arguments) != 2:
            continue
        shapes = [known_sizes(types.guess(a).shape) for a in node.arguments]
        if shapes[0] is None or shapes[1] is None:
            continue
        left, right = shapes[0], shapes[1]
        if node.function in PRODUCTS and left and right:
            inner = right[-2] if len(right) > 1 else right[0]
            if left[-1] != inner:
                what = f"the product's inner sizes, {left[-1]} and {inner}, differ"
                raise _refusal(what, node)
        elif node.function in ELEMENTWISE:
            pairs = zip(reversed(left), reversed(right), strict=False)
            wrong = [(a, b) for a, b in pairs if a != b and 1 not in (a, b)]
            if wrong:
                raise _refusal(f"sizes {wrong[0][0]} and {wrong[0][1]} don't broadcast", node)


def _computed(tree: Expression) -> Iterator[Expression]:
    """Give the nodes that are computed whatever the values are."""
    yield tree
    chosen = isinstance(tree, Choice)
    chosen = chosen or (
        isinstance(tree, Call) and tree.function in (operators.both, operators.either)
    )
    for child in () if chosen else children(tree):
        yield from _computed(child)


def _check_unpacking(statement: Statement, types: Types) -> None:
    """Refuse an array that is unpacked into too few or too many names."""
    if statement.form != "unpack" or not statement.binds:
        return
    items = [bind.value for bind in statement.binds if isinstance(bind.value, Item)]
    places = [i.index.value for i in items if isinstance(i.index, Const)]
    if places != list(range(len(places))) or len(places) != len(items) or not items:
        return
    whole = items[0].value
    sizes = known_sizes(types.guess(whole).shape)
    if isinstance(whole, Read) and sizes and sizes[0] != len(items):
        what = f"{sizes[0]} values are unpacked into {len(items)} names"
        raise Refusal("SD107", f"{what}.", "", statement.span)


def _refusal(what: str, node: Call) -> Refusal:
    hint = "Check the shapes in the annotations or of the arguments."
    return Refusal("SD107", f"{what}.", hint, node.span)
