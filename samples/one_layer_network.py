"""A network of one layer, no hidden ones: pred = sigmoid(X W), trained by gradient descent.

- `prediction_error` is the layer alone. Its output is an array, one error for each example, and
  so is the gradient that arrives from above; left out, it is one everywhere.
- `loss` brings the errors down to one number, which is what descent needs.

    srcdiff samples/one_layer_network.py --in-place --function prediction_error --wrt W0
    srcdiff samples/one_layer_network.py --in-place --function loss --wrt W,b
"""

import numpy as np


def prediction_error(X, Y, W0):
    """Give target minus prediction, for each example.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    Y : ndarray of shape (n, 1)
    W0 : ndarray of shape (d, 1)
    """
    Linear = np.dot(X, W0)  # linear operation
    NonLinear = 1 / (1 + np.exp(-Linear))  # sigmoid activation
    Error = Y - NonLinear  # error with respect to the target
    return Error


# srcdiff: derived from prediction_error (--wrt W0). Refresh with: srcdiff FILE --in-place
def prediction_error_backward(X, Y, W0, dError=1.0):
    """Gradient of prediction_error with respect to W0."""
    # forward pass
    Linear = np.dot(X, W0)  # linear operation
    NonLinear = 1 / (1 + np.exp(-Linear))  # sigmoid activation

    # backward pass
    dError = dError * np.ones_like(Y)
    # backprop Error = Y - NonLinear
    dNonLinear = -dError
    # backprop NonLinear = 1 / (1 + np.exp(-Linear))
    dLinear = (1 - NonLinear) * NonLinear * dNonLinear
    # backprop Linear = np.dot(X, W0)
    dW0 = np.dot(X.T, dLinear)
    return dW0


def loss(X, Y, W, b):
    """Give half the mean squared error of a layer with bias.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    Y : ndarray of shape (n, k)
    W : ndarray of shape (d, k)
    b : ndarray of shape (k,)
    """
    s = X.dot(W) + b  # scores, a row for each example
    pred = 1 / (1 + np.exp(-s))
    error = pred - Y
    loss = 0.5 * np.mean(error**2)
    return loss


# srcdiff: derived from loss (--wrt W,b). Refresh with: srcdiff FILE --in-place
def loss_backward(X, Y, W, b, dloss=1.0):
    """Gradients of loss with respect to W and b."""
    # forward pass
    s = X.dot(W) + b  # scores, a row for each example
    pred = 1 / (1 + np.exp(-s))
    error = pred - Y

    # backward pass
    # backprop loss = 0.5 * np.mean(error**2)
    derror = 2 * error * (0.5 * dloss / Y.size)
    # backprop error = pred - Y
    dpred = derror
    # backprop pred = 1 / (1 + np.exp(-s))
    ds = (1 - pred) * pred * dpred
    # backprop s = X.dot(W) + b
    dW = np.dot(X.T, ds)
    db = ds.sum(axis=0)
    return dW, db


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    h = 1e-5

    # the first column decides, the others are noise
    X = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    Y = np.array([[0.0], [0], [1], [1]])
    W0 = rng.random((3, 1))
    dW0 = prediction_error_backward(X, Y, W0)
    for i in range(3):
        up, down = W0.copy(), W0.copy()
        up[i] += h
        down[i] -= h
        rise = prediction_error(X, Y, up) - prediction_error(X, Y, down)
        numeric = np.sum(rise) / (2 * h)
        print(f"dW0[{i}] = {dW0[i, 0]:.6f}, by central differences {numeric:.6f}")

    W, b = rng.standard_normal((3, 1)), np.zeros(1)
    for step in range(501):
        if step % 100 == 0:
            print(f"step {step:3}: loss {loss(X, Y, W, b):.4f}")
        dW, db = loss_backward(X, Y, W, b)
        W -= 5.0 * dW
        b -= 5.0 * db
    print("predictions:", (1 / (1 + np.exp(-(X.dot(W) + b)))).ravel().round(2))
