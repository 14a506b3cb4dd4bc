"""What emitted code calls can be derived again, or is refused with a reason."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, check_grads, grad, hessian
from srcdiff.ir import operators
from srcdiff.ir.nodes import Bind, Call, Expression
from srcdiff.ir.walk import walk
from srcdiff.rules import registry
from srcdiff.rules.helpers import HELPERS, add_at, is_fixed, is_number, known
from srcdiff.rules.refused import ONCE_ONLY
from srcdiff.syntax.read_rule import read_rule

registry.load()
WRITTEN_OUT = {  # decided or written out while deriving, so that no emitted code calls them
    *(operators.both, operators.either, operators.each, known, is_number, is_fixed, tuple, zip),
}


def expressions(body: Any) -> Iterator[Expression]:
    for statement in body:
        if isinstance(statement, Bind):
            yield statement.value
        elif hasattr(statement, "then"):
            yield statement.test
            yield from expressions(statement.then)
            yield from expressions(statement.otherwise)


def has_a_rule(function: Any) -> bool:
    tables = (registry.RULES, registry.RARE, registry.FLAT)
    return any(function in table for table in tables) or function in ONCE_ONLY


def test_every_function_that_a_rule_calls_has_a_rule_or_a_reason():
    missing = {}
    for _, rule in registry.all_rules():
        for expression in expressions(read_rule(rule.backward).body or ()):
            for node in walk(expression):
                if isinstance(node, Call) and callable(node.function):
                    if node.function not in WRITTEN_OUT and not has_a_rule(node.function):
                        missing.setdefault(node.function.__name__, rule.backward.__name__)
    assert missing == {}


def test_every_helper_has_a_rule_or_a_reason():
    written = {add_at}  # a statement of its own, read as a write in place
    missing = [n for n, f in HELPERS.items() if f not in written and not has_a_rule(f)]
    assert missing == []


def test_no_reason_is_left_over():
    assert [f.__name__ for f in ONCE_ONLY if f in registry.RULES] == []
    assert set(ONCE_ONLY) <= set(HELPERS.values())


def test_a_reason_is_told():
    once = grad(math.lgamma)
    twice = grad(lambda x: once(x) * 1.0)
    with pytest.raises(DerivationError, match="twice only"):
        grad(lambda x: twice(x) * 1.0)(2.0)


X = np.array([1.0, 2.0, -0.5])
M = np.array([[2.0, 0.3, -0.4], [0.1, 1.5, 0.2], [0.5, -0.6, 1.8]])


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.prod, X),
        (np.prod, np.array([0.0, 2.0, 3.0])),
        (lambda x: np.prod(x, axis=1), M),
        (np.linalg.norm, X),
        (lambda x: np.linalg.norm(x, axis=0), M),
        (lambda x: np.linalg.norm(x, "fro", axis=(0, 1), keepdims=True), M),
        (np.linalg.det, M),
        (np.linalg.inv, M),
        (np.cumprod, X),
        (np.var, X),
        (np.max, X),
        (lambda x: np.concatenate([x, x**2])[1:5] ** 2, X),
        (lambda x: np.where(x > 0, x**3, x**2), X),
        (lambda x: np.median(x) ** 2, X),
        (lambda x: np.quantile(x, [0.3, 0.6], axis=1) ** 2, M),
        (lambda x: np.percentile(x, 10.0 * x[0]) ** 2, X),
        (lambda x: np.average(x, axis=1, weights=x[0]), M),
        (lambda x: np.cov(x, x**2), X),
        (lambda x: np.maximum.accumulate(x) ** 2, X),
        (np.nancumprod, X),
        (lambda x: np.pad(x, 2, "linear_ramp", end_values=x[0]) ** 2, X),
        (lambda x: np.pad(x, 2, "median") ** 2, X),
        (lambda x: np.pad(x, 2, "reflect", reflect_type="odd") ** 2, X),
        (lambda x: np.polymul(x, x), X),
        (lambda x: np.polyfit(np.sin(x), x**2, 1), X),
        (np.poly, X),
        (np.i0, X),
        (math.lgamma, 2.3),
        (lambda x: np.mean(x, axis=1, where=M > 0) ** 2, M),
        (lambda x: np.diff(x, 2) ** 2, X),
        (lambda x: np.clip(x, -1.0, 1.5) ** 2, X),
        (lambda x: np.exp(x) / np.sum(np.exp(x)), X),
    ],
)
def test_second_derivatives_agree_with_differences(f, x):
    check_grads(f, (x,), order=2, modes=("rev",))


def test_the_second_derivative_of_i0_at_zero_divides_by_nothing() -> None:
    with np.errstate(all="raise"):
        assert grad(grad(np.i0))(0.0) == 0.5


# The usual edges: finite, and right where mathematics says what is right.


def test_the_second_derivatives_of_a_norm_away_from_zero_and_at_zero():
    length = np.linalg.norm(X)
    assert np.allclose(
        hessian(np.linalg.norm)(X), (np.eye(3) - np.outer(X, X) / length**2) / length
    )
    assert np.all(np.isfinite(hessian(np.linalg.norm)(np.zeros(3))))


def test_where_guards_the_second_derivative_of_a_root():
    def f(x):
        return np.sum(np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0))

    assert np.allclose(np.diag(hessian(f)(np.array([4.0, 0.0, -1.0]))), [-1 / 32, 0, 0])


@pytest.mark.parametrize("power", [0, 1, 2, 3])
def test_the_second_derivatives_of_powers_at_zero(power):
    derived = grad(grad(lambda x: x**power))
    assert derived(0.0) == (2.0 if power == 2 else 0.0)
    assert derived(2.0) == power * (power - 1) * 2.0 ** max(power - 2, 0)


def test_log_sum_exp_with_a_masked_entry():
    def f(x):
        largest = np.max(x)
        return largest + np.log(np.sum(np.exp(x - largest)))

    x = np.array([1.0, -np.inf, 2.0])
    p = np.exp(x - 2.0) / np.sum(np.exp(x - 2.0))
    assert np.allclose(grad(f)(x), p)
    assert np.allclose(hessian(f)(x), np.diag(p) - np.outer(p, p))


def test_a_part_taken_of_a_gradient_that_is_itself_copied_is_copied_too():
    def f(x):
        y = x * 1.0
        row = y[0].copy()
        y[0] = y[1]
        y[1] = row
        return np.sum(y * x)  # twice the product of the rows

    gradient = grad(f)
    direction = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    along = grad(lambda x: np.sum(gradient(x) * direction))
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]])
    assert np.allclose(along(x), 2 * direction[::-1])


def test_parts_that_a_loop_overwrites_are_restored_in_second_order_too():
    def f(x):
        y = x * 1.0
        for i in range(2):
            y[i] *= x[i] * y[i]
        return np.sum(y * x)  # the sum of x ** 4

    gradient = grad(f)
    direction = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    along = grad(lambda x: np.sum(gradient(x) * direction))
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]])
    assert np.allclose(along(x), 12 * x**2 * direction)


@pytest.mark.parametrize("function", [np.logaddexp, np.logaddexp2])
@pytest.mark.parametrize("at", [(0.4, 0.4), (0.4, 0.7), (-3.0, -3.0)])
def test_equal_operands_of_logaddexp_have_second_derivatives(function, at):
    check_grads(lambda v: function(v[0], v[1]), (np.array(at),), order=2)
    assert abs(hessian(lambda v: function(v[0], v[1]))(np.array(at))[0, 0]) > 0.1


@pytest.mark.parametrize("at", [(1e17, 1e17), (-np.inf, -np.inf), (np.inf, np.inf)])
def test_equal_operands_of_logaddexp_share_however_large_they_are(at):
    assert grad(np.logaddexp, (0, 1))(*at) == (0.5, 0.5)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_repeated_differences_have_second_derivatives(n):
    x = np.sin(np.arange(30.0)).reshape(5, 6)
    check_grads(lambda x: np.diff(x, n=n, axis=0) ** 2, (x,), order=2)
    check_grads(lambda x: np.diff(x, n=n, prepend=1.0, append=2.0) ** 2, (x,), order=2)


MATRIX = np.array([[1.0, 0.0, 2.0], [3.0, 4.0, 0.0]])
PRODUCTS = [
    np.prod,
    lambda x: np.prod(x, axis=0),
    lambda x: np.prod(x, axis=(-1, 0)),
    lambda x: np.prod(x, axis=-1, keepdims=True),
    lambda x: np.multiply.reduce(x) * x[0],
]


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize("function", PRODUCTS)
def test_products_with_zeros_have_derivatives_of_any_order(function, order):
    check_grads(function, (MATRIX,), order=order)


TRANSFORMS = [
    lambda x: np.abs(np.fft.fft(x, n=2)) ** 2,
    lambda x: np.abs(np.fft.fft(x, n=5)) ** 2,
    lambda x: np.abs(np.fft.rfft(x, n=2)) ** 2,
    lambda x: np.abs(np.fft.rfft(x, n=5)) ** 2,
    lambda x: np.fft.irfft(x, n=3) ** 2,
    lambda x: np.fft.irfft(x, n=6) ** 2,
    lambda x: np.fft.irfft(np.fft.rfft(x) ** 2) ** 2,
]


@pytest.mark.parametrize("function", TRANSFORMS)
def test_transforms_of_other_sizes_and_of_half_a_spectrum_have_second_derivatives(function):
    check_grads(function, (np.array([1.0, -2.0, 3.5]),), order=2)
    check_grads(function, (MATRIX,), order=2)


def test_the_slopes_of_sinc_have_derivatives_at_zero():
    check_grads(np.sinc, (np.array([0.0, 0.01, 0.5, 1.0, -0.049, 0.051]),), order=3)
    assert np.isclose(grad(grad(np.sinc))(0.0), -(math.pi**2) / 3)


CONTRACTIONS = [
    lambda x: np.einsum("ij,j->i", x, x[0] * np.array([1.0, 2.0, 3.0])),
    lambda x: np.einsum("ii->i", x @ x.T) ** 2,
    lambda x: np.einsum("ij->", x**2),
    lambda x: np.einsum("ij,kj,ik", x, x, x @ x.T),
    lambda x: np.einsum("...j,j->...", x, x[0]),
    lambda x: np.einsum("ij,kj->ik", x[:1], x),
    lambda x: np.tensordot(x, x.T, 1),
    lambda x: np.tensordot(x, x[0], 0),
    lambda x: np.tensordot(x, x, ([0, 1], [0, 1])),
    lambda x: np.tensordot(x, x, (-1, 1)),
]


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("function", CONTRACTIONS)
def test_einsum_and_tensordot_in_every_form_have_derivatives_of_any_order(function, order):
    check_grads(function, (MATRIX,), order=order)


def numbers_and_parts(x):
    y = x.copy()
    for i in range(2):
        if y[i] > 0.2:
            y[i:] = y[i:] ** 2
            y[i + 1] += y[i] * x[2]
        y[0] = y[1] * y[0]
    return np.sum(y**3)


def arrays_popped_into_rows(x):
    rows = [x[:2] * 2, x[1:] ** 2]
    table = np.zeros((2, 2))
    for i in range(2):
        table[i] = rows.pop()
    return np.sum(table**3)


def arrays_appended_and_popped_into_rows(x):
    rows = []
    for i in range(3):
        rows.append(x ** (i + 1))
    table = np.zeros((3, 3))
    for i in range(3):
        table[i] = rows.pop()
    return np.sum(table**2 * table.T)


@pytest.mark.parametrize(
    "function", [numbers_and_parts, arrays_popped_into_rows, arrays_appended_and_popped_into_rows]
)
def test_lists_of_numbers_and_arrays_are_not_taken_for_lists_of_numbers(function):
    check_grads(function, (np.array([0.7, 0.9, 1.1]),), order=2)


def test_squares_of_absolute_values_and_norms_are_smooth_at_zero():
    both = (lambda x: np.sum(np.abs(x) ** 2)), (lambda x: np.linalg.norm(x) ** 2)
    for function in both:
        for x in (np.zeros(3), np.array([0.0, -1.0, 2.0])):
            np.testing.assert_allclose(hessian(function)(x), 2 * np.eye(3))
            np.testing.assert_allclose(grad(function)(x), 2 * x)


def turned_by_vectors(x):
    w, v = np.linalg.eigh(x)
    return w @ np.abs(v)


def test_second_derivatives_of_a_helper_with_eigenvectors():
    function = lambda x: np.sum(np.sin(turned_by_vectors(x)))  # noqa: E731  # one line
    x = np.array([[2.0, 0.3, 0.1], [0.3, 1.0, 0.2], [0.1, 0.2, 4.0]])
    along = np.arange(9.0).reshape(3, 3) / 10
    along = along + along.T
    slope = (grad(function)(x + 1e-6 * along) - grad(function)(x - 1e-6 * along)) / 2e-6
    found = np.tensordot(hessian(function)(x), along, 2)
    np.testing.assert_allclose(found, slope, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    "x",
    [
        np.eye(3),
        np.diag([2.0, 2.0, -2.0]),
        np.array([[1.0, 2.0, 0.5], [2.0, 4.0, 1.0], [0.0, 1.0, 1.0]]),
        np.zeros((2, 2)),
        np.eye(2) + 0j,
        np.stack([np.eye(2), np.ones((2, 2))]),
    ],
)
def test_determinants_have_second_derivatives_at_equal_singular_values(x):
    check_grads(
        lambda x: np.sum(np.real(np.linalg.det(x)) ** 2 + np.real(np.linalg.det(x))), (x,), order=2
    )


def test_the_hessian_of_a_determinant_of_two_by_two_is_constant():
    expected = np.zeros((2, 2, 2, 2))
    expected[0, 0, 1, 1] = expected[1, 1, 0, 0] = 1
    expected[0, 1, 1, 0] = expected[1, 0, 0, 1] = -1
    for x in (np.eye(2), np.ones((2, 2)), np.array([[1.0, 2.0], [3.0, 4.0]])):
        np.testing.assert_allclose(hessian(np.linalg.det)(x), expected, atol=1e-12)


def root_where_positive(x):
    return np.where(x > 0, np.sqrt(x), 0.0)


def sum_of_roots_where_positive(x):
    return np.sum(root_where_positive(x))


def length_of_slopes(x):
    return np.sum(grad(sum_of_roots_where_positive)(x) ** 2)


def test_branches_of_where_that_are_not_taken_leave_no_nan_in_derived_helpers():
    """The slopes are 1 / (2 sqrt(x)), so that the sum of their squares is that of 1 / (4 x)."""
    x = np.array([0.0, 2.0, 0.7])
    expected = [0.0, -1 / (4 * 2.0**2), -1 / (4 * 0.7**2)]
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(grad(length_of_slopes)(x), expected)
        slopes = grad(lambda x: np.sum(grad(sum_of_roots_where_positive)(x)))(x)
    np.testing.assert_allclose(slopes, [0.0, -(2.0**-1.5) / 4, -(0.7**-1.5) / 4])


def values_of_singular_vectors(x):
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return np.sum((u * np.sqrt(s) @ vh) ** 3) + np.sum(u**3)


def values_of_full_singular_vectors(x):
    u, s, vh = np.linalg.svd(x)
    return np.sum((u[:, :2] @ vh) ** 3) + np.sum(s**3)


def aligned(x):
    target = np.array([[0.3, 1.2, -0.4], [1.1, 0.2, 0.9], [-0.6, 0.8, 0.5], [0.1, -1.0, 0.7]])
    u, _, vh = np.linalg.svd(x.T @ target)
    turn = vh.T @ np.diag(np.array([1.0, 1.0, np.sign(np.linalg.det(vh.T @ u.T))])) @ u.T
    return np.sum((x @ turn.T - target) ** 4)


def solved(x):
    return np.sum(np.linalg.lstsq(x, np.arange(1.0, len(x) + 1), rcond=None)[0] ** 3)


TALL = np.array([[2.0, 0.3], [0.1, 1.2], [0.4, -0.5], [0.7, 0.2]])
POINTS = np.array([[0.4, 1.0, -0.3], [1.2, 0.1, 0.8], [-0.5, 0.9, 0.6], [0.2, -1.1, 0.4]])


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (values_of_singular_vectors, TALL),
        (values_of_singular_vectors, TALL.T.copy()),
        (values_of_full_singular_vectors, TALL),
        (aligned, POINTS),
        (solved, TALL),
        (solved, TALL.T.copy()),
        (solved, np.eye(4, 3)),  # equal singular values
    ],
)
def test_hessians_of_singular_vectors_and_least_squares(function, x):
    check_grads(function, (x,), order=2)


def test_singular_vectors_that_complete_the_others_are_refused_where_they_count():
    with pytest.raises(NotImplementedError, match="full_matrices=False"):
        grad(lambda x: np.sum(np.linalg.svd(x)[0] ** 3))(TALL)
    with pytest.raises(NotImplementedError, match="full_matrices=False"):
        grad(lambda x: np.sum(np.linalg.svd(x)[2] ** 3))(TALL.T.copy())


def test_least_squares_of_matrices_without_full_rank_move_among_such():
    left, right, sides = np.array([1.0, 2.0, -1.0]), np.array([0.5, 1.5]), np.arange(1.0, 4.0)
    moved_left, moved_right = np.array([0.3, -0.2, 0.4]), np.array([0.7, -0.1])

    def along(t):
        matrix = np.outer(left + t * moved_left, right + t * moved_right)
        return np.sum((np.linalg.pinv(matrix, 1e-8) @ sides) ** 3)

    matrix = np.outer(left, right)
    found, of_sides = grad(
        lambda a, b: np.sum(np.linalg.lstsq(a, b, rcond=None)[0] ** 3), argnums=(0, 1)
    )(matrix, sides)
    moved = np.outer(moved_left, right) + np.outer(left, moved_right)
    np.testing.assert_allclose(np.sum(found * moved), (along(1e-5) - along(-1e-5)) / 2e-5)
    inverse = np.linalg.pinv(matrix, 1e-8)
    np.testing.assert_allclose(of_sides, inverse.T @ (3 * (inverse @ sides) ** 2))


def solved_with_swapped_rows(x):
    x = x * 1.0
    for i in range(2):
        p = i + np.argmax(np.abs(x[i:, i]))
        x[[i, p]] = x[[p, i]]
        for k in range(i + 1, 3):
            x[k] = x[k] - x[k, i] / x[i, i] * x[i]
    return np.log(np.abs(x[0, 0] * x[1, 1] * x[2, 2]))


def windows(x):
    seen = np.lib.stride_tricks.sliding_window_view(x, (2, 2))
    return np.sum(np.prod(seen, axis=(2, 3)) ** 2)


def pairs_of_extremes(x):
    y = x[0, :2] + 0.05
    each = np.maximum.outer(x, y) ** 2 + np.minimum.outer(x, y) ** 3
    return np.sum(each * np.logaddexp.outer(x, y))


@pytest.mark.parametrize("function", [solved_with_swapped_rows, windows, pairs_of_extremes])
def test_swapped_rows_windows_and_outer_extremes_are_derived_twice(function):
    check_grads(function, (np.array([[0.2, 1.3, 0.4], [1.5, 0.3, 0.9], [0.7, 0.8, 2.1]]),), order=2)


def test_windows_of_an_array_that_changes_after_are_refused():
    def function(x):
        x = x * 1.0
        seen = np.lib.stride_tricks.sliding_window_view(x, 2)
        x[0] = x[1] * 3
        return np.sum(seen**2)

    with pytest.raises(DerivationError, match="SD110"):
        grad(function)(np.array([1.0, 3.0, 2.0]))
