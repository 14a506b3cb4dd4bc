"""Loops and functions that are left anywhere, values under tests, names that loops bind again."""

import math

import numpy as np


def else_that_returns(x, n):
    for _ in range(n):
        x = x * x
        if x > 3:
            break
    else:
        return -x
    return x


def while_else_that_may_return(x, n):
    while n > 0:
        n -= 1
        x = x * x
        if x > 3:
            break
    else:
        if x > 1:
            return 5 * x
    return x * x


def else_that_goes_on(A, t):
    s = 0.0
    for row in A:
        for v in row:
            s = s + v * v
            if s > t:
                break
        else:
            continue
        s = s * 3
    return s


def else_that_goes_on_and_a_return(A, t):
    s = 0.0
    for row in A:
        for v in row:
            s = s + v * v
            if s > t:
                break
        else:
            s = s * 2
            continue
        return s * 3
    return s


def else_that_breaks(x, n, m):
    for _ in range(m):
        for _ in range(n):
            x = x * 1.3
            if x > 3:
                break
        else:
            if x > 2:
                break
            x = x * x
        x = x - 0.1
    else:
        x = x * 2
    return x


def returns_in_loop_and_else(x, n):
    while n > 0:
        n -= 1
        if n == 2:
            continue
        x = x * x
        if x > 3:
            return x * 5
    else:
        if x > 1.4:
            return 5 * x
        elif x > 1.2:
            x = 3 * x * x
        else:
            return x
    return x * x


def returns_in_both_branches(x):
    if x > 0:
        if x > 1:
            return x * x
        y = 2 * x
    else:
        if x < -1:
            return -x
        y = 3 * x
    return y * x


def return_break_and_else(x, n):
    for _ in range(n):
        if x > 0:
            if x > 1:
                return x * x
            y = 2 * x
        else:
            if x < -1:
                break
            y = 3 * x
        x = x + y
    else:
        return x * 7
    return x * 3


def continue_in_both_branches(xs, y):
    for v in xs:
        if v > 0:
            if v > 1:
                continue
            y = y * v
        else:
            if v < -1:
                break
            y = y + v
        y = y * y
    return y


def break_of_two_loops(xs, t):
    for x in xs:
        y = x * t
        for _ in range(3):
            y = y * 1.1
            if y > 2:
                break
        else:
            continue
        break
    else:
        return t * t
    return y


def stops_writing(A):
    for i in range(len(A)):
        if A[i] > 1:
            return
        A[i] *= 2
    A[0] = A[0] * A[1]


def index_named_before(x, n):
    i = 5
    y = x * i
    for i in range(n):
        y = y + x * i
    return y * i


def index_of_two_loops(x, n):
    for k in range(n):
        x = x + math.sin(k * x)
    y = x * k
    for k in range(2):
        y = y * x
    return y + k


def exponent_named_again(x, p):
    y = x**p
    for p in range(3):
        y = y * x
    return y * p


def place_named_again(x, k):
    s = x[k] * 2
    for k, v in enumerate(x):
        s = s * v
        if s > 1:
            break
    return s * x[k]


def list_relu(xs, w):
    h = [max(x, 0.0) for x in xs]
    return h[0] * w[0] + h[1] * w[1]


def table_relu(M, w):
    h = [[max(v, 0.0) for v in row] for row in M]
    return h[0][0] * w[0] + h[1][0] * w[1] * h[1][1]


def appended_arrays_or_zeros(x, w):
    hs = []
    for i in range(3):
        z = x[i] * w
        hs.append(z if z.sum() > 0 else np.zeros_like(z))
    return hs[0] * hs[1] + hs[2]


def appended_products_or_zeros(x, w):
    parts = []
    for i in range(3):
        parts.append(x @ w if x[i] > 0 else 0.0)
    return parts[0] + 2 * parts[1] + 3 * parts[2]


def next_one_if_there_is_one(x, k):
    s = 0.0
    for i in range(len(x)):
        s += k * x[i] + (x[i] * x[i + 1] if i < len(x) - 1 else 0.0)
    return s


def next_row_if_there_is_one(x, u):
    s = np.zeros(2)
    for t in range(len(x)):
        s = s + (x[t + 1] @ u if t < len(x) - 1 else 0)
    return s


def roots_of_the_positive(xs):
    s = 0.0
    for v in xs:
        s += math.sqrt(v) * v if v > 0 else 0.0
    return s


def larger_neighbour(xs):
    s = 0.0
    n = len(xs)
    for i in range(n):
        s += max(xs[i + 1], xs[i]) if i < n - 1 else 0.0
    return s


def nested_tests(x, y):
    z = 0.0
    for i in range(2):
        z += x if x > 1 else (math.sqrt(y) * math.exp(y) if y > 0 else 1 / (x * y + i) ** 2)
    return z * z


def index_kept_past_no_round(x, a):
    i = 2
    n = 0
    while n < 2:
        n += 1
        h = [t * a for t in x]
    for i in range(0):
        a = a * 2
    return h[0] * i * a


def list_made_anew(x, a, n):
    for k in range(n):
        h = [t * a * k for t in x]
        a = a + h[0]
    return h[0] * h[1] * a


def returns_of_two_loops(x, y):
    for _ in range(3):
        x = x * y
        if x > 2:
            return x * 3
    x = x + y
    for _ in range(3):
        y = x * y
        if y > 2:
            return y * x
    return x * y


def returns_in_several_branches(a, b):
    if b > 0:
        b = b * a
    elif b < -1:
        return a * b
    a = a * b
    if a > 0.3:
        a *= 0.9
    elif a > 0:
        for _ in range(2):
            b = b * a
            if b < 0.01:
                return b * 3
    else:
        return b * 2
    for h in range(2):
        a = a + h * b
    return a * b
