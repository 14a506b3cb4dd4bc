"""Every rule of the registry at complex points: it gives the right gradient, or is refused."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rule_points import POINTS, Point
from rule_points_complex import HARD, OF_COMPLEX
from test_forward_rules import has_forward_mode
from test_rules import (
    SPECIAL,
    UNWRITTEN,
    WEAK_NUMBERS,
    Failures,
    Library,
    Written,
    assert_separate,
    bind,
    count_positional,
    frozen,
    has_several,
    leaves,
    name_of,
    ridders,
    takes,
    write,
)

import srcdiff
from srcdiff import DerivationError, derive_backward
from srcdiff.live import LiveFunction
from srcdiff.passes import certain
from srcdiff.rules import registry
from srcdiff.rules.helpers import HELPERS
from srcdiff.rules.registry import AnyFunction, Rule
from srcdiff.rules.shaping import astype
from srcdiff.signatures import call_types

registry.load()

PAIRS = [
    (rule, function)
    for function, rule in registry.all_rules()
    if rule is registry.OF_COMPLEX.get(function, rule)
    and function not in (*UNWRITTEN, *HELPERS.values())
]

ACCEPTED = [(r, f) for r, f in PAIRS if r.takes_complex]
IDIOMS = [(r, f) for r, f in PAIRS if not r.takes_complex and f in registry.IDIOMS]
REFUSED = [(r, f) for r, f in PAIRS if not r.takes_complex and f not in registry.IDIOMS]
REFERENCES: dict[AnyFunction, AnyFunction] = {np.complex64: np.complex128}
"""Functions whose rounding would swamp a difference, by exact ones."""


PHASES = {np.linalg.eigh, np.linalg.svd}
"""Functions whose complex vectors may have any phase: below, what no phase changes."""


def labels(pairs: list[tuple[Rule, AnyFunction]]) -> list[str]:
    """Name the tests of rules."""
    return [f"{rule.backward.__name__}-{name_of(function)}" for rule, function in pairs]


def points_of(rule: Rule, function: AnyFunction) -> list[Point]:
    """Give a rule's points, or those of the rule for real numbers, without expected gradients."""
    usual = registry.RULES.get(function, rule)
    points = [*OF_COMPLEX.get(rule.backward.__name__, [])]
    for entry in (rule, *([usual] if rule in registry.OF_COMPLEX.values() else [])):
        points += POINTS.get(entry.backward.__name__, [])
    return [p for p in points if takes(function, p) and p.expected is None]


def is_fourier(function: AnyFunction) -> bool:
    """Whether a function is one of np.fft, whose results may be real or complex."""
    return getattr(function, "__module__", "") == np.fft.fft.__module__


def turned(value: Any, seed: int) -> Any:
    """Give a number or numbers with imaginary parts, of the same precision."""
    if isinstance(value, (list, tuple)):
        return type(value)(turned(item, seed + i) for i, item in enumerate(value))
    if np.ndim(value) == 0 and not isinstance(value, (np.ndarray, np.generic)):
        return complex(value, 0.4 + seed / 8)
    count = np.arange(1, np.size(value) + 1) + 10 * seed
    parts = (0.2 + (count * 0.7548776662466927) % 1) * np.where(count % 3, 1, -1)
    single = np.asarray(value).dtype == np.float32
    return (value + 1j * parts.reshape(np.shape(value))).astype("c8" if single else "c16")


def numeric(value: Any) -> bool:
    """Whether a value holds numbers that can be made complex."""
    return all(np.asarray(leaf).dtype.kind in "fiu" for leaf in leaves(value))


def places_of(rule: Rule, function: AnyFunction) -> list[tuple[int, ...]]:
    """Give the places of several results to be used, each alone; vectors of any phase aren't."""
    names = registry.upstream_names(rule)
    if rule.listed or len(names) == 1:
        return [(0,)] if rule.listed else [()]
    if function in PHASES:
        return [(place,) for place in registry.REAL_RESULTS[function]]
    return [(place,) for place, name in enumerate(names) if not registry.is_flat(name)]


