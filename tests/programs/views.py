"""Writes by way of views: hostile programs, in which it matters what is a view and what is a copy."""

import numpy as np


def helper_scale(v, s):
    v *= s


def helper_set(v, s):
    v[0] = s * v[1]
    v[-1] += s


def helper_ret(v, s):
    v *= s
    return v


def t_write(A):
    B = A * 2
    B.T[0] *= 3
    return B * A


def t_name(A):
    B = A * 1.0
    C = B.T
    C[0] += A[:, 1] * 0 + 1.5
    return B * B


def t_name_iadd(A):
    B = A * 1.0
    C = B.T
    C *= 2.0
    return B * B


def t_of_param(A):
    C = A.T
    C[0, 1] = 5.0
    return A * A


def transpose_fn(A):
    B = A.copy()
    np.transpose(B)[1] = B[:, 0] ** 2
    return B * A


def swap(A):
    B = A.copy()
    C = np.swapaxes(B, 0, 1)
    C[1] *= C[0]
    return B


def swap_m(A):
    B = A.copy()
    C = B.swapaxes(0, 1)
    C[1:] *= C[0]
    return B


def resh(A):
    B = A.copy()
    v = B.reshape(-1)
    v[1:] *= v[:-1]
    return B * A


def ravel_c(A):
    B = A * 1.0
    v = B.ravel()
    v[2] = 0.0
    v[3] *= 2
    return B * A


def none_view3(a):
    b = a * 1.0
    c = b[:, None]
    c[2:] = c[1] * c[0]
    return b * a


def split_parts(a):
    b = a * 1.0
    p, q = np.split(b, 2)
    p *= q
    return b * a


def split_param(a):
    p, q = np.split(a, 2)
    p *= q
    return a * a


def split_hv(A):
    B = A * 1.0
    l, r = np.hsplit(B, [1])
    r += l
    return B * A


def rows_item(A):
    B = A * 1.0
    for row in B:
        row[0] *= row[1]
    return B * A


def rows_param(A):
    for row in A:
        row *= 2
    return A * A


def rows_zip(A, B):
    C = A * 1.0
    for a, b in zip(C, B):
        a += b * b
    return C * A


def rows_enum(A):
    B = A * 1.0
    for i, row in enumerate(B):
        row *= i + row
    return B


def rows_prev(A):
    B = A * 1.0
    for prev, row in zip(B[:-1], B[1:]):
        row *= prev
    return B


def rows_T(A):
    B = A * 1.0
    for col in B.T:
        col /= col.sum()
    return B


def mask_copy2(a):
    b = a * 1.0
    v = b[b > 0.5]
    v *= 2
    v[0] = 1.0
    return np.sum(v * v) + np.sum(b * b)


def two_slices2(a):
    b = a * 1.0
    b[::2][1:][0] *= b[0]
    return b * a


def same_zero2(a):
    x = y = np.zeros(3)
    x[0] = a[0]
    y += a[1]
    return np.sum(x * x) + y[0]


def in_list2(a):
    l = [a * 1.0, a * 2]
    l[0][1] = a[0] ** 2
    l[1] *= l[0]
    return np.sum(l[1])


def use_helper(a):
    b = a * 1.0
    helper_scale(b[1:3], a[0])
    return b * a


def use_helper2(a):
    b = a * 1.0
    helper_set(b[1:4], a[0])
    helper_set(b, a[1])
    return b * a


def use_helper3(a):
    b = a * 1.0
    c = helper_ret(b[1:3], a[0])
    c[0] = 2.0
    return np.sum(b * a) + np.sum(c)


def diag_r(A):
    B = A * 1.0
    d = np.diagonal(B)
    B[0, 0] = 5.0
    return np.sum(d * d) + np.sum(B)


def diag_c(A):
    B = A * 1.0
    d = np.diagonal(B).copy()
    d *= 2
    B[0, 0] = 5.0
    return np.sum(d * d) + np.sum(B)


def diag_fn(A):
    B = A * 1.0
    d = np.diag(B)
    B[0, 0] = d[1] * d[2]
    return np.sum(d * d) + np.sum(B * B)


def flat_w(A):
    B = A * 1.0
    B.flat[2] = 3.0
    return B * A


def flat_iter(A):
    B = A * 1.0
    B.flat[::4] *= 2
    return B * A


def expand(a):
    b = a * 1.0
    c = np.expand_dims(b, 0)
    c[0, 1] = a[0] ** 2
    return b * a


