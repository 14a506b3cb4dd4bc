"""Programs with lists, queues, dicts and functions over them, as people write them.

Each is a function of numbers or arrays, differentiated by its first parameter; `POINTS` says where.
"""

import collections
import functools
import itertools
import operator
import statistics
from collections import OrderedDict, defaultdict, deque
from functools import reduce
from itertools import accumulate, chain, combinations, pairwise, product, zip_longest

import numpy as np

# Items that are put in, taken out and moved


def first_in_first_out(x):
    queue = [x[0], x[1], x[2]]
    total = 0.0
    while queue:
        value = queue.pop(0)
        total = total * value + np.sin(value)
        if len(queue) == 1 and total < 1.5:
            queue.append(2.0 + total * value)
    return total


def arrays_first_in_first_out(x):
    queue = [x, 2 * x, x * x]
    total = np.zeros_like(x)
    while queue:
        value = queue.pop(0)
        total = total * value + value
    return np.sum(total)


def taken_out_of_the_middle(x):
    items = [x[0] * x[1], x[1], x[2], x[0]]
    one = items.pop(1)
    two = items.pop(-2)
    del items[0]
    return one * two * items[0]


def put_in_front(x):
    items = []
    for v in x:
        items.insert(0, v * v)
    return sum((i + 1) * v for i, v in enumerate(items))


