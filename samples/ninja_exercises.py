"""Becoming a backprop ninja: one small exercise after another, from one gate to matrices.

Cover the derived functions, write the backward pass by hand, compare. In each, `x` is the output
and `dx` the gradient that arrives from above. What the gates do with it:

- add: hands it on to every input as it is;
- multiply: hands it on times the other input, a switched multiplier;
- max: hands all of it to the larger input and nothing to the other, a switch;
- a variable used twice: gets the sum of what arrives.

    srcdiff samples/ninja_exercises.py --in-place
"""

import math

import numpy as np


def sig(q: float):
    """Give the sigmoid of q."""
    return 1 / (1 + math.exp(-q))


# srcdiff: derived from sig. Refresh with: srcdiff FILE --in-place
def sig_backward(q: float, dout=1.0):
    """Gradient of sig with respect to q."""
    # forward pass
    out = 1 / (1 + math.exp(-q))

    # backward pass
    # backprop out = 1 / (1 + math.exp(-q))
    dq = (1 - out) * out * dout
    return dq


def multiplication_gate(a: float, b: float):
    """Exercise 1."""
    x = a * b
    return x


# srcdiff: derived from multiplication_gate. Refresh with: srcdiff FILE --in-place
def multiplication_gate_backward(a: float, b: float, dx=1.0):
    """Gradients of multiplication_gate with respect to a and b."""
    # backward pass
    # backprop x = a * b
    da = b * dx
    db = a * dx
    return da, db


def addition_gate(a: float, b: float):
    """Exercise 2."""
    x = a + b
    return x


# srcdiff: derived from addition_gate. Refresh with: srcdiff FILE --in-place
def addition_gate_backward(a: float, b: float, dx=1.0):
    """Gradients of addition_gate with respect to a and b."""
    # backward pass
    # backprop x = a + b
    da = dx
    db = dx
    return da, db


def two_additions(a: float, b: float, c: float):
    """Exercise 3: two gates of the same kind."""
    q = a + b
    x = q + c
    return x


# srcdiff: derived from two_additions. Refresh with: srcdiff FILE --in-place
def two_additions_backward(a: float, b: float, c: float, dx=1.0):
    """Gradients of two_additions with respect to a, b and c."""
    # backward pass
    # backprop x = q + c
    dq = dx
    dc = dx
    # backprop q = a + b
    da = dq
    db = dq
    return da, db, dc


def combining_gates(a: float, b: float, c: float):
    """Exercise 4: the gradient of a is b * dx, not db * dx."""
    x = a * b + c
    return x


# srcdiff: derived from combining_gates. Refresh with: srcdiff FILE --in-place
def combining_gates_backward(a: float, b: float, c: float, dx=1.0):
    """Gradients of combining_gates with respect to a, b and c."""
    # backward pass
    # backprop x = a * b + c
    da = b * dx
    db = a * dx
    dc = dx
    return da, db, dc


def neuron(a: float, b: float, c: float, x: float, y: float):
    """Exercise 5: the sigmoid is a gate like any other."""
    q = a * x + b * y + c
    f = sig(q)
    return f


# srcdiff: derived from neuron. Refresh with: srcdiff FILE --in-place
def neuron_backward(a: float, b: float, c: float, x: float, y: float, df=1.0):
    """Gradients of neuron with respect to a, b, c, x and y."""
    # forward pass
    q = a * x + b * y + c
    f = sig(q)

    # backward pass
    # backprop f = sig(q)
    dq = (1 - f) * f * df
    # backprop q = a * x + b * y + c
    da = x * dq
    dx = a * dq
    db = y * dq
    dy = b * dq
    dc = dq
    return da, db, dc, dx, dy


def square(a: float):
    """Exercise 6: both inputs of the multiplication are a, so its gradient is 2 * a."""
    x = a * a
    return x


# srcdiff: derived from square. Refresh with: srcdiff FILE --in-place
def square_backward(a: float, dx=1.0):
    """Gradient of square with respect to a."""
    # backward pass
    # backprop x = a * a
    da = 2 * a * dx
    return da


