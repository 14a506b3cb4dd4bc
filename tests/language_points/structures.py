"""Arguments of the programs in structures.py."""

from language_points.program import Draws, program

m = Draws(10)

POINTS = {
    "hidden_and_loss": program("x w", (m(3), m(3)), (m(2), 0.8)),
    "product_and_sum": program("x y", (1.2, 0.7), (m(2), m(2))),
    "deep_structure": program("x w", (m(2), m(2)), (1.2, 0.4)),
    "dict_on_both_ways": program("x y", (1.2, 0.7), (-1.2, 0.7)),
    "scaled_items": program("xs a", ([1.2, 0.4], 0.7), (m(3), 0.7), ([], 0.7)),
    "list_changed_and_returned": program("xs a", ([1.2, 0.4], 0.7), (m(3), 0.7)),
    "list_of_pairs": program("A b", (m(3), m(3)), ([1.2, 0.4], [0.7, 0.3])),
    "list_in_dict": program("xs a", ([1.2, 0.4], 0.7), (m(3), 0.7)),
    "one_value_twice": program("x", (m(3),), (1.2,)),
    "last_and_all": program("x", (m(3), 2), (1.2, 3), (1.2, 0)),
    "trajectory": program("x", (m(3), 2), (1.2, 3), (1.2, 0)),
    "nested_list_changed": program("x y", (1.2, 0.7)),
    "argument_twice": program("x", (m(3),), (1.2,)),
    "keys_that_are_numbers": program("x y", (1.2, 0.7), (m(2), m(2))),
    "parts_of": program("x y", (1.2, 0.7)),
    "uses_parts": program("x y", (1.2, 0.7), (m(2), m(2))),
    "pair_of_one": program("x", (1.2,), (m(2),)),
    "product_of_leaves": program("t", ((1.2, (0.7, 0.5)),), (0.7,)),
    "tree_by_call": program("t", ((1.2, 0.7),), ((1.2, (0.7, 0.5)),), (0.7,)),
    "tree_by_two_calls": program("t", ((1.2, 0.7),), ((1.2, (0.7, 0.5)),), (0.7,)),
    "power_of_first": program("p", ((1.2, 0.7), 2), ([1.2, 0.7], 0), (m(2), 1)),
    "pair_by_two_calls": program("p", ((1.2, 0.7),), ([1.2, 0.7],), (m(2),)),
    "pair_by_call_and_item": program("p", ((1.2, 0.7),), ([1.2, 0.7],), (m(2),)),
    "entries_moved": program("p x", ({"a": 1.2, "b": m(3)}, 0.7)),
    "entries_scaled_in_place": program("p x", ({"a": 1.2, "b": m(3)}, 0.7)),
    "reversed_and_folded": program("xs y", ([1.2, 0.4, 0.9], 0.7)),
    "reversed_and_scaled": program("xs y", ([1.2, 0.4, 0.9], 0.7)),
    "only_reversed": program("xs", ([1.2, 0.4, 0.9],), ([1.2, 0.4],)),
    "items_moved_up": program("xs y", ([1.2, 0.4, 0.9], 0.7), (m(3), 0.7)),
    "sum_of_unlike_entries": program("d", ({"a": 1.2, "b": m(3)},), ({"a": m(2, 3), "b": m(3)},)),
    "sum_of_unlike_items": program("xs", ([1.2, m(3)],), ((m(2, 3), m(3)),), (m(2, 3),)),
}
