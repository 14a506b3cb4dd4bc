"""The gradient of an item or a part goes to what it is taken from.

Takes the reverser of a function, an item and its gradient. Adds it to the part of a variable's
gradient, to one of several results, or to zeros of a computed value's shape. Refuses what can't be
told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import (
    Bind,
    Call,
    Const,
    Expression,
    Forward,
    Function,
    Item,
    Read,
    Variable,
    Write,
)
from srcdiff.ir.parts import FLAT, IN_A_ROW, contents, is_view, path_to, step
from srcdiff.ir.records import Field
from srcdiff.ir.types import INTEGER
from srcdiff.passes.assumed import Assumption
from srcdiff.passes.backward import Guard, Path
from srcdiff.passes.contribute import is_basic, is_single
from srcdiff.passes.indexed import has_slice, indices
from srcdiff.passes.infer import Types
from srcdiff.passes.suggest import suggest
from srcdiff.rules.records import place_of

if TYPE_CHECKING:
    from srcdiff.passes.reverse import Reverser


def push_item(
    reverser: Reverser, node: Item, upstream: Expression, guards: tuple[Guard, ...]
) -> None:
    """Pass on the gradient of an item."""
    place = _place(node, reverser.types)
    if place is not None:
        reverser.gradients.pending.append((*place, upstream, guards))
        return
    several = reverser.several
    picked = several.picked(node)
    if picked is not None:
        several.push(picked, upstream, guards)
        return
    if not indices(node.index) and not _is_argument(reverser, node):
        reverser.push(node.value, upstream, guards)  # all of it, which may be a number
        return
    path: list[Expression] = [place_in(node, reverser.types)]
    root: Expression = node.value
    picked = several.picked(root)
    while isinstance(root, Item) and picked is None and _is_place(root, reverser.types):
        if has_slice(root.index):
            demand_view(root.value, node, reverser.function, reverser.types)
        path.insert(0, place_in(root, reverser.types))
        root = root.value
        picked = several.picked(root)
    if picked is not None and isinstance(picked.source, Read):
        root = Read(several.stand_in(picked.source.variable, picked.place))
    if isinstance(root, Read):
        reverser.gradients.pending.append((root.variable, tuple(path), upstream, guards))
        return
    upstream, guards = reverser.masked(upstream, guards)
    if guards:
        raise Refusal(
            "SD102",
            "an item of a computed value in a branch isn't supported.",
            "Assign the value to a name before.",
            node.span,
        )
    reverser.push(root, Read(_filled(reverser, root, tuple(path), upstream)), ())


def _is_place(node: Item, types: Types) -> bool:
    """Whether an item is a place in its holder, not a selection of its parts."""
    return is_basic(node.index, types) or types.of(node.value).form == "dict"


def _is_argument(reverser: Reverser, node: Item) -> bool:
    """Whether the item is taken of a parameter, whose gradient is an array where it is one."""
    parameters = {parameter.variable for parameter in reverser.function.parameters}
    return isinstance(node.value, Read) and node.value.variable in parameters


def place_in(node: Item, types: Types) -> Expression:
    """Give the index of an item in the gradient, which is a list where the value is a record."""
    if not isinstance(node.index, Const) or not isinstance(node.index.value, Field):
        return node.index
    record = types.of(node.value).record
    if record is not None:
        return Const(record.fields.index(node.index.value))
    place = Call(place_of, (Forward(node.value), Const(str(node.index.value))))
    types.note(place, INTEGER)
    return place


def _place(node: Item, types: Types) -> tuple[Variable, Path] | None:
    """Give the part of an array that an item is, by way of other views of the array."""
    root, path = path_to(node)
    if not isinstance(root, Read) or not any(map(is_view, path)):
        return None
    whole: Expression = root
    for place, index in enumerate(path):
        last = place == len(path) - 1
        if not is_view(index):
            if not last and not is_basic(index, types):
                return None
        elif types.of(whole).form != "array":
            return None
        elif is_view(index, FLAT, IN_A_ROW):
            if place < len(path) - 2 or not is_single(path[-1], types):
                return None
        whole = step(whole, index)
    steps = (Const(FLAT) if is_view(index, IN_A_ROW) else index for index in path)
    return root.variable, contents(tuple(steps))


def _filled(reverser: Reverser, root: Expression, path: Path, upstream: Expression) -> Variable:
    """Give a gradient of zeros in which the part at a path is set."""
    buffer = Variable("d" + suggest(root), "adjoint")
    known = reverser.types.of(root)
    reverser.types.variables[buffer] = known.of_kind(known.gradient_kind)
    reverser.lines.append(Bind(buffer, reverser.gradients.zeros(root)))
    repeats = reverser.gradients.write_mode(path) == "add.at"
    value = reverser.simplifier.simplify(upstream)
    reverser.lines.append(Write(buffer, path, value, "add.at" if repeats else "set"))
    return buffer


def demand_view(value: Expression, node: Item, function: Function, types: Types) -> None:
    """Demand that a slice of a value is a view, as it is of an array but not of a list."""
    known = types.of(value)
    if known.form in ("array", "number"):
        return
    refusal = Refusal(
        "SD102",
        "a slice of a list is another list, and an item of that isn't supported.",
        "Write one index: x[i].",
        node.span,
    )
    if isinstance(value, Read) and known.form == "any" and known.fields is None:
        if value.variable in {parameter.variable for parameter in function.parameters}:
            raise Assumption({value.variable: None}, refusal)
    raise refusal
