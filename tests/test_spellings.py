"""The ways in which people call NumPy's functions that arrange arrays: each derived and checked.

test_rules.py calls each rule's function with its arguments as the rule has them. Here stand the
other spellings: methods and attributes, keyword arguments, numbers among arrays, items written out.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rule_points import Point, spread
from test_rules import assert_close, differences, frozen, upstream_for

from srcdiff import derive_backward

A = np.array
V3, W3, V4, V6 = (spread(-2, 2, (n,), start) for n, start in ((3, 1), (3, 5), (4, 2), (6, 3)))
M23, W23, M33 = spread(-2, 2, (2, 3)), spread(-1, 3, (2, 3), 7), spread(-2, 2, (3, 3))
T234 = spread(-2, 2, (2, 3, 4))
S3 = V3.astype(np.float32)

Case = tuple[str, tuple[Any, ...]]


def case(text: str, *args: Any) -> Case:
    """Give an expression of x, y and z, and their values."""
    return text, args


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
}
GROUPS = pytest.mark.parametrize("group", SPELLINGS)


def checked(directory: Path, name: str, cases: list[Case]) -> list[str]:
    """Derive a function for each case, and say which gradients are wrong."""
    signatures = [", ".join("xyz"[: len(args)]) for _, args in cases]
    path = directory / f"{name}.py"
    functions = (
        f"def f{i}({signature}):\n    return {text}\n"
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


def check(function: Any, args: tuple[Any, ...]) -> None:
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
    failures = checked(tmp_path, f"spelled_{group}", SPELLINGS[group])
    if failures:
        pytest.fail("\n\n".join(failures), pytrace=False)
