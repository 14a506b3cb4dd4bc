"""Forms that public code uses and that once were wrong, a crash or refused without need.

Each program is derived by decorator and as text, and compared with central differences.
"""

from __future__ import annotations

import builtins
import copy
import importlib.util
import inspect
import linecache
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward
from srcdiff.file import SourceFile
from srcdiff.rules.helpers import HELPERS
from srcdiff.text import free_names
from srcdiff.wishes import Wish

X = np.array([0.5, 1.5, -2.0])
Y = np.array([1.0, 1.2, 2.0])
LIST = [0.3, 0.9, 1.2]

PROGRAMS: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    # A mask behind a minus sign: NumPy negates no truth values.
    "hinge": ("return np.mean(np.maximum(0.0, 1 - x * y))", [(X, Y)]),
    "minus_mask": (
        "m = x > y\nreturn np.sum(x * (1.0 - m * y) ** 2 - np.isfinite(x) * y)",
        [(X, Y)],
    ),
    "minus_relu": ("return np.sum(-np.maximum(x, 0) * y - np.clip(x, 0, 1))", [(X, Y)]),
    "minus_masks": (
        "p = (x >= 1) * (y <= 3)\nq = ~(x > 0) & (y > 0)\nreturn np.sum(3 - p * x * y - q * y)",
        [(X, Y)],
    ),
    # The parts of a grid are arrays, also of one written with slices.
    "mgrid": (
        "r, c = np.mgrid[0:3, 0:2]\nreturn np.exp(-(r * r + c) * x) * np.sin(np.mgrid[0:2] * y)",
        [(0.6, 0.3)],
    ),
    "ogrid": ("r, c = np.ogrid[0:3, 0:2]\nreturn np.cos(r * x + c) * y", [(0.6, 0.3)]),
    # Texts with values in them.
    "f_string": (
        (
            'name = f"the {x.size:>{4}} of {{}} {y.size=}" \'a {b}\' "c"\n'
            'if name.startswith("the"):\n    x = x * y\n'
            'if x[0] > 9:\n    raise ValueError(name + "%s" % y + "{}".format(x))\nreturn x * x'
        ),
        [(X, Y)],
    ),
    "texts_over_lines": (
        (
            'if x[0] > 9:\n    why = (\n        "x is "\n        "large"\n    )\n'
            "    raise ValueError(why)\nreturn x * y"
        ),
        [(X, Y)],
    ),
    # A row whose place is no certain number, of which a part is read and another written.
    "part_of_a_row": (
        (
            "z = np.outer(x, y)\nm = len(x)\nk = m - 2\nz[k, 0:m] = y[0] * z[k + 1, 0:m]\n"
            "for i in (k, 0):\n    z[i, :m] = x[0] * z[i, 0:m]\nreturn z"
        ),
        [(X, Y)],
    ),
    # A part that there isn't always.
    "neighbours": (
        (
            "s = 0.0\nfor i in range(len(x)):\n    left = x[i - 1] if i > 0 else 0.0\n"
            "    right = y[i + 1] if i + 1 < len(y) else 1.0\n    s += left * x[i] * right\n"
            "return s"
        ),
        [(X, Y), (LIST, LIST)],
    ),
    # Several targets: numbers share no memory; a part beside a name that alone is needed.
    "two_names_of_a_number": (
        "a = b = 0.0\nfor v, w in zip(x, y):\n    a += v * w\n    b += a * np.cos(w)\nreturn a * b",
        [(X, Y)],
    ),
    "a_part_and_a_name": (
        (
            "z = np.zeros_like(x)\nlast = 0\nfor t in range(len(x) - 1, -1, -1):\n"
            "    z[t] = last = x[t] + 0.9 * last * y[t]\nreturn z"
        ),
        [(X, Y)],
    ),
    # A test in brackets, over several lines.
    "test_over_lines": (
        (
            "if (\n    x[0] > 9\n    or y[0] > 9  # large\n):\n    raise ValueError\n"
            "while (\n    x[0] < 9\n    # small\n):\n    x = x * 3\nreturn x * y"
        ),
        [(X, Y)],
    ),
    "lists_by_their_name": (
        "v = list()\nfor i in range(3):\n    v.append(x[i] * y)\nreturn v[1] * v[2] + len(list())",
        [(X, Y)],
    ),
    # Tests in parentheses without a blank before them.
    "tests_in_parentheses": (
        (
            "if(x.size > 9):\n    x = x * y\nelif(x.size > 2):\n    x = x + y\nfor i in range(2):\n"
            "    if(i > 0): x = x * y\nreturn(x)"
        ),
        [(X, Y)],
    ),
    "negated_squares": (
        "z = np.exp(-x * x / y)\nfor i in range(2):\n    z = np.exp(-z * z) * x\nreturn -z * z",
        [(X, Y), (0.6, 0.3)],
    ),
    # Names that the function has for NumPy's functions are none in the derived code.
    "functions_by_other_names": (
        (
            "e = np.exp\nhigh = max\nz = e(-x * y)\nfor i in range(2):\n"
            "    z = z * e(-z) + high(i, 1)\nreturn z"
        ),
        [(X, Y)],
    ),
    "imports_inside": (
        (
            "import numpy\nfrom math import cos as c, pi\nfrom numpy import exp\n"
            "import numpy.linalg as la\n"
            "z = numpy.sin(x) * pi\nfor i in range(2):\n    z = exp(-z * y) * c(i)\n"
            "return z + la.norm(z)"
        ),
        [(X, Y)],
    ),
    "lists_of_arrays": (
        (
            "rows = [x, y, x * y]\ns = 0.0\nfor a, b in zip(rows, rows[1:]):\n    s = s + a * b\n"
            "for r in reversed(rows[:2]):\n    s = s * r\nfor i in range(3):\n"
            "    s = s + rows[i] ** 2\n"
            "return s"
        ),
        [(X, Y)],
    ),
    "items_that_become_smaller": (
        (
            "ws = [x, x * y, y]\nfor i in range(3):\n    ws[i] = ws[i][1:] * ws[i][0]\n"
            "for i in range(2):\n    ws[i] = ws[i][1]\nreturn ws[0] * ws[1] + ws[2]"
        ),
        [(X, Y)],
    ),
    "a_copy_tells_what_is_a_dict": (
        (
            'def scaled(p, k):\n    best = p.copy()\n    best["w"] = best["w"] * k\n'
            "    return best\n\n"
            'first = {"w": x, "b": y}\nsecond = scaled(first, 2.0)\n'
            'return first["w"] * second["w"] * second["b"]'
        ),
        [(X, Y)],
    ),
    "what_an_assertion_tells": (
        'n = len(x)\nassert n < 9, "too long: %d" % n\nreturn x * y',
        [(X, Y)],
    ),
}
LISTS: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "dot": ("return np.dot(x, y) + np.inner(y, x)", [(LIST, LIST), (LIST, Y)]),
    "square": ("return np.sum(np.square(x) / y)", [(LIST, Y), (tuple(LIST), Y)]),
    "elementwise": (
        "return np.log1p(x) + np.minimum(x, 0.5) + np.clip(y, 0, 1) + np.hypot(x, y)",
        [(LIST, [0.2, 0.4, 0.7])],
    ),
    "beside_an_array": ("return x * y + y**x + x / y + y / x - x", [(Y, LIST)]),
    "order": ("return np.percentile(x, 30) * np.ptp(y) + np.cumprod(x)[2]", [(LIST, [3.0, 1, 2])]),
    "squared_norm": ("return np.linalg.norm(x) * np.trapezoid(y, x)", [(LIST, [3.0, 1, 2])]),
}