def atleast(a):
    b = a * 1.0
    c = np.atleast_2d(b)
    c[0, 1] = a[0] ** 2
    return b * a


def asarray_local(a):
    c = a * 1.0
    b = np.asarray(c)
    b[1] = b[0] ** 2
    return c * b


def flip_v(a):
    b = a * 1.0
    c = np.flip(b)
    c[0] = b[0] ** 2
    return b * a


def rev_v(a):
    b = a * 1.0
    c = b[::-1]
    c[1:] *= c[:-1]
    return b * a


def rot(A):
    B = A * 1.0
    C = np.rot90(B)
    C[0] = C[1] ** 2
    return B * A


def moveax(A):
    B = A * 1.0
    C = np.moveaxis(B, 0, 1)
    C[0] = C[1] ** 2
    return B * A


def swap_rows2(A):
    B = A * 1.0
    B[[0, 1]] = B[[1, 0]]
    return B * A


def swap_t2(A):
    B = A * 1.0
    t = B[0].copy()
    B[0] = B[1]
    B[1] = t
    return B * A


def ravel_t(A):
    B = A * 1.0
    v = B.T.ravel()
    v[2] = 0.0
    v[3] *= 2
    return np.sum(B * B) + np.sum(v)


def ravel_param(A):
    v = A.ravel()
    v[2] = v[1] * v[0]
    return A * A


def in_list(a):
    u = a * 1.0
    l = [u, a * 2]
    l[0][1] = a[0] ** 2
    return np.sum(u * u) + np.sum(l[1])


def in_list3(a):
    l = [np.zeros(3)] * 2
    l[0][1] = a[0] ** 2
    l[1][2] = a[1]
    return np.sum(l[1] * l[0])


def broadcast_ro(a):
    c = a * 1.0
    b = np.broadcast_to(c, (2, 6))
    c[1] = 5.0
    return b * b


def cond_view(a, n):
    b = a * 1.0
    v = b[1:] if n > 0 else b[:-1]
    v *= 2
    return b * a


def while_view(a):
    b = a * 1.0
    v = b
    while len(v) > 1:
        v[1:] *= v[0]
        v = v[1:]
    return b * a


def split_list(a):
    b = a * 1.0
    parts = np.split(b, 3)
    for p in parts:
        p[1:] *= p[0]
    return b * a


def array_split(a):
    b = a * 1.0
    parts = np.array_split(b, 3)
    parts[0] *= 2
    parts[1][0] = parts[0][0]
    return b * a


def swap_rows(A):
    B = A * 1.0
    B[0], B[1] = B[1], B[0]
    return B * A


def ein(A):
    B = A * 1.0
    d = np.einsum("ii->i", B)
    d[0] = 5.0
    return B * A


def ein2(A):
    B = A * 1.0
    d = np.einsum("ij->ji", B)
    d[0] = 5.0
    return B * A


def astype_nc(a):
    b = a * 1.0
    c = b.astype(float, copy=False)
    c[0] = 4.0
    return b * a


def list_copy2(a):
    l = [a * 1.0, a * 2]
    m = l.copy()
    m[0][1] = a[0] ** 2
    m[1] = a
    return np.sum(l[0] * a) + np.sum(l[1] * m[1])


def nan_num(a):
    b = a * 1.0
    c = np.nan_to_num(b, copy=False)
    c[0] = 3.0
    return b * a


def list_copy(a):
    l = [a * 1.0, a * 2]
    m = list(l)
    m[0][1] = a[0] ** 2
    return np.sum(l[0] * a)


def list_rows(A):
    B = A * 1.0
    rows = list(B)
    rows[0][1] = 7.0
    return B * A


def comp_rows(A):
    B = A * 1.0
    rows = [r for r in B]
    rows[0][1] = 7.0
    return B * A


def hist_alias(a):
    u = a * 1.0
    hist = []
    for _ in range(3):
        u *= a
        hist.append(u)
    return hist[0] * hist[1]


def hist_row(A):
    B = A * 1.0
    hist = []
    for i in range(2):
        hist.append(B[i])
        B[i] *= 2
    return hist[0] * hist[1]


def flatten_copy(A):
    B = A.copy()
    v = B.flatten()
    v[2] = A[0, 0] ** 2
    return np.sum(B * A) + np.sum(v)


def flatten_copy2(A):
    B = A.copy()
    v = B.flatten()
    B[0, 0] = 3.0
    return np.sum(B * A) + np.sum(v * v)


def flatiter(A):
    B = A.copy()
    f = B.flat
    f[2] = 5.0
    return B * A


