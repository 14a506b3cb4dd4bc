"""A list under several names: what one name changes, the others see; or it is refused."""

from __future__ import annotations

import copy
import inspect
import sys
from typing import Any

import pytest

from srcdiff import DerivationError, derive_backward
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

REFUSED = {
    "given_back_by_a_helper",
    "one_of_two_lists",
    "a_row_of_a_table",
    "rows_in_turn",
    "one_row_twice",
    "held_in_a_tuple",
    "held_in_a_dict",
    "written_through_a_dict",
    "appended_to_an_entry",
    "appended_to_what_an_entry_names",
    "appended_to_a_row",
}
"""Those that are refused as yet; one that no longer is has to be right."""
POINTS: dict[str, list[tuple[Any, ...]]] = {
    "one_of_two_lists": [(2.0, 1), (2.0, 3)],
    "a_parameter_by_another_name": [([1.5, 2.0], 0.7)],
    "appended_to_a_parameter": [([1.5, 2.0], 0.7)],
}


def item_by_another_name(x):
    a = [x]
    b = a
    b[0] = x * 2
    return a[0]


def appended_by_another_name(x):
    a = [x]
    b = a
    b.append(x * 3)
    return a[0] * a[-1]


def two_names_at_once(x):
    a = b = [x]
    b[0] = x * x
    return a[0]


def named_in_a_tuple(x):
    a = [x, 2.0]
    (b, c) = (a, 3)
    b[0] = x * x
    return a[0] * c


def named_by_a_loop(x):
    a = [x, 2.0]
    for c in [a]:
        c[0] = x * x
    return a[0]


def appended_by_an_inner_function(x):
    def put_inside(lst, v):
        out = lst
        out.append(v)
        return out

    a = [x]
    put_inside(a, x * x)
    return a[-1]


def put(lst, v):
    out = lst
    out.append(v)
    return out


def given_back_by_a_helper(x):
    a = [x]
    b = put(a, x * x)
    return a[-1] * b[0]


def lengthened_by_plus(x):
    a = [x, 2.0]
    b = a
    b += [x * 2]
    return a[2] * b[0]


def popped_by_another_name(x):
    a = [x, x * 2]
    b = a
    b.pop()
    return sum(a)


def reversed_by_another_name(x):
    a = [x, x * 2]
    b = a
    b.reverse()
    return a[0] * 3 + a[1]


def named_in_a_test(x):
    if b := [x, x * 2]:
        c = b
        c[0] = x * x
    return b[0]


def appended_in_a_loop(x):
    a = [x]
    b = a
    for _ in range(3):
        b.append(b[-1] * x)
    return a[0] * a[-1]


def summed_under_the_first_name(x):
    a = [x]
    b = a
    b.append(x)
    return sum(a) * 2


def one_of_two_lists(x, n):
    a = [x]
    b = a
    if n > 1:
        b = [x * 3]
    b[0] = x * x
    return a[0] + b[0]


def a_parameter_by_another_name(a, x):
    b = a
    b[0] = x * 2
    return a[0] * x


def appended_to_a_parameter(a, x):
    b = a
    b.append(x * 2)
    return a[-1] * x + a[0]


def a_row_of_a_table(x):
    a = [[x, 1.0], [x, 2.0]]
    r = a[0]
    r[1] = x * 3
    return a[0][1]


def rows_in_turn(x):
    a = [[x, 1.0], [x, 2.0]]
    for r in a:
        r[1] = x * r[0]
    return a[0][1] * a[1][1]


def one_row_twice(x):
    a = [0.0] * 3
    b = [a, a]
    b[0][1] = x
    return b[1][1]


def held_in_a_tuple(x):
    r = [x]
    t = (r, 1.0)
    r.append(x * x)
    return t[0][1]


def held_in_a_dict(x):
    r = [x]
    d = {"r": r}
    r.append(x * x)
    return d["r"][1]


def written_through_a_dict(x):
    r = [x, 0.0]
    d = {"r": r}
    d["r"][1] = x * x
    return r[1]


def appended_to_an_entry(x):
    d = {"k": [x]}
    r = d["k"]
    d["k"].append(x * x)
    return r[1] * x


def appended_to_what_an_entry_names(x):
    r = [x]
    d = {"k": r}
    d["k"].append(x * x)
    return r[1] * x


def appended_to_a_row(x):
    t = [[x], [2.0]]
    r = t[0]
    t[0].append(x * 3)
    return r[1] * x


NAMES = [
    name
    for name, value in dict(globals()).items()
    if inspect.isfunction(value) and value.__module__ == __name__ and name != "put"
]


def slope(name: str, point: tuple[Any, ...]) -> float:
    """Give the central difference by the last float argument."""
    place = max(i for i, value in enumerate(point) if isinstance(value, float))
    ends = []
    for step in (1e-5, -1e-5):
        values = copy.deepcopy(list(point))
        values[place] += step
        ends.append(globals()[name](*values))
    return float((ends[0] - ends[1]) / 2e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_list_is_one_under_all_its_names(name: str) -> None:
    text = inspect.getsource(sys.modules[__name__])
    file = SourceFile(text, "lists.py")
    result = file.derive(file.chosen(name, Wish(wrt="x")))
    if name in REFUSED:
        assert result.problems
        with pytest.raises(DerivationError):
            derive_backward(globals()[name], wrt="x").backward(*POINTS.get(name, [(2.0,)])[-1])
        return
    assert result.problems == []
    emitted: dict[str, Any] = {}
    exec(file.module(result), emitted)
    for point in POINTS.get(name, [(2.0,)]):
        before = copy.deepcopy(point)
        expected = pytest.approx(slope(name, point), rel=1e-6)
        assert derive_backward(globals()[name], wrt="x").backward(*point) == expected
        assert emitted[f"{name}_backward"](*point) == expected
        assert point == before
