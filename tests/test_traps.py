"""Each trap that has made some system silently wrong: right here, or refused."""

from __future__ import annotations

import copy
import importlib.util
import inspect
import itertools
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward

IMPORTS = "import math\n\nimport numpy as np\n\n\n"
UP = 1.7
V = np.array([0.5, -1.2, 2.0])
W = np.array([1.5, 0.3, -0.7])
M = np.arange(6.0).reshape(2, 3) / 3 + 0.1
numbers = itertools.count(1)
Make = Callable[..., Any]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Make the function f of a module with a given text."""
    made: list[str] = []

    def function(text: str, imports: str = IMPORTS) -> Any:
        name = f"trap_{next(numbers)}"
        path = tmp_path / f"{name}.py"
        path.write_text(imports + textwrap.dedent(text), encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        made.append(name)
        spec.loader.exec_module(module)
        return module.f

    yield function
    for name in made:
        del sys.modules[name]


def module_of(f: Any) -> ModuleType:
    return sys.modules[f.__module__]


def parts(value: Any) -> list[Any]:
    """Give the numbers and arrays of a nested value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [part for item in value for part in parts(item)]
    return [value]


def flat(value: Any) -> np.ndarray:
    found = [np.ravel(np.asarray(part, float)) for part in parts(value)]
    return np.concatenate([np.zeros(0), *found])


def filled(like: Any, entries: Iterator[float]) -> Any:
    """Give a value of a structure, with other entries."""
    if isinstance(like, dict):
        return {key: filled(item, entries) for key, item in like.items()}
    if isinstance(like, (list, tuple)):
        return type(like)(filled(item, entries) for item in like)
    if isinstance(like, np.ndarray):
        return np.array([next(entries) for _ in range(like.size)]).reshape(like.shape)
    return float(next(entries))


def numeric(f: Any, args: dict[str, Any], name: str, upstream: Any) -> np.ndarray:
    """Give the gradient with respect to one argument, by central differences."""
    at, step = flat(args[name]), 1e-6

    def total(entries: np.ndarray) -> float:
        moved = filled(args[name], iter(entries))
        out = called(f, {**copy.deepcopy(args), name: moved})
        outs = out if isinstance(out, tuple) else (out,)
        return float(sum(np.sum(o * d) for o, d in zip(outs, upstream, strict=True)))

    moves = np.eye(at.size) * step
    slopes = [(total(at + m) - total(at - m)) / (2 * step) for m in moves]
    return np.array(slopes)


def called(f: Any, args: dict[str, Any], **more: Any) -> Any:
    """Call a function with arguments by the kinds of its parameters."""
    first = [
        p.name
        for p in inspect.signature(f).parameters.values()
        if p.kind is p.POSITIONAL_ONLY and p.name in args
    ]
    rest = {name: value for name, value in args.items() if name not in first}
    return f(*(args[name] for name in first), **rest, **more)


def general(f: Any) -> Any:
    """Give the backward function of the text that is shown."""
    namespace = dict(f.__globals__)
    exec(compile(f.backward.source, "<shown>", "exec"), namespace)
    return namespace[f"{f.__name__}_backward"]


def upstream_names(f: Any) -> list[str]:
    own = inspect.signature(f).parameters
    return [n for n in inspect.signature(general(f)).parameters if n not in own]


def same_structure(gradient: Any, argument: Any) -> bool:
    if isinstance(argument, dict):
        known = isinstance(gradient, dict) and list(gradient) == list(argument)
        return known and all(same_structure(gradient[k], argument[k]) for k in argument)
    if isinstance(argument, (list, tuple)):
        known = type(gradient) is type(argument) and len(gradient) == len(argument)
        return known and all(map(same_structure, gradient, argument))
    if isinstance(argument, np.ndarray):
        array = isinstance(gradient, np.ndarray) and gradient.shape == argument.shape
        return array and gradient.dtype.kind == "f"
    return isinstance(gradient, (float, np.floating))


def assert_right(f: Any, *values: Any, of: tuple[str, ...] | None = None) -> None:
    """Hold a function's backward, its text and its value_and_grad to all laws.

    Gradients are those of central differences, in the structure of their arguments; nothing
    given is changed; nothing returned shares memory.
    """
    if not hasattr(f, "backward"):
        derive_backward(f)
    args = dict(zip(inspect.signature(f).parameters, values, strict=False))
    names = tuple(args) if of is None else of
    out = called(f, copy.deepcopy(args))
    outs = out if isinstance(out, tuple) else (out,)
    rng = np.random.default_rng(7)
    upstream = [rng.standard_normal(np.shape(o)) if np.ndim(o) else UP for o in outs]
    shown, ups = general(f), upstream_names(f)
    assert len(ups) == len(outs)
    expected = {name: numeric(f, args, name, upstream) for name in names}
    for way in (f.backward, shown, f.value_and_grad):
        given, up = copy.deepcopy(args), dict(zip(ups, copy.deepcopy(upstream), strict=True))
        result = called_as(way, f, given, up)
        if way is f.value_and_grad:
            value, result = result
            np.testing.assert_allclose(flat(value), flat(out))
        gradients = (result,) if len(names) == 1 else result
        assert isinstance(gradients, tuple)
        assert len(gradients) == len(names)
        for name, gradient in zip(names, gradients, strict=True):
            if way is not shown:
                assert same_structure(gradient, args[name]), (name, gradient)
            np.testing.assert_allclose(
                flat(gradient), expected[name], rtol=1e-5, atol=1e-6, err_msg=name
            )
        np.testing.assert_array_equal(flat_numbers(given), flat_numbers(args))
        np.testing.assert_array_equal(flat(list(up.values())), flat(upstream))
        assert_apart(gradients, [*given.values(), *up.values()])


def called_as(way: Any, f: Any, args: dict[str, Any], up: dict[str, Any]) -> Any:
    """Call a backward function, which has the parameters of its forward function."""
    kinds = inspect.signature(f).parameters
    places = [v for n, v in args.items() if kinds[n].kind is not inspect.Parameter.KEYWORD_ONLY]
    named = {n: v for n, v in args.items() if kinds[n].kind is inspect.Parameter.KEYWORD_ONLY}
    return way(*places, **named, **up)


def flat_numbers(args: dict[str, Any]) -> np.ndarray:
    return flat([a for a in args.values() if not isinstance(a, str) and a is not None])


def assert_apart(gradients: tuple[Any, ...], others: list[Any]) -> None:
    arrays = [part for part in parts(gradients) if isinstance(part, np.ndarray)]
    foreign = [part for part in parts(others) if isinstance(part, np.ndarray)]
    for i, array in enumerate(arrays):
        assert array.flags.writeable
        assert not any(np.shares_memory(array, o) for o in [*arrays[:i], *foreign])


def assert_gives(f: Any, args: tuple[Any, ...], expected: Any) -> None:
    """Compare the gradients at a point where there are no central differences."""
    if not hasattr(f, "backward"):
        derive_backward(f)
    for way in (f.backward, general(f), f.value_and_grad):
        with np.errstate(all="ignore"):
            result = way(*copy.deepcopy(args))
        if way is f.value_and_grad:
            result = result[1]
        found = result if isinstance(expected, tuple) else (result,)
        wanted = expected if isinstance(expected, tuple) else (expected,)
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_allclose(flat(one), flat(other), rtol=1e-12, atol=1e-12)


def refusal(f: Any, line: int | None = None, *args: Any, **options: Any) -> DerivationError:
    """Give the refusal of a function; it names the place."""
    with pytest.raises(DerivationError) as caught:
        derive_backward(f, **options)
        if args:
            f.backward(*args)
    first = caught.value.diagnostics[0]
    assert first.code.startswith("SD")
    assert first.line > 0
    assert first.column > 0
    if line is not None:
        assert first.line == line
    return caught.value


def assert_right_or_refused(f: Any, *args: Any) -> None:
    """A refusal is an answer; a wrong gradient isn't."""
    try:
        derive_backward(f)
    except DerivationError as error:
        assert error.diagnostics[0].line > 0
        return
    assert_right(f, *args)


# Sharing


def test_two_gradients_of_a_sum_are_two_arrays(make: Make) -> None:
    assert_right(make("def f(x, y):\n    z = x + y\n    return z\n"), V, W)


def test_a_gradient_isnt_the_upstream_array(make: Make) -> None:
    assert_right(make("def f(x):\n    y = x\n    return y\n"), V)
    assert_right(make("def f(x):\n    return x\n"), V)


def test_an_accumulated_gradient_leaves_its_source_alone(make: Make) -> None:
    assert_right(
        make(
            """
            def f(x, y):
                z = x + y
                u = z * x
                out = u + z
                return out
            """
        ),
        V,
        W,
    )


def test_a_transposed_gradient_is_no_view_of_the_upstream(make: Make) -> None:
    assert_right(make("def f(x):\n    return x.T\n"), M)
    assert_right(make("def f(x):\n    return x.reshape(3, 2)\n"), M)
    assert_right(make("def f(x):\n    return x[None]\n"), V)


