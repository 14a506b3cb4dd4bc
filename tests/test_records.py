"""Records and objects where the corpus of programs can't show them: refusals, objects outside."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

from srcdiff import DerivationError, check_grads, derive_backward, grad, jvp, value_and_grad
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish


class Linear(NamedTuple):
    w: np.ndarray
    b: float


@dataclass(frozen=True, slots=True)
class Setting:
    rate: float
    name: str = "plain"

    @property
    def twice(self) -> float:
        return 2 * self.rate


class Config:
    rate = 0.5
    weights = np.array([1.0, 2.0])


class Model:
    def __init__(self) -> None:
        self.weights = np.array([1.0, 2.0])

    def mean(self, x: float) -> float:
        return 2 * x


model = Model()


def linear_loss(p, x):
    return np.sum(np.tanh(p.w * x) + p.b)


def steps(p, x):
    for _ in range(2):
        x = np.tanh(p.w * x) + p.b
    return x


def by_helper(p, x):
    return np.sum(steps(p, x) * p.w)


def two_names(s, k):
    t = s
    pair = [s, t]
    return pair[0].rate * pair[1].rate * k


def by_property(s, k):
    return s.twice * k


def by_method_outside(x):
    return model.mean(x) * x


def by_method(m, x):
    return m.mean(x) * x


def constants_outside(x):
    return np.sum(x * Config.weights) * Config.rate + np.sum(model.weights * x)


def test_a_record_comes_back_whose_fields_without_numbers_are_none() -> None:
    def scaled(s, x):
        return s.rate**2 * x

    derive_backward(scaled)
    assert scaled.backward(Setting(1.5), 2.0) == (Setting(6.0, None), 2.25)
    assert grad(scaled)(Setting(2, "a"), 0.5) == Setting(2.0, None)


def test_a_record_that_is_asked_for_and_has_no_influence_gets_zeros() -> None:
    def doubled(p, x):
        return 2 * x

    derive_backward(doubled, wrt=("p", "x"))
    dp, dx = doubled.backward(Linear(np.ones(2), 1.0), 3.0)
    assert type(dp) is Linear
    assert (dp.w.tolist(), dp.b, dx) == ([0.0, 0.0], 0.0, 2.0)


def test_the_transforms_take_records() -> None:
    at = (Linear(np.array([0.4, -1.2]), 0.3), 0.7)
    check_grads(linear_loss, at)
    value, slope = value_and_grad(linear_loss)(*at)
    along = Linear(np.array([1.0, 0.5]), -2.0)
    pushed = jvp(linear_loss, at, (along, 0.0))
    assert value == linear_loss(*at)
    np.testing.assert_allclose(pushed[1], np.sum(slope.w * along.w) + slope.b * along.b)


def test_a_record_under_two_names_gets_the_gradients_of_both() -> None:
    gradients = derive_backward(two_names).backward(Setting(1.5), 2.0)  # type: ignore[attr-defined]  # added
    assert gradients[0].rate == 2 * 1.5 * 2.0
    assert gradients[1] == 1.5**2


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (by_helper, (Linear(np.ones(2), 1.0), 2.0)),
    ],
)
def test_what_is_not_known_of_a_record_is_refused(
    function: Callable[..., Any], at: tuple[Any, ...]
) -> None:
    with pytest.raises(DerivationError):
        derive_backward(function).backward(*at)  # type: ignore[attr-defined]  # at the latest here


def test_methods_and_properties_are_read_from_the_classes_of_the_objects() -> None:
    dsetting, dk = derive_backward(by_property).backward(Setting(1.5), 2.0)  # type: ignore[attr-defined]  # added
    assert (dsetting.rate, dk) == (4.0, 3.0)
    assert derive_backward(by_method_outside).backward(2.0) == 8.0  # type: ignore[attr-defined]  # added
    assert derive_backward(by_method, wrt="x").backward(model, 2.0) == 8.0  # type: ignore[attr-defined]  # added


def test_attributes_of_objects_outside_are_constants_of_any_shape() -> None:
    derive_backward(constants_outside)
    assert constants_outside.backward(2.0) == 4.5  # type: ignore[attr-defined]  # a number
    model.weights = np.array([3.0, 4.0])
    try:
        assert constants_outside.backward(2.0) == 8.5  # type: ignore[attr-defined]  # the same
    finally:
        model.weights = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("definition", "codes"),
    [
        ("class Config:\n    rate = 0.5\n", []),
        ("class Config:\n    rate = 0.5\n\n\nConfig.rate = 2.0\n", ["SD115"]),
        ("class Config:\n    rate = 0.5\n\n    def f(self):\n        pass\n", []),
    ],
)
def test_a_constant_of_a_class_goes_along_with_the_text_if_nothing_changes_it(
    definition: str, codes: list[str]
) -> None:
    text = f"{definition}\n\ndef scaled(x):\n    return x * Config.rate\n"
    file = SourceFile(text, "m.py")
    result = file.derive(file.chosen("scaled", Wish()))
    assert result.problems == []
    if codes:
        with pytest.raises(DerivationError) as caught:
            file.module(result)
        assert [d.code for d in caught.value.diagnostics] == codes
        return
    names: dict[str, Any] = {}
    exec(file.module(result), names)
    assert names["scaled_backward"](3.0) == 0.5


class Layers(list):
    """A list of a class of its own."""


def by_entries(p):
    return np.sum(p["a"] ** 2) * p["b"]


def by_places(p):
    return np.sum(p[0] ** 2) * p[1]


@pytest.mark.parametrize("at", [np.array([1.0, 2.0]), 3.0])
def test_a_class_made_of_dict_or_list_is_one(at: Any) -> None:
    """Its items have gradients; it has no fields."""
    derive_backward(by_entries)
    derive_backward(by_places)
    wanted = [2 * at * 1.5, np.sum(at**2)]
    entries = OrderedDict(a=at, b=1.5)
    for found in (by_entries.backward(entries), grad(by_entries)(entries)):
        assert isinstance(found, dict)
        assert list(found) == ["a", "b"]
        np.testing.assert_equal(list(found.values()), wanted)
    items = Layers([at, 1.5])
    for found in (by_places.backward(items), grad(by_places)(items)):
        assert isinstance(found, list)
        np.testing.assert_equal(list(found), wanted)
    items[1] = np.ones(2)  # another version: its type is what its items say
    np.testing.assert_equal(by_places.backward(items)[1], np.full(2, np.sum(at**2)))


def test_a_class_of_named_tuples_that_is_assigned_goes_along() -> None:
    text = """
from collections import namedtuple

import numpy as np

State = namedtuple("State", ["place", "speed"])


def leap(s, dt):
    return State(s.place + dt * s.speed, s.speed - dt * s.place)


def f(p, v):
    s = State(p, v)
    for _ in range(3):
        s = leap(s, 0.1)
    return np.sum(s.place**2) + np.sum(s.speed)
"""
    file = SourceFile(text, "text.py")
    result = file.derive(file.chosen("f", Wish()))
    namespace: dict[str, Any] = {}
    own: dict[str, Any] = {}
    exec(file.module(result), namespace)
    exec(text, own)
    f, step = own["f"], 1e-6
    expected = [
        (f(1.2 + step, 0.3) - f(1.2 - step, 0.3)) / (2 * step),
        (f(1.2, 0.3 + step) - f(1.2, 0.3 - step)) / (2 * step),
    ]
    np.testing.assert_allclose(namespace["f_backward"](1.2, 0.3), expected, rtol=1e-7)
