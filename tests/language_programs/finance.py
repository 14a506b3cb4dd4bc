"""Prices, filters, statistics, rays."""

import math

import numpy as np


def norm_cdf(x):
    return 1 / (1 + np.exp(-0.07056 * x**3 - 1.5976 * x))


def black_scholes(S, K, T, r, sigma, option="call"):
    d1 = (np.log(S / K) + (r + 0.5 * sigma**2) * T) / (sigma * np.sqrt(T))
    d2 = d1 - sigma * np.sqrt(T)
    if option == "call":
        price = S * norm_cdf(d1) - K * np.exp(-r * T) * norm_cdf(d2)
    elif option == "put":
        price = K * np.exp(-r * T) * norm_cdf(-d2) - S * norm_cdf(-d1)
    else:
        raise ValueError(f"unknown option type {option!r}")
    return price


def binomial_tree(S, K, T, r, sigma, N):
    dt = T / N
    u = np.exp(sigma * np.sqrt(dt))
    d = 1 / u
    q = (np.exp(r * dt) - d) / (u - d)
    values = np.maximum(S * u ** np.arange(N, -N - 1, -2.0) - K, 0)
    i = N
    while i > 0:
        values = np.exp(-r * dt) * (q * values[:-1] + (1 - q) * values[1:])
        i -= 1
    return values[0]


def american_put(spot, strike, rate, u, p, n):
    v = [max(strike - spot * u ** (n - 2 * j), 0.0) for j in range(n + 1)]
    for i in reversed(range(n)):
        for j in range(i + 1):
            hold = math.exp(-rate) * (p * v[j] + (1 - p) * v[j + 1])
            exercise = strike - spot * u ** (i - 2 * j)
            v[j] = hold if hold > exercise else exercise
    return v[0]


def compound_interest(principal: float, rate: float, years: int, deposit: float = 0.0) -> float:
    balance = principal
    for year in range(years):
        balance += deposit
        balance *= 1 + rate
    return balance


def net_present_value(cashflows, rate):
    return sum(cf / (1 + rate) ** t for t, cf in enumerate(cashflows))


def tax(income, brackets, rates):
    owed = 0.0
    lower = 0.0
    for upper, rate in zip(brackets, rates):
        if income <= upper:
            owed += (income - lower) * rate
            break
        owed += (upper - lower) * rate
        lower = upper
    else:
        owed += (income - lower) * rates[-1]
    return owed


def asian_option(s0, strike, vol, rate, dt, normals):
    payoffs = []
    for path in normals:
        s, total = s0, 0.0
        for z in path:
            s = s * np.exp((rate - 0.5 * vol**2) * dt + vol * np.sqrt(dt) * z)
            total += s
        payoffs.append(np.maximum(total / len(path) - strike, 0.0))
    return np.mean(payoffs)


def kalman_1d(zs, x, P, Q, R):
    estimates = []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        x = x + K * (z - x)
        P = (1 - K) * P
        estimates.append(x)
    return np.array(estimates)


def kalman_log_likelihood(y, F, H, Q, R, x0, P0):
    """The innovations' Gaussian log-likelihood."""
    x, P = x0, P0
    ll = 0.0
    for t in range(len(y)):
        # predict
        x = F @ x
        P = F @ P @ F.T + Q
        # update
        v = y[t] - H @ x
        S = H @ P @ H.T + R
        K = P @ H.T @ np.linalg.inv(S)
        x = x + K @ v
        P = P - K @ S @ K.T
        ll -= 0.5 * (v @ np.linalg.solve(S, v) + np.log(np.linalg.det(S)))
    return ll


def moving_average(x, window):
    result = np.empty(len(x) - window + 1)
    acc = 0.0
    for i in range(len(x)):
        acc += x[i]
        if i >= window:
            acc -= x[i - window]
        if i >= window - 1:
            result[i - window + 1] = acc / window
    return result


def exponential_smoothing(series, alpha):
    result = [series[0]]
    for n in range(1, len(series)):
        result.append(alpha * series[n] + (1 - alpha) * result[n - 1])
    return result


def arma_log_likelihood(y, phi, theta, mu, sigma):
    n = len(y)
    e = np.zeros(n)
    for t in range(n):
        ar = 0.0
        for i in range(len(phi)):
            if t - i - 1 >= 0:
                ar += phi[i] * (y[t - i - 1] - mu)
        ma = sum(theta[j] * e[t - j - 1] for j in range(len(theta)) if t - j - 1 >= 0)
        e[t] = y[t] - mu - ar - ma
    return -0.5 * n * np.log(2 * np.pi * sigma**2) - np.sum(e**2) / (2 * sigma**2)


def garch(returns, omega, alpha, beta):
    var = np.var(returns)
    ll = 0.0
    for r in returns:
        ll -= 0.5 * (np.log(var) + r**2 / var)
        var = omega + alpha * r**2 + beta * var
    return ll


def welford(data):
    count, mean, m2 = 0, 0.0, 0.0
    for value in data:
        count += 1
        delta = value - mean
        mean += delta / count
        m2 += delta * (value - mean)
    return mean, m2 / (count - 1)


def gaussian_mixture(x, weights, mus, sigmas):
    total = 0.0
    for xi in x:
        density = 0.0
        for w, mu, s in zip(weights, mus, sigmas):
            density += w * np.exp(-0.5 * ((xi - mu) / s) ** 2) / (s * np.sqrt(2 * np.pi))
        total += np.log(density)
    return total


def kernel_density(points, data, h):
    """Epanechnikov's estimate.

    Parameters
    ----------
    points : ndarray of shape (n,)
        Where to estimate.
    data : ndarray of shape (m,)
        The observations.
    h : float
        The bandwidth.

    Returns
    -------
    ndarray of shape (n,)
    """
    out = np.zeros(len(points))
    for i, p in enumerate(points):
        for d in data:
            u = (p - d) / h
            if abs(u) < 1:
                out[i] += 0.75 * (1 - u * u) / h
    return out / len(data)


def geometric_series(a, r, eps=1e-17):
    total, term = 0.0, a
    while True:
        total += term
        term *= r
        if abs(term) < eps:
            break
    return total


def exp_series(x):
    term = total = 1.0
    for n in range(1, 100):
        term = term * x / n
        total += term
        if abs(term) < 1e-18 * abs(total):
            break
    return total


def ray_sphere(origin, direction, center, radius):
    """Distance along the ray, or -1 where it misses."""
    oc = origin - center
    a = direction @ direction
    b = 2.0 * np.dot(oc, direction)
    c = np.dot(oc, oc) - radius * radius
    disc = b * b - 4 * a * c
    if disc < 0:
        return -1.0
    root = math.sqrt(disc)
    t = (-b - root) / (2 * a)
    if t > 0:
        return t
    return (-b + root) / (2 * a)


def monte_carlo_area(samples, a, b):
    inside = 0.0
    for x, y in samples:
        d = 1 - (x / a) ** 2 - (y / b) ** 2
        inside += 1 / (1 + math.exp(-10 * d))
    return inside / len(samples)


def trapezoid(a, b, n, power):
    h = (b - a) / n
    s = 0.5 * (a**power + b**power)
    for i in range(1, n):
        s += (a + i * h) ** power
    return s * h


def covariance(M, float_n, data):
    mean = np.mean(data, axis=0)
    data -= mean
    cov = np.zeros((M, M))
    for i in range(M):
        cov[i:, i] = data[:, i] @ data[:, i:] / (float_n - 1.0)
        cov[i, i:] = cov[i:, i]
    return cov
