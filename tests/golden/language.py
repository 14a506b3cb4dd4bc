"""Assignments of every form, rebinding, several outputs, conditional expressions."""

import math

import numpy as np


def sq(x):
    return x * x


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


def upd(x, w):
    y = x * w
    y += w
    y *= y
    return y


def calls(x, y):
    return sq(x + y) * sq(sq(y))


def out2(x, y):
    a = x * y
    return a, np.sum(a) * y


def idx(w, x):
    return w[0] * x[0] + w[1] * x[-1] + w[2]


def fancy(x):
    return (x[[0, 1, 1, 2]] * np.array([1.0, 2.0, 3.0, 4.0])).sum()


def dd(dx, df):
    dout = dx * df
    x = dout + dx
    return x * dout
