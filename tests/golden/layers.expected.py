# Derived from layers.py by srcdiff 0.1.0.

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


def layernorm_backward(x, g, b, dout=1.0):
    """Gradients of layernorm with respect to x, g and b."""
    # forward pass
    mu = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    den = np.sqrt(var + 1e-5)
    xhat = (x - mu) / den

    # backward pass
    # backprop out = np.sum(np.sin(g * xhat + b))
    dtotal = np.cos(g * xhat + b) * dout
    dg = unbroadcast(xhat * dtotal, g)
    dxhat = unbroadcast(g * dtotal, xhat)
    db = unbroadcast(dtotal, b)
    # backprop xhat = (x - mu) / np.sqrt(var + 1e-5)
    ddifference = dxhat / den
    dx = unbroadcast(ddifference, x)
    dmu = unbroadcast(-ddifference, mu)
    dvar = unbroadcast(-xhat / den * dxhat / (2 * den), den)
    # backprop var = x.var(axis=1, keepdims=True)
    dx += 2 * (x - np.mean(x, axis=1, keepdims=True)) * dvar / np.shape(x)[1]
    # backprop mu = x.mean(axis=1, keepdims=True)
    dx += dmu / np.shape(x)[1]
    return dx, dg, db


def attention_backward(q, k, v, dout=1.0):
    """Gradients of attention with respect to q, k and v."""
    # forward pass
    den = np.sqrt(q.shape[1])
    s = q @ k.T / den
    s = s - s.max(axis=1, keepdims=True)
    w = np.exp(s)
    w = w / w.sum(axis=1, keepdims=True)
    product = w @ v

    # backward pass
    # backprop out = (w @ v).sum()
    dw, dv = matmul_backward(dout * np.ones_like(product), w, v)
    # backprop w = w / w.sum(axis=1, keepdims=True)
    # backprop w = np.exp(s)
    # backprop s = s - s.max(axis=1, keepdims=True)
    ds = w * (dw - np.sum(dw * w, axis=1, keepdims=True))
    # backprop s = q @ k.T / np.sqrt(q.shape[1])
    dq, dtransposed = matmul_backward(ds / den, q, k.T)
    dk = np.transpose(dtransposed)
    return dq, dk, dv


def batchnorm_backward(x, gamma, beta, dout=1.0):
    """Gradients of batchnorm with respect to x, gamma and beta."""
    # forward pass
    mu = np.mean(x, axis=0)
    xc = x - mu
    v = np.mean(xc**2, axis=0)
    std = np.sqrt(v + 1e-5)
    xn = xc / std
    out = gamma * xn + beta

    # backward pass
    dout = dout * np.ones_like(out)
    # backprop out = gamma * xn + beta
    dgamma = unbroadcast(xn * dout, gamma)
    dxn = unbroadcast(gamma * dout, xn)
    dbeta = unbroadcast(dout, beta)
    # backprop xn = xc / std
    dxc = unbroadcast(dxn / std, xc)
    dstd = unbroadcast(-xn / std * dxn, std)
    # backprop std = np.sqrt(v + 1e-5)
    dv = dstd / (2 * std)
    # backprop v = np.mean(xc**2, axis=0)
    dxc += unbroadcast(2 * xc * np.expand_dims(dv, 0) / np.shape(xc)[0], xc)
    # backprop xc = x - mu
    dx = unbroadcast(dxc, x)
    dmu = unbroadcast(-dxc, mu)
    # backprop mu = np.mean(x, axis=0)
    dx += np.expand_dims(dmu, 0) / np.shape(x)[0]
    return dx, dgamma, dbeta


def softm_backward(z, dout=1.0):
    """Gradient of softm with respect to z."""
    # forward pass
    ez = np.exp(z - np.max(z))
    out = ez / np.sum(ez)

    # backward pass
    dout = dout * np.ones_like(out)
    # backprop out = ez / np.sum(ez)
    # backprop ez = np.exp(z - np.max(z))
    dz = out * (dout - np.sum(dout * out))
    return dz


def huber_backward(x, y, d=1.0, dout=1.0):
    """Gradients of huber with respect to x, y and d."""
    # forward pass
    r = x - y
    mask = np.abs(r) < d
    difference = np.abs(r) - 0.5 * d
    chosen = np.where(mask, 0.5 * r**2, d * difference)

    # backward pass
    # backprop out = np.sum(np.where(np.abs(r) < d, 0.5 * r**2, d * (np.abs(r) - 0.5 * d)))
    dchosen = dout * np.ones_like(chosen)
    ddifference = d * dchosen
    dr = unbroadcast(np.where(mask, r * dchosen, 0), r)
    dd = unbroadcast(np.where(mask, 0, difference * dchosen), d)
    dr += unbroadcast(np.where(mask, 0, np.sign(r) * ddifference), r)
    dd += unbroadcast(np.where(mask, 0, -0.5 * ddifference), d)
    # backprop r = x - y
    dx = unbroadcast(dr, x)
    dy = unbroadcast(-dr, y)
    return dx, dy, dd


def relu2_backward(x, W1, b1, W2, dout=1.0):
    """Gradients of relu2 with respect to x, W1, b1 and W2."""
    # forward pass
    total = x @ W1 + b1
    h = np.maximum(0, total)
    out = h @ W2

    # backward pass
    dout = dout * np.ones_like(out)
    # backprop out = h @ W2
    dh, dW2 = matmul_backward(dout, h, W2)
    # backprop h = np.maximum(0, x @ W1 + b1)
    dtotal = (total > 0) * dh
    dx, dW1 = matmul_backward(dtotal, x, W1)
    db1 = unbroadcast(dtotal, b1)
    return dx, dW1, db1, dW2
