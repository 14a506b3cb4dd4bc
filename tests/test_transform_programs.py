"""Programs with a transform inside a loss, as users of autograd and JAX write them."""

from collections.abc import Callable

import numpy as np
import pytest

from srcdiff import elementwise_grad, grad, hessian, hvp, value_and_grad

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


def differences(f: Loss, w: np.ndarray, step: float) -> np.ndarray:
    rows = np.eye(w.size) * step
    return np.array([(f(w + row) - f(w - row)) / (2 * step) for row in rows])


@pytest.mark.parametrize("f", [adapted, residual, implicit, conjugate_gradients])
def test_a_transform_inside_a_loss_is_differentiated(f: Loss) -> None:
    w = np.array([0.4, -0.7, 1.1])
    for step in (1e-4, 1e-5):
        np.testing.assert_allclose(grad(f)(w), differences(f, w, step), rtol=1e-6, atol=1e-7)
