"""Layers and gates as classes: forward keeps what backward needs, backward leaves gradients.

Every object has the same two methods. `forward` computes and remembers; `backward` takes the
gradient of its output and returns that of its inputs. What an object owns, the W and b of a
`Linear`, gets its gradient left beside it: self.dW and self.db. Anything made of such objects is
one too: `Network` and `Circuit` call their parts forwards, and backwards in reverse order. Each
part serves once in a forward pass, because it remembers one call only.

    srcdiff samples/layers.py --in-place
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # shapes for the reader and for srcdiff; nothing at run time
    from jaxtyping import Float


class Linear:
    """W x + b, for the columns of x."""

    W: Float[np.ndarray, "k d"]
    b: Float[np.ndarray, "k 1"]

    def __init__(self, input_dim: int, output_dim: int, rng):
        self.W = rng.standard_normal((output_dim, input_dim))
        self.b = rng.standard_normal((output_dim, 1))

    def forward(self, x: Float[np.ndarray, "d n"]):
        """Give the scores: x holds an example in each column."""
        output = np.dot(self.W, x) + self.b
        self.x = x
        return output

    # srcdiff: derived from Linear. Refresh with: srcdiff FILE --in-place
    def backward(self, doutput):
        """Gradients of forward with respect to x, self.W and self.b."""
        # backprop output = np.dot(self.W, x) + self.b
        self.dW = np.dot(doutput, self.x.T)
        dx = np.dot(self.W.T, doutput)
        self.db = doutput.sum(axis=1, keepdims=True)
        return dx


class Sigmoid:
    """1 / (1 + exp(-x)), entry by entry."""

    def forward(self, x: Float[np.ndarray, "d n"]):
        """Squash to between 0 and 1."""
        output = 1 / (1 + np.exp(-x))
        self.output = output
        return output

    # srcdiff: derived from Sigmoid. Refresh with: srcdiff FILE --in-place
    def backward(self, doutput):
        """Gradient of forward with respect to x."""
        # backprop output = 1 / (1 + np.exp(-x))
        dx = (1 - self.output) * self.output * doutput
        return dx


class MSE:
    """The mean squared distance to the labels."""

    labels: Float[np.ndarray, "k n"]

    def __init__(self, labels):
        self.labels = labels

    def forward(self, x: Float[np.ndarray, "k n"]):
        """Give the loss."""
        difference = x - self.labels
        output = np.mean(np.square(difference))
        self.difference = difference
        self.x = x
        return output

    # srcdiff: derived from MSE. Refresh with: srcdiff FILE --in-place
    def backward(self, doutput=1.0):
        """Gradients of forward with respect to x and self.labels."""
        # backprop output = np.mean(np.square(difference))
        ddifference = 2 * self.difference * (doutput / self.x.size)
        # backprop difference = x - self.labels
        dx = ddifference
        self.dlabels = -ddifference
        return dx


class Network:
    """Two layers and a loss."""

    def __init__(self, lin1, sig, lin2, mse):
        self.lin1, self.sig, self.lin2, self.mse = lin1, sig, lin2, mse

    def forward(self, x: Float[np.ndarray, "d n"]):
        """Give the loss for inputs x."""
        z = self.lin1.forward(x)
        a = self.sig.forward(z)
        yhat = self.lin2.forward(a)
        loss = self.mse.forward(yhat)
        return loss

    # srcdiff: derived from Network. Refresh with: srcdiff FILE --in-place
    def backward(self, dloss=1.0):
        """Gradient of forward with respect to x."""
        parts = [self.lin1, self.sig, self.lin2, self.mse]
        if len(set(map(id, parts))) < len(parts):
            raise RuntimeError("an object called twice keeps only its last call")
        # backprop loss = self.mse.forward(yhat)
        dyhat = self.mse.backward(dloss)
        # backprop yhat = self.lin2.forward(a)
        da = self.lin2.backward(dyhat)
        # backprop a = self.sig.forward(z)
        dz = self.sig.backward(da)
        # backprop z = self.lin1.forward(x)
        dx = self.lin1.backward(dz)
        return dx


class MultiplyGate:
    """x * y."""

    def forward(self, x: float, y: float):
        """Multiply."""
        z = x * y
        self.y = y
        self.x = x
        return z

    # srcdiff: derived from MultiplyGate. Refresh with: srcdiff FILE --in-place
    def backward(self, dz=1.0):
        """Gradients of forward with respect to x and y."""
        # backprop z = x * y
        dx = self.y * dz
        dy = self.x * dz
        return dx, dy


class AddGate:
    """x + y."""

    def forward(self, x: float, y: float):
        """Add."""
        z = x + y
        return z

    # srcdiff: derived from AddGate. Refresh with: srcdiff FILE --in-place
    def backward(self, dz=1.0):
        """Gradients of forward with respect to x and y."""
        # backprop z = x + y
        dx = dz
        dy = dz
        return dx, dy


class SigmoidGate:
    """1 / (1 + exp(-x))."""

    def forward(self, x: float):
        """Squash."""
        s = 1 / (1 + math.exp(-x))
        self.s = s
        return s

    # srcdiff: derived from SigmoidGate. Refresh with: srcdiff FILE --in-place
    def backward(self, ds=1.0):
        """Gradient of forward with respect to x."""
        # backprop s = 1 / (1 + math.exp(-x))
        dx = (1 - self.s) * self.s * ds
        return dx


class Circuit:
    """The single neuron sigmoid(a x + b y + c), built from gates."""

    def __init__(self):
        self.mulg0, self.mulg1 = MultiplyGate(), MultiplyGate()
        self.addg0, self.addg1 = AddGate(), AddGate()
        self.sg0 = SigmoidGate()

    def forward(self, x: float, y: float, a: float, b: float, c: float):
        """Send the inputs through the gates."""
        ax = self.mulg0.forward(a, x)
        by = self.mulg1.forward(b, y)
        axpby = self.addg0.forward(ax, by)
        axpbypc = self.addg1.forward(axpby, c)
        s = self.sg0.forward(axpbypc)
        return s

    # srcdiff: derived from Circuit. Refresh with: srcdiff FILE --in-place
    def backward(self, ds=1.0):
        """Gradients of forward with respect to x, y, a, b and c."""
        parts = [self.mulg0, self.mulg1, self.addg0, self.addg1, self.sg0]
        if len(set(map(id, parts))) < len(parts):
            raise RuntimeError("an object called twice keeps only its last call")
        # backprop s = self.sg0.forward(axpbypc)
        daxpbypc = self.sg0.backward(ds)
        # backprop axpbypc = self.addg1.forward(axpby, c)
        daxpby, dc = self.addg1.backward(daxpbypc)
        # backprop axpby = self.addg0.forward(ax, by)
        dax, dby = self.addg0.backward(daxpby)
        # backprop by = self.mulg1.forward(b, y)
        db, dy = self.mulg1.backward(dby)
        # backprop ax = self.mulg0.forward(a, x)
        da, dx = self.mulg0.backward(dax)
        return dx, dy, da, db, dc


if __name__ == "__main__":
    h = 1e-5

    circuit = Circuit()
    values = {"x": -1.0, "y": 3.0, "a": 1.0, "b": 2.0, "c": -3.0}
    print(f"circuit: s = {circuit.forward(**values):.4f}")
    for name, gradient in zip(values, circuit.backward(), strict=True):
        up = Circuit().forward(**{**values, name: values[name] + h})
        down = Circuit().forward(**{**values, name: values[name] - h})
        numeric = (up - down) / (2 * h)
        print(f"d{name} = {gradient:.4f}, by central differences {numeric:.4f}")

    rng = np.random.default_rng(0)
    X = rng.standard_normal((2, 20))  # twenty examples, one in each column
    Y = (X[:1] * X[1:] > 0).astype(float)  # are the two of the same sign?
    network = Network(Linear(2, 8, rng), Sigmoid(), Linear(8, 1, rng), MSE(Y))
    for step in range(2001):
        loss = network.forward(X)
        network.backward()
        if step % 500 == 0:
            print(f"step {step:4}: loss {loss:.4f}")
        for layer in (network.lin1, network.lin2):
            layer.W -= 0.2 * layer.dW
            layer.b -= 0.2 * layer.db
