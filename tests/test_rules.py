"""Every rule of the registry at every listed point, called directly and derived."""

from __future__ import annotations

import builtins
import contextlib
import copy
import functools
import importlib.util
import inspect
import math
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from rule_points import POINTS, Point
from rule_points_linalg import UNDETERMINED

import srcdiff
from srcdiff import derive_backward
from srcdiff.ir.operators import c_, r_, turned
from srcdiff.passes import certain
from srcdiff.passes.apply import differentiable
from srcdiff.rules import registry
from srcdiff.rules.helpers import HELPERS, unbroadcast
from srcdiff.rules.idioms import root
from srcdiff.rules.registry import AnyFunction, Rule
from srcdiff.rules.shaping import astype, item, tolist

SCIPY = {}
if importlib.util.find_spec("scipy") is not None:
    SCIPY = {f"{n}.": importlib.import_module(f"scipy.{n}") for n in ("special", "linalg")}
registry.load()

# What is to be tested


def name_of(function: AnyFunction) -> str:
    """Name a function for a test's label: np.exp, math.exp, operator.add."""
    module = (getattr(function, "__module__", None) or "numpy").lstrip("_")
    return f"{module.replace('numpy', 'np').split('.')[0]}.{function.__name__}"


def dotted(function: AnyFunction) -> str:
    """Give a function's name with its module's: numpy.linalg.cross."""
    return f"{getattr(function, '__module__', None)}.{function.__name__}"


def is_for_helpers(rule: Rule) -> bool:
    """Whether a rule is for a function that emitted code takes along: test_second_order has it."""
    listed = rule.backward.__name__ in POINTS
    return set(rule.functions) <= set(HELPERS.values()) and not listed


UNWRITTEN = (root, list, tuple, tolist, c_, r_)
PAIRS = [
    (rule, function)
    for function, rule in registry.all_rules()
    if rule not in registry.OF_COMPLEX.values()
    and not is_for_helpers(rule)
    and function not in registry.GIVES_COMPLEX | certain.OF_COMPLEX
    and getattr(function, "__module__", "") != np.fft.fft.__module__
]
"""Those of complex numbers are tested in test_complex_rules.py."""
WRITTEN = [
    (rule, function)
    for rule, function in PAIRS
    if function not in UNWRITTEN and function not in HELPERS.values()
]
"""root stands for sqrt of a sum of squares; test_traps derives functions that have one. A list is
no output; test_programs derives functions that make one on the way. np.c_ and np.r_ are indexed,
not called: see test_spellings. Helpers stand in derived text; test_transforms derives it again."""
pairs = pytest.mark.parametrize(
    ("rule", "function"),
    PAIRS,
    ids=[f"{r.backward.__name__}-{name_of(f)}" for r, f in PAIRS],
)

OF_LISTS = (math.fsum, math.prod, math.dist, getattr(math, "sumprod", None))
NUMBERS_ONLY = (max, min, float)


def takes(function: AnyFunction, point: Point) -> bool:
    """Whether a point is one for a function: math's take numbers only."""
    if point.functions and not {function.__name__, dotted(function)} & {*point.functions}:
        return False
    if (getattr(function, "__module__", "") or "").startswith("scipy.linalg"):
        return all(np.ndim(argument) < 3 for argument in point.args)
    if function in OF_LISTS:
        return all(isinstance(argument, list) for argument in point.args)
    if getattr(function, "__module__", "") == "math" or function in NUMBERS_ONLY:
        return all(np.ndim(argument) == 0 for argument in point.args)
    return True


def has_several(rule: Rule) -> bool:
    """Whether a rule's functions have several results, or a list of them."""
    return rule.listed or len(registry.upstream_names(rule)) > 1


@functools.cache
def all_points(rule: Rule) -> list[Point]:
    """Give the points listed for a rule; of several results, each is also used alone."""
    points = list(POINTS.get(rule.backward.__name__, []))
    names = registry.upstream_names(rule)
    if len(names) > 1:
        alone = [place for place, name in enumerate(names) if not registry.is_flat(name)]
        points += [replace(p, results=(i,)) for p in points for i in alone if not p.results]
    return points