def test_the_gradient_of_a_sum_can_be_written_to(make: Make) -> None:
    assert_right(make("def f(x):\n    return np.sum(x)\n"), M)
    assert_right(make("def f(x):\n    return np.sum(x, axis=0)\n"), M)
    assert_right(make("def f(x):\n    return np.broadcast_to(x, (2, 3))\n"), V)


def test_one_array_given_twice_gets_two_gradients(make: Make) -> None:
    f = derive_backward(make("def f(x, y):\n    z = x + y\n    return z\n"))
    x = V.copy()
    dx, dy = f.backward(x, x)
    assert not np.shares_memory(dx, dy)
    assert not np.shares_memory(dx, x)


def test_outputs_of_one_array_share_nothing(make: Make) -> None:
    assert_right(make("def f(x):\n    y = x * 2\n    return y, y\n"), V)
    assert_right(make("def f(x):\n    return x, x\n"), V)
    text = "def f(x):\n    y = x * 2\n    z = y\n    return y, z, y * z\n"
    assert_right(make(text), V)


# Views, aliases, updates in place


def test_an_update_of_a_view_of_an_argument(make: Make) -> None:
    text = "def f(x):\n    v = x[1:]\n    v *= 2\n    return np.sum(x * x)\n"
    assert_right_or_refused(make(text), V)


def test_an_update_of_an_alias_whose_other_name_is_read(make: Make) -> None:
    text = "def f(x):\n    a = x * 1.0\n    b = a\n    b += 1\n    return a * b\n"
    assert_right_or_refused(make(text), V)


def test_an_update_of_an_alias_that_nobody_else_reads(make: Make) -> None:
    assert_right(make("def f(x):\n    b = x\n    b += 1\n    return b * b\n"), V)


def test_an_update_of_what_a_chained_assignment_shares(make: Make) -> None:
    text = "def f(x):\n    b = c = x * 2\n    b += 1\n    return b * c\n"
    assert_right_or_refused(make(text), V)


def test_an_update_of_numbers_named_twice(make: Make) -> None:
    text = "def f(x):\n    b = c = 0.0\n    b += x\n    return b * x + c\n"
    assert_right(make(text), 2.0)


VIEWS = (
    "b[...]",
    "b[::-1]",
    "b[None]",
    "b.T",
    "b.reshape(3, 2)",
    "b.ravel()",
    "b.squeeze()",
    "b.swapaxes(0, 1)",
    "b.transpose(1, 0)",
    "b.view()",
    "b.real",
    "b.astype(float, copy=False)",
    "np.array(b, copy=False)",
    "np.asarray(b)",
    "np.asanyarray(b)",
    "np.ascontiguousarray(b)",
    "np.float64(b)",
    "np.atleast_2d(b)",
    "np.broadcast_to(b, (2, 3))",
    "np.diagonal(b)",
    "np.flip(b)",
    "np.moveaxis(b, 0, 1)",
    "np.ravel(b)",
    "np.real(b)",
    "np.reshape(b, (3, 2))",
    "np.split(b, 2)[0]",
    "np.squeeze(b)",
    "np.transpose(b)",
    "np.expand_dims(b, 0)",
    "(b, 1.0)[0]",
    "[b][0]",
    "(b if b[0, 0] > 0 else -b)",
)


@pytest.mark.parametrize("view", VIEWS)
def test_an_update_shows_in_a_view_made_before(make: Make, view: str) -> None:
    text = f"""
        def f(x):
            b = np.exp(x)
            c = {view}
            b += 1
            return np.sum(c * 2) * np.sum(b)
        """
    assert_right_or_refused(make(text), M)


@pytest.mark.parametrize("view", [v for v in VIEWS if "broadcast" not in v and "diag" not in v])
def test_an_update_of_a_view_shows_in_its_base(make: Make, view: str) -> None:
    text = f"""
        def f(x):
            b = np.exp(x)
            c = {view}
            c *= 3
            return np.sum(c * 2) * np.sum(b)
        """
    assert_right_or_refused(make(text), M)


def test_an_update_shows_in_a_tuple_that_holds_the_array(make: Make) -> None:
    text = """
        def f(x):
            a = x * 1.0
            t = (a, a)
            a += 1
            return t[0] * a
        """
    assert_right_or_refused(make(text), V)


def test_an_update_of_an_item_of_a_tuple_shows_in_the_array(make: Make) -> None:
    text = """
        def f(x):
            a = x * 1.0
            t = [a, 2.0]
            b = t[0]
            b += 1
            return a * b
        """
    assert_right_or_refused(make(text), V)


def test_an_update_through_names_that_were_unpacked(make: Make) -> None:
    text = """
        def f(x):
            a = x * 1.0
            u, w = a[0], a[1]
            u += 1
            return a * w
        """
    assert_right_or_refused(make(text), M)


def test_a_helper_that_updates_its_argument(make: Make) -> None:
    text = """
        def g(x):
            x += 1
            return x * x


        def f(x):
            y = x * 2
            z = g(y)
            return z * y
        """
    assert_right_or_refused(make(text), V)


def test_a_helper_that_updates_an_argument_of_the_caller(make: Make) -> None:
    text = """
        def g(x):
            x += 1
            return x * x


        def f(x):
            z = g(x)
            return z * x
        """
    assert_right_or_refused(make(text), V)


def test_a_helpers_helper_that_updates_its_argument(make: Make) -> None:
    text = """
        def h(x):
            x *= 2
            return x


        def g(x):
            return h(x)


        def f(x):
            y = x * 1.0
            k = g(y)
            return y * k
        """
    assert_right_or_refused(make(text), V)


def test_a_helper_that_returns_its_argument_returns_an_alias(make: Make) -> None:
    text = """
        def g(x):
            return x


        def f(x):
            y = x * 1.0
            k = g(y)
            k += 1
            return y * k
        """
    assert_right_or_refused(make(text), V)


def test_an_update_of_an_array_of_the_module(make: Make) -> None:
    """Each call would change it, so that there is no one value to differentiate."""
    text = "Z = np.zeros(3)\n\n\ndef f(x):\n    z = Z\n    z += x\n    return z * z\n"
    f = make(text)
    try:
        derive_backward(f)
    except DerivationError:
        return
    f.backward(V)
    np.testing.assert_array_equal(module_of(f).Z, np.zeros(3))
    np.testing.assert_allclose(f.backward(V), 2 * V)


def test_output_arguments_are_refused(make: Make) -> None:
    text = "def f(x):\n    y = np.exp(x)\n    z = np.add(y, 1, out=y)\n    return y * z\n"
    refusal(make(text), 8 - 1)
    text = "def f(x):\n    y = np.exp(x)\n    z = np.add(y, 1, y)\n    return y * z\n"
    refusal(make(text), 8 - 1)
    text = "def f(x):\n    y = np.exp(x)\n    np.add(y, 1, out=y)\n    return y\n"
    refusal(make(text), 8 - 1)


def test_writes_into_a_part_are_refused(make: Make) -> None:
    for write in ("y[0] = 2.0", "y[x > 0] = 0", "y[0] += 1", "y[[0, 0]] += 1", "x[:] = 0"):
        text = f"def f(x):\n    y = np.exp(x)\n    {write}\n    return y\n"
        refusal(make(text), 8 - 1)


def test_methods_that_change_an_array_are_refused(make: Make) -> None:
    for change in ("y.sort()", "y.fill(0)", "z = y.sort()", "y.resize(3)", "y.put(0, 1)"):
        text = f"def f(x):\n    y = x.copy()\n    {change}\n    return y\n"
        refusal(make(text), 8 - 1)


def test_every_update_operator(make: Make) -> None:
    text = """
        def f(x):
            y = np.exp(x)
            y /= y.sum()
            y **= 2
            y -= x
            y *= y
            y += y
            y @= np.eye(3) + 1
            return y
        """
    assert_right(make(text), V)


def test_updates_of_a_parameter_leave_the_argument_alone(make: Make) -> None:
    assert_right(make("def f(x, y):\n    x *= y\n    return x * x\n"), V, W)
    assert_right(make("def f(x, y):\n    x *= y\n    return x * x\n"), 2.0, 3.0)
    f = derive_backward(make("def f(x):\n    x *= 3\n    return x * x\n"))
    x = V.copy()
    f.backward(x)
    f.value_and_grad(x)
    np.testing.assert_array_equal(x, V)


def test_a_list_grown_by_an_update(make: Make) -> None:
    text = "def f(w, x):\n    w += [x]\n    return w[0] * w[-1] * x\n"
    assert_listy(make(text), [1.0, 2.0, 3.0], 5.0)


def test_lists_that_are_joined_and_repeated(make: Make) -> None:
    """With lists, + joins and * repeats."""
    text = "def f(w, x):\n    u = w + [x]\n    return u[0] * u[-1]\n"
    assert_listy(make(text), [1.0, 2.0, 3.0], 5.0)
    text = "def f(w, x):\n    u = w * 2\n    return u[0] * u[-1] * x\n"
    assert_listy(make(text), [1.0, 2.0, 3.0], 5.0)


def assert_listy(f: Any, w: list[float], x: float) -> None:
    """Right with these lists, or refused, when deriving or when the types are known."""
    args = {"w": w, "x": x}
    expected = [numeric(f, args, name, [1.0]) for name in args]
    try:
        found = derive_backward(f).backward(list(w), x)
    except DerivationError:
        return
    for gradient, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(flat(gradient), other, rtol=1e-6)


