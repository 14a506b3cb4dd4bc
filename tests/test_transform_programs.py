"""Programs with a transform inside a loss, as users of autograd and JAX write them."""

import functools
from collections.abc import Callable

import numpy as np
import pytest

from srcdiff import (
    check_grads,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)

Loss = Callable[[np.ndarray], float]
INPUTS = np.random.default_rng(0).normal(size=(4, 3))


def loss(w, x):
    return np.sum(np.tanh(x @ w) ** 2)


def adapted(w):
    for _ in range(2):
        _value, slope = value_and_grad(loss)(w, INPUTS)
        w = w - 0.1 * slope
    return loss(w, INPUTS * 1.1)


def field(x, w):
    return np.tanh(w[0] * x) * w[1] + w[2] * x


field_xx = elementwise_grad(elementwise_grad(field))


def residual(w):
    xs = np.linspace(0, 1, 5)
    return np.sum((field_xx(xs, w) + field(xs, w)) ** 2)


def implicit(a):
    x = np.ones(3)
    for _ in range(3):
        f = lambda x: np.sum(np.cosh(x) - a * x)  # noqa: E731
        x = x - np.linalg.solve(hessian(f)(x), grad(f)(x))
    return np.sum(x**2)


def conjugate_gradients(w):
    x = np.zeros(3)
    r = np.ones(3)
    p = r
    f = lambda z: np.sum(z**4) + np.sum(z**2)  # noqa: E731
    for _ in range(2):
        curved = hvp(f)(w, p)
        step = (r @ r) / (p @ curved)
        x = x + step * p
        rest = r - step * curved
        p = rest + (rest @ rest) / (r @ r) * p
        r = rest
    return np.sum(x)


def choosing(z):
    t = z * 0.4
    u = np.zeros(3)
    for i in range(3):
        u = u + np.sin(t * z)
        t = t * z * t if i else t * 2 * z
    return np.sum(u * t)


slope = grad(choosing)


def weighted_slope(z):
    return np.sum(slope(z) * np.arange(1.0, 4.0))


slope_again = grad(weighted_slope)


def weighted_again(z):
    return np.sum(slope_again(z) * np.array([0.5, 0.01, 0.003]))


def differences(f: Loss, w: np.ndarray, step: float) -> np.ndarray:
    rows = np.eye(w.size) * step
    return np.array([(f(w + row) - f(w - row)) / (2 * step) for row in rows])


@pytest.mark.parametrize(
    "f",
    [
        adapted,
        residual,
        implicit,
        conjugate_gradients,
        weighted_slope,
        weighted_again,
    ],
)
def test_a_transform_inside_a_loss_is_differentiated(f: Loss) -> None:
    w = np.array([0.4, -0.7, 1.1])
    for step in (1e-4, 1e-5):
        np.testing.assert_allclose(grad(f)(w), differences(f, w, step), rtol=1e-6, atol=1e-7)


def held_loss(held, x):
    return np.sum(np.tanh(held["w"] * x + held["b"]) ** 2) * np.sum(held["b"])


def norm_of_gradient(held, x):
    g = grad(held_loss)(held, x)
    return np.sum(g["w"] ** 2) + np.sum(g["b"])


def after_steps(held, x):
    for i in range(3):
        g = grad(held_loss)(held, x)
        held = {"w": held["w"] - 0.1 * (i + 1) * g["w"], "b": held["b"] - 0.1 * g["b"]}
    return held_loss(held, x)


def value_times_gradient(held, x):
    value, g = value_and_grad(held_loss)(held, x)
    total = 0.0
    for key in g:
        total = total + value * np.sum(g[key] ** 2)
    return total


def inner_dicts(held, x):
    g = grad(lambda parts, x: held_loss(parts["inner"], x))({"inner": held}, x)
    return np.sum(g["inner"]["w"] ** 3)


@pytest.mark.parametrize(
    "function", [norm_of_gradient, after_steps, value_times_gradient, inner_dicts]
)
def test_a_gradient_that_is_a_dict_is_computed_with(function):
    held = {"w": np.array([0.3, -0.8]), "b": np.array([0.5, 0.9])}
    x = np.array([1.1, 0.4])
    found = grad(function)(held, x)
    for key, place in (("w", 0), ("w", 1), ("b", 0), ("b", 1)):
        for h in (1e-4, 1e-5):
            ends = []
            for sign in (1, -1):
                moved = {name: value.copy() for name, value in held.items()}
                moved[key][place] += sign * h
                ends.append(function(moved, x))
            np.testing.assert_allclose(
                found[key][place], (ends[0] - ends[1]) / (2 * h), rtol=1e-5, atol=1e-8
            )


