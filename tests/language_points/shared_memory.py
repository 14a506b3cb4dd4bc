"""Arguments of the programs in shared_memory.py."""

from language_points.program import Draws, program

m = Draws(31)
s = m.signed
sequence = (s(4, 3), s(3), s(3, 3))
batch = (s(2, 3, 3), s(3, 3))

POINTS = {
    "updated_result_of_a_helper": program("p cam", (s(3), s(3)), (0.7, 1.2)),
    "helper_that_updates_its_own": program("x b", (s(3), s(3)), (0.7, 1.2)),
    "updated_copy_of_a_helper": program("x low", (s(3), 0.4)),
    "items_of_a_helper": program("x", (s(3),)),
    "updated_one_of_several": program("x w", (s(3), s(3))),
    "larger_of_two_elements": program("x", (s(5),)),
    "caches_by_number": program("xs h W", sequence),
    "caches_appended": program("xs W", batch),
    "caches_of_views": program("xs W", batch),
    "weights_in_a_cache": program("xs W", (s(4, 3), s(3, 3))),
    "thomas_of_copies": program("a b c d", (s(3), m(4) + 4, s(3), s(4))),
    "copies_by_a_comprehension": program("a b", (s(3), s(3))),
    "copies_by_map": program("a b", (s(3), s(3))),
    "updated_until_large": program("y x", (1.5, 1.4)),
    "sum_kept_in_a_dict": program("x", (1.3,)),
    "rows_of_lists_swapped": program("x", (1.3,)),
    "first_array_replaced": program("x", (s(3),)),
    "rows_moved_up": program("x", (1.3,)),
    "rows_swapped_in_turn": program("x", (1.3,)),
    "eliminated": program("A", (m.dominant(3),)),
    "margins": program("scores", (s(4, 3), [0, 1, 2, 1])),
    "field_at_a_point": program("ez", (s(6), 3)),
    "givens_rotations": program("A", (m(3, 3),)),
}
