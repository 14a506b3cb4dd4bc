"""What transforms demand of a function's outputs: to be one number, to be no container."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcdiff.cases import Case, Values
from srcdiff.ir.types import known_sizes
from srcdiff.live import Compiled


def checked_value(case: Case, wrt: tuple[str, ...] | str, values: Values) -> Any:
    """Give the value, which must be one number, and the gradient."""
    compiled = case.compiled(wrt, "value")
    is_number(case, compiled)
    value, gradient = case.call(compiled, "value_and_grad", values)
    if np.size(value) != 1:
        raise _not_a_number(case, np.shape(value))
    return value, gradient


def is_number(case: Case, compiled: Compiled) -> bool:
    """Whether the output is known to be one number; refuse it if it is known not to be."""
    derivation = compiled.derivation
    outputs = derivation.function.values
    count = len(outputs)
    check_output(case, compiled)
    if count != 1:
        raise case.refused(
            "SD105",
            f"{case.name} returns {count} values; a gradient is that of one number.",
            "Return the number alone, or use vjp or jacobian.",
        )
    known = derivation.types.of(outputs[0])
    sizes = known_sizes(known.shape)
    if sizes is None:
        return False
    if any(size != 1 for size in sizes):
        raise _not_a_number(case, sizes)
    return True


def check_output(case: Case, compiled: Compiled) -> None:
    """Refuse an output that isn't of numbers, or of complex ones where the arguments are real."""
    if any(compiled.derivation.containers()):
        raise case.refused(
            "SD105",
            f"{case.name} returns a list or a dict, which this transform doesn't take apart.",
            "Return a number or an array, or use vjp.",
        )
    derivation = compiled.derivation
    kinds = {derivation.types.of(value).kind for value in derivation.function.values}
    given = {case.given[v.wish].kind for v in derivation.wanted if v.wish in case.given}
    if "complex" in kinds and "complex" not in given:
        raise case.refused(
            "SD108",
            f"{case.name} gives complex numbers for real ones, and so has no gradient.",
            "Take np.real, np.imag or np.abs of them, or use jvp.",
        )


def _not_a_number(case: Case, shape: tuple[int, ...]) -> Exception:
    return case.refused(
        "SD105",
        f"the output of {case.name} has shape {shape}; a gradient is that of one number.",
        "Sum it, or use elementwise_grad, jacobian or vjp.",
    )