# Overwriting


def test_a_value_that_is_overwritten_is_kept_for_backward(make: Make) -> None:
    text = """
        def f(x, y):
            y = x * y
            x = np.exp(x) * y
            y = x * y
            x = x * y
            return x
        """
    assert_right(make(text), V, W)


def test_an_update_keeps_the_value_that_backward_reads(make: Make) -> None:
    text = """
        def f(x, y):
            z = np.exp(x)
            y -= x
            y *= z
            z *= y
            return z
        """
    assert_right(make(text), V, W)


def test_names_swapped_in_one_statement(make: Make) -> None:
    text = "def f(x, y):\n    x, y = y, x * y\n    x *= y\n    return x - y * y\n"
    assert_right(make(text), V, W)
    assert_right(make(text), 2.0, 3.0)
    text = "def f(x, y):\n    x, x = y, x\n    return x ** 2 * y\n"
    assert_right(make(text), 2.0, 3.0)


def test_a_tuple_unpacked_after_it_was_named(make: Make) -> None:
    text = "def f(x, y):\n    u = (x, y)\n    a, b = u\n    a, b = b, a\n    return a**2 * b\n"
    assert_right(make(text), 2.0, 5.0)


# Names


def test_a_parameter_named_like_a_gradient(make: Make) -> None:
    assert_right(make("def f(x, dx):\n    y = x * dx\n    return y\n"), V, W)
    assert_right(make("def f(x):\n    dx = 2 * x\n    y = dx * x\n    return y * dx\n"), V)


def test_a_parameter_named_like_the_upstream_gradient(make: Make) -> None:
    assert_right(make("def f(x, dout):\n    return x * dout\n"), V, W)
    assert_right(make("def f(df, x):\n    f = df * x\n    return f\n"), 2.0, 3.0)
    assert_right(make("def f(dy, dy_, y):\n    y = dy * dy_ + y\n    return y\n"), 1.0, 2.0, 3.0)


def test_parameters_named_np_and_math(make: Make) -> None:
    assert_right(make("def f(np, x):\n    y = np * x\n    return y\n"), V, W)
    assert_right(make("def f(math, np):\n    y = math**np\n    return y\n"), V**2, W)
    assert_right(make("def f(x):\n    np = x * 2\n    y = np + x\n    return y\n"), V)


def test_np_and_math_as_other_variables_of_the_module(make: Make) -> None:
    text = "math = 3\nnp = 5\n\n\ndef f(x, y):\n    return x**y * np * math\n"
    assert_right(make(text, ""), V**2, 1.5)
    text = "def f(x):\n    return np.sin(x) * math.exp(2)\n"
    assert_right(make(text, "import math as np\nimport numpy as math\n\n\n"), 0.4)


@pytest.mark.parametrize(
    ("imports", "expression"),
    [
        ("from math import exp as e", "e(x)"),
        ("import math", "math.exp(x)"),
        ("import math as m", "m.exp(x)"),
        ("import numpy", "numpy.exp(x) * numpy.tanh(x)"),
        ("import numpy as xp", "xp.power(x, 2.5)"),
        ("from numpy import exp, tanh as th", "exp(x) * th(x)"),
        ("from numpy import *", "sin(x) * tanh(x)**2"),
        ("import numpy\nimport numpy as np", "np.exp(x) * numpy.sin(x)"),
    ],
)
def test_imports_by_any_name(make: Make, imports: str, expression: str) -> None:
    assert_right(make(f"def f(x):\n    return {expression}\n", f"{imports}\n\n\n"), 0.8)


@pytest.mark.parametrize("name", ["float", "len", "list", "isinstance", "range", "tuple", "zip"])
def test_a_local_that_shadows_a_builtin(make: Make, name: str) -> None:
    text = f"def f(x, n):\n    {name} = x**n\n    return {name}\n"
    assert_right(make(text), 2.0, 3.0)
    assert_right(make(text), V**2, 1.5)


@pytest.mark.parametrize("name", ["float", "len", "list", "isinstance", "range", "tuple", "zip"])
def test_a_parameter_that_shadows_a_builtin(make: Make, name: str) -> None:
    text = f"def f({name}, x):\n    y = {name}[0] * x[1] + np.sum(x)\n    return y\n"
    assert_right(make(text), [2.0, 3.0], V)


def test_a_function_that_shadows_a_builtin(make: Make) -> None:
    text = "def abs(x):\n    return x * x\n\n\ndef f(x):\n    return abs(x)\n"
    assert_right(make(text), V)
    assert_right(make("abs = np.exp\n\n\ndef f(x):\n    return abs(x)\n"), V)
    text = "def max(a, b):\n    return a * b\n\n\ndef f(x, y):\n    return max(x, y)\n"
    assert_right(make(text), 2.0, 3.0)


HELPERS = ["unbroadcast", "zeros_like", "dot_backward", "add_at", "gradient_like"]


@pytest.mark.parametrize("name", HELPERS)
def test_a_function_named_like_a_helper(make: Make, name: str) -> None:
    text = f"""
        def {name}(x, y):
            z = x * y
            return z * z


        def f(x, y):
            z = np.dot(x, y) * {name}(x[0], y) + x[0, 1]
            return z[0] * y
        """
    assert_right(make(text), np.eye(3) + 0.5, W)


@pytest.mark.parametrize("name", HELPERS)
def test_a_parameter_or_local_named_like_a_helper(make: Make, name: str) -> None:
    text = f"def f({name}, y):\n    z = np.dot({name}, y) * {name}[0, 1]\n    return z\n"
    assert_right(make(text), M, W)
    text = f"def f(x, y):\n    {name} = np.dot(x, y) * x[0, 1]\n    return {name}\n"
    assert_right(make(text), M, W)


@pytest.mark.parametrize("name", HELPERS)
def test_a_variable_of_the_module_named_like_a_helper(make: Make, name: str) -> None:
    text = f"{name} = 3.0\n\n\ndef f(x, y):\n    return np.dot(x, y) * x[0, 1] * {name}\n"
    assert_right(make(text), M, W)


def test_a_function_named_like_the_derived_one(make: Make) -> None:
    text = """
        def f_backward(x):
            return x * x


        def f(x, y):
            z = f_backward(x) * y
            return z
        """
    f = derive_backward(make(text))
    dx, dy = f.backward(V, W, dz=np.ones(3))
    np.testing.assert_allclose(dx, 2 * V * W)
    np.testing.assert_allclose(dy, V * V)


COMPANION = """
    def g(x):
        y = x * x
        z = y + x
        return z


"""


def test_a_function_named_like_a_companion(make: Make) -> None:
    text = """
    def g_backward(x):
        return x * 5


    def f(x, y):
        z = g(x) * g_backward(y)
        return z
    """
    f = derive_backward(make(COMPANION + text))
    dx, dy = f.backward(V, W, dz=np.ones(3))
    np.testing.assert_allclose(dx, (2 * V + 1) * 5 * W)
    np.testing.assert_allclose(dy, 5 * (V * V + V))


def test_a_parameter_or_local_named_like_a_companion(make: Make) -> None:
    text = "    def f(x, g_backward):\n        z = g(x) * g_backward\n        return z\n"
    assert_right(make(COMPANION + text), V, W)
    text = "    def f(x, y):\n        g_backward = g(x) * y\n        return g_backward\n"
    assert_right(make(COMPANION + text), V, W)


def test_names_that_staging_would_choose(make: Make) -> None:
    text = "def f(x, product, total):\n    return np.sum(np.exp(x * product) * total)\n"
    assert_right(make(text), V, W, 2.0)
    text = """
        def f(x, x_2, x_3):
            x = x * x_2
            x = x * x_3
            x = np.exp(x) * x
            return x
        """
    assert_right(make(text), V, W, 2.0)


def test_capitals_underscores_and_other_alphabets(make: Make) -> None:
    assert_right(make("def f(X, x):\n    return X @ x\n"), M, W)
    assert_right(make("def f(_x, __y):\n    return _x * __y\n"), V, W)
    assert_right(make("def f(x, _):\n    return x * _\n"), V, W)
    assert_right(make("def f(é, α):\n    ñ = é * α\n    return ñ * ñ\n"), V, W)


def test_renaming_changes_no_number(make: Make) -> None:
    text = "def f(x, y):\n    z = np.exp(x) * y\n    return z / x\n"
    plain = derive_backward(make(text)).backward(V, W)
    words = {"x": "dz", "y": "dout", "z": "np_"}
    for old, new in words.items():
        text = text.replace(f"{old}", new) if old == "z" else text
    odd = make("def f(dz, dout):\n    np_ = np.exp(dz) * dout\n    return np_ / dz\n")
    for one, other in zip(plain, derive_backward(odd).backward(V, W), strict=True):
        np.testing.assert_array_equal(one, other)


