"""Branches by the kinds of the arguments: each version has the gradient of the branch taken."""

from __future__ import annotations

import copy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff import derive_backward, jvp
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

FOLDER = Path(__file__).resolve().parent / "programs"
sys.path.insert(0, str(FOLDER))

import branches  # noqa: E402  # found in the folder above

draws = np.random.default_rng(7)
CUBE = draws.uniform(0.3, 1.7, (3, 2, 2))
CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("padded", (draws.uniform(0.3, 1.7, 3),)),
    ("padded", (draws.uniform(0.3, 1.7, (2, 3)),)),
    ("padded", (draws.uniform(0.3, 1.7, (2, 3)), draws.uniform(0.3, 1.7, 3))),
    ("first_columns", (draws.uniform(-1, 1, (4, 2)),)),
    ("first_columns", (CUBE,)),
    ("by_rank", (draws.uniform(-1, 1, 4),)),
    ("by_rank", (draws.uniform(-1, 1, (4, 2)),)),
    ("by_rank", (CUBE,)),
    ("scaled", (draws.uniform(-1, 1, 4), 1.3)),
    ("scaled", (draws.uniform(-1, 1, 4), {"gain": 0.7})),
    ("scaled", (draws.uniform(-1, 1, 4), {"gain": 0.7, "more": 1.1})),
    ("scaled", (draws.uniform(-1, 1, 4), [0.7, 0.2])),
    ("scaled", (draws.uniform(-1, 1, 4), (0.7, 0.2))),
    ("columns", (draws.uniform(-1, 1, (4, 2)),)),
    ("columns", (draws.uniform(-1, 1, (2, 3)),)),
    ("columns", (draws.uniform(-1, 1, 3),)),
    ("momentum", (draws.uniform(-1, 1, 3), draws.uniform(-1, 1, 3))),
    ("momentum", (draws.uniform(-1, 1, 3), draws.uniform(-1, 1, 3), {"rate": 0.3})),
    ("momentum", (draws.uniform(-1, 1, 3), draws.uniform(-1, 1, 3), {"v": np.ones(3)})),
    ("by_helper", (draws.uniform(-1, 1, (4, 2)),)),
    ("by_helper", (draws.uniform(-1, 1, 4),)),
    ("norm_of", (draws.uniform(0.3, 1.7, 4),)),
    ("shaped", (draws.uniform(-1, 1, (3, 3)),)),
    ("shaped", (draws.uniform(-1, 1, (2, 3)),)),
    ("shaped", (draws.uniform(-1, 1, (3, 2)),)),
    *(("overwritten", (draws.uniform(0.3, 1.7, 3), t)) for t in (-1.0, 1.0, 3.0)),
    *(("from_either", (CUBE[:, :, :1] * np.ones(2), i)) for i in (-1, 2)),
]
REFUSED: set[str] = set()
IDS = [f"{name}{number}" for number, (name, _) in enumerate(CALLS)]


def arrays_of(value: Any) -> list[Any]:
    """Give the numbers and arrays in a value, in order."""
    if isinstance(value, dict):
        return [a for item in value.values() for a in arrays_of(item)]
    if isinstance(value, (list, tuple)):
        return [a for item in value for a in arrays_of(item)]
    return [] if value is None or isinstance(value, int) else [value]


def moved(value: Any, steps: list[Any]) -> Any:
    """Give a value with a step added to each of its numbers and arrays."""
    if isinstance(value, dict):
        return {key: moved(item, steps) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([moved(item, steps) for item in value])
    return value if value is None or isinstance(value, int) else value + steps.pop(0)


def slope(function: Any, arguments: tuple[Any, ...], steps: list[Any]) -> float:
    """Give the derivative along a direction, by central differences at two steps."""
    found = []
    for h in (1e-4, 5e-5):
        ahead = moved(copy.deepcopy(arguments), [h * s for s in steps])
        behind = moved(copy.deepcopy(arguments), [-h * s for s in steps])
        found.append((function(*ahead) - function(*behind)) / (2 * h))
    return float((4 * found[1] - found[0]) / 3)


def along(gradients: Any, arguments: tuple[Any, ...], steps: list[Any]) -> float:
    """Give the derivative along a direction that gradients, one per argument, say."""
    rest, total = list(steps), 0.0
    for gradient, argument in zip(gradients, arguments, strict=False):
        total += inner(gradient, argument, rest)
    return total


def inner(gradient: Any, value: Any, rest: list[Any]) -> float:
    if isinstance(value, dict):
        return sum(inner(gradient[key], item, rest) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        assert type(gradient) is type(value)
        return sum(inner(g, item, rest) for g, item in zip(gradient, value, strict=True))
    known = value is None or isinstance(value, int)
    return 0.0 if known else float(np.sum(gradient * rest.pop(0)))


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=IDS)
def test_the_branch_taken_has_its_gradient(name: str, arguments: tuple[Any, ...]) -> None:
    function = getattr(branches, name)
    steps = [draws.standard_normal(np.shape(a)) for a in arrays_of(arguments)]
    before = copy.deepcopy(arguments)
    gradients = derive_backward(function).backward(*arguments)  # type: ignore[attr-defined]
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    wanted = slope(function, arguments, steps)
    assert along(gradients, arguments, steps) == pytest.approx(wanted, rel=1e-7, abs=1e-9)
    same = map(np.array_equal, arrays_of(before), arrays_of(arguments))
    assert all(same), "an argument was changed"


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=IDS)
def test_forward_mode_follows_the_branch_taken(name: str, arguments: tuple[Any, ...]) -> None:
    if any(isinstance(a, (dict, list, tuple)) for a in arguments):
        pytest.skip("jvp takes the tangents of arrays here")
    function = getattr(branches, name)
    steps = [draws.standard_normal(np.shape(a)) for a in arrays_of(arguments)]
    rest = [0.0] * (len(arguments) - len(steps))  # an int, the last
    value, tangent = jvp(function, arguments, (*steps, *rest))
    assert value == pytest.approx(function(*arguments))
    assert tangent == pytest.approx(slope(function, arguments, steps), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=IDS)
def test_the_general_text_is_right_or_refused(name: str, arguments: tuple[Any, ...]) -> None:
    path = FOLDER / "branches.py"
    file = SourceFile(path.read_text(encoding="utf-8"), path.name)
    result = file.derive(file.chosen(name, Wish()))
    if result.problems:
        assert name in REFUSED
        return
    namespace: dict[str, Any] = {}
    exec(compile(file.module(result), "<branches>", "exec"), namespace)
    gradients = namespace[f"{name}_backward"](*copy.deepcopy(arguments))
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    steps = [draws.standard_normal(np.shape(a)) for a in arrays_of(arguments)]
    wanted = slope(getattr(branches, name), arguments, steps)
    assert along(gradients, arguments, steps) == pytest.approx(wanted, rel=1e-7, abs=1e-9)