def total(weights: Any, value: Any) -> float:
    return float(np.sum(np.asarray(weights) * np.asarray(value)))


def moved(values: tuple[Any, ...], place: int, index: int, step: float) -> list[Any]:
    found = copy.deepcopy(list(values))
    if isinstance(found[place], float):
        found[place] += step
    else:
        items = list(found[place])
        items[index] += step
        kind = type(values[place])
        found[place] = np.array(items) if kind is np.ndarray else kind(items)
    return found


def agrees(function: Callable[..., Any], backward: Callable[..., Any], values: Any) -> None:
    before = copy.deepcopy(values)
    result = function(*copy.deepcopy(values))
    weights = np.linspace(0.5, 1.5, np.size(result)).reshape(np.shape(result))[()]
    upstream = list(inspect.signature(backward).parameters)[-1]
    gradients = backward(*values, **{upstream: weights})
    np.testing.assert_equal(values, before)
    for place, gradient in enumerate(gradients):
        for index in range(np.size(values[place])):
            estimates = []
            for step in (1e-4, 1e-5, 1e-6):
                ends = [
                    total(weights, function(*moved(values, place, index, sign * step)))
                    for sign in (1, -1)
                ]
                estimates.append((ends[0] - ends[1]) / (2 * step))
            np.testing.assert_allclose(estimates, estimates[1], rtol=1e-5, atol=1e-7)
            own = gradient if isinstance(values[place], float) else gradient[index]
            np.testing.assert_allclose(own, estimates[1], rtol=1e-6, atol=1e-8)


