# Derived from arrays.py by srcdiff 0.1.0.

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


def zeros_like(x):
    """Zeros in the structure and shape of x, of a floating type."""
    if isinstance(x, dict):
        return {key: zeros_like(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [zeros_like(value) for value in x]
    if isinstance(x, np.ndarray):
        return np.zeros(x.shape, np.result_type(x, 1.0))[()]
    return None if x is None else 0.0


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


def matmul_backward(dz, x, w):
    """Gradients of x @ w with respect to x and w, for operands of any dimensions."""
    batch = np.broadcast_shapes(np.shape(x)[:-2], np.shape(w)[:-2])
    columns = np.shape(w)[-1:][: np.ndim(w) - 1]
    dz = unbroadcast(dz, np.empty(batch + np.shape(x)[-2:-1] + columns))
    if np.ndim(x) == 1 and np.ndim(w) == 1:
        dx = np.asarray(w) * dz
        dw = np.asarray(x) * dz
    elif np.ndim(x) == 2 and np.ndim(w) == 2:
        dx = dz @ np.transpose(w)
        dw = np.transpose(x) @ dz
    elif np.ndim(x) == 2 and np.ndim(w) == 1:
        dx = np.outer(dz, w)
        dw = np.transpose(x) @ dz
    elif np.ndim(x) == 1 and np.ndim(w) == 2:
        dx = w @ dz
        dw = np.outer(x, dz)
    elif np.ndim(w) == 1:
        dx = np.multiply.outer(dz, w)
        dw = np.tensordot(dz, x, axes=np.ndim(dz))
    elif np.ndim(x) == 1:
        dx = unbroadcast(np.sum(w * dz[..., None, :], axis=-1), x)
        dw = unbroadcast(x[:, None] * dz[..., None, :], w)
    else:
        dx = unbroadcast(dz @ np.swapaxes(w, -1, -2), x)
        dw = unbroadcast(np.swapaxes(x, -1, -2) @ dz, w)
    return dx, dw


def cat_backward(x, y, dout=1.0):
    """Gradients of cat with respect to x and y."""
    # forward pass
    z = np.concatenate([x, y * 2, x])

    # backward pass
    # backprop out = np.sum(z**3)
    dz = 3 * z**2 * dout
    # backprop z = np.concatenate([x, y * 2, x])
    dx = dz[: len(x)]
    dy = 2 * dz[len(x) : len(x) + len(y)]
    dx += dz[len(x) + len(y) :]
    return dx, dy


def stk_backward(x, y, dout=1.0):
    """Gradients of stk with respect to x and y."""
    # forward pass
    stack_2 = np.stack([x, y, x * y], axis=1)

    # backward pass
    # backprop out = np.sum(np.stack([x, y, x * y], axis=1) ** 2 * np.arange(3))
    dstack = unbroadcast(2 * stack_2 * np.arange(3) * dout, stack_2)
    dproduct = dstack[:, 2]
    dx = dstack[:, 0]
    dy = dstack[:, 1]
    dx = dx + unbroadcast(y * dproduct, x)
    dy += unbroadcast(x * dproduct, y)
    return dx, dy


def slic_backward(x, dout=1.0):
    """Gradient of slic with respect to x."""
    # forward pass
    out = x[:, 1:] * x[:, :-1] + x[0, 0]

    # backward pass
    dout = dout * np.ones_like(out)
    # backprop out = x[:, 1:] * x[:, :-1] + x[0, 0]
    dx = zeros_like(x)
    dx[:, 1:] = unbroadcast(x[:, :-1] * dout, x[:, 1:])
    dx[:, :-1] += unbroadcast(x[:, 1:] * dout, x[:, :-1])
    dx[0, 0] += unbroadcast(dout, x[0, 0])
    return dx


def newax_backward(x, y, dout=1.0):
    """Gradients of newax with respect to x and y."""
    # forward pass
    out = x[:, None] * y[None, :]

    # backward pass
    dout = dout * np.ones_like(out)
    # backprop out = x[:, None] * y[None, :]
    dx = zeros_like(x)
    dx[:, None] = unbroadcast(y[None, :] * dout, x[:, None])
    dy = zeros_like(y)
    dy[None, :] = unbroadcast(x[:, None] * dout, y[None, :])
    return dx, dy


def mean2_backward(x, dout=1.0):
    """Gradient of mean2 with respect to x."""
    # forward pass
    std_x = x.std(axis=-1)
    out = x.mean(axis=(0, 1)) + std_x.sum()

    # backward pass
    dout = dout * np.ones_like(out)
    # backprop out = x.mean(axis=(0, 1)) + x.std(axis=-1).sum()
    dx = np.broadcast_to(
        np.expand_dims(dout, (0, 1)) / (np.shape(x)[0] * np.shape(x)[1]), np.shape(x)
    )
    dx = dx + (x - np.mean(x, axis=-1, keepdims=True)) * np.expand_dims(
        np.sum(dout) / np.where(std_x == 0, 1, std_x) / np.shape(x)[-1], -1
    )
    return dx


def dist_backward(X, Y, dout=1.0):
    """Gradients of dist with respect to X and Y."""
    # forward pass
    difference = X[:, None, :] - Y[None, :, :]
    out = np.sqrt((difference**2).sum(axis=-1))

    # backward pass
    # backprop out = np.sqrt(((X[:, None, :] - Y[None, :, :]) ** 2).sum(axis=-1))
    ddifference = difference * np.expand_dims(dout / np.where(out == 0, 1, out), -1)
    dX = zeros_like(X)
    dX[:, None, :] = unbroadcast(ddifference, X[:, None, :])
    dY = zeros_like(Y)
    dY[None, :, :] = unbroadcast(-ddifference, Y[None, :, :])
    return dX, dY


def lse_backward(x, dout=1.0):
    """Gradient of lse with respect to x."""
    # forward pass
    m = np.max(x, axis=1)
    exp_2 = np.exp(x - m[:, None])
    total = np.sum(exp_2, axis=1)
    out = m + np.log(total)

    # backward pass
    dout = dout * np.ones_like(out)
    # backprop out = m + np.log(np.sum(np.exp(x - m[:, None]), axis=1))
    ddifference = exp_2 * np.expand_dims(unbroadcast(dout / total, total), 1)
    dm = unbroadcast(dout, m)
    dx = unbroadcast(ddifference, x)
    dm[:, None] += unbroadcast(-ddifference, m[:, None])
    # backprop m = np.max(x, axis=1)
    y = np.expand_dims(m, 1)
    largest = np.where(x == y, np.ones_like(y), 0)
    dx += largest * np.expand_dims(dm, 1) / np.sum(largest, axis=1, keepdims=True)
    return dx


def T_backward(A, b, dout=1.0):
    """Gradients of T with respect to A and b."""
    # forward pass
    y = A.T @ b
    out = np.dot(y, y) + A.T.sum()

    # backward pass
    dout = dout * np.ones_like(out)
    # backprop out = np.dot(y, y) + A.T.sum()
    dy, d_y = dot_backward(dout, y, y)
    dy += d_y
    dA = np.transpose(np.sum(dout) * np.ones_like(A.T))
    # backprop y = A.T @ b
    dtransposed, db = matmul_backward(dy, A.T, b)
    dA += np.transpose(dtransposed)
    return dA, db