def complex_points(rule: Rule, function: AnyFunction) -> Iterator[Point]:
    """Give a function's points with all operands complex, and with each of them alone."""
    for point in points_of(rule, function):
        bound = bind(rule, point)
        active = [name for name in bound.active if numeric(bound.values[name])]
        choices = [*([active] if active else []), *([name] for name in active if len(active) > 1)]
        if is_fourier(function) or function in registry.GIVES_COMPLEX | certain.OF_COMPLEX:
            choices.append([])
        for chosen in choices:
            values = dict(bound.values)
            for seed, name in enumerate(chosen):
                values[name] = turned(values[name], seed)
            names = list(values)
            count = count_positional(rule, point)
            args = tuple(values[name] for name in names[:count])
            if registry.extra_arguments(rule):
                args = (*args[:-1], *args[-1])
            kwargs = {name: values[name] for name in names[count:]}
            for place in places_of(rule, function):
                if point.results and point.results != place:
                    continue
                made = replace(point, args=args, kwargs=kwargs, results=place)
                if computes(function, made):
                    yield made


def result(function: AnyFunction, point: Point, *args: Any, **kwargs: Any) -> Any:
    """Give a function's result; of several, the one that a point is about."""
    value = function(*args, **kwargs)
    return value[point.results[0]] if point.results else value


def computes(function: AnyFunction, point: Point) -> bool:
    """Whether a function takes such arguments, without a warning that it drops a part."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error")
        try:
            value = result(function, point, *point.args, **point.kwargs)
            return bool(np.all(np.isfinite(np.asarray(value))))
        except (TypeError, ZeroDivisionError, Warning):
            return False


def upstream_for(output: Any, expected: Any) -> Any:
    """Give an upstream gradient in the shape and kind of an output."""
    if expected is not None:
        return None
    count = np.arange(1, np.size(output) + 1)
    values = np.where(count % 3 == 0, -1, 1) * (0.4 + (count * 0.7548776662466927) % 1)
    if np.iscomplexobj(output):
        values = values + 1j * (0.3 + (count * 0.5698402909980532) % 1)
    if np.ndim(output) == 0:
        return values[0].item()
    kind = "c" if np.iscomplexobj(output) else "f"
    single = np.asarray(output).dtype in (np.complex64, np.float32)
    return values.reshape(np.shape(output)).astype(f"{kind}{(4 if single else 8) << (kind == 'c')}")


def differences(function: Callable[[Any], Any], value: Any, upstream: Any) -> Any:
    """Differentiate the real part of the sum of upstream * function(value) by each number.

    By a real number x it is df/dx, by a complex one a + ib it is df/da - i df/db.
    """
    if isinstance(value, (list, tuple)):

        def with_item(i: int) -> Callable[[Any], Any]:
            return lambda item: function([*value[:i], item, *value[i + 1 :]])

        return [differences(with_item(i), item, upstream) for i, item in enumerate(value)]
    gradient = np.zeros(np.shape(value), complex if np.iscomplexobj(value) else float)
    exact = np.asarray(value).astype(gradient.dtype)

    def total(step: complex, index: Any) -> float:
        changed = exact.copy()
        changed[index] += step
        result = function(changed if np.ndim(value) else changed[()].item())
        return float(np.real(np.sum(upstream * result)))

    with np.errstate(all="ignore"):
        for index in np.ndindex(gradient.shape):
            gradient[index] = ridders(lambda h, at=index: total(h, at), 0.0)
            if np.iscomplexobj(value):
                gradient[index] -= 1j * ridders(lambda h, at=index: total(1j * h, at), 0.0)
    return gradient


def annotation(value: Any, *, stated: bool) -> str:
    """Give the annotation that states that a value is complex, or also that it is real."""
    if isinstance(value, (list, tuple)):
        item = annotation(value[0], stated=stated)
        return f"list[{item}]" if item else ""
    kind = "complex" if np.iscomplexobj(value) else "float" if stated else ""
    return f"NDArray[{kind}]" if kind and isinstance(value, np.ndarray) else kind


def annotated(written: Written, *, stated: bool) -> Written:
    """Give a function's text with annotations for its complex parameters."""
    header, _, body = written.text.partition("):\n")
    names = header.removeprefix("(").split(", ")
    texts = [
        (name, annotation(value, stated=stated))
        for name, value in zip(names, written.values, strict=True)
    ]
    parameters = ", ".join(f'{n}: "{text}"' if text else n for n, text in texts)
    return replace(written, text=f"({parameters}):\n{body}")


@dataclass
class Case:
    """A function at a complex point, and the gradients expected there."""

    point: Point
    written: Written
    upstream: Any
    expected: list[Any]
    arguments: list[Any]


