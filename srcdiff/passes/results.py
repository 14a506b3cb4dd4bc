"""Calls with several results, and which of them an expression picks.

Takes a resolved function and its types. Gives, for an expression, the call and the place of the
result that it picks: `w` of `w, v = np.linalg.eigh(a)`, `np.linalg.svd(a)[1]`. Refuses nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from srcdiff.ir.nodes import (
    Call,
    Const,
    Expression,
    Function,
    Item,
    Read,
    UserFunction,
    Variable,
)
from srcdiff.ir.walk import trees, walk
from srcdiff.passes.infer import Types
from srcdiff.rules import registry


@dataclass(frozen=True, slots=True)
class Picked:
    """One of several results.

    Parameters
    ----------
    source
        The call, or a read of the variable that holds its results.
    place
        Which one.
    flat
        Whether it is piecewise constant.
    """

    source: Call | Read
    place: int
    flat: bool = False


class Results:
    """The calls with several results of one function.

    Attributes
    ----------
    held
        The variables that hold several results, with the number of these.
    named
        The expressions by which the statement of a call names its results.
    """

    def __init__(self, function: Function, types: Types) -> None:
        self.types = types
        self.held: dict[Variable, int] = {}
        self._flat: dict[Variable, frozenset[int]] = {}
        self._upstreams: dict[Variable, tuple[str, ...]] = {}
        self.named: dict[tuple[Call, int], Item] = {}
        self._find(function)
        for statement in function.statements:
            calls = {b.variable: b.value for b in statement.binds if b.variable in self.held}
            for value in (bind.value for bind in statement.binds):
                picked = self.picked(value)
                if picked is None or not isinstance(picked.source, Read):
                    continue
                call = calls.get(picked.source.variable)
                if isinstance(call, Call) and isinstance(value, Item):
                    self.named.setdefault((call, picked.place), value)

    def gradient_name(self, holder: Variable, place: int) -> str:
        """Give a name for the gradient of one of the results that a variable holds."""
        names = self._upstreams[holder]
        return names[place] if len(names) > 1 else "dpart"

    def _find(self, function: Function) -> None:
        bound: dict[Variable, list[Expression]] = {}
        for statement in function.statements:
            for bind in statement.binds:
                bound.setdefault(bind.variable, []).append(bind.value)
            for write in statement.writes:
                bound.setdefault(write.variable, []).append(Const(None))
        whole: Counter[Variable] | None = None
        for variable, values in bound.items():
            counts = {self.count(value) for value in values}
            if len(counts) != 1 or None in counts:
                continue
            if any(self._is_listed(value) for value in values):
                whole = _used_as_a_whole(function) if whole is None else whole
                if whole[variable]:
                    continue
            self.held[variable] = counts.pop() or 0
            self._flat[variable] = frozenset.intersection(*map(self._flat_places, values))
            self._upstreams[variable] = self._names(values[0])

    def count(self, node: Expression) -> int | None:
        """Give how many results a call has; None if it has one, or an unknown number."""
        if not isinstance(node, Call):
            return None
        if isinstance(node.function, UserFunction):
            return self._count_returned(node)
        rule = self.types.rule(node)
        if rule is None:
            return None
        if not rule.listed:
            count = len(registry.upstream_names(rule))
            return count if count > 1 else None
        items = self.types.of(node).items
        return len(items) if items else None

    def _count_returned(self, node: Call) -> int | None:
        """Give how many values a function of the user's returns, that has a companion."""
        if node in self.types.expansions:
            return None
        callee = node.function.read()
        return len(callee.outputs) if callee.gives_one or len(callee.outputs) > 1 else None

    def picked(self, node: Expression) -> Picked | None:
        """Give what an expression picks; None if it isn't one of several results."""
        if not isinstance(node, Item) or not isinstance(node.index, Const):
            return None
        place, source = node.index.value, node.value
        if not isinstance(place, int):
            return None
        if isinstance(source, Read) and source.variable in self.held:
            count: int | None = self.held[source.variable]
            flat = self._flat[source.variable]
        elif isinstance(source, Call):
            count = self.count(source)
            flat = self._flat_places(source)
        else:
            return None
        if count is None or not -count <= place < count:
            return None
        return Picked(source, place % count, place % count in flat)

    def _is_listed(self, node: Expression) -> bool:
        rule = self.types.rule(node) if isinstance(node, Call) else None
        return rule is not None and rule.listed

    def _names(self, node: Expression) -> tuple[str, ...]:
        """Give the names that a call's rule has for the gradients of its results."""
        if isinstance(node, Call) and isinstance(node.function, UserFunction):
            return tuple(f"d{output.name}" for output in node.function.read().outputs)
        rule = self.types.rule(node) if isinstance(node, Call) else None
        return registry.upstream_names(rule) if rule is not None else ()

    def _flat_places(self, node: Expression) -> frozenset[int]:
        """Give the places of the results that are piecewise constant."""
        names = self._names(node)
        return frozenset(place for place, name in enumerate(names) if registry.is_flat(name))


def _used_as_a_whole(function: Function) -> Counter[Variable]:
    """Count the uses of variables otherwise than by a constant item."""
    found: Counter[Variable] = Counter()
    for tree in (*trees(function.body), *function.values):
        _count_wholes(tree, found)
    for statement in function.statements:
        found.update(write.variable for write in statement.writes)
    return found


def _count_wholes(tree: Expression, found: Counter[Variable]) -> None:
    for node in walk(tree):
        if isinstance(node, Read):
            found[node.variable] += 1
        elif isinstance(node, Item) and isinstance(node.value, Read):
            if isinstance(node.index, Const) and isinstance(node.index.value, int):
                found[node.value.variable] -= 1
