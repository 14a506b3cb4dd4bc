"""The ways in which people call NumPy's functions that arrange arrays: each derived and checked.

test_rules.py calls each rule's function with its arguments as the rule has them. Here stand the
other spellings: methods and attributes, keyword arguments, numbers among arrays, items written out.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rule_points import Point, spread
from test_rules import assert_close, differences, frozen, upstream_for

from srcdiff import derive_backward, grad, hessian

A = np.array
V3, W3, V4, V6 = (spread(-2, 2, (n,), start) for n, start in ((3, 1), (3, 5), (4, 2), (6, 3)))
M23, W23, M33 = spread(-2, 2, (2, 3)), spread(-1, 3, (2, 3), 7), spread(-2, 2, (3, 3))
T234 = spread(-2, 2, (2, 3, 4))
S3 = V3.astype(np.float32)

Case = tuple[str, tuple[Any, ...]]
Check = Callable[[Any, tuple[Any, ...]], None]


def case(text: str, *args: Any) -> Case:
    """Give an expression of x, y and z, and their values."""
    return text, args


INDICES = (
    "...",
    "..., 0",
    "None",
    "np.newaxis, :",
    "::-1",
    "-1, ::-2",
    "1:, ::-1",
    "x > 0",
    ":, x[0] > 0",
    "[True, False]",
    "x[:, 0] > -5, 1",
    "[0, 1, 0]",
    "[0, 1, 0], [1, 2, 1]",
    "np.array([0, 1, 0]), 1:",
    "..., [0, 2, 2]",
    "None, ..., None",
    "0, [0, 0]",
    "np.array([[0], [1]]), np.array([0, 2])",
    "[], :",
)
DEEP_INDICES = (
    "0, :, [0, 1, 1]",
    "[0, 1], :, [0, 1]",
    ":, [0, 1, 0], [1, 1, 1]",
    "..., None, 0",
    "1:, None, ::2, -1",
    "[0, 1], 1:, 0",
)

SPELLINGS: dict[str, list[Case]] = {
    "joining": [
        case("np.concatenate([x, np.zeros(2), y])", V3, V4),
        case("np.concatenate([x, [1.0, 2.0]])", V3),
        case("np.concatenate(([y], x, [y]))", V3, 1.5),
        case("np.concatenate([x[:1], y, x[1:]])", V3, V4),
        case("np.concatenate((x * 2, y), axis=-1) ** 2", M23, W23),
        case("np.concatenate([x, y, x], dtype=np.float64)", V3, V4),
        case("np.concatenate((x, y), casting='same_kind')", S3, S3),
        case("np.concatenate([x, y]) * np.concatenate([y, x])", V3, W3),
        case("np.stack([x, np.ones_like(x)], axis=-1)", V3),
        case("np.stack([x * y, x], 1)", V3, 1.5),
        case("np.vstack([x, np.ones(3), y])", V3, M23),
        case("np.hstack((1.0, x, y))", V3, 2.0),
        case("np.hstack([np.ones((2, 1)), x])", M23),
        case("np.column_stack((x, y, x))", M33, V3),
        case("np.block([[x, np.zeros((3, 3))], [np.zeros((3, 3)), y]])", M33, M33 + 1),
        case("np.append(x, [y, 2.0])", V3, 1.5),
        case("np.append(x, y, axis=1)", M23, W23),
        case("np.r_[0, x, y]", V3, 1.5),
        case("np.r_[1:3, x, y, 5:0:-2] ** 2", V3, V4),
        case("np.r_[x, y]", M23, W23),
        case("np.c_[x, y] ** 2", V3, W3),
        case("np.c_[np.ones(3), x]", V3),
        case("np.c_[x, y]", M33, V3),
        case("x[np.s_[1:, :2]]", M23),
    ],
    "shaping": [
        case("x.reshape(3, 2, order='F') ** 2", M23),
        case("x.reshape(x.shape[1], -1)", T234),
        case("np.reshape(x, -1)", M23),
        case("np.reshape(x, (3, 2), 'F')", M23),
        case("x.flatten('F') ** 2", M23),
        case("x.ravel()", M23),
        case("x.flat[2] * x.flat[0]", M23),
        case("np.sum(x.flat) * x.flat[1:4]", M23),
        case("x.squeeze(axis=(0, -1))", M23[None, :, :, None]),
        case("x.T @ x.mT", M33),
        case("x.transpose(2, 0, 1) ** 2", T234),
        case("x.transpose(None)", T234),
        case("x.item(1) * x[1].item()", V3),
        case("x.item(1, 2) ** 2", M23),
        case("np.atleast_2d(x, y)[0] * y", V3, M23),
        case("np.broadcast_arrays(x, y)[0] * y", V3, M23),
        case("np.broadcast_to(x, np.broadcast_shapes(x.shape, y.shape)) * y", V3, M23),
        case("np.meshgrid(x, y)[0] * np.meshgrid(x, y)[1]", V3, V4),
        case("np.meshgrid(x, y, indexing='ij')[1] ** 2", V3, V4),
        case("np.meshgrid(x, y, sparse=True)[1] ** 2 * x", V3, V4),
        case("x.astype('float64', copy=False) * 2", V3),
        case("np.array([[x, y], [y, 1.0]], dtype=float)", 1.5, 2.5),
        case("np.asarray([x, y]).T * 2", V3, W3),
        case("np.array(x, ndmin=2) ** 2", V3),
        case("np.require(x, float) ** 2", V3),
        case("np.roll(x, (1, 2), axis=(0, 1)) * x", M23),
        case("np.flip(x, axis=(0, 1)) * x", M23),
    ],
    "picking": [
        case("x.take([0, 1], axis=1) ** 2", M23),
        case("x.repeat(2, axis=1) ** 2", M23),
        case("np.take(x, 1) * x", V3),
        case("x.compress([True, False, True], axis=1) ** 2", M23),
        case("np.extract(x > 0, x) ** 2", V4),
        case("np.select([x > 1, x > 0], [x**2, y], 0.5 * x)", V3, W3),
        case("np.select([x > 0], [np.sqrt(np.abs(x))])", V3),
        case("x[np.where(x > 0)] ** 2", V4),
        case("x[np.nonzero(x > 0)[0]] ** 2", V4),
        case("np.take_along_axis(x, np.argmax(x, axis=1)[:, None], axis=1) ** 2", M23),
        case("np.delete(x, slice(0, 2)) ** 2", V4),
        case("np.insert(x, slice(0, 2), y) ** 2", V3, 1.5),
        case("np.vander(x, N=2, increasing=True) * 2", V3),
        case("x[np.ix_([0, 1], [0, 2])] ** 2", M23),
        case("x[np.triu_indices(3, 1)] ** 2", M33),
        case("x[np.diag_indices_from(x)] ** 2", M33),
        case("np.linspace(x, y, num=5, endpoint=False) ** 2", 1.5, 3.0),
        case("np.linspace(0, x, 4) * y", 1.5, V4),
        case("np.full((2, 3), fill_value=x) * y", V3, M23),
        case("np.full(x.shape, y) * x", V3, 1.5),
        case("np.tile(x, reps=[2, 1]) ** 2", V3),
        case("np.pad(x, [(1, 1), (2, 0)], mode='constant', constant_values=y) ** 2", M23, 1.5),
        case("np.pad(x, (2, 1), constant_values=(y, 2.0)) ** 2", V4, 1.5),
        case("np.bincount([0, 1, 1], weights=x, minlength=4) ** 2", V3),
        case("np.trapezoid(x, dx=y) ** 2", V6, 0.5),
        case("np.trapezoid(x, x=y) ** 2", V6, np.arange(6.0)),
        case("np.diff(x, prepend=x[0]) ** 2", V3),
        case("np.gradient(x, y) ** 2", V6, 0.5),
        case("np.convolve(x, [1.0, -1.0], mode='same') ** 2", V6),
        case("np.interp(x, [-3.0, 0.1, 3.0], y) ** 2", V4, V3),
        case("np.polyval([x, y, 1.0], z) ** 2", 1.5, 0.5, V3),
        case("np.polyint(x, k=y) ** 2", V4, 1.5),
    ],
    "indexing": [
        *(case(f"(x * 2)[{index}] ** 2", M23) for index in INDICES),
        *(case(f"x[{index}] ** 2", T234) for index in DEEP_INDICES),
    ],
}
GROUPS = pytest.mark.parametrize("group", SPELLINGS)


def checked(
    directory: Path, name: str, cases: list[Case], check: Check, result: str = "{}"
) -> list[str]:
    """Write a function for each case, and say of which a check fails."""
    signatures = [", ".join("xyz"[: len(args)]) for _, args in cases]
    path = directory / f"{name}.py"
    functions = (
        f"def f{i}({signature}):\n    return {result.format(text)}\n"
        for i, (signature, (text, _)) in enumerate(zip(signatures, cases, strict=True))
    )
    path.write_text("import numpy as np\n\n\n" + "\n\n".join(functions))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    failures = []
    for i, (text, args) in enumerate(cases):
        try:
            check(getattr(module, f"f{i}"), args)
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # it belongs here
            failures.append(f"{text}\n{type(error).__name__}: {error}")
    return failures


def check_gradients(function: Any, args: tuple[Any, ...]) -> None:
    """Compare the gradients with differences: for the call's types, and those of the text."""
    output = function(*args)
    upstream = frozen(upstream_for(output, Point(args)))
    names = "xyz"[: len(args)]
    backward = derive_backward(function, wrt=tuple(names)).backward
    namespace: dict[str, Any] = {}
    exec(backward.source, namespace)
    general = namespace[f"{function.__name__}_backward"]
    expected = []
    for place in range(len(args)):

        def forward(value: Any, place: int = place) -> Any:
            given = [np.asarray(a, float) if isinstance(a, np.ndarray) else a for a in args]
            return function(*given[:place], value, *given[place + 1 :])

        expected.append(differences(forward, args[place], np.asarray(upstream, float)))
    for kind, derived in (("call", backward), ("text", general)):
        found = derived(*frozen(list(args)), upstream)
        for one, wanted, argument in zip(found, expected, args, strict=True):
            assert_close(one, wanted, argument, listed=False, precise=kind == "call")


@GROUPS
def test_every_spelling_has_the_right_gradient(group: str, tmp_path: Path) -> None:
    """One function for each spelling, for the types of a call and for any."""
    cases = SPELLINGS[group]
    failures = checked(tmp_path, f"spelled_{group}", cases, check_gradients)
    if failures:
        pytest.fail("\n\n".join(failures), pytrace=False)


def check_second_order(function: Any, args: tuple[Any, ...]) -> None:
    """Compare the second derivatives with differences of the gradient."""
    (x,) = args
    weights = spread(-1, 1, x.shape)
    expected = differences(grad(function), x, weights)
    found = np.tensordot(weights, hessian(function)(x), x.ndim)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-8)


@GROUPS
def test_the_gradients_of_spellings_are_derived_again(group: str, tmp_path: Path) -> None:
    """Second derivatives of those that have one array."""
    cases = [c for c in SPELLINGS[group] if len(c[1]) == 1 and isinstance(c[1][0], np.ndarray)]
    whole = "np.sum(np.power({}, 3))"
    failures = checked(tmp_path, f"again_{group}", cases, check_second_order, whole)
    if failures:
        pytest.fail("\n\n".join(failures), pytrace=False)
