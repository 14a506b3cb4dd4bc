"""Tree recursion dict."""


def total(tree):
    if isinstance(tree, dict):
        return sum(total(v) for v in tree.values())
    return tree**2


def f(params):
    return total(params)


POINTS = [
    ({"a": 1.0, "b": {"c": 2.0}},),
]
