"""Lists, dicts and what is tested or joined of them: never silently wrong."""

import itertools

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward, grad, jvp, vjp

X = np.array([3.1, 1.2, 2.3, 4.4])


def differences(f):
    return [(f(X + step) - f(X - step)) / 2e-6 for step in np.eye(4) * 1e-6]


def check(f):
    expected = differences(f)
    np.testing.assert_allclose(grad(f)(X), expected, atol=1e-6)
    np.testing.assert_allclose(vjp(f, X)[1](1.0)[0], expected, atol=1e-6)
    np.testing.assert_allclose(jvp(f, (X,), (X,))[1], np.dot(expected, X), atol=1e-5)


def emptied_after_the_test(x):
    held = [x[0]]
    if held:
        s = x[1] ** 2
    else:
        s = x[2]
    held.clear()
    return s


def asked_while_it_grows(x):
    held = []
    s = 0.0
    for v in x:
        if held:
            s += v * 2
        else:
            s += v**2
        held.append(v)
    return s


def a_dict_that_grows(x):
    d = {}
    s = 0.0
    for v in x:
        if d:
            s += v * 2
        else:
            s += v**2
        d[int(v)] = v
    return s + d[3]


def asked_while_it_shrinks(x):
    held = [1.0, 2.0]
    s = 0.0
    for v in x:
        if held:
            s += v * held.pop()
        else:
            s += v**2
    return s


def asked_beside_a_number(x):
    held = []
    s = 0.0
    for v in x:
        if held and v > 2:
            s += v * 2
        else:
            s += v**2
        held.append(v)
    return s


def changed_if_there(x):
    held = []
    for v in x:
        if held:
            held[-1] = held[-1] * v
        else:
            held.append(v * 2)
    return held[0]


def runs_of_a_sequence(x):
    cur, runs = [], []
    for v in x:
        if cur and v < cur[-1]:
            runs.append(cur)
            cur = []
        cur.append(v)
    runs.append(cur)
    return sum(r[0] * r[-1] for r in runs)


def left_when_it_is_filled(x):
    held = []
    r = 0.0
    for v in x:
        if held:
            break
        r += v**2
        if v > 1:
            held.append(v)
    return r


def popped_until_empty(x):
    held = list(x)
    r = 0.0
    while held:
        v = held.pop()
        if held:
            r += v * held[-1]
        else:
            r += v**3
    return r


def an_array_of_one_truth(x):
    a = np.array([True])
    s = 0.0
    for v in x:
        if a:
            s += v**2
        else:
            s += v
        a[0] = not a[0]
    return s


def asked_by_an_inner_function(x):
    held = []
    s = 0.0

    def go(v):
        if held:
            return v * 2
        return v**2

    for v in x:
        s += go(v)
        held.append(v)
    return s


@pytest.mark.parametrize(
    "f",
    [
        emptied_after_the_test,
        asked_while_it_grows,
        a_dict_that_grows,
        asked_while_it_shrinks,
        asked_beside_a_number,
        changed_if_there,
        runs_of_a_sequence,
        left_when_it_is_filled,
        popped_until_empty,
        an_array_of_one_truth,
        asked_by_an_inner_function,
    ],
)
def test_a_list_that_is_asked_and_changes_later_is_kept_as_a_truth_value(f):
    check(f)


def into_buckets(x):
    b = [[5.0, 6.0], [7.0, 8.0, 9.0, 10.0]]
    for v in x:
        b[int(v > 2.5)].append(v)
    return b[0][-1] * 2 + b[0][-2] * 3 + b[1][-1] * 5


def inserted_at_the_front(x):
    b = [[0.5] * 5, [0.5] * 5]
    for v in x:
        b[int(v > 2.5)].insert(0, v)
    return sum(i * a for i, a in enumerate(b[0])) + sum(i * i * a for i, a in enumerate(b[1]))


def two_at_a_time(x):
    b = [[0.5] * 5, [0.5] * 5]
    for v in x:
        b[int(v > 2.5)].extend([v, 2 * v])
    return sum(i * a for i, a in enumerate(b[0])) + sum(i * i * a for i, a in enumerate(b[1]))