def points_of(rule: Rule, function: AnyFunction) -> list[Point]:
    """Give the points listed for a rule that are ones for a function."""
    return [p for p in all_points(rule) if takes(function, p)]


@dataclass
class Bound:
    """A point's arguments by the names of the rule's parameters.

    Parameters
    ----------
    values
        All that are given.
    active
        The names of those whose gradients are checked.
    """

    values: dict[str, Any]
    active: tuple[str, ...]


def bind(rule: Rule, point: Point) -> Bound:
    """Bind a point's arguments to a rule's parameters."""
    signature = registry.signature_of(rule.backward)
    values = signature.bind_partial(*point.args, **point.kwargs).arguments
    given = [n for n in differentiable(rule) if values.get(n) is not None]
    return Bound(values, tuple(n for n in given if point.wrt is None or n in point.wrt))


def count_positional(rule: Rule, point: Point) -> int:
    """Give how many parameters a point's positional arguments are for."""
    return len(registry.signature_of(rule.backward).bind_partial(*point.args).arguments)


# What is expected

FIRST_STEP, STEPS = 2.0**-6, 7
REFERENCES: dict[AnyFunction, AnyFunction] = {np.float32: np.float64}
"""Forward functions whose rounding would swamp a difference, by exact ones."""
EXPECTED: dict[tuple[int, AnyFunction, str], Any] = {}
"""Gradients by differences, each computed once."""


def ridders(function: Callable[[float], float], x: float) -> float:
    """Differentiate by central differences at halved steps, extrapolated to the step zero.

    Ridders, Accurate computation of F'(x) and F'(x) F''(x), Advances in Engineering Software 4
    (1982); the estimate with the smallest change from its neighbours is chosen.
    """
    best, error = math.nan, math.inf
    previous: list[float] = []
    for step in range(STEPS):
        h = FIRST_STEP * max(1.0, abs(x)) / 2**step
        row = [(function(x + h) - function(x - h)) / (2 * h)]
        for column, older in enumerate(previous):
            factor = 4.0 ** (column + 1)
            row.append((factor * row[-1] - older) / (factor - 1))
            change = max(abs(row[-1] - row[-2]), abs(row[-1] - older))
            if change < error:
                best, error = row[-1], change
        previous = row
    return best


def exact(value: Any) -> Any:
    """Give a value with its float32 numbers as float64."""
    if isinstance(value, (list, tuple)):
        return type(value)(exact(item) for item in value)
    if isinstance(value, (np.ndarray, np.floating)) and value.dtype == np.float32:
        return value.astype(float)
    return value


def weighted(upstream: Any, value: Any) -> float:
    """Give the sum of upstream * value, for several results over all that have an upstream."""
    if isinstance(value, (tuple, list)):
        pairs = zip(upstream, value, strict=True)
        return sum(weighted(part, item) for part, item in pairs if part is not None)
    return float(np.sum(upstream * value))


def differences(function: Callable[[Any], Any], value: Any, upstream: Any) -> Any:
    """Differentiate the sum of upstream * function(value) by each number in value."""
    if isinstance(value, (list, tuple)):
        return [
            differences(
                lambda item, i=i: function([*value[:i], item, *value[i + 1 :]]),
                value[i],
                upstream,
            )
            for i in range(len(value))
        ]
    if np.ndim(value) == 0:
        return ridders(lambda x: weighted(upstream, function(x)), float(value))
    gradient = np.zeros(np.shape(value))
    for index in np.ndindex(gradient.shape):

        def at_index(x: float, index: Any = index) -> float:
            changed = np.array(value, dtype=float)
            changed[index] = x
            return weighted(upstream, function(changed))

        gradient[index] = ridders(at_index, float(value[index]))
    return gradient


