# Derived from language.py by srcdiff 0.1.0.

import math

import numpy as np


def sq(x):
    return x * x


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


def structured(grad, like):
    """The gradient grad with lists and tuples where like has them."""
    if isinstance(like, dict):
        return {key: structured(grad[key], value) for key, value in like.items()}
    if isinstance(like, (list, tuple)):
        pairs = zip(grad, like, strict=True)
        parts = [structured(part, value) for part, value in pairs]
        return type(like)(*parts) if hasattr(like, "_fields") else type(like)(parts)
    return grad


def add_at(grad, index, value):
    """Add value to grad[index], once for each time that an element is named."""
    if isinstance(grad, np.ndarray):
        np.add.at(grad, index, value)
    elif isinstance(index, slice):
        for i, part in zip(range(len(grad))[index], value, strict=True):
            add_at(grad, i, part)
    elif isinstance(grad[index], (list, dict)) and value is not None:
        for key in value if isinstance(value, dict) else range(len(value)):
            add_at(grad[index], key, value[key])
    elif value is not None:
        grad[index] += value


def sq_backward(x, dout=1.0):
    """Gradient of sq with respect to x."""
    # backward pass
    # backprop out = x * x
    dx = 2 * x * dout
    return dx


def swap_backward(x, y, dout=1.0):
    """Gradients of swap with respect to x and y."""
    # forward pass
    x_2, y_2 = y, x
    y_3 = y_2 * x_2
    x_3, y_4 = y_3 + 1, x_2 * y_3

    # backward pass
    # backprop out = x * y
    dx_3 = y_4 * dout
    dy_4 = x_3 * dout
    # backprop x, y = y + 1, x * y
    dx_2 = unbroadcast(y_3 * dy_4, y)
    dy_3 = x_2 * dy_4
    dy_3 += dx_3
    # backprop y = y * x
    dy_2 = unbroadcast(x_2 * dy_3, x)
    dx_2 += unbroadcast(y_2 * dy_3, x_2)
    # backprop x, y = y, x
    dx = dy_2
    dy = dx_2
    return dx, dy


def chain_backward(x, dout=1.0):
    """Gradient of chain with respect to x."""
    # forward pass
    a = b = x * 2
    c = a * b
    out = c + a

    # backward pass
    dout = dout * np.ones_like(out)
    # backprop out = c + a
    dc = dout
    da = dout
    # backprop c = a * b
    da = da + b * dc
    db = a * dc
    # backprop a = b = x * 2
    da += db
    dx = 2 * da
    return dx


def cond_backward(x, y, dout=1.0):
    """Gradients of cond with respect to x and y."""
    # forward pass
    z = math.log(x) if x > 0 else y * 2
    out = z * y

    # backward pass
    dout = dout * np.ones_like(out)
    # backprop out = z * y
    dz = unbroadcast(y * dout, z)
    dy = unbroadcast(z * dout, y)
    # backprop z = math.log(x) if x > 0 else y * 2
    dx = np.sum(dz / x) if x > 0 else 0.0
    dy += 0.0 if x > 0 else unbroadcast(2 * dz, y)
    return dx, dy


def upd_backward(x, w, dy=1.0):
    """Gradients of upd with respect to x and w."""
    # forward pass
    y = x * w
    y += w

    # backward pass
    # backprop y *= y
    dy = 2 * y * dy
    # backprop y += w
    d_y = dy
    dw = unbroadcast(dy, w)
    # backprop y = x * w
    dx = unbroadcast(w * d_y, x)
    dw += unbroadcast(x * d_y, w)
    return dx, dw


def calls_backward(x, y, dout=1.0):
    """Gradients of calls with respect to x and y."""
    # forward pass
    total = x + y
    sq_y = sq(y)
    sq_2 = sq(total)
    sq_3 = sq(sq_y)
    out = sq_2 * sq_3

    # backward pass
    dout = dout * np.ones_like(out)
    # backprop out = sq(x + y) * sq(sq(y))
    dtotal = 2 * total * sq_3 * dout
    dsq_y = 2 * unbroadcast(sq_y * sq_2 * dout, y)
    dy = 2 * y * dsq_y
    dx = unbroadcast(dtotal, x)
    dy += unbroadcast(dtotal, y)
    return dx, dy


def out2_backward(x, y, da, dout1):
    """Gradients of out2 with respect to x and y."""
    # forward pass
    a = x * y
    a_total = np.sum(a)
    out1 = a_total * y

    # backward pass
    da = da * np.ones_like(a)
    dout1 = dout1 * np.ones_like(out1)
    # backprop return a, np.sum(a) * y
    da += np.sum(y * dout1)
    dy = a_total * dout1
    # backprop a = x * y
    dx = unbroadcast(y * da, x)
    dy += unbroadcast(x * da, y)
    return dx, dy


def idx_backward(w, x, dout=1.0):
    """Gradients of idx with respect to w and x."""
    # forward pass
    out = w[0] * x[0] + w[1] * x[-1] + w[2]

    # backward pass
    dout = dout * np.ones_like(out)
    # backprop out = w[0] * x[0] + w[1] * x[-1] + w[2]
    dw = zeros_like(w)
    dw[0] = unbroadcast(x[0] * dout, w[0])
    dx = zeros_like(x)
    dx[0] = unbroadcast(w[0] * dout, x[0])
    dw[1] = unbroadcast(x[-1] * dout, w[1])
    dx[-1] += unbroadcast(w[1] * dout, x[-1])
    dw[2] = unbroadcast(dout, w[2])
    return structured(dw, w), structured(dx, x)


def fancy_backward(x, dout=1.0):
    """Gradient of fancy with respect to x."""
    # forward pass
    values = np.array([1.0, 2.0, 3.0, 4.0])
    product = x[[0, 1, 1, 2]] * values

    # backward pass
    # backprop out = (x[[0, 1, 1, 2]] * np.array([1.0, 2.0, 3.0, 4.0])).sum()
    dx = zeros_like(x)
    add_at(
        dx,
        [0, 1, 1, 2],
        unbroadcast(values * (dout * np.ones_like(product)), x[[0, 1, 1, 2]]),
    )
    return structured(dx, x)


def dd_backward(dx, df, dout=1.0):
    """Gradients of dd with respect to dx and df."""
    # forward pass
    dout_2 = dx * df
    x = dout_2 + dx

    # backward pass
    # backprop out = x * dout
    d_x = dout_2 * dout
    ddout_2 = x * dout
    # backprop x = dout + dx
    ddout_2 += d_x
    ddx = unbroadcast(d_x, dx)
    # backprop dout = dx * df
    ddx += unbroadcast(df * ddout_2, dx)
    ddf = unbroadcast(dx * ddout_2, df)
    return ddx, ddf
