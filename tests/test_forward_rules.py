"""Forward mode of every rule of the registry at every listed point, held to the gradients."""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rule_points import Point
from test_rules import (
    LISTS,
    PAIRS,
    SETTINGS,
    WEAK_NUMBERS,
    WRITTEN,
    Failures,
    Library,
    Written,
    assert_separate,
    bind,
    expectation,
    frozen,
    has_several,
    leaves,
    name_of,
    points_of,
    precision,
    upstream_for,
    warns,
    with_settings,
    write,
)

from srcdiff import DerivationError, jvp
from srcdiff.live import LiveFunction
from srcdiff.passes.apply_forward import tangent_names
from srcdiff.rules import forwards, registry
from srcdiff.rules.helpers import HELPERS
from srcdiff.rules.registry import AnyFunction, Rule
from srcdiff.signatures import call_types

registry.load()

WITHOUT = set(
    """
    contracted_backward cumulative_prod_backward dist_backward einsum_gradient_backward
    geomspace_backward interp_of_period_backward logspace_backward observations_backward
    partition_backward poly_backward polyfit_backward product_backward product_of_others_backward
    quantile_weights_backward slope_of_products_backward unramped_backward variables_of_backward
    """.split()
)
"""The rules without forward mode, which is refused."""
PARTLY = {
    "gradient_backward": {"spacing"},
    "interp_backward": {"x", "xp"},
    "trapezoid_backward": {"points", "step"},
}
"""Rules without forward mode for some operands, or some of their values."""


STEPS = {divmod, np.divmod, np.modf, np.frexp, math.modf, math.frexp}
"""Functions of several results that have none."""


def has_forward_mode(rule: Rule) -> bool:
    tables = (forwards.TANGENTS, forwards.JOINT, forwards.IN_TURN)
    own = any(rule.backward in table for table in tables)
    return rule.family != "rule" or own


def test_only_the_listed_rules_have_no_forward_mode() -> None:
    rules = [r for _, r in registry.all_rules() if "scipy" not in r.backward.__module__]
    found = {rule.backward.__name__ for rule in rules if not has_forward_mode(rule)}
    assert found == WITHOUT


def test_a_forward_rule_has_the_parameters_of_its_backward_rule() -> None:
    for _, rule in registry.all_rules():
        tangent = forwards.TANGENTS.get(rule.backward)
        if tangent is None:
            continue
        own = list(registry.signature_of(tangent).parameters.values())
        given = registry.forward_parameters(rule)
        assert [str(p) for p in own[: len(given)]] == [str(p) for p in given], tangent
        assert {name[1:] for name in tangent_names(rule, tangent)} <= {p.name for p in given}
        name = rule.backward.__name__
        assert tangent.__name__ == name.removesuffix("_backward") + "_forward"


def direction(value: Any, draws: np.random.Generator) -> Any:
    """Give a tangent in the structure, shape and precision of a value."""
    if isinstance(value, (list, tuple)):
        return type(value)(direction(item, draws) for item in value)
    drawn = draws.uniform(-1, 1, np.shape(value))
    if isinstance(value, (np.ndarray, np.floating)):
        return (
            drawn.astype(precision(value))[()]
            if np.ndim(value) == 0
            else drawn.astype(precision(value))
        )
    return float(drawn)


def versions(library: Library, written: Written) -> list[tuple[str, Callable[..., Any]]]:
    """Give the general forward mode of a written function, and that for its arguments' types."""
    name = library.names[written.text]
    live = LiveFunction(getattr(library.module, name))
    signature = registry.signature_of(live.function)
    given = call_types(dict(zip(signature.parameters, written.values, strict=True)))
    found = []
    for kind, known in (("general", None), ("for the call's types", given)):
        compiled = live.compiled(written.active, "jvp", known)
        text = compiled.text
        found.append((f"{kind}\n{text}", compiled.function(f"{name}_jvp")))
    return found


