"""Layers and losses without annotations."""

import numpy as np


def layernorm(x, g, b):
    mu = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    xhat = (x - mu) / np.sqrt(var + 1e-5)
    return np.sum(np.sin(g * xhat + b))


def attention(q, k, v):
    s = q @ k.T / np.sqrt(q.shape[1])
    s = s - s.max(axis=1, keepdims=True)
    w = np.exp(s)
    w = w / w.sum(axis=1, keepdims=True)
    return (w @ v).sum()


def batchnorm(x, gamma, beta):
    mu = np.mean(x, axis=0)
    xc = x - mu
    v = np.mean(xc**2, axis=0)
    std = np.sqrt(v + 1e-5)
    xn = xc / std
    return gamma * xn + beta


def softm(z):
    ez = np.exp(z - np.max(z))
    return ez / np.sum(ez)


def huber(x, y, d=1.0):
    r = x - y
    return np.sum(np.where(np.abs(r) < d, 0.5 * r**2, d * (np.abs(r) - 0.5 * d)))


def relu2(x, W1, b1, W2):
    h = np.maximum(0, x @ W1 + b1)
    return h @ W2