def case(rule: Rule, function: AnyFunction, point: Point, manner: str = "") -> Case:
    """Find out what is expected at a point; how it is written is as test_rules.write says."""
    bound = bind(rule, point)
    output = result(function, point, *point.args, **point.kwargs)
    upstream = upstream_for(output, point.expected)
    positional = list(bound.values)[: count_positional(rule, point)]

    def forward_of(name: str) -> Callable[[Any], Any]:
        def forward(value: Any) -> Any:
            given = {**bound.values, name: value}
            exact = REFERENCES.get(function, function)
            args = [given.pop(key) for key in positional]
            if registry.extra_arguments(rule):
                args = [*args[:-1], *args[-1]]
            return result(exact, point, *args, **given)

        return forward

    expected = [
        point.expected[name]
        if point.expected is not None
        else differences(forward_of(name), bound.values[name], upstream)
        for name in bound.active
    ]
    stated = function in certain.OF_COMPLEX
    written = annotated(write(rule, function, point, manner), stated=stated)
    arguments = [bound.values[n] for n in bound.active]
    if written.active != bound.active:  # any number of operands, each a parameter
        (expected,), (arguments,) = expected, arguments
    return Case(point, written, upstream, expected, arguments)


def check(found: Any, expected: Any, argument: Any, *, kind: str) -> None:
    """Compare a gradient with the expected one, in shape, kind of number and value."""
    if isinstance(argument, (list, tuple)):
        for one, other, given in zip(found, expected, argument, strict=True):
            check(one, other, given, kind=kind)
        return
    assert np.shape(found) == np.shape(argument)
    assert np.iscomplexobj(found) == np.iscomplexobj(argument), f"{found!r} for {argument!r}"
    if WEAK_NUMBERS and kind == SPECIAL and isinstance(argument, np.ndarray):
        assert np.result_type(found) == np.result_type(argument, np.float32)
    single = {np.asarray(argument).dtype, np.asarray(found).dtype} & {
        np.dtype(t) for t in ("c8", "f4")
    }
    np.testing.assert_allclose(
        found, expected, rtol=1e-5 if single else 1e-8, atol=1e-3 if single else 1e-9
    )


def check_case(given: Case, library: Library) -> None:
    """Check a derived function at one point: for the call's types, and the general text."""
    values = frozen(given.written.values)
    for kind, backward in library.backwards(given.written).items():
        place = given.point.results
        keyword = f"dr{place[0]}" if place else "dout"
        upstream = {} if given.upstream is None else {keyword: frozen(given.upstream)}
        with np.errstate(all="ignore"):
            found = backward(*values, **upstream)
        try:
            for gradient, wanted, argument in zip(
                found, given.expected, given.arguments, strict=True
            ):
                check(gradient, wanted, argument, kind=kind)
            assert_separate([*leaves(found)], [*leaves([values, given.upstream])])
        except AssertionError as error:
            raise AssertionError(f"{kind}: {error}") from None
    np.testing.assert_equal(values, given.written.values)


@pytest.mark.parametrize(("rule", "function"), ACCEPTED, ids=labels(ACCEPTED))
def test_a_rule_that_takes_complex_numbers_agrees_with_differences(
    rule: Rule, function: AnyFunction, tmp_path: Path
) -> None:
    """All operands complex, and each alone."""
    points = [*complex_points(rule, function), *HARD.get(rule.backward.__name__, [])]
    check_all([case(rule, function, point) for point in points], tmp_path)


FOURIER = [(r, f) for r, f in PAIRS if is_fourier(f)]


@pytest.mark.parametrize(("rule", "function"), FOURIER, ids=labels(FOURIER))
def test_a_size_or_axis_may_be_known_only_when_the_program_runs(
    rule: Rule, function: AnyFunction, tmp_path: Path
) -> None:
    """A Fourier transform's size, axes and norm are parameters, or stand in the text."""
    points = [*complex_points(rule, function)] if rule.takes_complex else points_of(rule, function)
    manners = ("settings",) if rule.takes_complex else ("settings", "")
    check_all([case(rule, function, p, manner) for manner in manners for p in points], tmp_path)


def check_all(cases: list[Case], tmp_path: Path) -> None:
    """Check derived functions at their points."""
    library = Library(tmp_path / "complex_rules.py")
    for given in cases:
        library.add(given.written)
    library.load()
    failures = Failures()
    for given in cases:
        with failures.noted(given.point, given.written.text):
            check_case(given, library)
    failures.report()


def direction(value: Any) -> Any:
    """Give a tangent in the structure, shape and kind of a value."""
    if isinstance(value, (list, tuple)):
        return [direction(item) for item in value]
    return upstream_for(value, None)


