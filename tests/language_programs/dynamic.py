"""Dynamic programming and recurrences."""

import math

import numpy as np


def soft_dtw(x, y, gamma):
    n, m = len(x), len(y)
    R = np.full((n + 1, m + 1), 1e3)
    R[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (x[i - 1] - y[j - 1]) ** 2
            r = np.array([R[i - 1, j - 1], R[i - 1, j], R[i, j - 1]]) / -gamma
            rmax = r.max()
            softmin = -gamma * (np.log(np.exp(r - rmax).sum()) + rmax)
            R[i, j] = cost + softmin
    return R[n, m]


def hard_dtw(x: list[float], y: list[float]) -> float:
    D = [[float("inf")] * (len(y) + 1) for _ in range(len(x) + 1)]
    D[0][0] = 0.0
    for i, xi in enumerate(x, start=1):
        for j, yj in enumerate(y, start=1):
            D[i][j] = abs(xi - yj) + min(D[i - 1][j], D[i][j - 1], D[i - 1][j - 1])
    return D[-1][-1]


def soft_edit_distance(scores, gap, temperature):
    def softmin(*values):
        return -temperature * math.log(sum(math.exp(-v / temperature) for v in values))

    rows, cols = scores.shape
    previous = [j * gap for j in range(cols + 1)]
    for i in range(rows):
        current = [(i + 1) * gap]
        for j in range(cols):
            current.append(
                softmin(previous[j] + scores[i, j], previous[j + 1] + gap, current[j] + gap)
            )
        previous = current
    return previous[-1]


def logsumexp(a, axis=0):
    m = a.max(axis=axis)
    return m + np.log(np.exp(a - np.expand_dims(m, axis)).sum(axis=axis))


def hmm_log_likelihood(log_pi, log_A, log_B, observations):
    alpha = log_pi + log_B[:, observations[0]]
    for o in observations[1:]:
        alpha = logsumexp(alpha[:, None] + log_A, axis=0) + log_B[:, o]
    return logsumexp(alpha)


def hmm_scaled(pi, A, B, obs):
    """Forward algorithm with scaling factors."""
    T, S = len(obs), len(pi)
    alpha = np.zeros((T, S))
    scale = np.zeros(T)
    alpha[0] = pi * B[:, obs[0]]
    scale[0] = alpha[0].sum()
    alpha[0] /= scale[0]
    for t in range(1, T):
        for j in range(S):
            alpha[t, j] = np.sum(alpha[t - 1] * A[:, j]) * B[j, obs[t]]
        scale[t] = np.sum(alpha[t])
        alpha[t] = alpha[t] / scale[t]
    return np.log(scale).sum()


def viterbi_score(emissions, transitions):
    score = emissions[0]
    for e in emissions[1:]:
        best = np.empty(len(score))
        for j in range(len(score)):
            best[j] = max(score[i] + transitions[i, j] for i in range(len(score)))
        score = best + e
    return score.max()


def viterbi_path_score(unary, pairwise):
    """Follow the best path back and sum what lies on it."""
    n, k = unary.shape
    delta = unary[0]
    back = []
    for t in range(1, n):
        candidates = delta[:, None] + pairwise
        back.append(np.argmax(candidates, axis=0))
        delta = np.max(candidates, axis=0) + unary[t]
    state = int(np.argmax(delta))
    total = unary[n - 1, state]
    for t in range(n - 1, 0, -1):
        previous = back[t - 1][state]
        total += pairwise[previous, state] + unary[t - 1, previous]
        state = previous
    return total


def crf_negative_log_likelihood(emissions, tags, transitions):
    score = emissions[0, tags[0]]
    for i in range(1, len(tags)):
        score += transitions[tags[i - 1], tags[i]]
        score += emissions[i, tags[i]]
    log_z = emissions[0]
    for i in range(1, len(emissions)):
        log_z = logsumexp(log_z[:, np.newaxis] + transitions + emissions[i], axis=0)
    return logsumexp(log_z) - score


def horner(coefficients, x):
    result = 0.0
    for c in reversed(coefficients):
        result = result * x + c
    return result


def chebyshev(c, x):
    """Clenshaw's recurrence."""
    b1, b2 = 0.0, 0.0
    for k in range(len(c) - 1, 0, -1):
        b1, b2 = c[k] + 2 * x * b1 - b2, b1
    return c[0] + x * b1 - b2


def legendre(n, x):
    p0, p1 = np.ones_like(x), x
    if n == 0:
        return p0
    for k in range(1, n):
        p0, p1 = p1, ((2 * k + 1) * x * p1 - k * p0) / (k + 1)
    return p1


def continued_fraction(a, b):
    value = a[-1]
    for i in range(len(a) - 2, -1, -1):
        value = a[i] + b[i] / value
    return value


def fibonacci_like(a, b, n):
    for _ in range(n):
        a, b = b, a + 0.5 * b
    return a


def cumulative_decay(x, decay):
    y = np.zeros_like(x)
    y[0] = x[0]
    for t in range(1, len(x)):
        y[t] = decay * y[t - 1] + x[t]
    return y


def logistic_map(r: float, x: float, n: int) -> float:
    for i in range(n):
        x = r * x * (1 - x)
    return x


def recursive_filter(b, a, signal):
    """Direct form of an infinite impulse response filter."""
    out = np.zeros(len(signal))
    for n in range(len(signal)):
        for k in range(len(b)):
            if n - k >= 0:
                out[n] += b[k] * signal[n - k]
        for k in range(1, len(a)):
            if n - k < 0:
                break
            out[n] -= a[k] * out[n - k]
        out[n] /= a[0]
    return out


def knapsack_soft(values, weights, capacity, tau):
    best = np.zeros(capacity + 1)
    for v, w in zip(values, weights):
        for c in range(capacity, w - 1, -1):
            best[c] = tau * np.logaddexp(best[c] / tau, (best[c - w] + v) / tau)
    return best[capacity]


def edit_grid_paths(grid):
    """Sum over all monotone paths of the product of the cells."""
    g = grid.copy()
    rows, cols = g.shape
    for j in range(1, cols):
        g[0, j] *= g[0, j - 1]
    for i in range(1, rows):
        g[i, 0] *= g[i - 1, 0]
        for j in range(1, cols):
            g[i, j] *= g[i - 1, j] + g[i, j - 1]
    return g[-1, -1]


def floyd_warshall(path):
    for k in range(path.shape[0]):
        path[:] = np.minimum(path, path[:, k, None] + path[None, k, :])


def ctc_like(log_probs, labels):
    """Alignments that stay at a label or move to the next."""
    T, L = log_probs.shape[0], len(labels)
    alpha = [[-1e2] * L for _ in range(T)]
    alpha[0][0] = log_probs[0, labels[0]]
    for t in range(1, T):
        for s in range(L):
            stay = alpha[t - 1][s]
            if s > 0:
                move = alpha[t - 1][s - 1]
                stay = np.logaddexp(stay, move)
            alpha[t][s] = stay + log_probs[t, labels[s]]
    return alpha[T - 1][L - 1]