def expectation(function: AnyFunction, point: Point, name: str, rule: Rule, upstream: Any) -> Any:
    """Give the gradient that is expected for one parameter."""
    if point.expected is not None:
        return point.expected[name]
    key = id(point), function, name
    if key not in EXPECTED:
        values = {key: exact(value) for key, value in bind(rule, point).values.items()}
        positional = list(values)[: count_positional(rule, point)]
        extra = registry.extra_arguments(rule)
        reference = REFERENCES.get(function, function)

        def forward(value: Any) -> Any:
            given = {**values, name: value}
            args = [given.pop(key) for key in positional]
            if extra:
                args = [*args[:-1], *args[-1]]
            return reference(*args, **given)

        with np.errstate(all="ignore"):
            found = differences(forward, values[name], exact(upstream))
        EXPECTED[key] = point, found  # kept with its point, whose identity is no other's then
    return EXPECTED[key][1]


def upstream_for(output: Any, point: Point) -> Any:
    """Give an upstream gradient in the shape and precision of an output.

    Of several results, those that aren't used have None.
    """
    if isinstance(output, (tuple, list)):
        used = point.results or range(len(output))
        given = [upstream_for(item, point) for item in output]
        return [g if place in used else None for place, g in enumerate(given)]
    if point.expected is not None:
        return np.ones_like(output, dtype=precision(output)) if np.ndim(output) else 1.0
    if np.ndim(output) == 0:
        return np.float32(0.75) if precision(output) == np.float32 else 0.75
    count = np.arange(1, np.size(output) + 1)
    values = np.where(count % 3 == 0, -1, 1) * (0.4 + (count * 0.7548776662466927) % 1)
    return values.reshape(np.shape(output)).astype(precision(output))


def precision(value: Any) -> Any:
    """Give the floating type that belongs to a value: its own, or float64."""
    dtype = np.asarray(value).dtype
    return dtype if dtype.kind == "f" else np.dtype(float)


# How results are compared

WEAK_NUMBERS = int(np.__version__.split(".")[0]) >= 2
"""Whether a Python number leaves float32 as it is; NumPy 1 makes float64 of a lone float32."""


def leaves(value: Any) -> Iterator[Any]:
    """Give the arrays and numbers in a value."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def assert_close(
    found: Any, expected: Any, argument: Any, *, listed: bool, precise: bool = True
) -> None:
    """Compare a gradient with the expected one, in shape, precision and value."""
    if isinstance(expected, list):
        for one, other, given in zip(found, expected, argument, strict=True):
            assert_close(one, other, given, listed=listed, precise=precise)
        return
    if np.shape(found) != np.shape(argument):
        pytest.fail(f"the shape {np.shape(found)} for {np.shape(argument)}")
    if WEAK_NUMBERS and precise and isinstance(argument, np.ndarray):
        if np.result_type(found) != precision(argument):
            pytest.fail(f"{np.result_type(found)} for {precision(argument)}")
    single = np.asarray(found).dtype == np.float32 or precision(argument) == np.float32
    relative = 1e-5 if single else 1e-12 if listed else 1e-8
    absolute = 0.0 if listed else 3e-6 if single else 1e-10
    np.testing.assert_allclose(found, expected, rtol=relative, atol=absolute)


def frozen(value: Any) -> Any:
    """Give a copy whose arrays can't be written."""
    value = copy.deepcopy(value)
    for leaf in leaves(value):
        if isinstance(leaf, np.ndarray):
            leaf.flags.writeable = False
    return value


# The rules themselves


def test_every_rule_has_points() -> None:
    """A rule without listed points fails, and so do points without a rule."""
    listed = (*registry.RULES.values(), *registry.RARE.values())
    rules = {r.backward.__name__ for r in listed if not is_for_helpers(r)}
    assert sorted(rules - set(POINTS)) == []
    assert sorted(set(POINTS) - rules) == []
    assert [name_of(f) for r, f in PAIRS if not points_of(r, f)] == []


@pairs
def test_a_rule_called_directly_agrees_with_differences(rule: Rule, function: AnyFunction) -> None:
    """The rule's function, called as it stands, at each point."""
    failures = Failures()
    for point in points_of(rule, function):
        if not point.derived_only:
            with failures.noted(point), np.errstate(all="ignore"):
                check_directly(rule, function, point)
    failures.report()


