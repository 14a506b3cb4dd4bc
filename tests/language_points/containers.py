"""Arguments of the programs in containers.py."""

import numpy as np
from language_programs.containers import Camera, Layer, State

from language_points.program import Draws, program

m = Draws(9)
s = m.signed
network = {
    "layers": [{"W": s(3, 2), "b": s(3)}, {"W": s(2, 3), "b": s(2)}],
    "out": {"w": s(2)},
    "scale": 1.4,
}

POINTS = {
    "sum_of_squares": program("x", (s(4),), ([1.0, 2.0],), (m(0),)),
    "norm_by_comprehension": program("x", (s(4),)),
    "filtered_comprehension": program("xs lo", (np.array([0.4, 1.2, 0.9]), 0.7)),
    "nested_comprehension": program("A", (s(2, 3),), ([[1.0, 2.0], [3.0, 4.0]],)),
    "dict_comprehension": program("weights", ({"a": 1.2, "b": 0.7},), ({"a": s(2), "b": s(2)},)),
    "dict_items": program("params x", ({"w": 1.2, "bias": 0.7, "v": 0.4}, 1.5)),
    "dict_written": program("x y", (1.2, 0.7), (s(2), s(2))),
    "grouped_sums": program("values", (s(4), ["a", "b", "a", "c"])),
    "stack_machine": program("x y", (["x", "y", "*", "x", "-", "x", "+", "y", "*"], 1.2, 0.7)),
    "list_methods": program("x y", (1.2, 0.7)),
    "list_of_lists": program("x", (s(2),)),
    "shared_list": program("x", (1.2,)),
    "returns_list": program("x", (1.2, 3)),
    "plain_list_in": program("x scale", ([1.2, 0.3, 0.8], 1.5)),
    "zip_and_enumerate": program("xs ys", (s(3), s(3)), (s(3), [0.5, 0.8])),
    "zip_reversed": program("xs ys", ([1.2, 0.5, 0.7], [0.3, 0.4, 0.9])),
    "pairs": program("points", (s(4, 2),), ([(0.0, 1.0), (1.5, 0.5), (2.0, 2.0)],)),
    "running": program("xs", (s(4),), (s(1),)),
    "unpacked": program("v", (s(4),), ([1.5, 0.7],)),
    "map_and_lambda": program("xs a", (s(3), 0.8)),
    "any_all": program("xs", (m(3),), (np.array([1.4, -0.4, 0.5]),), (-m(3),)),
    "sorted_weights": program("xs w", (np.array([0.9, 0.2, 0.6]), s(3)), ([0.9, 0.2], s(2))),
    "by_order": program("xs w", (np.array([0.9, 0.2, 0.6]), s(3))),
    "named_tuples": program("layers x", ([Layer(s(2, 3), s(3)), Layer(s(3, 2), s(2))], s(2))),
    "project": program(
        "camera points", (Camera(1.5, s(2), (0.1, 0.05)), s(3, 3) + np.array([0, 0, 3]))
    ),
    "dataclass_updated": program("state k", (State(1.0, 0.5), 1.3, 4)),
    "nested_params": program("net x", (network, s(2))),
    "memoised": program("x", (5, 1.2)),
    "returns_dict": program("x w", (s(3), s(3)), (s(2), 0.8)),
    "two_lists": program("xs", (np.array([0.4, 1.2, 0.9, 1.4]),)),
    "numbers_replaced_by_arrays": program("x w", (m(2), m(2)), (0.7, 0.4)),
    "arrays_and_numbers_appended": program("x w", (m(2), m(2)), (0.7, 0.4)),
    "tree_by_a_stack": program("w x", (m(6), 0.8)),
    "stack_of_lists": program("x", (0.7, 4)),
    "clipped_by_their_norm": program(
        "gs limit", ([s(2), s(3)], 0.7), ([s(2), s(3)], 70.0), ([s(2, 2)], 0.3)
    ),
    "scaled_entries_or_all": program(
        "d k", ({"a": 1.2, "b": s(2)}, 3.0), ({"a": 1.2, "b": 0.3}, 0.3)
    ),
}
