"""What a companion takes and gives: real or complex numbers, and no records.

Takes a companion and the call that it is for. Gives the upstream gradients as the companion takes
them, and the types of the arguments. Refuses results that its caller can't take.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import Call, Const, Expression
from srcdiff.ir.types import NOTHING, Type
from srcdiff.passes.calls import bind_arguments
from srcdiff.passes.infer import Types
from srcdiff.passes.webs import webs
from srcdiff.rules.helpers import structured


def of_kinds(
    derived: Any, node: Call, upstreams: tuple[Expression, ...], types: Types
) -> tuple[Expression, ...]:
    """Give the gradients of a call's results as the companion takes them: real for real results.

    The caller takes all results for complex if an argument is.
    """
    if not types.takes_complex(node):
        check_results(derived, node, types)
        return upstreams
    kinds = [derived.types.of(value).kind for value in derived.function.values]
    return tuple(
        u if k == "complex" or types.of(u).kind != "complex" else Call(np.real, (u,))
        for u, k in zip(upstreams, kinds, strict=True)
    )


def check_results(derived: Any, node: Call, types: Types) -> None:
    """Refuse complex results of real arguments, which the caller takes for real."""
    if derived.types is None or types.takes_complex(node):
        return
    if any(derived.types.of(v).kind == "complex" for v in derived.function.values):
        raise Refusal(
            "SD108",
            f"{node.function.name} gives complex numbers, and isn't written out here.",
            "Write its steps out here.",
            node.span,
        )


def check_records(derived: Any, node: Call) -> None:
    """Refuse a companion whose gradient is a record: it can't be added to in its parts."""
    if derived.types is None or not derived.types.has_records:
        return
    found = derived.gradients
    if any(isinstance(given, Call) and given.function is structured for given in found):
        raise Refusal(
            "SD102",
            f"{node.function.name} takes a record, and isn't written out here.",
            "Pass the record's fields, or write its steps out here.",
            node.span,
        )


def types_given(node: Call, types: Types) -> dict[str, Type] | None:
    """Give the types of a call's arguments by the callee's parameters; None if one isn't known."""
    bound = bind_arguments(node, webs(node.function.read()))
    given = {v.wish: _given(value, types) for v, value in bound.items()}
    return given if all(map(_is_known, given.values())) else None


def _given(value: Expression, types: Types) -> Type:
    none = isinstance(value, Const) and value.value is None
    return NOTHING if none else replace(types.guess(value), value=None)


def _is_known(known: Type) -> bool:
    """Whether a type says of a value all that a call's argument would say."""
    if known.form in ("list", "tuple"):
        return known.items is not None and all(map(_is_known, known.items))
    return (
        known == NOTHING
        or known.form == "scalar"
        or (known.form == "array" and known.rank is not None)
    )
