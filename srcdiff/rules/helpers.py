"""Functions that emitted code may take along: small, plain, defined at the top of the module."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcdiff.rules.around import (
    padded_statistics,
    statistic_shares,
    unpadded_statistics,
    unreflected,
)
from srcdiff.rules.minors import cofactors, product_of_others, slope_of_products
from srcdiff.rules.ranks import (
    behind,
    bessel_i1,
    from_rows,
    in_rows,
    latest,
    observations,
    quantile_places,
    quantile_slopes,
    quantile_weights,
    ranked,
    spread_quantiles,
    spread_weights,
    variables_of,
    weights_summed,
)
from srcdiff.rules.records import fields_of, gradients_of, place_of, rebuilt, zeros_of


def known(value: Any) -> bool:
    """Whether a value is a constant of the source: decided while deriving, never at run time."""
    return False


def is_fixed(value: Any) -> bool:
    """Whether a value depends on no parameter's value: decided while deriving."""
    return False


def is_number(value: Any) -> bool:
    """Whether a value is certainly a plain number: decided while deriving."""
    return np.ndim(value) == 0


def is_vector(value):
    """Whether a value has one axis."""
    return np.ndim(value) == 1


def unbroadcast(grad, like):
    """Sum grad over the axes along which like was broadcast to grad's shape."""
    shape = np.shape(like)
    if np.shape(grad) == shape:
        return grad
    extra = np.ndim(grad) - len(shape)
    ones = tuple(i + extra for i, n in enumerate(shape) if n == 1)
    total = np.sum(grad, axis=tuple(range(extra)) + ones, keepdims=True)
    return total.reshape(shape)[()]


def for_each(grad, items):
    """The gradient of the sum of items with respect to each of them."""
    if isinstance(items, np.ndarray):
        return np.broadcast_to(grad, items.shape) + 0.0
    return [unbroadcast(grad, item) + 0.0 for item in items]