def by_keys_of_a_string(x):
    d = {k: [] for k in "ab"}
    for k, v in zip("abab", x, strict=False):
        d[k].append(v)
    return d["a"][1] * d["b"][0]


def into_lists_with_items(x):
    d = {"a": [5.0] * 4, "b": [7.0] * 4}
    for k, v in zip("abaa", x, strict=False):
        d[k].append(v)
    return sum(i * q for i, q in enumerate(d["a"])) * 2 + sum(
        i * i * q for i, q in enumerate(d["b"])
    )


def by_a_key_that_is_chosen(x):
    d = {"p": [], "n": []}
    for v in x:
        d["p" if v > 2.5 else "n"].append(v)
    return d["p"][0] * 2 + d["n"][0] * 3 + d["n"][1] ** 2


def by_a_number_that_is_carried(x):
    b = [[], []]
    n = 0
    for i in range(len(x)):
        n = (n * 3 + i) % 2
        b[n].append(x[i])
    return b[0][-1] * 2 + b[0][-2] * 3 + b[1][-1] * 5


def by_a_number_that_changes_later(x):
    g = [[x[0], 1.0, 1.0], [x[1], x[2], 3.0]]
    n = 1
    g[n].append(x[1] * 2)
    if x[0] > 0:
        n = 0
    return g[1][2] * 3 + g[0][0] + g[0][1] * x[2] + n


def popped_by_a_number_that_changes(x):
    g = [[x[0], 1.0, 1.0], [x[1], x[2], 3.0]]
    s = 0.0
    n = 1
    for v in x:
        n = int(v > 2)
        s += g[n].pop() * v
        n = 5
    return s


@pytest.mark.parametrize(
    "f",
    [
        into_buckets,
        inserted_at_the_front,
        two_at_a_time,
        by_keys_of_a_string,
        into_lists_with_items,
        by_a_key_that_is_chosen,
        by_a_number_that_is_carried,
        by_a_number_that_changes_later,
        popped_by_a_number_that_changes,
    ],
)
def test_where_an_item_was_appended_is_kept(f):
    check(f)


def joined_rows(x):
    rows = []
    for i in range(3):
        rows.append([x[i]])
    c = rows[0] + rows[1] + rows[2]
    return c[0] ** 2 + c[1] * 3


def joined_buckets(x):
    g = [[], []]
    for i, v in enumerate(x[:2]):
        g[i % 2].append(v)
    c = g[0] + g[1]
    return c[0] ** 2 + c[1] * 3


def joined_tuples(x):
    p = [(v,) for v in x]
    c = p[0] + p[1]
    return c[0] * 5 + c[1] * 3


def repeated_row(x):
    p = [[v] for v in x]
    c = p[0] * 3
    return c[0] * 5 + c[1] * 3


def repeated_entry(x):
    d = {}
    for i, v in enumerate(x):
        d.setdefault("e" if i % 2 == 0 else "o", []).append(v)
    c = d["e"] * 2
    return c[0] ** 2 + c[3]


def a_row_made_longer(x):
    rows = [[v] for v in x]
    rows[0] += [x[1] * 2]
    return rows[0][1] * rows[0][0]


def joined_in_a_loop(x):
    rows = [[v, v * v] for v in x]
    c = []
    for r in rows:
        c = c + r
    return c[1] * c[2]


@pytest.mark.parametrize(
    "f",
    [
        joined_rows,
        joined_buckets,
        joined_tuples,
        repeated_row,
        a_row_made_longer,
        joined_in_a_loop,
    ],
)
def test_lists_in_a_container_are_joined(f):
    check(f)


def test_lists_in_a_dict_that_are_joined_are_not_taken_for_arrays():
    for differentiate in (grad(repeated_entry), lambda x: jvp(repeated_entry, (x,), (x,))):
        with pytest.raises(DerivationError, match="joins or repeats lists"):
            differentiate(X)


def arrays_beside_lists(x):
    cache = {"x": x, "shape": [2, 3]}
    return np.sum(cache["x"] * cache["shape"][0] + cache["x"] ** 2)


