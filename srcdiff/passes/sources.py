"""Where the memory of values comes from, as their types tell.

Takes a function and its types. Gives the variables whose memory a value may share: a number shares
none, nor does what an index picks, nor a result of a call that lies in memory of its own. Refuses
nothing.
"""

from __future__ import annotations

from srcdiff.ir.nodes import Call, Const, Expression, Function, Group, Item, UserFunction, Variable
from srcdiff.passes.indexed import has_slice
from srcdiff.passes.infer import Types
from srcdiff.passes.places import holds_more
from srcdiff.passes.private import cuts_list
from srcdiff.passes.views import copies_items, given_back, taken_apart, views


class Sources:
    """The sources of one function's values.

    Parameters
    ----------
    function, types
        The function, and its types.
    deep
        Whether what a copied dict holds counts.
    """

    def __init__(self, function: Function, types: Types, *, deep: bool) -> None:
        self.types = types
        self._deep = deep
        self._apart = taken_apart(function)

    def of(self, value: Expression) -> set[Variable]:
        """Give the variables of which a value may be a part, or all."""
        if isinstance(value, Item) and self._is_picked(value):
            return set()
        if isinstance(value, Item) and cuts_list(value, self.types):
            return set() if self.types.of(value).rank == 1 else self.all(value)
        if isinstance(value, Item) and value.value in self._apart:
            return self._given_back(self._apart[value.value], value.index)
        if isinstance(value, Call) and isinstance(value.function, UserFunction):
            return self._given_back(value)
        if isinstance(value, Call) and value.function in (list, tuple):
            (source,) = value.arguments
            return set() if self.types.of(source).rank == 1 else self.all(source)
        if isinstance(value, Call) and copies_items(value):  # a list of the same arrays
            return self.all(value.arguments[0]) if self._holds_parts(value.arguments[0]) else set()
        return self.all(value)

    def _holds_parts(self, value: Expression) -> bool:
        """Whether a value is a list or the like whose copy holds the same arrays."""
        known = self.types.guess(value)
        held = known.form in ("list", "tuple") and known.rank != 1
        return held or (self._deep and holds_more(known))

    def _given_back(self, call: Call, index: Expression | None = None) -> set[Variable]:
        """Give what a call's result, or one of its results, may be a part of."""
        found: set[Variable] = set()
        if call in self.types.expansions:
            return self.all(call)
        if not isinstance(call.function, UserFunction):
            return found  # each result lies in memory of its own
        place = index.value if isinstance(index, Const) and type(index.value) is int else None
        for argument, copied in given_back(call, place):
            if self.types.guess(argument).form == "scalar":
                continue
            if not copied or self._holds_parts(argument):
                found |= self.of(argument)
        return found

    def all(self, value: Expression) -> set[Variable]:
        """Give the variables of which a value is a part as its text tells, whatever its type."""
        return views(value, self.types.expansions)

    def _is_picked(self, value: Item) -> bool:
        """Whether an index picks entries or a number, so that what it names is copied."""
        whole = self.types.of(value.value)
        if whole.form != "array":
            return False
        index = value.index
        parts = index.items if isinstance(index, Group) and index.kind == "tuple" else (index,)
        known = [self.types.of(part) for part in parts]
        if any(k.form in ("array", "list") or k.kind == "bool" for k in known):
            return True
        if has_slice(value.index) or any(k.form == "other" for k in known):
            return False
        return len(parts) == whole.rank  # a number, or entries where one of them is an array
