"""Arguments of the programs in language_programs/carried.py."""

import numpy as np

from language_points.program import program

A = np.array([0.3, 0.8, -0.4])
C = np.array([0.9, -0.2, 0.5])
ONE = np.array([0.7])

POINTS = {
    "two_behind": program("x", (A, 3), (0.4, 3), (ONE, 2), (A, 1)),
    "chebyshev_term": program("x", (A, 4), (0.3, 2), (A, 0)),
    "clenshaw_sum": program("c x", (C, A), (C, 0.2), (C, ONE)),
    "legendre_term": program("x", (A, 5), (0.3, 4)),
    "adams_bashforth": program("y h", (A, 4, 0.1), (0.4, 3, 0.1)),
    "nesterov_velocity": program("w lr", (A, 0.1, 3), (0.2, 0.1, 3)),
    "cell_and_state": program("x W", (A, np.outer(A, C), 3)),
    "power_series": program("x", (A, 4), (0.3, 3), (A, 1)),
    "one_entry_grows": program("x", (A, 3), (ONE, 3)),
    "entries_passed_on": program("x", (A, 3), (0.3, 2)),
    "five_behind": program("x", (A, 6), (A, 3), (0.4, 6)),
    "carried_by_while": program("x", (A, 4), (0.4, 4)),
    "carried_by_inner_loop": program("x", (A, 2), (0.3, 2)),
    "previous_by_a_test": program("x", (A, 3), (0.4, 3)),
    "sums_that_keep_axes": program("x", (A, 2), (ONE, 2)),
    "two_largest": program("x", (A,), (C,)),
    "carried_by_a_step": program("x", (A, 3), (0.3, 3)),
    "entries_that_grow": program("x", (A, 3), (0.3, 2)),
    "lists_that_take_turns": program("x", (A, 3), (0.3, 2)),
    "old_array_under_the_name": program("x", (A, 3.0)),
    "ends_by_moving_indices": program("z", (A,), (C[:2],)),
    "filled_by_a_counter": program("x", (A,)),
    "entry_by_a_key_that_changes": program("x y", (2.0, 3.0)),
    "chained_with_its_index": program("x y", (A, 2.0)),
    "index_moves_in_a_while": program("z", (A,)),
    "two_indices_meet": program("z", (A,), (np.array([0.3, 0.4, 0.5, 0.6]),)),
    "one_value_two_names": program("x y", (2.0, 3.0), (A, C)),
    "index_first": program("x y", (A, 2.0)),
    "nested_targets": program("x y", (A, 2.0)),
    "two_arrays_at_once": program("x y", (A, 2.0)),
    "written_then_swapped": program("x y", (A, 2.0)),
}