def put_in_at_a_place(x):
    items = []
    for i, v in enumerate(x):
        items.insert(i // 2, v * v)
    items.insert(100, x[0])
    items.insert(-100, x[1])
    items.insert(-1, x[0] * x[2])
    return sum((i + 1) * v for i, v in enumerate(items))


def taken_out_at_a_computed_place(x):
    items = [v * v for v in x]
    place = int(np.argmax(x))
    largest = items.pop(place)
    items.insert(place, largest * x[0])
    del items[place - 1]
    return sum((i + 1) * v for i, v in enumerate(items)) * largest


def moving_average(x, width=2):
    window = []
    total = 0.0
    for v in x:
        window.append(v * v)
        if len(window) > width:
            window.pop(0)
        total = total + sum(window) / len(window)
    return total


def delay_line(x, n=2):
    line = [0.0] * n
    total = 0.0
    for v in x:
        out = line.pop(0)
        line.append(v * 0.5 + out * 0.3)
        total += out * v
    return total


def emptied_in_batches(x):
    batch = []
    total = 0.0
    for v in x:
        batch.append(v * v)
        if len(batch) == 2:
            total += batch[0] * batch[1]
            batch.clear()
    return total + len(batch) * x[0]


def slices_deleted(x):
    items = [v * v for v in x]
    items.extend(items)
    items.extend(np.sin(x))
    del items[:2]
    del items[3:]
    del items[1:2]
    return items[0] * items[1]


def sorted_in_place(x):
    items = [v * v for v in x]
    items.sort(reverse=True)
    items.append(items[0] * 2)
    items.sort(key=lambda v: (v > 0.5, -v))
    items.reverse()
    return sum((i + 1) * v * v for i, v in enumerate(items))


def pairs_sorted(x):
    pairs = [(x[0], 3), (x[1], 1), (x[2], 2)]
    pairs.sort(key=lambda p: p[1])
    total = 0.0
    for v, w in pairs + sorted(pairs):
        total = total * 0.5 + v * v * w
    return total


def by_names_sorted(x):
    pairs = [(x[0], "c"), (x[1], "a"), (x[2], "b")]
    total = 0.0
    for v, _ in sorted(pairs, key=lambda p: p[1], reverse=True):
        total = total * 0.5 + v * v
    return total


# Lists that are joined, repeated and copied


def joined(x):
    inner = [x[0], x[1]]
    outer = [x[1]] + inner + [x[2]] + inner
    return sum((i + 1) * v * v for i, v in enumerate(outer))


def joined_round_by_round(x):
    out = []
    for v in x:
        out = out + [v * v]
        out += [v]
    return sum((i + 1) * v for i, v in enumerate(out))


def joined_with_stars(x):
    inner = [v * x[0] for v in x]
    outer = [x[1], *inner, x[2], *inner]
    return sum((i + 1) * v * v for i, v in enumerate(outer))


def tuples_joined(x):
    parts = (x[0],)
    for i in range(2):
        parts += (x[i + 1] * parts[-1],)
    return parts[0] * parts[1] * parts[2]


def repeated(x):
    n = len(x)
    items = [x[0], x[1] * 2] * n
    items[1] = x[2]
    return sum(v * v for v in items)


def a_table(x):
    n, m = len(x), 3
    dp = [[0.0] * m for _ in range(n)]
    for i in range(n):
        for j in range(m):
            if i == 0:
                dp[i][j] = x[j] * x[0]
            else:
                dp[i][j] = dp[i - 1][j] * x[i] + (dp[i][j - 1] if j > 0 else 0.0)
    return dp[n - 1][m - 1]


def copies(x):
    items = [x[0], x[1]]
    one, two, three = items.copy(), list(items), items[:]
    one[0] = x[2] * x[0]
    two.append(x[1] * x[2])
    three.pop(0)
    return items[0] * one[0] * two[2] * three[0]


def every_item_anew(x):
    items = [v for v in x]
    items[:] = [v * v for v in items]
    items[1:] = [items[0] * 2, items[2]]
    return items[0] * items[1] * items[2]


def an_argument_made_a_list(x, y):
    x = list(x)
    x += [y]
    x.extend(v * 2 for v in [y, y * y])
    del x[0]
    return sum(v * v for v in x)


def consumed(x, y):
    total = 0.0
    while x:
        v = x.pop(0)
        total = total * y + v * v
    return total


# Lists of lists


def columns(x):
    found = []
    for j in range(2):
        column = []
        for row in x:
            column.append(row[j])
        found.append(column)
    return sum(found[0]) * sum(found[1])


def columns_by_comprehension(x):
    first, second = [[row[j] for row in x] for j in range(2)]
    return sum(first) * sum(second)


def transposed(x):
    turned = [list(column) for column in zip(*x)]
    return turned[0][1] * turned[1][0] * turned[1][1]


def multiplied(x):
    other = [[1.0, 2.0], [3.0, 4.0]]
    found = [[sum(a * b for a, b in zip(row, c)) for c in zip(*other)] for row in x]
    return found[0][0] * found[1][1]


def grouped_in_lists(x):
    rows = [[], []]
    for i, v in enumerate(x):
        rows[i % 2].append(v)
    return sum(rows[0]) * sum(rows[1])


# Queues


def breadth_first(x):
    queue = deque()
    queue.append((x[0], 0))
    total = 0.0
    while queue:
        value, depth = queue.popleft()
        total += value * value
        if depth < 2:
            queue.append((value * x[1], depth + 1))
            queue.append((value + x[2], depth + 1))
    return total


def a_window(x):
    window = deque(maxlen=2)
    total = 0.0
    for v in x:
        window.append(v)
        total = total + sum(window) ** 2
    return total


def a_delay(x, n=2):
    line = deque([0.0] * n, maxlen=n)
    total = 0.0
    for v in x:
        total = total + line[0] * v
        line.append(v + 0.5 * line[-1])
    return total


def both_ends(x):
    queue = collections.deque(x, maxlen=3)
    queue.append(queue[0] * queue[1])
    queue.appendleft(x[0] ** 2)
    queue.rotate(1)
    queue.rotate(-2)
    first = queue.popleft()
    return first + 2 * first * queue.pop() + len(queue)


# Dicts


def entries_deleted(x):
    d = {i: v * v for i, v in enumerate(x)}
    total = 0.0
    for i in range(3):
        if i in d:
            total += d[i] ** 2
            del d[i]
            d[i + 10] = total * x[i]
    return total + sum(d.values())


def entries_popped(x):
    d = {"a": x[0], "b": x[1] * 2}
    y = d.pop("a") * d.pop("zz", 2.0)
    d["a"] = y * x[2]
    return d["a"] * d["b"]


def sums_by_key(x):
    sums = defaultdict(float)
    for i, v in enumerate(x):
        sums[i % 2] += v * v
        sums["total"] += v
    return sums[0] * sums[1] * sums["total"] + sums["none"]


def lists_by_key(x):
    groups = defaultdict(list)
    for i, v in enumerate(x):
        groups[i % 2].append(v)
    total = 0.0
    for key, values in sorted(groups.items()):
        total += (key + 1) * sum(values) ** 2
    return total + len(groups)


def lists_by_setdefault(x):
    groups = {}
    for i, v in enumerate(x):
        groups.setdefault(i % 2, []).append(v)
    return sum(groups[0]) * sum(groups[1])


def products_by_key(x):
    products = defaultdict(lambda: 1.0)
    for i, v in enumerate(x):
        products[i % 2] *= v
    return products[0] * products[1] + products[5]


def ordered(x):
    d = OrderedDict()
    for key, v in zip("abc", x):
        d[key] = v * v
    e = dict(zip(["u", "v"], [d["a"] * d["b"], d["c"]]))
    total = 0.0
    for _, v in d.items():
        total = total * 0.5 + v
    return total * e["u"] * e["v"]


def the_key_of_the_greatest(x):
    d = {"a": x[0], "b": x[1], "c": x[2]}
    best = max(d, key=d.get)
    worst = min(d, key=lambda key: d[key])
    return d[best] ** 2 + d[worst]


# Builtins and functions of the standard library


def the_best_by_a_key(x):
    i, v = max(enumerate(x), key=lambda pair: pair[1])
    best = max(range(len(x)), key=lambda i: x[i] * (3 - i))
    near = min(x, key=lambda v: (v - 1.0) ** 2)
    top = max(range(len(x)), key=x.__getitem__)
    return v * i + x[best] ** 2 * near + x[top]


def the_best_or_a_default(x):
    return max((v * v for v in x if v > 1.0), default=0.5) * x[0]


def pairs_of_items(x):
    total = 0.0
    for a, b in combinations(x, 2):
        total += (a - b) ** 2 * a
    for i, j in itertools.combinations(range(len(x)), 2):
        total += x[i] * x[j] ** 2
    return total + sum((b - a) ** 2 for a, b in pairwise(x))


def products_of_items(x):
    total = 0.0
    for a, b in product(x, x):
        total += a * b * b
    for i, j in itertools.product(range(2), repeat=2):
        total += x[i] * x[j] * (i + 1)
    return total + sum(a * b**2 for a, b in itertools.permutations(x, 2))


def running(x):
    sums = list(accumulate(x))
    products = list(accumulate(x, operator.mul))
    smooth = list(accumulate(x, lambda a, b: 0.5 * a + b, initial=x[0]))
    return sums[-1] * products[-1] * smooth[-1]


def chained(x):
    total = 0.0
    for v in chain(x, [x[0] * x[1]], x[::-1]):
        total = total * 0.5 + v
    rows = [[x[0], x[1]], [x[2]]]
    return total * sum(v * v for v in chain.from_iterable(rows))


def side_by_side(x):
    total = 0.0
    for a, b in zip_longest(x, x[:2], fillvalue=1.0):
        total += a * b
    for i, v in zip(itertools.count(1), x):
        total += i * v * v
    for v, sign in zip(x, itertools.cycle([1.0, -1.0])):
        total += v**3 * sign
    return total + sum(v for v in itertools.islice(x, 1, 3))


def gathered(x):
    pairs = [(x[0], x[1]), (x[2], x[0])]
    total = sum(itertools.starmap(lambda a, b: a * b, pairs))
    total += sum(v * v for v in itertools.takewhile(lambda v: v > 0.5, x))
    return total * sum(itertools.filterfalse(lambda v: v > 0.5, x))


def reduced(x):
    horner = reduce(lambda a, b: a * 0.5 + b, x)
    return horner * functools.reduce(operator.mul, [v * v for v in x], 1.0)


def averages(x):
    return statistics.mean([x[0], x[1] * x[2]]) * statistics.fmean(x)


def sums_of_arrays(x):
    arrays = [x, x * x, np.sin(x)]
    return np.sum(sum(arrays, np.zeros_like(x))) * any(v > 1.0 for v in x)


def imports_inside(x):
    import itertools as it
    import math
    from functools import reduce
    from math import pi, sin

    total = reduce(lambda a, b: a * b + 1, x) * sin(x[0]) * pi
    for a, b in it.combinations(x, 2):
        total += a * math.exp(b)
    return total


def dots_of_lists(x, y):
    total = 0.0
    for i in range(2):
        total = total + np.dot(x, y) * (i + 1)
    return total


X = np.array([0.7, 1.3, 0.4])
OTHER = np.array([1.2, 0.3, 0.9])
M = [[0.7, 1.3], [0.4, 0.9]]
POINTS = {
    "the_best_by_a_key": [(np.array([0.8, 1.3, 0.4]),), (np.array([1.2, 0.3, 1.1]),)],
    "moving_average": [(X,), (OTHER, 3), (X[:1], 2), (X[:0], 2)],
    "delay_line": [(X,), (X, 1), (OTHER, 5), (X[:0], 2)],
    "a_delay": [(X,), (X, 1), (OTHER, 5), (X[:0], 2)],
    "a_window": [(X,), (X[:1],), (X[:0],)],
    "emptied_in_batches": [(X,), (X[:1],), (np.ones(4) * X[0],)],
    "put_in_front": [(X,), (X[:1],), (X[:0],)],
    "joined_round_by_round": [(X,), (X[:1],), (X[:0],)],
    "an_argument_made_a_list": [([1.0, 3.0], 2.0), ([1.5], 2.0), (X, 2.0)],
    "consumed": [([1.0, 3.0], 2.0), ([], 2.0), ([1.5], 2.0)],
    "columns": [(M,), (np.array(M),)],
    "columns_by_comprehension": [(M,), (np.array(M),)],
    "transposed": [(M,), (np.array(M),)],
    "multiplied": [(M,), (np.array(M),)],
    "the_best_or_a_default": [(X,), (X[:1],)],
    "dots_of_lists": [([1.0, 2.0], [3.0, 4.0]), (X, OTHER)],
    "arrays_first_in_first_out": [(X,), (np.array([[0.2, 0.4], [1.5, 0.1]]),)],
}