def check_pushed(given: Case, library: Library, *, complex_by_value: bool) -> None:
    """Check forward mode at one point, for the call's types: its tangent is that of the gradients.

    Refusals are right, but for holomorphic functions and linear algebra.
    """
    name = library.names[given.written.text]
    live = LiveFunction(getattr(library.module, name))
    parameters = registry.signature_of(live.function).parameters
    known = call_types(dict(zip(parameters, given.written.values, strict=True)))
    pushed = live.compiled(given.written.active, "jvp", known).function(f"{name}_jvp")
    tangents = [direction(value) for value in given.arguments]
    named = {f"d{n}": t for n, t in zip(given.written.active, tangents, strict=True)}
    with np.errstate(all="ignore"):
        value, moved = pushed(*frozen(given.written.values), **frozen(named))
    upstream = np.ones(np.shape(value)) if given.upstream is None else given.upstream
    pairs = zip(leaves(given.expected), leaves(tangents), strict=True)
    wanted = [np.real(np.asarray(e) * t) for e, t in pairs]
    assert np.shape(moved) == np.shape(value)
    assert np.iscomplexobj(value) or np.isrealobj(moved) or complex_by_value
    found = np.sum(np.real(upstream * moved))
    size = sum(np.sum(np.abs(part)) for part in wanted)
    single = any(np.asarray(v).dtype in ("c8", "f4") for v in (value, *leaves(tangents)))
    bound = (2e-5 if single else 1e-8) * size + (1e-3 if single else 1e-9)
    assert abs(found - sum(np.sum(part) for part in wanted)) <= bound


PUSHED = [(r, f) for r, f in ACCEPTED if has_forward_mode(r) and not r.listed]


@pytest.mark.parametrize(("rule", "function"), PUSHED, ids=labels(PUSHED))
def test_the_tangent_for_complex_numbers_agrees_with_the_gradients(
    rule: Rule, function: AnyFunction, tmp_path: Path
) -> None:
    """All operands complex, and each alone."""
    points = [*complex_points(rule, function), *HARD.get(rule.backward.__name__, [])]
    cases = [case(rule, function, point) for point in points]
    library = Library(tmp_path / "pushed.py")
    for given in cases:
        library.add(given.written)
    library.load()
    failures = Failures()
    for given in cases:
        with failures.noted(given.point, given.written.text):
            check_pushed(given, library, complex_by_value=function in registry.GIVES_COMPLEX)
    failures.report()


@pytest.mark.parametrize(("rule", "function"), REFUSED, ids=labels(REFUSED))
def test_a_rule_for_real_numbers_refuses_complex_ones(
    rule: Rule, function: AnyFunction, tmp_path: Path
) -> None:
    """Each operand in turn; a wrong number would be worse than none."""
    points = [p for p in POINTS[rule.backward.__name__] if takes(function, p)]
    point = next(p for p in points if bind(rule, p).active)
    if has_several(rule):
        flat = map(registry.is_flat, registry.upstream_names(rule))
        point = replace(point, results=([*flat].index(False),))
    written = write(rule, function, point)
    library = Library(tmp_path / "refused.py")
    library.add(written)
    library.load()
    backward = derive_backward(library.module.f0).backward
    names = written.text.partition("):\n")[0].removeprefix("(").split(", ")
    for name in written.active:
        values = copy.deepcopy(written.values)
        place = names.index(name)
        values[place] = turned(values[place], 0)
        with pytest.raises(DerivationError, match="SD108"):
            backward(*values)


@pytest.mark.parametrize(("rule", "function"), IDIOMS, ids=labels(IDIOMS))
def test_an_idiom_of_complex_numbers_is_right_or_refused(
    rule: Rule, function: AnyFunction, tmp_path: Path
) -> None:
    """It isn't taken for the idiom of real numbers, which may be written otherwise."""
    refused = right = 0
    for count, point in enumerate(complex_points(rule, function)):
        given = case(rule, function, point)
        library = Library(tmp_path / f"idiom{count}.py")
        library.add(given.written)
        library.load()
        try:
            check_case(given, library)
        except DerivationError as error:
            refused += {d.code for d in error.diagnostics} == {"SD108"}
        else:
            right += 1
    assert {refused, right} == {0, count + 1}


WEIGHTS = np.array([[0.4, -1.1, 0.7], [1.3, 0.2, -0.6], [-0.3, 0.9, 1.6]])
TURNED = WEIGHTS.T * (0.8 - 1.3j) + WEIGHTS * 0.5j