def module_of(name: str, body: str) -> tuple[str, types.ModuleType]:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    text = f"import numpy as np\n\n\ndef {name}(x, y):\n{lines}"
    module = types.ModuleType(name)
    filename = f"<{name} of public code>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), module.__dict__)
    return text, module


def from_text(name: str, text: str) -> Callable[..., Any]:
    file = SourceFile(text, f"{name}.py")
    result = file.derive(file.chosen(name, Wish()))
    assert not result.problems, result.problems
    emitted: dict[str, Any] = {}
    exec(file.module(result), emitted)
    return emitted[f"{name}_backward"]  # type: ignore[no-any-return]  # a function


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_program_is_right_both_ways(name: str) -> None:
    body, points = PROGRAMS[name]
    text, module = module_of(name, body)
    function = getattr(module, name)
    for values in points:
        agrees(function, derive_backward(function).backward, values)
        agrees(function, from_text(name, text), values)


@pytest.mark.parametrize("name", LISTS)
def test_what_numpy_takes_for_an_array_may_be_a_list(name: str) -> None:
    body, points = LISTS[name]
    _, module = module_of(name, body)
    function = getattr(module, name)
    for values in points:
        agrees(function, derive_backward(function).backward, values)
        for value, gradient in zip(
            values, derive_backward(function).backward(*values), strict=True
        ):
            assert type(gradient) is type(value)


def test_a_function_may_import_numpy_itself() -> None:
    text = "def f(x):\n    import numpy as np\n    y = np.sin(x)\n    return y * y\n"
    module = types.ModuleType("importing")
    linecache.cache["<importing>"] = (
        len(text), None, text.splitlines(keepends=True), "<importing>"
    )  # fmt: skip
    exec(compile(text, "<importing>", "exec"), module.__dict__)
    for backward in (derive_backward(module.f).backward, from_text("f", text)):
        np.testing.assert_allclose(backward(X), np.sin(2 * X))


def test_a_default_may_be_an_array_of_the_module() -> None:
    head = "import numpy as np\n\nW = np.arange(3.0)\n\n\n"
    text = f"{head}def f(x, *, w=W):\n    return np.sum(w * x)\n"
    module = types.ModuleType("defaults")
    linecache.cache["<defaults>"] = (len(text), None, text.splitlines(keepends=True), "<defaults>")
    exec(compile(text, "<defaults>", "exec"), module.__dict__)
    dx, dw = derive_backward(module.f).backward(X)
    np.testing.assert_allclose((dx, dw), (np.arange(3.0), X))


@pytest.mark.parametrize(
    "default", ["(1, 0, 1)", "(2)", "((1.5,\n      2, 1))", "(1,) * 3", "[1, 2, 3]"]
)
def test_a_default_keeps_its_parentheses(default: str) -> None:
    text = f"import numpy as np\n\n\ndef f(x, y={default}):\n    return np.sum(x * np.array(y))\n"
    found = from_text("f", text)(X)
    np.testing.assert_allclose(
        found[0] if isinstance(found, tuple) else found, eval(default) * np.ones(3)
    )


def test_an_error_still_tells_the_values_that_only_it_reads() -> None:
    text = """
def f(x, n=3):
    for i in range(n):
        x = x * x
        if x > 100:
            why = f"too large in round {i}"
            raise ValueError(why)
    return x
"""
    backward = from_text("f", text)
    with pytest.raises(ValueError, match="too large in round 2"):
        backward(2.0, 3)
    assert backward(2.0, 1) == 4.0


def test_an_inner_function_may_call_itself_several_times() -> None:
    def f(n, x):
        def g(k, a):
            if k < 2:
                return a
            return g(k - 1, a) * a + g(k - 2, a) + g(k - 3, a)

        return g(n, x)

    x, step = 0.7, 1e-5
    expected = (f(5, x + step) - f(5, x - step)) / (2 * step)
    np.testing.assert_allclose(derive_backward(f, wrt="x").backward(5, x), expected, rtol=1e-8)


