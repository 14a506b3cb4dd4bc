"""The computations that srcdiff began with, with the numbers printed there where they are right."""

from __future__ import annotations

import math

import numpy as np
import pytest

from srcdiff import derive_backward

X = np.array([[1.0, 0.0, 1.0]])
Y = np.array([[0]])


def numeric(function, args, place, h=1e-6):
    """Differences of the sum of the output with respect to one argument."""
    gradient = np.zeros(np.shape(args[place]))
    for index in np.ndindex(gradient.shape):
        ends = []
        for sign in (1, -1):
            moved = [np.array(a, float) if isinstance(a, np.ndarray) else a for a in args]
            if np.ndim(args[place]):
                moved[place][index] += sign * h
            else:
                moved[place] += sign * h
            ends.append(np.sum(function(*moved)))
        gradient[index] = (ends[0] - ends[1]) / (2 * h)
    return gradient


def agrees(function, *args):
    gradients = derive_backward(function).backward(*args)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    for place, gradient in enumerate(gradients):
        np.testing.assert_allclose(gradient, numeric(function, args, place), rtol=1e-6, atol=1e-9)
    return gradients


def test_the_neuron_over_lists_gives_the_printed_gradients() -> None:
    def neuron(w, x):
        dot = w[0] * x[0] + w[1] * x[1] + w[2]
        f = 1.0 / (1 + math.exp(-dot))
        return f

    dw, dx = derive_backward(neuron).backward([2, -3, -3], [-1, -2])
    assert dx == pytest.approx([0.3932238664829637, -0.5898357997244456], abs=1e-15)
    assert dw == pytest.approx(
        [-0.19661193324148185, -0.3932238664829637, 0.19661193324148185], abs=1e-15
    )
    assert isinstance(dx, list)
    assert isinstance(dw, list)


def test_staged_computation_gives_the_printed_gradient() -> None:
    def staged(x, y):
        sigy = 1.0 / (1 + math.exp(-y))
        num = x + sigy
        sigx = 1.0 / (1 + math.exp(-x))
        xpy = x + y
        xpysqr = xpy**2
        den = sigx + xpysqr
        invden = 1.0 / den
        f = num * invden
        return f

    assert staged(3, -4) == pytest.approx(1.5456448841066441)
    _, dy = agrees(staged, 3.0, -4.0)
    assert dy == pytest.approx(1.5922327514838093)
    assert derive_backward(staged).backward(3, -4)[1] == pytest.approx(1.5922327514838093)


def test_the_lecture_s_matrices_give_the_printed_gradients() -> None:
    def squared(w, x):
        q = np.matmul(w, x)
        return np.sum(q**2)

    w, x = np.array([[0.1, 0.5], [-0.3, 0.8]]), np.array([[0.2], [0.4]])
    assert squared(w, x) == pytest.approx(0.116)
    dw, dx = agrees(squared, w, x)
    np.testing.assert_allclose(dw, [[0.088, 0.176], [0.104, 0.208]])
    np.testing.assert_allclose(dx, [[-0.112], [0.636]])


def test_the_circuit_of_gates_gives_the_printed_derivatives() -> None:
    def circuit(x, y, z):
        q = add_gate(x, y)
        f = multiply_gate(q, z)
        return f

    assert derive_backward(circuit).backward(-2, 5, -4) == (-4, -4, 3)


def multiply_gate(x, y):
    return x * y


def add_gate(x, y):
    return x + y


def test_the_single_neuron_gives_the_printed_gradients() -> None:
    def neuron(a, b, c, x, y):
        return 1 / (1 + np.exp(-(a * x + b * y + c)))

    found = agrees(neuron, 1.0, 2.0, -3.0, -1.0, 3.0)
    assert neuron(1.0, 2.0, -3.0, -1.0, 3.0) == pytest.approx(0.8807970779778823)
    printed = (-0.10499358540350662, 0.31498075621051985, 0.10499358540350662)
    assert found[:3] == pytest.approx(printed)
    assert found[3:] == pytest.approx((0.10499358540350662, 0.20998717080701323))


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("a * b", 2),
        ("a + b", 2),
        ("a + b + c", 3),
        ("a * b + c", 3),
        ("a * a", 1),
        ("a * a + b * b + c * c", 3),
        ("((a * b + c) * d) ** 2", 4),
        ("1.0 / a", 1),
        ("(a + b) / (c + d)", 4),
        ("max(a, b)", 2),
        ("max(a, 0)", 1),
    ],
)
def test_the_ninja_exercises_are_right(text: str, arguments: int, tmp_path) -> None:
    names = ", ".join("abcd"[:arguments])
    path = tmp_path / "exercise.py"
    path.write_text(f"def exercise({names}):\n    x = {text}\n    return x\n")
    namespace: dict = {}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    agrees(namespace["exercise"], *(1.5, -2.0, 3.0, 0.5)[:arguments])


def test_a_tie_of_max_goes_to_one_operand_and_never_to_a_constant() -> None:
    def larger(a, b):
        return max(a, b)

    def relu(a):
        return max(a, 0)

    assert sum(derive_backward(larger).backward(2.0, 2.0)) == 1.0
    assert derive_backward(relu).backward(0.0) == 0.0


def test_the_matrix_product_is_right_for_an_upstream_gradient() -> None:
    def product(W, X):
        return X.dot(W)

    rng = np.random.default_rng(0)
    W, X_, dD = rng.random((4, 5)), rng.random((3, 4)), rng.random((3, 5))
    dW, dX = derive_backward(product).backward(W, X_, dout=dD)
    np.testing.assert_allclose(dW, X_.T @ dD)
    np.testing.assert_allclose(dX, dD @ W.T)


def test_the_scalar_network_is_right() -> None:
    def scalar_forward(wx, wy, wz):
        p = wx * 5 + wy * 3
        q = wz * 2
        f = p * q
        return f

    rng = np.random.default_rng(1)
    agrees(scalar_forward, *rng.random((3, 1, 1)))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_networks_that_read_their_data_from_the_module_are_right() -> None:
    def no_hidden(W0):
        linear = np.dot(X, W0)
        nonlinear = sigmoid(linear)
        error = Y - nonlinear
        return error

    def two_hidden(W0, W1, W2):
        L1 = sigmoid(np.dot(X, W0))
        L2 = sigmoid(np.dot(L1, W1))
        prediction = sigmoid(np.dot(L2, W2))
        return Y - prediction

    rng = np.random.default_rng(2)
    agrees(no_hidden, rng.random((3, 1)))
    agrees(two_hidden, rng.random((3, 4)), rng.random((4, 4)), rng.random((4, 1)))


def test_the_one_layer_network_over_arrays_gives_the_printed_gradients() -> None:
    def forward(w, x, b):
        s = np.dot(x, w) + b
        f = 1.0 / (1 + np.exp(-s))
        return f

    w, x = np.array([[2.0], [-3.0]]), np.array([[-1.0, -2.0]])
    dw, dx, db = derive_backward(forward).backward(w, x, -3.0)
    np.testing.assert_allclose(dx, [[0.39322387, -0.5898358]], rtol=1e-7)
    np.testing.assert_allclose(dw, [[-0.19661193], [-0.39322387]], rtol=1e-7)
    assert db == pytest.approx(0.196612, abs=1e-6)


def test_the_margin_loss_and_its_step_are_right() -> None:
    def margin(x, y, a, b, c, label):
        return max(0, 1 - label * (a * x + b * y + c)) + 0.5 * (a * a + b * b)

    for label in (1.0, -1.0):
        agrees(margin, 1.2, 0.7, 1.0, -2.0, -1.0, label)
