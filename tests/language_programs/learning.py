"""Layers, losses, training steps."""

import numpy as np
from jaxtyping import Float, Int


def relu(x):
    return np.maximum(x, 0)


def mlp(params, x):
    """params is a list of pairs (W, b)."""
    for W, b in params[:-1]:
        x = np.tanh(np.dot(x, W) + b)
    W, b = params[-1]
    return np.dot(x, W) + b


def two_layer_loss(params, X, y, reg):
    hidden = relu(X @ params["W1"] + params["b1"])
    scores = hidden @ params["W2"] + params["b2"]
    scores -= np.max(scores, axis=1, keepdims=True)
    probs = np.exp(scores)
    probs /= probs.sum(axis=1, keepdims=True)
    N = len(y)
    data_loss = -np.log(probs[np.arange(N), y]).mean()
    reg_loss = 0.0
    for name, p in params.items():
        if name.startswith("W"):
            reg_loss += 0.5 * reg * np.sum(p * p)
    loss = data_loss + reg_loss
    return loss


def softmax_regression(
    W: Float[np.ndarray, "d c"], X: Float[np.ndarray, "n d"], y: Int[np.ndarray, "n"]
):
    num_train = X.shape[0]
    loss = 0.0
    for i in range(num_train):
        scores = X[i].dot(W)
        scores -= np.max(scores)
        correct = scores[y[i]]
        loss += -correct + np.log(np.sum(np.exp(scores)))
    loss /= num_train
    return loss


def svm_loss_naive(W, X, y, reg):
    loss = 0.0
    for i in range(X.shape[0]):
        scores = X[i].dot(W)
        correct_class_score = scores[y[i]]
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - correct_class_score + 1  # note delta = 1
            if margin > 0:
                loss += margin
    loss /= X.shape[0]
    loss += reg * np.sum(W * W)
    return loss


def svm_loss_vectorized(W, X, y):
    scores = X @ W
    correct = scores[range(len(y)), y].reshape(-1, 1)
    margins = np.maximum(0, scores - correct + 1)
    margins[np.arange(len(y)), y] = 0
    return np.sum(margins) / len(y)


def batchnorm_inplace(x, gamma, beta, eps=1e-5):
    x -= x.mean(axis=0)
    x /= np.sqrt((x**2).mean(axis=0) + eps)
    x *= gamma
    x += beta


def layer_norm_rows(x, g, b):
    out = np.empty_like(x)
    for i, row in enumerate(x):
        centred = row - row.mean()
        out[i] = g * centred / np.sqrt(np.mean(centred**2) + 1e-6) + b
    return out


def dropout_net(x, W1, W2, mask, p):
    h = relu(x @ W1)
    h *= mask
    h /= p
    return h @ W2


def soft_kmeans(
    X: Float[np.ndarray, "n d"], centers: Float[np.ndarray, "k d"], beta: float, n_iter: int
):
    for _ in range(n_iter):
        d2 = ((X[:, None, :] - centers[None, :, :]) ** 2).sum(-1)
        r = np.exp(-beta * d2)
        r /= r.sum(axis=1, keepdims=True)
        centers = (r.T @ X) / r.sum(axis=0)[:, None]
    return centers


def word2vec(center, context, negatives, U, V):
    """Skip-gram with negative sampling for one pair of word numbers."""

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    v = V[center]
    loss = -np.log(sigmoid(np.dot(U[context], v)))
    for k in negatives:
        loss -= np.log(sigmoid(-np.dot(U[k], v)))
    return loss


def embedding_bag(table, sentences):
    rows = []
    for words in sentences:
        if len(words) == 0:
            rows.append(np.zeros(table.shape[1]))
        else:
            rows.append(table[words].mean(axis=0))
    return np.vstack(rows)


def sgd_momentum(w, X, y, lr, momentum, epochs):
    """Train a linear model; the gradient goes through the training."""
    v = np.zeros_like(w)
    for _ in range(epochs):
        grad = 2 * X.T @ (X @ w - y) / len(y)
        v = momentum * v - lr * grad
        w = w + v
    return np.mean((X @ w - y) ** 2)


def adam(w, m, v, grads, lr=0.1, beta1=0.9, beta2=0.99, eps=1e-3):
    """Updates w, m and v for a sequence of gradients."""
    t = 0
    for g in grads:
        t += 1
        m[:] = beta1 * m + (1 - beta1) * g
        v[:] = beta2 * v + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        w -= lr * m_hat / (np.sqrt(v_hat) + eps)


def maml_inner(theta, tasks, alpha):
    total = 0.0
    for X, y in tasks:
        g = X.T @ (X @ theta - y)
        adapted = theta - alpha * g
        total += np.sum((X @ adapted - y) ** 2)
    return total / len(tasks)


def contrastive(embeddings, labels, margin=1.0):
    loss, pairs = 0.0, 0
    n = len(labels)
    for i in range(n):
        for j in range(i + 1, n):
            dist = np.sqrt(np.sum((embeddings[i] - embeddings[j]) ** 2))
            if labels[i] == labels[j]:
                loss += dist**2
            elif dist < margin:
                loss += (margin - dist) ** 2
            pairs += 1
    return loss / pairs


def decision_boundary(x, weights, thresholds):
    """A soft tree: each level moves left or right with a probability."""
    probabilities = [1.0]
    for w, t in zip(weights, thresholds):
        right = 1 / (1 + np.exp(-(x @ w - t)))
        probabilities = [q for p in probabilities for q in (p * (1 - right), p * right)]
    return np.array(probabilities)


def matrix_factorization(R, P, Q, mask, lam):
    err = 0.0
    for u in range(R.shape[0]):
        for i in range(R.shape[1]):
            if not mask[u, i]:
                continue
            e = R[u, i] - P[u] @ Q[i]
            err += e**2 + lam * (P[u] @ P[u] + Q[i] @ Q[i])
    return err


def autoencoder(x, Ws, tied=True):
    activations = [x]
    for W in Ws:
        activations.append(np.tanh(activations[-1] @ W))
    code = activations[-1]
    y = code
    if tied:
        for W in reversed(Ws):
            y = np.tanh(y @ W.T)
    return ((y - x) ** 2).sum() + 0.01 * np.abs(code).sum()
