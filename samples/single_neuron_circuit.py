"""A circuit of gates, and the step that makes it output a little more.

The gradient of a circuit's output is a force on each input: pull along it and the output grows.
Compute it by backpropagation, take a small step in its direction, and look: no search, no luck.

- `circuit` is (x + y) * z, two gates and the chain rule;
- `neuron` is sigmoid(a * x + b * y + c), a single neuron that a nudge makes fire more strongly.

    srcdiff samples/single_neuron_circuit.py --in-place
"""

import math


def circuit(x: float, y: float, z: float):
    """Give (x + y) * z."""
    q = x + y  # add gate
    f = q * z  # multiply gate
    return f


# srcdiff: derived from circuit. Refresh with: srcdiff FILE --in-place
def circuit_backward(x: float, y: float, z: float, df=1.0):
    """Gradients of circuit with respect to x, y and z."""
    # forward pass
    q = x + y  # add gate

    # backward pass
    # backprop f = q * z
    dq = z * df
    dz = q * df
    # backprop q = x + y
    dx = dq
    dy = dq
    return dx, dy, dz


def neuron(a: float, b: float, c: float, x: float, y: float):
    """Give sigmoid(a * x + b * y + c)."""
    ax = a * x
    by = b * y
    axpby = ax + by
    axpbypc = axpby + c
    s = 1 / (1 + math.exp(-axpbypc))  # sigmoid gate
    return s


# srcdiff: derived from neuron. Refresh with: srcdiff FILE --in-place
def neuron_backward(a: float, b: float, c: float, x: float, y: float, ds=1.0):
    """Gradients of neuron with respect to a, b, c, x and y."""
    # forward pass
    ax = a * x
    by = b * y
    axpby = ax + by
    axpbypc = axpby + c
    s = 1 / (1 + math.exp(-axpbypc))  # sigmoid gate

    # backward pass
    # backprop s = 1 / (1 + math.exp(-axpbypc))
    daxpbypc = (1 - s) * s * ds
    # backprop axpbypc = axpby + c
    daxpby = daxpbypc
    dc = daxpbypc
    # backprop axpby = ax + by
    dax = daxpby
    dby = daxpby
    # backprop by = b * y
    db = y * dby
    dy = b * dby
    # backprop ax = a * x
    da = x * dax
    dx = a * dax
    return da, db, dc, dx, dy


if __name__ == "__main__":
    step_size = 0.01
    h = 1e-5

    x, y, z = -2.0, 5.0, -4.0
    dx, dy, dz = circuit_backward(x, y, z)
    print(f"circuit: f = {circuit(x, y, z):.4f}, gradients {dx}, {dy}, {dz}")
    x, y, z = x + step_size * dx, y + step_size * dy, z + step_size * dz
    print(f"after a step along them: f = {circuit(x, y, z):.4f}")

    inputs = [1.0, 2.0, -3.0, -1.0, 3.0]  # a, b, c, x, y
    gradients = neuron_backward(*inputs)
    print(f"neuron: s = {neuron(*inputs):.4f}")
    for i, name in enumerate("abcxy"):
        up, down = inputs.copy(), inputs.copy()
        up[i] += h
        down[i] -= h
        numeric = (neuron(*up) - neuron(*down)) / (2 * h)
        print(f"d{name} = {gradients[i]:.4f}, by central differences {numeric:.4f}")
    before = neuron(*inputs)
    for _ in range(5):
        gradients = neuron_backward(*inputs)
        inputs = [v + step_size * g for v, g in zip(inputs, gradients, strict=True)]
        print(f"after a step along them: s = {neuron(*inputs):.4f}")
    if neuron(*inputs) <= before:
        raise SystemExit("the steps didn't raise the output")
