"""Lists, dicts, tuples, comprehensions, records."""

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


def sum_of_squares(x):
    return sum(x_i**2 for x_i in x)


def norm_by_comprehension(x):
    return np.sqrt(np.sum([xi * xi for xi in x]))


def filtered_comprehension(xs, lo):
    return sum([x * lo for x in xs if x > lo])


def nested_comprehension(A):
    return np.array([[A[i][j] * (i + j + 1) for j in range(len(A[0]))] for i in range(len(A))])


def dict_comprehension(weights):
    squares = {k: v**2 for k, v in weights.items()}
    return squares["a"] * squares["b"]


def dict_items(params, x):
    total = 0.0
    for name, value in params.items():
        if name == "bias":
            total += value
        else:
            total += value * x
    return total


def dict_written(x, y):
    cache = {"x": x, "y": y}
    cache["z"] = cache["x"] * cache["y"]
    cache["x"] = cache["z"] + 1
    cache["z"] *= 2
    return cache["x"] * cache["z"] + cache.get("missing", 0.0)


def grouped_sums(values, keys):
    groups = defaultdict(float)
    for k, v in zip(keys, values):
        groups[k] += v
    return sum(g**2 for g in groups.values())


def stack_machine(tokens, x, y):
    stack = []
    for token in tokens:
        if token == "x":
            stack.append(x)
        elif token == "y":
            stack.append(y)
        else:
            b = stack.pop()
            a = stack.pop()
            if token == "+":
                stack.append(a + b)
            elif token == "*":
                stack.append(a * b)
            else:
                stack.append(a - b)
    return stack[-1]


def list_methods(x, y):
    items = [x, x * y]
    items.append(y)
    items.extend([x + y, y**2])
    items.insert(1, x**2)
    last = items.pop()
    first = items.pop(0)
    items += [last * first]
    items[2] = items[2] * items[0]
    items.reverse()
    total = 0.0
    for i, v in enumerate(items, 1):
        total += i * v
    return total + len(items)


def list_of_lists(x):
    rows = [[0.0] * 3 for _ in range(2)]
    for i in range(2):
        for j in range(3):
            rows[i][j] = x[i] * (j + 1)
        rows[i][0] += rows[i][2] ** 2
    return rows[0][0] * rows[1][1] + sum(rows[1])


def shared_list(x):
    a = [x, 2 * x]
    b = a
    b[0] = b[1] * b[0]
    a.append(b[0])
    return sum(b)


def returns_list(x, n):
    values = []
    for i in range(n):
        x = x * x
        values.append(x * i)
    return values


def plain_list_in(x: list[float], scale: float):
    y = [v * scale for v in x]
    return max(y) - min(y) + sum(y) / len(y)


def zip_and_enumerate(xs, ys):
    s = 0.0
    for i, (x, y) in enumerate(zip(xs, ys)):
        s += (i + 1) * x * y**2
    return s


def zip_reversed(xs, ys):
    s = 1.0
    for x, y in zip(reversed(xs), ys[1:]):
        s = s * x + y
    return s


def pairs(points):
    total = 0.0
    for (x0, y0), (x1, y1) in zip(points[:-1], points[1:]):
        total += np.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2)
    return total


def running(xs):
    history = [xs[0]]
    for x in xs[1:]:
        history.append(0.5 * history[-1] + x)
    return np.array(history[::-1])


def unpacked(v):
    first, *middle, last = v
    return first * last + sum(m**2 for m in middle)


def map_and_lambda(xs, a):
    return sum(map(lambda x: a * x**2, xs))


def any_all(xs):
    if all(x > 0 for x in xs):
        return np.prod(xs)
    if any(x > 1 for x in xs):
        return np.sum(xs)
    return xs[0] * xs[-1]


def sorted_weights(xs, w):
    s = 0.0
    for rank, x in enumerate(sorted(xs)):
        s += w[rank] * x
    return s


def by_order(xs, w):
    order = np.argsort(xs)
    ranked = xs[order]
    total = 0.0
    for i in range(len(w)):
        total += ranked[i] * w[i]
    return total


class Layer(NamedTuple):
    W: np.ndarray
    b: np.ndarray


def named_tuples(layers: list[Layer], x):
    for layer in layers:
        x = np.tanh(x @ layer.W + layer.b)
    return x


@dataclass
class Camera:
    focal: float
    center: np.ndarray
    distortion: tuple[float, float]


def project(camera: Camera, points):
    uv = []
    for X, Y, Z in points:
        x, y = X / Z, Y / Z
        r2 = x * x + y * y
        k1, k2 = camera.distortion
        s = 1 + k1 * r2 + k2 * r2**2
        uv.append(camera.focal * s * np.array([x, y]) + camera.center)
    return np.stack(uv)


@dataclass
class State:
    x: float
    v: float


def dataclass_updated(state, k, n):
    for _ in range(n):
        v = state.v - 0.1 * k * state.x
        state = State(state.x + 0.1 * v, v)
    return state.x


def nested_params(net, x):
    for layer in net["layers"]:
        x = np.tanh(layer["W"] @ x + layer["b"])
    return x @ net["out"]["w"] * net["scale"]


def memoised(n, x):
    memo = {0: 1.0, 1: x}
    for k in range(2, n + 1):
        memo[k] = x * memo[k - 1] - 0.5 * memo[k - 2]
    return memo[n]


def returns_dict(x, w):
    h = np.tanh(x * w)
    out = {"h": h, "loss": np.sum(h**2)}
    return out["loss"] + out["h"][0]


def two_lists(xs):
    small, big = [], []
    for x in xs:
        (small if x < 1 else big).append(x)
    return sum(s**2 for s in small) * sum(big)


def numbers_replaced_by_arrays(x, w):
    acc = [0.0, 1.0]
    for i in range(4):
        acc[i % 2] = acc[i % 2] * 0.5 + x * w
    rows = [[0.0] * 2 for _ in range(2)]
    for i in range(2):
        for j in range(2):
            rows[i][j] += x * w * (i + j + 1)
    y = w * 1.0
    y += acc[0] * acc[1]
    return y * rows[0][1] + rows[1][1]


def arrays_and_numbers_appended(x, w):
    found = [x * w]
    found.append(0.5)
    for i in range(2):
        found.append(0.0)
        found[-1] += found[i] * w
    y = x * 1.0
    y += found[0] * found[1]
    y += found[2] * found[3]
    return y


def tree_by_a_stack(w, x):
    todo = [(0, x)]
    total = 0.0
    while todo:
        node, v = todo.pop()
        v = np.tanh(w[node] * v)
        total += v
        for child in (2 * node + 1, 2 * node + 2):
            if child < len(w):
                todo.append((child, v))
    return total


def stack_of_lists(x, n):
    stack = []
    for i in range(n):
        stack.append([x * i, x * x])
    s = 0.0
    while len(stack) > 1:
        top = stack.pop()
        s = s * 0.9 + top[0] * top[1] + stack[-1][0]
    return s


def clipped_by_their_norm(gs, limit):
    total = np.sqrt(sum(np.sum(g**2) for g in gs))
    if total > limit:
        gs = [g * limit / total for g in gs]
    return gs


def scaled_entries_or_all(d, k):
    if k > 1:
        d = {name: value * k for name, value in d.items()}
    return d
