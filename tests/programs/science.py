"""Solvers, simulations, networks and recurrences, written as their users would write them."""

import math

import numpy as np


def heat2d(u, alpha, steps):
    for _ in range(steps):
        un = u.copy()
        u[1:-1, 1:-1] = un[1:-1, 1:-1] + alpha * (
            un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2] - 4 * un[1:-1, 1:-1]
        )
    return u


def seidel(A, steps):
    n = A.shape[0]
    for t in range(steps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                A[i, j] = (
                    A[i - 1, j] + A[i, j - 1] + A[i, j] ** 2 + A[i + 1, j] + A[i, j + 1]
                ) / 5.0


def cholesky(A):
    n = A.shape[0]
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = 0.0
            for k in range(j):
                s += L[i, k] * L[j, k]
            if i == j:
                L[i, j] = np.sqrt(A[i, i] - s)
            else:
                L[i, j] = (A[i, j] - s) / L[j, j]
    return L


def conjgrad(A, b):
    x = np.zeros_like(b)
    r = b - A @ x
    p = r
    rs = r @ r
    for _ in range(3):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x = x + alpha * p
        r = r - alpha * Ap
        rsnew = r @ r
        if rsnew < 1e-30:
            break
        p = r + rsnew / rs * p
        rs = rsnew
    return x


def power_iteration(A, v):
    for _ in range(20):
        w = A @ v
        v = w / np.sqrt(np.sum(w**2))
    return v @ A @ v


def thomas(a, b, c, d):
    n = len(d)
    cp = np.zeros(n)
    dp = np.zeros(n)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x = np.zeros(n)
    x[-1] = dp[-1]
    for i in reversed(range(n - 1)):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return x


def gram_schmidt(A):
    n = A.shape[1]
    Q = np.zeros_like(A)
    for j in range(n):
        v = A[:, j]
        for i in range(j):
            v = v - (Q[:, i] @ A[:, j]) * Q[:, i]
        Q[:, j] = v / np.sqrt(v @ v)
    return Q


def lotka(x, y, a, b, c, d, dt, n):
    for _ in range(n):
        dx = a * x - b * x * y
        dy = c * x * y - d * y
        x = x + dt * dx
        y = y + dt * dy
    return x, y


def nbody(pos, vel, mass, dt, steps):
    n = len(mass)
    for _ in range(steps):
        acc = np.zeros_like(pos)
        for i in range(n):
            for j in range(n):
                if i != j:
                    r = pos[j] - pos[i]
                    d = np.sqrt(np.sum(r**2) + 0.1)
                    acc[i] += mass[j] * r / d**3
        vel = vel + dt * acc
        pos = pos + dt * vel
    return pos


def lstm(x, h, c, W, b):
    H = len(h)
    for t in range(x.shape[0]):
        z = np.concatenate([x[t], h]) @ W + b
        i = 1 / (1 + np.exp(-z[:H]))
        f = 1 / (1 + np.exp(-z[H : 2 * H]))
        o = 1 / (1 + np.exp(-z[2 * H : 3 * H]))
        g = np.tanh(z[3 * H :])
        c = f * c + i * g
        h = o * np.tanh(c)
    return h


def softmax_ce(W, X, y):
    scores = X @ W
    scores = scores - np.max(scores, axis=1, keepdims=True)
    p = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
    n = X.shape[0]
    return -np.sum(np.log(p[np.arange(n), y])) / n


def svm_loop(W, X, y):
    loss = 0.0
    for i in range(X.shape[0]):
        s = X[i] @ W
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = s[j] - s[y[i]] + 1
            if margin > 0:
                loss += margin
    return loss / X.shape[0] + 0.1 * np.sum(W * W)


def conv1d(x, w):
    n = len(x) - len(w) + 1
    out = np.zeros(n)
    for i in range(n):
        out[i] = np.sum(x[i : i + len(w)] * w)
    return out


def conv2d(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] * k)
    return out


