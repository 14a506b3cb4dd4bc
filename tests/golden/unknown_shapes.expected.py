# Derived from unknown_shapes.py by srcdiff 0.1.0.

import numpy as np


def unbroadcast(grad, like):
    """Sum grad over the axes along which like was broadcast to grad's shape."""
    shape = np.shape(like)
    if np.shape(grad) == shape:
        return grad
    extra = np.ndim(grad) - len(shape)
    ones = tuple(i + extra for i, n in enumerate(shape) if n == 1)
    total = np.sum(grad, axis=tuple(range(extra)) + ones, keepdims=True)
    return total.reshape(shape)[()]


def dot_backward(dz, x, w):
    """Gradients of np.dot(x, w), for operands of any dimensions."""
    if np.ndim(x) == 0 or np.ndim(w) == 0:
        dx = unbroadcast(w * dz, x)
        dw = unbroadcast(x * dz, w)
    else:
        columns = np.shape(w)[:-2] + np.shape(w)[-1:][: np.ndim(w) - 1]
        dz = unbroadcast(dz, np.empty(np.shape(x)[:-1] + columns))
        if np.ndim(x) == 1 and np.ndim(w) == 1:
            dx = np.asarray(w) * dz
            dw = np.asarray(x) * dz
        elif np.ndim(x) == 2 and np.ndim(w) == 2:
            dx = np.dot(dz, np.transpose(w))
            dw = np.dot(np.transpose(x), dz)
        elif np.ndim(x) == 2 and np.ndim(w) == 1:
            dx = np.outer(dz, w)
            dw = np.dot(np.transpose(x), dz)
        elif np.ndim(x) == 1 and np.ndim(w) == 2:
            dx = np.dot(w, dz)
            dw = np.outer(x, dz)
        elif np.ndim(w) == 1:
            dx = np.multiply.outer(dz, w)
            dw = np.tensordot(dz, x, axes=np.ndim(dz))
        else:
            rows = range(np.ndim(x) - 1)
            others = np.delete(range(np.ndim(w)), -2)
            dx = np.tensordot(dz, w, axes=(range(np.ndim(x) - 1, np.ndim(dz)), others))
            dw = np.moveaxis(np.tensordot(x, dz, axes=(rows, rows)), 0, -2)
    return dx, dw


def neuron_backward(w, x, b, df=1.0):
    """Gradients of neuron with respect to w, x and b."""
    # forward pass
    s = np.dot(x, w) + b
    f = 1.0 / (1 + np.exp(-s))

    # backward pass
    # backprop f = 1.0 / (1 + np.exp(-s))
    ds = (1 - f) * f * df
    # backprop s = np.dot(x, w) + b
    dx, dw = dot_backward(ds, x, w)
    db = unbroadcast(ds, b)
    return dw, dx, db