class Failures:
    """The points at which one rule fails: all are told, not only the first."""

    def __init__(self) -> None:
        self.found: list[str] = []

    @contextlib.contextmanager
    def noted(self, point: Point, text: str = "") -> Iterator[None]:
        """Note what goes wrong at a point."""
        try:
            yield
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # it belongs here
            self.found.append(f"{point}\n{text}{type(error).__name__}: {error}")

    def report(self) -> None:
        """Fail if anything went wrong."""
        if self.found:
            pytest.fail("\n\n".join(self.found), pytrace=False)


def check_directly(rule: Rule, function: AnyFunction, point: Point) -> None:
    """Check a rule at one point; its arguments and the upstream can't be written."""
    args, kwargs = frozen(list(point.args)), dict(point.kwargs)
    output = function(*args, **kwargs)
    upstream = frozen(upstream_for(output, point))
    upstream_names = registry.upstream_names(rule)
    upstreams = upstream if len(upstream_names) > 1 else [upstream]
    given = dict(zip(upstream_names, upstreams, strict=True))
    found = rule.backward(*args, **kwargs, **given)
    names = differentiable(rule)
    gradients = dict(zip(names, found if len(names) > 1 else (found,), strict=True))
    bound = bind(rule, point)
    for name in bound.active:
        argument, gradient = bound.values[name], gradients[name]
        if rule.family == "elementwise":
            gradient = unbroadcast(gradient, argument)
        expected = expectation(function, point, name, rule, upstream)
        assert_close(gradient, expected, argument, listed=point.expected is not None)
    np.testing.assert_equal(args, list(point.args))


def check_order(rule: Rule) -> None:
    """Check that the gradients come in the order of the parameters."""
    parameters = [*registry.signature_of(rule.backward).parameters]
    names = differentiable(rule)
    assert [*names] == sorted(names, key=parameters.index)


def test_gradients_come_in_the_order_of_the_parameters() -> None:
    for _, rule in registry.all_rules():
        check_order(rule)


def check_refused(rule: Rule, function: AnyFunction, point: Point) -> None:
    """Check that a rule refuses a point, called directly."""
    names = registry.upstream_names(rule)
    upstream = upstream_for(function(*point.args), point)
    given = zip(names, upstream if len(names) > 1 else [upstream], strict=True)
    with pytest.raises(NotImplementedError):
        rule.backward(*point.args, **dict(given))


@pytest.mark.parametrize("name", UNDETERMINED)
def test_what_is_not_determined_is_refused(name: str, tmp_path: Path) -> None:
    """By the rule, by derived functions and by their general text, if that isn't refused."""
    ((rule, function),) = [(r, f) for r, f in PAIRS if r.backward.__name__ == name]
    for count, point in enumerate(UNDETERMINED[name]):
        check_refused(rule, function, point)
        library = Library(tmp_path / f"refused{count}.py")
        written = write(rule, function, point)
        library.add(written)
        library.load()
        upstream = upstream_for(function(*point.args), point)
        for kind in (SPECIAL, "general"):
            with pytest.raises((NotImplementedError, srcdiff.DerivationError)):
                library.backwards(written)[kind](
                    *written.values, **_named_upstreams(rule, upstream, plain=kind == SPECIAL)
                )


# The same, derived

SYMBOLS: dict[AnyFunction, str] = {
    operator.add: "{} + {}",
    operator.sub: "{} - {}",
    operator.mul: "{} * {}",
    operator.truediv: "{} / {}",
    operator.mod: "{} % {}",
    operator.pow: "{} ** {}",
    operator.matmul: "{} @ {}",
    operator.neg: "-{}",
    operator.pos: "+{}",
    astype: "{}.astype({})",
    item: "{}.item()",
    turned: "{}.mT",
}
MODULES: tuple[tuple[str, ModuleType], ...] = (
    ("", builtins),
    ("math.", math),
    ("np.", np),
    ("np.linalg.", np.linalg),
    ("np.lib.stride_tricks.", np.lib.stride_tricks),
    ("np.fft.", np.fft),
    *SCIPY.items(),
)


