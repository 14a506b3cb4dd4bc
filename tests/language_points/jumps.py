"""Arguments of the programs in language_programs/jumps.py."""

import numpy as np

from language_points.program import program

A = np.array([[0.1, 0.9], [1.2, 0.3]])
X = np.array([0.9, -0.7, 0.4])
W = np.array([0.5, 0.8, -0.3])

POINTS = {
    "else_that_returns": program("x", (1.1, 1), (1.1, 5), (0.4, 2), (1.1, 0)),
    "while_else_that_may_return": program("x", (1.1, 1), (1.1, 5), (0.4, 2), (1.1, 0)),
    "else_that_goes_on": program("A", (A, 9.0), (A, 0.5), (A, 1.5)),
    "else_that_goes_on_and_a_return": program("A", (A, 9.0), (A, 0.5), (A, 1.5)),
    "else_that_breaks": program("x", (1.1, 1, 2), (1.1, 5, 4), (0.4, 2, 0), (0.4, 2, 5)),
    "returns_in_loop_and_else": program("x", (1.1, 1), (1.1, 2), (1.1, 5), (1.3, 1), (1.05, 4)),
    "returns_in_both_branches": program("x", (0.5,), (2.0,), (-0.5,), (-2.0,)),
    "return_break_and_else": program("x", (0.5, 0), (0.5, 1), (0.5, 3), (-2.0, 3), (-0.5, 3)),
    "continue_in_both_branches": program(
        "xs y", ([0.5, 2.0, -0.5, 0.7, -2.0, 0.3], 1.1), ([2.0, -0.3], 0.4)
    ),
    "break_of_two_loops": program(
        "xs t", ([1.0, 2.0], 0.3), ([1.0, 2.0], 1.1), ([1.0, 2.0], 2.0), ([1.0], 0.2)
    ),
    "stops_writing": program("A", (X,), (X * 2,), (X[:2] + 1.5,), outputs="A"),
    "index_named_before": program("x", (0.5, 3), (X, 2), (0.4, 0)),
    "index_of_two_loops": program("x", (0.5, 3), (0.9, 5)),
    "exponent_named_again": program("x p", (0.5, 3.0), (1.2, 2.5), asked=True),
    "place_named_again": program("x", (X, 1), (X + 1, 2), (X[:1], 0)),
    "list_relu": program("xs w", ([1.0, -2.0], [10.0, 100.0]), ([-1.0, 2.0], [0.3, 0.2])),
    "table_relu": program("M w", ([[1.0, -2.0], [3.0, 4.0]], [10.0, 100.0])),
    "appended_arrays_or_zeros": program("x w", (X, W), (-X, W)),
    "appended_products_or_zeros": program("x w", (X, W), (-X, W)),
    "next_one_if_there_is_one": program("x k", (X, 0.3), (X[:1], 0.4), (list(X), 0.3)),
    "next_row_if_there_is_one": program("x u", (np.outer(W, W[:2]), np.outer(X[:2], W[:2]))),
    "roots_of_the_positive": program("xs", ([1.0, -1.0, 0.3],), ([0.4],)),
    "larger_neighbour": program("xs", ([1.0, 3.0, 2.0],), (X,), ([0.3],)),
    "index_kept_past_no_round": program("x a", (W, 3.0), ([0.3, 0.4], 0.7)),
    "list_made_anew": program("x a", (W, 0.3, 3), ([0.3, 0.4], 0.7, 2)),
    "returns_of_two_loops": program("x y", (0.3, 0.4), (1.4, 1.2), (0.9, 1.1)),
    "returns_in_several_branches": program(
        "a b", (0.3, 0.4), (0.4, -2.0), (-0.3, 0.4), (0.3, 3.0), (0.4, -0.4), (0.9, 0.8)
    ),
    "nested_tests": program("x y", (2.0, 1.0), (0.5, 0.7), (0.5, -0.7)),
}
