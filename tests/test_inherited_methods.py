"""Classes that inherit methods from classes above, or override them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import inherited_classes
import numpy as np
import pytest

from srcdiff import DerivationError
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

TEXT = inspect.getsource(inherited_classes)
X = np.array([[0.3, -0.2, 0.7], [1.1, 0.4, -0.5]])
DERIVED = [
    "Sub",
    "Deep",
    "Other",
    "Plain",
    "Above",
    "Branch",
    "Stored",
    "Super2",
    "Decorated",
    "Decorated2",
    "Decorated3",
]


def emitted(text: str, name: str | None = None) -> dict[str, Any]:
    """Give what the module defines that the command prints."""
    file = SourceFile(text, "text.py")
    result = file.derive(file.chosen(name, Wish()))
    if result.problems:
        raise DerivationError(result.problems)
    namespace: dict[str, Any] = {"__name__": "text"}
    exec(file.module(result), namespace)
    return namespace


def in_place(text: str) -> str:
    """Give the text with the derived code in its place."""
    file = SourceFile(text, "text.py")
    wishes = file.chosen(None, Wish())
    result = file.derive(wishes)
    if result.problems:
        raise DerivationError(result.problems)
    return file.in_place(result, wishes)


def numeric(total: Callable[[np.ndarray], float], x: np.ndarray) -> np.ndarray:
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-6
        found[place] = (total(x + step) - total(x - step)) / 2e-6
    return found


def check(cls: type[Any]) -> None:
    """Hold the gradients of a class's forward to central differences."""
    made = cls()
    out = made.forward(X)
    dout = np.arange(1.0, out.size + 1).reshape(out.shape)
    dx = made.backward(dout)
    assert np.allclose(dx, numeric(lambda x: np.sum(cls().forward(x) * dout), X), rtol=1e-5)
    for name in ("W", "b") if hasattr(made, "b") and hasattr(made, "db") else ("W",):

        def total(value: np.ndarray, name: str = name) -> float:
            other = cls()
            setattr(other, name, value)
            return float(np.sum(other.forward(X) * dout))

        known = numeric(total, getattr(cls(), name))
        assert np.allclose(getattr(made, f"d{name}"), known, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", DERIVED)
def test_inherited_and_overridden_methods_are_differentiated(name: str) -> None:
    check(getattr(inherited_classes, name))


@pytest.fixture(scope="module")
def module() -> dict[str, Any]:
    return emitted(TEXT)


@pytest.mark.parametrize("name", DERIVED)
def test_the_command_derives_them_alike(name: str, module: dict[str, Any]) -> None:
    check(module[name])


def test_a_class_below_with_another_method_does_not_get_the_gradient_of_the_one_above() -> None:
    made = inherited_classes.Naive()
    made.forward(X)
    with pytest.raises(RuntimeError, match="Naive has a method act of its own"):
        made.backward(np.ones((2, 2)))
    check(inherited_classes.Harmless)


UNMARKED = """\
import numpy as np


class Base:
    def __init__(self):
        self.W = np.linspace(-1, 1, 6).reshape(3, 2)

    def act(self, h):
        return h * 3.0

    def forward(self, x):
        h = x @ self.W
        return np.tanh(h)


class Sub(Base):
    def forward(self, x):
        return self.act(x @ self.W)


class More(Base):
    def other(self, x):
        return x
"""


def test_the_command_derives_what_says_its_forward_itself() -> None:
    module = emitted(UNMARKED)
    check(module["Sub"])
    check(module["Base"])
    assert "More" not in module
    once = in_place(UNMARKED)
    assert in_place(once) == once
    namespace: dict[str, Any] = {"__name__": "text"}
    exec(once, namespace)
    for name in ("Base", "Sub", "More"):
        check(namespace[name])


BELOW = """\
import numpy as np
from srcdiff import derive_backward


@derive_backward
class Base:
    def act(self, h):
        return np.tanh(h)

    def forward(self, x):
        h = self.act(x)
        return h


class Sub(Base):
    def act(self, h):
        return h**2
"""


def test_a_class_in_the_file_that_would_inherit_a_wrong_backward_is_refused() -> None:
    with pytest.raises(DerivationError, match="has its own act"):
        in_place(BELOW)
    assert "Sub" not in emitted(BELOW)


def test_a_method_of_no_class_above_is_refused() -> None:
    text = BELOW.replace("h = self.act(x)", "h = super().act(x)")
    with pytest.raises(DerivationError, match="no class above is known to have a method act"):
        emitted(text)


CALLS = """\
import numpy as np
from srcdiff import derive_backward


class Layer:
    def __init__(self):
        self.W = np.ones((3, 3)) * 0.1

    def forward(self, x):
        return np.tanh(x @ self.W)


@derive_backward
class Net:
    def __init__(self):
        self.layer = Layer()
        self.W = np.ones(3)

    def forward(self, x):
        return self.layer.forward(x) * self.W
"""


def test_an_object_without_backward_is_refused_by_the_command() -> None:
    with pytest.raises(DerivationError, match="the class Layer has no backward"):
        emitted(CALLS)
    check(emitted(CALLS.replace("class Layer", "@derive_backward\nclass Layer"))["Net"])
    check(emitted(CALLS.replace("@derive_backward\n", ""))["Net"])
