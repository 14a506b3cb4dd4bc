"""Classes whose forward has loops, branches, early returns or writes in place."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

CLASSES = '''
import numpy as np


class Cell:
    def __init__(self, Wx, Wh):
        self.Wx, self.Wh = Wx, Wh

    def forward(self, xs, h):
        """Run the cell over xs."""
        for x in xs:
            h = np.tanh(x @ self.Wx + h @ self.Wh)
        return h


class Early:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        if np.sum(x) < 0:
            return x * self.w**2
        self.z = x * 3
        return self.z * x


class Stencil:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        u = x.copy()
        for i in range(3):
            u[1:-1] = self.w[i] * u[1:-1] * u[2:] + u[:-2]
        self.u = u
        return u * u


class Sum:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        total = 0.0
        for i in range(len(x)):
            if x[i] < 0:
                continue
            total += self.w * x[i] ** 2
        return total


class Dense:
    def __init__(self, W):
        self.W = W

    def forward(self, x):
        return np.tanh(x @ self.W)


class Network:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, x, y):
        for i, layer in enumerate(self.layers):
            x = layer.forward(x)
            if i < len(self.layers) - 1:
                x = np.maximum(x, 0)
        loss = np.mean((x - y) ** 2)
        return loss
'''
DRAWS = np.random.default_rng(3)
DATA: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "Cell": (
        (DRAWS.normal(size=(3, 2)), DRAWS.normal(size=(2, 2))),
        (DRAWS.normal(size=(4, 3)), DRAWS.normal(size=2)),
    ),
    "Early": ((DRAWS.normal(size=3),), (np.ones(3),)),
    "Stencil": ((DRAWS.normal(size=3),), (DRAWS.normal(size=5),)),
    "Sum": ((1.5,), (DRAWS.normal(size=5),)),
}


@pytest.fixture(scope="module")
def by_text(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give the module that the command prints."""
    file = SourceFile(CLASSES, "classes.py")
    result = file.derive(file.chosen(None, Wish()))
    assert result.problems == []
    return loaded(tmp_path_factory.mktemp("text") / "emitted.py", file.module(result))


@pytest.fixture(scope="module")
def by_decorator(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give the module with its classes decorated."""
    text = CLASSES.replace("\nclass ", "\n@srcdiff.derive_backward\nclass ")
    path = tmp_path_factory.mktemp("decorated") / "decorated.py"
    return loaded(path, "import srcdiff\n" + text)


@pytest.fixture(params=["by_text", "by_decorator"])
def classes(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def loaded(path: Path, text: str) -> Any:
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # where inspect looks for a class's text
    spec.loader.exec_module(module)
    return module


def slope(function: Any, value: Any) -> Any:
    """Differentiate a number by central differences at two steps that agree."""
    found = []
    for h in (1e-5, 1e-6):
        gradient = np.zeros(np.shape(value))
        for index in np.ndindex(gradient.shape):
            ends = []
            for sign in (1, -1):
                moved = np.array(value, float)
                moved[index] += sign * h
                ends.append(function(moved if moved.ndim else float(moved)))
            gradient[index] = (ends[0] - ends[1]) / (2 * h)
        found.append(gradient)
    np.testing.assert_allclose(*found, rtol=1e-5, atol=1e-7)
    return found[1]


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("name", DATA)
def test_gradients_of_arguments_and_attributes_agree_with_differences(
    classes: Any, name: str, sign: float
) -> None:
    given, arguments = DATA[name]
    arguments = tuple(sign * a for a in arguments)
    cls = getattr(classes, name)
    made = cls(*given)
    out = made.forward(*arguments)
    kept = np.copy(out)
    upstream = np.cos(np.arange(np.size(out), dtype=float)).reshape(np.shape(out))
    first = made.backward(upstream)
    again = made.backward(upstream)
    np.testing.assert_array_equal(out, kept)
    first, again = (g if isinstance(g, tuple) else (g,) for g in (first, again))
    for place, (gradient, other) in enumerate(zip(first, again, strict=True)):

        def moved(value: Any, place: int = place) -> Any:
            replaced = [*arguments[:place], value, *arguments[place + 1 :]]
            return np.sum(upstream * cls(*given).forward(*replaced))

        np.testing.assert_array_equal(gradient, other)
        np.testing.assert_allclose(gradient, slope(moved, arguments[place]), rtol=1e-6, atol=1e-8)
    names = [n for n, value in vars(cls(*given)).items() if not n.startswith("_")]
    for place, attribute in enumerate(names):

        def changed(value: Any, place: int = place) -> Any:
            parts = [*given[:place], value, *given[place + 1 :]]
            return np.sum(upstream * cls(*parts).forward(*arguments))

        found = getattr(made, f"d{attribute}")
        np.testing.assert_allclose(found, slope(changed, given[place]), rtol=1e-6, atol=1e-8)


def test_a_list_of_layers_is_run_backwards(classes: Any) -> None:
    weights = [DRAWS.normal(size=(3, 4)), DRAWS.normal(size=(4, 2))]
    x, y = DRAWS.normal(size=(5, 3)), DRAWS.normal(size=(5, 2))

    def network(*parts: Any) -> Any:
        return classes.Network([classes.Dense(W) for W in parts])

    made = network(*weights)
    made.forward(x, y)
    dx, dy = made.backward()
    np.testing.assert_allclose(
        dx, slope(lambda v: network(*weights).forward(v, y), x), rtol=1e-6, atol=1e-9
    )
    np.testing.assert_allclose(
        dy, slope(lambda v: network(*weights).forward(x, v), y), rtol=1e-6, atol=1e-9
    )
    wanted = slope(lambda W: network(W, weights[1]).forward(x, y), weights[0])
    np.testing.assert_allclose(made.layers[0].dW, wanted, rtol=1e-6, atol=1e-9)


def test_one_layer_twice_in_a_list_is_refused(classes: Any) -> None:
    layer = classes.Dense(np.eye(2))
    made = classes.Network([layer, layer])
    made.forward(np.ones((1, 2)), np.ones((1, 2)))
    with pytest.raises(RuntimeError, match=r"twice|2 times"):
        made.backward()


def test_one_object_in_a_loop_is_refused() -> None:
    text = """
class Steps:
    def __init__(self, cell):
        self.cell = cell

    def forward(self, x):
        for _ in range(3):
            x = self.cell.forward(x)
        return x
"""
    file = SourceFile(text, "steps.py")
    result = file.derive(file.chosen(None, Wish()))
    assert [d.code for d in result.problems] == ["SD111"]
    assert result.problems[0].line == 8
