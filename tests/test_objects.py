"""Objects where the corpus of programs can't show them: refusals, other modules, what changes."""

from __future__ import annotations

import copy
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, check_grads, derive_backward, grad
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

STEPS = (1e-4, 1e-5, 1e-6)


class Value:
    def __init__(self, v):
        self.v = v

    def double(self):
        self.v = self.v * 2
        return self

    def plus(self, w):
        return Value(self.v + w)


class Model:
    gain = 1.5

    def __init__(self, weights):
        self.weights = weights

    def predict(self, x):
        return self.gain * np.sum(np.tanh(self.weights * x))

    def __call__(self, x):
        return self.predict(x) ** 2


class Steeper(Model):
    def predict(self, x):
        return 3 * super().predict(x)


class Sum:
    def __init__(self, models):
        self.models = models
        self.last = models[-1]

    def predict(self, x):
        total = 0.0
        for model in self.models:
            total = total + model.predict(x)
        return total * self.last.predict(x)


@dataclass
class Line:
    a: float
    b: float

    def at(self, x):
        return self.a * x + self.b

    @property
    def zero(self):
        return -self.b / self.a


def numeric(function: Callable[[float], float], x: float) -> list[float]:
    return [(function(x + h) - function(x - h)) / (2 * h) for h in STEPS]


def is_right(found: float, function: Callable[[float], float], x: float) -> bool:
    return min(abs(found - known) for known in numeric(function, x)) < 1e-6 * (1 + abs(found))


def in_file(body: str, name: str = "f") -> str:
    """Give what the command prints for a function of a text."""
    file = SourceFile(body, "text.py")
    result = file.derive(file.chosen(name, Wish()))
    if result.problems:
        raise DerivationError(result.problems)
    return file.module(result)


# What can't be told apart is refused.

