"""Forward functions, each with its gradient written by hand."""

from __future__ import annotations

import math

import numpy as np

rng = np.random.default_rng(0)


def staged(x: float, y: float):
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    f = num * invden
    return f


def staged_by_hand(x, y, df=1.0):
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    den = sigx + xpy**2
    invden = 1.0 / den
    dnum = invden * df
    dden = -(invden**2) * num * df
    dxpy = 2 * xpy * dden
    dx = dxpy + (1 - sigx) * sigx * dden + dnum
    dy = dxpy + (1 - sigy) * sigy * dnum
    return dx, dy


def neuron(w, x, b):
    s = np.dot(x, w) + b
    f = 1.0 / (1 + np.exp(-s))
    return f


def neuron_by_hand(w, x, b, df=1.0):
    s = np.dot(x, w) + b
    f = 1.0 / (1 + np.exp(-s))
    ds = (1 - f) * f * df
    dx = np.dot(ds, w.T)
    dw = np.dot(x.T, ds)
    db = ds.sum(axis=0)
    return dw, dx, db


def softmax_loss(W, b, X, Y):
    scores = X @ W + b
    scores -= scores.max(axis=1, keepdims=True)
    exp_scores = np.exp(scores)
    probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
    loss = -np.sum(Y * np.log(probs)) / X.shape[0]
    return loss


def softmax_loss_by_hand(W, b, X, Y, dloss=1.0):
    scores = X @ W + b
    scores -= scores.max(axis=1, keepdims=True)
    exp_scores = np.exp(scores)
    probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
    dprobs = Y / probs * (-dloss / X.shape[0])
    dY = np.log(probs) * (-dloss / X.shape[0])
    dscores = probs * (dprobs - (dprobs * probs).sum(axis=1, keepdims=True))
    dX = dscores @ W.T
    return X.T @ dscores, dscores.sum(axis=0), dX, dY


def two_layers(X, W1, b1, W2, b2, Y):
    h = np.maximum(0, X @ W1 + b1)
    p = h @ W2 + b2
    loss = np.mean((p - Y) ** 2)
    return loss


def two_layers_by_hand(X, W1, b1, W2, b2, Y, dloss=1.0):
    a = X @ W1 + b1
    h = np.maximum(0, a)
    e = h @ W2 + b2 - Y
    dp = 2 * e * (dloss / e.size)
    da = (a > 0) * (dp @ W2.T)
    return da @ W1.T, X.T @ da, da.sum(axis=0), h.T @ dp, dp.sum(axis=0), -dp


def rnn(xs, h, Wx, Wh):
    for x in xs:
        h = np.tanh(x @ Wx + h @ Wh)
    return h


def rnn_by_hand(xs, h, Wx, Wh, dh=1.0):
    hs = [h]
    for x in xs:
        hs.append(np.tanh(x @ Wx + hs[-1] @ Wh))
    dh = dh * np.ones_like(h)
    dxs, dWx, dWh = np.zeros_like(xs), np.zeros_like(Wx), np.zeros_like(Wh)
    for i in reversed(range(len(xs))):
        ds = (1 - hs[i + 1] ** 2) * dh
        dxs[i] = Wx @ ds
        dWx += np.outer(xs[i], ds)
        dWh += np.outer(hs[i], ds)
        dh = Wh @ ds
    return dxs, dh, dWx, dWh


def burgers(u, nu):
    u = u.copy()
    for _ in range(50):
        u[1:-1] = u[1:-1] - 0.1 * u[1:-1] * (u[2:] - u[:-2]) + nu * (u[2:] - 2 * u[1:-1] + u[:-2])
    return u


def burgers_by_hand(u, nu, du=1.0):
    u = u.copy()
    inner = []
    for _ in range(50):
        inner.append(u[1:-1].copy())
        u[1:-1] = u[1:-1] - 0.1 * u[1:-1] * (u[2:] - u[:-2]) + nu * (u[2:] - 2 * u[1:-1] + u[:-2])
    du = du * np.ones_like(u)
    dnu = 0.0
    for _ in range(50):
        d = du[1:-1].copy()
        u[1:-1] = inner.pop()
        dnu += np.sum((u[2:] - 2 * u[1:-1] + u[:-2]) * d)
        du[1:-1] = d - 0.1 * (u[2:] - u[:-2]) * d - 2 * nu * d
        slope = 0.1 * u[1:-1] * d
        du[2:] += nu * d - slope
        du[:-2] += nu * d + slope
    return du, dnu


CASES = {
    staged: (staged_by_hand, (3.0, -4.0)),
    neuron: (
        neuron_by_hand,
        (rng.random((64, 32)), rng.random((128, 64)), rng.random(32)),
    ),
    softmax_loss: (
        softmax_loss_by_hand,
        (
            rng.standard_normal((50, 10)),
            rng.standard_normal(10),
            rng.standard_normal((200, 50)),
            np.eye(10)[rng.integers(0, 10, 200)],
        ),
    ),
    two_layers: (
        two_layers_by_hand,
        (
            rng.standard_normal((200, 50)),
            rng.standard_normal((50, 100)),
            rng.standard_normal(100),
            rng.standard_normal((100, 10)),
            rng.standard_normal(10),
            rng.standard_normal((200, 10)),
        ),
    ),
    rnn: (
        rnn_by_hand,
        (
            rng.random((200, 30)),
            rng.random(40),
            0.1 * rng.standard_normal((30, 40)),
            0.1 * rng.standard_normal((40, 40)),
        ),
    ),
    burgers: (burgers_by_hand, (rng.random(20_000), 0.1)),
}