def spelling(function: AnyFunction) -> str:
    """Give the text by which a user calls a function."""
    name = function.__name__
    for prefix, module in MODULES:
        if getattr(module, name, None) is function:
            return prefix + name
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"np.{owner.__name__}.{function.__name__}"
    raise AssertionError(f"no module has {function}")


def literal(value: Any) -> str | None:
    """Give the text of a constant; None for what isn't written as one."""
    if isinstance(value, type):
        return f"np.{value.__name__}" if issubclass(value, np.generic) else value.__name__
    if isinstance(value, np.generic) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if isinstance(value, (tuple, list)) and all(isinstance(item, int) for item in value):
        return repr(value)
    return None


@dataclass
class Written:
    """A function as text, and the arguments to call it with."""

    text: str
    values: list[Any]
    active: tuple[str, ...]


def write(
    rule: Rule, function: AnyFunction, point: Point, manner: str = "", method: str = ""
) -> Written:
    """Write a function that calls another one at a point.

    Parameters
    ----------
    manner
        What isn't differentiated stands in the text as a constant; under the manner "settings" it
        is a parameter. Under the manner "items", the items of a list are parameters.
    method
        The function is called as this method of its first operand.
    """
    bound = bind(rule, point)
    texts: dict[str, str] = {}
    for name, value in bound.values.items():
        text = literal(value) if name not in bound.active else None
        keep = manner == "settings" and value is not None
        texts[name] = name if text is None or keep else text
    extra = registry.extra_arguments(rule)
    if extra:
        texts[extra] = ", ".join(f"{extra}_{i}" for i in range(len(bound.values[extra])))
    body = _body(function, texts, count_positional(rule, point), method)
    if has_several(rule):
        body = _unpacked(body, point, function)
    given = {name: bound.values[name] for name, text in texts.items() if name == text}
    active = bound.active
    if extra:
        items = {f"{extra}_{i}": item for i, item in enumerate(bound.values[extra])}
        given, active = given | items, tuple(items)
    if manner == "items":
        first = active[0]
        items = {f"{first}_{i}": item for i, item in enumerate(bound.values[first])}
        body = body.replace(f"({first}", f"([{', '.join(items)}]")
        given, active = items, tuple(items)
    return Written(f"({', '.join(given)}):\n{body}", list(given.values()), active)


def _unpacked(body: str, point: Point, function: AnyFunction) -> str:
    """Give a body that unpacks several results, and returns those that are used."""
    count = len(function(*point.args, **point.kwargs))
    names = [f"r{place}" for place in range(count)]
    used = [names[place] for place in point.results] or names
    call = body.replace("return ", f"{', '.join(names)}{',' * (count == 1)} = ")
    return f"{call}    return {', '.join(used)}\n"


def _body(function: AnyFunction, texts: dict[str, str], positional: int, method: str = "") -> str:
    if function in registry.IDIOMS:
        source = inspect.getsource(function)
        body = source[source.index('"""\n') + 4 :]
        for name, text in texts.items():
            body = re.sub(rf"\b{name}\b(?!=)", text, body)
        return body
    if function in SYMBOLS and not method:
        operands = (f"({text})" if text[0] == "-" else text for text in texts.values())
        return f"    return {SYMBOLS[function].format(*operands)}\n"
    named = [f"{name}={text}" for name, text in list(texts.items())[positional:]]
    arguments = [*list(texts.values())[:positional], *named]
    if method:
        return f"    return {arguments[0]}.{method}({', '.join(arguments[1:])})\n"
    return f"    return {spelling(function)}({', '.join(arguments)})\n"


SPECIAL = "for the call's types"


