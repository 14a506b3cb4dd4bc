"""NumPy makes arrays of lists and tuples that are written out; so do their derivatives."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from srcdiff import check_grads
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

POINT = (0.7, 1.3)


def by_size(x, y):
    return np.sum(np.sort([x, y, x * y]) * np.array([1.0, 2.0, 3.0]))


def polynomial(x, y):
    return np.polyval([x, y, 2.0], y) + np.polyval((x, 1.0), x * y)


def larger(x, y):
    return np.sum(np.maximum([x, y], 0.5) ** 2)


def smallest_so_far(x, y):
    return np.sum(np.minimum.accumulate([y, x, x * y]) ** 2)


def powers(x, y):
    return np.sum(np.vander([x, y], 3) ** 2) + np.sum(np.array([x, y]) ** [2, 3])


def chosen(x, y):
    return np.sum(np.choose([0, 1], [[x, y], [y, x * y]]) ** 2)


def products_by_name(x, y):
    rows = np.einsum("ij->i", [[x, y], [y, x * y]])
    return np.sum(np.einsum("i,j->ij", [x, y], [y, x * y]) ** 2) + np.sum(rows**2)


def operators(x, y):
    return np.sum(np.array([x, y]) * [y, x * x]) + np.sum([x * y, y] / np.array([y, x * x]))


def least_squares(x, y):
    return np.sum(np.linalg.lstsq([[3 + x, y], [y, 4 + x * y], [1, x]], [x, y, 1.0])[0])


def blocks(x, y):
    return np.sum(np.block([[x, y], [y, x * y]]) ** 3)


FUNCTIONS = (blocks, by_size, polynomial, larger, smallest_so_far, powers, chosen, products_by_name,
             operators, least_squares)  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_lists_in_the_places_of_arrays_have_derivatives_of_both_modes_and_orders(function):
    check_grads(function, POINT, order=2)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_text_for_any_types_takes_lists_for_arrays_too(function):
    source = SourceFile("import numpy as np\n\n\n" + inspect.getsource(function), "lists.py")
    found = []
    for mode in ("joint", "jvp"):
        derived = source.derive(source.chosen(function.__name__, Wish(mode=mode)))
        assert not derived.problems
        names: dict[str, object] = {}
        exec(compile(source.module(derived), mode, "exec"), names)  # emitted
        found.append(names)
    gradient = found[0][f"{function.__name__}_backward"](*POINT)
    tangent = found[1][f"{function.__name__}_jvp"]
    for place, h in ((0, 1e-5), (1, 1e-5), (0, 1e-6), (1, 1e-6)):
        ends = [[v + s * h * (i == place) for i, v in enumerate(POINT)] for s in (1, -1)]
        wanted = (function(*ends[0]) - function(*ends[1])) / (2 * h)
        np.testing.assert_allclose(gradient[place], wanted, rtol=1e-6)
        direction = {"dx": float(place == 0), "dy": float(place == 1)}
        np.testing.assert_allclose(tangent(*POINT, **direction)[1], wanted, rtol=1e-6)
