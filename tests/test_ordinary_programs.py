"""Each ordinary program's gradient, by the decorator and by the general text, is right."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import ordinary_programs
import pytest

from srcdiff import derive_backward

rng = np.random.default_rng(0)


def m(*shape: int) -> np.ndarray:
    return rng.uniform(0.3, 1.5, shape)


ARGUMENTS: dict[str, list[tuple[Any, ...]]] = {
    "layernorm": [(m(3, 4), m(4), m(4)), (m(3, 4), 1.5, m(3, 1))],
    "attention": [(m(3, 4), m(5, 4), m(5, 2))],
    "batchnorm": [(m(5, 3), m(3), m(3))],
    "lse": [(m(3, 4),)],
    "cosine": [(m(4), m(4))],
    "huber": [(m(4), m(4)), (m(3, 4) * 3, m(4)), (2.0, 3.0)],
    "swap": [(2.0, 3.0), (m(3), m(3)), (m(3, 1), m(4))],
    "chain": [(2.0,), (m(3),)],
    "cond": [(2.0, 3.0), (-1.0, 2.0)],
    "safe": [(np.array([1.0, -1.0, 2.0]),)],
    "fancy": [(m(3),), (m(5),)],
    "cat": [(m(2), m(3)), (m(2, 2), m(3, 2))],
    "stk": [(m(3), m(3))],
    "arr": [(1.0, 2.0)],
    "view": [(m(4),)],
    "upd": [(m(3), m(3)), (2.0, 3.0), (m(2, 3), 2.0)],
    "calls": [(2.0, 3.0), (m(3), m(2, 3))],
    "calls2": [(0.5, 0.3), (m(3), m(3))],
    "out2": [(m(3), 2.0), (2.0, 3.0)],
    "power": [(2.0, 3.0), (m(3), 2.0), (m(3), m(3)), (m(2, 3), m(3))],
    "mm": [(m(3, 4), m(4, 2), m(2)), (m(3, 4), m(4, 2), 1.5)],
    "T": [(m(3, 4), m(3))],
    "neg": [(0.3,), (m(2, 2) * 0.3,)],
    "e1": [(0.7,)],
    "maxx": [(m(3, 4),)],
    "resh": [(m(3, 4),)],
    "slic": [(m(3, 4),)],
    "idx": [([2.0, -3.0, -3.0], [-1.0, -2.0]), (m(3), m(2)), (m(3, 2), m(2, 2))],
    "newax": [(m(3), m(4))],
    "softm": [(m(4),), (m(2, 3),)],
    "softm2": [(m(2, 3),)],
    "mean2": [(m(2, 3),)],
    "prodd": [(np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 3.0], [1.0, 2.0, 3.0]]),)],
    "clip": [(np.array([0.2, -0.7, 0.9, -0.1]),)],
    "relu2": [(m(5, 3) - 0.8, m(3, 4) - 0.8, m(4), m(4, 2)), (m(3), m(3, 4), m(4), m(4))],
    "dd": [(2.0, 3.0), (m(3), m(3))],
    "same": [(2.0,), (m(3),)],
    "twice": [(2.0,), (m(3),)],
    "const_pow": [(0.7,), (m(3),)],
    "quad": [(m(3), m(3, 3))],
    "outer": [(m(3), m(4))],
    "tup": [(m(3),), ([1.0, 2.0, 3.0],), (m(3, 2),)],
    "nested": [(m(4),)],
    "dist": [(m(3, 2), m(4, 2))],
}
CASES = [(name, i) for name, points in ARGUMENTS.items() for i in range(len(points))]


def paths(value: Any) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            for path in paths(item):
                yield (index, *path)
    elif isinstance(value, np.ndarray):
        for index in np.ndindex(value.shape):
            yield (index,)
    else:
        yield ()


def moved(value: Any, path: tuple[Any, ...], h: float) -> Any:
    if not path:
        return value + h
    value = copy.deepcopy(value)
    value[path[0]] = moved(value[path[0]], path[1:], h)
    return value


def picked(value: Any, path: tuple[Any, ...]) -> Any:
    for index in path:
        value = value[index]
    return value


def check(
    function: Callable[..., Any], backward: Any, names: list[str], outs: list[str], args: list[Any]
) -> None:
    values = function(*args)
    values = values if isinstance(values, tuple) else (values,)
    draws = np.random.default_rng(1)
    upstream = [
        draws.uniform(0.5, 1.5, np.shape(v)) if np.ndim(v) else float(draws.uniform(0.5, 1.5))
        for v in values
    ]
    kept = copy.deepcopy((args, upstream))
    found = backward(*args, **dict(zip(outs, upstream, strict=True)))
    found = found if len(names) > 1 else (found,)
    np.testing.assert_equal((args, upstream), kept)
    arrays = [v for v in (*found, *args, *upstream) if isinstance(v, np.ndarray)]
    for index, gradient in enumerate(v for v in found if isinstance(v, np.ndarray)):
        assert not any(
            np.shares_memory(gradient, other) for i, other in enumerate(arrays) if i != index
        )

    def total(at: list[Any]) -> float:
        results = function(*at)
        results = results if isinstance(results, tuple) else (results,)
        return float(sum(np.sum(r * g) for r, g in zip(results, upstream, strict=True)))

    parameters = function.__code__.co_varnames[: function.__code__.co_argcount]
    for name, gradient in zip(names, found, strict=True):
        place = parameters.index(name)
        assert np.shape(gradient) == np.shape(args[place]), name
        for path in paths(args[place]):
            estimates = []
            for h in (1e-4, 1e-5, 1e-6):
                ends = []
                for sign in (1, -1):
                    at = list(args)
                    at[place] = moved(args[place], path, sign * h)
                    ends.append(total(at))
                estimates.append((ends[0] - ends[1]) / (2 * h))
            mine = picked(gradient, path)
            error = min(abs(mine - estimate) for estimate in estimates)
            assert error <= 1e-6 * (1 + abs(mine)), (name, path, mine, estimates)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("name", "point"), CASES)
def test_the_gradient_is_right_by_decorator_and_by_text(name: str, point: int) -> None:
    function = getattr(ordinary_programs, name)
    derive_backward(function)
    general = function.backward._general
    names = [variable.wish for variable in general.derivation.wanted]
    outs = general.derivation.upstream_names()
    args = list(ARGUMENTS[name][point])
    args += list(function.__defaults__ or ())[len(args) - function.__code__.co_argcount :]
    args = args[: function.__code__.co_argcount]
    check(function, function.backward, names, outs, args)
    check(function, general.function(f"{name}_backward"), names, outs, args)


def test_every_program_has_arguments() -> None:
    own = {n for n, f in vars(ordinary_programs).items() if callable(f) and hasattr(f, "__code__")}
    assert own - set(ARGUMENTS) == {"sq", "multi"}
