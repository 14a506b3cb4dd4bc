"""What is decided while deriving: tests on ranks, constants and kinds of arguments.

Takes an expression of a rule, its parameters replaced by operands. Gives it with everything known
folded away. Refuses nothing.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from srcdiff.ir import operators
from srcdiff.ir.nodes import Call, Choice, Const, Expression, Forward, Group, Item, Read
from srcdiff.ir.operators import COMPARISONS
from srcdiff.ir.types import certainly_differ
from srcdiff.ir.walk import rebuild
from srcdiff.passes.constant import is_constant
from srcdiff.passes.infer import Types
from srcdiff.passes.lists import items_of, listed, part, unrolled
from srcdiff.rules.conversion import kind_of
from srcdiff.rules.einsum import turned
from srcdiff.rules.helpers import (
    count,
    einsum_gradient,
    for_each,
    is_fixed,
    is_number,
    is_vector,
    known,
    unbroadcast,
)
from srcdiff.rules.registry import RULES, UNKNOWN, AnyFunction, constant, forward_parameters

SAFE = frozenset(
    [
        operator.add,
        operator.sub,
        operator.mul,
        operator.neg,
        operator.lt,
        operator.le,
        operator.gt,
        operator.ge,
        operator.eq,
        operator.ne,
        operator.is_,
        operator.is_not,
        operator.not_,
        operators.within,
        operators.not_within,
        np.argsort,
        np.mod,
        len,
        np.negative,
    ]
)
FORMS = {np.ndarray: "array", list: "list", tuple: "tuple"}


def fold(node: Expression, types: Types) -> Expression:
    """Fold an expression, from the inside out."""
    if type(node) is Read or type(node) is Const or type(node) is Forward:
        return node

    def below(child: Expression) -> Expression:
        return fold(child, types)

    if isinstance(node, Call) and node.function is operators.each:
        return unrolled(node, below)
    node = rebuild(node, below)
    match node:
        case Choice(test=Const(value=value)):
            return node.then if value else node.otherwise
        case Call():
            written = listed(node, types)
            return _call(node, types) if written is None else written
        case Item():
            return part(node, types)
    return node


def _call(node: Call, types: Types) -> Expression:
    function, arguments = node.function, node.arguments
    decide = DECIDED.get(function)
    if decide is not None:
        return decide(node, types)
    if function in (operators.both, operators.either):
        return _logical(node)
    if function in (np.where, np.logical_and) and isinstance(arguments[0], Const):
        return _masked(node, bool(arguments[0].value))
    if function in (operator.is_, operator.is_not) and isinstance(arguments[1], Const):
        return _identity(node, types)
    if function in (operator.eq, operator.ne) and _is_shape(arguments):
        return _same_shape(node, types)
    if function in COMPARISONS and _is_one_size(arguments, types):
        return Const(function(0, 0))
    if function in SAFE and not node.keywords:
        values = [constant(argument) for argument in arguments]
        if not any(value is UNKNOWN for value in values):
            return _evaluated(node, values)
    return _without_defaults(node) if node.keywords else node


def _without_defaults(node: Call) -> Call:
    """Leave out keyword arguments that say what holds anyway: axis=-1 of np.fft.fft."""
    rule = RULES.get(node.function)
    if rule is None:
        return node
    defaults = {p.name: p.default for p in forward_parameters(rule)}
    keywords = tuple(
        (name, value)
        for name, value in node.keywords
        if name not in defaults or not _is_same(constant(value), defaults[name])
    )
    return node if len(keywords) == len(node.keywords) else replace(node, keywords=keywords)


def _is_same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)


def _is_one_size(arguments: tuple[Expression, ...], types: Types) -> bool:
    """Whether two sizes are known to be one, whatever it is."""
    if not all(isinstance(a, Item) and isinstance(a.value, Call) for a in arguments):
        return False
    left, right = (types.of(argument).value for argument in arguments)
    return left is not None and left == right


def _masked(node: Call, mask: bool) -> Expression:
    """Give the operand that a constant mask chooses."""
    arguments = node.arguments
    if node.function is np.where and len(arguments) == 3:
        return arguments[1] if mask else arguments[2]
    return arguments[1] if node.function is np.logical_and and mask else node


def _summed_already(node: Call, types: Types) -> Expression:
    """Drop unbroadcast where the engine has summed to the result's known shape."""
    gradient, like = node.arguments
    empty = isinstance(like, Call) and like.function is np.empty
    shape = types.of(gradient).shape
    if empty:
        return gradient if isinstance(shape, tuple) else node
    return gradient if shape == types.of(like).shape else node