def rows_of_numbers(x):
    rows = [[v, v * v] for v in x]
    return sum(row[0] * row[1] for row in rows) + rows[0][0] + rows[1][1]


@pytest.mark.parametrize("f", [arrays_beside_lists, rows_of_numbers])
def test_numbers_and_arrays_beside_lists_are_computed_with(f):
    check(f)


def sorted_pairs(x):
    rows = [(v, i) for i, v in enumerate(x)]
    rows.sort()
    return rows[0][0] * 2 + rows[1][0] * 3


def sorted_pairs_of_numbers(x):
    rows = [(v, 2 * v) for v in x]
    rows.sort()
    return rows[0][0] * 2 + rows[1][1] * 3


def sorted_by_words(x):
    ps = [("b", x[0]), ("a", x[1])]
    ps.sort()
    return ps[0][1] * 2 + ps[1][1] * 3


def sorted_numbers(x):
    held = list(x)
    held.sort()
    return held[0] * 2 + held[1] * 3


def greatest_pair(x):
    v, i = max((v, i) for i, v in enumerate(x))
    return v * i


def greatest_row(x):
    rows = [[v, -v] for v in x]
    return max(rows)[1]


def greater_of_two_pairs(x):
    best = max([(x[0], 1.0), (x[1], 2.0)])
    return best[0] * best[1]


@pytest.mark.parametrize(
    "f",
    [
        sorted_pairs,
        sorted_pairs_of_numbers,
        sorted_by_words,
        sorted_numbers,
        greatest_pair,
        greatest_row,
        greater_of_two_pairs,
    ],
)
def test_lists_and_tuples_are_compared_item_by_item(f):
    check(f)


def into_whole_numbers(k, x):
    out = np.zeros_like(k)
    out[0] = x * 7.3
    return np.sum(out)


def into_the_whole_numbers_given(k, x):
    k[0] = x * 7.3
    return np.sum(k * x)


@pytest.mark.parametrize("f", [into_whole_numbers, into_the_whole_numbers_given])
def test_what_an_array_of_whole_numbers_would_cut_off_has_no_gradient(f):
    k = np.array([1, 2, 3])
    with pytest.raises(DerivationError, match="an array of whole numbers"):
        vjp(f, k.copy(), 1.3)
    with pytest.raises(DerivationError, match="an array of whole numbers"):
        grad(f, (0, 1))(k.copy(), 1.3)
    by_x = (f(k.copy(), 1.30001) - f(k.copy(), 1.3)) / 1e-5
    np.testing.assert_allclose(grad(f, 1)(k.copy(), 1.3), by_x, rtol=1e-4, atol=1e-6)


def joined_arguments(a, b):
    c = a + [a[0] * b[1]] + b  # noqa: RUF005  # as people write it
    return sum((i + 1) * v**2 for i, v in enumerate(c))


def annotated_arguments(a: list[float], b: list[float]) -> float:
    c = a + [a[0] * b[1]] + b  # noqa: RUF005  # as people write it
    return sum((i + 1) * v**2 for i, v in enumerate(c))


def repeated_arguments(a, b):
    c = (a + b) * 2
    return sum((i + 1) * v**2 for i, v in enumerate(c))


def sliced_arguments(a, b):
    c = a[:1] + b[1:] + a[1:]
    return sum((i + 1) * v**2 for i, v in enumerate(c))


def arguments_in_turn(a, b):
    c = [a[0]]
    for part in (a, b):
        c = c + part
    return sum((i + 1) * v**2 for i, v in enumerate(c))


