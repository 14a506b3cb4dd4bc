"""Rules of the user's that the command line finds by reading: in the file, and in others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError
from srcdiff.file import SourceFile
from srcdiff.rules import registry
from srcdiff.wishes import Wish

HEAD = "import numpy as np\nimport srcdiff\nfrom srcdiff import rule, stop_gradient\n"
X = np.array([1.0, 2.0, -3.0])


def module_text(text: str, *names: str, filename: str = "model.py") -> str:
    """Give the module that the command line prints for a text."""
    file = SourceFile(text, filename)
    chosen = {name: Wish() for name in names} or file.chosen(None, Wish())
    result = file.derive(chosen)
    if result.problems:
        raise DerivationError(result.problems)
    return file.module(result)


def run(text: str, **names: Any) -> dict[str, Any]:
    """Run a module's text, with what its imports would give."""
    namespace: dict[str, Any] = dict(names)
    exec(compile(text, "<derived>", "exec"), namespace)
    return namespace


CLIPPED = """

def clipped(x):
    return x


@srcdiff.rule(clipped)
def clipped_backward(x, *, dy):
    dx = np.clip(dy, -1, 1)
    return dx


def f(x):
    y = clipped(10 * x) * 5
    return y
"""


def test_a_rule_in_the_file_is_found() -> None:
    text = module_text(HEAD + CLIPPED)
    assert "np.clip(" in text
    assert "srcdiff." not in text.split("\n", 1)[1]
    assert np.allclose(run(text)["f_backward"](X), 10.0)


def test_a_function_with_a_rule_and_the_rule_itself_are_not_derived() -> None:
    assert list(SourceFile(HEAD + CLIPPED, "model.py").chosen(None, Wish())) == ["f"]


def test_the_registry_is_left_as_it_was() -> None:
    registry.load()
    before = dict(registry.RULES), dict(registry.FLAT), dict(registry.RARE)
    module_text(
        HEAD + CLIPPED.replace("clipped)", "np.floor)").replace("clipped(10", "np.floor(10")
    )
    assert before == (registry.RULES, registry.FLAT, registry.RARE)


def test_a_rule_of_a_numpy_function_holds_for_the_file() -> None:
    text = HEAD + CLIPPED.replace("srcdiff.rule(clipped)", "srcdiff.rule(np.floor)")
    derived = module_text(text.replace("clipped(10", "np.floor(10"), "f")
    assert np.allclose(run(derived)["f_backward"](X), 10.0)


def test_a_rule_that_prints_is_called_and_taken_along(capsys: pytest.CaptureFixture[str]) -> None:
    text = CLIPPED.replace("    dx = np", '    print("gradient", np.max(dy))\n    dx = np')
    derived = module_text(HEAD + text.replace("-1, 1", "-LIMIT, LIMIT") + "\n\nLIMIT = 2.0\n")
    assert "clipped_backward(product, dy=5 * dy)" in derived
    assert "def clipped_backward(x, *, dy):" in derived
    assert np.allclose(run(derived)["f_backward"](X), 20.0)
    assert capsys.readouterr().out == "gradient 5.0\n"


def test_in_place_the_rule_is_called_where_it_stands() -> None:
    text = HEAD + CLIPPED.replace("    dx = np", '    print("gradient")\n    dx = np')
    file = SourceFile(text, "model.py")
    chosen = file.chosen(None, Wish())
    after = file.in_place(file.derive(chosen), chosen)
    assert after.startswith(text)
    assert after.count("def clipped_backward(") == 1
    again = SourceFile(after, "model.py")
    assert again.in_place(again.derive(chosen), chosen) == after


WORDS = """
from mylib import expit as ex
import torchlib


@rule.elementwise(ex)
def ex_rule(x, *, dy):
    y = ex(x)
    dx = y * (1 - y) * dy
    return dx


@rule.bilinear(torchlib.special.times)
def times_rule(x, y, *, dz):
    dx = dz * y
    dy = dz * x
    return dx, dy


rule.flat(torchlib.rank)


def f(x, w):
    y = ex(x * w) * torchlib.rank(x)
    z = np.sum(torchlib.special.times(y, x))
    return z
"""


class Torchlib:
    """Stands for a module that isn't there to be read."""

    class special:
        @staticmethod
        def times(x: Any, y: Any) -> Any:
            return x * y

    @staticmethod
    def rank(x: Any) -> float:
        return 3.0