def test_fewer_gradients_are_the_same_numbers(make: Make) -> None:
    text = """
        def f(x, y, z):
            a = x * y + z
            b = np.exp(a) * x
            c = b / np.sum(b) * y
            return c + x
        """
    everything = derive_backward(make(text)).backward(V, W, V * W)
    for names in itertools.chain(*(itertools.permutations("xyz", n) for n in (1, 2, 3))):
        some = derive_backward(make(text), wrt=names).backward(V, W, V * W)
        assert len(some) == len(names)
        for name, gradient in zip(names, some, strict=True):
            np.testing.assert_array_equal(gradient, everything["xyz".index(name)])


# Numbers


INTEGERS = np.array([1, 2, 3])


@pytest.mark.parametrize(
    "body",
    [
        "x * x",
        "x / 2",
        "x * 2.5 + x",
        "np.sum(x[[0, 0, 1]] * 1.5)",
        "x[0] * x",
        "np.mean(x)",
        "np.maximum(x, 0) * 1.5",
        "np.where(x > 1, x, x * 2)",
        "np.prod(x)",
        "np.max(x) * 1.0",
        "-x",
        "x @ x",
        "np.outer(x, x)",
        "x**-1.0",
        "x**2",
        "x.reshape(1, 3)[0]",
        "x",
        "abs(x)",
        "np.exp(x)",
    ],
)
def test_integer_arrays_get_float_gradients(make: Make, body: str) -> None:
    f = make(f"def f(x):\n    return {body}\n")
    assert_right(f, INTEGERS)
    assert f.backward(INTEGERS).dtype == np.float64


def test_numbers_that_are_int_or_bool_get_float_gradients(make: Make) -> None:
    assert_right(make("def f(x, y):\n    return x * y\n"), 2, 3)
    f = derive_backward(make("def f(x, y):\n    return x * y\n"))
    gradients = f.backward(2, True)
    assert gradients == (1.0, 2.0)
    assert all(isinstance(g, float) for g in gradients)
    f = derive_backward(make("def f(x, m):\n    return np.sum(x * m)\n"))
    dx, dm = f.backward(V, np.array([True, False, True]))
    np.testing.assert_array_equal(dx, [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(dm, V)
    assert dm.dtype == np.float64


def test_an_unsigned_integer_doesnt_wrap(make: Make) -> None:
    small = np.array([1, 200, 3], np.uint8)
    f = derive_backward(make("def f(x):\n    return np.sum(x / 2 - x * 1.5)\n"))
    np.testing.assert_array_equal(f.backward(small), [-1.0, -1.0, -1.0])


@pytest.mark.parametrize(
    "body",
    [
        "np.exp(x) * 2.5",
        "np.sum(x**2)",
        "np.mean(x)",
        "np.max(x)",
        "x[0] * x",
        "x[[0, 0, 1]]",
        "np.maximum(x, 0)",
        "np.where(x > 0, x, 0)",
        "1 / (1 + np.exp(-x))",
        "np.exp(x) / np.sum(np.exp(x))",
        "np.log1p(x * x)",
        "np.std(x)",
        "x @ x",
        "x**3",
        "x**-1",
        "np.sqrt(np.sum(x**2))",
        "np.concatenate([x, x])",
        "np.clip(x, -1, 1)",
        "x * x.size / 3",
        "np.logaddexp(x, 0)",
    ],
)
def test_float32_in_float32_out(make: Make, body: str) -> None:
    f = derive_backward(make(f"def f(x):\n    return {body}\n"))
    x = V.astype(np.float32)
    gradient = f.backward(x)
    assert gradient.dtype == np.float32
    assert general(f)(x).dtype == np.float32
    upstream = np.ones(np.shape(f(x)), np.float32)
    assert f.backward(x, dout=upstream).dtype == np.float32
    np.testing.assert_allclose(gradient, f.backward(V), rtol=1e-4, atol=1e-5)


def test_a_zero_gradient_of_float32_is_float32(make: Make) -> None:
    f = derive_backward(make("def f(x, y):\n    return y * 2\n"), wrt="x")
    assert f.backward(V.astype(np.float32), 2.0).dtype == np.float32


@pytest.mark.parametrize(
    ("body", "x", "expected"),
    [
        ("x**2", 0.0, 0.0),
        ("x**0", 0.0, 0.0),
        ("x**1", 0.0, 1.0),
        ("x**-1", -2.0, -0.25),
        ("x**-2", 2, -0.25),
        ("x**3", -2.0, 12.0),
        ("x**3", np.array([-2, 0]), [12.0, 0.0]),
        ("x**-2.0", np.array([-2, 1]), [0.25, -2.0]),
        ("np.power(x, 3)", np.array([-2.0, 0.0]), [12.0, 0.0]),
        ("math.pow(x, 3)", -2.0, 12.0),
        ("pow(x, 3)", -2.0, 12.0),
        ("-x ** 2", -2.0, 4.0),
        ("(-x) ** 2", -2.0, -4.0),
        ("2 ** -x", 1.0, -np.log(2) / 2),
        ("0 ** x", 3.0, 0.0),
        ("0.0 ** x", np.array([1.0, 2.0]), [0.0, 0.0]),
        ("x ** x", 2.0, 4 * (np.log(2) + 1)),
        ("x ** 2 ** 0.5", 1.0, 2**0.5),
        ("x**0.5", 4.0, 0.25),
    ],
)
def test_a_power_of_one_variable(make: Make, body: str, x: Any, expected: Any) -> None:
    assert_gives(make(f"def f(x):\n    return {body}\n"), (x,), expected)


@pytest.mark.parametrize(
    ("x", "n", "expected"),
    [
        (0.0, 2.0, (0.0, 0.0)),
        (0.0, 1.0, (1.0, 0.0)),
        (0.0, 0.0, (0.0, 0.0)),
        (2.0, -1.0, (-0.25, np.log(2) / 2)),
        (2, 3, (12.0, 8 * np.log(2))),
        (np.array([0.0, 2.0]), 2, ([0.0, 4.0], 4 * np.log(2))),
        (np.array([1, 2]), 2, ([2.0, 4.0], 4 * np.log(2))),
        (2.0, np.array([0.0, -1.0]), (-0.25, [np.log(2), np.log(2) / 2])),
    ],
)
def test_a_power_of_two_variables(make: Make, x: Any, n: Any, expected: Any) -> None:
    assert_gives(make("def f(x, n):\n    return x**n\n"), (x, n), expected)


def test_a_negative_base_with_a_variable_exponent(make: Make) -> None:
    f = derive_backward(make("def f(x, n):\n    return x**n\n"), wrt="x")
    x, n = np.array([0.0, -2.0, 2.0, -2.0]), np.array([0.0, 3.0, -1.0, 2.0])
    assert_gives(f, (x, n), [0.0, 12.0, -0.25, -4.0])
    assert_gives(f, (-2.0, 3), 12.0)


@pytest.mark.parametrize(
    "body",
    [
        "abs(x * 1j)",
        "abs(x * complex(0, 1))",
        "abs(x * J)",
        "np.abs(x * J)",
        "np.abs(np.array(x, dtype=complex) * 2)",
        "np.abs(np.asarray(x, complex) * 2)",
        "np.abs(np.exp(np.zeros(1, dtype=complex) + x))",
        "np.abs(np.full(1, 1j) * x)",
    ],
)
def test_complex_constants_are_refused_or_right(make: Make, body: str) -> None:
    f = make(f"J = 1j\n\n\ndef f(x):\n    return {body}\n")
    try:
        gradient = derive_backward(f).backward(2.0)
    except DerivationError:
        return
    assert not np.iscomplexobj(gradient)
    np.testing.assert_allclose(gradient, flat(numeric(f, {"x": 2.0}, "x", [1.0]))[0])


@pytest.mark.parametrize(
    "x",
    [1j, V + 0j, [1j], (1.0, 1j), np.complex64(1), {"a": 1j}, {"a": V + 0j}, [{"a": 1j}]],
    ids=repr,
)
def test_complex_arguments_are_refused(make: Make, x: Any) -> None:
    item = "x"
    while isinstance(x, (dict, list)):
        item += "['a']" if isinstance(x, dict) else "[0]"
        x = x["a"] if isinstance(x, dict) else x[0]
    f = derive_backward(make(f"def f(x):\n    return np.abs({item} * 2)\n"))
    x = x if item == "x" else nested(item, x)
    with pytest.raises(DerivationError, match="complex"):
        f.backward(x)


def nested(item: str, value: Any) -> Any:
    return {"x['a']": {"a": value}, "x[0]": [value], "x[0]['a']": [{"a": value}]}[item]


def test_a_complex_upstream_gradient_is_refused(make: Make) -> None:
    f = derive_backward(make("def f(x):\n    return x * x\n"))
    for upstream in (1j, V + 0j):
        with pytest.raises(DerivationError, match="complex"):
            f.backward(V, dout=upstream)


@pytest.mark.parametrize("x", [np.array([1.0, 2.0], object), "text", None], ids=repr)
def test_what_has_no_gradient_never_gets_zero_silently(make: Make, x: Any) -> None:
    f = derive_backward(make("def f(x):\n    y = x * x\n    return y\n"))
    with pytest.raises((DerivationError, TypeError)):
        f.backward(x)


def test_fractions_and_decimals_are_right_or_refused(make: Make) -> None:
    from decimal import Decimal
    from fractions import Fraction

    f = derive_backward(make("def f(x):\n    y = x * x\n    return y\n"))
    for x in (Fraction(3), Decimal(3)):
        try:
            gradient = f.backward(x)
        except (DerivationError, TypeError):
            continue
        assert gradient == 6.0


def test_a_cast_to_int_is_a_step(make: Make) -> None:
    f = make("def f(x):\n    return np.sum(x.astype(int) * x)\n")
    assert_gives(f, (np.array([1.5, -2.5]),), [1.0, -2.0])
    assert_gives(make("def f(x):\n    return int(x) * x\n"), (3.5,), 3.0)
    assert_gives(make("def f(x):\n    return x // 1 * x\n"), (3.5,), 3.0)


def test_remainders(make: Make) -> None:
    assert_right(make("def f(x, y):\n    return x % y\n"), 7.3, 2.1)
    assert_right(make("def f(x, y):\n    return x % y\n"), -7.3, 2.1)


def test_parentheses_are_kept(make: Make) -> None:
    for body in (
        "1 - (2 - (x - 1)) * -(x - 3)",
        "1 / (2 / (x / 3)) ** (x - 1)",
        "(x + 1) * (x - 1) / ((x + 2) / (x - 3))",
        "-(-x) ** 2 - -x ** 3",
        "2 ** x ** 0.5",
    ):
        assert_right(make(f"def f(x):\n    return {body}\n"), 1.7)


# Broadcasting


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (V, M),
        (2.0, M),
        (M, np.ones((2, 1))),
        (np.ones((2, 1)), np.ones((1, 3))),
        (np.ones((1, 1)), V),
        (np.array([2.0]), 3.0),
        (np.ones((1, 3)), V),
        (V, np.ones((4, 2, 3))),
    ],
    ids=lambda value: str(np.shape(value)),
)
def test_broadcasting_is_undone(make: Make, x: Any, y: Any) -> None:
    for body in ("x * y", "x - y", "np.maximum(x, y + 0.25)", "np.sum(x / y)"):
        assert_right(make(f"def f(x, y):\n    return {body}\n"), x, y)


