"""Calls with several results: unpacked, picked, held, in branches and loops."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward

X = np.array([2.3, -1.4, 0.6, 3.1, -0.2, 1.7])
M = X.reshape(6, 1) * np.array([1.0, 0.5])


def rest_of(x, y):
    """Give one of two results."""
    _, rest = np.divmod(x, y)
    return rest


def numeric(function: Callable[..., Any], args: list[Any]) -> np.ndarray:
    """Differentiate the sum of a function's result by its first argument."""
    gradient = np.zeros(np.shape(args[0]))
    for index in np.ndindex(gradient.shape):
        ends = []
        for step in (1e-6, -1e-6):
            moved = np.array(args[0], dtype=float)
            moved[index] += step
            ends.append(np.sum(function(moved, *args[1:])))
        gradient[index] = (ends[0] - ends[1]) / 2e-6
    return gradient


def check(function: Callable[..., Any], *args: Any) -> str:
    """Compare both derivations of a function with differences; give the general text."""
    derived = derive_backward(function, wrt=(function.__code__.co_varnames[0],))
    before = [np.copy(a) for a in args]
    source = derived.backward.source
    namespace: dict[str, Any] = {"rest_of": rest_of}
    exec(source, namespace)
    upstream = np.ones(np.shape(function(*map(np.copy, args))))[()]
    for backward in (derived.backward, namespace[f"{function.__name__}_backward"]):
        found = backward(*args, upstream)
        (gradient,) = found if isinstance(found, tuple) else (found,)
        np.testing.assert_allclose(gradient, numeric(function, [*args]), rtol=1e-6, atol=1e-8)
    for one, other in zip(args, before, strict=True):
        np.testing.assert_array_equal(one, other)
    return source


def test_the_gradients_of_parts_are_joined() -> None:
    """Each part's gradient, zeros for those that aren't used."""

    def f(x):
        p, q, r = np.split(x, 3)  # noqa: RUF059  # not to be used
        return np.sum(p * r)

    text = check(f, X)
    assert "dx = np.concatenate([dp, np.zeros_like(q), dr])" in text


def test_parts_are_picked_without_names() -> None:
    def f(x):
        return np.sum(np.split(x, 3)[1] ** 2)

    def g(x):
        parts = np.split(x, 3)
        return parts[0] * parts[2][::-1] + parts[-1][0]

    check(f, X)
    check(g, X)


def test_as_many_parts_as_a_parameter_says() -> None:
    def f(x, n):
        total = 0.0
        for part in np.split(x, n):
            total = total + np.sum(part**3)
        return total

    def g(x, n):
        parts = np.split(x, n)
        return np.sum(parts[0] * parts[n - 1])

    check(f, X, 3)
    check(g, X, 3)


def test_results_in_a_loop_that_carries_them_on() -> None:
    def f(x, n):
        total = 0.0
        for _ in range(n):
            x, y = np.split(np.concatenate([x, 2 * x * x]), 2)
            total = total + np.sum(x * y)
        return total

    check(f, X, 2)


def test_results_held_in_branches() -> None:
    def f(x, n):
        if n > 1:
            parts = np.modf(x)
        else:
            parts = np.modf(2 * x)
        out = parts[0] * x
        if n > 2:
            out = parts[0] * parts[1]
        return out

    for n in (1, 2, 3):
        check(f, X, n)


def test_a_branch_of_an_expression_picks_a_result() -> None:
    def f(x: float, y: float) -> float:
        return x * divmod(x, y)[1] if y > 1 else math.modf(x)[0] * y

    check(f, 7.3, 2.1)
    check(f, 7.3, 0.9)


def test_a_piecewise_constant_result_has_no_gradient() -> None:
    """Used alone it makes the output depend on nothing."""

    def f(x):
        whole = np.modf(x)[1]
        return whole * x

    def g(x):
        quotient, _ = np.divmod(x, 2.5)
        return quotient

    check(f, X)
    derived = derive_backward(g, wrt=("x",))
    np.testing.assert_array_equal(derived.backward(X, np.ones(6))[0], np.zeros(6))


def test_a_result_is_updated_in_place() -> None:
    """The two results lie in memory of their own."""

    def f(x):
        fraction, whole = np.modf(x)
        fraction *= 3
        whole += 1
        fraction[0] = fraction[1] * whole[2]
        return np.sum(fraction * whole)

    check(f, X)


def test_a_part_is_a_view_of_the_whole() -> None:
    """Writing into a part changes what it was split from, which another name stands for."""

    def f(x):
        y = x * 2
        left, right = np.split(y, 2)
        left[0] = 3.0
        return np.sum(y * y) + np.sum(right)

    x = np.array([1.0, 2.0, 3.0, 4.0])
    gradient = derive_backward(f).backward(x)
    np.testing.assert_allclose(gradient, [0.0, 16.0, 26.0, 34.0])
    np.testing.assert_allclose(gradient, [(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(4)])


def test_several_results_as_a_whole_are_refused() -> None:
    def f(x):
        both = np.modf(x)
        return np.sum(np.stack(both))

    with pytest.raises(DerivationError) as caught:
        derive_backward(f).backward(X)
    assert "as a whole" in str(caught.value)


def test_a_helper_gives_on_one_of_several_results() -> None:
    def f(x):
        return rest_of(x, 2.5) * x

    check(f, X)


def test_columns_of_a_matrix() -> None:
    def f(m):
        left, right = np.hsplit(m, 2)
        top, middle, bottom = np.array_split(left * right, [1, 4])
        return np.sum(top) * middle + bottom[0]

    check(f, M)


def test_names_that_change_still_unpack() -> None:
    """What is unpacked is written once, whatever its items are called."""

    def f(x, w):
        total = 0.0
        for i in range(3):
            z = w * x + i
            i, j, _ = np.split(z, 3)  # reuse of a name is what is tested
            total = total + np.sum(i * j)
        return total

    def g(x):
        x, y = np.modf(3 * x)
        x = x * y
        x, y = np.modf(x * x)
        return x * y

    for function, given in ((f, (X, 1.5)), (g, (X,))):
        text = check(function, *given)
        lines = [line for line in text.splitlines() if "np.split(" in line or "np.modf(" in line]
        assert all(line.count("=") == 1 or line.lstrip().startswith("#") for line in lines)
