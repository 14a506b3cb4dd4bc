"""Forms that public suites of numerical programs use, by decorator, as text and in forward mode.

Each program is compared with central differences along random directions.
"""

from __future__ import annotations

import copy
import inspect
import linecache
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

STEPS = (1e-3, 1e-4, 1e-5)
Values = tuple[Any, ...]


def module_of(text: str, name: str) -> types.ModuleType:
    text = f"import numpy as np\n\n\n{text}"
    module = types.ModuleType(name)
    filename = f"<{name} of a suite>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), module.__dict__)
    return module


def emitted(text: str, name: str, wish: Wish, ending: str) -> Callable[..., Any]:
    file = SourceFile(f"import numpy as np\n\n\n{text}", f"{name}.py")
    result = file.derive(file.chosen(name, wish))
    assert not result.problems, result.problems
    found: dict[str, Any] = {}
    exec(file.module(result), found)
    return found[f"{name}_{ending}"]  # type: ignore[no-any-return]  # a function


def dot(one: Any, other: Any) -> float:
    if isinstance(one, (list, tuple)):
        return sum(dot(a, b) for a, b in zip(one, other, strict=True))
    return float(np.real(np.sum(np.asarray(one) * np.asarray(other))))


def random_like(value: Any, rng: np.random.Generator) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(random_like(item, rng) for item in value)
    given = rng.standard_normal(np.shape(value))
    if np.iscomplexobj(value):
        given = given + 1j * rng.standard_normal(np.shape(value))
    return given[()]


def moved(value: Any, direction: Any, step: float) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(moved(a, b, step) for a, b in zip(value, direction, strict=True))
    return value + step * direction


class Case:
    """A program at a point, with random upstream gradients and a direction."""

    def __init__(
        self, text: str, values: Values, wrt: tuple[str, ...], outputs: tuple[str, ...] = ()
    ) -> None:
        self.text, self.values, self.wrt, self.asked = text, values, wrt, outputs
        self.module = module_of(text, "f")
        self.names = list(inspect.signature(self.module.f).parameters)
        rng = np.random.default_rng(0)
        self.upstreams = [random_like(out, rng) for out in self.outputs(values)]
        self.directions = [random_like(values[self.names.index(name)], rng) for name in wrt]

    def outputs(self, values: Values) -> list[Any]:
        own = copy.deepcopy(list(values))
        result = self.module.f(*own)
        if self.asked:
            return [own[self.names.index(name)] for name in self.asked]
        return list(result) if isinstance(result, tuple) else [result]

    def slope(self) -> float:
        """Give the derivative along the direction, where the differences agree about it."""
        found = []
        for step in STEPS:
            ends = []
            for sign in (1, -1):
                values = list(self.values)
                for name, direction in zip(self.wrt, self.directions, strict=True):
                    place = self.names.index(name)
                    values[place] = moved(values[place], direction, sign * step)
                ends.append(dot(self.upstreams, self.outputs(tuple(values))))
            found.append((ends[0] - ends[1]) / (2 * step))
        np.testing.assert_allclose(found[1:], found[1], rtol=1e-5, atol=1e-7)
        return found[1]

    def check_backward(self, backward: Callable[..., Any]) -> None:
        given = copy.deepcopy(self.values)
        names = list(inspect.signature(backward).parameters)[-len(self.upstreams) :]
        upstreams = dict(zip(names, copy.deepcopy(self.upstreams), strict=True))
        gradients = backward(*given, **upstreams)
        np.testing.assert_equal(given, self.values)
        np.testing.assert_equal(list(upstreams.values()), self.upstreams)
        for name, gradient in zip(self.wrt, gradients, strict=True):
            value = self.values[self.names.index(name)]
            assert np.shape(gradient) == np.shape(value), name
            assert isinstance(gradient, list) == isinstance(value, list), name
        np.testing.assert_allclose(dot(gradients, self.directions), self.slope(), rtol=1e-6)

    def check_forward(self, forward: Callable[..., Any]) -> None:
        outputs, tangents = forward(*copy.deepcopy(self.values), *self.directions)
        if len(self.upstreams) == 1:
            outputs, tangents = [outputs], [tangents]
        for own, other in zip(outputs, self.outputs(self.values), strict=True):
            np.testing.assert_allclose(own, other, rtol=1e-12)
        np.testing.assert_allclose(dot(self.upstreams, tangents), self.slope(), rtol=1e-6)

    def check(self) -> None:
        """Hold the decorator, the text and forward mode to the differences."""
        asked = {"outputs": self.asked} if self.asked else {}
        self.check_backward(derive_backward(self.module.f, wrt=self.wrt, **asked).backward)
        self.check_text()

    def check_text(self) -> None:
        wish = Wish(wrt=self.wrt, outputs=self.asked)
        self.check_backward(emitted(self.text, "f", wish, "backward"))
        wish = Wish(wrt=self.wrt, outputs=self.asked, mode="jvp")
        self.check_forward(emitted(self.text, "f", wish, "jvp"))