def sizes_of_eigenvectors(a):
    w, v = np.linalg.eigh((a + np.conj(a.T)) / 2)
    return np.sum(WEIGHTS * np.abs(v) ** 2) + np.sum(w**3)


def sizes_of_eigenvectors_alone(a):
    return np.sum(WEIGHTS * np.abs(np.linalg.eigh((a + np.conj(a.T)) / 2)[1]) ** 2)


def function_of_eigenvectors(a):
    w, v = np.linalg.eig(a)
    return np.sum(np.real((v * np.exp(w / 4)) @ np.linalg.inv(v) * TURNED))


def sign_and_size_of_a_determinant(a):
    sign, size = np.linalg.slogdet(a)
    return np.real(sign * (0.3 - 0.8j)) + size


def function_of_a_tall_matrix(a):
    u, s, vh = np.linalg.svd(a[:, :2], full_matrices=False)
    return np.sum(np.real((u * np.sin(s)) @ vh * TURNED[:, :2]))


def function_of_a_wide_matrix(a):
    u, s, vh = np.linalg.svd(a[:2], full_matrices=False)
    return np.sum(np.real((u * np.sin(s)) @ vh * TURNED[:2]))


def function_of_eigenvalues(a):
    w, v = np.linalg.eigh((a + np.conj(a.T)) / 2)
    return np.sum(np.real((v * np.exp(w)) @ np.conj(v.T) * TURNED))


def sizes_of_singular_vectors(a):
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return np.sum(np.abs(u) ** 2 * WEIGHTS) + np.sum(np.abs(vh) ** 2 * WEIGHTS.T)


def function_of_singular_values(a):
    u, s, vh = np.linalg.svd(a)
    return np.sum(np.real((u * np.sin(s)) @ vh * TURNED)) + np.sum(s**2 * WEIGHTS[0])


@pytest.mark.parametrize(
    "function",
    [
        sizes_of_eigenvectors,
        function_of_eigenvalues,
        sizes_of_singular_vectors,
        function_of_singular_values,
        sizes_of_eigenvectors_alone,
        function_of_eigenvectors,
        sign_and_size_of_a_determinant,
        function_of_a_tall_matrix,
        function_of_a_wide_matrix,
    ],
)
def test_vectors_of_any_phase_are_right_where_no_phase_matters(function: AnyFunction) -> None:
    """By the real and the imaginary part of each entry."""
    a = WEIGHTS * (1 + 0.6j) + np.array([[0, 2j, -1], [0.5, 1, 0.3j], [1j, -0.7, 2]])
    found = srcdiff.grad(function)(a)
    for index in np.ndindex(a.shape):
        entry = np.zeros(a.shape)
        entry[index] = 1

        def along(size: float, entry: Any = entry) -> float:
            return float(function(a + size * entry))

        def across(size: float, entry: Any = entry) -> float:
            return float(function(a + 1j * size * entry))

        expected = ridders(along, 0.0) - 1j * ridders(across, 0.0)
        assert found[index] == pytest.approx(expected, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize(
    "function",
    [
        *(sizes_of_eigenvectors, function_of_eigenvalues, sizes_of_singular_vectors),
        *(function_of_singular_values, sizes_of_eigenvectors_alone, function_of_eigenvectors),
        *(sign_and_size_of_a_determinant, function_of_a_tall_matrix, function_of_a_wide_matrix),
    ],
)
def test_tangents_of_vectors_of_any_phase_are_right_too(function: AnyFunction) -> None:
    a = WEIGHTS * (1 + 0.6j) + np.array([[0, 2j, -1], [0.5, 1, 0.3j], [1j, -0.7, 2]])
    da = WEIGHTS.T * (0.7 - 0.4j) + 0.3j * WEIGHTS
    _, moved = srcdiff.jvp(function, (a,), (da,))
    expected = ridders(lambda size: float(function(a + size * da)), 0.0)
    assert moved == pytest.approx(expected, rel=1e-7, abs=1e-8)


def test_the_cases_are_there() -> None:
    """Every accepted function that takes complex arguments at all does so at some point."""
    silent = [f for r, f in ACCEPTED if not any(complex_points(r, f))]
    refusing = {float, np.float64, np.float32, astype}  # they drop the imaginary part, and warn
    assert [f for f in silent if f not in refusing and getattr(f, "__module__", "") != "math"] == []
    names = {rule.backward.__name__ for rule, _ in PAIRS}
    assert sorted((set(OF_COMPLEX) | set(HARD)) - names) == []