def flat_part(A):
    B = A.copy()
    v = B.flat[1:3]
    v *= 2
    return np.sum(B * A) + np.sum(v)


def flat_aug(A):
    B = A.copy()
    B.flat[0] += B.flat[1] * B.flat[2]
    return B * A


def trans_methods(A):
    B = A[None] * 1.0
    B.transpose(1, 2, 0)[0] = A[1, 0] ** 2
    B.swapaxes(0, 1)[1, 0, 1:] *= 3.0
    return B


def trans_axes(A):
    B = A[None] * 1.0
    np.transpose(B, (1, 2, 0))[0, 1] = A[1, 0] ** 2
    np.moveaxis(B, -1, 0)[1] *= 2
    return B


def diag_flat(A):
    n = A.shape[0]
    M = A @ A.T
    M.flat[:: n + 1] += 2.0
    return M


def copyto_T(A):
    B = np.zeros_like(A)
    np.copyto(B.T, A.T**2)
    return B * A


def out_T(A):
    B = np.zeros_like(A)
    np.multiply(A.T, 2.0, out=B.T)
    return B * A


def addat_T(A):
    B = A.copy()
    np.add.at(B.T, [0, 0, 1], A[0, 0] ** 2)
    return B * A


def loop_T(A):
    B = A.copy()
    t = B.T
    for i in range(1, t.shape[0]):
        t[i] = t[i - 1] * t[i]
    return B


def while_T(A):
    B = A.copy()
    t = B.T
    i = 0
    while t[i, 0] < 2.5:
        t[i] *= 2
        i += 1
    return B


def cond_T(A, n):
    B = A.copy()
    t = B.T
    if n > 0:
        t[1] = t[0] ** 2
    else:
        B[1] = t[:, 0] ** 2
    return t


def gram_schmidt(A):
    Q = A.copy()
    for i in range(Q.shape[1]):
        q = Q[:, i]
        for j in range(i):
            q -= np.dot(Q[:, j], q) * Q[:, j]
        q /= np.linalg.norm(q)
    return Q


def gram_schmidt_T(A):
    Q = A.T.copy()
    for i, q in enumerate(Q):
        for p in Q[:i]:
            q -= (p @ q) * p
        q /= np.sqrt(q @ q)
    return Q.T


def softmax_rows(A):
    B = A.copy()
    for row in B:
        row -= row.max()
        np.exp(row, out=row)
        row /= row.sum()
    return B


def half_views(a):
    b = a * 1.0
    lo, hi = b[:3], b[3:]
    lo[:], hi[:] = lo + hi, lo - hi
    return b * a


