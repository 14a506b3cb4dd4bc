"""Writes into parts of arrays, views, masks and repeated indices."""

import numpy as np


def mask_scaled(x):
    x = x.copy()
    x[x > 0] *= 2
    x[x < -1] = -1.0
    return x**2


def clip_argument(x, lo, hi):
    x[x < lo] = lo
    x[x > hi] = hi


def masked_mean(x, mask):
    kept = x[mask]
    kept -= kept.mean()
    return np.sum(kept**3) + x.sum()


def scatter_add(values, index, n):
    out = np.zeros(n)
    np.add.at(out, index, values)
    return out**2


def histogram_loop(values, bins, weights):
    h = np.zeros(len(weights))
    for v, b in zip(values, bins):
        h[b] += v * weights[b]
    return h


def fancy_plus_equals(x, idx, v):
    # repeated indices: the last one wins
    y = x.copy()
    y[idx] += v
    return y * x


def gather_twice(table, i):
    rows = table[i]
    rows[0] = rows[0] * rows[1]
    return rows.sum() + table[i[-1]].prod()


def view_scaled(a):
    a = a * 1.0
    v = a[1:]
    v *= 2
    w = v[::2]
    w += a[0]
    return a**2


def view_of_argument(a):
    inner = a[1:-1, 1:-1]
    inner += inner**2
    a[0] = inner[0, 0]


def reshaped_view(x):
    m = np.zeros((2, 3))
    flat = m.reshape(-1)
    flat[:] = x
    m[1] *= m[0]
    return flat * x


def transposed_view(x):
    y = x.copy()
    t = y.T
    for i in range(t.shape[0]):
        t[i] /= t[i].sum()
    return y


def swap_rows(A, i, j):
    A = A.copy()
    A[[i, j]] = A[[j, i]]
    return A * np.arange(A.size).reshape(A.shape)


def swap_items(a, n):
    a = a.copy()
    for i in range(n // 2):
        a[i], a[n - 1 - i] = a[n - 1 - i], a[i] * 2
    return a**2


def bubble_sort(a):
    b = a.copy()
    for i in range(len(b)):
        for j in range(len(b) - 1 - i):
            if b[j] > b[j + 1]:
                b[j], b[j + 1] = b[j + 1], b[j]
    return b * np.arange(len(b))


def reverse_in_place(a):
    a[:] = a[::-1] * a


def shift_in_place(a, steps):
    for _ in range(steps):
        a[1:] = 0.5 * a[:-1] + a[1:]


def out_arguments(x, y):
    buffer = np.empty_like(x)
    np.multiply(x, y, out=buffer)
    np.add(buffer, x, out=buffer)
    np.exp(buffer, buffer)
    return buffer


def out_into_argument(x, y, result):
    np.sin(x, out=result)
    result *= y


def fill_diagonal(A, v):
    B = A @ A
    np.fill_diagonal(B, v)
    return B @ A


def filled(x, c):
    y = np.empty(x.shape)
    y.fill(c)
    y[::2] = x[::2]
    return y * x


def diagonal_by_index(A):
    n = len(A)
    A = A.copy()
    A[np.arange(n), np.arange(n)] += np.trace(A)
    return A**2


def copy_then_add(x, v):
    y = x.copy()
    y += v
    x = x * y
    y *= x
    return x + y


def augmented_parameter(x, v):
    x = x + 0
    x += v
    x[0] -= v[0] ** 2
    return x * v


def alias(a):
    b = a.copy()
    c = b
    c += 1
    b *= c
    return b + c


def two_buffers(x, n):
    src, dst = x.copy(), np.zeros_like(x)
    for _ in range(n):
        dst[1:] = src[1:] * src[:-1]
        dst[0] = src[0]
        src, dst = dst, src
    return src


def column_by_column(X):
    out = np.empty_like(X)
    for j in range(X.shape[1]):
        col = X[:, j]
        out[:, j] = (col - col.mean()) / col.std()
    return out


def build_matrix(theta):
    R = np.eye(3)
    c, s = np.cos(theta), np.sin(theta)
    R[0, 0], R[0, 1] = c, -s
    R[1, :2] = s, c
    return R


def rotation_chain(angles):
    M = np.eye(2)
    for a in angles:
        M = M @ np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    return M


def overwritten(x):
    y = x * x
    y[0] = 5.0
    y[1:] = y[:-1]
    return y.sum() * x


def prefix_sums(a):
    for i in range(1, a.shape[0]):
        a[i] += a[i - 1]
    for j in range(1, a.shape[1]):
        a[:, j] += a[:, j - 1]


def kernel_gemm(alpha, beta, C, A, B):
    C *= beta
    for i in range(A.shape[0]):
        for k in range(A.shape[1]):
            C[i] += alpha * A[i, k] * B[k]


def triangular_product(alpha, A, B):
    for i in range(B.shape[0]):
        for j in range(B.shape[1]):
            B[i, j] += np.dot(A[i + 1 :, i], B[i + 1 :, j])
    B *= alpha


def mvt_twice(x1, x2, y, A):
    x1 += A @ y
    x2 += x1 @ A


def normalise_rows(X, eps):
    for row in X:
        row /= np.sqrt(row @ row) + eps


def ellipsis_and_newaxis(x):
    y = np.zeros((2, *x.shape))
    y[0, ...] = x
    y[1] = x[..., ::-1] * x
    y[..., 0] += y[..., -1]
    return y


def minimum_at(x, y):
    z = np.maximum(x, y)
    z[z > 1] = np.sqrt(z[z > 1])
    z[..., -1] = x[..., 0]
    return z


def integers_in(counts, p):
    total = 0.0
    for k, c in enumerate(counts):
        total += c * np.log(p[k])
    return total


def items_swapped_by_number(x, n):
    a = np.array([x, x * x, 1.0])
    for i in range(n):
        a[i % 3], a[(i + 1) % 3] = a[(i + 1) % 3] * x, a[i % 3] + a[2]
    return a


def edge_strength(image):
    gy, gx = np.gradient(image, 0.3)
    return np.sqrt(gy**2 + gx**2 + 0.1)


def slopes_of_a_product(image):
    gx, gy = np.gradient(image * image, 0.5, 2.0, axis=(1, 0))
    return np.sum(gy * gx**2)


def weighted_by_place(A):
    s = 0.0
    for (i, j), v in np.ndenumerate(A):
        s += v * v * (i - j)
    for place in np.ndindex(*A.shape):
        s = s * A[place]
    return s


def results_under_one_name(a):
    r = np.linalg.slogdet(a)
    return r, a * 2


def results_at_once(a):
    return np.linalg.qr(a)


def history_of_states(x, n):
    h = np.zeros((n + 1,) + x.shape)
    g = np.ones((n + 1, *x.shape))
    for i in range(n):
        h[i + 1] = h[i] * x + g[i]
    return h[-1]