def test_rules_of_functions_of_other_modules_and_the_words_of_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys
    import types

    mylib: Any = types.ModuleType("mylib")
    mylib.expit = lambda x: 1 / (1 + np.exp(-x))
    monkeypatch.setitem(sys.modules, "mylib", mylib)
    monkeypatch.setitem(sys.modules, "torchlib", Torchlib)
    text = module_text(HEAD + WORDS)
    dx, dw = run(text)["f_backward"](X, 0.5)

    def value(x: Any, w: Any) -> Any:
        return np.sum(mylib.expit(x * w) * 3.0 * x)

    step = 1e-6
    assert dw == pytest.approx((value(X, 0.5 + step) - value(X, 0.5 - step)) / (2 * step))
    for place in range(3):
        moved = step * np.eye(3)[place]
        slope = (value(X + moved, 0.5) - value(X - moved, 0.5)) / (2 * step)
        assert dx[place] == pytest.approx(slope)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("@srcdiff.rule\ndef g_backward(x, *, dy):\n    dx = dy\n    return dx\n", "SD118", 5),
        ("@rule(3)\ndef g_backward(x, *, dy):\n    dx = dy\n    return dx\n", "SD118", 5),
        ("@rule(nothing)\ndef g_backward(x, *, dy):\n    dx = dy\n    return dx\n", "SD104", 5),
        ("@rule(np.pi)\ndef g_backward(x, *, dy):\n    dx = dy\n    return dx\n", "SD118", 5),
        ("@rule(f)\ndef g_backward(x, *, dy):\n    return 2 * dy\n", "SD118", 5),
        ("@rule(f)\ndef g_backward(z, *, dy):\n    dz = dy\n    return dz\n", "SD118", 5),
        ("@rule(f)\ndef g_backward(x):\n    dx = x\n    return dx\n", "SD118", 5),
        ("@rule(f)\ndef g_backward(x=f(3), *, dy):\n    dx = dy\n    return dx\n", "SD118", 5),
        ("@rule(f)\nasync def g_backward(x, *, dy):\n    dx = dy\n    return dx\n", "SD118", 5),
        ("rule(f)\n", "SD118", 5),
        ("rule.flat()\n", "SD118", 5),
    ],
)
def test_a_rule_of_another_form_is_refused_at_its_line(text: str, code: str, line: int) -> None:
    with pytest.raises(DerivationError) as caught:
        module_text(HEAD + "\n" + text + "\n\ndef f(x):\n    return x\n", "f")
    (told,) = caught.value.diagnostics
    assert (told.code, told.line, told.filename) == (code, line, "model.py")


def test_nothing_of_the_file_runs() -> None:
    text = HEAD + "raise SystemExit\n" + CLIPPED.replace("(x, *, dy)", "(x: 1 / 0, *, dy: boom())")
    assert "np.clip(" in module_text(text)


def test_stop_gradient_leaves_no_trace_in_the_text() -> None:
    text = "\n\ndef f(x):\n    y = x * stop_gradient(2 * x + 1)\n    t = stop_gradient(x + y)\n"
    derived = module_text(HEAD + text + "    z = (y - t) ** 2 * t\n    return z\n")
    assert "stop_gradient" not in derived.split("# backward")[0]
    assert "t = x + y" in derived
    assert np.allclose(
        run(derived)["f_backward"](X),
        2 * (X * (2 * X + 1) - (X + X * (2 * X + 1))) * (2 * X + 1) * (X + X * (2 * X + 1)),
    )


@pytest.mark.parametrize(
    "change",
    [
        "W[0] = 3.0",
        "W *= 2",
        "W.fill(2.0)",
        "np.fill_diagonal(W, 1.0)",
        "for i in range(2):\n    W[i] = i",
        "def change():\n    W[0] = 5.0",
        "def change():\n    global W\n    W = 5.0",
        "def change():\n    W.sort()",
    ],
)
def test_a_variable_that_the_module_changes_is_no_constant(change: str) -> None:
    text = f"{HEAD}W = np.ones(3)\n{change}\n\n\ndef f(x):\n    y = np.sum(W * x)\n    return y\n"
    with pytest.raises(DerivationError) as caught:
        module_text(text, "f")
    assert caught.value.diagnostics[0].code == "SD115"


def test_a_local_variable_of_that_name_changes_no_constant() -> None:
    text = (
        "W = np.ones(3)\nprint(W)\n\n\ndef g(x):\n    W = x.copy()\n    W[0] = 5.0\n    return W\n"
    )
    text += "\n\ndef f(x):\n    y = np.sum(W * x)\n    return y\n"
    assert "W = np.ones(3)" in module_text(HEAD + text, "f")