DATA = np.array([[0.3, -0.8, 0.5], [1.1, 0.2, -0.4], [-0.6, 0.9, 0.1], [0.7, 0.7, -1.2]])
TARGETS = np.array([0.2, -0.5, 0.9, 0.4])


def squared_error(w, x, y):
    return np.mean((np.tanh(x @ w) - y) ** 2)


def newton_steps(w):
    for _ in range(2):
        curvature = hessian(squared_error)(w, DATA, TARGETS) + 0.5 * np.eye(3)
        w = w - np.linalg.solve(curvature, grad(squared_error)(w, DATA, TARGETS))
    return squared_error(w, DATA, TARGETS)


def evidence(w):
    curvature = hessian(squared_error)(w, DATA, TARGETS) + np.eye(3)
    return squared_error(w, DATA, TARGETS) + 0.5 * np.linalg.slogdet(curvature)[1]


def trace_estimate(w):
    v = np.array([1.0, -1.0, 1.0])
    return v @ hvp(squared_error)(w, DATA, TARGETS, v)


def filtered(w):
    def moved(x):
        return x + 0.1 * np.sin(x[::-1])

    def seen(x):
        return np.array([x[0] * x[1], x[2] ** 2])

    spread = jacobian(moved)(w) @ jacobian(moved)(w).T
    out = jacobian(seen)(w)
    return np.sum((out @ spread @ out.T) ** 2)


@pytest.mark.parametrize("function", [newton_steps, evidence, trace_estimate, filtered])
def test_programs_that_compute_with_hessians_and_jacobians(function):
    check_grads(function, (np.array([0.4, -0.3, 0.6]),), order=1, modes=("rev",))


def test_a_loop_of_gradient_steps_has_second_derivatives():
    def after_steps(w):
        for _ in range(2):
            w = w - 0.1 * grad(squared_error)(w, DATA, TARGETS)
        return squared_error(w, DATA, TARGETS)

    check_grads(after_steps, (np.array([0.4, -0.3, 0.6]),), order=2)


def both(*operands):
    return np.sum(np.sin(operands[0] * operands[1]) * operands[0] * DATA[0])


slopes = grad(both, argnums=(0, 1))


def starred_at_the_top(x, y):
    first, second = slopes(x, y)
    return np.sum(DATA[1] * first) + np.sum(second**2)


def starred_call(*given):
    first, second = slopes(*given)
    return np.sum(DATA[1] * first) + np.sum(second**2)


def starred_lambda(x, y):
    slope = grad(lambda *given: both(*given) * np.sum(x), 1)
    pair = (x, y)
    return np.sum(slope(*pair) ** 2)


def starred_jacobian(x, y):
    return np.sum(jacobian(lambda *given: given[0] * given[1] ** 2, 1)(x, y) ** 3)


def starred_pullback(x, y):
    value, pullback = vjp(lambda *given: given[0] ** 2 * given[1] * x, x, y)
    first, second = pullback(y)
    return np.sum(value * first * second)


def starred_push(x, y):
    value, change = jvp(lambda *given: given[0] ** 2 * given[1], (x, y), (y, x))
    return np.sum(value * change)


def wrapped(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return 2.0 * function(*args, **kwargs)

    return inner


wrapped_slope = grad(wrapped(both))


def of_a_wrapper(x, y):
    return np.sum(wrapped_slope(x, y) ** 2)


@pytest.mark.parametrize(
    "function",
    [
        starred_at_the_top,
        starred_call,
        starred_lambda,
        starred_jacobian,
        starred_pullback,
        starred_push,
        of_a_wrapper,
    ],
)
def test_a_transform_of_a_starred_function_inside_a_function_is_differentiated(function):
    args = (np.array([0.3, 0.4, 0.5]), np.array([1.0, 2.0, 0.7]))
    check_grads(function, args, order=2, modes=("rev",))


def test_a_lambda_inside_may_call_a_function_of_any_name():
    def f(x):
        return np.sum(x**3)

    def total(x):
        return np.sum(grad(lambda y: f(y) * x[0])(x))

    found = grad(total)(np.array([2.0, 3.0]))
    np.testing.assert_allclose(found, [3 * (4 + 9) + 2 * 6 * 2, 2 * 6 * 3])


SCALE = np.array([1.0, 2.0, 3.0])
scaled_slope = grad(lambda x: np.sum(SCALE * x**3))


def test_a_transform_inside_sees_a_variable_that_has_another_shape_now(monkeypatch):
    outer = grad(lambda x: np.sum(scaled_slope(x)))
    np.testing.assert_allclose(outer(np.ones(3)), [6.0, 12.0, 18.0])
    monkeypatch.setitem(globals(), "SCALE", np.array([4.0, 5.0]))
    np.testing.assert_allclose(outer(np.ones(2)), [24.0, 30.0])
