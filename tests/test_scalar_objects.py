"""Objects that stand for numbers: tests of what class a value is of, decided while reading."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scalar_engine

from srcdiff import DerivationError, derive_backward, grad
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

TEXT = inspect.getsource(scalar_engine)
ROWS = [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]
BIASES = [0.1, -0.1, 0.2]
INPUTS = [1.0, 2.0]
NET = (ROWS, BIASES, [[0.7, -0.8, 0.9]], [0.05], INPUTS)
PROGRAMS: dict[str, tuple[Any, ...]] = {
    "expression": (-4.0, 2.0),
    "neuron": (2.0, 0.1, -0.3, 1.0, 0.68),
    "total": ([1.0, 2.0],),
    "total2": ([1.0, 2.0], 0.5),
    "total3": ([0.1, 0.2, 0.3],),
    "total4": ([0.1, 0.2, 0.3], [1.0, 2.0, 0.5]),
    "one": (ROWS[0], 0.1, INPUTS),
    "onevalue": (ROWS[0], 0.1, INPUTS),
    "layer": (ROWS, BIASES, INPUTS),
    "layersum": (ROWS, BIASES, INPUTS),
    "net2": NET,
    "net2b": NET,
    "net3": (ROWS, BIASES, [0.7, -0.8, 0.9], 0.05, INPUTS),
    "mlp": ([ROWS, [[0.7, -0.8, 0.9]]], [BIASES, [0.05]], INPUTS),
    "loss": ([[1.0], [2.0]], [0.1, 0.2], [0.3, 0.4], 0.5, [0.3, 0.1], [1.0, 2.0]),
    "numbers_first": (2.0, 3.0),
    "numbers_and_objects": (2.0, 3.0),
    "reflected_by_another_name": (2.0, 3.0),
    "plain_number": (2.0, 3.0),
    "returns_in_each_case": (2.0, 3.0),
    "number_in_second_test": (2.0, 3.0),
    "unsupported_else": (2.0, 3.0),
    "chosen_number": (2.0, 3.0),
    "chosen_data": (2.0, 3.0),
    "wrapped_by_static_method": (2.0, 3.0),
    "dual_numbers": (2.0, 3.0),
    "dual_times_number": (2.0, 3.0),
    "dual_times_stated_number": (2.0, 3.0),
    "dual_times_computed_number": (2.0, 3.0),
    "test_and_comparison": (2.0, 3.0),
    "test_in_comprehension": (2.0, 3.0),
    "rebound_in_a_loop": (2.0,),
    "list_rebound_in_a_loop": (2.0,),
    "rebound_in_a_branch": (2.0,),
}


def numbers_in(value: Any) -> list[float]:
    if isinstance(value, list):
        return [number for item in value for number in numbers_in(item)]
    return [float(value)]


def refilled(value: Any, numbers: Iterator[float]) -> Any:
    if isinstance(value, list):
        return [refilled(item, numbers) for item in value]
    return next(numbers)


def numeric(function: Callable[..., float], arguments: tuple[Any, ...]) -> list[float]:
    """Give the central differences by all numbers of all arguments."""
    whole = list(arguments)
    numbers = numbers_in(whole)
    found = []
    for place in range(len(numbers)):
        sides = [
            function(*refilled(whole, iter([v + h * (i == place) for i, v in enumerate(numbers)])))
            for h in (1e-6, -1e-6)
        ]
        found.append((sides[0] - sides[1]) / 2e-6)
    return found


def emitted(name: str, text: str = TEXT) -> Callable[..., Any]:
    """Give the function that the command prints for a function of a text."""
    file = SourceFile(text, "text.py")
    result = file.derive(file.chosen(name, Wish()))
    if result.problems:
        raise DerivationError(result.problems)
    namespace: dict[str, Any] = {}
    exec(file.module(result), namespace)
    return namespace[f"{name}_backward"]  # type: ignore[no-any-return]  # a function


@pytest.mark.parametrize("name", PROGRAMS)
def test_numbers_and_objects_meet_in_operators(name: str) -> None:
    function, arguments = getattr(scalar_engine, name), PROGRAMS[name]
    known = numeric(function, arguments)
    places = tuple(range(len(arguments)))
    by_transform = grad(function, places)(*arguments)
    by_decorator = derive_backward(function).backward(*arguments)
    by_command = emitted(name)(*arguments)
    single = len(arguments) == 1
    for found in (by_transform, *((v,) if single else v for v in (by_decorator, by_command))):
        assert numbers_in(list(found)) == pytest.approx(known, rel=1e-5, abs=1e-7)


def test_an_object_given_for_a_number_is_seen() -> None:
    value = scalar_engine.Value(3.0)
    assert grad(scalar_engine.chosen_value)(2.0, value) == pytest.approx(3.0)
    assert grad(scalar_engine.chosen_value)(2.0, 5.0) == pytest.approx(5.0)


def test_what_has_to_be_a_number_is_refused_when_it_is_none() -> None:
    backward = emitted("numbers_first")
    with pytest.raises(TypeError, match="other must be a number"):
        backward(2.0, np.ones(3))
    with pytest.raises(AttributeError):
        scalar_engine.numbers_first(2.0, [1.0])


UNDECIDED = """\
class Value:
    def __init__(self, data):
        self.data = data

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data)


def f(x, w{annotation}):
    return (Value(x) * w).data
"""


@pytest.mark.parametrize("annotation", [": Value | float", ": 'float | Value'"])
def test_an_argument_that_may_be_either_is_refused(annotation: str) -> None:
    with pytest.raises(DerivationError) as caught:
        emitted("f", UNDECIDED.format(annotation=annotation))
    assert {d.code for d in caught.value.diagnostics} <= {"SD103"}


def test_an_argument_of_the_class_is_an_object_of_it() -> None:
    text = UNDECIDED.format(annotation=": Value").replace("data", "number")
    value = SimpleNamespace(number=3.0)
    assert emitted("f", text)(2.0, value)[0] == pytest.approx(3.0)
