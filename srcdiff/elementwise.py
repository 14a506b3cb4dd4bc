"""The gradient of the sum of all that a function gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from srcdiff.cases import Case, Values
from srcdiff.demands import check_output
from srcdiff.gradients import Grad
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