class Library:
    """The functions written for one rule, each once, in a module that is imported."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: dict[str, str] = {}
        self.derived: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {}
        self.module: Any = None

    def add(self, written: Written) -> None:
        """Note a text."""
        self.names.setdefault(written.text, f"f{len(self.names)}")

    def load(self) -> None:
        """Write and import the module."""
        header = "import math\n\nimport numpy as np\n"
        header += "from scipy import linalg, special\n" if SCIPY else ""
        parts = [f"\n\ndef {name}{text}" for text, name in self.names.items()]
        self.path.write_text(header + "".join(parts), encoding="utf-8")
        spec = importlib.util.spec_from_file_location(self.path.stem, self.path)
        assert spec is not None
        assert spec.loader is not None
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)

    def backwards(self, written: Written) -> dict[str, Callable[..., Any]]:
        """Give a function's derived backward, and the one that its general text defines."""
        key = written.text, written.active
        if key not in self.derived:
            name = self.names[written.text]
            function = derive_backward(getattr(self.module, name), wrt=written.active)
            namespace: dict[str, Any] = {}
            exec(function.backward.source, namespace)
            general = namespace[f"{name}_backward"]
            self.derived[key] = {
                SPECIAL: function.backward,
                "general": general,
            }
        return self.derived[key]


def check_all(
    rule: Rule, function: AnyFunction, cases: list[tuple[Point, Written]], path: Path
) -> None:
    """Check written functions at their points."""
    library = Library(path / f"{rule.backward.__name__}.py")
    for _, written in cases:
        library.add(written)
    library.load()
    failures = Failures()
    for point, written in cases:
        with failures.noted(point, written.text):
            check_derived(rule, function, point, written, library)
    failures.report()


@pytest.mark.parametrize(("rule", "function"), WRITTEN, ids=[name_of(f) for _, f in WRITTEN])
def test_a_derived_rule_agrees_with_differences(
    rule: Rule, function: AnyFunction, tmp_path: Path
) -> None:
    """A function that calls the rule's function, derived: for the call's types, and for any."""
    points = points_of(rule, function)
    check_all(rule, function, [(p, write(rule, function, p)) for p in points], tmp_path)


def with_settings(rule: Rule, function: AnyFunction) -> list[tuple[Point, Written]]:
    """Give the points at which something isn't differentiated, written as a parameter."""
    points = [p for p in points_of(rule, function) if not p.derived_only]
    cases = [(p, write(rule, function, p, "settings")) for p in points]
    return [(p, w) for p, w in cases if len(w.values) > len(w.active)]


SETTINGS = [(r, f) for r, f in WRITTEN if with_settings(r, f)]


@pytest.mark.parametrize(("rule", "function"), SETTINGS, ids=[name_of(f) for _, f in SETTINGS])
def test_an_axis_or_exponent_may_be_known_only_when_the_program_runs(
    rule: Rule, function: AnyFunction, tmp_path: Path
) -> None:
    """The operands that aren't differentiated are parameters."""
    check_all(rule, function, with_settings(rule, function), tmp_path)


LISTS = [
    (r, f)
    for r, f in WRITTEN
    if any(isinstance(p.args[0], list) for p in points_of(r, f)) and len(differentiable(r)) == 1
]


@pytest.mark.parametrize(("rule", "function"), LISTS, ids=[name_of(f) for _, f in LISTS])
def test_the_items_of_a_list_get_their_gradients(
    rule: Rule, function: AnyFunction, tmp_path: Path
) -> None:
    """A list written out, np.stack([a, b]), whose items are parameters."""
    points = [p for p in points_of(rule, function) if isinstance(p.args[0], list)]
    points = [p for p in points if not isinstance(p.args[0][0], list)]
    points = [p for p in points if len(bind(rule, p).active) == 1]
    cases = [(p, write(rule, function, p, "items")) for p in points]
    check_all(rule, function, cases, tmp_path)


KEYWORDS = {"axis", "keepdims", "ddof"}
"""What methods take by name."""
METHODS = [
    (registry.RULES[function], function, name)
    for name, function in registry.METHODS.items()
    if function in registry.RULES
    and function not in certain.OF_COMPLEX
    and name not in ("compress", "tolist")
]


@pytest.mark.parametrize(
    ("rule", "function", "method"), METHODS, ids=[name for *_, name in METHODS]
)
def test_a_method_has_the_gradient_of_its_function(
    rule: Rule, function: AnyFunction, method: str, tmp_path: Path
) -> None:
    """An array's method: x.sum(axis=0)."""
    points = [p for p in points_of(rule, function) if isinstance(p.args[0], np.ndarray)]
    points = [p for p in points if not p.derived_only and set(p.kwargs) <= KEYWORDS]
    assert points
    cases = [(p, write(rule, function, p, method=method)) for p in points]
    check_all(rule, function, cases, tmp_path)


