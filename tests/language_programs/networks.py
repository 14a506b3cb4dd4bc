"""Recurrent and convolutional networks."""

import numpy as np
from jaxtyping import Float


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def rnn(
    xs: Float[np.ndarray, "t d"],
    h: Float[np.ndarray, "k"],
    Wx: Float[np.ndarray, "d k"],
    Wh: Float[np.ndarray, "k k"],
):
    for x in xs:
        h = np.tanh(x @ Wx + h @ Wh)
    return h


def char_rnn_loss(inputs, targets, hprev, Wxh, Whh, Why, bh, by):
    """Loss of a character model; inputs and targets are lists of integers."""
    hs = {}
    hs[-1] = np.copy(hprev)
    loss = 0
    for t in range(len(inputs)):
        x = np.zeros((Wxh.shape[1], 1))
        x[inputs[t]] = 1
        hs[t] = np.tanh(Wxh @ x + Whh @ hs[t - 1] + bh)
        y = Why @ hs[t] + by
        p = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(p[targets[t], 0])
    return loss


def lstm(x, h, c, W, U, b):
    n = h.shape[-1]
    for t in range(x.shape[0]):
        gates = x[t] @ W + h @ U + b
        i = sigmoid(gates[:, :n])
        f = sigmoid(gates[:, n : 2 * n])
        o = sigmoid(gates[:, 2 * n : 3 * n])
        g = np.tanh(gates[:, 3 * n :])
        c = f * c + i * g
        h = o * np.tanh(c)
    return h, c


def lstm_with_split(seq, params, hidden_size):
    h = np.zeros(hidden_size)
    c = np.zeros(hidden_size)
    outputs = []
    for x_t in seq:
        z = params["Wx"] @ x_t + params["Wh"] @ h + params["b"]
        i, f, o, g = np.split(z, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs)


def gru(X, h0, Wz, Wr, Wh):
    T = len(X)
    H = np.zeros((T + 1, h0.shape[0]))
    H[0] = h0
    for t in range(T):
        xh = np.concatenate([X[t], H[t]])
        z = sigmoid(xh @ Wz)
        r = sigmoid(xh @ Wr)
        candidate = np.tanh(np.concatenate([X[t], r * H[t]]) @ Wh)
        H[t + 1] = (1 - z) * H[t] + z * candidate
    return H[1:]


def bidirectional(xs, W, V):
    forward, backward = [], []
    h = np.zeros(W.shape[0])
    for x in xs:
        h = np.tanh(W @ h + V @ x)
        forward.append(h)
    h = np.zeros(W.shape[0])
    for x in reversed(xs):
        h = np.tanh(W @ h + V @ x)
        backward.insert(0, h)
    return np.array([np.concatenate([f, b]) for f, b in zip(forward, backward)])


def conv1d(signal, weights, bias, stride=1):
    k = len(weights)
    n_out = (len(signal) - k) // stride + 1
    out = np.zeros(n_out)
    for i in range(n_out):
        for j in range(k):
            out[i] += signal[i * stride + j] * weights[j]
        out[i] += bias
    return out


def conv2d(input, weights):
    N, H, W, C_in = input.shape
    K = weights.shape[0]
    H_out = H - K + 1
    W_out = W - K + 1
    C_out = weights.shape[3]
    output = np.empty((N, H_out, W_out, C_out), dtype=input.dtype)
    for i in range(H_out):
        for j in range(W_out):
            output[:, i, j, :] = np.sum(
                input[:, i : i + K, j : j + K, :, np.newaxis] * weights[np.newaxis, :, :, :],
                axis=(1, 2, 3),
            )
    return output


def conv_layer_naive(x, w, b, pad=1, stride=2):
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    n, _, height, width = x.shape
    f, _, hh, ww = w.shape
    h_out = 1 + (height + 2 * pad - hh) // stride
    w_out = 1 + (width + 2 * pad - ww) // stride
    out = np.zeros((n, f, h_out, w_out))
    for i in range(n):
        for j in range(f):
            for k in range(h_out):
                for l in range(w_out):
                    patch = x_pad[i, :, k * stride : k * stride + hh, l * stride : l * stride + ww]
                    out[i, j, k, l] = np.sum(patch * w[j]) + b[j]
    return out


def maxpool2d(x):
    output = np.empty([x.shape[0], x.shape[1] // 2, x.shape[2] // 2])
    for i in range(x.shape[1] // 2):
        for j in range(x.shape[2] // 2):
            output[:, i, j] = np.max(x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2], axis=(1, 2))
    return output


def average_pool_1d(x, size):
    return np.array([x[i : i + size].mean() for i in range(0, len(x), size)])


def multi_head_attention(x, Wq, Wk, Wv, Wo, n_heads):
    d = x.shape[1] // n_heads
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    heads = []
    for h in range(n_heads):
        s = slice(h * d, (h + 1) * d)
        scores = q[:, s] @ k[:, s].T / np.sqrt(d)
        heads.append(softmax(scores) @ v[:, s])
    return np.concatenate(heads, axis=1) @ Wo


def causal_attention(q, k, v):
    out = np.zeros_like(v)
    for t in range(q.shape[0]):
        scores = k[: t + 1] @ q[t]
        scores -= scores.max()
        w = np.exp(scores)
        out[t] = w @ v[: t + 1] / w.sum()
    return out


def residual_blocks(x, blocks):
    for W1, b1, W2, b2 in blocks:
        h = x @ W1 + b1
        h[h < 0] = 0
        x = x + h @ W2 + b2
    return x


def graph_convolution(features, edges, W, layers):
    """Mean of the neighbours; edges is a list of pairs of node numbers."""
    h = features
    for _ in range(layers):
        agg = np.zeros_like(h)
        degree = np.ones(len(h))
        for src, dst in edges:
            agg[dst] += h[src]
            degree[dst] += 1
        h = np.tanh((h + agg) / degree[:, None] @ W)
    return h


def tree_lstm_sum(tree, W):
    """A tree is a number, or a pair of trees."""
    if isinstance(tree, tuple):
        left, right = tree
        return np.tanh(W[0] * tree_lstm_sum(left, W) + W[1] * tree_lstm_sum(right, W))
    return W[2] * tree
