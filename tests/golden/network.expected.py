# Derived from network.py by srcdiff 0.1.0.

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def two_hidden_backward(X, Y, W0, W1, W2, dError=1.0):
    """Gradients of two_hidden with respect to W0, W1 and W2."""
    # forward pass
    L1_Input = np.dot(X, W0)
    L1 = sigmoid(L1_Input)
    L2_Input = np.dot(L1, W1)
    L2 = sigmoid(L2_Input)
    Last_Input = np.dot(L2, W2)
    Pred = sigmoid(Last_Input)

    # backward pass
    dError = dError * np.ones_like(Y)
    # backprop Error = Y - Pred
    dPred = -dError
    # backprop Pred = sigmoid(Last_Input)
    dLast_Input = (1 - Pred) * Pred * dPred
    # backprop Last_Input = np.dot(L2, W2)
    dL2 = np.dot(dLast_Input, W2.T)
    dW2 = np.dot(L2.T, dLast_Input)
    # backprop L2 = sigmoid(L2_Input)
    dL2_Input = (1 - L2) * L2 * dL2
    # backprop L2_Input = np.dot(L1, W1)
    dL1 = np.dot(dL2_Input, W1.T)
    dW1 = np.dot(L1.T, dL2_Input)
    # backprop L1 = sigmoid(L1_Input)
    dL1_Input = (1 - L1) * L1 * dL1
    # backprop L1_Input = np.dot(X, W0)
    dW0 = np.dot(X.T, dL1_Input)
    return dW0, dW1, dW2


def softmax_loss_backward(W, b, X, y, reg: float = 1e-3, dloss=1.0):
    """Gradients of softmax_loss with respect to W and b."""
    # forward pass
    scores = X @ W + b
    scores -= scores.max(axis=1, keepdims=True)
    exp_scores = np.exp(scores)
    probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
    n = X.shape[0]

    # backward pass
    # backprop loss = data_loss + reg * np.sum(W * W)
    ddata_loss = dloss
    dW = 2 * W * (reg * dloss)
    # backprop data_loss = -np.log(probs[np.arange(n), y]).sum() / n
    dprobs = np.zeros_like(probs)
    dprobs[np.arange(n), y] = -ddata_loss / n / probs[np.arange(n), y]
    # backprop probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
    # backprop exp_scores = np.exp(scores)
    # backprop scores -= scores.max(axis=1, keepdims=True)
    dscores = probs * (dprobs - (dprobs * probs).sum(axis=1, keepdims=True))
    # backprop scores = X @ W + b
    dW += X.T @ dscores
    db = dscores.sum(axis=0)
    return dW, db
