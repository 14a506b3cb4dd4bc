"""Linked lists of nested tuples, lists and dicts, as people write them."""

import numpy as np


def first_two(xs):
    h = None
    for v in xs:
        h = (v, h)
    v, h = h
    w, h = h
    return v * w


def run_along(xs):
    h = None
    for v in xs:
        h = (v * v, h)
    s = 0.0
    while h is not None:
        s = s + h[0]
        h = h[1]
    return s


def begun_empty(xs):
    h = ()
    for v in xs:
        h = (v, h)
    return h[0] * h[1][0]


def nested_lists(xs):
    h = []
    for v in xs:
        h = [v, h]
    return h[0] * h[1][0]


def nested_dicts(xs):
    h = None
    for v in xs:
        h = {"v": v, "n": h}
    return h["v"] * h["n"]["v"]


def by_another_name(xs):
    h = None
    for v in xs:
        old = h
        h = (v, old)
    s = 0.0
    while h:
        v, h = h
        s += v**3
    return s


def arrays_in_it(xs):
    h = None
    for v in xs:
        h = (np.array([v, v * v]), h)
    s = 0.0
    while h is not None:
        s = s + np.sum(h[0] ** 2)
        h = h[1]
    return s


def run_along_twice(xs):
    h = None
    for v in xs:
        h = (v, h)
    a = 0.0
    g = h
    while g is not None:
        a = a + g[0] ** 2
        g = g[1]
    while h is not None:
        a = a * h[0]
        h = h[1]
    return a


def two_lists(xs):
    a, b = (0.0, None), (1.0, None)
    for v in xs:
        a, b = (v, b), (v * 2, a)
    return a[0] * a[1][0] * b[1][1][0]


def squares(h):
    return 0.0 if h is None else h[0] ** 2 + squares(h[1])


def by_recursion(xs):
    h = None
    for v in xs:
        h = (v, h)
    return squares(h)


def in_a_branch(xs):
    h = None
    for v in xs:
        if v > 1.5:
            h = (v, h)
    return h[0] * h[1][0]


def read_and_held(xs):
    h = (0.0, None)
    for v in xs:
        h = (h[0] + v, h)
    return h[0] * h[1][0]


def chosen(xs):
    h = None
    for v in xs:
        h = (v * v, h) if v > 1.5 else h
    return h[0] * h[1][0]


def held_twice(xs):
    t = (xs[0], None, None)
    for v in xs:
        t = (v, t, t)
    return t[0] * t[1][0] * t[2][1][0]
