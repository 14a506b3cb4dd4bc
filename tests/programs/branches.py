"""Functions that ask what kind of arguments they got, as NumPy code does."""

import numpy as np


def padded(x, weights=None):
    if weights is None:
        weights = np.ones(3)
    if x.ndim == 1:
        x = x.reshape(1, -1)
    assert x.shape[1] == 3, "three columns"
    y = np.tanh(x * weights)
    return np.sum(y[:, 0] * y[:, 1] if len(x) > 1 else y[0, 2] ** 2 + y[0, 1])


def first_columns(x):
    z = x[:, 0] if x.ndim == 2 else x[:, 0, 1]
    return np.sum(z**2)


def by_rank(x):
    if x.ndim == 1:
        return np.sum(x**3)
    elif x.ndim == 2:
        return np.sum(x[:, 0] * x[:, 1])
    return np.sum(x[:, 0, 0] * x[:, 1, 1] ** 2)


def scaled(x, scale):
    if isinstance(scale, dict):
        s = scale["gain"] * scale.get("more", 2.0)
    elif isinstance(scale, (list, tuple)):
        s = scale[0] + scale[1]
    else:
        s = scale
    return np.sum(np.sin(x) * s)


def columns(x):
    total = 0.0
    for row in x if x.ndim == 2 else [x]:
        total = total + (row[0] * row[1] if row.shape[0] == 2 else row[2] * row[0])
    return total


def momentum(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("rate", 0.1)
    velocity = config["v"] if "v" in config else np.zeros_like(w)
    velocity = 0.9 * velocity - config["rate"] * dw
    return np.sum((w + velocity) ** 2)


def helper(x):
    return x[:, 1] if x.ndim == 2 else x[1]


def by_helper(x):
    y = helper(x * x)
    return np.sum(np.sin(y))


def norm_of(x, axis=None):
    x = np.asarray(x)
    n = np.sqrt(np.sum(x**2, axis=axis))
    return n if n.ndim == 0 else n[0] * n[1]


def shaped(x):
    if x.shape[0] == x.shape[1]:
        return np.trace(x @ x)
    if x.size > 6 or x.shape == (2, 3):
        return np.sum(x @ x.T)
    return np.sum(x.T @ x)


def overwritten(x, t):
    a = x.copy()
    a[1] = a[1] * a[1] if t > 0 else 0.0
    a[0] = 0.0 if t < 2 else 3 * a[2] * a[0]
    return np.sum(a * a * x)


def from_either(x, i):
    y = x[i] if i >= 0 else x[0, 1, 1] * x[0, 0, 0]
    z = x[0, 1, 1] if i < 0 else x[i]
    return np.sum(y * z)
