"""Layers that return what their backward pass would need, and call each other."""

import numpy as np


def affine(x, w, b):
    rows = x.shape[0]
    flat = x.reshape(rows, -1)
    out = flat.dot(w) + b
    return out, (x, w, b)


def relu(x):
    out = None
    out = np.maximum(x, 0)
    cache = x
    return out, cache


def affine_relu(x, w, b):
    hidden, affine_cache = affine(x, w, b)
    out, relu_cache = relu(hidden)
    return out, (affine_cache, relu_cache)


def normalized(x, gamma, beta, mode, settings):
    """Normalizes each column; the running statistics are kept in the settings."""
    eps = settings.get("eps", 1e-5)
    keep = settings.get("momentum", 0.9)
    mean_so_far = settings.get("mean", np.zeros(x.shape[1]))
    variance_so_far = settings.get("variance", np.zeros(x.shape[1]))
    if mode == "train":
        mean = x.mean(axis=0)
        variance = x.var(axis=0)
        scaled = (x - mean) / np.sqrt(variance + eps)
        out = gamma * scaled + beta
        mean_so_far = keep * mean_so_far + (1 - keep) * mean
        variance_so_far = keep * variance_so_far + (1 - keep) * variance
    elif mode == "test":
        scaled = (x - mean_so_far) / np.sqrt(variance_so_far + eps)
        out = gamma * scaled + beta
    else:
        raise ValueError(f"there is no mode {mode}")
    return out, mean_so_far, variance_so_far


def dropped(x, keep, seed=None):
    if seed is not None:
        np.random.seed(seed)
    mask = (np.random.rand(*x.shape) < keep) / keep
    out = x * mask
    return out, mask


def network_loss(params, x, y):
    """Two layers, with normalization and dropout, and the mean of the cross entropies."""
    hidden, _ = affine_relu(x, params["W1"], params["b1"])
    hidden, _, _ = normalized(hidden, params["gamma"], params["beta"], "train", {})
    hidden, _ = dropped(hidden, 0.7, seed=4)
    scores, _ = affine(hidden, params["W2"], params["b2"])
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    log_sums = np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    log_probabilities = shifted - log_sums
    count = x.shape[0]
    data_loss = -np.sum(log_probabilities[np.arange(count), y]) / count
    return data_loss + 0.05 * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))


def recurrent_step(x, h, c, Wx, Wh, b):
    size = h.shape[1]
    gates = x.dot(Wx) + h.dot(Wh) + b
    i = 1 / (1 + np.exp(-gates[:, :size]))
    f = 1 / (1 + np.exp(-gates[:, size : 2 * size]))
    o = 1 / (1 + np.exp(-gates[:, 2 * size : 3 * size]))
    g = np.tanh(gates[:, 3 * size :])
    c = f * c + i * g
    h = o * np.tanh(c)
    cache = (x, i, f, o, g, c)
    return h, c, cache


def recurrent_states(x, h0, Wx, Wh, b):
    """The hidden states of all steps, and the caches that a backward pass by hand would take."""
    batch, steps, _ = x.shape
    size = h0.shape[1]
    states = np.zeros((batch, steps, size))
    caches = []
    h, c = h0, np.zeros((batch, size))
    for step in range(steps):
        h, c, cache = recurrent_step(x[:, step, :], h, c, Wx, Wh, b)
        states[:, step, :] = h
        caches.append(cache)
    return states


def layer_norm(x, scale, shift, eps=1e-5):
    mean = np.mean(x, axis=-1, keepdims=True)
    variance = np.var(x, axis=-1, keepdims=True)
    return scale * (x - mean) / np.sqrt(variance + eps) + shift


def dense(x, w, b):
    return x @ w + b


def feed_forward(x, rise, fall):
    h = dense(x, **rise)
    return dense(h / (1 + np.exp(-1.702 * h)), **fall)


def attended(x, qkv, out, heads):
    x = dense(x, **qkv)
    parts = [np.split(part, heads, axis=-1) for part in np.split(x, 3, axis=-1)]
    mask = (1 - np.tri(x.shape[0])) * -1e9
    results = []
    for q, k, v in zip(*parts):
        scores = q @ k.T / np.sqrt(q.shape[-1]) + mask
        weights = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
        weights /= np.sum(weights, axis=-1, keepdims=True)
        results.append(weights @ v)
    return dense(np.concatenate(results, axis=-1), **out)


def block_of(x, attention, mlp, norm1, norm2, heads):
    x = x + attended(layer_norm(x, **norm1), **attention, heads=heads)
    return x + feed_forward(layer_norm(x, **norm2), **mlp)


def transformer(tokens, embedding, positions, blocks, norm, heads):
    """The logits of each next token."""
    x = embedding[tokens] + positions[: len(tokens)]
    for block in blocks:
        x = block_of(x, **block, heads=heads)
    return layer_norm(x, **norm) @ embedding.T


def swung(q, p, step):
    force = -np.sin(q)
    half = p + 0.5 * step * force
    q = q + step * half
    p = half - 0.5 * step * np.sin(q)
    energy = 0.5 * p**2 - np.cos(q)
    return q, p, energy


def swinging(q, p, step, count):
    """The largest energy on the way, and where the swinging ends."""
    most = -10.0
    for _ in range(count):
        q, p, energy = swung(q, p, step)
        most = max(most, energy)
    return most, q * p


def bounds_of(values):
    low = values[0]
    high = values[0]
    for value in values:
        low = min(low, value)
        high = max(high, value)
    return low, high


def rescaled(values):
    low, high = bounds_of(values)
    width = high - low
    return np.array([(value - low) / width for value in values])
