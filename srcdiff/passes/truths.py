"""The truth of a test, kept for the backward pass.

Takes a test. Gives its truth value: what is tested itself, a list, dict or array, may change later.
Refuses nothing.
"""

from __future__ import annotations

from srcdiff.ir import operators
from srcdiff.ir.nodes import Call, Expression, Forward, UserFunction
from srcdiff.passes.infer import Types


def kept_truth(test: Expression, types: Types) -> Expression:
    """Give an expression for whether a test holds, whose value nothing changes."""
    return test if _is_number(test, types) else Call(bool, (test,))


def _is_number(test: Expression, types: Types) -> bool:
    """Whether a test is certainly a truth value or a number."""
    test = test.node if isinstance(test, Forward) else test
    if isinstance(test, Call) and test.function in (operators.both, operators.either):
        return all(_is_number(part, types) for part in test.arguments)
    known = types.guess(test)
    asks = isinstance(test, Call) and not isinstance(test.function, UserFunction)
    return known.form == "scalar" or (asks and known.kind == "bool")