def maxpool(x):
    out = np.zeros((x.shape[0] // 2, x.shape[1] // 2))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.max(x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return out


def hmm(pi, A, B):
    alpha = pi * B[:, 0]
    for t in range(1, B.shape[1]):
        alpha = (alpha @ A) * B[:, t]
    return np.log(np.sum(alpha))


def softdtw(x, y, gamma):
    n, m = len(x), len(y)
    D = np.full((n + 1, m + 1), 1e4)
    D[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (x[i - 1] - y[j - 1]) ** 2
            s = (
                np.exp(-D[i - 1, j] / gamma)
                + np.exp(-D[i, j - 1] / gamma)
                + np.exp(-D[i - 1, j - 1] / gamma)
            )
            D[i, j] = cost - gamma * np.log(s)
    return D[n, m]


def binomial(S, K, u, p, n):
    values = np.zeros(n + 1)
    for i in range(n + 1):
        values[i] = max(S * u ** (2 * i - n) - K, 0.0)
    for step in range(n, 0, -1):
        for i in range(step):
            values[i] = p * values[i + 1] + (1 - p) * values[i]
    return values[0]


def kalman(zs, q, r):
    x = 0.0
    p = 1.0
    total = 0.0
    for z in zs:
        p = p + q
        k = p / (p + r)
        x = x + k * (z - x)
        p = (1 - k) * p
        total += (z - x) ** 2
    return total


def welford(xs):
    mean = 0.0
    m2 = 0.0
    for n, x in enumerate(xs, 1):
        delta = x - mean
        mean += delta / n
        m2 += delta * (x - mean)
    return m2 / len(xs)


def movavg(x, w):
    out = []
    for i in range(len(x) - w + 1):
        out.append(np.mean(x[i : i + w] ** 2))
    return np.array(out)


def poly(coeffs, x):
    return sum(c * x**i for i, c in enumerate(coeffs))


def geometric(a, r, tol):
    term = a
    total = 0.0
    while term > tol:
        total += term
        term *= r
    return total


def black_scholes(S, K, T, r, sigma, call: bool = True):
    d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
    d2 = d1 - sigma * math.sqrt(T)
    n1 = 0.5 * (1 + math.erf(d1 / math.sqrt(2)))
    n2 = 0.5 * (1 + math.erf(d2 / math.sqrt(2)))
    if call:
        return S * n1 - K * math.exp(-r * T) * n2
    return K * math.exp(-r * T) * (1 - n2) - S * (1 - n1)


def dropout(x, W, mask):
    h = x
    for k in range(2):
        h = np.maximum(h @ W, 0)
        h *= mask
    return np.sum(h)


def batch_gd(w, X, y, lr, epochs):
    for epoch in range(epochs):
        pred = X @ w
        grad = 2 * X.T @ (pred - y) / len(y)
        w = w - lr * grad
    return np.mean((X @ w - y) ** 2)


def helperloop(x, n):
    for _ in range(n):
        x = logistic(x)
    return x


def logistic(x):
    return 3.7 * x * (1 - x)


def smooth_step(t):
    t = np.clip(t, 0.0, 1.0)
    return t * t * (3 - 2 * t)


def helper2(x, n):
    s = 0.0
    for i in range(n):
        s = s + twolines(x, i)
    return s


def twolines(x, i):
    y = x * i
    z = y * y + x
    return z


def crossent(p, q):
    total = 0.0
    for a, b in zip(p, q):
        if a > 0:
            total -= a * math.log(b)
    return total


def triangle(A):
    n = A.shape[0]
    s = 0.0
    for i in range(n):
        for j in range(i, n):
            s += A[i, j] * A[j, i]
    return s


def rowloop(A, x):
    return np.array([np.dot(row, x) ** 2 for row in A])


def inplace_local(x):
    y = np.zeros(4)
    y[:2] = x[:2]
    y[2:] += x[0] * x[1]
    y *= 3
    y -= x[2]
    y /= x[3]
    y **= 2
    return y


def fillx(x):
    y = np.empty(3)
    y.fill(x)
    y[1] = x * x
    return y


def maskset(x):
    y = x * 2
    y[x < 0] = 0
    return np.sum(y**2)


def whereset(x, t):
    y = x.copy()
    idx = np.where(x > t)
    y[idx] = t
    return y


def matloop(A, n):
    P = np.eye(A.shape[0])
    for _ in range(n):
        P = P @ A
    return P


def nested_ifs(x, y):
    if x > 0:
        if y > 0:
            z = x * y
        else:
            z = x - y
    else:
        z = x + y
        if y > 1:
            z = z * z
    return z * x


def multi_ret(x):
    if x < 0:
        return 0.0, x
    y = x * x
    return y, y * x
