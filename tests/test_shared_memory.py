"""Memory that two names share: every way to differentiate is right about it, or refuses."""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

FOLDER = Path(__file__).resolve().parent / "programs"
sys.path.insert(0, str(FOLDER))

import sharing  # noqa: E402  # found in the folder above

ROW = np.array([1.2, 0.5, 0.7])
WIDE = np.array([[0.4, 1.1, -0.3], [0.9, 0.6, 0.8], [1.3, -0.7, 0.2]])
DEEP = np.linspace(0.3, 1.4, 27).reshape(3, 3, 3) ** 2
LONG = np.array([0.3, 1.1, 0.7, 0.2, 0.9])
BY_NAME: dict[str, list[Any]] = {
    "x": [ROW],
    "w": [ROW[::-1] + 0.2],
    "A": [WIDE],
    "s": [1.3],
    "y": [1.5, ROW + 1],
    "d": [{"a": 1.2, "b": 0.5}, {"a": ROW, "b": ROW * 2}],
    "T": [[1.2, 0.7, 0.4], [ROW, ROW * 2], ROW, WIDE],
    "M": [WIDE, DEEP],
    "R": [WIDE, DEEP],
    "h": [LONG, np.outer(LONG, ROW)],
    "n": [2],
    "k": [1],
    "i": [0, 2],
    "j": [0],
}
"""Arguments for the programs' parameters, by their names; of several, each in turn."""
NAMES = [n for n, f in vars(sharing).items() if inspect.isfunction(f) and not n.startswith("the_")]


def points(name: str) -> Iterator[list[Any]]:
    """Give the arguments to call a program with."""
    given = [
        BY_NAME[parameter] for parameter in inspect.signature(getattr(sharing, name)).parameters
    ]
    for turn in range(max(map(len, given))):
        yield [copy.deepcopy(values[min(turn, len(values) - 1)]) for values in given]


def leaves(value: Any) -> list[Any]:
    """Give the numbers and arrays in a structure."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def changed(value: Any, leaves_by_turns: Iterator[Any]) -> Any:
    """Give the structure with other leaves."""
    if isinstance(value, dict):
        return {key: changed(item, leaves_by_turns) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(changed(item, leaves_by_turns) for item in value)
    return next(leaves_by_turns)


def total(function: Callable[..., Any], arguments: list[Any]) -> float:
    """Give the sum of what a function returns."""
    return float(sum(np.sum(leaf) for leaf in leaves(function(*copy.deepcopy(arguments)))))


def slopes(function: Callable[..., Any], arguments: list[Any], place: int) -> list[float]:
    """Give the central differences by the leaves of one argument, each along a fixed direction."""
    found = []
    own = leaves(arguments[place])
    for at, leaf in enumerate(own):
        ends = []
        for step in (1e-5, -1e-5):
            new = [*own]
            new[at] = leaf + step * direction(leaf)
            changed_arguments = [*arguments]
            changed_arguments[place] = changed(arguments[place], iter(new))
            ends.append(total(function, changed_arguments))
        found.append((ends[0] - ends[1]) / 2e-5)
    return found


def direction(leaf: Any) -> Any:
    return np.cos(np.arange(np.size(leaf)) + 1.0).reshape(np.shape(leaf)) if np.ndim(leaf) else 1.0


def by_text(name: str, wrt: tuple[str, ...]) -> Callable[..., Any]:
    file = SourceFile((FOLDER / "sharing.py").read_text(encoding="utf-8"), "sharing.py")
    result = file.derive(file.chosen(name, Wish(wrt=wrt)))
    if result.problems:
        raise DerivationError(result.problems)
    module: dict[str, Any] = {}
    exec(file.module(result), module)
    return module[f"{name}_backward"]  # type: ignore[no-any-return]  # what the text defines


def by_decorator(name: str, wrt: tuple[str, ...]) -> Callable[..., Any]:
    return derive_backward(getattr(sharing, name), wrt=wrt).backward  # type: ignore[no-any-return]


def by_forward_mode(name: str, wrt: tuple[str, ...]) -> Callable[..., Any]:
    file = SourceFile((FOLDER / "sharing.py").read_text(encoding="utf-8"), "sharing.py")
    result = file.derive(file.chosen(name, Wish(wrt, "jvp")))
    if result.problems:
        raise DerivationError(result.problems)
    module: dict[str, Any] = {}
    exec(file.module(result), module)
    return module[f"{name}_jvp"]  # type: ignore[no-any-return]  # what the text defines


def unless_refused(derived: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call what was derived; None where it refuses these arguments."""
    try:
        return derived(*args, **kwargs)
    except DerivationError:
        return None
    except TypeError as error:
        if " must " not in str(error):
            raise
        return None


def wanted(name: str) -> tuple[str, ...]:
    return tuple(p for p in inspect.signature(getattr(sharing, name)).parameters if p not in "nkij")


@pytest.mark.parametrize("derived", [by_text, by_decorator])
@pytest.mark.parametrize("name", NAMES)
def test_shared_memory_gives_the_right_gradient_or_is_refused(
    name: str, derived: Callable[[str, tuple[str, ...]], Callable[..., Any]]
) -> None:
    function = getattr(sharing, name)
    wrt = wanted(name)
    try:
        backward = derived(name, wrt)
    except DerivationError:
        return
    names = list(inspect.signature(function).parameters)
    for arguments in points(name):
        before = copy.deepcopy(arguments)
        found = unless_refused(backward, *arguments)
        if found is None:
            continue
        np.testing.assert_equal(arguments, before)
        gradients = found if isinstance(found, tuple) else (found,)
        for parameter, gradient in zip(wrt, gradients, strict=True):
            place = names.index(parameter)
            mine = [
                np.sum(g * direction(leaf))
                for g, leaf in zip(leaves(gradient), leaves(arguments[place]), strict=True)
            ]
            expected = slopes(function, arguments, place)
            assert mine == pytest.approx(expected, rel=1e-5, abs=1e-7), (parameter, arguments)


@pytest.mark.parametrize("name", NAMES)
def test_shared_memory_gives_the_right_tangent_or_is_refused(name: str) -> None:
    function = getattr(sharing, name)
    wrt = wanted(name)
    try:
        pushed = by_forward_mode(name, wrt)
    except DerivationError:
        return
    names = list(inspect.signature(function).parameters)
    for arguments in points(name):
        own = [arguments[names.index(parameter)] for parameter in wrt]
        tangents = [changed(v, map(direction, leaves(v))) for v in own]
        named = {f"d{p}": tangent for p, tangent in zip(wrt, tangents, strict=True)}
        found = unless_refused(pushed, *copy.deepcopy(arguments), **named)
        if found is None:
            continue
        expected = sum(sum(slopes(function, arguments, names.index(p))) for p in wrt)
        assert sum(map(np.sum, leaves(found[1]))) == pytest.approx(expected, rel=1e-5)
