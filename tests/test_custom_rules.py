"""Rules of users' own, and stop_gradient."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from srcdiff import (
    DerivationError,
    check_grads,
    derive_backward,
    grad,
    hessian,
    jvp,
    rule,
    stop_gradient,
    value_and_grad,
    vjp,
)
from srcdiff.rules import registry
from srcdiff.syntax.scope import OPAQUE

X = np.array([1.0, 2.0, -3.0])
SCALE = 3
SEEN = []


def clipped(x, limit):
    return np.array([min(max(v, -limit), limit) for v in x])  # a form of no rule of srcdiff's


def clipped_backward(x, limit, *, dy):
    dx = np.where(np.abs(x) <= limit, dy, 0.0)
    return dx


def solved(a):
    """The number whose square is a, by a loop that nobody wants to run backwards."""
    x = 1.0
    while abs(x * x - a) > 1e-14:
        x = 0.5 * (x + a / x)
    return x


def solved_backward(a, *, dx):
    x = solved(a)
    da = dx / (2 * x)
    return da


def cubed(a):
    return a**3


def cubed_backward(a, *, dy):
    da = SCALE * a**2 * dy  # a name of this module: the rule is taken along as a function
    return da


def watched(h):
    return h


def watched_backward(h, *, dy):
    SEEN.append(np.max(np.abs(dy)))
    dh = np.clip(dy, -1, 1)
    return dh


def label(x):
    return float(len(str(x)))


@pytest.fixture(autouse=True, scope="module")
def rules():
    """Register the rules for these tests alone: others look at the whole registry."""
    registry.load()
    tables = (registry.RULES, registry.FLAT, OPAQUE)
    before = [dict(table) for table in tables]
    rule.elementwise(clipped)(clipped_backward)
    rule(solved)(solved_backward)
    rule(cubed)(cubed_backward)
    rule(watched)(watched_backward)
    rule.elementwise(rounded)(rounded_backward)
    rule(doubled_squares)(doubled_squares_backward)
    rule.flat(label)
    yield
    for table, kept in zip(tables, before, strict=True):
        table.clear()
        table.update(kept)


def test_a_rule_is_used_by_transforms_and_by_the_decorator():
    assert grad(lambda a: solved(a) ** 3)(4.0) == pytest.approx(1.5 * np.sqrt(4.0))
    assert np.allclose(grad(lambda x: np.sum(clipped(x, 2.0) * x))(X), [2.0, 4.0, -2.0])

    @derive_backward
    def f(a, b):
        return b * solved(a)

    assert np.allclose(f.backward(4.0, 3.0), (0.75, 2.0))
    assert "import srcdiff" not in f.backward.source
    assert "da = " in f.backward.source


def test_a_rule_is_differentiated_again():
    assert hessian(solved)(4.0) == pytest.approx(-1 / 32)
    assert hessian(cubed)(2.0) == pytest.approx(12.0)


def test_a_rule_may_see_its_own_module():
    assert np.allclose(grad(lambda x: np.sum(cubed(x)))(X), 3 * X**2)


def test_code_in_the_backward_pass_is_a_rule_of_the_identity():
    SEEN.clear()
    assert np.allclose(grad(lambda x: np.sum(watched(10 * x)) * 5)(X), 10)
    assert SEEN == [5.0]


def test_a_flat_function_is_constant():
    assert grad(lambda x: label(x) * x)(2.5) == 3.0


def test_a_rule_in_a_closure():
    def local(x):
        return float(np.cbrt(x))

    @rule(local)
    def local_backward(x, *, dy):
        y = local(x)
        dx = dy / (3 * y**2)
        return dx

    assert grad(lambda x: 2 * local(x))(8.0) == pytest.approx(2 / 12)


def no_upstream(x):
    return x


def other_names(y, *, dz):
    dy = dz
    return dy


def no_names(x, *, dy):
    return 2 * dy


@pytest.mark.parametrize("wrong", [no_upstream, other_names, no_names, np.sin, 3])
def test_a_rule_of_another_form_is_refused_where_it_is_registered(wrong):
    with pytest.raises(DerivationError) as caught:
        rule(no_upstream)(wrong)
    assert caught.value.diagnostics[0].code == "SD118"


def test_rule_must_name_functions():
    for wrong in ((), (3,)):
        with pytest.raises(DerivationError):
            rule(*wrong)


def test_stop_gradient_is_the_value_as_a_constant():
    def f(x):
        fixed = stop_gradient(x**2 + 1)
        return np.sum(fixed * x)

    assert stop_gradient(X) is X
    assert np.allclose(grad(f)(X), X**2 + 1)
    assert grad(lambda x: stop_gradient(x) * x)(3.0) == 3.0
    out, back = vjp(f, X)
    assert np.isclose(out, f(X))
    assert np.allclose(back(1.0)[0], X**2 + 1)


def test_emitted_text_has_the_plain_value():
    @derive_backward
    def f(x):
        fixed = stop_gradient(x)
        return fixed * x

    assert "stop_gradient" not in f.backward.source.split('"""', 2)[-1].replace("# backprop", "")
    assert "srcdiff" not in f.backward.source


def test_a_write_into_what_stop_gradient_gave_is_one_into_the_argument():
    def f(x):
        y = x * 1.0
        fixed = stop_gradient(y)
        fixed[0] = 7.0
        return np.sum(y * x)

    with pytest.raises(DerivationError, match="SD110"):
        grad(f)(X)


def rounded(x):
    return np.round(x)


def rounded_backward(x, *, dy):
    dx = dy
    return dx


def doubled_squares(x, k=2.0):
    return np.sum(x**2) * k


def doubled_squares_backward(x, k=2.0, *, dy):
    dx = 3 * x * dy * k  # which is wrong, and check_grads says so
    return dx


def test_a_rule_counts_where_its_function_is_transformed_itself() -> None:
    assert grad(rounded)(1.3) == 1.0
    assert jvp(rounded, (1.3,), (2.0,)) == (1.0, 2.0)
    assert value_and_grad(rounded)(1.3) == (1.0, 1.0)
    assert derive_backward(rounded).backward(1.3) == 1.0
    np.testing.assert_allclose(grad(doubled_squares)(np.ones(2), k=3.0), [9.0, 9.0])
    with pytest.raises(AssertionError):
        check_grads(doubled_squares, (np.ones(2),))


def tripled(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return 3.0 * function(*args, **kwargs)

    return wrapper


def starred(*a):
    return a[0] * a[1]


@tripled
def wrapped(a):
    return a * 2.0


def test_a_rule_counts_for_what_is_wrapped_or_has_stars() -> None:
    @rule(starred)
    def starred_backward(*a, dy):
        da = (100.0 * dy, 200.0 * dy)
        return da

    @rule(wrapped)
    def wrapped_backward(a, *, dy):
        da = 100.0 * dy
        return da

    assert grad(wrapped)(4.0) == grad(lambda a: 2 * wrapped(a))(4.0) / 2 == 100.0
    assert grad(starred)(4.0, 5.0) == grad(lambda x, y: 2 * starred(x, y))(4.0, 5.0) / 2 == 100.0
