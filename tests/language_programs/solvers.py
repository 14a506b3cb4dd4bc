"""Linear systems, eigenvalues, roots."""

import math

import numpy as np


def gauss_elimination(A: np.ndarray, b: np.ndarray) -> np.ndarray:
    A = A.copy()
    b = b.copy()
    n = len(b)
    for k in range(n - 1):
        for i in range(k + 1, n):
            factor = A[i, k] / A[k, k]
            A[i, k:] -= factor * A[k, k:]
            b[i] -= factor * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - np.dot(A[i, i + 1 :], x[i + 1 :])) / A[i, i]
    return x


def gauss_with_pivoting(a, b):
    n = a.shape[0]
    M = np.hstack([a, b.reshape(-1, 1)])
    for col in range(n):
        pivot = col + np.argmax(np.abs(M[col:, col]))
        if pivot != col:
            M[[col, pivot]] = M[[pivot, col]]
        M[col] = M[col] / M[col, col]
        for row in range(n):
            if row == col:
                continue
            M[row] -= M[row, col] * M[col]
    return M[:, -1]


def lu(A):
    for i in range(A.shape[0]):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, A.shape[0]):
            A[i, j] -= A[i, :i] @ A[:i, j]


def cholesky(A):
    n = A.shape[0]
    A[0, 0] = np.sqrt(A[0, 0])
    for i in range(1, n):
        for j in range(i):
            A[i, j] -= np.dot(A[i, :j], A[j, :j])
            A[i, j] /= A[j, j]
        A[i, i] -= np.dot(A[i, :i], A[i, :i])
        A[i, i] = np.sqrt(A[i, i])


def cholesky_logdet(K: np.ndarray, noise: float) -> float:
    n = len(K)
    L = [[0.0] * n for _ in range(n)]
    logdet = 0.0
    for i in range(n):
        for j in range(i + 1):
            s = sum(L[i][k] * L[j][k] for k in range(j))
            if i == j:
                L[i][j] = math.sqrt(K[i, i] + noise - s)
                logdet += 2 * math.log(L[i][j])
            else:
                L[i][j] = (K[i, j] - s) / L[j][j]
    return logdet


def trisolv(L, x, b):
    for i in range(L.shape[0]):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / L[i, i]


def back_substitution(U, y):
    """Solve U x = y.

    Parameters
    ----------
    U : ndarray of shape (n, n)
        Upper triangular.
    y : ndarray of shape (n,)
        Right-hand side.
    """
    n = y.shape[0]
    x = np.zeros(n)
    for i in reversed(range(n)):
        tmp = y[i]
        for j in range(i + 1, n):
            tmp -= U[i, j] * x[j]
        x[i] = tmp / U[i, i]
    return x


def conjugate_gradient(A, b, x0, tol=1e-13):
    x = x0
    r = b - A @ x
    p = r
    rs_old = r @ r
    while True:
        Ap = A @ p
        alpha = rs_old / (p @ Ap)
        x = x + alpha * p
        r = r - alpha * Ap
        rs_new = r @ r
        if np.sqrt(rs_new) < tol:
            break
        p = r + (rs_new / rs_old) * p
        rs_old = rs_new
    return x


def cg_in_place(A, b, max_iter):
    x = np.zeros_like(b)
    r = b.copy()
    p = r.copy()
    rho = np.dot(r, r)
    k = 0
    while k < max_iter and rho > 1e-20:
        q = A.dot(p)
        alpha = rho / np.dot(p, q)
        x += alpha * p
        r -= alpha * q
        rho_new = np.dot(r, r)
        p *= rho_new / rho
        p += r
        rho = rho_new
        k += 1
    return x, k


def power_iteration(A, v, iterations=30):
    for _ in range(iterations):
        w = A @ v
        v = w / np.linalg.norm(w)
    return v @ A @ v


def jacobi_solve(A, b, tol=1e-12, maxiter=500):
    D = np.diag(A)
    R = A - np.diag(D)
    x = b / D
    for k in range(maxiter):
        x_new = (b - R @ x) / D
        if np.max(np.abs(x_new - x)) < tol:
            return x_new
        x = x_new
    raise RuntimeError("Jacobi iteration did not converge")


