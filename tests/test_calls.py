"""Calls, closures, functions as values and transforms in functions: every way gives the gradient.

The programs are files of `call_programs`, each with a function `f` and the arguments to call it
with; what is derived is held against central differences.
"""

from __future__ import annotations

import copy
import importlib.util
import inspect
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward, grad, hessian, jacobian, value_and_grad, vjp
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

FOLDER = Path(__file__).resolve().parent / "call_programs"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))
LIVE = {  # what needs the program itself, not its text alone: the code with which text is refused
    "partial_arg": "SD132",
    "closure_changes": "SD103",
}
TRANSFORMS = "from srcdiff import"
STEPS = (1e-5, 1e-6)


def loaded(name: str) -> types.ModuleType:
    """Give a module of its own each time, as deriving leaves attributes on functions."""
    path = FOLDER / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"call_programs_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def leaves(value: Any) -> Iterator[Any]:
    """Give the numbers and arrays in a structure."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, (float, np.ndarray, np.floating)):
        yield value


def rebuilt(value: Any, new: Iterator[Any]) -> Any:
    """Give a structure with other numbers and arrays."""
    if isinstance(value, dict):
        return {key: rebuilt(item, new) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(rebuilt(item, new) for item in value)
    return next(new) if isinstance(value, (float, np.ndarray, np.floating)) else value


def direction(leaf: Any, place: int) -> Any:
    """Give a direction that tells the entries of an argument apart."""
    entries = np.cos(np.arange(1.0, np.size(leaf) + 1.0) * (1.0 + 0.37 * place))
    return entries.reshape(np.shape(leaf)) if np.ndim(leaf) else float(entries[0])


def directed(value: Any, place: int) -> Any:
    return rebuilt(value, (direction(leaf, place) for leaf in leaves(value)))


def moved(value: Any, place: int, step: float) -> Any:
    return rebuilt(value, (leaf + step * direction(leaf, place) for leaf in leaves(value)))


def weights(value: Any) -> Any:
    """Give an upstream gradient in the structure of an output."""
    if isinstance(value, (list, tuple, dict)):
        values = value.items() if isinstance(value, dict) else value
        if isinstance(value, dict):
            return {key: weights(item) for key, item in values}
        return type(value)(map(weights, values))
    return direction(value, 7) if isinstance(value, (float, np.ndarray, np.floating)) else 1.0


def total(value: Any) -> float:
    """Give an output's product with its weights."""
    both = zip(leaves(value), leaves(weights(value)), strict=True)
    return float(sum(np.sum(part * weight) for part, weight in both))


def product(gradient: Any, along: Any) -> float:
    """Give a gradient's product with a direction; what is no number has none."""
    if isinstance(along, dict):
        return sum(product(gradient[key], item) for key, item in along.items())
    if isinstance(along, (list, tuple)):
        return sum(product(*pair) for pair in zip(gradient, along, strict=True))
    return float(np.sum(gradient * along)) if is_numbers(along) else 0.0


def is_numbers(value: Any) -> bool:
    return next(leaves(value), None) is not None


def slopes(function: Callable[..., Any], arguments: list[Any], place: int) -> list[float]:
    found = []
    for step in STEPS:
        ends = []
        for sign in (1, -1):
            given = [copy.deepcopy(a) if not callable(a) else a for a in arguments]
            given[place] = moved(given[place], place, sign * step)
            ends.append(total(function(*given)))
        found.append((ends[0] - ends[1]) / (2 * step))
    return found


def check(
    function: Callable[..., Any], arguments: list[Any], gradients: dict[str, Any], what: str
) -> None:
    """Compare gradients by parameter with central differences."""
    names = list(inspect.signature(function).parameters)
    for place, value in enumerate(arguments):
        if callable(value) or not is_numbers(value):
            continue
        gradient = gradients.get(names[place])
        wanted = slopes(function, arguments, place)
        if gradient is None:
            assert wanted == pytest.approx([0.0, 0.0], abs=1e-8), (what, names[place])
            continue
        mine = product(gradient, directed(value, place))
        assert [mine] * len(wanted) == pytest.approx(wanted, rel=1e-5, abs=1e-7), (
            what,
            names[place],
        )


def upstreams(value: Any, count: int) -> tuple[Any, ...]:
    return tuple(map(weights, value)) if count > 1 else (weights(value),)


def points(module: types.ModuleType) -> list[list[Any]]:
    return [list(point) for point in module.POINTS]


