"""Each construct of the language is right by decorator and by text, or refused with its code."""

from __future__ import annotations

import copy
import importlib.util
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from constructs import GROUPS, REFUSED, module

from srcdiff import DerivationError, derive_backward

ALL = {name: body for group in GROUPS.values() for name, body in group.items()}
X, Y = np.array([0.7, 1.1, 0.5, 1.3]), 1.7


def loaded(text: str, path: Path) -> Any:
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def total(value: Any) -> float:
    """Add up the numbers of a value."""
    if isinstance(value, (list, dict)):
        return sum(map(total, value.values() if isinstance(value, dict) else value))
    return float(np.sum(value))


def ones_like(value: Any) -> Any:
    """Give ones in the structure of a value."""
    if isinstance(value, dict):
        return {key: ones_like(item) for key, item in value.items()}
    if isinstance(value, list):
        return [ones_like(item) for item in value]
    return np.ones_like(value) if np.ndim(value) else 1.0


def numeric(function: Any, h: float) -> list[np.ndarray]:
    base = np.append(X, Y)
    found = np.zeros(5)
    for i in range(5):
        ends = []
        for sign in (1, -1):
            moved = base.copy()
            moved[i] += sign * h
            ends.append(total(function(moved[:4].copy(), float(moved[4]))))
        found[i] = (ends[0] - ends[1]) / (2 * h)
    return [found[:4], found[4]]


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_construct_is_right_or_refused_with_its_code(name: str, tmp_path: Path) -> None:
    text = module(ALL[name])
    forward = loaded(text, tmp_path / "construct.py").f
    if name in REFUSED:
        with pytest.raises(DerivationError) as caught:
            derive_backward(forward, wrt=("x", "y")).backward(copy.deepcopy(X), Y)
        assert REFUSED[name] in [d.code for d in caught.value.diagnostics]
        return
    derive_backward(forward, wrt=("x", "y"))
    value = forward(copy.deepcopy(X), Y)
    upstream = (ones_like(value),) if isinstance(value, (list, dict)) else ()
    found = forward.backward(copy.deepcopy(X), Y, *upstream)
    general: dict[str, Any] = {}
    exec(forward.backward.source, general)
    for gradients in (found, general["f_backward"](copy.deepcopy(X), Y, *upstream)):
        for h in (1e-5, 1e-6):
            for mine, wanted in zip(gradients, numeric(forward, h), strict=True):
                np.testing.assert_allclose(mine, wanted, rtol=1e-6, atol=1e-8)


def test_the_page_of_the_language_is_fresh() -> None:
    root = Path(__file__).parent.parent
    page = runpy.run_path(str(root / "docs" / "make_language.py"))["page"]
    assert (root / "docs" / "language.md").read_text(encoding="utf-8") == page()
