"""Arguments of the programs in control.py."""

import numpy as np

from language_points.program import Draws, program

m = Draws(8)
s = m.signed

POINTS = {
    "piecewise": program("x", (-0.7,), (0.6,), (1.4,), (3.0,)),
    "elementwise_branches": program("x", (np.array([1.4, 0.5, -0.3, 2.0]),), (m(0),)),
    "leaky": program("x slope", (1.3,), (-0.4, 0.2)),
    "nested_ifs": program(
        "a b", (1.2, 0.7, True), (0.7, 1.2, True), (0.7, 1.2, False), (0.7, -1.2, False)
    ),
    "only_on_some_paths": program("x scale", (m(3), 3.0), (m(2) / 4, None)),
    "triangle_sum": program("A", (s(4, 4),)),
    "every_other": program("x", (m(6), 0, 6, 2), (m(6), 5, 0, -2), (m(6), 3, 1, 1)),
    "skip_negatives": program("xs", (np.array([0.5, -1.0, 2.0, 0.7]),), ([-1.0, 2.0],)),
    "until_limit": program("xs limit", (np.array([0.5, 0.7, 0.9, 3.0, 1.0]), 2.0), (m(3), 50.0)),
    "first_above": program("values", (np.array([0.5, 0.7, 1.9, 3.0]), 1.5), (m(3), 9.0)),
    "product_of_row_maxima": program("M", (m(3, 4),), (m(2, 1),)),
    "search_pair": program("xs", (np.array([0.5, 0.7, 0.9, 1.2]), 1.5), (m(3), 9.0)),
    "search_pair_returning": program(
        "xs", (np.array([0.5, 0.7, 0.9, 1.2]), 1.5), (np.array([0.5, -0.7, 0.9]), 9.0)
    ),
    "loop_variable_afterwards": program("x", (np.array([1.2, 0.8, 1.5, 1.1]),), (m(4) / 3,)),
    "while_else": program("x", (1.3, 3), (4.0, 5), (1.3, 0)),
    "halve_until_small": program("x", (11.3,), (-2.7,)),
    "while_true_with_return": program("x rate", (1.3, 0.2), (6.0, 0.2)),
    "collatz_weights": program("w", (6, s(3)), (2, s(3))),
    "checked": program("x p", (m(4), 2.5)),
    "quiet_log": program("x", (np.array([1.2, -0.5, 0.3]),)),
    "power": program("x", (1.3, 5), (m(2), 6)),
    "fib": program("a b", (5, 0.7, 1.2), (2, m(2), m(2))),
    "tree_sum": program("tree x", ([1.0, [0.5, 2.0, [3.0]], [0.7]], 1.4)),
    "is_even_step": program("x", (1.3, 5), (1.3, 0)),
    "functions_as_arguments": program("x a", (0.7, 1.2), (m(2), 1.2)),
    "inner_closure": program("c x", ((0.5, 1.2, 0.3), 0.7), (m(3), 0.7)),
    "accumulate_with_nonlocal": program("xs", (m(2) / 2,)),
    "table_of_functions": program("x", (0.7, ["square", "sin", "double", "square"])),
    "pipeline": program("x w", (0.7, 1.3), (m(3), m(3))),
    "starred": program("x weights", (1.3, 0.5, 0.8, 1.1), (m(2), m(2), 0.8)),
    "keyword_only": program(
        "x scale", (1.3, {}), (m(2), {"repeats": 3, "scale": 0.8}), keywords=True
    ),
    "starred_only": program("xs", (m(2), 2.0, m(2)), ()),
    "starred_and_named": program(
        "x rest scale options",
        (m(2), 2.0, 0.7, {"scale": 2.0, "a": 1.5, "b": m(2)}),
        (0.8, {"a": m(2), "b": 1.0}),
        keywords=True,
    ),
    "starred_options_looped": program(
        "x options", (m(2), {"p": 1.3, "q": m(2)}), (0.7, {"skipped": 1.0}), keywords=True
    ),
    "starred_unpacked": program("pair", (m(2), 1.3)),
    "shadowed": program("dx dt", (0.8, 1.3)),
    "ternary_chain": program("xs", (np.array([1.4, 0.5, -0.3]),)),
    "walrus_newton": program("a", (2.0,)),
    "matched": program("x", ("square", 1.3), ("cube", 1.3), ("else", 1.3)),
}
