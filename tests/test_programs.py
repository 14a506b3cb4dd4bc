"""Programs with branches, loops and writes in place: right by decorator and by command."""

from __future__ import annotations

import copy
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from srcdiff import derive_backward

FOLDER = Path(__file__).resolve().parent / "programs"
sys.path.insert(0, str(FOLDER))

import flow  # noqa: E402  # found in the folder above
import memory  # noqa: E402
import science  # noqa: E402

rng = np.random.default_rng(2)


def m(*shape: int) -> np.ndarray:
    return rng.uniform(0.3, 1.2, shape)


def spd(n: int) -> np.ndarray:
    a = rng.standard_normal((n, n))
    return a @ a.T + n * np.eye(n)


ROUGH = np.array([0.9, 4.1, 2.2, 0.1, 5.3])
PICKED = np.array([0, 1, 1, 3, 0])
LABELS = np.array([0, 1, 3, 2, 1])
ARGUMENTS: dict[ModuleType, dict[str, list[tuple[Any, ...]]]] = {
    flow: {
        "relu_if": [(2.0, 3.0), (-2.0, 3.0), (-0.5, 3.0)],
        "early": [(2.0, 1.0), (1.0, 2.0)],
        "loop_ret": [(1.5, 3), (1.5, 20), (1.5, 0)],
        "horner": [(m(4), 0.7), (np.zeros(0), 0.7), (m(1), -2.0)],
        "sumsq": [(m(4),), ([1.0, 2.0],)],
        "comp": [(m(4),)],
        "fib": [(1.1, 0.9, 5), (1.0, 2.0, 0)],
        "prefix": [(m(6),), (m(1),)],
        "jacobi": [(m(7), m(7)), (m(3), m(3))],
        "brk": [(ROUGH, 0.5), (np.array([1.0, 2.0]), 0.5), (np.zeros(0), 0.5)],
        "nested": [(m(3, 4), m(4)), (m(1, 1), m(1))],
        "append": [(1.1, 4), (np.array([0.5, -1.0]), 2)],
        "while_sqrt": [(2.0,)],
        "gauss": [(spd(3), m(3))],
        "zipdot": [(m(3), m(3)), ([1.0, 2.0], [0.5, -1.0])],
        "enum": [(m(3),)],
        "mask": [(np.array([0.1, 0.7, 0.9, 0.2]),)],
        "rk4": [(m(2), 1.3, 0.1, 4), (0.7, 1.3, 0.1, 2)],
        "momentum": [(m(3), m(3), 0.1, 4), (m(3), m(3), 0.1, 0)],
        "forelse": [(m(4), 0.5), (np.array([0.1, 0.7]), 0.95)],
        "rnn": [(m(5, 3), m(4), m(3, 4), m(4, 4)), (m(0, 3), m(4), m(3, 4), m(4, 4))],
    },
    memory: {
        "view": [(m(4),)],
        "chain": [(m(3),)],
        "rows": [(m(3, 2),)],
        "step": [(m(5), m(5))],
        "scale": [(m(4), 2.0)],
        "swap": [(m(3, 2),)],
        "fancy": [(m(5), PICKED)],
        "fancyread": [(m(5), PICKED)],
        "diag": [(m(3, 3), m(3))],
        "out": [(m(3),)],
        "whilebreak": [(1.5,), (5.0,)],
        "listwrite": [(1.3,)],
        "dp": [(np.array([0.3, -0.7, 0.2, -0.1]),)],
        "cumul": [(m(4),)],
        "guard": [(2.0,)],
        "params": [({"W1": m(3, 4), "b1": m(4), "W2": m(4)}, m(3))],
        "layers": [(m(3), [m(3, 3), m(3, 2)])],
        "mlp": [(m(3), [(m(3, 3), m(3)), (m(3, 2), m(2))])],
        "lastvar": [(1.7,)],
        "neg": [(m(6),), (m(1),)],
        "cont": [(m(5),), (np.zeros(0),)],
        "nestedbreak": [(m(4, 4),)],
        "early_in_loop": [(np.array([0.1, 0.2, 0.9]),), (np.array([0.1, 0.2, 0.3]),)],
        "genmax": [(m(5),)],
        "dictitems": [({"a": m(2), "b": m(2, 2)},)],
    },
    science: {
        "heat2d": [(m(5, 5), 0.1, 3)],
        "seidel": [(m(4, 4), 2)],
        "cholesky": [(spd(3),)],
        "conjgrad": [(spd(3), m(3))],
        "power_iteration": [(spd(3), m(3))],
        "thomas": [(m(4), m(4) + 3, m(4), m(4))],
        "gram_schmidt": [(m(4, 3),)],
        "lotka": [(1.1, 0.7, 0.6, 0.4, 0.3, 0.5, 0.1, 5)],
        "nbody": [(m(3, 2), m(3, 2), m(3), 0.1, 2)],
        "lstm": [(m(3, 2), m(2), m(2), m(4, 8), m(8))],
        "softmax_ce": [(m(3, 4), m(5, 3), LABELS)],
        "svm_loop": [(m(3, 4), m(5, 3), LABELS)],
        "conv1d": [(m(6), m(3))],
        "conv2d": [(m(4, 5), m(2, 2))],
        "maxpool": [(m(4, 4),)],
        "hmm": [(m(3), m(3, 3), m(3, 4))],
        "softdtw": [(m(3), m(4), 0.5)],
        "binomial": [(1.0, 0.93, 1.1, 0.5, 4)],
        "kalman": [(m(5), 0.1, 0.2)],
        "welford": [(m(5),)],
        "movavg": [(m(6), 3)],
        "poly": [(m(4), 0.7)],
        "geometric": [(1.0, 0.5, 0.013)],
        "black_scholes": [(1.0, 0.9, 1.0, 0.05, 0.2, True), (1.0, 0.9, 1.0, 0.05, 0.2, False)],
        "dropout": [(m(3), m(3, 3), np.array([1.0, 0.0, 2.0]))],
        "batch_gd": [(m(3), m(5, 3), m(5), 0.1, 4)],
        "helperloop": [(0.3, 4)],
        "smooth_step": [(m(3) * 0.7,)],
        "helper2": [(1.2, 3)],
        "crossent": [(m(3), m(3))],
        "triangle": [(m(3, 3),)],
        "rowloop": [(m(3, 2), m(2))],
        "inplace_local": [(m(4),)],
        "fillx": [(1.3,)],
        "maskset": [(m(4) - 0.7,)],
        "whereset": [(m(4), 0.6)],
        "matloop": [(m(3, 3), 3)],
        "nested_ifs": [(1.0, 2.0), (1.0, -2.0), (-1.0, 2.0), (-1.0, 0.5)],
        "multi_ret": [(1.5,), (-1.5,)],
    },
}
WRITTEN = {"jacobi": (0, 1), "step": (0, 1), "scale": (0,), "seidel": (0,)}
"""Functions that return nothing, with the places of the arguments that they write into."""
CASES = [
    (module, name, point)
    for module, programs in ARGUMENTS.items()
    for name, points in programs.items()
    for point in range(len(points))
]