def zeros_like(x):
    """Zeros in the structure and shape of x, of a floating type."""
    if isinstance(x, dict):
        return {key: zeros_like(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [zeros_like(value) for value in x]
    if isinstance(x, np.ndarray):
        return np.zeros(x.shape, np.result_type(x, 1.0))[()]
    return None if x is None else 0.0


def copy_of(grad):
    """A copy of a gradient that is a list, tuple or dict, with arrays of its own."""
    if isinstance(grad, dict):
        return {key: copy_of(value) for key, value in grad.items()}
    if isinstance(grad, (list, tuple)):
        return [copy_of(value) for value in grad]
    return None if grad is None else grad + 0.0


def added(grad, other):
    """The sum of two gradients, item by item where they are lists, tuples or dicts."""
    if isinstance(grad, dict):
        return {key: added(value, other[key]) for key, value in grad.items()}
    if isinstance(grad, (list, tuple)):
        return [added(a, b) for a, b in zip(grad, other, strict=True)]
    return None if grad is None else grad + other


def copied(x):
    """A copy of x with lists, dicts and arrays of its own."""
    if isinstance(x, dict):
        return {key: copied(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        parts = [copied(value) for value in x]
        return type(x)(*parts) if hasattr(x, "_fields") else type(x)(parts)
    return np.copy(x) if isinstance(x, np.ndarray) else x


def array_of_zeros(x):
    """Zeros in the shape of x, of a floating type; an array where x is a list."""
    x = np.asarray(x)
    kind = np.result_type(x, 1.0) if x.dtype.kind in "biufc" else float
    return np.zeros(x.shape, kind)[()]


def structured(grad, like):
    """The gradient grad with lists and tuples where like has them."""
    if isinstance(like, dict):
        return {key: structured(grad[key], value) for key, value in like.items()}
    if isinstance(like, (list, tuple)):
        pairs = zip(grad, like, strict=True)
        parts = [structured(part, value) for part, value in pairs]
        return type(like)(*parts) if hasattr(like, "_fields") else type(like)(parts)
    return grad


def add_at(grad, index, value):
    """Add value to grad[index], once for each time that an element is named."""
    if isinstance(grad, np.ndarray):
        np.add.at(grad, index, value)
    elif isinstance(index, slice):
        for i, part in zip(range(len(grad))[index], value, strict=True):
            add_at(grad, i, part)
    elif isinstance(grad[index], (list, dict)) and value is not None:
        for key in value if isinstance(value, dict) else range(len(value)):
            add_at(grad[index], key, value[key])
    elif value is not None:
        grad[index] += value


def gathered(grad, places, like):
    """Add the numbers of grad to elements of like at places, where it isn't -1."""
    total = np.zeros(np.size(like), np.result_type(grad, 1.0))
    known = np.ravel(places) >= 0
    np.add.at(total, np.ravel(places)[known], np.ravel(grad)[known])
    return np.reshape(total, np.shape(like))[()]


def numbered(x):
    """The places of the elements of x, in its shape."""
    return np.reshape(np.arange(np.size(x)), np.shape(x))


def unpadded(grad, pad_width):
    """Leave out of grad what np.pad put around an array."""
    pairs = np.broadcast_to(pad_width, (np.ndim(grad), 2))
    ends = zip(np.shape(grad), pairs, strict=True)
    return grad[tuple(slice(before, n - behind) for n, (before, behind) in ends)]


def unramped(grad, like, pad_width, end_values):
    """The gradients of np.pad(like, pad_width, "linear_ramp") and of end_values."""
    rank = np.ndim(like)
    pairs = np.broadcast_to(pad_width, (rank, 2))
    ends = np.zeros((rank, 2))
    for axis in range(rank - 1, -1, -1):
        rows = np.moveaxis(grad, axis, 0)
        before, behind = pairs[axis]
        inner = np.array(rows[before : len(rows) - behind])
        steps = np.arange(before) / max(before, 1)
        inner[0] += np.tensordot(steps, rows[:before], 1)
        ends[axis, 0] = np.sum(np.tensordot(1 - steps, rows[:before], 1))
        steps = np.arange(behind) / max(behind, 1)
        outer = rows[len(rows) - behind :][::-1]
        inner[-1] += np.tensordot(steps, outer, 1)
        ends[axis, 1] = np.sum(np.tensordot(1 - steps, outer, 1))
        grad = np.moveaxis(inner, 0, axis)
    return grad, unbroadcast(ends, end_values)


def last_named(grad, index):
    """grad[index], but 0 where a later entry, whose value stays, is for the element."""
    taken = np.array(grad[index])
    if taken.ndim == 0 or not isinstance(grad, np.ndarray):
        return grad[index]
    count = np.arange(taken.size).reshape(taken.shape)
    last = np.zeros(grad.shape, int)
    last[index] = count
    return np.where(last[index] == count, taken, 0.0)


def count(x, axis):
    """How many elements of x lie along an axis, along several together, or in all."""
    if axis is None:
        return np.size(x)
    axes = axis if isinstance(axis, tuple) else (axis,)
    return math.prod([np.shape(x)[a] for a in axes])


def resized(grad, like):
    """Grad cut to the shape of like, or with zeros behind it where like has more."""
    result = np.zeros(np.shape(like), grad.dtype)
    sizes = zip(np.shape(grad), np.shape(like), strict=True)
    common = tuple(slice(min(both)) for both in sizes)
    result[common] = grad[common]
    return result


def doubled(half, n, axis):
    """Half of n frequencies along axis, twice where one stands for its negative too."""
    result = np.array(half)
    np.moveaxis(result, axis, 0)[1 : (n + 1) // 2] *= 2
    return result


def over_gaps(mixed, values):
    """Mixed / (values[j] - values[i]), zero for j = i; NaN where both are nearly equal.

    Where the values differ by no more than roundings, what isn't mixed stays so.
    """
    gaps = values[..., None, :] - values[..., :, None]
    size = np.max(np.abs(values), axis=-1, keepdims=True, initial=0)[..., None]
    close = np.abs(gaps) <= np.shape(values)[-1] * np.spacing(size)
    close = close & ((mixed != 0) | (gaps == 0))
    itself = np.eye(np.shape(values)[-1], dtype=bool)
    gaps = np.where(itself, 1, np.where(close, np.nan, gaps))
    return np.where(itself, 0, mixed / gaps)


def digamma(x):
    """The derivative of math.lgamma, the logarithm of the gamma function.

    Abramowitz and Stegun, Handbook of Mathematical Functions: reflection (6.3.7),
    recurrence (6.3.5), and from 10 on the asymptotic series (6.3.18).
    """
    if x <= 0:
        return digamma(1 - x) - math.pi / math.tan(math.pi * (x - round(x)))
    if x < 10:
        return digamma(x + 1) - 1 / x
    t = (1 / x) ** 2
    series = 1 / 252 - t * (1 / 240 - t * (1 / 132 - t * 691 / 32760))
    return math.log(x) - 1 / (2 * x) - t * (1 / 12 - t * (1 / 120 - t * series))


def trigamma(x):
    """The derivative of digamma; Abramowitz and Stegun, 6.4.6, 6.4.7 and 6.4.12."""
    if x <= 0:
        return (math.pi / math.sin(math.pi * (x - round(x)))) ** 2 - trigamma(1 - x)
    if x < 10:
        return trigamma(x + 1) + 1 / x**2
    t = (1 / x) ** 2
    series = 1 / 6 - t * (1 / 30 - t * (1 / 42 - t * (1 / 30 - t * 5 / 66)))
    return 1 / x + t / 2 + t / x * series


def contracted(subscripts, operands, optimize=False):
    """np.einsum of operands in a list."""
    return np.einsum(subscripts, *operands, optimize=optimize)


def einsum_gradient(subscripts, place, dz, operands, optimize=False):
    """The gradient of np.einsum(subscripts, *operands) with respect to operands[place].

    It is a sum over what the others name. An axis that is summed alone is spread with
    ones; one that is named twice in the operand is put on a diagonal.
    """
    given, arrow, out = subscripts.replace(" ", "").partition("->")
    terms = given.split(",")
    spare = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in subscripts]
    pairs = list(zip(operands, terms, strict=True))
    ranks = [np.ndim(x) - len(term) + 3 for x, term in pairs if "..." in term]
    dots = "".join(spare.pop() for _ in range(max(ranks, default=0)))
    if not arrow:
        letters = sorted(set(given) - {",", "."})
        once = "".join(c for c in letters if given.count(c) == 1)
        out = "..." * ("..." in given) + once
    for i, (x, term) in enumerate(pairs):
        own = dots[len(dots) - (np.ndim(x) - len(term) + 3) :] if "..." in term else ""
        terms[i] = term.replace("...", own)
    names = [out.replace("...", dots), *terms[:place], *terms[place + 1 :]]
    factors = [dz, *operands[:place], *operands[place + 1 :]]
    shape, kind = np.shape(operands[place]), np.result_type(dz, *operands)
    sizes = {}
    for term, x in zip([*names[1:], names[0]], [*factors[1:], dz], strict=True):
        sizes |= {c: n for c, n in zip(term, np.shape(x), strict=True) if n != 1}
    target = ""
    for letter, count in zip(terms[place], shape, strict=True):
        if letter in target:
            names = [*names, letter + spare[-1]]
            factors = [*factors, np.eye(count, dtype=kind)]
            target += spare.pop()
        else:
            count = sizes.get(letter, count) if count == 1 else count
            names = [*names, letter]
            factors = [*factors, np.ones(count, dtype=kind)]
            target += letter
    total = np.einsum(",".join(names) + "->" + target, *factors, optimize=optimize)
    return unbroadcast(total, operands[place])


HELPERS = {
    function.__name__: function
    for function in (
        unbroadcast,
        for_each,
        zeros_like,
        copy_of,
        copied,
        added,
        array_of_zeros,
        structured,
        fields_of,
        place_of,
        gradients_of,
        zeros_of,
        rebuilt,
        add_at,
        gathered,
        is_vector,
        numbered,
        unpadded,
        unramped,
        unpadded_statistics,
        padded_statistics,
        statistic_shares,
        unreflected,
        last_named,
        count,
        over_gaps,
        product_of_others,
        cofactors,
        slope_of_products,
        resized,
        doubled,
        in_rows,
        from_rows,
        latest,
        ranked,
        quantile_places,
        quantile_weights,
        quantile_slopes,
        behind,
        spread_quantiles,
        spread_weights,
        weights_summed,
        observations,
        variables_of,
        bessel_i1,
        digamma,
        trigamma,
        contracted,
        einsum_gradient,
    )
}
"""What emitted code may call by its bare name."""

FOR_RECORDS = {zeros_like: zeros_of, structured: rebuilt}
"""What is called instead where a function reads fields of records."""