def check_derived(
    rule: Rule, function: AnyFunction, point: Point, written: Written, library: Library
) -> None:
    """Check a derived function at one point: for the call's types, and the general text.

    The general text knows of no structure, and so may give an array for a list; nor of plain
    numbers, whose functions NumPy computes in double precision.
    """
    with np.errstate(all="ignore"):
        upstream = frozen(upstream_for(function(*point.args, **point.kwargs), point))
    bound = bind(rule, point)
    expected = [expectation(function, point, n, rule, upstream) for n in bound.active]
    arguments = [bound.values[name] for name in bound.active]
    if written.active != bound.active:  # the items of a list are parameters
        (expected,), (arguments,) = expected, arguments
    finite = all(np.all(np.isfinite(leaf)) for leaf in leaves(expected))
    warning: Any = "raise" if finite and not warns(function, point) else "ignore"
    values = frozen(written.values)
    plain = any(isinstance(value, float) for value in values)
    for kind, backward in library.backwards(written).items():
        given = _named_upstreams(rule, upstream, plain=kind == SPECIAL)
        with np.errstate(all=warning, under="ignore"):
            default = point.expected is not None and len(given) == 1
            found = backward(*values, **({} if default else given))
        try:
            for gradient, wanted, like in zip(found, expected, arguments, strict=True):
                if kind == SPECIAL:
                    assert_structure(gradient, like)
                precise = kind == SPECIAL or not plain
                listed = point.expected is not None
                assert_close(gradient, wanted, like, listed=listed, precise=precise)
            assert_separate([*leaves(found)], [*leaves([values, upstream])])
        except (AssertionError, pytest.fail.Exception) as error:
            raise AssertionError(f"{kind}: {error}") from None
    np.testing.assert_equal(values, written.values)


def _named_upstreams(rule: Rule, upstream: Any, *, plain: bool) -> dict[str, Any]:
    """Give the upstream gradients by name; plain ones as floats, whatever the precision."""
    outs = (
        {f"dr{i}": u for i, u in enumerate(upstream)} if has_several(rule) else {"dout": upstream}
    )
    return {
        name: float(value) if plain and np.ndim(value) == 0 else value
        for name, value in outs.items()
        if value is not None
    }


def warns(function: AnyFunction, point: Point) -> bool:
    """Whether the forward function itself over- or underflows or has no value."""
    try:
        with np.errstate(all="raise"):
            function(*point.args, **point.kwargs)
    except FloatingPointError:
        return True
    return False


def assert_structure(gradient: Any, argument: Any) -> None:
    """A number for a number, an array for an array, a list for a list."""
    if isinstance(argument, (list, tuple)):
        if type(gradient) is not type(argument):
            pytest.fail(f"a {type(gradient)} for a {type(argument)}")
        for one, other in zip(gradient, argument, strict=True):
            assert_structure(one, other)
        return
    wanted = np.ndarray if isinstance(argument, np.ndarray) else (float, np.floating)
    if not isinstance(gradient, wanted):
        pytest.fail(f"{gradient!r} for {argument!r}")


def assert_separate(gradients: list[Any], others: list[Any]) -> None:
    """No gradient shares memory with another one, an argument or the upstream."""
    for position, gradient in enumerate(gradients):
        for other in [*gradients[:position], *others]:
            if np.shares_memory(gradient, other):
                pytest.fail("two results share memory, or one with an argument")


def test_nothing_hides_behind_nan_to_num() -> None:
    """A gradient that isn't a number is mended in its rule, never papered over."""
    package = Path(srcdiff.__file__).parent
    name = "nan_to" + "_num"
    lines = [line for p in package.rglob("*.py") for line in p.read_text("utf-8").splitlines()]
    used = [
        line for line in lines if name in line and not line.startswith(("@", "def ", '    """'))
    ]
    assert used == []  # but for the rule of the function itself