def gauss_seidel(A, b, n_iter):
    x = [0.0 for _ in b]
    for _ in range(n_iter):
        for i in range(len(b)):
            sigma = 0.0
            for j in range(len(b)):
                if j != i:
                    sigma += A[i, j] * x[j]
            x[i] = (b[i] - sigma) / A[i, i]
    return np.array(x)


def newton_sqrt(a, tol=1e-12):
    x = a
    while abs(x * x - a) > tol:
        x = 0.5 * (x + a / x)
    return x


def kepler(mean_anomaly, e):
    """Solve Kepler's equation M = E - e sin E with Newton's method."""
    E = mean_anomaly + e * math.sin(mean_anomaly)
    for _ in range(50):
        delta = (E - e * math.sin(E) - mean_anomaly) / (1 - e * math.cos(E))
        E -= delta
        if abs(delta) < 1e-14:
            break
    else:
        raise ValueError("no convergence")
    return E


def regula_falsi(a, b, c, steps=60):
    """Root of c*x**3 - x - 1 in [a, b] by the Illinois method."""

    def g(x):
        return c * x**3 - x - 1

    fa = g(a)
    fb = g(b)
    if fa == 0:
        return a
    for _ in range(steps):
        m = (a * fb - b * fa) / (fb - fa)
        fm = g(m)
        if abs(fm) < 1e-14 or abs(b - a) < 1e-14:
            return m
        if fm * fb < 0:
            a, fa = b, fb
        else:
            fa = fa / 2
        b, fb = m, fm
    return m


def secant(x0, x1, p, tol=1e-13):
    f0, f1 = math.cos(x0) - p * x0, math.cos(x1) - p * x1
    while abs(x1 - x0) > tol and f1 != f0:
        x0, x1 = x1, x1 - f1 * (x1 - x0) / (f1 - f0)
        f0, f1 = f1, math.cos(x1) - p * x1
    return x1


def thomas(a, b, c, d):
    """Tridiagonal matrix algorithm: a below, b on, c above the diagonal."""
    n = len(d)
    cp = np.zeros(n - 1)
    dp = np.zeros(n)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n - 1):
        m = b[i] - a[i - 1] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i - 1] * dp[i - 1]) / m
    dp[n - 1] = (d[n - 1] - a[n - 2] * dp[n - 2]) / (b[n - 1] - a[n - 2] * cp[n - 2])
    x = np.zeros(n)
    x[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return x


def gram_schmidt(A):
    Q = np.zeros_like(A)
    R = np.zeros((A.shape[1], A.shape[1]))
    for k in range(A.shape[1]):
        v = A[:, k].copy()
        for j in range(k):
            R[j, k] = Q[:, j] @ A[:, k]
            v -= R[j, k] * Q[:, j]
        R[k, k] = np.linalg.norm(v)
        Q[:, k] = v / R[k, k]
    return Q, R


def householder_qr(A):
    m, n = A.shape
    R = A.copy()
    Q = np.eye(m)
    for k in range(n):
        x = R[k:, k]
        s = -1.0 if x[0] < 0 else 1.0
        v = x.copy()
        v[0] += s * np.sqrt(np.sum(x**2))
        v /= np.linalg.norm(v)
        R[k:, k:] -= 2.0 * np.outer(v, v @ R[k:, k:])
        Q[:, k:] -= 2.0 * np.outer(Q[:, k:] @ v, v)
    return Q, R


def durbin(r):
    """Solve a Toeplitz system by Levinson and Durbin's recurrence."""
    y = np.empty_like(r)
    alpha = -r[0]
    beta = 1.0
    y[0] = -r[0]
    for k in range(1, r.shape[0]):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(np.flip(r[:k]), y[:k])) / beta
        y[:k] += alpha * np.flip(y[:k])
        y[k] = alpha
    return y


def determinant(m):
    """Cofactors along the first row, for lists of lists."""
    if len(m) == 1:
        return m[0][0]
    total = 0
    for j in range(len(m)):
        minor = [row[:j] + row[j + 1 :] for row in m[1:]]
        total += (-1) ** j * m[0][j] * determinant(minor)
    return total
