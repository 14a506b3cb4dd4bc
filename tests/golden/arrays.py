"""Indexing, joining, shaping, reductions."""

import numpy as np


def cat(x, y):
    z = np.concatenate([x, y * 2, x])
    return np.sum(z**3)


def stk(x, y):
    return np.sum(np.stack([x, y, x * y], axis=1) ** 2 * np.arange(3))


def slic(x):
    return x[:, 1:] * x[:, :-1] + x[0, 0]


def newax(x, y):
    return x[:, None] * y[None, :]


def mean2(x):
    return x.mean(axis=(0, 1)) + x.std(axis=-1).sum()


def dist(X, Y):
    return np.sqrt(((X[:, None, :] - Y[None, :, :]) ** 2).sum(axis=-1))


def lse(x):
    m = np.max(x, axis=1)
    return m + np.log(np.sum(np.exp(x - m[:, None]), axis=1))


def T(A, b):
    y = A.T @ b
    return np.dot(y, y) + A.T.sum()
