"""Programs in which memory really is shared, or looks as if: helpers, lists, caches, loops.

What one name changes, another sees. Helpers are named `the_...`.
"""

import numpy as np


def the_same(x):
    y = x
    if y.sum() > 100:
        y = y * 2
    return y


def the_rest(x):
    y = x * 1.0
    y = x[1:]
    return y


def the_first_or_twice(x, n):
    if n > 1:
        return x
    return x * 2


def the_list(x):
    out = []
    out.append(x)
    out.append(x * 2)
    return out


def the_list_under_another_name(x):
    out = []
    other = out
    other.append(x)
    return out


def the_list_in_a_list(x):
    inner = []
    outer = [inner]
    inner.append(x)
    return outer


def the_dict(x):
    d = {}
    d["x"] = x
    d["y"] = x * 2
    return d


def the_helpers_helper(x):
    z = the_same(x)
    return z


def the_one_that_writes_late(x):
    y = x * 1
    for i in range(2):
        y[0] = y[0] * 2
        y = x
    return y * 3


def the_one_that_writes_into_an_item(x):
    held = []
    held.append(x)
    held[0][0] = 2.0
    return x * 2


def the_one_that_writes_into_a_dict(x):
    d = {"x": x}
    d["x"] += 1
    return x * 2


def the_one_that_writes_in_a_loop(x):
    parts = [x, x * 2]
    for part in parts:
        part += 1
    return parts[0] * parts[1]


def the_recursive(x, n):
    if n == 0:
        return x
    y = the_recursive(x, n - 1)
    return y


def the_rows(x):
    out = [row for row in x]
    return out


def the_two(x, w):
    y = x * w
    return y, x


def the_first_of_a_tuple(a):
    t = (a, a * 2)
    u = t[0]
    return u


def the_other(a, b):
    c = a
    a = b
    b = c
    return a


def the_default(a, b=None):
    if b is None:
        b = a
    c = b
    return c


def the_last(*a):
    c = a[0]
    for v in a:
        c = v
    return c


def the_sum_of_lists(x):
    out = []
    out = out + [x]
    return out


def the_list_lengthened(x):
    out = []
    out += [x]
    return out


def the_list_repeated(x):
    out = [x] * 2
    return out


def the_copy(xs):
    ys = xs.copy()
    ys = ys.copy()
    return ys


def the_poke(x):
    x[0] = 5.0
    return 2.0


def the_poke_inside(x):
    n = the_poke(x)
    return n * 1.0


def given_back(x):
    r = x * 1
    q = the_same(r)
    q += 1
    return q * r


def a_view_given_back(x):
    r = x * 1
    q = the_rest(r)
    q *= 2
    return q * r[1:]


def a_view_of_a_keyword_argument(x):
    r = x * 1
    q = the_rest(x=r)
    q *= 2
    return q * r[1:]


def given_back_in_a_branch(x):
    r = x * 1
    q = the_first_or_twice(r, 2)
    q *= 3
    return q * r


def given_back_in_a_list(x):
    r = x * 1
    q = the_list(r)
    q[0] *= 3
    return q[0] * r


def given_back_in_a_list_by_another_name(x):
    r = x * 1
    q = the_list_under_another_name(r)
    q[0][0] = 3.0
    return q[0] * r


def given_back_in_a_list_in_a_list(x):
    r = x * 1
    q = the_list_in_a_list(r)
    q[0][0][0] = 3.0
    return q[0][0] * r


def given_back_in_a_dict(x):
    r = x * 1
    q = the_dict(r)
    q["x"] *= 3
    return q["x"] * r


def given_back_by_a_helpers_helper(x):
    r = x * 1
    q = the_helpers_helper(r)
    q *= 2
    return q * r


def given_back_by_recursion(x):
    r = x * 1
    q = the_recursive(r, 2)
    q *= 2
    return q * r


def rows_given_back(A):
    r = A * 1
    q = the_rows(r)
    q[0] *= 2
    q[1] *= 3
    return q[0] * r[1]


def one_of_two_given_back(x, w):
    r = x * 1
    y, q = the_two(r, w)
    y *= 2
    q += y
    return y * r


def the_fresh_one_of_two_changed(x, w):
    r = x * 1
    y, q = the_two(r, w)
    y *= 2
    return y * r * q


def given_back_out_of_a_tuple(x):
    r = x * 1
    q = the_first_of_a_tuple(r)
    q *= 2
    return q * r


def the_other_argument_given_back(x, w):
    r = x * 1
    s = w * 1
    q = the_other(r, s)
    q *= 2
    return q * s + r


def given_back_for_a_default(x):
    r = x * 1
    q = the_default(r)
    q *= 2
    return q * r