@pytest.mark.parametrize("call", ["x.astype(kind)", "x.astype(dtype=kind)", "x.astype(y.dtype)"])
def test_a_type_that_is_known_only_when_the_program_runs_may_be_one_of_whole_numbers(
    call: str,
) -> None:
    """The gradient of x.astype(int) is zero, whoever says that it is int."""
    _, module = module_of("f", f"kind = y.dtype if y.ndim else type(y)\nreturn np.sum({call} * x)")
    for kind, factor in ((np.int64, 1.0), (np.float32, 2.0), (np.float64, 2.0)):
        x, y = np.array([1.5, 2.25, -0.5]), np.ones(3, kind)
        expected = factor * x if factor == 2.0 else np.trunc(x)
        np.testing.assert_allclose(derive_backward(module.f, wrt="x").backward(x, y), expected)


def test_a_value_has_no_name_that_the_backward_pass_calls() -> None:
    text = (
        "from math import sqrt\n\n\ndef f(x):\n    return sum([sqrt(t) * sqrt(1 + t) for t in x])\n"
        "\n\ndef piece(x):\n    if x < 1:\n        return x * 2\n    return x * x\n"
        "\n\ndef g(z, m):\n    out = [0.0, 0.0]\n    for i in range(2):\n"
        "        out[i] = piece(z[i]) * m\n    return sum(out)\n"
    )
    x = np.array([0.3, 0.4])
    slope = (1 + 2 * x) / (2 * np.sqrt(x * (1 + x)))
    np.testing.assert_allclose(from_text("f", text)(x), slope)
    dz, dm = from_text("g", text)([3.0, 0.5], 2.0)
    np.testing.assert_allclose(dz, [12.0, 4.0])
    np.testing.assert_allclose(dm, 10.0)


def test_a_parameter_is_a_dict_where_a_copy_of_it_is() -> None:
    text = (
        "def f(p, x):\n    best = p.copy()\n    own = dict(best)\n"
        '    own["w"] = best["w"] * x\n    return own["w"] * best["w"] + own["b"]\n'
    )
    dp, dx = from_text("f", text)({"w": 2.0, "b": 5.0, "c": 7.0}, 3.0)
    assert dp == {"w": 2 * 3.0 * 2.0, "b": 1.0, "c": 0.0}
    assert dx == 4.0


def test_a_type_that_is_a_parameter_may_be_one_of_whole_numbers() -> None:
    text = "import numpy as np\n\n\ndef f(x, kind):\n    return np.sum(x.astype(kind) * x)\n"
    x = np.array([1.5, 2.25, -0.5])
    for kind, expected in ((int, np.trunc(x)), (float, 2 * x), ("int32", np.trunc(x))):
        np.testing.assert_allclose(from_text("f", text)(x, kind), expected)


def test_emitted_helpers_need_nothing_but_numpy_and_math() -> None:
    allowed = {"np", "math", *dir(builtins), *(helper.__name__ for helper in HELPERS.values())}
    for helper in HELPERS.values():
        assert set(free_names(inspect.getsource(helper))) <= allowed, helper.__name__


def test_a_fault_of_srcdiff_is_told_as_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but a DerivationError comes out, with the fault as its cause."""

    def fails(*_: Any, **__: Any) -> None:
        raise KeyError("lost")

    def f(x):
        return x * x

    for place in ("srcdiff.passes.decided.webs", "srcdiff.live.free_names"):
        with monkeypatch.context() as changed:
            changed.setattr(place, fails)
            with pytest.raises(DerivationError, match="srcdiff itself fails here") as told:
                derive_backward(f).backward(2.0)
        assert isinstance(told.value.__cause__, KeyError)
    assert derive_backward(f).backward(2.0) == 4.0


def test_functions_of_a_module_are_called_by_dotted_names(tmp_path: Path) -> None:
    """By the decorator too; a function that is put in its place afterwards counts."""
    text = (
        "GAIN = 3.0\n\n\ndef cube(x):\n    y = x * x\n    return y * x\n\n\n"
        "def pair(x):\n    return x * 2, x * x\n"
    )
    (tmp_path / "steps_of_mine.py").write_text(text, encoding="utf-8")
    body = "a, b = steps_of_mine.pair(x)\nreturn steps_of_mine.cube(a) * b * steps_of_mine.GAIN + y"
    _, module = module_of("f", body)
    spec = importlib.util.spec_from_file_location("steps_of_mine", tmp_path / "steps_of_mine.py")
    assert spec is not None
    assert spec.loader is not None
    module.steps_of_mine = steps = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(steps)
    derive_backward(module.f, wrt="x")
    assert module.f.backward(0.5, 1.0) == pytest.approx(3 * 8 * 5 * 0.5**4)
    steps.pair = lambda x: (x, x)
    assert module.f.backward(0.5, 1.0) == pytest.approx(3 * 4 * 0.5**3)
