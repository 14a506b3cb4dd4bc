"""Arguments of the programs in arrays.py."""

import numpy as np

from language_points.program import Draws, program

m = Draws(10)
s = m.signed
repeats = np.array([0, 2, 2, 1, 0])

POINTS = {
    "mask_scaled": program("x", (np.array([0.5, -0.7, -1.4, 1.2]),)),
    "clip_argument": program(
        "x lo hi", (np.array([0.5, -0.7, -1.4, 1.2, 0.1]), -0.6, 0.9), outputs="x"
    ),
    "masked_mean": program("x", (s(5), np.array([True, False, True, True, False]))),
    "scatter_add": program("values", (s(5), repeats, 4)),
    "histogram_loop": program("values weights", (s(5), repeats, s(3))),
    "fancy_plus_equals": program("x v", (s(4), repeats, s(5)), (s(4), [1, 1], 0.7)),
    "gather_twice": program("table", (s(3, 2), np.array([1, 1, 2]))),
    "view_scaled": program("a", (s(6),)),
    "view_of_argument": program("a", (s(4, 4),), outputs="a"),
    "reshaped_view": program("x", (s(6),)),
    "transposed_view": program("x", (m(3, 2),)),
    "swap_rows": program("A", (s(3, 2), 0, 2)),
    "swap_items": program("a", (s(5), 5), (s(1), 1)),
    "bubble_sort": program("a", (np.array([0.9, 0.2, 1.3, 0.6]),)),
    "reverse_in_place": program("a", (s(5),), outputs="a"),
    "shift_in_place": program("a", (s(5), 3), (s(1), 2), outputs="a"),
    "out_arguments": program("x y", (s(3), s(3))),
    "out_into_argument": program("x y", (s(3), s(3), s(3)), outputs="result", asked=True),
    "fill_diagonal": program("A v", (s(3, 3), 0.7)),
    "filled": program("x c", (s(5), 0.7)),
    "diagonal_by_index": program("A", (s(3, 3),)),
    "copy_then_add": program("x v", (s(3), s(3)), (s(2, 3), 0.4)),
    "augmented_parameter": program("x v", (s(3), s(3))),
    "alias": program("a", (s(3),)),
    "two_buffers": program("x", (m(4), 3), (m(4), 0)),
    "column_by_column": program("X", (s(4, 2),)),
    "build_matrix": program("theta", (0.7,)),
    "rotation_chain": program("angles", (s(4),), (m(0),)),
    "overwritten": program("x", (s(4),)),
    "prefix_sums": program("a", (s(3, 3),), outputs="a"),
    "kernel_gemm": program("alpha beta C A B", (1.3, 0.7, s(2, 3), s(2, 2), s(2, 3)), outputs="C"),
    "triangular_product": program("alpha A B", (1.3, s(3, 3), s(3, 2)), outputs="B"),
    "mvt_twice": program("x1 x2 y A", (s(3), s(3), s(3), s(3, 3)), outputs="x1 x2"),
    "normalise_rows": program("X eps", (s(3, 2), 0.1), outputs="X"),
    "ellipsis_and_newaxis": program("x", (s(2, 3),)),
    "minimum_at": program("x y", (s(2, 3) + 0.9, s(2, 3) + 0.9)),
    "integers_in": program("counts p", (np.array([2, 0, 3]), m(3)), ([1, 2], m(2))),
    "edge_strength": program("image", (s(3, 4),), (s(2, 2),)),
    "slopes_of_a_product": program("image", (s(3, 3),)),
    "weighted_by_place": program("A", (s(2, 3),), (s(1, 1),)),
    "results_under_one_name": program("a", (s(3, 3),)),
    "results_at_once": program("a", (s(3, 2),)),
    "history_of_states": program("x", (s(2, 3), 2), (s(1), 0)),
    "items_swapped_by_number": program("x", (0.7, 4)),
}
