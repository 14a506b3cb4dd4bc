"""Arguments of the programs in calls.py."""

from language_points.program import Draws, program

m = Draws(11)
s = m.signed
tree = [0.3, [0.4, [0.5, -0.2]], 0.1]

POINTS = {
    "module_lambda": program("x w", (s(3), s(3)), (0.4, -0.7)),
    "module_table": program("x", (s(3), ["tanh", "softplus"]), (0.4, ["sigmoid"]), (s(2), [])),
    "module_stages": program("x", (s(3),), (0.7,)),
    "library_function_given": program("x", (s(3),), (0.7,)),
    "tree_of_numbers": program("tree w", (tree, 0.7), (0.4, 1.2)),
    "tree_of_scalars": program("tree w", (tree, 0.7)),
    "nested_dicts": program("tree w", ({"a": s(2), "b": {"c": 0.3, "d": {"e": s(1)}}}, 0.7)),
    "binary_tree": program("tree w", ((None, 0.3, (None, 0.2, None)), 0.7)),
    "over_keys": program("params lr", ({"W1": s(2), "b": 0.4, "W2": s(2, 2)}, 0.6)),
}
