"""Random draws are constants: each is drawn once, and backward uses the value that was drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_rules import differences

from srcdiff import DerivationError, derive_backward, jvp

X = np.array([0.5, -1.5, 2.0])
UPSTREAM = 1.0


def unused_draws(x):
    rng = np.random.default_rng(0)
    shift = rng.normal(size=3)
    y = x + shift
    scale = rng.normal(1.0, 0.5, 3)
    return np.sum(y * scale * y)


def in_a_loop(x):
    rng = np.random.default_rng(1)
    h = x
    for i in range(4):
        e = rng.uniform(0.5, 1.5, size=x.shape)
        s = rng.normal()
        h = h * e + s if i % 2 else np.sin(h) + e
    return np.sum(h)


def in_a_branch(x):
    rng = np.random.default_rng(2)
    u = rng.random()
    total = 0.0
    for _i in range(5):
        v = rng.random()
        if v < u:
            w = rng.standard_normal(3)
            total = total + np.sum(w * x**2)
        else:
            k = rng.integers(0, 3)
            total = total * v + x[k]
    return total


def dropout(x):
    rng = np.random.RandomState(3)
    u = rng.rand(3)
    y = np.where(u < 0.5, x, 0.0) / 0.5
    return np.sum(y**2)


def picked(x):
    rng = np.random.default_rng(4)
    order = rng.permutation(3)
    places = rng.choice(3, size=2)
    return np.sum(x[order] * np.arange(3)) + np.prod(x[places])


def in_expressions(x):
    rng = np.random.default_rng(6)
    y = x + 0.1 * rng.normal(size=3) * x
    z = [x[0] * rng.random(), x[1] + rng.normal(rng.random(), 2.0)]
    for i in range(3):
        y = y * (1 + rng.uniform(0, 1, 3)) + np.sin(y * rng.random())
        y[i] += rng.random() * y[i]
    a, b = rng.random(2)
    return np.sum(y * rng.random(3)) + z[0] * z[1] * y[rng.integers(0, 3)] + a * b * x[0]


def seeded(x, seed=3):
    if seed is not None:
        np.random.seed(seed)
    mask = (np.random.rand(*x.shape) < 0.5) / 0.5
    noise = [np.random.randn() * v for v in x]
    return np.sum((x * mask) ** 2) * (noise[0] + noise[1] * noise[2])


DRAWING = (unused_draws, in_a_loop, in_a_branch, dropout, picked, in_expressions, seeded)


@pytest.mark.parametrize("function", DRAWING, ids=lambda f: f.__name__)
def test_backward_uses_what_was_drawn(function: Any) -> None:
    """The generator is made within, so that each call draws the same."""
    derived = derive_backward(function)
    expected = differences(function, X, UPSTREAM)
    np.testing.assert_allclose(derived.backward(X), expected, rtol=1e-7, atol=1e-9)
    namespace: dict[str, Any] = {}
    exec(derived.backward.source, namespace)
    general = namespace[f"{function.__name__}_backward"](X)
    np.testing.assert_allclose(general, expected, rtol=1e-7, atol=1e-9)
    value, gradient = derived.value_and_grad(X)
    np.testing.assert_allclose(value, function(X))
    np.testing.assert_allclose(gradient, expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("function", DRAWING, ids=lambda f: f.__name__)
def test_forward_and_backward_apart_draw_once(function: Any) -> None:
    """The backward part has what the forward part drew."""
    split = derive_backward(function, mode="split")
    out, cache = split.forward(X)
    np.testing.assert_allclose(out, function(X))
    expected = differences(function, X, UPSTREAM)
    np.testing.assert_allclose(split.backward(1.0, cache), expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("function", DRAWING, ids=lambda f: f.__name__)
def test_forward_mode_draws_what_forward_draws(function: Any) -> None:
    """Also what no output depends on, because what is drawn later does."""
    direction = np.array([0.3, -1.1, 0.7])
    value, tangent = jvp(function, (X,), (direction,))
    np.testing.assert_allclose(value, function(X))
    slope = np.sum(differences(function, X, UPSTREAM) * direction)
    np.testing.assert_allclose(tangent, slope, rtol=1e-7, atol=1e-9)


def noisy(x, rng):
    noise = rng.normal(size=x.shape)
    return np.sum(x**2 * noise)


def test_a_generator_may_be_passed() -> None:
    """It is no number, and gets no gradient; it moves on as in the forward function."""
    derived = derive_backward(noisy)
    rng, other = np.random.default_rng(5), np.random.default_rng(5)
    for _ in range(2):
        np.testing.assert_allclose(derived.backward(X, rng), 2 * X * other.normal(size=3))


def in_a_choice(x):
    return x * np.random.normal() if x[0] > 0 else x


def in_a_test(x):
    while np.random.rand() < 0.5:
        x = x * 0.5
    return x


def located(x):
    y = np.random.normal(x, 1.0)
    return y**2


def chosen(x, rng):
    y = rng.choice(x, size=2)
    return np.sum(y)


def drawing_helper(x):
    noise = np.random.rand()
    y = x * noise
    return y


def calls_it(x):
    return np.sin(drawing_helper(x) * x)


@pytest.mark.parametrize(
    "function", [in_a_choice, in_a_test, located, chosen], ids=lambda f: f.__name__
)
def test_other_draws_are_refused(function: Any) -> None:
    """Draws that may not happen, or whose parameters are differentiated."""
    with pytest.raises(DerivationError, match="draw"):
        derive_backward(function)


def test_a_helper_that_draws_is_refused() -> None:
    """A backward function of its own would draw anew."""
    with pytest.raises(DerivationError, match="draw anew"):
        derive_backward(calls_it)