def paths(value: Any) -> Iterator[tuple[Any, ...]]:
    """Give the way to each number of a value that can be moved."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from ((key, *path) for path in paths(item))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from ((index, *path) for path in paths(item))
    elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
        yield from ((index,) for index in np.ndindex(value.shape))
    elif isinstance(value, float):
        yield ()


def moved(value: Any, path: tuple[Any, ...], h: float) -> Any:
    if not path:
        return value + h
    if isinstance(value, tuple):
        return tuple(moved(v, path[1:], h) if i == path[0] else v for i, v in enumerate(value))
    value = copy.deepcopy(value)
    value[path[0]] = moved(value[path[0]], path[1:], h)
    return value


def picked(value: Any, path: tuple[Any, ...]) -> Any:
    for index in path:
        value = value[index]
    return value


def results(function: Callable[..., Any], args: list[Any]) -> tuple[Any, ...]:
    """Give what a function returns, or what it leaves in the arguments that it writes into."""
    args = copy.deepcopy(args)
    value = function(*args)
    if value is None:
        return tuple(args[place] for place in WRITTEN[function.__name__])
    return value if isinstance(value, tuple) else (value,)


def same_structure(left: Any, right: Any) -> bool:
    if isinstance(right, dict):
        return left.keys() == right.keys() and all(same_structure(left[k], right[k]) for k in right)
    if isinstance(right, (list, tuple)):
        pairs = zip(left, right, strict=True)
        return type(left) is type(right) and all(same_structure(a, b) for a, b in pairs)
    return np.shape(left) == np.shape(right)


def upstreams(function: Callable[..., Any], args: list[Any]) -> list[Any]:
    draws = np.random.default_rng(1)
    values = results(function, args)
    return [draws.uniform(0.5, 1.5, np.shape(v)) if np.ndim(v) else 1.25 for v in values]


def check(
    function: Callable[..., Any],
    backward: Any,
    names: list[str],
    outs: list[str],
    args: list[Any],
    *,
    structure: bool = True,
) -> None:
    given = upstreams(function, args)
    kept = copy.deepcopy((args, given))
    found = backward(*args, **dict(zip(outs, given, strict=True)))
    found = found if len(names) > 1 else (found,)
    np.testing.assert_equal((args, given), kept)

    def total(at: list[Any]) -> float:
        pairs = zip(results(function, at), given, strict=True)
        return float(sum(np.sum(r * g) for r, g in pairs))

    parameters = list(inspect.signature(function).parameters)
    for name, gradient in zip(names, found, strict=True):
        place = parameters.index(name)
        if structure and not isinstance(args[place], (int, bool)):
            assert same_structure(gradient, args[place]), name
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
@pytest.mark.parametrize(
    ("module", "name", "point"), CASES, ids=lambda v: getattr(v, "__name__", v)
)
def test_a_program_is_right_by_the_decorator(module: ModuleType, name: str, point: int) -> None:
    function = getattr(module, name)
    derived = derive_backward(function)
    args = list(ARGUMENTS[module][name][point])
    outs = function.backward._upstreams
    general = function.backward._general
    names = [variable.wish for variable in general.derivation.wanted]
    check(function, function.backward, names, outs, args)
    given = dict(zip(outs, upstreams(function, args), strict=True))
    value, gradients = derived.value_and_grad(*copy.deepcopy(args), **given)
    values = value if isinstance(value, tuple) else (value,)
    for mine, wanted in zip(values, results(function, args), strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-12)
    np.testing.assert_equal(gradients, function.backward(*copy.deepcopy(args), **given))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("module", list(ARGUMENTS), ids=lambda module: module.__name__)
def test_the_programs_are_right_by_the_command(module: ModuleType) -> None:
    assert module.__file__ is not None
    command = [sys.executable, "-c", "from srcdiff.cli import main; main()", module.__file__]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    namespace: dict[str, Any] = {}
    exec(done.stdout, namespace)
    for name, points in ARGUMENTS[module].items():
        function = getattr(module, name)
        general = derive_backward(function).backward._general
        names = [variable.wish for variable in general.derivation.wanted]
        outs = general.derivation.upstream_names()
        for args in points:
            check(function, namespace[f"{name}_backward"], names, outs, list(args), structure=False)


def test_every_program_has_arguments() -> None:
    helpers = {"logistic", "twolines"}
    for module, programs in ARGUMENTS.items():
        own = {n for n, f in vars(module).items() if inspect.isfunction(f)}
        assert own - helpers == set(programs)