def check_pushed(
    rule: Rule, function: AnyFunction, point: Point, written: Written, library: Library
) -> None:
    """Check forward mode at one point: its tangent is that of the gradients."""
    with np.errstate(all="ignore"):
        output = function(*point.args, **point.kwargs)
        upstream = upstream_for(output, point)
    bound = bind(rule, point)
    outputs, upstreams = [output], [upstream]
    if has_several(rule):
        outputs = [o for o, u in zip(output, upstream, strict=True) if u is not None]
        upstreams = [u for u in upstream if u is not None]
    expected = [expectation(function, point, n, rule, upstream) for n in bound.active]
    if written.active != bound.active:  # the items of a list are parameters
        (expected,) = expected
    draws = np.random.default_rng(7)
    arguments = [bound.values[n] for n in bound.active]
    arguments = arguments if written.active == bound.active else arguments[0]
    tangents = frozen([direction(a, draws) for a in arguments])
    parts = [
        np.asarray(e, float) * t for e, t in zip(leaves(expected), leaves(tangents), strict=True)
    ]
    wanted = sum(np.sum(part) for part in parts)
    size = sum(np.sum(np.abs(part)) for part in parts)
    warning: Any = "ignore" if warns(function, point) or not np.isfinite(wanted) else "raise"
    plain = any(isinstance(value, float) for value in written.values)
    for kind, pushed in versions(library, written):
        values = frozen(written.values)
        given = {f"d{n}": t for n, t in zip(written.active, copy.deepcopy(tangents), strict=True)}
        try:
            with np.errstate(all=warning, under="ignore"):
                value, moved = pushed(*values, **frozen_each(given))
            several = len(outputs) > 1
            found = [*zip(value, moved, strict=True)] if several else [(value, moved)]
            for (one, tangent), result in zip(found, outputs, strict=True):
                check_kind(one, tangent, result, plain=plain)
            single = precision(outputs[0]) == np.float32
            if np.isfinite(wanted):
                total = sum(
                    np.sum(np.where(np.isnan(o), 0, np.asarray(u, float) * m))
                    for (_, m), o, u in zip(found, outputs, upstreams, strict=True)
                )
                bound_ = (2e-5 if single else 1e-8) * size + (3e-6 if single else 1e-10)
                assert abs(total - wanted) <= bound_, f"{total} instead of {wanted}"
            tangents_found = [tangent for _, tangent in found]
            assert_separate(tangents_found, list(leaves([values, list(given.values())])))
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # told with the text
            raise AssertionError(f"{kind}\n{type(error).__name__}: {error}") from None
        np.testing.assert_equal(values, written.values)


def check_kind(value: Any, tangent: Any, output: Any, *, plain: bool) -> None:
    """Check that a value is right, and its tangent of its shape and precision."""
    np.testing.assert_array_equal(value, output)
    assert np.shape(tangent) == np.shape(output), f"the shape {np.shape(tangent)}"
    if WEAK_NUMBERS and isinstance(output, np.ndarray) and not plain:
        assert np.result_type(tangent) == precision(output)


def frozen_each(given: dict[str, Any]) -> dict[str, Any]:
    return {name: frozen(value) for name, value in given.items()}


def check_all(
    rule: Rule, function: AnyFunction, cases: list[tuple[Point, Written]], path: Path
) -> None:
    if not has_forward_mode(rule) or function in STEPS:
        pytest.skip("it has no forward mode")
    library = Library(path / f"{rule.backward.__name__}.py")
    for _, written in cases:
        library.add(written)
    library.load()
    failures = Failures()
    for point, written in cases:
        with failures.noted(point, written.text):
            try:
                check_pushed(rule, function, point, written, library)
            except DerivationError as refusal:
                partly = set(written.active) & PARTLY.get(rule.backward.__name__, set())
                if "forward mode" not in str(refusal) or not partly:
                    raise
    failures.report()


@functools.cache
def alone(rule: Rule, function: AnyFunction) -> list[Point]:
    """Give points at which one operand alone has a tangent: in a forward rule, others have None."""
    tangent = forwards.TANGENTS.get(rule.backward)
    if tangent is None or len(tangent_names(rule, tangent)) < 2 or registry.extra_arguments(rule):
        return []
    points = [p for p in points_of(rule, function) if p.expected is None and p.wrt is None]
    several = [p for p in points if len(bind(rule, p).active) > 1]
    return [replace(p, wrt=(name,)) for p in several for name in bind(rule, p).active]


ALONE = [(r, f) for r, f in WRITTEN if alone(r, f)]


@pytest.mark.parametrize(("rule", "function"), ALONE, ids=[name_of(f) for _, f in ALONE])
def test_one_operand_alone_may_have_a_tangent(
    rule: Rule, function: AnyFunction, tmp_path: Path
) -> None:
    cases = [(p, write(rule, function, p, "settings")) for p in alone(rule, function)]
    check_all(rule, function, cases, tmp_path)