def test_a_zero_dimensional_array_gets_one(make: Make) -> None:
    assert_right(make("def f(x, y):\n    return x - y\n"), np.array(2.0), M)
    assert_right(make("def f(x):\n    return x * 3.0\n"), np.array(2.0))


def test_an_update_that_broadcasts(make: Make) -> None:
    text = "def f(x, y):\n    z = y * 1.0\n    z += x\n    return z * x\n"
    assert_right(make(text), V, M)


def test_empty_arrays_get_empty_gradients(make: Make) -> None:
    f = derive_backward(make("def f(x):\n    return np.sum(np.exp(x))\n"))
    gradient = f.backward(np.zeros((0, 3)))
    assert gradient.shape == (0, 3)
    assert gradient.dtype == np.float64


# Ties and kinks


@pytest.mark.parametrize(
    "body",
    [
        "np.maximum(x, 0)",
        "np.maximum(0, x)",
        "np.maximum(x, 0.0)",
        "np.maximum(x, np.zeros(3))",
        "np.maximum(x, np.zeros_like(x))",
        "np.maximum(x, zero)",
        "np.maximum(x, Z)",
        "-np.minimum(-x, 0)",
        "np.clip(x, 0, None)",
        "x.clip(0, 5)",
        "x * (x > 0)",
        "np.where(x > 0, x, 0)",
        "np.fmax(x, 0)",
    ],
)
def test_relu_has_slope_zero_at_zero(make: Make, body: str) -> None:
    text = f"Z = 0.0\n\n\ndef f(x):\n    zero = 0\n    return {body}\n"
    assert_gives(make(text), (np.array([0.0, 1.0, -1.0]),), [0.0, 1.0, 0.0])


def test_a_tie_is_shared_equally(make: Make) -> None:
    for name in ("maximum", "minimum"):
        f = make(f"def f(x, y):\n    return np.{name}(x, y)\n")
        assert_gives(f, (np.zeros(2), np.zeros(2)), ([0.5, 0.5], [0.5, 0.5]))
        assert_gives(f, (0.0, 0.0), (0.5, 0.5))
        f = derive_backward(make(f"def f(x, y):\n    return np.{name}(x, y)\n"), wrt="x")
        assert_gives(f, (0.0, 0.0), 0.5)


def test_equal_greatest_entries_share_equally(make: Make) -> None:
    f = make("def f(x):\n    return np.max(x)\n")
    assert_gives(f, (np.array([1.0, 2.0, 2.0]),), [0.0, 0.5, 0.5])
    f = make("def f(x):\n    return x.min(axis=0)\n")
    x = np.array([[1.0, 2.0], [1.0, 3.0]])
    assert_gives(f, (x,), [[0.5, 1.0], [0.5, 0.0]])


def test_pythons_max_and_min_follow_the_operand_returned(make: Make) -> None:
    for name in ("max", "min"):
        f = make(f"def f(x, y):\n    return {name}(x, y)\n")
        assert_gives(f, (1.0, 1.0), (1.0, 0.0))
        f = make(f"def f(x, y, z):\n    return {name}(x, y, z)\n")
        assert_gives(f, (2.0, 2.0, 2.0), (1.0, 0.0, 0.0))
    f = make("def f(x, y, z):\n    return max(x, y, z)\n")
    assert_gives(f, (1.0, 2.0, 2.0), (0.0, 1.0, 0.0))
    assert_gives(f, (1.0, 2.0, 3.0), (0.0, 0.0, 1.0))


def test_pythons_max_with_zero_is_relu(make: Make) -> None:
    for body in ("max(x, 0)", "max(0, x)", "max(x, 0.0)"):
        f = make(f"def f(x):\n    return {body}\n")
        for x, slope in ((0.0, 0.0), (2.0, 1.0), (-2.0, 0.0)):
            assert_gives(f, (x,), slope)


def test_the_absolute_value_at_zero(make: Make) -> None:
    for name in ("abs", "np.abs", "math.fabs", "np.fabs"):
        f = make(f"def f(x):\n    return {name}(x)\n")
        for x, slope in ((0.0, 0.0), (-2.0, -1.0), (2.0, 1.0)):
            assert_gives(f, (x,), slope)


def test_a_conditional_expression_follows_the_branch_taken(make: Make) -> None:
    assert_gives(make("def f(x):\n    return x if x > 0 else -x\n"), (0.0,), -1.0)
    assert_gives(make("def f(x):\n    return x if x >= 0 else -x\n"), (0.0,), 1.0)
    assert_gives(make("def f(x, y):\n    return x if x < y < 3 else y * y\n"), (1.0, 2.0), (1, 0))
    assert_gives(make("def f(x, y):\n    return x if x < y < 3 else y * y\n"), (1.0, 3.0), (0, 6))


@pytest.mark.parametrize(
    ("lines", "x", "expected"),
    [
        ("y = np.where(x > 0, np.log(x), 0)", [0.0, 1.0, -2.0], [0.0, 1.0, 0.0]),
        ("l = np.log(x)\ny = np.where(x > 0, l, 0)", [0.0, 1.0, -2.0], [0.0, 1.0, 0.0]),
        (
            "l = np.log(x)\nm = x > 0\ny = np.where(m, l * x, 0)",
            [0.0, 1.0, -2.0],
            [0.0, 1.0, 0.0],
        ),
        ("y = np.where(x > 0, np.sqrt(x), 0)", [0.0, 1.0, -2.0], [0.0, 0.5, 0.0]),
        (
            "s = np.sqrt(x)\nt = 3 * s\ny = np.where(x > 0, t * t, 0)",
            [0.0, 1.0, -2.0],
            [0.0, 9.0, 0.0],
        ),
        ("y = np.where(x != 0, 1 / x, 0)", [0.0, 1.0, -2.0], [0.0, -1.0, -0.25]),
        ("r = 1 / x\ny = np.where(x != 0, r, 0)", [0.0, 1.0, -2.0], [0.0, -1.0, -0.25]),
        ("y = np.where(x > 10, x, np.exp(x))", [1000.0, 0.0], [1.0, 1.0]),
        ("e = np.exp(x)\nt = e * e\ny = np.where(x > 10, x, t)", [1000.0, 0.0], [1.0, 2.0]),
        ("y = np.where(x > 0, x**0.5, 0)", [0.0, 1.0], [0.0, 0.5]),
        ("y = np.where(x > 0, x**-1, 0)", [0.0, 1.0], [0.0, -1.0]),
        ("a = np.arccos(x)\ny = np.where(np.abs(x) < 1, a, 0)", [1.0, 0.0], [0.0, -1.0]),
        ("l = np.log(x)\nz = np.where(x > 0, l, 0)\ny = z * x", [0.0, 1.0], [0.0, 1.0]),
    ],
)
def test_the_unused_branch_of_where_never_leaks(
    make: Make, lines: str, x: list[float], expected: list[float]
) -> None:
    body = textwrap.indent(lines, "    ")
    f = make(f"def f(x):\n{body}\n    return np.sum(y)\n")
    assert_gives(f, (np.array(x),), expected)


