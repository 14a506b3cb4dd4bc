"""Gradients with the structure of their arguments, where the corpus of programs can't show it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from srcdiff import DerivationError, derive_backward
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish


def texts_and_numbers(tokens, x):
    s = 0.0
    for t in tokens:
        if t == "x":
            s = s * 2 + x
        else:
            s = s + t * 1.5
    return s


def named_entries(d, x):
    s = 0.0
    for key, value in d.items():
        if key == "name":
            s = s * 2
        else:
            s = s + value * x
    return s


def appended_and_reversed(xs, y):
    xs.append(y)
    xs.reverse()
    return [x * y for x in xs]


def both_ways(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """Give the backward function by decorator, and the one in the module that is written."""
    file = SourceFile("import numpy as np\n\n\n" + inspect.getsource(function), "m.py")
    result = file.derive(file.chosen(function.__name__, Wish()))
    assert result.problems == []
    names: dict[str, Any] = {}
    exec(file.module(result), names)
    derive_backward(function)
    return [function.backward, names[f"{function.__name__}_backward"]]  # type: ignore[attr-defined]  # added


def slope(function: Callable[[float], float], at: float) -> float:
    return (function(at + 1e-6) - function(at - 1e-6)) / 2e-6


def test_a_text_among_numbers_has_no_gradient() -> None:
    for backward in both_ways(texts_and_numbers):
        dtokens, dx = backward([0.5, "x", 2.0, "x"], 3.0)
        assert type(dtokens) is list
        wanted = [slope(lambda v: texts_and_numbers([v, "x", 2.0, "x"], 3.0), 0.5), 0.0]
        wanted += [slope(lambda v: texts_and_numbers([0.5, "x", v, "x"], 3.0), 2.0), 0.0]
        assert dtokens == pytest.approx(wanted)
        assert dx == pytest.approx(3.0)
    for backward in both_ways(named_entries):
        dd, dx = backward({"a": 2.0, "name": "b", "c": 3.0}, 1.5)
        assert dd == pytest.approx({"a": 3.0, "name": 0.0, "c": 1.5})
        assert dx == pytest.approx(7.0)


def test_a_list_may_be_reversed_after_it_has_grown() -> None:
    """The text doesn't know that y is no list, and refuses; the arguments of a call say it."""
    derive_backward(appended_and_reversed)
    dxs, dy = appended_and_reversed.backward([1.0, 2.0], 3.0, [1.0, 10.0, 100.0])  # type: ignore[attr-defined]  # added

    def weighted(xs: list[float], y: float) -> float:
        first, second, third = appended_and_reversed(xs, y)
        return first + 10 * second + 100 * third

    wanted = [slope(lambda v: weighted([v, 2.0], 3.0), 1.0)]
    wanted.append(slope(lambda v: weighted([1.0, v], 3.0), 2.0))
    assert dxs == pytest.approx(wanted)
    assert dy == pytest.approx(slope(lambda v: weighted([1.0, 2.0], v), 3.0))


def test_a_parameter_is_asked_for_once() -> None:
    """Two gradients would be one array under two names."""
    with pytest.raises(DerivationError) as caught:
        derive_backward(texts_and_numbers, wrt=("x", "x"))
    assert [d.code for d in caught.value.diagnostics] == ["SD117"]
