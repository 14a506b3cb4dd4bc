"""Arguments of the programs in dynamic.py."""

import numpy as np

from language_points.program import Draws, program

m = Draws(6)
s = m.signed
rows = m(3, 3)
chances = rows / rows.sum(axis=1, keepdims=True)

POINTS = {
    "soft_dtw": program("x y gamma", (s(3), s(4), 0.7)),
    "hard_dtw": program("x y", ([0.3, 1.2, 0.8], [0.5, 1.7])),
    "soft_edit_distance": program("scores gap temperature", (s(2, 3), 0.6, 0.8)),
    "hmm_log_likelihood": program("log_pi log_A log_B", (s(3), s(3, 3), s(3, 2), [0, 1, 1, 0])),
    "hmm_scaled": program(
        "pi A B", (m(3), chances, m(3, 2), np.array([0, 1, 1])), (m(3), chances, m(3, 2), [1])
    ),
    "viterbi_score": program("emissions transitions", (s(4, 3), s(3, 3)), (s(1, 3), s(3, 3))),
    "viterbi_path_score": program("unary pairwise", (s(4, 3), s(3, 3))),
    "crf_negative_log_likelihood": program(
        "emissions transitions", (s(4, 3), [0, 2, 1, 1], s(3, 3))
    ),
    "horner": program("coefficients x", ([1.0, -2.0, 0.5], 0.7), (m(4), m(3)), (m(0), 0.7)),
    "chebyshev": program("c x", (s(5), 0.4), (s(1), 0.4)),
    "legendre": program("x", (4, m(3)), (1, m(3)), (2, m(2))),
    "continued_fraction": program("a b", (m(4), m(3)), (m(1), m(0))),
    "fibonacci_like": program("a b", (0.7, 1.2, 6), (0.7, 1.2, 0), (m(2), m(2), 3)),
    "cumulative_decay": program("x decay", (s(5), 0.8), (s(1), 0.8)),
    "logistic_map": program("r x", (3.2, 0.3, 5)),
    "recursive_filter": program("b a signal", (s(2), m(3) + 1, s(5))),
    "knapsack_soft": program("values tau", (m(3), [2, 1, 3], 5, 0.5)),
    "edit_grid_paths": program("grid", (m(3, 3),), (m(1, 1),)),
    "floyd_warshall": program("path", (m(4, 4) ** 3,), outputs="path"),
    "ctc_like": program("log_probs", (s(5, 3), [0, 2, 1])),
}
