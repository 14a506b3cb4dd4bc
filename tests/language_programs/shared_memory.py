"""Writes in place beside names that look as if they shared the memory, and don't."""

import numpy as np


def turned(x, v):
    v = v + 1
    return x * v


def updated_result_of_a_helper(p, cam):
    q = turned(p, cam)
    q += cam
    q *= cam
    return q


def times(a, b):
    return a * b


def shifted(a, b):
    q = times(a, b)
    q += b
    return q


def helper_that_updates_its_own(x, b):
    return shifted(x, b)


def clipped_copy(x, low):
    y = x.copy()
    y[0] = low * x[1]
    return y


def updated_copy_of_a_helper(x, low):
    y = clipped_copy(x, low)
    y *= x
    y[1] += x[0]
    return y


def in_a_list(x):
    parts = []
    parts.append(x * 2)
    parts.append(x + 1)
    return parts


def items_of_a_helper(x):
    parts = in_a_list(x)
    parts[0] *= x
    return parts[0] + parts[1] * x


def value_and_arguments(x, w):
    y = x * w
    z = np.sum(y)
    return y, x, z


def updated_one_of_several(x, w):
    y, same, z = value_and_arguments(x, w)
    y *= x
    return y * same * z


def larger(a, b):
    if a > b:
        return a
    return b


def larger_of_two_elements(x):
    h = np.zeros(len(x) + 1)
    for s in range(len(x)):
        a = h[s]
        if s > 0:
            a = larger(a, h[s - 1])
        h[s + 1] = a + x[s]
    return h


def rnn_step(x, h, W):
    n = np.tanh(x @ W + h)
    return n, (x, h, W)


def caches_by_number(xs, h, W):
    caches = {}
    for t in range(len(xs)):
        h, caches[t] = rnn_step(xs[t], h, W)
    return h


def caches_appended(xs, W):
    hs = np.zeros(xs.shape)
    caches = []
    h = xs[:, 0] * 0.5
    for i in range(xs.shape[1]):
        h, c = rnn_step(xs[:, i, :], h, W)
        hs[:, i, :] = h
        caches.append(c)
    return hs * caches[1][1].sum()


def caches_of_views(xs, W):
    hs = np.zeros((len(xs), xs.shape[1], len(W)))
    caches = []
    for i in range(xs.shape[1]):
        hs[:, i, :], c = rnn_step(xs[:, i, :], hs[:, i - 1, :], W)
        caches.append(c)
    return hs


def weights_in_a_cache(xs, W):
    cache = {"W": W}
    hs = np.zeros((len(xs), W.shape[1]))
    h = np.zeros(W.shape[1])
    for t in range(len(xs)):
        h = np.tanh(xs[t] @ cache["W"] + h)
        hs[t] = h
        cache[t] = h
    return hs * cache["W"].sum()


def thomas_of_copies(a, b, c, d):
    n = len(d)
    ac, bc, cc, dc = map(np.array, (a, b, c, d))
    for i in range(1, n):
        m = ac[i - 1] / bc[i - 1]
        bc[i] = bc[i] - m * cc[i - 1]
        dc[i] = dc[i] - m * dc[i - 1]
    xc = bc
    xc[-1] = dc[-1] / bc[-1]
    for i in range(n - 2, -1, -1):
        xc[i] = (dc[i] - cc[i] * xc[i + 1]) / bc[i]
    return xc


def copies_by_a_comprehension(a, b):
    ac, bc = [np.array(v) for v in (a, b)]
    ac[0] = bc[1] * 2
    bc[1] *= ac[0]
    return ac * bc


def copies_by_map(a, b):
    ac, bc = map(np.copy, (a, b))
    ac[0] = bc[1] * 2
    bc[1] *= ac[0]
    return ac * bc


def updated_until_large(y, x):
    while True:
        y *= x
        if y > 4:
            return y


def sum_kept_in_a_dict(x):
    d = {0: x, 1: x * 2}
    s = 0.0
    for k in (0, 1):
        s += d[k] ** 2
        d[k] = s
    return d[1] * d[0]


def rows_of_lists_swapped(x):
    T = [[x, 2.0], [x * x, 1.0], [3.0 * x, x]]
    T[0], T[2] = T[2], T[0]
    return T[0][0] * T[2][0] * T[1][0] + T[0][1]


def first_array_replaced(x):
    items = [x * 1, x * 2]
    for _ in range(3):
        old = items[0]
        items[0] = items[1]
        items[1] = old * x
    return items[0] * items[1]


def eliminated(A):
    M = np.array(A, dtype=float)
    n = len(M)
    for k in range(n):
        pivot = M[k, k]
        for i in range(k + 1, n):
            M[i, :] -= M[i, k] / pivot * M[k, :]
    return M


def margins(scores, y):
    s = scores * 2
    loss = 0.0
    for i in range(len(y)):
        correct = s[i, y[i]]
        for j in range(3):
            if j != y[i]:
                s[i, j] = max(0.0, s[i, j] - correct + 1)
                loss += s[i, j]
    return loss


def field_at_a_point(ez, n):
    ez = ez * 1.0
    rec = []
    for _ in range(n):
        ez[1:-1] += 0.1 * (ez[2:] - ez[:-2])
        rec.append(ez[3])
    return np.array(rec)


def givens_rotations(A):
    R = A.copy()
    m, n = R.shape
    for j in range(n):
        for i in range(m - 1, j, -1):
            a, b = R[i - 1, j], R[i, j]
            r = np.sqrt(a * a + b * b)
            c, s = a / r, b / r
            top = c * R[i - 1, :] + s * R[i, :]
            R[i, :] = -s * R[i - 1, :] + c * R[i, :]
            R[i - 1, :] = top
    return np.triu(R)


def rows_moved_up(x):
    T = [[x, 2.0], [x * x, 1.0], [3.0 * x, x]]
    for i in range(2):
        T[i] = T[i + 1]
    return T[0][0] * T[1][1] + T[2][0]


def rows_swapped_in_turn(x):
    T = [[x, 2.0], [x * x, 1.0], [3.0 * x, x]]
    for i in range(2):
        T[i], T[i + 1] = T[i + 1], T[i]
        T[0] = [v * x for v in T[0]]
    return T[0][0] * T[1][1] + T[2][0]
