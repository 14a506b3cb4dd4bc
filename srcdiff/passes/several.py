"""The gradients of several results of one call, gathered for the call's rule.

Takes the reverser of a function and what its calls with several results are. Gives each result a
gradient variable of its own, and passes all of a call's on together. Refuses uses of several
results as a whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Forward,
    Group,
    Item,
    Read,
    Unpack,
    UserFunction,
    Variable,
)
from srcdiff.ir.walk import variables
from srcdiff.passes.backward import Guard
from srcdiff.passes.results import Picked
from srcdiff.rules import registry
from srcdiff.rules.helpers import zeros_like

if TYPE_CHECKING:
    from srcdiff.passes.reverse import Reverser


class Several:
    """The gradients of several results in one derivation.

    Attributes
    ----------
    stand_ins
        A variable for each result of a variable that holds several, with the variable and the
        result's place.
    """

    def __init__(self, reverser: Reverser) -> None:
        self.reverser = reverser
        self.results = reverser.results
        self.stand_ins: dict[tuple[Variable, int], Variable] = {}

    def picked(self, node: Expression) -> Picked | None:
        """Give what an expression picks; None if it isn't one of several results.

        Raises
        ------
        Refusal
            It stands for several results as a whole.
        """
        if isinstance(node, Read) and node.variable in self.results.held:
            raise Refusal(
                "SD102",
                "several results of one function are used as a whole.",
                "Unpack them: w, v = np.linalg.eigh(a).",
                node.span,
            )
        return self.results.picked(node)

    def push(self, picked: Picked, upstream: Expression, guards: tuple[Guard, ...]) -> None:
        """Pass on the gradient of one of several results."""
        if picked.flat:
            return
        if isinstance(picked.source, Read):
            variable = self.stand_in(picked.source.variable, picked.place)
            self.reverser.gradients.pending.append((variable, (), upstream, guards))
            return
        self._apply(picked.source, {picked.place: upstream}, guards)

    def stand_in(self, holder: Variable, place: int) -> Variable:
        """Give the variable that stands for one of the results that a variable holds."""
        found = self.stand_ins.get((holder, place))
        if found is None:
            found = self.stand_ins[holder, place] = Variable("", "staged")
            wish = self.results.gradient_name(holder, place)
            self._introduce(found, Item(Read(holder), Const(place)), wish)
            self.reverser.lives_with(found, holder)
        return found

    def _introduce(self, variable: Variable, result: Item, wish: str) -> None:
        types, gradients = self.reverser.types, self.reverser.gradients
        known = replace(types.of(result), value=None)
        if known.form == "any":
            known = replace(known, form="number")
        types.variables[variable] = known
        gradients.stand_ins[variable] = result
        adjoint = Variable(wish, "adjoint")
        types.variables[adjoint] = known.of_kind(known.gradient_kind)
        gradients.adjoints[variable] = adjoint

    def bound(self, bind: Bind) -> None:
        """Pass on the gradients of what a variable holds where it gets its value."""
        gradients = self.reverser.gradients
        mine = {p: v for (h, p), v in self.stand_ins.items() if h is bind.variable}
        used = {place: v for place, v in mine.items() if v in gradients.started}
        if not used:
            return
        if bind.variable in variables(bind.value):
            raise Refusal(
                "SD102",
                "several results are held by a variable from which they are computed anew.",
                "Unpack them: w, v = np.linalg.eigh(a).",
            )
        masks = {gradients.masks.get(v, ()) for v in used.values()}
        guards = masks.pop() if len(masks) == 1 else ()
        upstreams = {place: self._gradient(v) for place, v in used.items()}
        call = bind.value
        assert isinstance(call, Call)
        if self.reverser.activity.is_active(call):
            self._apply(call, upstreams, guards)
        gradients.flush(self.reverser.lines)
        gradients.started -= set(used.values())

    def _gradient(self, stand_in: Variable) -> Expression:
        """Give the gradient of a result, by the name that it has already."""
        adjoint = self.reverser.gradients.adjoints[stand_in]
        lines = self.reverser.lines
        own = [line for line in lines if not isinstance(line, Unpack) and line.variable is adjoint]
        if len(own) == 1 and isinstance(own[0], Bind) and isinstance(own[0].value, Read):
            lines.remove(own[0])
            return own[0].value
        return Read(adjoint)

    def _apply(
        self,
        call: Call,
        upstreams: dict[int, Expression],
        guards: tuple[Guard, ...],
    ) -> None:
        if isinstance(call.function, UserFunction):
            count = self.results.count(call) or 0
            values = (upstreams.get(place) or self._nothing(call, place) for place in range(count))
            self.reverser.companion(self.reverser, call, tuple(values), guards)
            return
        rule = self.reverser.types.rule(call)
        assert rule is not None
        if not rule.listed:
            count = len(registry.upstream_names(rule))
            given = tuple(upstreams.get(place, Const(None)) for place in range(count))
            self.reverser.apply(call, call, rule, given, guards)
            return
        count = self.results.count(call) or 0
        items = [upstreams.get(place) or self._zeros(call, place) for place in range(count)]
        listed = Group("list", tuple(items))
        self.reverser.apply(call, call, rule, (listed,), guards)

    def _nothing(self, call: Call, place: int) -> Expression:
        """Give the gradient of what a function of the user's returns, and nothing uses."""
        named = self.results.named.get((call, place))
        if named is not None:
            return self.reverser.gradients.zeros(named)
        return Call(zeros_like, (Item(Forward(call), Const(place)),))

    def _zeros(self, call: Call, place: int) -> Expression:
        """Give the gradient of a result that isn't used."""
        named = self.results.named.get((call, place))
        part = Forward(named) if named is not None else Item(Forward(call), Const(place))
        zeros = Call(np.zeros_like, (part,))
        known = self.reverser.types.of(part)
        self.reverser.types.note(zeros, known.of_kind(known.gradient_kind))
        return zeros
