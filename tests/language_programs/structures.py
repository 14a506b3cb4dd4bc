"""Functions that return lists, tuples and dicts, nested and of known or unknown length."""

import numpy as np


def hidden_and_loss(x, w):
    h = np.tanh(x * w)
    return {"h": h, "loss": np.sum(h**2)}


def product_and_sum(x, y):
    return [x * y, x + y]


def deep_structure(x, w):
    h = x * w
    return np.sum(h), {"w": w * 2, "deep": [h, (x, x + 1)]}


def dict_on_both_ways(x, y):
    if x > 0:
        return {"a": x * y, "b": y}
    return {"a": x + y, "b": x}


def scaled_items(xs, a):
    return [a * x for x in xs]


def list_changed_and_returned(xs, a):
    ys = [x * a for x in xs]
    ys[0] = ys[1] * ys[0]
    return ys


def list_of_pairs(A, b):
    rows = []
    for i in range(len(b)):
        rows.append([A[i] * b[i], b[i] ** 2])
    return rows


def list_in_dict(xs, a):
    ys = []
    for x in xs:
        a = a * x
        ys.append(a)
    return {"ys": ys, "last": a, "n": len(xs)}


def one_value_twice(x):
    y = x * 2
    return {"p": y, "q": y}


def last_and_all(x, n):
    hs = []
    for _ in range(n):
        x = np.tanh(x)
        hs.append(x)
    return x, hs


def trajectory(x, n):
    hs = [x]
    for _ in range(n):
        hs.append(hs[-1] * x)
    return hs


def nested_list_changed(x, y):
    rows = [[x, y], [y, x]]
    rows[0][1] = rows[1][0] * x
    rows[1][0] = rows[0][1] ** 2
    return rows


def argument_twice(x):
    return [x, x]


def keys_that_are_numbers(x, y):
    return {0: x * y, 1: y}


def parts_of(x, y):
    return {"product": x * y, "sum": x + y}


def uses_parts(x, y):
    parts = parts_of(x, y)
    return parts["product"] ** 2 + parts["sum"] * x


def pair_of_one(x):
    def doubled(y):
        return (y * 2,)

    (a,) = doubled(x)
    return a * x


def sum_of_unlike_entries(d):
    return np.sum(sum(d.values()))


def sum_of_unlike_items(xs):
    return np.sum(sum(xs) * sum(xs) + xs[0])


def product_of_leaves(t):
    if isinstance(t, tuple):
        left, right = t
        return product_of_leaves(left) * product_of_leaves(right)
    return t


def tree_by_call(t):
    return product_of_leaves(t)


def tree_by_two_calls(t):
    return product_of_leaves(t) * product_of_leaves(t)


def power_of_first(p, n):
    if n == 0:
        return p[0] * p[1]
    return power_of_first(p, n - 1) * p[0]


def pair_by_two_calls(p):
    return power_of_first(p, 2) * power_of_first(p, 1)


def pair_by_call_and_item(p):
    return power_of_first(p, 2) * p[0]


def entries_moved(p, x):
    for k in p:
        p[k] = p[k] - x
    return p


def entries_scaled_in_place(p, x):
    for k in p.keys():
        p[k] *= x
    return p


def reversed_and_folded(xs, y):
    xs.reverse()
    s = 0.0
    for x in xs:
        s = s * y + x
    return s


def reversed_and_scaled(xs, y):
    xs.reverse()
    return [x * y for x in xs]


def only_reversed(xs):
    xs.reverse()
    return xs


def items_moved_up(xs, y):
    xs[1:] = xs[:-1]
    xs[:1] = [y * y]
    s = 0.0
    for x in xs:
        s = s * y + x
    return s