@pytest.mark.parametrize(
    "f",
    [
        joined_arguments,
        annotated_arguments,
        repeated_arguments,
        sliced_arguments,
        arguments_in_turn,
    ],
)
@pytest.mark.parametrize("kind", [list, tuple])
def test_lists_that_are_arguments_are_joined(f, kind):
    """Of tuples the same operators are refused, or have their gradients; arrays add."""
    a, b = kind([0.5, -1.5]), kind([2.0, 0.25])
    steps = np.eye(4) * 1e-6
    parted = lambda v: (kind(v[:2].tolist()), kind(v[2:].tolist()))  # noqa: E731  # used once below
    try:
        value = f(a, b)
    except TypeError:  # a tuple and a list
        with pytest.raises((DerivationError, TypeError)):
            grad(f, argnums=(0, 1))(a, b)
        return
    whole = np.array([*a, *b])
    expected = [(f(*parted(whole + step)) - f(*parted(whole - step))) / 2e-6 for step in steps]
    da, db = grad(f, argnums=(0, 1))(a, b)
    assert f(a, b) == value
    np.testing.assert_allclose([*da, *db], expected, atol=1e-6)
    _, tangent = jvp(f, (a, b), (a, b))
    np.testing.assert_allclose(tangent, np.dot(expected, whole), atol=1e-5)


def test_arrays_with_a_list_added_are_no_lists():
    f = joined_arguments
    a, b = np.array([0.5]), np.array([2.0, 0.25])
    da, db = grad(f, argnums=(0, 1))(a, b)
    np.testing.assert_allclose(da, [f_slope(f, a, b, 0, 0)], atol=1e-6)
    np.testing.assert_allclose(db, [f_slope(f, a, b, 1, 0), f_slope(f, a, b, 1, 1)], atol=1e-6)


def f_slope(f, a, b, which, place):
    up, down = [a.copy(), b.copy()], [a.copy(), b.copy()]
    up[which][place] += 1e-6
    down[which][place] -= 1e-6
    return (f(*up) - f(*down)) / 2e-6


def rows_made_longer(a, b):
    m = [row[:] + [b[i]] for i, row in enumerate(a)]  # noqa: RUF005  # as people write it
    for i in range(len(a)):
        pivot = m[i][i]
        m[i] = [v / pivot for v in m[i]]
        for j in range(len(a)):
            if j != i:
                m[j] = [u - m[j][i] * v for u, v in zip(m[j], m[i], strict=True)]
    return sum((i + 1) * m[i][-1] for i in range(len(a)))


def test_rows_of_an_argument_are_made_longer():
    a, b = [[2.0, 1.0], [0.5, 1.5]], [1.0, -2.0]
    da, db = grad(rows_made_longer, argnums=(0, 1))(a, b)
    weights = np.linalg.solve(np.transpose(a), [1.0, 2.0])
    np.testing.assert_allclose(db, weights, rtol=1e-10)
    np.testing.assert_allclose(da, -np.outer(weights, np.linalg.solve(a, b)), rtol=1e-10)


def a_tuple_turned(x):
    t = (x[0], x[1], x[2])
    for _ in range(4):
        t = t[1:] + (t[0],)  # noqa: RUF005  # an operator
    return t[0] ** 2 * t[1] + t[2]


def an_entry_turned_round(x):
    b = {"u": [x[0], x[1], x[2]]}
    for _ in range(3):
        b["u"].reverse()
    return b["u"][0] ** 2 * b["u"][1] + b["u"][2]


def rows_that_change(x):
    b = [[x[0], x[1]], [x[2], x[0]]]
    b[0].reverse()
    b[1].insert(1, x[0] * 3)
    v = b[1].pop(0)
    return b[0][0] * 3 + v * b[1][0] * b[1][1]


@pytest.mark.parametrize("f", [a_tuple_turned, an_entry_turned_round, rows_that_change])
def test_what_lies_in_a_container_is_put_in_another_order(f):
    check(f)


ROWS = [(3.0, 1.0), (1.0, 5.0), (2.0, 0.5)]


def of_rows(rows):
    return rows[0][1] * 3 + rows[1][0] * 2 + rows[2][1] ** 2


def chosen_rows_sorted(rows):
    rows = [r for r in rows]  # noqa: C416  # a comprehension
    rows.sort()
    return of_rows(rows)


def new_rows_sorted(rows):
    rows = [(r[0], r[1] * 2) for r in rows]
    rows.sort()
    return of_rows(rows)