OF_HELPERS = [(r, f) for r, f in PAIRS if f in HELPERS.values() and r.backward in forwards.TANGENTS]


def check_tangent_directly(rule: Rule, function: AnyFunction, point: Point) -> None:
    """Check a forward rule, called as it stands."""
    upstream = upstream_for(function(*point.args, **point.kwargs), point)
    bound, draws = bind(rule, point), np.random.default_rng(7)
    tangents = {f"d{n}": direction(bound.values[n], draws) for n in bound.active}
    expected = [expectation(function, point, n, rule, upstream) for n in bound.active]
    wanted = sum(np.sum(e * t) for e, t in zip(expected, tangents.values(), strict=True))
    found = forwards.TANGENTS[rule.backward](*point.args, **point.kwargs, **tangents)
    assert np.sum(upstream * found) == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize(("rule", "function"), OF_HELPERS, ids=[name_of(f) for _, f in OF_HELPERS])
def test_a_helpers_forward_rule_agrees_with_its_gradients(
    rule: Rule, function: AnyFunction
) -> None:
    """All operands have tangents, or one alone."""
    for point in points_of(rule, function):
        check_tangent_directly(rule, function, point)
        for name in bind(rule, point).active:
            check_tangent_directly(rule, function, replace(point, wrt=(name,)))


TALL = np.array([[0.4, -1.0], [1.3, 0.2], [-1.5, 0.8]])


def singular_factors(x: np.ndarray) -> Any:
    return np.linalg.svd(x)


def some_singular_factors(x: np.ndarray) -> Any:
    return np.linalg.svd(x, full_matrices=False)


def triangle(x: np.ndarray) -> Any:
    return np.linalg.qr(x, "complete")


def small_triangle(x: np.ndarray) -> Any:
    return np.linalg.qr(x)


FULL_AND_SMALL = [
    (singular_factors, some_singular_factors, TALL),
    (singular_factors, some_singular_factors, TALL.T),
    (triangle, small_triangle, TALL),
    (triangle, small_triangle, TALL.T),
]


@pytest.mark.parametrize(("full", "small", "x"), FULL_AND_SMALL)
def test_what_completes_a_basis_has_no_tangent(
    full: AnyFunction, small: AnyFunction, x: np.ndarray
) -> None:
    """It isn't a number; all else is as if it weren't there."""
    dx = np.cos(3 * x)
    values, moved = jvp(full, (x,), (dx,))
    _, expected = jvp(small, (x,), (dx,))
    for value, tangent, part in zip(values, moved, expected, strict=True):
        assert np.shape(tangent) == np.shape(value)
        common = tuple(slice(n) for n in np.shape(part))
        np.testing.assert_allclose(tangent[common], part, rtol=1e-12)
        rest = np.array(tangent)
        rest[common] = np.nan
        assert np.all(np.isnan(rest) | (rest == value))  # below a triangle stand zeros


FREQUENCIES = [
    (registry.RULES[function], function) for function in (np.fft.fftfreq, np.fft.rfftfreq)
]
"""Of np.fft, what takes and gives real numbers; test_complex_rules has the others."""
PUSHED = [*WRITTEN, *FREQUENCIES]


@pytest.mark.parametrize(("rule", "function"), PUSHED, ids=[name_of(f) for _, f in PUSHED])
def test_the_tangent_of_a_rule_agrees_with_its_gradients(
    rule: Rule, function: AnyFunction, tmp_path: Path
) -> None:
    cases = [(p, write(rule, function, p)) for p in points_of(rule, function)]
    check_all(rule, function, cases, tmp_path)


@pytest.mark.parametrize(("rule", "function"), SETTINGS, ids=[name_of(f) for _, f in SETTINGS])
def test_what_is_not_differentiated_may_be_a_parameter(
    rule: Rule, function: AnyFunction, tmp_path: Path
) -> None:
    check_all(rule, function, with_settings(rule, function), tmp_path)


@pytest.mark.parametrize(("rule", "function"), LISTS, ids=[name_of(f) for _, f in LISTS])
def test_the_items_of_a_list_have_tangents(
    rule: Rule, function: AnyFunction, tmp_path: Path
) -> None:
    points = [p for p in points_of(rule, function) if isinstance(p.args[0], list)]
    points = [p for p in points if not isinstance(p.args[0][0], list)]
    check_all(rule, function, [(p, write(rule, function, p, "items")) for p in points], tmp_path)
