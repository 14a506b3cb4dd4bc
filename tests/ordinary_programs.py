"""Ordinary NumPy functions, written as their users would write them."""

import math
from math import exp as e_
from math import sqrt

import numpy as np


def layernorm(x, g, b):
    mu = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    xhat = (x - mu) / np.sqrt(var + 1e-5)
    return np.sum(np.sin(g * xhat + b))


def attention(q, k, v):
    s = q @ k.T / np.sqrt(q.shape[1])
    s = s - s.max(axis=1, keepdims=True)
    w = np.exp(s)
    w = w / w.sum(axis=1, keepdims=True)
    return (w @ v).sum()


def batchnorm(x, gamma, beta):
    mu = np.mean(x, axis=0)
    xc = x - mu
    v = np.mean(xc**2, axis=0)
    std = np.sqrt(v + 1e-5)
    xn = xc / std
    return gamma * xn + beta


def lse(x):
    m = np.max(x, axis=1)
    return m + np.log(np.sum(np.exp(x - m[:, None]), axis=1))


def cosine(a, b):
    return np.dot(a, b) / (np.sqrt(np.sum(a**2)) * np.sqrt(np.sum(b**2)))


def huber(x, y, d=1.0):
    r = x - y
    return np.sum(np.where(np.abs(r) < d, 0.5 * r**2, d * (np.abs(r) - 0.5 * d)))


def swap(x, y):
    x, y = y, x
    y = y * x
    x, y = y + 1, x * y
    return x * y


def chain(x):
    a = b = x * 2
    c = a * b
    return c + a


def cond(x, y):
    z = math.log(x) if x > 0 else y * 2
    return z * y


def safe(x):
    return np.where(x > 0, np.log(x), 0.0 * x)


def fancy(x):
    return (x[[0, 1, 1, 2]] * np.array([1.0, 2.0, 3.0, 4.0])).sum()


def cat(x, y):
    z = np.concatenate([x, y * 2, x])
    return np.sum(z**3)


def stk(x, y):
    return np.sum(np.stack([x, y, x * y], axis=1) ** 2 * np.arange(3))


def arr(a, b):
    v = np.array([a, b * a, 3.0])
    return np.sum(v**2)


def view(x):
    v = x[1:]
    w = v.T
    return np.sum(w * x[:-1])


def upd(x, w):
    y = x * w
    y += w
    y *= y
    return y


def sq(x):
    return x * x


def calls(x, y):
    return sq(x + y) * sq(sq(y))


def multi(x, y):
    a = x * y
    b = np.sin(a)
    return a * b


def calls2(x, y):
    return multi(x, multi(y, x)) + multi(y, 2.0)


def out2(x, y):
    a = x * y
    return a, np.sum(a) * y


def power(x, n):
    return x**n


def mm(A, B, c):
    return ((A @ B + c) ** 2).mean(axis=0).sum()


def T(A, b):
    y = A.T @ b
    return np.dot(y, y) + A.T.sum()


def neg(x):
    return -x / (1 - x)


def e1(x):
    return e_(-x) * sqrt(x)


def maxx(x):
    return np.max(x, axis=0).sum() * x.min()


def resh(x):
    return (x.reshape(-1) * np.arange(x.size)).sum() + x.ravel()[0]


def slic(x):
    return x[:, 1:] * x[:, :-1] + x[0, 0]


def idx(w, x):
    return w[0] * x[0] + w[1] * x[-1] + w[2]


def newax(x, y):
    return x[:, None] * y[None, :]


def softm(z):
    ez = np.exp(z - np.max(z))
    return ez / np.sum(ez)


def softm2(z):
    ez = np.exp(z)
    p = ez / ez.sum(axis=1, keepdims=True)
    return p * ez


def mean2(x):
    return x.mean(axis=(0, 1)) + x.std(axis=-1).sum()


def prodd(x):
    return np.prod(x, axis=1)


def clip(x):
    return np.clip(x, -0.5, 0.5).sum() + np.maximum(x, 0).sum() + np.abs(x).sum()


def relu2(x, W1, b1, W2):
    h = np.maximum(0, x @ W1 + b1)
    return h @ W2


def dd(dx, df):
    dout = dx * df
    x = dout + dx
    return x * dout


def same(x):
    return x


def twice(x):
    return x, x * 2


def const_pow(x):
    return 2.0**x + x**-2 + x**0.5 + x**3 + x**0 + x**1


def quad(x, A):
    return x @ A @ x


def outer(x, y):
    return np.outer(x, y) @ y


def tup(x):
    a, b, c = x
    return a * b + c * c


def nested(x):
    return np.sum((x - np.mean(x)) ** 2) / (len(x) - 1)


def dist(X, Y):
    return np.sqrt(((X[:, None, :] - Y[None, :, :]) ** 2).sum(axis=-1))
