"""Containers that hold what they were before: linked lists are right, or refused."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import linked_lists
import pytest
from test_scalar_objects import emitted, numbers_in, numeric

from srcdiff import DerivationError, derive_backward, grad

TEXT = inspect.getsource(linked_lists)
NUMBERS = [1.0, 2.0, 3.0, 4.0]
RIGHT = [
    "first_two",
    "run_along",
    "begun_empty",
    "nested_lists",
    "nested_dicts",
    "by_another_name",
    "arrays_in_it",
    "run_along_twice",
    "two_lists",
    "by_recursion",
    "in_a_branch",
    "two_ways_along",
    "taken_apart",
    "in_a_list",
    "in_a_dict",
    "all_heads",
    "by_a_helper_twice",
    "turned_round",
    "a_cell_changes",
]
GIVEN = {
    "product_of_a_given_list": ([1.5, [2.0, [3.0, None]]],),
    "pushed_onto_a_given_list": ((1.5, (2.0, None)), (3.0, 4.0)),
    "a_given_list_changes": ([1.5, [2.0, [3.0, None]]],),
    "squares_along": ((1.5, (2.0, (3.0, None))),),
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_gradient_of_a_linked_list_goes_along_it(name: str) -> None:
    function = getattr(linked_lists, name)
    known = numeric(function, (NUMBERS,))
    for found in (
        grad(function)(NUMBERS),
        derive_backward(function).backward(NUMBERS),
        emitted(name, TEXT)(NUMBERS),
    ):
        assert numbers_in(found) == pytest.approx(known, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("name", ["read_and_held", "chosen", "held_twice"])
def test_a_linked_list_that_is_used_in_several_ways_is_refused(name: str) -> None:
    with pytest.raises(DerivationError, match="holds what it was before"):
        grad(getattr(linked_lists, name))(NUMBERS)
    with pytest.raises(DerivationError, match="holds what it was before"):
        emitted(name, TEXT)


def leaves(value: Any) -> list[float]:
    if isinstance(value, (list, tuple)):
        return [number for item in value for number in leaves(item)]
    return [] if value is None else [float(value)]


def refilled(value: Any, numbers: Iterator[float]) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(refilled(item, numbers) for item in value)
    return None if value is None else next(numbers)


@pytest.mark.parametrize("name", GIVEN)
def test_a_linked_list_that_is_given_has_a_gradient_of_its_structure(name: str) -> None:
    function, arguments = getattr(linked_lists, name), GIVEN[name]
    numbers = leaves(arguments)

    def value(*moved: float) -> float:
        return float(function(*refilled(arguments, iter(moved))))

    known = []
    for place in range(len(numbers)):
        ends = [list(numbers), list(numbers)]
        ends[0][place] += 1e-6
        ends[1][place] -= 1e-6
        known.append((value(*ends[0]) - value(*ends[1])) / 2e-6)
    for differentiate in (
        grad(function, tuple(range(len(arguments)))),
        derive_backward(function).backward,
        emitted(name, TEXT),
    ):
        found = differentiate(*refilled(arguments, iter(numbers)))
        assert leaves(found) == pytest.approx(known, rel=1e-6, abs=1e-8)
