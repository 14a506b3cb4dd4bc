"""The text of forward mode, and that it can be derived again."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import numpy as np

from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

PATH = Path(__file__).parent / "golden" / "forward" / "functions.py"


def emitted(text: str, wish: Wish) -> str:
    file = SourceFile(text, PATH.name)
    result = file.derive(file.chosen(None, wish))
    assert result.problems == []
    return file.module(result)


def test_the_text_of_forward_mode_is_the_golden_one(update_golden: bool) -> None:
    expected = PATH.with_suffix(".expected.py")
    text = emitted(PATH.read_text(encoding="utf-8"), Wish(mode="jvp"))
    if update_golden:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


def test_reverse_over_forward_gives_the_second_derivative() -> None:
    text = "import math\n\n\ndef f(x):\n    y = math.sin(x) * x**2\n    return y\n"
    pushed = emitted(text, Wish(mode="jvp"))
    module: Any = types.ModuleType("second")
    exec(emitted(pushed, Wish(wrt="x")), module.__dict__)
    x = 0.8
    second = 2 * np.sin(x) + 4 * x * np.cos(x) - x**2 * np.sin(x)
    np.testing.assert_allclose(module.f_jvp_backward(x, 1.0, dy=0.0, ddy=1.0), second)
