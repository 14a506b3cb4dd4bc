"""Writes in place, views, containers and jumps, written as their users would write them."""

import math

import numpy as np


def view(a):
    a = a.copy()
    v = a[1:]
    v *= 2
    v[0] = v[1] * a[0]
    return np.sum(a**2)


def chain(x):
    a = b = np.zeros(3)
    a[0] = x[0]
    b[1] = x[1] * a[0]
    return np.sum(a**2)


def rows(A):
    A = A.copy()
    for row in A:
        row *= row[0]
    return A


def step(A, B):
    A[1:-1] = 0.5 * (B[:-2] * B[2:])
    B[0] = A[1]


def scale(x, a):
    x *= a


def swap(A):
    A = A.copy()
    A[0], A[1] = A[1] * 2, A[0] * 3
    return A


def fancy(x, i):
    y = np.zeros(4)
    np.add.at(y, i, x * x)
    return y


def fancyread(x, i):
    return np.sum(x[i] ** 2)


def diag(A, x):
    B = A.copy()
    np.fill_diagonal(B, x)
    return B @ x


def out(x):
    y = np.empty_like(x)
    np.multiply(x, x, out=y)
    np.sin(y, out=y)
    return y


def whilebreak(x):
    n = 0
    y = x
    while True:
        y = y * x
        n += 1
        if n >= 4 or y > 100:
            break
    return y


def listwrite(x):
    ys = [0.0] * 3
    for i in range(3):
        ys[i] = x * (i + 1)
    return ys[0] * ys[1] * ys[2]


def dp(x):
    n = len(x)
    best = np.zeros(n + 1)
    for i in range(n):
        best[i + 1] = max(best[i], best[i] + x[i])
    return best[n]


def cumul(x):
    y = x.copy()
    for i in range(1, len(y)):
        y[i] += y[i - 1] ** 2
    return y


def guard(x: float):
    if x < 0:
        raise ValueError("negative")
    assert x < 100, "too big"
    return math.sqrt(x)


def params(p, x):
    h = np.tanh(x @ p["W1"] + p["b1"])
    return h @ p["W2"]


def layers(x, Ws):
    for W in Ws:
        x = np.tanh(x @ W)
    return x


def mlp(x, layers):
    for W, b in layers:
        x = np.maximum(x @ W + b, 0.0)
    return x


def lastvar(x):
    for i in range(3):
        y = x * i
    return y * i


def neg(x):
    s = 0.0
    for i in range(len(x) - 1, -1, -2):
        s = s * 0.5 + x[i]
    return s


def cont(x):
    s = 0.0
    for i in range(len(x)):
        if i % 2 == 0:
            continue
        s += x[i] ** 2
    return s


def nestedbreak(A):
    total = 0.0
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            if A[i, j] > 0.9:
                break
            total += A[i, j] ** 2
        total *= 1.5
    return total


def early_in_loop(x):
    for i in range(len(x)):
        if x[i] > 0.8:
            return x[i] * i
    return np.sum(x)


def genmax(x):
    return np.mean([v * v for v in x if v > 0.3])


def dictitems(p):
    s = 0.0
    for k, v in p.items():
        s += np.sum(v**2)
    return s
