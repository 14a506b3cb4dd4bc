"""Functions as values, and functions that call themselves."""

import numpy as np

sigmoid = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731  # as it is often written
tanh = np.tanh


def softplus(v):
    return np.log1p(np.exp(v))


smooth = softplus
ACTIVATIONS = {"sigmoid": sigmoid, "tanh": np.tanh, "softplus": softplus}
STAGES = (np.sin, softplus, np.tanh)


def module_lambda(x, w):
    return np.sum(sigmoid(x * w) * tanh(x) + smooth(w))


def module_table(x, names):
    for name in names:
        x = ACTIVATIONS[name](x) * 1.5
    return np.sum(x)


def module_stages(x):
    for stage in STAGES:
        x = x + stage(x)
    return np.sum(x)


def applied(function, x):
    return function(x) * x


def library_function_given(x):
    return np.sum(applied(np.tanh, x) + applied(softplus, x))


def tree_of_numbers(tree, w):
    if isinstance(tree, (int, float)):
        return np.tanh(tree * w)
    return w * sum(tree_of_numbers(child, w) for child in tree)


def tree_of_scalars(tree, w):
    if np.isscalar(tree):
        return tree * w
    return sum([tree_of_scalars(child, w * 0.5) for child in tree])


def nested_dicts(tree, w):
    if isinstance(tree, dict):
        total = 0.0
        for key in tree:
            total += nested_dicts(tree[key], w)
        return total
    return np.sum(tree**2) * w


def binary_tree(tree, w):
    if tree is None:
        return w
    left, value, right = tree
    return np.tanh(binary_tree(left, w) * value + binary_tree(right, w) * value**2)


def over_keys(params, lr):
    total = 0.0
    for key in params:
        if key.startswith("W"):
            total = total * lr + np.sum(params[key] ** 2)
    return total + sum(np.sum(params[key]) for key in sorted(params) if key != "b")
