"""Branches, loops and the ways out of them."""

import math

import numpy as np


def piecewise(x: float) -> float:
    if x < 0:
        y = -x
    elif x < 1:
        y = x**2
    elif x < 2:
        y = math.sqrt(x)
    else:
        y = 1 / x
    return y


def elementwise_branches(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        if x[i] > 1:
            out[i] = np.log(x[i])
        elif x[i] > 0:
            out[i] = x[i] ** 3
        else:
            out[i] = -0.5 * x[i]
    return out


def leaky(x, slope=0.1):
    if x > 0:
        return x
    return slope * x


def nested_ifs(a, b, flag):
    r = a * b
    if flag:
        r = r + a
        if a > b:
            r *= b
        else:
            b = b * 2
    elif b > 0:
        a, b = b, a
    return r * a - b


def only_on_some_paths(x, scale=None):
    if scale is not None:
        x = x * scale
    if np.sum(x) > 3:
        x = x / np.sqrt(np.sum(x))
    return x**2


def triangle_sum(A):
    total = 0.0
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            total += A[i, j] * A[j, i]
    return total


def every_other(x, start, stop, step):
    s = 1.0
    for i in range(start, stop, step):
        s = s * x[i] + x[i] ** 2
    return s


def skip_negatives(xs):
    total = 0.0
    product = 1.0
    for x in xs:
        if x < 0:
            continue
        total += x**2
        product *= x
    return total + product


def until_limit(xs, limit):
    total = 0.0
    for x in xs:
        if total + x > limit:
            break
        total += x * x
    return total * limit


def first_above(values, threshold):
    for i, v in enumerate(values):
        if v > threshold:
            return v * i
    return 0.0 * values[0]


def product_of_row_maxima(M):
    p = 1.0
    for row in M:
        best = row[0]
        for entry in row[1:]:
            if entry > best:
                best = entry
        p *= best
    return p


def search_pair(xs, target):
    """The product of the first two whose sum exceeds target, by a flag and two breaks."""
    found = False
    answer = 0.0
    for i in range(len(xs)):
        for j in range(i):
            if xs[i] + xs[j] > target:
                answer = xs[i] * xs[j]
                found = True
                break
        if found:
            break
    return answer


def search_pair_returning(xs, target):
    for i in range(len(xs)):
        for j in range(i):
            if xs[i] + xs[j] > target:
                return xs[i] * xs[j]
            if xs[j] < 0:
                break
    return sum(xs)


def loop_variable_afterwards(x):
    y = x[0]
    for i in range(1, len(x)):
        v = x[i] * y
        if v > 4:
            break
        y = y + v
    return y * x[i] + v


def while_else(x, n):
    k = 0
    while k < n:
        x = x * 1.5
        if x > 10:
            break
        k += 1
    else:
        x = -x
    return x


def halve_until_small(x):
    count = 0
    while abs(x) > 1:
        x = x / 2
        count += 1
    return x * count


def while_true_with_return(x, rate):
    while True:
        x = x + rate * x
        if x > 5:
            return x**2
        rate *= 1.1


def collatz_weights(n, w):
    total = 0.0
    while n != 1:
        if n % 2 == 0:
            n //= 2
            total += w[0]
        else:
            n = 3 * n + 1
            total += w[1] * total + w[2]
    return total


def checked(x, p):
    assert len(x) > 0, "x is empty"
    if np.any(x <= 0):
        raise ValueError("x must be positive")
    total = np.sum(x**p)
    return total ** (1 / p)


def quiet_log(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(x > 0, np.log(x), 0.0)
    return y * x


def power(x, n):
    if n == 0:
        return 1.0
    if n % 2:
        return x * power(x, n - 1)
    half = power(x, n // 2)
    return half * half


def fib(n, a, b):
    if n < 2:
        return a if n == 0 else b
    return fib(n - 1, a, b) * 0.5 + fib(n - 2, a, b)


def tree_sum(tree, x):
    total = 0.0
    for child in tree:
        total += tree_sum(child, x * 0.5) if isinstance(child, list) else child * x
    return total


def is_even_step(x, n):
    return x if n == 0 else is_odd_step(x * 2, n - 1)


def is_odd_step(x, n):
    return x if n == 0 else is_even_step(x + 1, n - 1)


def apply_twice(f, x):
    return f(f(x))


def functions_as_arguments(x, a):
    def shifted(z):
        return z * z + a

    return apply_twice(shifted, x) + apply_twice(lambda z: a * z, x)


def make_polynomial(c0, c1, c2):
    def p(x):
        return c0 + x * (c1 + x * c2)

    return p


def inner_closure(c, x):
    p = make_polynomial(*c)
    q = make_polynomial(c[2], p(x), 1.0)
    return q(p(x))


def accumulate_with_nonlocal(xs):
    total = 0.0

    def add(x):
        nonlocal total
        total += x**2

    for x in xs:
        add(x)
        add(total)
    return total


def table_of_functions(x, names):
    steps = {"square": lambda v: v * v, "sin": np.sin, "double": lambda v: 2 * v}
    for name in names:
        x = steps[name](x)
    return x


def pipeline(x, w):
    for f in (np.sin, np.tanh, lambda v: v * w):
        x = f(x) + x
    return x


def starred(x, *weights):
    for w in weights:
        x = x * w + 1
    return x


def keyword_only(x, *, repeats=2, scale=1.5):
    for _ in range(repeats):
        x = np.sin(scale * x)
    return x


def shadowed(dx, dt):
    """The user's own dx and dout."""
    dout = 0.0
    for i in range(3):
        dx_old = dx
        dx = dx * dt + i
        dout += dx * dx_old
    return dout


def ternary_chain(xs):
    s = 0.0
    for x in xs:
        s += x if x > 1 else (x * x if x > 0 else -x)
    return s


def walrus_newton(a):
    x = a
    while (error := x * x - a) > 1e-13 or error < -1e-13:
        x -= error / (2 * x)
    return x


def matched(kind, x):
    match kind:
        case "square":
            y = x * x
        case "cube":
            y = x**3
        case _:
            y = x
    return y


def starred_only(*xs):
    total = 0.0
    for i, x in enumerate(xs):
        total = total + i * x**2 + np.sum(x)
    return total


def starred_and_named(x, *rest, scale=1.0, **options):
    y = x * scale
    for r in rest:
        y = y * r
    return y * options["a"] + options["b"]


def starred_options_looped(x, **options):
    y = x
    for name, value in options.items():
        if name != "skipped":
            y = y * value
    return y


def starred_unpacked(*pair):
    a, b = pair
    return a * b
