# Derived from functions.py by srcdiff 0.1.0.

import math

import numpy as np


def zeros_like(x):
    """Zeros in the structure and shape of x, of a floating type."""
    if isinstance(x, dict):
        return {key: zeros_like(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [zeros_like(value) for value in x]
    if isinstance(x, np.ndarray):
        return np.zeros(x.shape, np.result_type(x, 1.0))[()]
    return None if x is None else 0.0


def staged_jvp(x, y, dx, dy):
    """The value of staged and its tangent along dx and dy."""
    sigy = 1.0 / (1 + math.exp(-y))  # sigmoid
    dsigy = (1 - sigy) * sigy * dy
    num = x + sigy
    dnum = dx + dsigy
    den = x**2 + y
    dden = 2 * x * dx + dy
    f = num / den
    df = dnum / den - f / den * dden
    return f, df


def loss_jvp(x: np.ndarray, w: np.ndarray, b, y, dx, dw, db, dy):
    """The value of loss and its tangent along dx, dw, db and dy."""
    s = x @ w + b
    ds = dx @ w + x @ dw + db
    p = 1 / (1 + np.exp(-s))  # prediction
    dp = (1 - p) * p * ds
    e = p - y
    de = dp - dy
    out = 0.5 * np.sum(e**2)
    dout = 0.5 * np.sum(2 * e * de)
    return out, dout


def heat_jvp(u, k, n, du, dk):
    """The value of heat and its tangent along du and dk."""
    u = u.copy()
    du = du.copy()
    for _ in range(n):
        total = u[2:] - 2 * u[1:-1] + u[:-2]
        du[1:-1] += total * dk + k * (du[2:] - 2 * du[1:-1] + du[:-2])
        u[1:-1] += k * total
    return u, du


def bent_jvp(x, y, dx, dy):
    """The value of bent and its tangent along dx and dy."""
    if x > 0:
        power = x**3
        z = power * y
        dz = y * 3 * x**2 * dx + power * dy
    else:
        z = 0.0
        dz = 0.0
    while z > 10:
        z = z / 2
        dz = dz / 2 + zeros_like(z)
    out = z * z
    dout = 2 * z * dz + zeros_like(out)
    return out, dout


def decay_jvp(x, n, dx):
    """The value of decay and its tangent along dx."""
    for _ in range(n):
        dx = 0.7 * np.cos(x) * dx
        x = 0.7 * math.sin(x)
    return x, +dx


def twice_jvp(x, y, dx, dy):
    """The values of twice and their tangents along dx and dy."""
    z, dz = decay_jvp(x, 2, dx=dx)
    out0 = z * y
    dout0 = y * dz + z * dy
    return (out0, z), (dout0, dz)
