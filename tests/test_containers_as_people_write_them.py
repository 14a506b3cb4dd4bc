"""Lists, queues and dicts that change, and functions over them, are differentiated as they are."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import container_programs
import numpy as np
import pytest
from container_programs import OTHER, POINTS, X

from srcdiff import DerivationError, derive_backward, grad, jvp
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

NAMES = [
    name
    for name, value in vars(container_programs).items()
    if inspect.isfunction(value) and value.__module__ == container_programs.__name__
]
TEXT = inspect.getsource(container_programs)
FILE = SourceFile(TEXT, "container_programs.py")


def points(name: str) -> list[tuple[Any, ...]]:
    return POINTS.get(name, [(X,), (OTHER,)])


def leaves(value: Any) -> Iterator[float]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    else:
        yield from np.ravel(value)


def changed(value: Any, place: int, by: float) -> Any:
    """Give an argument with one of its numbers changed."""
    if isinstance(value, np.ndarray):
        new = value.copy()
        new.flat[place] += by
        return new
    if isinstance(value, list):
        new = []
        for item in value:
            count = len(list(leaves(item)))
            new.append(changed(item, place, by) if 0 <= place < count else copy.deepcopy(item))
            place -= count
        return new
    return value + by


def differences(function: Callable[..., Any], point: tuple[Any, ...]) -> list[float]:
    """Give the central differences by each number of the first argument, at a step that agrees."""
    found = []
    for place in range(len(list(leaves(point[0])))):
        slopes = []
        for step in (1e-5, 2e-6):
            ends = [
                function(changed(point[0], place, by), *copy.deepcopy(point[1:]))
                for by in (step, -step)
            ]
            slopes.append((ends[0] - ends[1]) / (2 * step))
        assert slopes[0] == pytest.approx(slopes[1], rel=1e-4, abs=1e-6)
        found.append(float(slopes[0]))
    return found


def emitted(name: str, mode: Any = "joint") -> dict[str, Any]:
    result = FILE.derive(FILE.chosen(name, Wish(wrt="x", mode=mode)))
    assert result.problems == []
    namespace: dict[str, Any] = {}
    exec(compile(FILE.module(result), f"<{name}>", "exec"), namespace)
    return namespace


def check(gradient: Any, name: str, point: tuple[Any, ...]) -> None:
    expected = differences(getattr(container_programs, name), point)
    assert list(leaves(gradient)) == pytest.approx(expected, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_is_right_by_decorator_joint_and_split(name: str) -> None:
    function = getattr(container_programs, name)
    joint = derive_backward(function, wrt="x").backward
    split = derive_backward(function, wrt="x", mode="split")
    for point in points(name):
        before = copy.deepcopy(point)
        gradient = joint(*point)
        check(gradient, name, point)
        assert type(gradient) is type(point[0])
        value, cache = split.forward(*copy.deepcopy(point))
        assert value == pytest.approx(function(*copy.deepcopy(point)))
        check(split.backward(1.0, cache), name, point)
        check(split.backward(1.0, cache), name, point)  # a cache is as good the second time
        np.testing.assert_equal(point, before)


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_is_right_by_text(name: str) -> None:
    backward = emitted(name)[f"{name}_backward"]
    for point in points(name):
        before = copy.deepcopy(point)
        check(backward(*point), name, point)
        np.testing.assert_equal(point, before)


@pytest.mark.parametrize("name", NAMES)
def test_forward_mode_agrees(name: str) -> None:
    pushed = emitted(name, "jvp")[f"{name}_jvp"]
    for point in points(name):
        if not list(leaves(point[0])):
            continue
        expected = differences(getattr(container_programs, name), point)
        directions = [0.3 - 0.7 * place for place in range(len(expected))]
        tangent = point[0]
        for place, (value, by) in enumerate(zip(leaves(point[0]), directions, strict=True)):
            tangent = changed(tangent, place, by - value)
        _, slope = pushed(*copy.deepcopy(point), dx=tangent)
        assert float(slope) == pytest.approx(np.dot(expected, directions), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(
    "name", ["first_in_first_out", "put_in_front", "joined", "a_window", "sums_by_key"]
)
def test_second_derivatives_are_right(name: str) -> None:
    function = getattr(container_programs, name)
    v = np.array([0.3, -0.4, 0.7])
    _, found = jvp(grad(function), (X,), (v,))
    step = 1e-5
    ends = [grad(function)(X + by * v) for by in (step, -step)]
    np.testing.assert_allclose(found, (ends[0] - ends[1]) / (2 * step), rtol=1e-5, atol=1e-7)


# What can't be right is refused


def an_item_of_a_copy_is_changed(x):
    items = [x.copy(), x * 2]
    other = list(items)
    other[0][0] = x[1] ** 2
    return np.sum(items[0] * other[1])


def one_array_many_times(x):
    row = x.copy()
    rows = [row] * len(x)
    rows[0][0] = x[1] ** 2
    return np.sum(rows[1] * x)


def an_item_taken_out_is_changed(x):
    items = [x.copy(), x * 2]
    first = items.pop(0)
    items.insert(0, first)
    first[1] = x[0] * 3
    return np.sum(items[0] * items[1])


def another_number_of_items(x):
    items = [x[0], x[1], x[2]]
    items[:2] = [x[2] * 2]
    return items[0] * items[1]


def a_list_filled_after_it_is_held(x):
    rows = []
    row = []
    for v in x:
        row.append(v)
        rows.append(row)
    return sum(rows[0])


def removed_by_value(x):
    items = [x[0], x[1]]
    items.remove(x[0])
    return items[0]


def never_ending(x):
    from itertools import count

    total = 0.0
    for i in count():
        if x[i] > 1.0:
            break
        total += x[i] ** 2
    return total


def an_unknown_number_together(x, n):
    from itertools import combinations

    return sum(group[0] for group in combinations(x, n))


@pytest.mark.parametrize(
    ("function", "code"),
    [
        (an_item_of_a_copy_is_changed, "SD110"),
        (one_array_many_times, "SD110"),
        (an_item_taken_out_is_changed, "SD110"),
        (another_number_of_items, "SD102"),
        (a_list_filled_after_it_is_held, "SD110"),
        (removed_by_value, "SD106"),
        (never_ending, "SD102"),
        (an_unknown_number_together, "SD102"),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_line(
    function: Callable[..., Any], code: str
) -> None:
    arguments = (X, 2) if function is an_unknown_number_together else (X,)
    with pytest.raises(DerivationError) as caught:
        derive_backward(function, wrt="x").backward(*arguments)
    (problem, *_) = caught.value.diagnostics
    assert problem.code == code
    start = function.__code__.co_firstlineno
    assert start < problem.line < start + 9


# The gradient has the structure of its parameter


def adds_a_key(d):
    d["c"] = d["a"] * d["b"]
    return d["c"] ** 2


def adds_a_key_to_a_copy(d):
    e = dict(d)
    e["c"] = d["a"] * d["b"]
    return e["c"] ** 2


def takes_a_key_out(d):
    a = d.pop("a")
    d["z"] = a * d["b"]
    return d["z"] ** 2


@pytest.mark.parametrize("function", [adds_a_key, adds_a_key_to_a_copy, takes_a_key_out])
def test_a_dict_s_gradient_has_exactly_the_keys_at_entry(function: Callable[..., Any]) -> None:
    d = {"a": 1.5, "b": 2.0}
    expected = {"a": 2 * 1.5 * 2.0**2, "b": 2 * 1.5**2 * 2.0}
    text = SourceFile(inspect.getsource(function), "f.py")
    result = text.derive(text.chosen(function.__name__, Wish()))
    namespace: dict[str, Any] = {}
    exec(text.module(result), namespace)
    for backward in (
        derive_backward(function).backward,
        namespace[f"{function.__name__}_backward"],
    ):
        assert backward(dict(d)) == pytest.approx(expected)


@pytest.mark.parametrize("function", [lambda x: x**2, lambda x: np.sin(x) * 2.0])
def test_the_gradient_of_an_array_without_axes_is_one(function: Callable[..., Any]) -> None:
    backward = derive_backward(function)
    x = np.array(0.7)
    value, gradient = backward.value_and_grad(x)
    for found in (gradient, backward.backward(x)):
        assert isinstance(found, np.ndarray)
        assert found.shape == ()
        assert float(found) == pytest.approx((function(0.7 + 1e-6) - function(0.7 - 1e-6)) / 2e-6)
    assert float(value) == pytest.approx(function(0.7))
