"""Containers that hold what they were before: linked lists are right, or refused."""

from __future__ import annotations

import inspect

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
]


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