@pytest.mark.parametrize("name", NAMES)
def test_the_decorator_gives_the_gradient(name: str) -> None:
    module = loaded(name)
    function = module.f
    derive_backward(function)
    for arguments in points(module):
        before = copy.deepcopy([a for a in arguments if not callable(a)])
        value = function(*arguments)
        backward = function.backward
        count = len(value) if isinstance(value, tuple) else 1
        found = backward(*arguments, **named(backward, arguments, value, count))
        wanted = wanted_of(function, arguments, backward)
        gradients = found if len(wanted) > 1 else (found,)
        check(function, arguments, dict(zip(wanted, gradients, strict=True)), "decorator")
        np.testing.assert_equal([a for a in arguments if not callable(a)], before)


def named(backward: Any, arguments: list[Any], value: Any, count: int) -> dict[str, Any]:
    """Give the upstream gradients by the names that the backward function has for them."""
    names = list(inspect.signature(backward).parameters)[-count:]
    names = ["dout"] if names == ["kwargs"] else names  # it waits for the function to derive for
    return dict(zip(names, upstreams(value, count), strict=True))


def wanted_of(function: Any, arguments: list[Any], backward: Any) -> list[str]:
    """Give the parameters whose gradients come back, as the general text says."""
    if function.__name__ == "f" and len(arguments) == 2 and callable(arguments[1]):
        return ["x"]
    first = backward.source.split(f"def {function.__name__}_backward(")[1].split('"""')[1]
    said = first.split("with respect to ")[1].rstrip(".")
    return [part for piece in said.split(", ") for part in piece.split(" and ")]


@pytest.mark.parametrize("name", NAMES)
def test_a_vector_jacobian_product_gives_the_gradient(name: str) -> None:
    module = loaded(name)
    names = list(inspect.signature(module.f).parameters)
    for arguments in points(module):
        value, pullback = vjp(module.f, *arguments)
        found = pullback(weights(value))
        check(module.f, arguments, dict(zip(names, found, strict=False)), "vjp")


def by_text(name: str, mode: Any) -> tuple[Any, dict[str, Any]] | None:
    """Derive from the text alone; None if that is refused as it should be."""
    text = text_of(name)
    file = SourceFile(text, f"{name}.py")
    found = file.derive(file.chosen("f", Wish(mode=mode)))
    refused = LIVE.get(name, "SD103" if TRANSFORMS in text else "")
    if refused:
        assert refused in [problem.code for problem in found.problems]
        return None
    assert not found.problems, found.problems[0]
    namespace: dict[str, Any] = {}
    exec(file.module(found), namespace)
    return found.derivations["f"], namespace


@pytest.mark.parametrize("name", NAMES)
def test_text_gives_the_gradient(name: str) -> None:
    module = loaded(name)
    derived = by_text(name, "joint")
    if derived is None:
        return
    derivation, namespace = derived
    for arguments in points(module):
        given = [namespace.get(a.__name__, a) if callable(a) else a for a in arguments]
        value = module.f(*arguments)
        names = derivation.upstream_names()
        upstream = dict(zip(names, upstreams(value, len(names)), strict=True))
        found = namespace["f_backward"](*given, **upstream)
        gradients = (found,) if derivation.bare else found
        wanted = [variable.wish for variable in derivation.wanted]
        check(module.f, arguments, dict(zip(wanted, gradients, strict=True)), "text")


@pytest.mark.parametrize("name", NAMES)
def test_text_in_two_parts_gives_the_gradient(name: str) -> None:
    module = loaded(name)
    derived = by_text(name, "split")
    if derived is None:
        return
    derivation, namespace = derived
    for arguments in points(module):
        given = [namespace.get(a.__name__, a) if callable(a) else a for a in arguments]
        value, cache = namespace["f_forward"](*given)
        assert total(value) == pytest.approx(total(module.f(*arguments)))
        count = len(derivation.function.outputs)
        found = namespace["f_backward"](*upstreams(value, count), cache)
        gradients = (found,) if derivation.bare else found
        wanted = [variable.wish for variable in derivation.wanted]
        check(module.f, arguments, dict(zip(wanted, gradients, strict=True)), "two parts")


