"""Two hidden layers: the exercise that the course leaves open ("fill this section"), filled.

Each layer is the same two lines, and so is its backward pass: through the sigmoid with
(1 - L) * L, then through the matrix product, once to the weights and once to the layer below.
The product needs no thought about transposes: only one order has the right shapes.

Training minimises half the sum of the squared errors. The gradient of that with respect to the
errors is the errors themselves: they are what `two_hidden_backward` is given from above.

    srcdiff samples/two_hidden_layer_network.py --in-place --function two_hidden --wrt W0,W1,W2
"""

import numpy as np


def sigmoid(x):
    """Squash to between 0 and 1."""
    return 1 / (1 + np.exp(-x))


# srcdiff: derived from sigmoid. Refresh with: srcdiff FILE --in-place
def sigmoid_backward(x, dout=1.0):
    """Gradient of sigmoid with respect to x."""
    # forward pass
    out = 1 / (1 + np.exp(-x))

    # backward pass
    # backprop out = 1 / (1 + np.exp(-x))
    dx = (1 - out) * out * dout
    return dx


def two_hidden(X, Y, W0, W1, W2):
    """Give target minus prediction, for each example.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    Y : ndarray of shape (n, 1)
    W0 : ndarray of shape (d, h)
    W1 : ndarray of shape (h, k)
    W2 : ndarray of shape (k, 1)
    """
    L1_Input = np.dot(X, W0)  # unactivated input to the first hidden layer
    L1 = sigmoid(L1_Input)

    L2_Input = np.dot(L1, W1)
    L2 = sigmoid(L2_Input)

    Last_Input = np.dot(L2, W2)
    Pred = sigmoid(Last_Input)

    Error = Y - Pred
    return Error


# srcdiff: derived from two_hidden (--wrt W0,W1,W2). Refresh with: srcdiff FILE --in-place
def two_hidden_backward(X, Y, W0, W1, W2, dError=1.0):
    """Gradients of two_hidden with respect to W0, W1 and W2."""
    # forward pass
    L1_Input = np.dot(X, W0)  # unactivated input to the first hidden layer
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


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    h = 1e-5

    # exclusive or, which no network without a hidden layer can learn; the last input is the bias
    X = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    Y = np.array([[0.0], [1], [1], [0]])
    weights = [rng.standard_normal(shape) for shape in ((3, 4), (4, 4), (4, 1))]

    gradients = two_hidden_backward(X, Y, *weights)
    for k, gradient in enumerate(gradients):
        worst = 0.0
        for at in np.ndindex(gradient.shape):
            up, down = [W.copy() for W in weights], [W.copy() for W in weights]
            up[k][at] += h
            down[k][at] -= h
            rise = np.sum(two_hidden(X, Y, *up) - two_hidden(X, Y, *down))
            worst = max(worst, abs(gradient[at] - rise / (2 * h)))
        print(f"dW{k}: off central differences by {worst:.1e} at most")

    for step in range(4001):
        Error = two_hidden(X, Y, *weights)
        if step % 1000 == 0:
            print(f"step {step:4}: loss {0.5 * np.sum(Error**2):.4f}")
        gradients = two_hidden_backward(X, Y, *weights, Error)
        for W, dW in zip(weights, gradients, strict=True):
            W -= 2.0 * dW
    print("predictions:", (Y - two_hidden(X, Y, *weights)).ravel().round(2))
