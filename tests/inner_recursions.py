"""Functions inside functions that call themselves, as people write them."""

import numpy as np


def adaptive_simpson(a, b, w):
    def rec(lo, hi, flo, fm, fhi, eps):
        m = (lo + hi) / 2
        left_value, right_value = np.sin(w * (lo + m) / 2), np.sin(w * (m + hi) / 2)
        whole = (hi - lo) / 6 * (flo + 4 * fm + fhi)
        left = (m - lo) / 6 * (flo + 4 * left_value + fm)
        right = (hi - m) / 6 * (fm + 4 * right_value + fhi)
        if abs(left + right - whole) < eps:
            return left + right
        return rec(lo, m, flo, left_value, fm, eps / 2) + rec(m, hi, fm, right_value, fhi, eps / 2)

    return rec(a, b, np.sin(w * a), np.sin(w * (a + b) / 2), np.sin(w * b), 1e-4)


def helpers_are_seen(a, b, w):
    def g(x):
        return np.sin(w * x) / (1 + x)

    h = lambda x: g(x) * 2 + a  # noqa: E731  # as people write it

    def rec(lo, hi, n=3):
        if n == 0:
            return (h(lo) + h(hi)) / 2 * (hi - lo)
        m = (lo + hi) / 2
        return rec(lo, m, n - 1) + rec(m, hi, n=n - 1)

    return rec(a, b)


def library_functions_are_seen(x, a):
    f = np.sin

    def rec(lo, hi, n):
        if n == 0:
            return (f(lo * x) + f(hi * x)) / 2 * (hi - lo)
        m = (lo + hi) / 2
        return rec(lo, m, n - 1) + rec(m, hi, n - 1)

    return rec(0.0, a, 3)


def the_present_value_is_seen(x, w):
    def rec(v, n):
        return v if n == 0 else w * rec(v * v, n - 1)

    a = rec(x, 2)
    w = w * 2
    return a + rec(x, 1)


def several_results(x):
    def rec(v, n):
        if n == 0:
            return v, v * v
        a, b = rec(v * 2, n - 1)
        return a * b, a + b

    p, q = rec(x, 2)
    return p + q


def horner(c, x):
    def rec(i):
        if i == len(c):
            return 0.0
        return c[i] + x * rec(i + 1)

    return rec(0)