def copied_rows_sorted_by_a_key(rows):
    rows = rows[:]
    rows.sort(key=lambda r: r[1])
    return of_rows(rows)


def copied_rows_sorted_backwards(rows):
    rows = rows[:]
    rows.sort(reverse=True)
    return of_rows(rows)


def copied_rows_turned_round(rows):
    rows = rows[:]
    rows.reverse()
    return of_rows(rows)


def sliced_rows_sorted(rows):
    rows = rows[:]
    rows.sort()
    return of_rows(rows)


def given_rows_sorted(rows):
    rows.sort()
    return of_rows(rows)


@pytest.mark.parametrize(
    "f",
    [
        chosen_rows_sorted,
        new_rows_sorted,
        copied_rows_sorted_by_a_key,
        copied_rows_sorted_backwards,
        copied_rows_turned_round,
        sliced_rows_sorted,
        given_rows_sorted,
    ],
)
def test_rows_are_put_in_order_as_wholes(f):
    def value(numbers):
        return f([tuple(row) for row in np.reshape(numbers, (3, 2)).tolist()])

    numbers = np.ravel(ROWS)
    step = 1e-6 * np.eye(6)
    known = [(value(numbers + d) - value(numbers - d)) / 2e-6 for d in step]
    for found in (grad(f)(list(ROWS)), derive_backward(f).backward(list(ROWS))):
        assert np.ravel(found) == pytest.approx(known, rel=1e-6, abs=1e-8)


def rows_of_an_entry_sorted(rows):
    d = {"rows": rows[:]}
    u = d["rows"]
    u.sort()
    return of_rows(u)


def test_rows_of_what_may_be_an_array_arent_sorted_as_its_rows():
    f = rows_of_an_entry_sorted
    with pytest.raises((DerivationError, TypeError), match="sort"):
        grad(f)(list(ROWS))
    with pytest.raises((DerivationError, TypeError), match="sort"):
        derive_backward(f).backward(list(ROWS))


def an_array_without_axes(x):
    y = np.zeros(())
    y[...] = x[0] * x[1]
    return y * 2


def summed_into_one(x):
    y = np.zeros(())
    for i in range(3):
        y[()] += x[i] ** 2
    return y * 2


def given_out(x):
    y = np.zeros(())
    np.add(x[0] ** 2, x[1], out=y)
    return y * 2


@pytest.mark.parametrize("f", [an_array_without_axes, summed_into_one, given_out])
def test_writes_into_arrays_without_axes_are_refused(f):
    with pytest.raises(DerivationError, match="without axes"):
        grad(f)(X)


def as_often_as_at_first(x):
    for i in range(len(x)):
        x = x * 2 + x[i]
    return np.sum(x**2)


def as_many_rows_as_at_first(x):
    y = np.outer(x, x)
    for i in range(y.shape[0] - 1):
        y = y[1:] * y[:-1] + i
    return np.sum(y**2)


def shorter_each_time(x):
    p = [x[0], x[1], x[2]]
    for _ in range(len(p) - 1):
        p = [0.3 * a + 0.7 * b for a, b in itertools.pairwise(p)]
    return p[0] ** 2


def a_count_that_is_counted_down(x):
    n = len(x)
    for _ in range(n):
        n = n - 1
        x = x[: n + 1] * x[0]
    return np.sum(x**2)


def loops_in_loops(x):
    total = 0.0
    for i in range(len(x)):
        for j in range(len(x) - i):
            x = x * 0.5 + j
        total = total + x[i] ** 2
    return total


@pytest.mark.parametrize(
    "f",
    [
        as_often_as_at_first,
        as_many_rows_as_at_first,
        shorter_each_time,
        a_count_that_is_counted_down,
        loops_in_loops,
    ],
)
def test_a_loop_counts_as_far_as_when_it_begins(f):
    check(f)


def over_what_is_assigned_inside(x):
    for v in x:
        x = x * v
    return np.sum(x)


def test_a_loop_over_what_it_assigns_is_refused():
    with pytest.raises(DerivationError, match="changes while it runs"):
        grad(over_what_is_assigned_inside)(X)