def sum_of_squares(a: float, b: float, c: float):
    """Exercise 7: the squared norm of a vector."""
    x = a * a + b * b + c * c
    return x


# srcdiff: derived from sum_of_squares. Refresh with: srcdiff FILE --in-place
def sum_of_squares_backward(a: float, b: float, c: float, dx=1.0):
    """Gradients of sum_of_squares with respect to a, b and c."""
    # backward pass
    # backprop x = a * a + b * b + c * c
    da = 2 * a * dx
    db = 2 * b * dx
    dc = 2 * c * dx
    return da, db, dc


def squared_product(a: float, b: float, c: float, d: float):
    """Exercise 8: ((a * b + c) * d)², in stages."""
    x1 = a * b + c
    x2 = x1 * d
    x = x2 * x2
    return x


# srcdiff: derived from squared_product. Refresh with: srcdiff FILE --in-place
def squared_product_backward(a: float, b: float, c: float, d: float, dx=1.0):
    """Gradients of squared_product with respect to a, b, c and d."""
    # forward pass
    x1 = a * b + c
    x2 = x1 * d

    # backward pass
    # backprop x = x2 * x2
    dx2 = 2 * x2 * dx
    # backprop x2 = x1 * d
    dx1 = d * dx2
    dd = x1 * dx2
    # backprop x1 = a * b + c
    da = b * dx1
    db = a * dx1
    dc = dx1
    return da, db, dc, dd


def division(a: float):
    """Exercise 9: don't forget to multiply by dx."""
    x = 1.0 / a
    return x


# srcdiff: derived from division. Refresh with: srcdiff FILE --in-place
def division_backward(a: float, dx=1.0):
    """Gradient of division with respect to a."""
    # forward pass
    x = 1.0 / a

    # backward pass
    # backprop x = 1.0 / a
    da = -(x**2) * dx
    return da


def quotient(a: float, b: float, c: float, d: float):
    """Exercise 10: (a + b) / (c + d), in stages."""
    x1 = a + b
    x2 = c + d
    x3 = 1.0 / x2
    x = x1 * x3
    return x


# srcdiff: derived from quotient. Refresh with: srcdiff FILE --in-place
def quotient_backward(a: float, b: float, c: float, d: float, dx=1.0):
    """Gradients of quotient with respect to a, b, c and d."""
    # forward pass
    x1 = a + b
    x2 = c + d
    x3 = 1.0 / x2

    # backward pass
    # backprop x = x1 * x3
    dx1 = x3 * dx
    dx3 = x1 * dx
    # backprop x3 = 1.0 / x2
    dx2 = -(x3**2) * dx3
    # backprop x2 = c + d
    dc = dx2
    dd = dx2
    # backprop x1 = a + b
    da = dx1
    db = dx1
    return da, db, dc, dd


def maximum(a: float, b: float):
    """Exercise 11: a switch."""
    x = max(a, b)
    return x


# srcdiff: derived from maximum. Refresh with: srcdiff FILE --in-place
def maximum_backward(a: float, b: float, dx=1.0):
    """Gradients of maximum with respect to a and b."""
    # backward pass
    # backprop x = max(a, b)
    da = dx if a >= b else 0.0
    db = dx if b > a else 0.0
    return da, db


def relu(a: float):
    """Exercise 12: the neuron that most networks use today."""
    x = max(a, 0)
    return x


# srcdiff: derived from relu. Refresh with: srcdiff FILE --in-place
def relu_backward(a: float, dx=1.0):
    """Gradient of relu with respect to a."""
    # backward pass
    # backprop x = max(a, 0)
    da = dx if a > 0 else 0.0
    return da


def weighted_circuit(wx: float, wy: float, wz: float, x: float, y: float, z: float):
    """Exercise 13: weights on the wires."""
    p = wx * x + wy * y
    q = wz * z
    f = p * q
    return f