def test_the_unused_branch_of_where_with_two_variables(make: Make) -> None:
    text = "def f(x, y):\n    r = x / y\n    return np.sum(np.where(y > 0, r, x))\n"
    x, y = np.array([1.0, 2.0]), np.array([0.0, 2.0])
    assert_gives(make(text), (x, y), ([1.0, 0.5], [0.0, -0.5]))


@pytest.mark.parametrize(
    "body",
    [
        "np.sqrt(np.sum(x**2))",
        "np.sqrt(np.sum(x * x))",
        "np.sqrt(np.sum(np.square(x)))",
        "np.sqrt((x**2).sum())",
        "np.sqrt(x @ x)",
        "np.sqrt(np.dot(x, x))",
        "np.sqrt(x.dot(x))",
        "np.sum(x**2) ** 0.5",
        "(x @ x) ** 0.5",
        "np.sqrt(x[0] ** 2 + x[1] ** 2)",
        "math.sqrt(x[0] ** 2 + x[1] ** 2)",
        "np.hypot(x[0], x[1])",
    ],
)
def test_the_norm_of_zero_has_gradient_zero(make: Make, body: str) -> None:
    assert_gives(make(f"def f(x):\n    return {body}\n"), (np.zeros(2),), [0.0, 0.0])


def test_the_norm_of_zero_in_two_lines_and_by_rows(make: Make) -> None:
    text = "def f(x):\n    s = np.sum(x**2)\n    r = np.sqrt(s)\n    return r\n"
    assert_gives(make(text), (np.zeros(3),), [0.0, 0.0, 0.0])
    text = "def f(x):\n    return np.sqrt(np.sum(x**2, axis=1))\n"
    assert_gives(make(text), (np.zeros((2, 3)),), np.zeros((2, 3)))
    text = "def f(x, y):\n    return np.sqrt(np.sum((x - y) ** 2))\n"
    assert_gives(make(text), (np.ones(2), np.ones(2)), ([0.0, 0.0], [0.0, 0.0]))


# Conditional expressions


@pytest.mark.parametrize(
    ("body", "x", "expected"),
    [
        ("math.log(x) if x > 0 else 0.0", -1.0, 0.0),
        ("math.log(x) if x > 0 else 0.0", 2.0, 0.5),
        ("(math.log(x) if x > 0 else x * 3) ** 2", -1.0, -18.0),
        ("(math.sqrt(math.log(x)) if x > 1 else x**2) ** 2", -1.0, -4.0),
        ("1 / x if x != 0 else x", 0.0, 1.0),
        ("x if x <= 0 else (1.0 if x > 5 else math.log(x))", -1.0, 1.0),
        ("math.exp(1 / x) * (1 / x) if x else x", 0.0, 1.0),
        ("x if not x > 0 else math.sqrt(x)", -4.0, 1.0),
    ],
)
def test_only_the_branch_taken_is_evaluated(
    make: Make, body: str, x: float, expected: float
) -> None:
    assert_gives(make(f"def f(x):\n    y = {body}\n    return y\n"), (x,), expected)


def test_an_index_of_the_branch_not_taken_isnt_read(make: Make) -> None:
    text = "def f(x, i):\n    return x[i] if i < len(x) else x[0] * 2\n"
    assert_gives(make(text), ([1.0, 2.0], 5), [2.0, 0.0])
    assert_gives(make(text), (np.array([1.0, 2.0]), 5), [2.0, 0.0])
    assert_gives(make(text), ([1.0, 2.0], 1), [0.0, 1.0])


def test_a_helper_of_the_branch_not_taken_isnt_called(make: Make) -> None:
    text = """
        def g(x):
            y = math.log(x)
            return y * y


        def f(x):
            return g(x) if x > 0 else x
        """
    assert_gives(make(text), (-1.0,), 1.0)
    assert_gives(make(text), (2.0,), np.log(2.0))
    text = """
        def g(x):
            return math.log(x)


        def f(x):
            return g(x) * g(x * 2) if x > 0 else x
        """
    assert_gives(make(text), (-1.0,), 1.0)


def test_a_tuple_chosen_by_a_conditional(make: Make) -> None:
    text = "def f(x):\n    a, b = (x, x * 2) if x > 0 else (x * 3, x)\n    return a * b\n"
    assert_right_or_refused(make(text), 0.5)
    assert_right_or_refused(make(text), -0.5)


def test_and_or_between_numbers_are_right_or_refused(make: Make) -> None:
    for body in ("(x > 0 and x) or 2 * x", "x or 3.0", "x and x * x"):
        for x in (1.5, -1.5):
            assert_right_or_refused(make(f"def f(x):\n    return {body}\n"), x)


# Indices


def test_repeated_indices_are_all_counted(make: Make) -> None:
    f = make("def f(x, i):\n    return np.sum(x[i] ** 2)\n")
    assert_gives(f, (np.array([1.0, 3.0, 2.0]), np.array([0, 0, -3, 1])), [6.0, 6.0, 0.0])
    f = make("def f(x, i):\n    return np.sum(x[i, [0, 0]])\n")
    assert_gives(f, (np.ones((2, 2)), np.array([0, 0])), [[2.0, 0.0], [0.0, 0.0]])
    f = make("def f(x, i):\n    y = x[i]\n    return np.sum(y[i])\n")
    assert_gives(f, (np.array([1.0, 3.0, 2.0]), np.array([0, 0, 1])), [3.0, 0.0, 0.0])
    f = make("def f(x):\n    return np.sum(x[[0, 0, 2]] * np.array([1.0, 2.0, 4.0]))\n")
    assert_gives(f, (np.array([1.0, 3.0, 2.0]),), [3.0, 0.0, 4.0])


def test_one_item_read_by_two_indices(make: Make) -> None:
    f = make("def f(x, i, j):\n    return x[i] * x[j]\n")
    assert_gives(f, ([1.0, 2.0], 1, 1), [0.0, 4.0])
    assert_gives(f, ([1.0, 2.0], 1, -1), [0.0, 4.0])
    assert_gives(f, (np.array([1.0, 2.0]), 1, -1), [0.0, 4.0])


def test_masks_slices_and_steps(make: Make) -> None:
    x = np.array([1.0, 3.0, 2.0, 5.0])
    f = make("def f(x):\n    return np.sum(x[x > 1.5] ** 2)\n")
    assert_gives(f, (x,), [0.0, 6.0, 4.0, 10.0])
    text = """
        def f(x):
            return x[-1] * x[len(x) - 2] * x[0:2].sum() * x[::2].sum() * x[::-1][0]
        """
    assert_right(make(text), x)
    text = "def f(x):\n    return x[np.newaxis, :].T @ x[None] * x[:, None]\n"
    assert_right(make(text), V)


def test_indices_found_while_running(make: Make) -> None:
    f = make("def f(x):\n    return x[np.argmax(x)] * x\n")
    assert_right(f, V)
    f = make("def f(x):\n    i = np.argsort(x)\n    return x[i] * np.arange(3)\n")
    assert_right(f, V)
    f = make("def f(x):\n    i = np.where(x > 0)\n    return np.sum(x[i] ** 2)\n")
    assert_right_or_refused(f, V)


# Calls


SQUARE = """
    def g(x, k=3.0):
        y = x * k
        return y * y


"""
SCALED = "    def g(x, k=3.0):\n        return x * k\n\n\n"


@pytest.mark.parametrize("helper", [SQUARE, SCALED])
def test_defaults_and_keywords_of_a_helper(make: Make, helper: str) -> None:
    for call in ("g(x) * g(x, k=2.0)", "g(k=x, x=2.0)", "g(2.0, x)", "g(x, g(x, k=x))"):
        assert_right(make(f"{helper}    def f(x):\n        return {call}\n"), V)


def test_keyword_only_and_positional_only_parameters_of_a_helper(make: Make) -> None:
    text = "def g(x, /, y, *, k=3.0):\n    z = x * k\n    return z * y\n\n\n"
    assert_right(make(f"{text}def f(x):\n    return g(x, y=x, k=x) + g(x, 2.0)\n"), V)


def test_a_default_is_the_value_at_the_definition(make: Make) -> None:
    for lines in ("y = x * k\n    return y * y", "return x * k"):
        text = f"""
K = 3.0


def g(x, k=K):
    {lines}


K = 5.0


def f(x):
    return g(x) * K
"""
        assert_right(make(text), V)


def test_a_helper_that_calls_a_helper(make: Make) -> None:
    text = """
        def h(x):
            return np.sin(x)


        def g(x):
            y = h(x) * x
            return h(y)


        def f(x):
            z = g(x) + h(x)
            return g(z) * z
        """
    assert_right(make(text), V)


def test_a_helper_that_rebinds_its_parameters(make: Make) -> None:
    text = """
        def g(x, y):
            x = x * y
            y = x + y
            return x * y


        def f(x):
            y = g(x, x)
            z = g(y, x)
            return z * y
        """
    assert_right(make(text), V)


def test_a_helper_with_several_results(make: Make) -> None:
    text = """
        def g(x):
            return x, x * x


        def f(x):
            a, b = g(x)
            return a * b
        """
    assert_right(make(text), V)
    text = """
        def g(x):
            y = x * 2
            return y, y * x


        def f(x):
            a, b = g(x)
            return a * b
        """
    assert_right_or_refused(make(text), V)


