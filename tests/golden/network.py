"""Arrays with known shapes: no helpers."""

import numpy as np
from jaxtyping import Float, Int
from srcdiff import derive_backward


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@derive_backward(wrt=("W0", "W1", "W2"))
def two_hidden(
    X: Float[np.ndarray, "n d"],
    Y: Float[np.ndarray, "n 1"],
    W0: Float[np.ndarray, "d h"],
    W1: Float[np.ndarray, "h k"],
    W2: Float[np.ndarray, "k 1"],
):
    L1_Input = np.dot(X, W0)
    L1 = sigmoid(L1_Input)
    L2_Input = np.dot(L1, W1)
    L2 = sigmoid(L2_Input)
    Last_Input = np.dot(L2, W2)
    Pred = sigmoid(Last_Input)
    Error = Y - Pred
    return Error


@derive_backward(wrt=("W", "b"))
def softmax_loss(
    W: Float[np.ndarray, "d c"],
    b: Float[np.ndarray, "c"],
    X: Float[np.ndarray, "n d"],
    y: Int[np.ndarray, "n"],
    reg: float = 1e-3,
):
    scores = X @ W + b
    scores -= scores.max(axis=1, keepdims=True)
    exp_scores = np.exp(scores)
    probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
    n = X.shape[0]
    data_loss = -np.log(probs[np.arange(n), y]).sum() / n
    loss = data_loss + reg * np.sum(W * W)
    return loss
