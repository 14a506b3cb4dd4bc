"""Values that go from one variable to another: in loops, and in one assignment of several."""

import numpy as np


def two_behind(x, n):
    a = 0.0
    b = 0.0
    for _ in range(n):
        b = a
        a = x
    return x - b


def chebyshev_term(x, n):
    a, b = 1.0, 1.0
    for i in range(n):
        a, b = b, 2 * x * b - a
    return b


def clenshaw_sum(c, x):
    b1 = b2 = 0
    for k in range(len(c) - 1, 0, -1):
        b1, b2 = c[k] + 2 * x * b1 - b2, b1
    return c[0] + x * b1 - b2


def legendre_term(x, n):
    p2 = 1.0
    p1 = x
    for k in range(2, n):
        p = ((2 * k - 1) * x * p1 - (k - 1) * p2) / k
        p2 = p1
        p1 = p
    return p1


def adams_bashforth(y, n, h):
    f1 = 0.0
    f2 = 0.0
    for i in range(n):
        f = -y * y
        y = y + h * (23 * f - 16 * f1 + 5 * f2) / 12
        f2 = f1
        f1 = f
    return y


def nesterov_velocity(w, lr, n):
    v = 0
    for i in range(n):
        prev = v
        v = 0.9 * v - lr * (w * w)
        w = w - 0.9 * prev + 1.9 * v
    return w


def cell_and_state(x, W, n):
    c = 0.0
    h = 0.0
    for i in range(n):
        c = 0.5 * c + np.tanh(h)
        h = np.tanh(W @ x + c)
    return h


def power_series(x, k):
    term = 1.0
    total = 0.0
    for i in range(k):
        total += term
        term = term * x / (i + 1)
    return total


def one_entry_grows(x, n):
    a = b = np.zeros(1)
    for i in range(n):
        b = a
        a = a + x
    return a * b


def entries_passed_on(x, n):
    d = {"a": 0.0, "b": 0.0}
    for i in range(n):
        d["b"] = d["a"]
        d["a"] = 2 * x * d["a"] + x
    return d["a"] * d["b"]


def five_behind(x, n):
    a = b = c = d = e = 1.0
    for i in range(n):
        e = d
        d = c
        c = b
        b = a
        a = a * x
    return a * b * c * d * e


def carried_by_while(x, n):
    a = b = 0.5
    i = 0
    while i < n:
        b = a * b
        if i > 1:
            a = x * a
        i += 1
    return a - b


def carried_by_inner_loop(x, n):
    a = b = 0.5
    for i in range(n):
        for j in range(2):
            b = a + b
        a = a * x
    return a * b


def previous_by_a_test(x, n):
    y = x
    for i in range(n):
        if i > 0:
            y = y + prev * y
        prev = x * 0.5
    return y


def sums_that_keep_axes(x, n):
    for i in range(n):
        y = x * 1
        x = np.sum(x, keepdims=True)
        v = x * 2
        z = v * y
    return np.sum(z)


def two_largest(x):
    best = second = -1e9
    for v in x:
        if v > best:
            second = best
            best = v
        elif v > second:
            second = v
    return best * 2 + second


def carried_by_a_step(x, n):
    a = b = 0.0

    def step(p, q):
        return q, p * q + x

    for i in range(n):
        a, b = step(a, b)
    return a * b


def entries_that_grow(x, n):
    d = {}
    d["h"] = x
    d["c"] = 1.0
    for i in range(n):
        d["h"] = np.tanh(d["h"] * d["c"])
        d["c"] = d["c"] * x
    return d["h"] + d["c"]


def lists_that_take_turns(x, n):
    hs = []
    cs = [x]
    for i in range(n):
        hs.append(cs[-1] * x)
        cs.append(hs[-1] + x)
    return hs[-1] + cs[0] * cs[-1]


def old_array_under_the_name(x, y):
    z = x.copy()
    z[0], z = y, z * 2
    return z


def ends_by_moving_indices(z):
    i, j = 0, len(z) - 1
    z[i], z[j], i, j = z[j] * 2, z[i], i + 1, j - 1
    return z


def filled_by_a_counter(x):
    L = [0.0, 0.0, 0.0]
    k = 0
    for v in x:
        L[k], k = v * v, k + 1
    return L[0] * L[1]


def entry_by_a_key_that_changes(x, y):
    d = {"a": x}
    k = "a"
    d[k], k = y * x, "b"
    return d["a"] * 2


def chained_with_its_index(x, y):
    i = 0
    x[i] = i = 2
    return x * y


def index_moves_in_a_while(z):
    i = 0
    while i < 2:
        z[i], i = z[i] * z[-1], i + 1
    return z


def two_indices_meet(z):
    i, j = 0, len(z) - 1
    while i < j:
        z[i], z[j], i, j = z[j] * 2, z[i] * z[1], i + 1, j - 1
    return z


def one_value_two_names(x, y):
    c = b = x * y
    b = b + y
    c = b = b * x
    return b + c


def index_first(x, y):
    i = 2
    i, x[i] = 1, y
    return x * i


def nested_targets(x, y):
    z = np.ones(3)
    (z[0], a), z = (x[0], y), x * z
    return z * a


def two_arrays_at_once(x, y):
    a, b = x.copy(), x * 2
    a[0], b[1], a = b[0], a[1] * y, b
    return a * b


def written_then_swapped(x, y):
    a, b = x.copy(), x * 2
    a[0], a, b = y, b, a
    return a * b * b
