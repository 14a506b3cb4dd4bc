"""Branches, loops and early ends, written as their users would write them."""

import math

import numpy as np


def relu_if(x: float, w: float):
    if x > 0:
        y = x * w
    elif x < -1:
        y = x * x * w
    else:
        y = w
    return y


def early(x: float, y: float):
    if x > y:
        return x * y
    z = x + y
    return z * z


def loop_ret(x: float, n: int):
    s = x
    for i in range(n):
        s = s * x + i
        if s > 50:
            return s * 2
    return s + 1


def horner(c, x):
    r = 0.0
    for a in reversed(c):
        r = r * x + a
    return r


def sumsq(x):
    return sum(xi**2 for xi in x)


def comp(x):
    ys = [math.sin(v) * v for v in x]
    return np.sum(np.array(ys) ** 2)


def fib(a: float, b: float, n: int):
    for _ in range(n):
        a, b = b, a * b + a
    return b


def prefix(x):
    n = len(x)
    y = np.zeros(n)
    y[0] = x[0]
    for i in range(1, n):
        y[i] = y[i - 1] * 0.5 + x[i] ** 2
    return y


def jacobi(A, B):
    for _ in range(3):
        B[1:-1] = 0.33 * (A[:-2] + A[1:-1] + A[2:])
        A[1:-1] = 0.33 * (B[:-2] + B[1:-1] * B[1:-1] + B[2:])


def brk(x, tol):
    s = 0.0
    for v in x:
        if v < tol:
            break
        if v > 3:
            continue
        s += v * v
    return s


def nested(A, x):
    n, m = A.shape
    y = np.zeros(n)
    for i in range(n):
        t = 0.0
        for j in range(m):
            t += A[i, j] * x[j]
        y[i] = t * t
    return y


def append(x, n):
    out = []
    h = x
    for i in range(n):
        h = h * x
        out.append(h)
    return out[0] + out[-1] * 2


def while_sqrt(a, tol=1e-12):
    x = a
    while abs(x * x - a) > tol:
        x = 0.5 * (x + a / x)
    return x


def gauss(A, b):
    A = A.copy()
    b = b.copy()
    n = len(b)
    for k in range(n):
        for i in range(k + 1, n):
            f = A[i, k] / A[k, k]
            for j in range(k, n):
                A[i, j] -= f * A[k, j]
            b[i] -= f * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        s = b[i]
        for j in range(i + 1, n):
            s -= A[i, j] * x[j]
        x[i] = s / A[i, i]
    return x


def zipdot(x, y):
    s = 0.0
    for a, b in zip(x, y):
        s += a * b
    return s


def enum(x):
    s = 0.0
    for i, a in enumerate(x):
        s = s + (i + 1) * a**2
    return s


def mask(x):
    y = x.copy()
    y[y > 0.5] *= 2
    return np.sum(y**2)


def rk4(y, k, dt, steps):
    for _ in range(steps):
        k1 = -k * y
        k2 = -k * (y + 0.5 * dt * k1)
        k3 = -k * (y + 0.5 * dt * k2)
        k4 = -k * (y + dt * k3)
        y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y


def momentum(w, g, lr, steps):
    m = np.zeros(3)
    for t in range(steps):
        grad = g * w
        m = 0.9 * m + grad
        w = w - lr * m
    return np.sum(w**2)


def forelse(x, t):
    for v in x:
        if v > t:
            r = v * v
            break
    else:
        r = t * 3
    return r


def rnn(xs, h, Wx, Wh):
    for x in xs:
        h = np.tanh(x @ Wx + h @ Wh)
    return h