def test_a_helper_reads_a_variable_of_its_module(make: Make) -> None:
    text = """
        K = 2.0


        def g(x):
            y = x * K
            return y * y


        def h(x):
            return x * K


        def f(x):
            return g(x) * h(x)
        """
    f = make(text)
    assert_right(f, V)
    module_of(f).K = 5.0
    assert_right(f, V)


def test_a_default_that_is_computed(make: Make) -> None:
    for default in ("1 + 2", "np.pi", "-1.5", "2 * math.pi"):
        text = f"def g(x, k={default}):\n    y = x * k\n    return y * y\n\n\n"
        assert_right(make(f"{text}def f(x):\n    return g(x)\n"), V)


def test_variables_of_the_module_that_change_between_calls(make: Make) -> None:
    f = make("K = 2.0\n\n\ndef f(x):\n    y = x * K\n    return y * y\n")
    assert_right(f, V)
    for value in (5.0, 3, np.array([1.0, 2.0, 3.0]), -1.0):
        module_of(f).K = value
        assert_right(f, V)


def test_a_helper_that_is_replaced_between_calls(make: Make) -> None:
    """Forward calls the new one; the gradient of the old one would be wrong."""
    text = """
        def h(x):
            return x * x


        def g(x):
            y = x * 7
            return y


        def f(x):
            return h(x)
        """
    f = derive_backward(make(text))
    np.testing.assert_allclose(f.backward(V), 2 * V)
    module_of(f).h = module_of(f).g
    try:
        gradient = f.backward(V)
    except DerivationError:
        return
    np.testing.assert_allclose(gradient, [7.0, 7.0, 7.0])


def test_a_closures_variable_that_changes_between_calls() -> None:
    k = 1.0

    @derive_backward
    def f(x: Any) -> Any:
        y = x * k
        return y * y

    np.testing.assert_allclose(f.backward(V), 2 * V)  # type: ignore[attr-defined]
    k = 3.0
    np.testing.assert_allclose(f.backward(V), 18 * V)  # type: ignore[attr-defined]


def scaled_by(k: float) -> Any:
    def f(x: Any) -> Any:
        return x * k

    return f


def squared(k: float) -> Any:
    def h(x: Any) -> Any:
        y = x * k
        return y * y

    return h


def product_of(g: Any, h: Any) -> Any:
    def f(x: Any) -> Any:
        return g(x) * h(x)

    return f


def test_two_closures_of_one_text() -> None:
    three, five = derive_backward(scaled_by(3.0)), derive_backward(scaled_by(5.0))
    assert three.backward(2.0) == 3.0
    assert five.backward(2.0) == 5.0
    assert three.value_and_grad(2.0) == (6.0, 3.0)


def test_a_helper_that_is_a_closure() -> None:
    f = derive_backward(product_of(scaled_by(2.0), scaled_by(3.0)))
    assert f.backward(2.0) == 24.0


def test_a_helper_of_several_lines_that_is_a_closure() -> None:
    """Both are called h, and each has its own k."""
    f = derive_backward(product_of(squared(2.0), squared(3.0)))
    assert f.backward(1.0) == 144.0


def test_two_helpers_in_turn_under_one_name(make: Make) -> None:
    first, second = make(COMPANION), None
    assert second is None
    f = derive_backward(product_of(first.__globals__["g"], scaled_by(1.0)))
    assert f.backward(1.0) == 5.0


def test_recursion_is_refused(make: Make) -> None:
    text = "def f(x):\n    return f(x - 1) * 2 if x > 0 else x\n"
    refusal(make(text), 6)
    text = """
        def g(x):
            return h(x - 1) if x > 0 else x


        def h(x):
            return g(x) * 2


        def f(x):
            return g(x)
        """
    refusal(make(text))


@pytest.mark.parametrize(
    ("imports", "draw"),
    [
        ("import numpy as np", "np.random.rand()"),
        ("import numpy as np", "np.random.standard_normal(3)"),
        ("import numpy as np", "np.random.default_rng().random()"),
        ("import numpy as np\nrng = np.random.default_rng(0)", "rng.random()"),
        ("import random", "random.random()"),
        ("from random import random", "random()"),
        ("from random import gauss as g", "g(0, 1)"),
        ("import time", "time.time()"),
        ("from time import time", "time()"),
        ("import os", "len(os.urandom(3))"),
        ("", "float(input())"),
        ("", "len(open('x').read())"),
        ("", "id(x)"),
        ("", "hash('x')"),
    ],
)
def test_draws_and_other_effects_are_refused(make: Make, imports: str, draw: str) -> None:
    refusal(make(f"def f(x):\n    y = x * {draw}\n    return y\n", f"{imports}\n\n\n"))


def test_a_draw_in_a_helper_is_refused(make: Make) -> None:
    text = "def g(x):\n    n = np.random.rand()\n    return x * n\n\n\n"
    refusal(make(f"{text}def f(x):\n    return g(x)\n"), 7 - 1)


def test_global_and_nonlocal_are_refused(make: Make) -> None:
    refusal(make("def f(x):\n    global K\n    K = x\n    return x * x\n"), 6)

    def outer() -> Any:
        k = 1.0

        def f(x: Any) -> Any:
            nonlocal k
            k = x
            return x * k

        return f

    refusal(outer())


def test_print_runs_in_forward_alone(make: Make, capsys: Any) -> None:
    f = make("def f(x):\n    print('seen', x)\n    y = x * x\n    print(y)\n    return y\n")
    derive_backward(f)
    assert f.backward(3.0) == 6.0
    assert capsys.readouterr().out == ""
    assert "print" not in f.backward.source
    f(3.0)
    assert capsys.readouterr().out == "seen 3.0\n9.0\n"


def test_a_decorated_helper_is_read_right_or_refused(make: Make) -> None:
    text = """
        def twice(function):
            def wrapped(x):
                return 2 * function(x)

            return wrapped


        @twice
        def g(x):
            y = x * x
            return y


        def f(x):
            return g(x)
        """
    assert_right_or_refused(make(text), V)


def test_a_helper_defined_twice_is_the_last_one(make: Make) -> None:
    text = """
        def g(x):
            return x * x


        def g(x):
            return x * 3


        def f(x):
            return g(x)
        """
    assert_right(make(text), V)
    text = "def g(x):\n    return x * x\n\n\ng = np.sin\n\n\ndef f(x):\n    return g(x)\n"
    assert_right(make(text), V)


def test_attributes_of_arrays(make: Make) -> None:
    text = "def f(x):\n    n, d = x.shape\n    return x.T * x.size / n * d * x.ndim\n"
    assert_right(make(text), M)


def test_attributes_of_classes_and_objects_are_right_or_refused(make: Make) -> None:
    text = "class C:\n    k = 3.0\n\n\nc = C()\n\n\ndef f(x):\n    return x * {}.k\n"
    assert_right_or_refused(make(text.format("C")), V)
    assert_right_or_refused(make(text.format("c")), V)


def test_an_attribute_of_a_class_that_changes_between_calls(make: Make) -> None:
    f = make("class C:\n    k = 3.0\n\n\ndef f(x):\n    return x * C.k\n")
    try:
        derive_backward(f)
    except DerivationError:
        return
    assert f.backward(2.0) == 3.0
    module_of(f).C.k = 5.0
    assert f.backward(2.0) == 5.0


# Parameters


def test_lists_tuples_and_nested_lists(make: Make) -> None:
    text = "def f(w, x):\n    return 1 / (1 + math.exp(-(w[0] * x[0] + w[1] * x[1] + w[-1])))\n"
    assert_right(make(text), [2.0, -3.0, -3.0], [-1.0, -2.0])
    assert_right(make(text), (2.0, -3.0, -3.0), [-1, -2])
    assert_right(make(text), np.array([2.0, -3.0, -3.0]), (-1.0, -2.0))
    text = "def f(w):\n    return w[0][1] * w[1][0]\n"
    assert_right(make(text), [[1.0, 2.0], [3.0, 4.0]])
    assert_right(make(text), ((1.0, 2.0), (3.0, 4.0)))
    assert_right(make(text), [(1.0, 2.0), [3.0, 4.0, 5.0]])


def test_lists_of_arrays_and_unpacked_parameters(make: Make) -> None:
    assert_right(make("def f(w):\n    a, b = w\n    return a @ b\n"), [M, W])
    assert_right(make("def f(w):\n    return w[0] @ w[1]\n"), (M, W))
    assert_right(make("def f(x):\n    a, b, c = x\n    return a * b * c\n"), V)
    assert_right(make("def f(w):\n    return np.sum(np.array(w) ** 2)\n"), [[1.0, 2.0], [3.0, 4.0]])


def test_a_list_where_numpy_takes_an_array(make: Make) -> None:
    for body in ("np.exp(w)", "np.sum(w)", "np.array(w) * 2", "w * np.ones(3)", "np.max(w)"):
        assert_right(make(f"def f(w):\n    return {body}\n"), [1.0, 2.0, 3.0])


