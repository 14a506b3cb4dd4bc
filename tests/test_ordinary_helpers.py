"""Functions that call helpers: these write into arrays of their own, or depend on axes."""

import inspect

import numpy as np
import pytest

from srcdiff import DerivationError, check_grads, grad, vjp
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish


def row_of_its_own(x):
    a = np.zeros((2, 3))
    row = a[0]
    row[:] = x
    return np.sum(a**2)


def picked_by_numbers(x):
    b = x[[0, 2]]
    b[0] = 0
    return np.sum(b**2)


def picked_by_a_mask(x):
    inside = np.abs(x) > 0.5
    b = x[inside & (x < 10)]
    b[0] = 0
    return np.sum(b**2)


def sorted_first(x):
    order = np.argsort(x)
    b = x[order]
    b[1:] *= x[0]
    return np.sum(b**2)


def running_sum(x):
    s = x[0]
    for v in x[1:]:
        s += v
    return s * s


def interpolated(xs, ys, t):
    total = 0.0
    for i in range(len(xs)):
        term = ys[i]
        for j in range(len(xs)):
            if i != j:
                term *= (t - xs[j]) / (xs[i] - xs[j])
        total += term
    return total


@pytest.mark.parametrize(
    "helper", [row_of_its_own, picked_by_numbers, picked_by_a_mask, sorted_first, running_sum]
)
def test_a_helper_may_write_into_what_it_made_itself(helper):
    def caller(x):
        return 2.0 * helper(x) * x[0]

    x = np.array([1.1, 2.3, 0.7])
    check_grads(caller, (x,), order=1)
    check_grads(lambda x: helper(x) * np.sum(x), (x,), order=1)


def test_a_number_that_a_helper_takes_out_of_an_array_may_be_updated():
    nodes = np.array([0.0, 1.0, 2.5])
    x = np.array([1.1, 2.3, 0.7])
    check_grads(lambda x: 2.0 * interpolated(nodes, x, x[0]), (x,), order=2)


def test_a_helper_that_updates_a_row_of_its_argument_is_refused():
    with pytest.raises(DerivationError, match="running_sum updates its argument in place"):
        grad(lambda x: np.sum(2.0 * running_sum(x)))(np.ones((2, 3)))


def doubled_rows(x):
    x = x.copy()
    for row in x:
        row *= 2.0
    return x**2


def exchanged(a):
    a = a.copy()
    a[0], a[1] = a[1], a[0]
    return a**2


@pytest.mark.parametrize("helper", [doubled_rows, exchanged])
@pytest.mark.parametrize("shape", [(3,), (2, 2)])
def test_a_helper_is_derived_for_the_axes_that_its_argument_has(helper, shape):
    x = np.random.default_rng(3).normal(size=shape)
    check_grads(lambda x: np.sum(helper(x * x)), (x,), order=2)


def test_a_helper_that_depends_on_axes_and_is_called_with_several_kinds_is_refused():
    def both(x):
        return np.sum(exchanged(x)) + np.sum(exchanged(np.outer(x, x)))

    with pytest.raises(DerivationError, match="is called with arguments of other types"):
        grad(both)(np.array([1.0, 2.0]))


def transposed(rows):
    columns = list(zip(*rows, strict=False))
    return columns[0][1] * 2 + columns[1][1]


def test_a_helper_may_transpose_lists():
    found = grad(lambda rows: 2.0 * transposed(rows))([[1.0, 2.0], [3.0, 4.0]])
    assert found == [[0.0, 0.0], [4.0, 2.0]]


def listed_once(ys):
    table = [list(ys)]
    return table[0][1] * 2


def tupled_once(ys):
    table = [tuple(ys)]
    return table[0][1] ** 2


@pytest.mark.parametrize("function", [listed_once, tupled_once])
@pytest.mark.parametrize("kind", [list, np.array])
def test_a_copy_of_a_list_may_stand_in_a_list(function, kind):
    found = grad(function)(kind([1.0, 1.0, 3.0]))
    assert type(found) is type(kind([1.0]))
    np.testing.assert_allclose(found, [0.0, 2.0, 0.0])


