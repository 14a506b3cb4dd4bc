"""The gradient of a sum of all that a function gives, plain or weighted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from srcdiff.cases import Case, Values
from srcdiff.demands import check_output
from srcdiff.gradients import Argnums, Grad
from srcdiff.live import Compiled
from srcdiff.plain import Plain


class ElementwiseGrad(Grad):
    """The gradient of the sum of a function's outputs, of all of them where there are several."""

    scalar = False
    word = "elementwise gradient"

    def direct(self, case: Case, values: Values, count: int) -> Callable[..., Any] | None:
        """Give the emitted backward function, if its upstream gradient may be left out."""
        several = _ones(case.compiled(self.wrt(case, values, count), "joint"))
        return None if several else super().direct(case, values, count)

    def run(self, case: Case, values: Values, count: int) -> Any:
        """Give the gradient."""
        compiled = case.compiled(self.wrt(case, values, count), "joint")
        check_output(case, compiled)
        return case.call(compiled, "backward", values, _ones(compiled))

    def plain(self, args: tuple[Any, ...], kwargs: Values) -> Plain:
        """Give the emitted backward function, its upstream gradients put in."""
        case, values = self.case(args, kwargs)
        given = _ones(case.compiled(self.wrt(case, values, len(args)), "joint"))
        found = super().plain(args, kwargs)
        return replace(found, keywords={**found.keywords, **given})


def _ones(compiled: Compiled) -> Values:
    """Give the upstream gradients of several outputs; one has a default of its own."""
    names = compiled.derivation.upstream_names()
    return dict.fromkeys(names, 1.0) if len(names) > 1 else {}


class WeightedGrad(ElementwiseGrad):
    """The gradient of a weighted sum of all the numbers that a function gives.

    Parameters
    ----------
    weights
        In the structure of the function's value.
    """

    word = "weighted gradient"

    def __init__(self, function: Callable[..., Any], argnums: Argnums, weights: Any) -> None:
        super().__init__(function, argnums)
        self.weights = weights

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def direct(self, case: Case, values: Values, count: int) -> None:
        """Give nothing: the weights go along with each call."""

    def run(self, case: Case, values: Values, count: int) -> Any:
        """Give the gradient."""
        compiled = case.compiled(self.wrt(case, values, count), "joint")
        return case.call(compiled, "backward", values, self._given(compiled))

    def plain(self, args: tuple[Any, ...], kwargs: Values) -> Plain:
        """Give the emitted backward function, the weights put in."""
        case, values = self.case(args, kwargs)
        compiled = case.compiled(self.wrt(case, values, len(args)), "joint")
        found = case.derived(compiled, "backward")
        return replace(found, keywords={**found.keywords, **self._given(compiled)})

    def _given(self, compiled: Compiled) -> Values:
        names = compiled.derivation.upstream_names()
        weights = self.weights if len(names) > 1 else (self.weights,)
        return dict(zip(names, weights, strict=True))
