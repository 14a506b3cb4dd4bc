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


def two_ways_along(xs):
    h = (1.0, None)
    for v in xs:
        h = (v, h)
    t = h[1]
    h = (h[0] * 2, t)
    a = 0.0
    while h is not None:
        a = a + h[0] ** 2
        h = h[1]
    while t is not None:
        a = a + t[0] ** 3
        t = t[1]
    return a


def taken_apart(xs):
    h = None
    for v in xs:
        h = (v, h)
    w, g = h
    u, k = g
    m = (w * u, k)
    return m[0] * k[0] + m[1][1][0] * g[1][1][0] ** 2 + h[1][1][0]


def in_a_list(xs):
    heads = [None, None]
    for i, v in enumerate(xs):
        heads[i % 2] = (v, heads[i % 2])
    return heads[0][0] * heads[1][0] + heads[0][1][0] ** 2


def in_a_dict(xs):
    d = {"a": None, "b": None}
    for i, v in enumerate(xs):
        k = "a" if i % 2 else "b"
        d[k] = (v, d[k])
    return d["a"][0] * d["b"][0] + d["a"][1][0] ** 2


def all_heads(xs):
    h = None
    heads = []
    for v in xs:
        h = (v, h)
        heads.append(h)
    s = 0.0
    for g in heads:
        s += g[0] ** 2
        if g[1] is not None:
            s += g[1][0] ** 3
    return s


def squares_along(h):
    s = 0.0
    while h is not None:
        s += h[0] ** 2
        h = h[1]
    return s


def by_a_helper_twice(xs):
    h = None
    for v in xs:
        h = (v, h)
    return squares_along(h) * squares_along(h[1])


def turned_round(xs):
    h = None
    for v in xs:
        h = (v, h)
    r = None
    while h is not None:
        v, h = h
        r = (v, r)
    return r[0] * r[1][0] ** 2


def a_cell_changes(xs):
    h = None
    for v in xs:
        h = [v, h]
    h[0] = h[0] * h[1][0]
    return h[0] * h[1][0]


def product_of_a_given_list(h):
    s = 1.0
    g = h
    while g is not None:
        s *= g[0]
        g = g[1]
    return s * h[0] + h[1][0]


def pushed_onto_a_given_list(h, xs):
    for v in xs:
        h = (v * v, h)
    return h[0] * h[1][0] + h[1][1][0] ** 2


def a_given_list_changes(h):
    h[0] = h[0] ** 2
    h[1][0] = h[0] * h[1][0]
    return h[0] * h[1][0]