@pytest.mark.parametrize("name", NAMES)
def test_forward_mode_gives_the_tangent(name: str) -> None:
    module = loaded(name)
    derived = by_text(name, "jvp")
    if derived is None:
        return
    derivation, namespace = derived
    parameters = list(inspect.signature(module.f).parameters.values())
    for arguments in points(module):
        given = [namespace.get(a.__name__, a) if callable(a) else a for a in arguments]
        places = [[p.name for p in parameters].index(v.wish) for v in derivation.wanted]
        values = [arguments[i] if i < len(arguments) else parameters[i].default for i in places]
        tangents = [
            directed(v, i) if is_numbers(v) else 0.0 for i, v in zip(places, values, strict=True)
        ]
        named_ = dict(zip(derivation.upstream_names(), tangents, strict=True))
        value, tangent = namespace["f_jvp"](*given, **named_)
        both = zip(leaves(tangent), leaves(weights(value)), strict=True)
        mine = float(sum(np.sum(t * w) for t, w in both))
        moving = [i for i in places if i < len(arguments) and is_numbers(arguments[i])]
        wanted = np.sum([slopes(module.f, arguments, i) for i in moving], axis=0)
        assert [mine] * len(STEPS) == pytest.approx(list(wanted), rel=1e-5, abs=1e-7)


# Functions as arguments.


def cube(t: Any) -> Any:
    return t**3


def layer(x: Any, act: Any) -> Any:
    return np.sum(act(x * 2.0))


def usual(x: Any, act: Any = np.tanh) -> Any:
    return np.sum(act(x * 2.0))


def network(x: Any, acts: Any, w: Any) -> Any:
    for act in acts:
        x = act(x * w)
    return np.sum(x)


POINT = np.array([0.3, -0.8])


@pytest.mark.parametrize("function", [layer, usual])
def test_each_function_that_is_passed_has_its_own_derivative(function: Any) -> None:
    gradient = grad(function)
    np.testing.assert_allclose(gradient(POINT, np.sin), 2 * np.cos(2 * POINT))
    np.testing.assert_allclose(gradient(POINT, cube), 2 * 3 * (2 * POINT) ** 2)
    np.testing.assert_allclose(gradient(POINT, lambda t: t * t), 2 * 2 * 2 * POINT)
    np.testing.assert_allclose(gradient(POINT, np.sin), 2 * np.cos(2 * POINT))
    value, found = value_and_grad(function)(POINT, cube)
    assert value == pytest.approx(np.sum((2 * POINT) ** 3))
    np.testing.assert_allclose(found, 6 * (2 * POINT) ** 2)


def test_a_closure_that_is_passed_is_the_one_that_is_passed() -> None:
    def scaled(k: float) -> Any:
        return lambda t: k * t * t

    gradient = grad(layer)
    for k in (2.0, 0.5, 2.0):
        np.testing.assert_allclose(gradient(POINT, scaled(k)), k * 2 * (2 * POINT) * 2)


def test_the_decorator_derives_for_the_function_that_is_passed() -> None:
    derived = derive_backward(types.FunctionType(layer.__code__, globals(), "layer"))
    np.testing.assert_allclose(derived.backward(POINT, np.sin), 2 * np.cos(2 * POINT))
    np.testing.assert_allclose(derived.backward(POINT, cube, 2.0), 2 * 6 * (2 * POINT) ** 2)
    np.testing.assert_allclose(derived.backward(POINT, act=cube), 6 * (2 * POINT) ** 2)
    value, found = derived.value_and_grad(POINT, np.sin)
    assert value == pytest.approx(np.sum(np.sin(2 * POINT)))
    np.testing.assert_allclose(found, 2 * np.cos(2 * POINT))
    with pytest.raises(DerivationError) as caught:
        _ = derived.backward.source
    assert [d.code for d in caught.value.diagnostics] == ["SD132"]


def test_text_with_a_default_refuses_other_functions() -> None:
    text = "import numpy as np\n\n\ndef f(x, act=np.tanh):\n    return np.sum(act(x))\n"
    file = SourceFile(text, "usual.py")
    namespace: dict[str, Any] = {}
    exec(file.module(file.derive(file.chosen("f", Wish()))), namespace)
    np.testing.assert_allclose(namespace["f_backward"](POINT), 1 - np.tanh(POINT) ** 2)
    with pytest.raises(TypeError, match="act must be np"):
        namespace["f_backward"](POINT, np.sin)


def test_a_list_of_functions_may_be_an_argument() -> None:
    acts = [np.sin, cube]
    found = grad(network)(POINT, acts, 0.7)
    wanted = 3 * (np.sin(POINT * 0.7) * 0.7) ** 2 * 0.7 * np.cos(POINT * 0.7) * 0.7
    np.testing.assert_allclose(found, wanted)