RNG = np.random.default_rng(1)
X, Y, Z = RNG.uniform(0.5, 1.5, (3, 4))
A = RNG.uniform(0.5, 1.5, (4, 4))


def test_a_helper_that_only_tells_classes_apart_has_no_derivative() -> None:
    text = """
def pairs(a, b):
    if a + b > 2:
        return 1
    else:
        return 0


def f(x, w):
    total = 0.0
    for i in range(len(x)):
        for j in range(len(x)):
            total = total + w[j] * pairs(x[i], x[j])
    return total
"""
    Case(text, (X, Y), ("x", "w")).check()


def test_a_helper_that_changes_its_argument_counts_though_its_result_is_constant() -> None:
    text = """
def doubled(a):
    for i in range(len(a)):
        a[i] = a[i] * a[i]
    return 1


def f(x):
    y = x.copy()
    n = doubled(y)
    return np.sum(y) * n
"""
    module = module_of(text, "f")
    try:
        gradient = derive_backward(module.f, wrt="x").backward(X)
    except DerivationError:
        return  # refused, and so not wrong
    np.testing.assert_allclose(gradient, 2 * X)


def test_a_recursion_that_chooses_one_of_its_calls_takes_a_list() -> None:
    text = """
def f(items, left, right):
    if left == right:
        return items[left] * items[left]
    mid = (left + right) // 2
    a = f(items, left, mid)
    b = f(items, mid + 1, right)
    return a if a <= b else b
"""
    for items in ([3.0, 1.0, 2.0], [1.0, 3.0, 2.0], [2.0, 3.0, 1.0]):
        module = module_of(text, "f")
        expected = [2.0 if item == 1.0 else 0.0 for item in items]
        assert derive_backward(module.f, wrt="items").backward(items, 0, 2) == expected
        backward = emitted(text, "f", Wish(wrt=("items",)), "backward")
        np.testing.assert_allclose(backward(items, 0, 2), [expected])


def test_a_list_has_a_list_for_its_gradient_though_its_name_stands_for_an_array_later() -> None:
    text = """
def f(x, w, n):
    for _ in range(n):
        x = np.sin(np.take(x, [1, 2, 3, 0])) * w
    return x
"""
    for n in (1, 3):
        case = Case(text, (list(X), Y, n), ("x", "w"))
        case.check_backward(derive_backward(case.module.f, wrt=case.wrt).backward)


def test_a_handler_with_a_test_in_it_is_refused_as_any_other() -> None:
    text = """
def f(x):
    try:
        y = x[3]
    except IndexError:
        if x.ndim > 3:
            raise ValueError("no")
    return np.sum(x)
"""
    with pytest.raises(DerivationError, match="a try statement can't be differentiated"):
        derive_backward(module_of(text, "f").f)