def haar(a):
    b = a.copy()
    n = 4
    while n > 1:
        u = b[:n:2]
        v = b[1:n:2]
        s = (u + v) / 2
        d = u - v
        b[: n // 2] = s
        b[n // 2 : n] = d * s
        n //= 2
    return b


def inner_block(A):
    B = A.copy()
    blk = B[:1, 1:]
    blk @= np.array([[1.0, 2.0], [3.0, 4.0]])
    return B * A


def rk_views(y):
    y = y.copy()
    pos, vel = y[:3], y[3:]
    for _ in range(3):
        pos += 0.1 * vel
        vel -= 0.1 * pos
    return y


def ravel_direct(A):
    B = A.copy()
    B.ravel()[2] = A[0, 0] ** 2
    return B * A


def proc_T(A):
    A.T[0] *= 2


def proc_T2(A, B):
    t = A.T
    t[:, 0] = B.T[0, :2] ** 2 * t[:, 0]


def proc_cols(A):
    for col in A.T:
        col /= col.sum()


def swap5(a):
    b = list(a)
    b[0], b[3] = b[3], b[0]
    return b[0] * a[0] + b[3]


def swap7(a, i, j):
    a = a.copy()
    a[i], a[j] = a[j], a[i]
    return a * np.arange(6)


def pivot(A):
    M = [list(r) for r in A]
    if abs(M[0][0]) < abs(M[1][0]):
        M[0], M[1] = M[1], M[0]
    return M[0][0] * M[1][1]


def view_loop_idx(a):
    b = a * 1.0
    v = b[0:2]
    for i in range(1, 4):
        v[1] *= a[i]
        v = b[i : i + 2]
        v[0] += v[1]
    return b * a


def step_v(a):
    b = a * 1.0
    e, o = b[::2], b[1::2]
    e += o
    o *= e
    return b * a


def view_idx_change(a):
    b = a * 1.0
    i = 1
    v = b[i:]
    i = 3
    v *= a[i]
    return b * a


def ravel_order(A):
    B = A.copy()
    w = np.ravel(B, "C")[1:3]
    w *= 2
    return B * A


def ravel_order2(A):
    B = A.copy()
    w = B.ravel(order="C")[1:3]
    w *= 2
    return B * A


def ravel_f(A):
    B = A.copy()
    w = B.ravel("F")
    w[1:3] *= 2
    return B * A


def reshape2(A):
    B = A.copy()
    w = B.reshape(3, 2)
    w[0] *= 2
    return B * A


def npcopy_reshape(A):
    B = np.copy(A)
    w = B.reshape(-1)
    w[1:3] *= 2
    return B * A


def reshape_of_T(A):
    B = A.copy()
    w = B.T.reshape(-1)
    w[1:3] *= 2
    return B * A


def reshape_slice(A):
    B = A.copy()
    w = B[:, 1:].reshape(-1)
    w[1:3] *= 2
    return np.sum(B * A) + np.sum(w)


def zeros_like_r(A):
    B = np.zeros_like(A)
    w = B.reshape(-1)
    w[1:3] = A[0, 1:] ** 2
    return np.sum(B * A) + np.sum(w)


def two_overlap(a):
    b = a * 1.0
    u = b[:4]
    v = b[2:]
    u *= a[0]
    v *= u[:4]
    u += v**2
    return b * a


def before_after(A):
    B = A * 1.0
    t = B.T
    B[0] *= A[1]
    s = np.sum(t[1] ** 2)
    t[1] *= s
    return B * s


def view_of_view(A):
    B = A * 1.0
    t = B.T[1:]
    s = t.T[:, None]
    s[0] *= A[1, 1]
    t[0] += 1.0
    return B * B


def rebound(A):
    B = A * 1.0
    v = B[0]
    v *= 2
    v = B[1]
    v *= 3
    return B * A


def rebound_loop(A):
    B = A * 1.0
    for i in range(2):
        v = B[i]
        v *= A[i]
        w = v[1:]
        w += v[0]
    return B * A


def rebound_base(A):
    B = A * 1.0
    v = B.T
    B = B * 2
    v[0] *= 3
    return np.sum(B * A) + np.sum(v**2)


def update_base(A):
    B = A * 1.0
    v = B.T
    B *= 2
    v[0] *= 3
    return np.sum(B * A) + np.sum(v**2)


def squeeze_v(A):
    B = A[None] * 1.0
    v = B.squeeze()
    v[0] *= A[1]
    return B * A


def squeeze_ax(A):
    B = A[None] * 1.0
    v = np.squeeze(B, axis=0)
    v[0] *= A[1]
    return B * A


def fliplr_w(A):
    B = A * 1.0
    C = np.fliplr(B)
    C[0] *= A[1]
    return B * C


def ell(A):
    B = A * 1.0
    v = B[...]
    v *= A
    return B * B


def ell2(A):
    B = A * 1.0
    v = B[..., 0]
    v *= A[:, 1]
    return B * B


def swapped(A):
    B = A * 1.0
    u, v = B[0], B[1]
    u, v = v, u
    u *= 2
    return B * A


def popped_into(a):
    l = [a[0], a[1] * 2, a[2]]
    b = np.zeros(2)
    b[0] = l.pop()
    return b[0] * l[-1] * a


def popped_rows(a):
    l = [a * 1.0, a * 2, a**2]
    B = np.zeros((2, 6))
    for i in range(2):
        B[i] = l.pop()
        B[i] *= a
    return B[0] * B[1] * l[-1]


def list_same(a):
    b = a * 1.0
    l = [b, b]
    l[0][1] = a[0] ** 2
    return np.sum(l[1])


def list_appended_twice(a):
    b = a * 1.0
    l = []
    for _ in range(2):
        l.append(b)
    l[0][1] = a[0] ** 2
    return np.sum(l[1])


def list_item_twice(a):
    l = [a * 1.0, a * 2]
    l[1] = l[0]
    l[0][1] = a[0] ** 2
    return np.sum(l[1])


def list_overlapping(a):
    b = a * 1.0
    l = [b, b[1:]]
    l[0][1] = a[0] ** 2
    return np.sum(l[1])


def list_fresh(a):
    l = []
    for i in range(3):
        b = a * i
        b[0] = 1.0
        l.append(b)
    l[1][2] = a[0]
    return np.sum(l[1] * l[2])
