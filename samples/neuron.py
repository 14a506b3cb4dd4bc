"""A neuron: weigh the inputs, add the bias, squash the sum with a sigmoid.

The same neuron three times, as a course meets it:

- `neuron` on Python lists, the bias as the last weight: the gradient of a list is a list;
- `neuron_vector` on one-dimensional arrays, with the dot product that replaces the sum;
- `neuron_batch` on a batch of inputs, a row for each: the bias is added to every row, so that its
  gradient is the sum over the rows.

The sigmoid's gradient is (1 - f) * f, from the output that forward computed already. That and
one multiplication per wire is all that the backward pass needs.

    srcdiff samples/neuron.py --in-place
"""

import math

import numpy as np


def neuron(w: list[float], x: list[float]):
    """Fire for two inputs; w holds two weights and the bias."""
    dot = w[0] * x[0] + w[1] * x[1] + w[2]
    f = 1.0 / (1 + math.exp(-dot))  # sigmoid function
    return f


# srcdiff: derived from neuron. Refresh with: srcdiff FILE --in-place
def neuron_backward(w: list[float], x: list[float], df=1.0):
    """Gradients of neuron with respect to w and x."""
    # forward pass
    dot = w[0] * x[0] + w[1] * x[1] + w[2]
    f = 1.0 / (1 + math.exp(-dot))  # sigmoid function

    # backward pass
    # backprop f = 1.0 / (1 + math.exp(-dot))
    ddot = (1 - f) * f * df
    # backprop dot = w[0] * x[0] + w[1] * x[1] + w[2]
    dw = [0.0] * len(w)
    dw[0] = x[0] * ddot
    dx = [0.0] * len(x)
    dx[0] = w[0] * ddot
    dw[1] = x[1] * ddot
    dx[1] = w[1] * ddot
    dw[2] = ddot
    return dw, dx


def neuron_vector(w, x, b: float):
    """Fire for any number of inputs.

    Parameters
    ----------
    w : ndarray of shape (d,)
    x : ndarray of shape (d,)
    b : float
    """
    s = np.dot(x, w) + b
    f = 1.0 / (1 + np.exp(-s))
    return f


# srcdiff: derived from neuron_vector. Refresh with: srcdiff FILE --in-place
def neuron_vector_backward(w, x, b: float, df=1.0):
    """Gradients of neuron_vector with respect to w, x and b."""
    # forward pass
    s = np.dot(x, w) + b
    f = 1.0 / (1 + np.exp(-s))

    # backward pass
    # backprop f = 1.0 / (1 + np.exp(-s))
    ds = (1 - f) * f * df
    # backprop s = np.dot(x, w) + b
    dx = w * ds
    dw = x * ds
    db = ds
    return dw, dx, db


def neuron_batch(w, x, b: float):
    """Fire for each row of a batch.

    Parameters
    ----------
    w : ndarray of shape (d, 1)
    x : ndarray of shape (n, d)
    b : float
    """
    s = np.dot(x, w) + b
    f = 1.0 / (1 + np.exp(-s))
    return f


# srcdiff: derived from neuron_batch. Refresh with: srcdiff FILE --in-place
def neuron_batch_backward(w, x, b: float, df=1.0):
    """Gradients of neuron_batch with respect to w, x and b."""
    # forward pass
    s = np.dot(x, w) + b
    f = 1.0 / (1 + np.exp(-s))

    # backward pass
    # backprop f = 1.0 / (1 + np.exp(-s))
    ds = (1 - f) * f * df
    # backprop s = np.dot(x, w) + b
    dx = np.dot(ds, w.T)
    dw = np.dot(x.T, ds)
    db = ds.sum()
    return dw, dx, db


if __name__ == "__main__":
    w, x = [2.0, -3.0, -3.0], [-1.0, -2.0]  # assume some random weights and data
    dw, dx = neuron_backward(w, x)
    print(f"f  = {neuron(w, x):.4f}")
    print("dx =", [round(g, 4) for g in dx])
    print("dw =", [round(g, 4) for g in dw])

    h = 1e-5
    for i in range(len(w)):
        up, down = w.copy(), w.copy()
        up[i] += h
        down[i] -= h
        numeric = (neuron(up, x) - neuron(down, x)) / (2 * h)
        print(f"dw[{i}] by central differences: {numeric:.4f}")

    dw, dx, db = neuron_vector_backward(np.array(w[:2]), np.array(x), w[2])
    print("as vectors: dx =", dx.round(4), "dw =", dw.round(4), "db =", round(db, 4))

    batch = np.array([[-1.0, -2.0], [0.5, 1.5], [2.0, 0.0]])
    dw, dx, db = neuron_batch_backward(np.array([[2.0], [-3.0]]), batch, -3.0)
    print("as a batch: dw =", dw.ravel().round(4), "db =", round(db, 4))
