"""Programs in the style of autograd's users, with two import lines: NumPy, and the transforms."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from srcdiff import check_grads, grad, hessian, jacobian, value_and_grad

RANDOM = np.random.RandomState(0)


def log_sum_exp(x, axis=0):
    largest = np.max(x, axis=axis, keepdims=True)
    return np.squeeze(np.log(np.sum(np.exp(x - largest), axis=axis, keepdims=True)) + largest, axis)


# A convolutional network


def convolution(images, filters):
    """Images (n, h, w) and filters (k, a, b) give maps (n, k, h - a + 1, w - b + 1)."""
    n, h, w = images.shape
    k, a, b = filters.shape
    maps = np.zeros((n, k, h - a + 1, w - b + 1))
    for i in range(a):
        for j in range(b):
            patch = images[:, i : i + h - a + 1, j : j + w - b + 1]
            maps = maps + patch[:, None, :, :] * filters[None, :, i, j, None, None]
    return maps


def classify(params, images):
    maps = np.tanh(convolution(images, params["filters"]))
    n, k, h, w = maps.shape
    pooled = np.max(np.reshape(maps, (n, k, h // 2, 2, w // 2, 2)), axis=(3, 5))
    scores = np.dot(np.reshape(pooled, (n, -1)), params["weights"]) + params["bias"]
    return scores - log_sum_exp(scores, axis=1)[:, None]


def network_loss(params, images, targets):
    return -np.sum(targets * classify(params, images)) / images.shape[0]


def test_a_convolutional_network_learns():
    images = RANDOM.randn(6, 7, 7)
    targets = np.eye(3)[[0, 1, 2, 0, 1, 2]]
    params = {
        "filters": RANDOM.randn(2, 2, 2) * 0.5,
        "weights": RANDOM.randn(18, 3) * 0.3,
        "bias": np.zeros(3),
    }
    check_grads(network_loss, (params, images, targets), modes=("rev",))
    before = network_loss(params, images, targets)
    slope = grad(network_loss)
    for _ in range(60):
        gradient = slope(params, images, targets)
        params = {name: value - 0.3 * gradient[name] for name, value in params.items()}
    assert network_loss(params, images, targets) < before / 3


# A long short-term memory


def sigmoid(x):
    return 0.5 * (np.tanh(x / 2.0) + 1.0)


def lstm_loss(params, inputs, targets):
    hidden = params["start hidden"]
    cell = params["start cell"]
    loss = 0.0
    for t in range(inputs.shape[0]):
        row = np.concatenate((inputs[t], hidden, np.ones((inputs.shape[1], 1))), axis=1)
        change = np.tanh(np.dot(row, params["change"]))
        forget = sigmoid(np.dot(row, params["forget"]))
        ingate = sigmoid(np.dot(row, params["ingate"]))
        outgate = sigmoid(np.dot(row, params["outgate"]))
        cell = cell * forget + ingate * change
        hidden = outgate * np.tanh(cell)
        scores = np.dot(hidden, params["predict"])
        loss = loss - np.sum(targets[t] * (scores - log_sum_exp(scores, axis=1)[:, None]))
    return loss / inputs.shape[0]


def test_an_lstm_s_gradient():
    size, width, batch, steps = 3, 4, 2, 5
    inputs = RANDOM.randn(steps, batch, size)
    targets = np.eye(size)[RANDOM.randint(0, size, (steps, batch))]
    params = {
        name: RANDOM.randn(size + width + 1, width) * 0.5
        for name in ("change", "forget", "ingate", "outgate")
    }
    params["predict"] = RANDOM.randn(width, size)
    params["start hidden"] = RANDOM.randn(batch, width)
    params["start cell"] = RANDOM.randn(batch, width)
    check_grads(lstm_loss, (params, inputs, targets), modes=("rev",))


# A Gaussian process


def covariance(params, x, y):
    scale, lengths = np.exp(params[0]), np.exp(params[1:])
    differences = np.expand_dims(x / lengths, 1) - np.expand_dims(y / lengths, 0)
    return scale * np.exp(-0.5 * np.sum(differences**2, axis=2))


def log_marginal_likelihood(params, x, y):
    mean, noise = params[0], np.exp(params[1]) + 0.001
    c = covariance(params[2:], x, x) + noise * np.eye(len(y))
    lower = np.linalg.cholesky(c)
    white = np.linalg.solve(lower, y - mean)
    return -0.5 * np.sum(white**2) - np.sum(np.log(np.diag(lower))) - len(y) / 2 * np.log(2 * np.pi)


def test_a_gaussian_process_s_gradient():
    x = RANDOM.randn(8, 2)
    y = np.sin(x[:, 0]) + 0.1 * RANDOM.randn(8)
    params = np.array([0.1, -1.0, 0.2, 0.3, -0.2])
    check_grads(lambda p: log_marginal_likelihood(p, x, y), (params,), modes=("rev",))
    slope = grad(lambda p: -log_marginal_likelihood(p, x, y))
    first = -log_marginal_likelihood(params, x, y)
    for _ in range(30):
        params = params - 0.02 * slope(params)
    assert -log_marginal_likelihood(params, x, y) < first


# A mixture of Gaussians, by log-sum-exp


def mixture_log_density(params, x):
    logits, means, log_scales = params
    weights = logits - log_sum_exp(logits)
    distances = (x[:, None, :] - means[None, :, :]) / np.exp(log_scales)[None, :, :]
    parts = -0.5 * np.sum(distances**2, axis=2) - np.sum(log_scales, axis=1)
    return np.sum(log_sum_exp(parts + weights, axis=1))


def test_a_mixture_s_gradient_in_the_structure_of_its_parameters():
    x = RANDOM.randn(10, 2)
    params = (RANDOM.randn(3), RANDOM.randn(3, 2), 0.1 * RANDOM.randn(3, 2))
    found = grad(mixture_log_density)(params, x)
    assert isinstance(found, tuple)
    assert [part.shape for part in found] == [(3,), (3, 2), (3, 2)]
    assert np.isclose(found[0].sum(), 0.0)
    check_grads(mixture_log_density, (params, x), modes=("rev",))


# A variational autoencoder


def layers(params, x):
    for w, b in params:
        x = np.tanh(np.dot(x, w) + b)
    return x


def evidence_bound(params, x, noise):
    encoder, decoder = params
    code = layers(encoder, x)
    mean, log_scale = code[:, :2], code[:, 2:]
    z = mean + np.exp(log_scale) * noise
    logits = layers(decoder, z)
    fit = np.sum(x * logits - np.log1p(np.exp(logits)), axis=1)
    distance = 0.5 * np.sum(np.exp(2 * log_scale) + mean**2 - 1 - 2 * log_scale, axis=1)
    return np.mean(fit - distance)


def test_a_variational_autoencoder_s_gradient():
    def random_layers(*sizes):
        pairs = itertools.pairwise(sizes)
        return [(0.4 * RANDOM.randn(m, n), 0.1 * RANDOM.randn(n)) for m, n in pairs]

    x = (RANDOM.rand(4, 6) > 0.5) * 1.0
    params = (random_layers(6, 5, 4), random_layers(2, 5, 6))
    noise = RANDOM.randn(4, 2)
    value, found = value_and_grad(evidence_bound)(params, x, noise)
    assert np.isclose(value, evidence_bound(params, x, noise))
    assert found[0][0][0].shape == (6, 5)
    check_grads(evidence_bound, (params, x, noise), modes=("rev",))


# An ordinary differential equation


def lotka_volterra(state, rates):
    prey, hunters = state
    a, b, c, d = rates
    return np.array([a * prey - b * prey * hunters, d * prey * hunters - c * hunters])


def runge_kutta(rates, start, step, count):
    state = start
    for _ in range(count):
        k1 = lotka_volterra(state, rates)
        k2 = lotka_volterra(state + step / 2 * k1, rates)
        k3 = lotka_volterra(state + step / 2 * k2, rates)
        k4 = lotka_volterra(state + step * k3, rates)
        state = state + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return state


def test_the_sensitivity_of_an_ordinary_differential_equation():
    rates, start = np.array([1.1, 0.4, 0.4, 0.1]), np.array([10.0, 5.0])

    def end(rates):
        return runge_kutta(rates, start, 0.05, 20)

    table = jacobian(end)(rates)
    for column in range(4):
        nearby = 1e-6 * np.eye(4)[column]
        measured = (end(rates + nearby) - end(rates - nearby)) / 2e-6
        assert np.allclose(table[:, column], measured, rtol=1e-5, atol=1e-6)


# Newton's method


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_newton_s_method_with_gradient_and_hessian():
    x = np.array([0.8, 0.7, 0.6])
    slope, curvature = grad(rosenbrock), hessian(rosenbrock)
    for _ in range(20):
        x = x - np.linalg.solve(curvature(x), slope(x))
    assert np.allclose(x, 1.0)
    assert np.allclose(slope(x), 0.0)


def test_logistic_regression_by_newton_s_method():
    inputs = RANDOM.randn(20, 3)
    targets = (inputs @ np.array([1.0, -2.0, 0.5]) + 0.3 * RANDOM.randn(20) > 0) * 1.0

    def loss(w):
        p = sigmoid(np.dot(inputs, w))
        return -np.mean(np.log(p * targets + (1 - p) * (1 - targets))) + 0.05 * np.sum(w**2)

    w = np.zeros(3)
    for _ in range(8):
        w = w - np.linalg.solve(hessian(loss)(w), grad(loss)(w))
    assert np.allclose(grad(loss)(w), 0.0, atol=1e-10)


@pytest.mark.parametrize("power", [1, 2, 3])
def test_a_taylor_series(power):
    derived, factor, total = np.tanh, 1.0, np.tanh(0.2)
    for n in range(1, power + 5):
        derived = grad(derived)
        factor *= 0.05 / n
        total += derived(0.2) * factor
    assert np.isclose(total, np.tanh(0.25), atol=1e-7)