def given_back_of_several(x):
    r = x * 1
    q = the_last(r, r)
    q *= 2
    return q * r


def given_back_in_a_sum_of_lists(x):
    r = x * 1
    q = the_sum_of_lists(r)
    q[0] *= 3
    return q[0] * r


def given_back_in_a_list_lengthened(x):
    r = x * 1
    q = the_list_lengthened(r)
    q[0] *= 3
    return q[0] * r


def given_back_twice(x):
    r = x * 1
    q = the_list_repeated(r)
    q[0] *= 3
    return q[1] * r


def items_of_a_copied_list(x):
    r = x * 1
    items = [r, r * 2]
    q = the_copy(items)
    q[0] *= 3
    return q[1] * items[0] + q[0]


def entries_of_a_copied_dict(x):
    r = x * 1
    d = {"a": r}
    q = the_copy(d)
    q["a"] *= 3
    return q["a"] * r


def written_late_by_a_helper(x):
    r = x * 1
    z = the_one_that_writes_late(r)
    return z * r


def an_item_written_by_a_helper(x):
    r = x * 1
    z = the_one_that_writes_into_an_item(r)
    return z * r


def an_entry_written_by_a_helper(x):
    r = x * 1
    z = the_one_that_writes_into_a_dict(r)
    return z * r


def written_in_a_loop_by_a_helper(x):
    r = x * 1
    z = the_one_that_writes_in_a_loop(r)
    return z * r


def written_by_a_helpers_helper(x):
    r = x * 1
    k = the_poke_inside(r)
    return r * r * k


def the_same_array_twice(x):
    a = x * 1
    b, c = map(np.asarray, (a, a))
    b[0] = 2.0
    c *= 2
    return b * c * a


def one_item_under_two_names(x):
    items = []
    items.append(x * 2)
    items.append(x * 4)
    s = items[0]
    t = items[0]
    s *= 2
    return t * x * items[1]


def items_by_numbers(x, i, j):
    items = [x * 1, x * 2]
    items.append(x + 1)
    p = items[i]
    q = items[j]
    p *= 2
    return q * x + p


def items_from_the_end(x):
    items = []
    items.append(x * 2)
    last = items[-1]
    items.append(x * 3)
    s = items[-2]
    s *= 2
    return last * x


def an_item_put_back(x):
    items = []
    items.append(x * 2)
    items.append(x * 4)
    s = items[0]
    items.pop()
    items.append(s)
    t = items[1]
    s *= 2
    return t * x


def an_array_put_into_a_list_each_round(x):
    out = 0.0
    prev = x * 1
    for _ in range(2):
        items = []
        items.append(x * 2)
        items.append(prev)
        s, t = items[0], items[1]
        s *= 2
        t *= 3
        out = out + prev * s
        prev = s
    return out


def an_entry_of_one_list_under_two_names(x):
    items = [x * 1, x * 2]
    other = items
    items[0] = x * 3
    return other[0] * x


def an_entry_of_a_list_in_a_dict(x):
    items = [x * 1, x * 2]
    d = {"items": items}
    items[0] = x * 3
    return d["items"][0] * x


def an_entry_that_had_a_name(x):
    items = [x * 1, x * 2]
    r = items[0]
    items[0] = x * 3
    r = r * 2
    return items[0] * r


def an_entry_changed_that_has_a_name(x):
    items = [x * 1, x * 2]
    r = items[0]
    items[0] *= 2
    return items[0] * r


def a_row_changed_after_a_swap(s):
    T = [[s, s * 2], [s * 3, s]]
    r = T[0]
    T[0], T[1] = T[1], T[0]
    T[1][0] = s * s
    return r[0] * s


def a_swap_seen_in_a_tuple(s):
    T = [[s, s * 2], [s * 3, s]]
    t = (T, 1.0)
    T[0], T[1] = T[1], T[0]
    return t[0][0][0] * s


def a_swap_of_rows_of_an_array(s):
    T = np.array([[s, 2.0], [s * s, 1.0], [3.0 * s, s]])
    T[0], T[2] = T[2], T[0]
    return T[0][0] * T[2][0] * T[1][0] + T[0][1]


def a_swap_of_entries(T):
    r = T[0]
    T[0], T[1] = T[1], T[0]
    T[0] = T[0] * 2
    return r * T[0] * T[1]


def one_of_two_lists(x, n):
    items = [x * 1, x * 2]
    other = [x * 5, x]
    if n > 1:
        other = items
    items[0] = x * 3
    return other[0] * x


def an_entry_of_one_dict_under_two_names(d):
    e = d
    e["a"] = d["b"] * 2
    return d["a"] * d["b"]