def test_a_list_given_to_products(make: Make) -> None:
    for body in ("np.dot(w, x)", "np.dot(x, w)", "np.inner(w, x)", "x @ w", "np.outer(w, x)"):
        f = make(f"def f(w, x):\n    return {body}\n")
        assert_right(f, [1.0, 2.0, 3.0], V)
    assert_right(make("def f(w):\n    return np.dot(w, w)\n"), [1.0, 2.0, 3.0])


def test_dicts(make: Make) -> None:
    assert_right(make("def f(p):\n    return p['a'] * p['b']\n"), {"a": 2.0, "b": 3.0})
    text = "def f(p, x):\n    return np.sum(x @ p['w'] + p['b']) * p['b'][0]\n"
    assert_right(make(text), {"w": W, "b": np.ones(2), "unused": V}, M)
    assert_right(make("def f(p):\n    return p['a']['b']\n"), {"a": {"b": 1.0}, "c": 2})
    assert_right(make("def f(p):\n    return p['a'][0] ** 2\n"), {"a": [1.0, 2.0]})
    assert_right(make("def f(p):\n    return p[0]['a'] ** 2\n"), [{"a": 1.5}])


def test_positional_only_keyword_only_and_defaults(make: Make) -> None:
    f = make("def f(x, /, y=3.0, *, k=2.0):\n    z = x * y * k\n    return z * x\n")
    assert_right(f, 2.0, 5.0, 7.0)
    assert f.backward(2.0) == (4 * 3.0 * 2.0, 8.0, 12.0)
    assert f.backward(2.0, k=1.0, dz=2.0) == pytest.approx((24.0, 8.0, 24.0))


def test_parameters_that_are_no_numbers(make: Make) -> None:
    text = "def f(x, mode='a', p=None, axis=0):\n    {}\n    return y\n"
    f = make(text.format("y = np.sum(x, axis=axis) * 2 if mode == 'a' else x"))
    derive_backward(f)
    np.testing.assert_array_equal(f.backward(M), np.full((2, 3), 2.0))
    np.testing.assert_array_equal(f.backward(M, axis=1), np.full((2, 3), 2.0))
    np.testing.assert_array_equal(f.backward(M, mode="b"), np.ones((2, 3)))
    np.testing.assert_array_equal(f.backward(M, axis=(0, 1)), np.full((2, 3), 2.0))


def test_wrt_in_any_order_as_tuple_or_as_name(make: Make) -> None:
    text = "def f(x, y):\n    return x * y\n"
    assert derive_backward(make(text), wrt=("y", "x")).backward(2.0, 3.0) == (2.0, 3.0)
    assert derive_backward(make(text), wrt=("y",)).backward(2.0, 3.0) == (2.0,)
    assert derive_backward(make(text), wrt="y").backward(2.0, 3.0) == 2.0


@pytest.mark.parametrize(
    "x",
    [V, np.array([1, 2]), 3, 3.0, [1.0, V], (1, 2), {"a": 1.0, "b": V}, [[1.0], []]],
    ids=repr,
)
def test_a_parameter_without_influence_gets_zeros_of_its_form(make: Make, x: Any) -> None:
    f = derive_backward(make("def f(x, y):\n    return y * 2\n"), wrt=("y", "x"))
    dy, dx = f.backward(x, 3.0)
    assert dy == 2.0
    assert same_structure(dx, x)
    assert not flat(dx).any()
    assert flat(dx).size == flat(x).size


# Several outputs and upstream gradients


def test_several_outputs(make: Make) -> None:
    assert_right(make("def f(x, y):\n    a = x * y\n    b = x + y\n    return a, b\n"), V, W)
    assert_right(make("def f(x, y):\n    t = x * y\n    return t, np.sum(t) ** 2\n"), V, W)
    assert_right(make("def f(x, y):\n    return x * y, 3.0, x\n"), V, W)
    assert_right(make("def f(x, y):\n    return x > y, x * y\n"), V, W)
    assert_right(make("def f(x, y):\n    (a, b) = (x * 2, y)\n    return (b, a)\n"), V, W)


def test_a_returned_variable_that_holds_a_tuple(make: Make) -> None:
    """Each of its items needs an upstream gradient of its own, in its shape."""
    f = make("def f(x, y):\n    t = (np.sum(x * y), y * y)\n    return t\n")
    try:
        derive_backward(f)
    except DerivationError:
        return
    ups = upstream_names(f)
    given = {ups[0]: (2.0, V)} if len(ups) == 1 else dict(zip(ups, (2.0, V), strict=True))
    dx, dy = f.backward(V, W, **given)
    np.testing.assert_allclose(dx, 2 * W)
    np.testing.assert_allclose(dy, 2 * V + 2 * W * V)


def test_a_helpers_tuple_returned_as_it_is(make: Make) -> None:
    f = make("def g(x):\n    return np.sum(x), x * x\n\n\ndef f(x):\n    return g(x)\n")
    try:
        derive_backward(f)
    except DerivationError:
        return
    ups = upstream_names(f)
    given = {ups[0]: (2.0, W)} if len(ups) == 1 else dict(zip(ups, (2.0, W), strict=True))
    np.testing.assert_allclose(f.backward(V, **given), 2 + 2 * V * W)


def test_an_integer_or_a_list_as_upstream_gradient(make: Make) -> None:
    f = derive_backward(make("def f(x):\n    return np.exp(x)\n"))
    expected = np.exp(V) * [1.0, 2.0, 3.0]
    for upstream in ([1, 2, 3], (1.0, 2, 3), np.array([1, 2, 3]), np.array([1.0, 2.0, 3.0])):
        np.testing.assert_allclose(f.backward(V, dout=upstream), expected)
        np.testing.assert_allclose(f.backward(V, upstream), expected)
        np.testing.assert_allclose(f.value_and_grad(V, dout=upstream)[1], expected)
    np.testing.assert_allclose(f.backward(V, dout=2), 2 * np.exp(V))
    np.testing.assert_allclose(f.backward(V, 2), 2 * np.exp(V))
    assert f.backward(1, dout=2) == pytest.approx(2 * np.e)


def test_an_upstream_gradient_of_another_shape_is_no_gradient(make: Make) -> None:
    """A gradient has the shape of its argument, or there is an error."""
    f = derive_backward(make("def f(x):\n    return np.exp(x)\n"))
    for x, upstream in ((V, np.ones(2)), (V, np.ones((2, 3))), (1.0, np.ones(3))):
        try:
            gradient = f.backward(x, dout=upstream)
        except (DerivationError, ValueError, TypeError):
            continue
        assert np.shape(gradient) == np.shape(x)


def test_gradients_are_linear_in_the_upstream(make: Make) -> None:
    f = derive_backward(make("def f(x, y):\n    return np.maximum(x, y) * np.exp(x)\n"))
    ones = f.backward(V, W, dout=V)
    for one, other in zip(ones, f.backward(V, W, dout=-3 * V), strict=True):
        np.testing.assert_allclose(-3 * one, other)


# Annotations and forms of text


def test_a_call_against_the_annotations_is_right_all_the_same(make: Make) -> None:
    f = derive_backward(make("def f(x: float, y: float) -> float:\n    return x * y\n"))
    for x, y in ((2.0, 3.0), (V, W), (V, 2.0), (2.0, M)):
        dx, dy = f.backward(x, y)
        assert np.shape(dx) == np.shape(x)
        assert np.shape(dy) == np.shape(y)
        np.testing.assert_allclose(np.sum(dx), np.sum(y * np.ones_like(x)))
        np.testing.assert_allclose(np.sum(dy), np.sum(x * np.ones_like(y)))
    f = derive_backward(make("def f(x: int) -> float:\n    return x * x\n"))
    assert f.backward(2.5) == 5.0


def test_sizes_against_the_annotations_are_right_all_the_same(make: Make) -> None:
    kind = 'Float[np.ndarray, "n"]'
    text = f"from jaxtyping import Float\n\n\ndef f(x: {kind}, y: {kind}):\n    return x * y\n"
    f = derive_backward(make(text))
    for x, y in ((V, W), (V, W[:1]), (V, M)):
        dx, dy = f.backward(x, y)
        assert np.shape(dx) == np.shape(x)
        assert np.shape(dy) == np.shape(y)


@pytest.mark.parametrize(
    "text",
    [
        "def f(x): return x * x\n",
        "def f(x): y = x * x; return y\n",
        "def f(x):\n    y = x; y = y * x; return y\n",
        "def f(x):\n\ty = x * x\n\treturn y\n",
        "def f(x):\n    y = (x *\n         x)  # c\n    return (\n        y\n    )\n",
        "def f(x):\n    y = x \\\n        * x\n    return y\n",
        "def f(x):\n    '''Doc \"quotes\" \\\\ here.'''\n    return x * x\n",
        "def f(x):\n    y: float = x * x\n    z: float\n    z = y\n    return z\n",
        "def f(x):\n    # one\n\n    y = x * x  # two\n    # three\n    return y\n    # four\n",
        "def f(\n    x,\n):\n    pass\n    ...\n    return x * x\n",
        "if True:\n    def f(x):\n        return x * x\n",
        "def f(x):\r\n    y = x * x\r\n    return y\r\n",
    ],
)
def test_any_layout_of_the_text(make: Make, text: str) -> None:
    assert_right(make(text), V)