def with_item(x):
    a = np.asarray(x) ** 2
    return a + a.item()


def with_all_of_it(x):
    return np.sin(x) * x + x[()]


@pytest.mark.parametrize("function", [with_item, with_all_of_it])
@pytest.mark.parametrize("x", [np.array(1.3), np.float64(1.3)])
def test_the_number_in_an_array_without_axes_is_used_beside_the_array(function, x):
    expected = {with_item: 4 * 1.3, with_all_of_it: np.sin(1.3) + 1.3 * np.cos(1.3) + 1}
    np.testing.assert_allclose(grad(function)(x), expected[function])


def grid_overwritten(k, x):
    _, o = np.meshgrid(k, k)
    o[0, 0] = x * 7.3
    return np.sum(o**2)


def test_a_grid_may_be_written_into():
    check_grads(grid_overwritten, (np.array([1.0, 2.0, 3.0]), 1.3), order=1)


def doubled(v):
    out = []
    for x in v:
        out.append(x * 2)
    return out


def running(v):
    out = [v[0]]
    for x in v[1:]:
        out.append(out[-1] + x**2)
    return out


def squared(v):
    return [t * t for t in v]


def an_array_of_a_list(x):
    return np.sum(np.array(doubled(x)) * np.arange(3))


def a_mean_of_a_list(x):
    return np.mean(squared(x)) * np.dot(squared(x), squared(x[::-1]))


def differences_in_a_list(x):
    return np.sum(np.diff(running(x)) ** 2)


def again_and_again(x):
    v = [x[0], x[1]]
    for _ in range(2):
        v = doubled(v)
    return np.sum(np.array(v) ** 2) * x[2]


@pytest.mark.parametrize(
    "f", [an_array_of_a_list, a_mean_of_a_list, differences_in_a_list, again_and_again]
)
def test_a_list_that_a_helper_fills_may_become_an_array(f):
    x = np.array([1.0, -2.0, 0.5])
    expected = [(f(x + step) - f(x - step)) / 2e-6 for step in np.eye(3) * 1e-6]
    np.testing.assert_allclose(grad(f)(x), expected, rtol=1e-6)
    np.testing.assert_allclose(vjp(f, x)[1](1.0)[0], expected, rtol=1e-6)


def test_rows_that_a_helper_fills_may_become_an_array():
    x, upstream = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[1.0, -1.0], [0.5, 2.0]])
    _, back = vjp(lambda x: np.array(doubled(x)), x)
    np.testing.assert_allclose(back(upstream)[0], 2 * upstream)


def shifted_power(x, b=None):
    if b is not None:
        x = x + b
    return np.sum(x**2)


def without_the_shift(x):
    return shifted_power(x) * x[0]


def with_and_without_the_shift(x):
    return shifted_power(x) * shifted_power(x, x * x[1])


@pytest.mark.parametrize("f", [without_the_shift, with_and_without_the_shift])
def test_a_helper_may_be_called_without_what_it_adds(f):
    x = np.array([1.0, -2.0, 0.5])
    expected = [(f(x + step) - f(x - step)) / 2e-6 for step in np.eye(3) * 1e-6]
    np.testing.assert_allclose(grad(f)(x), expected, rtol=1e-6)
    file = SourceFile(
        "\n\n\n".join(["import numpy as np", *map(inspect.getsource, (shifted_power, f))]),
        "text.py",
    )
    result = file.derive(file.chosen(None, Wish()))
    namespace = {}
    exec(file.module(result), namespace)
    np.testing.assert_allclose(namespace[f"{f.__name__}_backward"](x), expected, rtol=1e-6)
    dx, db = namespace["shifted_power_backward"](x)
    np.testing.assert_allclose(dx, 2 * x)
    assert db is None