def a_whole_array_kept_each_round(x):
    h = np.zeros(4)
    kept = []
    for i in range(3):
        kept.append(h)
        h[i + 1] = x[i] * h[i] + x[i]
    other = kept
    return h * other[0][1]


def a_list_kept_in_a_dict(x):
    h = np.zeros(4)
    kept = []
    both = {"kept": kept}
    for i in range(3):
        kept.append(h)
        h[i + 1] = x[i] * h[i] + x[i]
    return h * both["kept"][0][1]


def weights_changed_after_they_were_cached(x, w):
    caches = {}
    h = x * 1
    w = w * 1
    for t in range(3):
        caches[t] = (h, w)
        h = np.tanh(h * w)
    w *= 2
    return h * caches[0][1].sum()


def a_row_cached_and_changed(x, w):
    h = np.zeros((4, 3))
    caches = []
    for t in range(3):
        v = h[t]
        caches.append((v, w))
        h[t + 1] = np.tanh(x * w + v)
        h[t] = 0.5
    return h.sum() * caches[1][0]


def a_second_name_in_a_loop(y, s):
    z = y
    while True:
        y *= s
        if np.sum(y) > 9:
            return y * z


def a_second_name_before_a_loop(y, s):
    z = y
    for _ in range(3):
        y *= s
    return y * z


def a_second_name_in_a_branch(y, s):
    z = y
    if s > 0:
        y *= s
    return y * z


def a_second_name_before_continue(y, s):
    z = y
    for i in range(4):
        if i == 2:
            z = y
            continue
        y *= s
    return y * z


def a_second_name_before_break(y, s):
    z = 1.0
    for i in range(4):
        y *= s
        if i == 2:
            z = y
            break
    y *= s
    return y * z


def a_second_name_before_an_inner_break(y, s):
    y = y * 1
    z = y * 2
    while True:
        while True:
            z = y
            if np.sum(z) < 100:
                break
        y *= s
        if np.sum(y) > 9:
            return y * z


def an_element_or_a_row(M, k):
    M = M * 1.0
    p = M[k, 0]
    M[k] = M[k] * 2
    return M * p


def a_row_or_an_element(M, k):
    M = M * 1.0
    p = M[k]
    M[k, 0] = M[k, 0] * 2
    return M * p


def elements_or_rows_appended(h, n):
    h = h * 1.0
    kept = []
    for _ in range(n):
        h[1:-1] += 0.1 * (h[2:] - h[:-2])
        kept.append(h[1])
    return h[1] * kept[0] + kept[1]


def two_elements_or_rows(R, i):
    R = R * 1.0
    a, b = R[i, 0], R[i, 1]
    R[i, 0] = a * b
    R[i, 1] = a - b
    a, b = R[i, 1], R[i, 0]
    R[i, 0] = a * a + b
    return R * b


def an_element_or_row_in_turn(h):
    h = h * 1.0
    for s in range(len(h) - 1):
        a = h[s]
        h[s] = 0.3 * h[s + 1]
        h[s + 1] = a + h[s]
    return h


def a_view_of_a_step(A: np.ndarray, s):
    y = np.exp(A).T
    y += s
    return y * A


def the_step(A):
    return np.tanh(A * 2.0).T


def a_view_of_a_helpers_step(A: np.ndarray, s):
    y = the_step(A)
    y *= s
    return y


def a_raveled_step(A, s):
    y = np.ravel(np.tanh(A * s))
    y += s
    return y


def a_row_of_a_step(A: np.ndarray, s):
    y = np.exp(A)[0]
    y[1] *= s
    return y * np.sin(y)


def a_name_of_a_step(A: np.ndarray, s):
    y = np.asarray(np.exp(A * s))
    z = y[1:]
    z += s
    return np.sum(z * y[:-1])


def a_step_and_its_view_in_a_branch(A: np.ndarray, s):
    y = A
    if s > 0:
        y = np.exp(A).T
        y *= s
    return y + A


def a_part_of_an_array_in_a_list(A, s):
    arrays = [A * s, A * 3.0]
    a = arrays[0][1:]
    b = np.sum(a**3)
    arrays[0][1] = a[1] ** 2
    return b * np.sum(a**2)


def a_row_of_an_array_in_a_dict(A, s):
    arrays = {"a": A * s}
    a = arrays["a"][1]
    arrays["a"][1] = 3.0 * A[0]
    return np.sum(a**2) * s


def an_item_of_an_inner_list(x, s):
    table = [[x[0], x[1] * s], [x[2], 2.0]]
    a = table[0][1]
    table[0][1] = 3.0 * table[1][0]
    return a * a * table[0][1]