def test_second_derivatives_know_the_function_that_is_passed() -> None:
    found = hessian(layer)(POINT, cube)
    np.testing.assert_allclose(found, np.diag(4 * 6 * 2 * POINT))
    found = grad(lambda x: np.sum(grad(usual)(x)))(POINT)
    slope = -2 * np.tanh(2 * POINT) * (1 - np.tanh(2 * POINT) ** 2) * 4
    np.testing.assert_allclose(found, slope)


def test_a_jacobian_by_a_function_that_is_passed() -> None:
    found = jacobian(lambda x, g: g(x) * 2.0)(POINT, cube)
    np.testing.assert_allclose(found, np.diag(6 * POINT**2))


def test_methods_have_no_functions_by_default() -> None:
    class Layer:
        def __init__(self, w: float) -> None:
            self.w = w

        def forward(self, x: Any, act: Any = np.tanh) -> Any:
            return act(x * self.w)

    with pytest.raises(DerivationError) as caught:
        derive_backward(Layer)
    assert [d.code for d in caught.value.diagnostics] == ["SD132"]


# What a call of several results shares.


def test_two_results_in_one_memory_are_told_apart_or_refused() -> None:
    text = (
        "import numpy as np\n\n\ndef make(k):\n    def pair(x):\n        y = x * k\n"
        "        if k > 100:\n            y = y * 2\n        return y, y[::-1]\n\n"
        "    return pair\n\n\npair = make(2.0)\n\n\n"
        "def f(x: np.ndarray):\n    a, b = pair(x)\n    a += x * x\n    return a * b\n"
    )
    found = SourceFile(text, "pairs.py").derive({"f": Wish()})
    assert [problem.code for problem in found.problems] == ["SD110"]


def test_an_adaptive_recursion_over_a_function_is_refused_at_its_call() -> None:
    text = (
        "def adaptive(g, a, b, n):\n    if n == 0:\n        return g(a) * (b - a)\n"
        "    m = (a + b) / 2\n    return adaptive(g, a, m, n - 1) + adaptive(g, m, b, n - 1)\n\n\n"
        "def f(a):\n    return adaptive(lambda x: x * x, 0.0, a, 3)\n"
    )
    found = SourceFile(text, "adaptive.py").derive({"f": Wish()})
    assert [problem.code for problem in found.problems] == ["SD103"]


def test_a_generator_is_refused_where_it_yields() -> None:
    text = (
        "def steps(x, n):\n    for i in range(n):\n        x = x * x\n        yield x\n\n\n"
        "def f(x):\n    s = 0.0\n    for v in steps(x, 3):\n        s = s + v\n    return s\n"
    )
    (problem,) = SourceFile(text, "steps.py").derive({"f": Wish()}).problems
    assert (problem.code, problem.line) == ("SD102", 4)


CHANGED = """
import functools

import numpy as np

h = 0.1


def make(k):
    def step(x):
        return x + k * np.sin(x)

    return step


def scaled(a, x):
    return a * x * x


step = make(h)
part = functools.partial(scaled, h)
h = 0.5


def f(x):
    return step(x)


def g(x):
    return part(x)
"""


@pytest.mark.parametrize("name", ["f", "g"])
def test_a_function_made_of_what_changes_later_is_refused_by_text(name: str) -> None:
    found = SourceFile(CHANGED, "changed.py").derive({name: Wish()})
    assert [problem.code for problem in found.problems] == ["SD103"]


def test_a_lambda_by_default_is_derived_at_a_call() -> None:
    def squares(x: Any, act: Any = lambda t: t * t) -> Any:
        return np.sum(act(x))

    derived = derive_backward(squares)
    np.testing.assert_allclose(derived.backward(POINT), 2 * POINT)
    np.testing.assert_allclose(derived.backward(POINT, np.sin), np.cos(POINT))
    np.testing.assert_allclose(grad(squares)(POINT), 2 * POINT)


def test_what_is_passed_is_told_from_the_modules_function_of_that_name() -> None:
    def swapped(x: Any, cube: Any) -> Any:
        return np.sum(cube(by_cube(x)))

    found = grad(swapped)(POINT, np.cos)
    np.testing.assert_allclose(found, -np.sin(POINT**3) * 3 * POINT**2)


def by_cube(t: Any) -> Any:
    y = t
    for _ in range(1):
        y = cube(y)
    return y
