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
        several = self.weighing(case.compiled(self.wrt(case, values, count), "joint"))
        return None if several else super().direct(case, values, count)

    def run(self, case: Case, values: Values, count: int) -> Any:
        """Give the gradient."""
        compiled = self._checked(case, self.wrt(case, values, count))
        return case.call(compiled, "backward", values, self.weighing(compiled))

    def plain(self, args: tuple[Any, ...], kwargs: Values) -> Plain:
        """Give the emitted backward function, its upstream gradients put in."""
        case, values = self.case(args, kwargs)
        compiled = self._checked(case, self.wrt(case, values, len(args)))
        found = case.derived(compiled, "backward")
        return replace(found, keywords={**found.keywords, **self.weighing(compiled)})

    def weighing(self, compiled: Compiled) -> Values:
        """Give the upstream gradients: ones for several outputs; one has a default of its own."""
        names = compiled.derivation.upstream_names()
        return dict.fromkeys(names, 1.0) if len(names) > 1 else {}

    def _checked(self, case: Case, wrt: tuple[str, ...] | str) -> Compiled:
        compiled = case.compiled(wrt, "joint")
        check_output(case, compiled)
        return compiled


class WeightedGrad(ElementwiseGrad):
    """The gradient of a weighted sum of all the numbers that a function gives.

    Parameters
    ----------
    weights
        In the structure of the function's value, which may be a list, a dict, or complex.
    """

    word = "weighted gradient"

    def __init__(self, function: Callable[..., Any], argnums: Argnums, weights: Any) -> None:
        super().__init__(function, argnums)
        self.weights = weights

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def weighing(self, compiled: Compiled) -> Values:
        """Give the weights by the names of the upstream gradients."""
        names = compiled.derivation.upstream_names()
        weights = self.weights if len(names) > 1 else (self.weights,)
        return dict(zip(names, weights, strict=True))

    def _checked(self, case: Case, wrt: tuple[str, ...] | str) -> Compiled:
        return case.compiled(wrt, "joint")