# srcdiff: derived from weighted_circuit. Refresh with: srcdiff FILE --in-place
def weighted_circuit_backward(
    wx: float, wy: float, wz: float, x: float, y: float, z: float, df=1.0
):
    """Gradients of weighted_circuit with respect to wx, wy, wz, x, y and z."""
    # forward pass
    p = wx * x + wy * y
    q = wz * z

    # backward pass
    # backprop f = p * q
    dp = q * df
    dq = p * df
    # backprop q = wz * z
    dwz = z * dq
    dz = wz * dq
    # backprop p = wx * x + wy * y
    dwx = x * dp
    dx = wx * dp
    dwy = y * dp
    dy = wy * dp
    return dwx, dwy, dwz, dx, dy, dz


def matrix_product(X, W):
    """Exercise 14: let the shapes lead; dX must have X's, so it can only be dD.dot(W.T).

    Parameters
    ----------
    X : ndarray of shape (n, d)
    W : ndarray of shape (d, k)
    """
    D = X.dot(W)
    return D


# srcdiff: derived from matrix_product. Refresh with: srcdiff FILE --in-place
def matrix_product_backward(X, W, dD=1.0):
    """Gradients of matrix_product with respect to X and W."""
    # forward pass
    D = X.dot(W)

    # backward pass
    dD = dD * np.ones_like(D)
    # backprop D = X.dot(W)
    dX = np.dot(dD, W.T)
    dW = np.dot(X.T, dD)
    return dX, dW


def squared_length(W, x):
    """Exercise 15: the squared length of W x.

    Parameters
    ----------
    W : ndarray of shape (k, d)
    x : ndarray of shape (d, 1)
    """
    q = np.matmul(W, x)
    f = np.sum(q**2)
    return f


# srcdiff: derived from squared_length. Refresh with: srcdiff FILE --in-place
def squared_length_backward(W, x, df=1.0):
    """Gradients of squared_length with respect to W and x."""
    # forward pass
    q = np.matmul(W, x)

    # backward pass
    # backprop f = np.sum(q**2)
    dq = 2 * q * df
    # backprop q = np.matmul(W, x)
    dW = dq @ x.T
    dx = W.T @ dq
    return dW, dx


if __name__ == "__main__":
    exercises = [
        (sig, sig_backward, (0.5,)),
        (multiplication_gate, multiplication_gate_backward, (-2.0, 3.0)),
        (addition_gate, addition_gate_backward, (-2.0, 3.0)),
        (two_additions, two_additions_backward, (-2.0, 3.0, 5.0)),
        (combining_gates, combining_gates_backward, (-2.0, 3.0, 5.0)),
        (neuron, neuron_backward, (1.0, 2.0, -3.0, -1.0, 3.0)),
        (square, square_backward, (3.0,)),
        (sum_of_squares, sum_of_squares_backward, (1.0, -2.0, 3.0)),
        (squared_product, squared_product_backward, (1.0, -2.0, 3.0, 0.5)),
        (division, division_backward, (4.0,)),
        (quotient, quotient_backward, (1.0, 2.0, 3.0, 5.0)),
        (maximum, maximum_backward, (2.0, 3.0)),
        (relu, relu_backward, (1.5,)),
        (weighted_circuit, weighted_circuit_backward, (0.1, 0.2, 0.3, 5.0, 3.0, 2.0)),
    ]
    h = 1e-5
    for f, backward, args in exercises:
        gradients = backward(*args)
        if len(args) == 1:  # a single gradient comes bare
            gradients = (gradients,)
        numeric = []
        for i, value in enumerate(args):
            up = f(*args[:i], value + h, *args[i + 1 :])
            down = f(*args[:i], value - h, *args[i + 1 :])
            numeric.append((up - down) / (2 * h))
        print(f"{f.__name__:20}", *(f"{gradient:8.4f}" for gradient in gradients))
        print(f"{'  numeric':20}", *(f"{gradient:8.4f}" for gradient in numeric))

    # The lecture's numbers: dW = 2 q x.T and dx = W.T 2 q, with q = W x.
    W, x = np.array([[0.1, 0.5], [-0.3, 0.8]]), np.array([[0.2], [0.4]])
    dW, dx = squared_length_backward(W, x)
    print("squared_length", dW.tolist(), dx.ravel().tolist())
    dX, dW = matrix_product_backward(np.ones((3, 4)), np.ones((4, 5)), np.ones((3, 5)))
    print("matrix_product", dX.shape, dW.shape)