def _swapped(node: Call, types: Types) -> Expression:
    """Write the exchange of a matrix's two axes as its transpose."""
    operand, *axes = node.arguments
    both = sorted(constant(axis) for axis in axes if isinstance(axis, Const))
    turned = types.of(operand).rank == 2 and both in ([-2, -1], [0, 1])
    return Call(np.transpose, (operand,)) if turned else node


def _expanded(node: Call, types: Types) -> Expression:
    """Leave a number as it is: it broadcasts without axes."""
    operand = node.arguments[0]
    return operand if types.of(operand).shape == () else node


def _rank(node: Call, types: Types) -> Expression:
    rank = types.of(node.arguments[0]).rank
    return node if rank is None else Const(rank)


def _is_number(node: Call, types: Types) -> Expression:
    return Const(types.of(node.arguments[0]).form == "scalar", "")


def _is_vector(node: Call, types: Types) -> Expression:
    return Const(types.of(node.arguments[0]).rank == 1, "")


def _of_rows(node: Call, types: Types) -> Expression:
    """Give the gradient of a sum for all at once, but for a list whose items may differ."""
    grad, items = node.arguments
    given = items.node if isinstance(items, Forward) else items
    known = types.of(items)
    listed = known.form in ("any", "list", "tuple") and not isinstance(known.shape, tuple)
    if listed and isinstance(given, Read):
        return node
    return Call(np.broadcast_to, (grad, Call(np.shape, (items,))))


def _counted(node: Call) -> Expression:
    """Write out how many elements lie along known axes."""
    operand, axis = node.arguments
    axes = constant(axis)
    if axes is None:
        return Call(np.size, (operand,))
    axes = (axes,) if isinstance(axes, int) else axes
    if not isinstance(axes, tuple) or not axes:
        return node
    sizes: list[Expression] = [Item(Call(np.shape, (operand,)), Const(a)) for a in axes]
    return functools.reduce(lambda left, right: Call(operator.mul, (left, right)), sizes)


def _real_anyway(node: Call, types: Types) -> Expression:
    """Leave a number as it is that has no imaginary part."""
    (operand,) = node.arguments
    return node if types.of(operand).kind == "complex" else operand


def _is_complex(node: Call, types: Types) -> Expression:
    return Const(types.of(node.arguments[0]).kind == "complex")


def _is_fixed(node: Call, types: Types) -> Expression:
    """Whether a value stands in the source, or for is_fixed depends on no parameter's."""
    value = node.arguments[0]
    anywhere = node.function is is_fixed and is_constant(value, types.constants)
    return Const(anywhere or isinstance(value, Const), "")


def _evaluated(node: Call, values: list[Any]) -> Expression:
    try:
        value = node.function(*values)
    except (TypeError, ValueError, ArithmeticError):
        return node
    if isinstance(value, np.ndarray) and value.ndim:
        return Group("tuple", tuple(Const(v) for v in value.tolist()))
    if isinstance(value, complex):
        return node  # -1j is better than what Python makes of it
    if isinstance(value, np.integer):
        value = int(value)
    return Const(value)


