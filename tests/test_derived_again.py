"""What the command line wrote is a file like any other: it is derived again, helpers and all."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcdiff.file import SourceFile
from srcdiff.rules.helpers import HELPERS
from srcdiff.wishes import Wish


def unpacked(x):
    a, b, c = x
    return a * b**2 + np.sin(c)


def picked(x):
    return np.sum(x[[0, 1, 1]] ** 3)


def turned(x):
    steps = []
    for v in x:
        steps.append(v * v + (steps[-1] if steps else 0.0))
    return steps[-1] ** 2


def halved(x):
    y = np.where(x > 0, x, 0.5 * x**2)
    if np.sum(y) > 0:
        y = y * x
    return np.sum(y)


def module(text: str, name: str) -> str:
    file = SourceFile(text, "m.py")
    result = file.derive({name: Wish()})
    assert not result.problems, result.problems
    return file.module(result)


def run(text: str, name: str) -> Callable[..., Any]:
    namespace: dict[str, Any] = {}
    exec(compile(text, "m.py", "exec"), namespace)
    return namespace[name]


@pytest.mark.parametrize("function", [unpacked, picked, turned, halved])
@pytest.mark.parametrize("kind", [np.array, list])
def test_the_text_of_a_gradient_has_a_gradient(function, kind) -> None:
    if kind is list and function in (picked, halved):
        kind = np.array
    point = [0.7, 1.3, -0.4]
    name = function.__name__
    once = module("import numpy as np\n\n\n" + inspect.getsource(function), name)
    twice = module(once, f"{name}_backward")
    first, second = run(once, f"{name}_backward"), run(twice, f"{name}_backward_backward")
    weight = kind([0.3, -0.8, 1.1])
    given = list(inspect.signature(second).parameters)
    found = second(kind(point), 1.0, **{given[2]: weight})[0]
    for i, h in enumerate(np.eye(3) * 1e-6):
        ends = [np.dot(weight, first(kind(np.add(point, s * h)), 1.0)) for s in (1, -1)]
        np.testing.assert_allclose(found[i], (ends[0] - ends[1]) / 2e-6, rtol=1e-6, atol=1e-8)


def test_a_helper_that_stands_in_the_file_is_not_defined_twice() -> None:
    once = module("def f(x, y):\n    return (x * y) ** 2\n", "f")
    assert once.count("def unbroadcast(") == 1
    file = SourceFile(once, "m.py")
    wishes = {"f_backward": Wish()}
    text = file.in_place(file.derive(wishes), wishes)
    assert text.count("def unbroadcast(") == 1
    run(text, "f_backward_backward")(2.0, 3.0, 1.0, ddx=1.0, ddy=0.0)


def test_helpers_are_no_functions_to_be_derived() -> None:
    once = module(inspect.getsource(turned).join(["import numpy as np\n\n\n", ""]), "turned")
    assert "def zeros_like(" in once
    assert [*SourceFile(once, "m.py").functions()] == ["turned_backward"]


def test_a_function_that_only_has_a_helper_s_name_stays_the_user_s() -> None:
    text = textwrap.dedent(
        """
        import numpy as np

        def unbroadcast(grad, like):
            return grad * like

        def f(x):
            return unbroadcast(x, x + 1.0)
        """
    )
    assert "unbroadcast" in HELPERS
    assert run(module(text, "f"), "f_backward")(3.0) == pytest.approx(7.0)