DEFINITION = """\
class Value:
    def __init__(self, v):
        self.v = v

    def double(self):
        self.v = self.v * 2
        return self

    def plus(self, w):
        return Value(self.v + w)


class Other:
    def __init__(self, v):
        self.v = v


class Pair:
    def __init__(self, inner):
        self.inner = inner


def f(x, y):
"""
REFUSED = {
    "one of two objects changes": (
        """\
        a, b = Value(x), Value(y)
        if x > y:
            c = a
        else:
            c = b
        c.double()
        return a.v * b.v
        """,
        "SD110",
    ),
    "an object changes that a name keeps after another": (
        """\
        a = Value(x)
        b = a
        for _ in range(3):
            a = a.plus(x)
            a.double()
        return a.v * b.v
        """,
        "SD110",
    ),
    "an object changes after it is put into a list": (
        """\
        values = []
        a = Value(x)
        values.append(a)
        a.double()
        return values[0].v * y
        """,
        "SD110",
    ),
    "the best of several changes by its other name": (
        """\
        best = Value(x)
        for k in range(3):
            c = Value(y * k)
            if c.v > best.v:
                best = c
            c.double()
        return best.v
        """,
        "SD110",
    ),
    "a name is an object of one class or of another in rounds": (
        """\
        a = Value(x)
        for _ in range(3):
            a = Other(a.v * y)
        return a.v
        """,
        "SD103",
    ),
    "a method changes what the statement has read": (
        """\
        a = Value(x)
        return a.v + a.double().v * y
        """,
        "SD103",
    ),
    "an inner function gives an outer name another object": (
        """\
        a = Value(x)

        def reset(k):
            nonlocal a
            a = Value(k)

        reset(3.0)
        return a.v * x * y
        """,
        "SD103",
    ),
    "a method gives itself or another, and the object changes": (
        """\
        def either(a, b):
            if x > 1:
                return a
            return b

        a, b = Value(x), Value(y)
        c = either(a, b)
        b.double()
        return c.v * a.v
        """,
        "SD110",
    ),
    "objects of a list hold one object": (
        """\
        shared = Value(x)
        pairs = [Pair(shared), Pair(shared)]
        pairs[0].inner.double()
        return pairs[1].inner.v * y
        """,
        "SD110",
    ),
    "an object is returned": ("return Value(x * y)", "SD103"),
    "an object is no number": ("return Value(x) * y", "SD103"),
    "it has no such attribute": ("return Value(x).w * y", "SD103"),
    "a method that isn't called": ("return Value(x).double * y", "SD103"),
    "it is made without an argument": ("return Value().v * x * y", "SD103"),
    "a name is no object before the loop": (
        """\
        a = None
        for k in range(3):
            if a is None:
                a = Value(x)
            a.double()
        return a.v * y
        """,
        "SD103",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_objects_that_cannot_be_told_apart_are_refused(name: str) -> None:
    body, code = REFUSED[name]
    lines = body.splitlines()
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    text = DEFINITION + "".join(f"    {line[indent:]}".rstrip() + "\n" for line in lines)
    with pytest.raises(DerivationError) as error:
        in_file(text)
    assert error.value.diagnostics[0].code == code
    assert error.value.diagnostics[0].line > 0


def test_a_function_of_an_earlier_loop_is_no_function_of_this_one() -> None:
    def f(x):
        for _ in range(2):
            g = lambda v: v * v  # noqa: E731  # what this is about
            x = g(x)
        for _ in range(3):
            x = g(x)
            g = lambda v: np.sin(v)  # noqa: E731,PLW0108  # the same
        return x

    with pytest.raises(DerivationError, match="SD104"):
        derive_backward(f)


# The emitted code.


def test_a_layer_is_written_out_as_a_person_would() -> None:
    text = in_file(
        "import numpy as np\n\n\nclass Dense:\n    def __init__(self, w, b):\n        self.w = w\n"
        "        self.b = b\n\n    def forward(self, x):\n"
        "        return np.tanh(x * self.w + self.b)\n\n\n"
        "def f(w: float, b: float, x: float):\n    layer = Dense(w, b)\n"
        "    y = layer.forward(x)\n    return y\n"
    )
    assert text.partition("def f_backward")[2] == (
        "(w: float, b: float, x: float, dy=1.0):\n"
        '    """Gradients of f with respect to w, b and x."""\n'
        "    # forward pass\n"
        "    y = np.tanh(x * w + b)\n"
        "\n"
        "    # backward pass\n"
        "    # backprop y = layer.forward(x)\n"
        "    db = (1 - y**2) * dy\n"
        "    dx = w * db\n"
        "    dw = x * db\n"
        "    return dw, db, dx\n"
    )


# Arguments whose classes are known from the call.


def line_loss(line, x):
    return line.at(x) ** 2 + line.zero


def lines_loss(lines, x):
    total = 0.0
    for line in lines:
        total = total + line.at(x) * line.zero
    return total


def test_methods_of_arguments_are_known_from_the_call() -> None:
    derive_backward(line_loss)
    derive_backward(lines_loss)
    one, two = Line(1.2, 0.7), Line(-0.4, 0.9)
    dline, dx = line_loss.backward(one, 0.3)
    assert isinstance(dline, Line)
    assert is_right(dx, lambda v: line_loss(one, v), 0.3)
    assert is_right(dline.a, lambda v: line_loss(Line(v, 0.7), 0.3), 1.2)
    assert is_right(dline.b, lambda v: line_loss(Line(1.2, v), 0.3), 0.7)
    dlines, dx = lines_loss.backward([one, two], 0.3)
    assert is_right(dx, lambda v: lines_loss([one, two], v), 0.3)
    assert is_right(dlines[1].a, lambda v: lines_loss([one, Line(v, 0.9)], 0.3), -0.4)


def test_an_argument_of_another_class_has_other_methods() -> None:
    def f(model, x):
        return model.predict(x)

    derive_backward(f)
    for model in (Model(np.array([0.4, 1.2])), Steeper(np.array([0.4, 1.2]))):
        _, dx = f.backward(model, 0.3)
        assert is_right(dx, model.predict, 0.3)


# Objects outside.

model: Any = Model(np.array([0.4, 1.2]))
network: Any = Sum([Model(np.array([0.4, 1.2])), Model(np.array([0.7]))])


def of_module(x):
    return model.predict(x) + model(x)


def of_network(x):
    return network.predict(x)


def test_the_objects_of_a_module_are_what_they_are_at_the_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    derive_backward(of_module)
    derive_backward(of_network)
    assert is_right(of_module.backward(0.3), of_module, 0.3)
    assert is_right(of_network.backward(0.3), of_network, 0.3)
    monkeypatch.setattr(model, "weights", np.array([0.1, -0.7, 2.0]))
    assert is_right(of_module.backward(0.3), of_module, 0.3)
    monkeypatch.setattr(Model, "gain", 0.2)
    assert is_right(of_module.backward(0.3), of_module, 0.3)
    monkeypatch.setattr(sys.modules[__name__], "model", Steeper(np.array([0.5, 0.3])))
    assert is_right(of_module.backward(0.3), of_module, 0.3)
    monkeypatch.setattr(network, "models", [Steeper(np.array([0.5])), Steeper(np.array([0.3]))])
    assert is_right(of_network.backward(0.3), of_network, 0.3)


def test_an_object_of_a_closure_is_a_constant() -> None:
    def made(weights):
        inner = Model(weights)

        def f(x):
            return inner.predict(x) * inner.gain

        return f

    f = derive_backward(made(np.array([0.4, 1.2])))
    assert is_right(f.backward(0.3), f, 0.3)


def made_inside(x):
    return Model(np.array([0.4, 1.2]) * x).predict(x)


def test_a_class_that_is_changed_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    derive_backward(made_inside)
    assert is_right(made_inside.backward(0.3), made_inside, 0.3)
    monkeypatch.setattr(Model, "gain", 0.2)
    assert is_right(made_inside.backward(0.3), made_inside, 0.3)
    monkeypatch.setattr(sys.modules[__name__], "Model", Steeper)
    with pytest.raises(DerivationError):
        made_inside.backward(0.3)  # its class above has the name of a class below by now


def test_a_method_that_was_put_there_later_is_not_read_from_the_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def f(x):
        return Value(x).plus(2.0).v

    monkeypatch.setattr(Value, "plus", lambda self, w: Value(self.v * w))
    with pytest.raises(DerivationError, match="SD103"):
        derive_backward(f)


# Other modules, classes, transforms, what is left alone.


class Layer:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        values = [Value(x * self.w[i]) for i in range(2)]
        for value in values:
            value.double()
        first = values[0].plus(x)
        return np.tanh(first.v) * values[1].v


def test_the_forward_method_of_a_class_may_make_objects() -> None:
    own = derive_backward(Layer)
    w, x = np.array([0.3, -0.7]), 0.4
    layer: Any = own(w)
    layer.forward(x)
    dx = layer.backward(1.0)
    assert is_right(dx, lambda v: own(w).forward(v), x)
    assert is_right(layer.dw[0], lambda v: own(np.array([v, -0.7])).forward(x), 0.3)
    assert is_right(layer.dw[1], lambda v: own(np.array([0.3, v])).forward(x), -0.7)


def test_classes_of_other_modules_are_read_by_the_command(tmp_path: Path) -> None:
    (tmp_path / "layers_for_test.py").write_text(
        "import numpy as np\n\nSCALE = 2.0\n\n\n"
        "def squashed(x):\n    return np.tanh(x) * SCALE\n\n\n"
        "class Base:\n    def size(self):\n        return np.sum(self.w**2)\n\n\n"
        "class Dense(Base):\n    def __init__(self, w):\n        self.w = w\n\n"
        "    def __call__(self, x):\n        return squashed(x @ self.w)\n"
    )
    path = tmp_path / "uses_layers.py"
    path.write_text(
        "import layers_for_test as layers\nfrom layers_for_test import Dense\n\n\n"
        "def f(w, x):\n    d = Dense(w)\n    e = layers.Dense(2 * w)\n    y = e(d(x))\n"
        "    return y.sum() + d.size()\n"
    )
    file = SourceFile(path.read_text(), str(path))
    result = file.derive(file.chosen("f", Wish()))
    assert not result.problems
    found: dict[str, Any] = {}
    exec(file.module(result), found)
    sys.path.insert(0, str(tmp_path))
    try:
        f = importlib.import_module("uses_layers").f
    finally:
        sys.path.remove(str(tmp_path))
    w, x = np.array([[0.3, -0.4], [0.7, 0.2]]), np.array([0.5, 1.1])
    dw, dx = found["f_backward"](w, x)
    for gradient, given, place in ((dw, w, 0), (dx, x, 1)):
        for index in np.ndindex(given.shape):

            def at(v: float, given=given, index=index, place=place) -> float:
                moved = given.copy()
                moved[index] = v
                return float(f(*(moved if i == place else a for i, a in enumerate((w, x)))))

            assert is_right(gradient[index], at, given[index])


def test_two_classes_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "other_values.py").write_text(
        "class Value:\n    def __init__(self, v):\n        self.v = 3 * v\n\n"
        "    def plus(self, w):\n        return self.v * w\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        other_values = importlib.import_module("other_values")
    finally:
        sys.path.remove(str(tmp_path))

    def f(x):
        return Value(x).plus(2.0).v * other_values.Value(x).plus(x)

    assert is_right(derive_backward(f).backward(0.7), f, 0.7)


def test_a_problem_in_another_module_is_told_there(tmp_path: Path) -> None:
    path = tmp_path / "opening.py"
    path.write_text(
        "class Opening:\n    def __init__(self, v):\n        self.v = v\n\n"
        "    def read(self):\n        return open(self.v)\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        opening = importlib.import_module("opening")
    finally:
        sys.path.remove(str(tmp_path))

    def f(x):
        return opening.Opening(x).read() * x

    with pytest.raises(DerivationError) as error:
        derive_backward(f)
    told = error.value.diagnostics[0]
    assert (told.filename, told.line) == (str(path), 6)


def test_second_derivatives_go_through_objects() -> None:
    def f(x):
        value = Value(x * x)
        value.double()
        return value.plus(np.sin(x)).v * value.v

    check_grads(grad(f), (0.7,))
    check_grads(grad(grad(f)), (0.7,))


def test_objects_do_not_change_the_arguments() -> None:
    def f(x, y):
        value = Value(x)
        value.v = value.v * y
        value.v[0] = 3.0
        return np.sum(value.v * x)

    derive_backward(f)
    x, y = np.array([0.4, 0.7]), np.array([1.1, 0.3])
    kept = copy.deepcopy((x, y))
    dx, dy = f.backward(x, y)
    np.testing.assert_equal((x, y), kept)
    np.testing.assert_allclose(dx, [3.0, 2 * 0.7 * 0.3])
    np.testing.assert_allclose(dy, [0.0, 0.49])


def test_transforms_take_methods_and_callable_objects() -> None:
    own = Model(np.array([0.4, 1.2]))
    assert is_right(grad(own.predict)(0.3), own.predict, 0.3)
    assert is_right(grad(own)(0.3), own, 0.3)