def _is_inexact(node: Call, types: Types) -> Expression:
    """Decide whether a type of numbers has derivatives, where it is constant or an array's own."""
    (dtype, _) = node.arguments
    kind = kind_of(constant(dtype))
    own = dtype.node if isinstance(dtype, Forward) else dtype
    if isinstance(own, Call) and own.function is operators.dtype:
        kind = types.of(own.arguments[0]).kind
    return node if kind == "any" else Const(kind in ("float", "complex"))


def _isinstance(node: Call, types: Types) -> Expression:
    value, kind = node.arguments
    if not isinstance(kind, Const):
        return node
    found = constant(value)
    if found is not UNKNOWN:
        return Const(isinstance(found, kind.value))
    if isinstance(value, Forward) and isinstance(value.node, Group):
        value = value.node
    if isinstance(value, Group) and kind.value in FORMS:
        return Const(FORMS[kind.value] == value.kind)
    known_type = types.of(value)
    if kind.value is int and known_type.form == "scalar" and known_type.kind == "int":
        return Const(True)
    if kind.value in FORMS and known_type.form in FORMS.values():
        return Const(FORMS[kind.value] == known_type.form)
    return node


def _logical(node: Call) -> Expression:
    left, right = node.arguments
    stops = node.function is operators.either
    if isinstance(left, Const):
        return left if bool(left.value) == stops else right
    if isinstance(right, Const):
        return right if bool(right.value) == stops else left
    return node


def _identity(node: Call, types: Types) -> Expression:
    left, right = node.arguments
    assert isinstance(right, Const)
    wanted = node.function is operator.is_
    if isinstance(left, Const):
        return Const((left.value is right.value) == wanted)
    given = isinstance(left, Group) or types.of(left).form in ("scalar", "array", "number")
    if (right.value is None and given) or (right.value is True and types.of(left).rank):
        return Const(not wanted)
    return node


def _is_shape(arguments: tuple[Expression, ...]) -> bool:
    return all(isinstance(a, Call) and a.function is np.shape for a in arguments)


def _same_shape(node: Call, types: Types) -> Expression:
    left, right = (
        types.of(argument.arguments[0]) for argument in node.arguments if isinstance(argument, Call)
    )
    wanted = node.function is operator.eq
    if left.shape == right.shape:
        return Const(wanted)
    return Const(not wanted) if certainly_differ(left.shape, right.shape) else node


def _einsum_written(node: Call, types: Types) -> Expression:
    """Write out the gradient of an operand of np.einsum, where it is another np.einsum."""
    subscripts, place, gradient, given, *settings = node.arguments
    (optimize,) = settings or (Const(False),)
    if isinstance(optimize, Const) and optimize.value is False:
        node = Call(node.function, node.arguments[:4])
    operands = items_of(given)
    if not isinstance(subscripts, Const) or not isinstance(place, Const) or operands is None:
        return node
    text = turned(subscripts.value, place.value)
    if text is None:
        return node
    others = [x for i, x in enumerate(operands) if i != place.value]
    faster = isinstance(optimize, Const) and optimize.value is not False and len(others) > 1
    keywords = (("optimize", Const(True)),) if faster else ()
    product = Call(np.einsum, (Const(text, f'"{text}"'), gradient, *others), keywords)
    shape = types.of(product).shape
    alike = isinstance(shape, tuple) and shape == types.of(operands[place.value]).shape
    return product if alike else node  # sizes of one broadcast


DECIDED: dict[AnyFunction, Callable[[Call, Types], Expression]] = {
    np.issubdtype: _is_inexact,
    unbroadcast: _summed_already,
    known: _is_fixed,
    is_fixed: _is_fixed,
    np.iscomplexobj: _is_complex,
    np.conjugate: _real_anyway,
    np.real: _real_anyway,
    is_number: _is_number,
    is_vector: _is_vector,
    count: lambda node, _: _counted(node),
    for_each: _of_rows,
    np.expand_dims: _expanded,
    np.ndim: _rank,
    einsum_gradient: _einsum_written,
    np.swapaxes: _swapped,
    isinstance: _isinstance,
}
"""Functions whose calls may be decided by what is known of their operands."""
