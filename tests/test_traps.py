"""Each of these has made a well-known system silently wrong; one named test for each."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import math
import math as trigonometry
import textwrap
from math import exp as e

import numpy
import numpy as np
import numpy as xp
import pytest

from srcdiff import DerivationError, derive_backward, grad, hessian, hvp, jvp
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

FACTOR = 3.0


def numeric(function, args, place, h=1e-6):
    gradient = np.zeros(np.shape(args[place]))
    for index in np.ndindex(gradient.shape):
        ends = []
        for sign in (1, -1):
            moved = [np.array(a, float) if isinstance(a, np.ndarray) else a for a in args]
            if np.ndim(args[place]):
                moved[place][index] += sign * h
            else:
                moved[place] += sign * h
            ends.append(np.sum(function(*moved)))
        gradient[index] = (ends[0] - ends[1]) / (2 * h)
    return gradient


def agrees(function, *args, places=None):
    found = derive_backward(function).backward(*args)
    found = found if isinstance(found, tuple) else (found,)
    for place, gradient in zip(places or range(len(found)), found, strict=True):
        np.testing.assert_allclose(gradient, numeric(function, args, place), rtol=1e-6, atol=1e-8)
    return found


def refused(function, code, **options):
    with pytest.raises(DerivationError) as caught:
        derive_backward(function, **options)
    assert code in [d.code for d in caught.value.diagnostics]
    return caught.value


def test_a_shared_gradient_is_not_changed_by_an_update() -> None:
    def f(x, y):
        a = x + y
        b = a + x
        return b, a * y

    x, y, g = np.ones(2), np.array([2.0, 3.0]), np.ones(2)
    dx, dy = derive_backward(f).backward(x, y, db=g, dout1=g)
    np.testing.assert_allclose(dx, 2 + y)
    np.testing.assert_allclose(dy, 1 + y + (x + y))


def test_an_update_seen_under_another_name_is_followed_or_refused() -> None:
    def alias(x):
        y = x
        y += 1
        return x * y

    def view(x):
        y = x * 2
        v = y[1:]
        y *= 3
        return v.sum()

    def chained(x):
        a = b = x * 2
        a += 1
        return a * b

    def through_a_tuple(x):
        t = (x * 2, x)
        y = t[0]
        y += 1
        return t[0] * y

    x = np.array([0.5, 1.5, -2.0])
    for function in (alias, view, chained):
        agrees(function, x)
    with pytest.raises(DerivationError, match="SD110"):
        derive_backward(through_a_tuple).backward(x)


def test_names_that_one_statement_binds_may_stand_for_the_same_array() -> None:
    def together(x):
        a, b = x[0], x[0]
        a += 1.0
        return a * b

    agrees(together, np.array([[0.5, 1.5], [2.0, -1.0]]))


def test_an_update_of_a_view_that_a_branch_makes_new_is_not_taken_for_a_new_value() -> None:
    def f(x, c):
        x = x * 1.0
        y = x[1:]
        if c > 0:
            y += 1.0
        else:
            y = np.zeros(2)
        return np.sum(x) * np.sum(y * x[1:])

    def of_a_list(x):
        rows = [row for row in x]  # noqa: C416 (a list that is appended to)
        a = rows[0]
        a += rows[1]
        return np.sum(a) * np.sum(rows[0])

    for function, args in ((f, (np.ones(3), 1.0)), (of_a_list, (np.ones((2, 2)),))):
        with pytest.raises((DerivationError, TypeError), match=r"SD110|must be a number"):
            derive_backward(function).backward(*args)


def test_a_number_that_a_tuple_holds_may_be_updated() -> None:
    def f(s: float):
        t = (s, 1.0)
        s += 1.0
        return t[0] * s

    assert derive_backward(f).backward(2.0) == 5.0


def test_a_part_s_name_stands_for_the_part_that_it_was_given() -> None:
    """The index moves on, the name doesn't."""

    def walked(x):
        i = 0
        s = x[i]
        while i < 2:
            i += 1
            s += x[i] * x[i - 1]
        return s

    table = np.arange(9.0).reshape(3, 3) / 3 + 0.3
    try:
        agrees(walked, table)
    except DerivationError as error:
        assert [d.code for d in error.diagnostics] == ["SD110"]  # noqa: PT017
    agrees(walked, np.array([0.5, 1.5, -2.0]))


def test_a_test_in_a_loop_reads_the_part_that_a_name_stands_for() -> None:
    def left(x):
        s = x[0]
        for _ in range(3):
            s -= 0.1 * x[1]
            if np.sum(s) < -100:
                break
        else:
            s += x[2]
        return s

    agrees(left, np.arange(9.0).reshape(3, 3) / 3 + 0.3)


def squared(v):
    return v * v


def test_an_update_by_a_call_of_something_computed() -> None:
    def f(x):
        s = 2.0 * x[0]
        for i in range(2):
            s += squared(x[i] + x[2])
        return s

    agrees(f, np.array([0.5, 1.5, -2.0]))
    agrees(f, np.arange(9.0).reshape(3, 3) / 3 + 0.3)


def test_what_a_call_in_a_loop_is_given_has_another_value_each_round() -> None:
    def f(x):
        s = 2.0 * x[0]
        for i in range(2):
            s = s + squared(x[i] + x[2])
        return s

    def nested(x):
        s = 0.0
        for i in range(3):
            d = 1.0
            if i > 0:
                d = squared(x[i] - s) + squared(squared(x[i - 1] * 0.5))
            while d > 4:
                d = squared(d / 4) * x[0]
            s = s + d * x[i]
        return s

    def gathered(x):
        return sum(squared(v - x[0]) for v in x)

    def appended(x):
        z = [x[0]]
        for v in x:
            z.append(squared(v - z[-1]))
        return np.sum(np.array(z))

    for function in (f, nested, gathered, appended):
        agrees(function, np.array([0.5, 1.5, -2.0]))


def test_an_array_without_axes_is_changed_in_place_as_any_other() -> None:
    def doubled(x):
        s = 0.0
        for v in x:
            v *= 2.0
            s += v * x[0]
        return s

    def shifted(x):
        y = x
        y += 1
        return x * y

    values = [np.array(0.5), np.array(1.5)]
    with pytest.raises(DerivationError, match="this changes x too"):
        derive_backward(doubled).backward(values)
    emitted: dict = {}
    exec(derive_backward(doubled).backward.source, emitted)
    with pytest.raises(TypeError, match="v must be a number"):
        emitted["doubled_backward"](values)
    np.testing.assert_equal(values, [0.5, 1.5])
    exec(derive_backward(shifted).backward.source, emitted)
    with pytest.raises(TypeError, match="x must be a number"):
        emitted["shifted_backward"](np.array(2.0))


def test_what_a_class_keeps_is_not_changed_by_an_update_of_another_name() -> None:
    class Scaled:
        def forward(self, x):
            z = x * x
            y = x
            y += 1
            return z * y

    scaled, x = derive_backward(Scaled)(), np.array([1.0, 2.0])
    np.testing.assert_allclose(scaled.forward(x), [2.0, 12.0])
    np.testing.assert_allclose(scaled.backward(np.ones(2)), [5.0, 16.0])


def test_a_class_is_right_for_the_ranks_that_it_was_derived_for() -> None:
    class Row:
        def forward(self, x, i):
            y = x[:2]
            y += x[1:]
            return np.sum(y * x[:2])

    row, x = derive_backward(Row)(), np.array([1.0, 2.0, 4.0])

    def plain(x):
        return Row.forward(Row(), x.copy(), 0)

    row.forward(x.copy(), 0)
    found = row.backward(1.0)
    ends = [[plain(x + h * e) for h in (1e-6, -1e-6)] for e in np.eye(3)]
    np.testing.assert_allclose(found, [(a - b) / 2e-6 for a, b in ends], rtol=1e-6)


def test_an_update_leaves_the_caller_s_array_alone_in_backward() -> None:
    def f(x):
        x *= 2
        return x * x

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(derive_backward(f).backward(x), [8.0, 16.0])
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_an_overwritten_value_that_backward_needs_is_kept() -> None:
    def f(x, w):
        x = x * w
        x = np.sin(x)
        x = x * x
        return x

    agrees(f, np.array([0.3, 0.7]), np.array([1.1, -0.4]))


def test_the_user_s_dx_df_and_dout_are_theirs() -> None:
    def f(dx, df):
        dout = dx * df
        x = dout + dx
        return x * dout

    agrees(f, 2.0, 3.0)


def test_a_parameter_may_be_called_as_its_own_upstream_gradient() -> None:
    def f(x, dout):
        return x * dout

    derive_backward(f)
    assert f.backward(2.0, 3.0) == (3.0, 2.0)


def test_modules_are_known_by_any_name() -> None:
    def f(x):
        return e(-x) * numpy.sin(x) + xp.cos(x) * trigonometry.sqrt(x)

    agrees(f, 0.3)


def test_a_shadowed_builtin_is_the_user_s() -> None:
    def f(x):
        sum = x * 2
        max = sum + x
        return sum * max

    agrees(f, 1.5)


SHADOWING = """
import numpy as np


def min(a, b):
    return a + b


def traced(range, x):
    return np.trace(x) * range


def own(np, y):
    return min(np, y) * y
"""


def test_the_user_s_own_min_is_not_called_by_the_emitted_code(tmp_path) -> None:
    """A rule's text calls the builtins, whatever the user's module calls so."""
    path = tmp_path / "shadowing.py"
    path.write_text(SHADOWING)
    spec = importlib.util.spec_from_file_location("shadowing", path)
    user = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(user)
    file = SourceFile(SHADOWING, "shadowing.py")
    result = file.derive(file.chosen(None, Wish()))
    assert result.problems == []
    emitted = {}
    exec(file.module(result), emitted)
    x = np.arange(9.0).reshape(3, 3)
    for name, arguments in (("traced", (2.0, x)), ("own", (2.0, 3.0))):
        function = getattr(user, name)
        expected = [numeric(function, arguments, place) for place in (0, 1)]
        for backward in (emitted[f"{name}_backward"], derive_backward(function).backward):
            for found, wanted in zip(backward(*arguments), expected, strict=True):
                np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8)


def test_a_list_under_another_name_keeps_its_structure() -> None:
    def f(p, q):
        (a, b), c = p, q
        w = p
        return a * w[1] + b * c[0]

    dp, dq = derive_backward(f).backward((1.0, 2.0), [3.0])
    assert dp == (2.0, 1.0 + 3.0)
    assert dq == [2.0]


def test_fewer_gradients_are_the_same_numbers() -> None:
    def f(x, y):
        z = x * y
        return np.sum(np.tanh(z) * x)

    x, y = np.array([0.3, 0.5]), np.array([0.2, -1.0])
    both = derive_backward(f).backward(x, y)
    np.testing.assert_array_equal(derive_backward(f, wrt="x").backward(x, y), both[0])
    np.testing.assert_array_equal(derive_backward(f, wrt="y").backward(x, y), both[1])


def test_whole_number_inputs_get_float_gradients() -> None:
    def f(x, y):
        return np.sum(x[0] * y * 0.5)

    dx, dy = derive_backward(f).backward(np.array([1, 2]), np.array([True, False]))
    np.testing.assert_array_equal(dx, [0.5, 0.0])
    np.testing.assert_array_equal(dy, [0.5, 0.5])
    assert dx.dtype == dy.dtype == float


def test_single_precision_stays_single() -> None:
    def f(x, w):
        h = np.maximum(x @ w, 0)
        return np.mean(h**2) + np.sum(x)

    ones = np.ones((2, 2), np.float32)
    assert [g.dtype for g in derive_backward(f).backward(ones, ones)] == [np.float32] * 2


@pytest.mark.parametrize("n", [0, 1, 2, 3, -1, -2, 0.5])
def test_powers_are_right_for_every_kind_of_exponent(n) -> None:
    def power(x, n):
        return x**n

    x = np.array([0.5, 2.0])
    np.testing.assert_allclose(
        derive_backward(power, wrt="x").backward(x, n), numeric(power, (x, n), 0), rtol=1e-6
    )


def test_powers_at_zero_and_of_negative_numbers() -> None:
    def square(x):
        return x**2

    def cube(x):
        return x**3

    def one(x):
        return x**0 + x

    assert derive_backward(square).backward(-3) == -6
    np.testing.assert_array_equal(derive_backward(cube).backward(np.array([-2, 0])), [12.0, 0.0])
    assert derive_backward(one).backward(0.0) == 1.0

    def power(x, n):
        return x**n

    assert derive_backward(power, wrt="x").backward(0.0, 1.0) == 1.0
    assert derive_backward(power, wrt="x").backward(0.0, 0.0) == 0.0


def test_complex_numbers_never_reach_a_rule_for_real_ones() -> None:
    def largest(x):
        return np.max(x)

    refused(lambda_free_complex, "SD108")
    with pytest.raises(DerivationError, match="complex"):
        derive_backward(largest).backward(np.array([1j, 2.0]))


def lambda_free_complex(x):
    return np.sort(x * 1j)


def test_a_tie_is_shared_equally_but_a_constant_takes_it() -> None:
    def both(x, y):
        return np.maximum(x, y)

    def relu(x):
        return np.maximum(x, 0)

    def largest(x):
        return np.max(x)

    assert derive_backward(both).backward(2.0, 2.0) == (0.5, 0.5)
    assert derive_backward(relu).backward(0.0) == 0.0
    np.testing.assert_allclose(derive_backward(largest).backward(np.array([1.0, 1.0])), [0.5, 0.5])


def test_a_conditional_follows_the_branch_taken() -> None:
    def f(x):
        return math.log(x) if x > 0 else x * 2

    assert derive_backward(f).backward(4.0) == 0.25
    assert derive_backward(f).backward(-1.0) == 2.0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_branch_not_taken_never_leaks_nan() -> None:
    def direct(x):
        return np.where(x > 0, np.log(x), 0.0)

    def through_a_variable(x):
        y = np.log(x)
        return np.where(x > 0, y, 0.0)

    def overflowing(x):
        return np.where(x < 10, np.exp(x), x)

    x = np.array([0.0, 2.0, -1.0])
    for function in (direct, through_a_variable):
        np.testing.assert_array_equal(derive_backward(function).backward(x), [0.0, 0.5, 0.0])
    np.testing.assert_allclose(
        derive_backward(overflowing).backward(np.array([0.0, 1000.0])), [1.0, 1.0]
    )


def test_a_norm_at_zero_has_the_gradient_zero() -> None:
    def norm(x):
        return np.sqrt(np.sum(x**2))

    np.testing.assert_array_equal(derive_backward(norm).backward(np.zeros(3)), np.zeros(3))


def test_repeated_indices_are_all_counted() -> None:
    def listed(x):
        return np.sum(x[[0, 1, 1]])

    def given(x, i):
        return np.sum(x[i])

    x = np.zeros(3)
    np.testing.assert_array_equal(derive_backward(listed).backward(x), [1.0, 2.0, 0.0])
    found = derive_backward(given).backward(x, np.array([2, 2, 2]))
    np.testing.assert_array_equal(found, [0.0, 0.0, 3.0])
    general = given.backward._general.function("given_backward")
    np.testing.assert_array_equal(general(x, np.array([2, 2, 2])), [0.0, 0.0, 3.0])


def test_a_broadcast_operand_gets_the_sum() -> None:
    def f(x, y):
        return x * y

    agrees(f, np.ones((3, 1)) * 2, np.arange(4.0))
    agrees(f, 2.0, np.arange(4.0).reshape(2, 2))


def square(x, power=2):
    return x**power


def halves(x):
    a = x / 2
    b = np.sin(a)
    return a * b


def test_helpers_are_differentiated_through() -> None:
    def f(x, y):
        return square(x + y) * square(y, power=3) + halves(halves(x))

    agrees(f, 0.4, 0.7)
    agrees(f, np.array([0.4, 0.2]), np.array([[0.7], [0.1]]))


def falling(x, n):
    return x * falling(x - 1, n - 1) if n > 0 else np.sin(x)


def branching(x, n):
    if n == 0:
        return x * x
    y = branching(x * 0.5, n - 1)
    return y * np.cos(x) + branching(y + x, n - 1)


def picked(x, n):
    total = 0.0
    match n:
        case 0:
            g = np.sin
        case 1:
            g = np.cos
        case _:
            g = lambda v: v * v * v  # noqa: E731 - what is tested
    for h in (g, np.tanh):
        total += 2.0 * h(x)
    return total


def test_recursion_is_differentiated_through() -> None:
    def f(x):
        return falling(x, 3) + x * branching(x, 3)

    agrees(f, 0.7)
    agrees(f, -1.3)
    agrees(lambda x: falling(x, 0), 0.4)


def test_a_helper_of_another_module_calls_that_modules_functions(tmp_path, monkeypatch) -> None:
    """The module of the caller has a function of the same name."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "elsewhere_for_traps.py").write_text(
        "def inner(x):\n    total = 0.0\n    for v in x:\n        total += v * v\n"
        "    return total\n\n\ndef outer(x):\n    return inner(x) * 3\n"
    )
    (tmp_path / "caller_for_traps.py").write_text(
        "from elsewhere_for_traps import outer\n\n\ndef inner(x):\n    return x.sum()\n\n\n"
        "def f(x):\n    return outer(x)\n\n\ndef both(x):\n    return outer(x) + inner(x)\n"
    )
    caller = importlib.import_module("caller_for_traps")
    agrees(caller.f, np.array([0.4, -0.7]))
    refused(caller.both, "SD120")


def test_what_is_named_like_a_builtin_or_under_another_name(tmp_path, monkeypatch) -> None:
    """A function of the module's own takes the builtin's place; an alias is the function."""
    monkeypatch.syspath_prepend(tmp_path)
    text = (
        "import numpy as np\n\n\ndef sorted(d):\n    return list(d)[::-1]\n\n\n"
        "def enumerate(fs):\n    return [(5, f) for f in fs]\n\n\n"
        "def square(x):\n    return x * x\n\n\nalias = square\n\n\n"
        "def applied(f, x):\n    return f(x) * x\n\n\n"
        "def by_keys(d):\n    s = 0.0\n    for k in sorted(d):\n        s = 0.5 * s + d[k] ** 2\n"
        "    return s\n\n\n"
        "def numbered(x):\n    s = 0.0\n    for i, f in enumerate((np.sin, np.cos)):\n"
        "        s += i * f(x)\n    return s\n\n\n"
        "def by_alias(x):\n    return applied(alias, x)\n"
    )
    (tmp_path / "own_names_for_traps.py").write_text(text)
    own = importlib.import_module("own_names_for_traps")
    values = {"a": 0.2, "b": 0.3}
    expected = {"a": 0.4, "b": 0.3}
    assert derive_backward(own.by_keys).backward(values) == pytest.approx(expected)
    file = SourceFile(text, "own.py")
    found: dict[str, object] = {}
    exec(file.module(file.derive(file.chosen("by_keys", Wish()))), found)
    assert found["by_keys_backward"](values) == pytest.approx(expected)
    refused(own.numbered, "SD103")
    agrees(own.by_alias, 0.7)


def rows_of_a_list(x, n):
    total = 0.0
    for i in range(n):
        row = [x]
        for j in range(2):
            row.append(math.sin(i + row[j] * x))
        total += row[-1]
    return total


def rows_of_an_array(x, n):
    total = 0.0
    for i in range(n):
        row = x.copy()
        for j in range(2):
            row[j + 1] = math.sin(i + row[j] * x[0])
        total += row[-1] ** 2
    return total


@pytest.mark.parametrize(
    ("function", "x"), [(rows_of_a_list, 0.7), (rows_of_an_array, np.array([0.7, 0.2, 0.4]))]
)
def test_what_a_kept_list_holds_stays_as_it_is(function, x) -> None:
    """Backward restores each row in place: of a copy, so that it may be called again."""
    (wanted,) = agrees(function, x, 3, places=[0])
    split = derive_backward(function, mode="split")
    _, cache = split.forward(x, 3)
    for _ in range(2):
        np.testing.assert_array_equal(split.backward(1.0, cache), wanted)


def test_a_name_stands_for_the_function_of_the_case_that_is_taken() -> None:
    for n in range(3):
        agrees(picked, 0.7, n, places=[0])


def test_a_name_assigned_twice_keeps_both_values_where_a_function_is_written_out() -> None:
    """`m` is the old value of `n`; both have gradients of their own."""

    def f(x, n):
        def scaled(v):
            return v + m * v * v

        m = n
        n = n * 2
        return (scaled(x) + n) * n

    derive_backward(f)
    dx, dn = f.backward(1.5, 0.4)
    assert dx == pytest.approx((1 + 2 * 0.4 * 1.5) * 0.8, rel=1e-12)
    assert dn == pytest.approx(2 * 1.5 + 4 * 0.4 * 1.5**2 + 8 * 0.4, rel=1e-12)


def test_a_default_that_is_a_name_has_the_value_at_the_definition() -> None:
    def f(x, c):
        scaled = lambda v, k=c: v * k  # noqa: E731  # what is tested
        c = c * 10
        return scaled(x) + c

    agrees(f, 0.4, 0.7)


def test_a_module_variable_has_its_value_of_the_call(monkeypatch) -> None:
    def f(x):
        return x * FACTOR

    derive_backward(f)
    assert f.backward(2.0) == 3.0
    monkeypatch.setitem(globals(), "FACTOR", 5.0)
    assert f.backward(2.0) == 5.0


def test_a_closure_s_variable_is_seen() -> None:
    k = 7.0

    def f(x):
        return x * k

    assert derive_backward(f).backward(2.0) == 7.0


def test_what_draws_or_has_effects_is_refused() -> None:
    def draws(x):
        return x * np.random.randn() if x > 0 else x

    def asks(x):
        return x * eval("x")

    refused(draws, "SD103")
    refused(asks, "SD103")


def wrapping(function):
    import functools

    @functools.wraps(function)
    def inner(*args):
        return 3 * function(*args)

    return inner


def test_a_function_wrapped_by_a_decorator_is_refused() -> None:
    @wrapping
    def f(x):
        return 2 * x

    refused(f, "SD118")


def test_a_minus_sign_before_a_floor_division_stays_outside() -> None:
    def f(x, y):
        return x % y

    agrees(f, 7.3, 2.0)
    agrees(f, -7.3, 2.0)


def test_print_is_not_repeated_in_backward(capsys) -> None:
    def f(x):
        print("once")
        return x * x

    derive_backward(f).backward(2.0)
    assert capsys.readouterr().out == ""


def test_what_is_taken_from_a_gradient_stays_when_its_place_is_cleared() -> None:
    def f(x, y):
        grid = np.ndarray((3, 2), dtype=x.dtype)
        for k in range(3):
            step = x * y[k]
            total = step + k
            grid[k, :] = total
            grid[k] = grid[k] * step
        return grid

    x, y = np.array([0.5, 1.5]), np.array([1.0, 2.0, -0.5])
    agrees(f, x, y)


def test_clearing_a_place_in_a_loop_copies_the_place_and_not_the_whole() -> None:
    def f(x, n):
        table = np.zeros((n, 2))
        for k in range(n):
            row = np.sin(x) + k
            table[k] = row
        return table

    agrees(f, np.array([0.5, 1.5]), 3, places=(0,))
    assert "dtable.copy()" not in derive_backward(f).backward.source


def test_names_taken_from_a_tuple_under_other_names_are_still_taken_from_it() -> None:
    def f(phi, omega, rounds):
        phi = phi.copy()
        ny, nx = phi.shape
        for _ in range(rounds):
            for j in range(1, ny - 1):
                phi[j, 1 : nx - 1] = omega * phi[j - 1, 1 : nx - 1] * phi[j + 1, 1 : nx - 1]
        return phi

    agrees(f, np.linspace(0.5, 1.5, 12).reshape(4, 3), 0.5, 2, places=(0, 1))


def test_what_both_branches_assign_is_kept_behind_them_and_the_test_before() -> None:
    def f(a, b, x):
        u = x.copy()
        c = b
        for k in range(3):
            u[0] = c
            if c < 0.5:
                a = u[1] / (1 + a**2)
                u[1] *= c
            else:
                c = math.sin(c) * c
                a = math.tanh(u[k])
            a = a / (1 + a**2)
        return a * c + np.sum(u * x)

    agrees(f, 0.3, 0.8, np.array([0.4, -0.7, 1.2]))


def test_a_number_read_from_a_text_is_refused() -> None:
    def f(x):
        return float(str(x)) * x

    refused(f, "SD103")


JOINING = """
def last_of_repeated(a):
    b = a * 2
    return b[0] * b[len(a)]


def without_second(a):
    rest = a[:1] + a[2:]
    total = 0.0
    for v in rest:
        total += v * v
    return total
"""


@pytest.mark.parametrize("name", ["last_of_repeated", "without_second"])
def test_lists_are_never_taken_for_numbers_that_are_added(name) -> None:
    """Emitted without types, `+` is a sum; of lists it would be something else."""
    file = SourceFile(JOINING, "joining.py")
    result = file.derive(file.chosen(name, Wish()))
    emitted = {}
    exec(file.module(result), emitted)
    with pytest.raises(TypeError, match="a must be an array or a number"):
        emitted[f"{name}_backward"]([1.0, 2.0, 3.0])


RESHAPING = """
import numpy as np


def squares_of_columns(x, axis, weights):
    if axis is not None:
        x = np.expand_dims(x, axis)
    return np.sum(weights * x * x)
"""


def test_a_parameter_that_gets_another_shape_gives_it_back() -> None:
    """The general text knows no shape; that of a rebound parameter isn't that of its values."""
    file = SourceFile(RESHAPING, "reshaping.py")
    found = {}
    exec(RESHAPING + file.module(file.derive(file.chosen("squares_of_columns", Wish()))), found)
    x, weights = np.array([1.0, -2.0, 0.5]), np.array([[1.0, 2.0], [0.5, 3.0], [1.5, -1.0]])
    for axis in (1, None):
        w = weights if axis else weights[:, 0]
        dx, _ = found["squares_of_columns_backward"](x, axis, w)
        np.testing.assert_allclose(
            dx, numeric(lambda v, w=w, a=axis: found["squares_of_columns"](v, a, w), (x,), 0)
        )


CHOICE = np.array([True, False, True])


def test_a_choice_entry_by_entry_is_made_before_the_items_of_an_array() -> None:
    def written_out(x):
        return np.sum(np.where(CHOICE, np.array([x, 1.0, x * x]), np.array([2.0, x, x**3])) ** 2)

    def named(x):
        a = np.array([x, 1.0, x * x])
        return np.sum(np.where(CHOICE, a, 0.0) ** 2)

    def listed(x):
        return np.sum(np.where(CHOICE, np.sqrt([x, x + 1, x * x]), 0.0) ** 2)

    for function in (written_out, named, listed):
        assert np.shape(agrees(function, 2.0)[0]) == ()


def test_a_list_in_place_of_an_array_is_computed_with_as_an_array() -> None:
    def product(x):
        return np.dot([x, x + 2], [x, 1.0]) + np.dot([2.0, 1.0], [x, x * x])

    def by_name(x):
        v = [x, x + 2]
        return np.dot(v, np.array([x, 1.0])) + np.linalg.norm(v)

    def entry_by_entry(x):
        return np.sum(np.sinc([x, x + 2]) + np.logaddexp([1.0, x], [x, 3.0]) + np.square([x, 1.0]))

    for function in (product, by_name, entry_by_entry):
        agrees(function, 0.7)
    assert derive_backward(product).backward(3.0, dout=2) == 2 * product.backward(3.0)


def test_a_number_taken_with_an_empty_index_is_the_number() -> None:
    def computed(x):
        return np.sum(x, axis=0)[()] * 2

    def named(x):
        s = np.sum(x)
        return s[()] * s

    def repeated(x):
        s = 0.0
        for i in range(3):
            s = s + np.cos(x[i])[()]
        return s

    for function in (computed, named, repeated):
        agrees(function, np.array([1.0, 2.0, -3.0]))


def test_a_result_that_the_user_calls_underscore_is_not_overwritten_by_results_left_out() -> None:
    def vectors(x):
        _, v = np.linalg.eigh(x @ x.T)
        return np.sum((v**3) @ np.ones((2, 2)))

    x = np.array([[1.0, 0.3], [0.2, -0.7]])
    agrees(vectors, x)
    text = inspect.getsource(vectors)
    file = SourceFile("import numpy as np\n\n\n" + textwrap.dedent(text), "vectors.py")
    names: dict[str, object] = {}
    derived = file.derive(file.chosen("vectors", Wish()))
    exec(compile(file.module(derived), "emitted", "exec"), names)
    np.testing.assert_allclose(names["vectors_backward"](x), numeric(vectors, (x,), 0), rtol=1e-6)


def test_a_loop_variable_called_underscore_that_is_read_runs_backwards_too() -> None:
    def f(x):
        s = x
        for _ in range(4):
            s = s * np.sin(s) * _ + x
        return np.sum(s)

    agrees(f, np.array([0.7, -0.4]))


DICTS_AS_SEQUENCES = """
def looped_over(x):
    d = {0: x, 1: x * x}
    s = 0.0
    for k in d:
        s += k * x
    return s

def summed(x):
    d = {}
    for t in range(3):
        d[t] = x**t
    return sum(d) * x

def unpacked(x):
    d = {0: x, 1: x * x}
    a, b = d
    return d[a] * d[b] * (b + 1)

def zipped(x):
    d = {0: x, 1: x * x}
    s = 0.0
    for k, w in zip(d, [1.0, 2.0]):
        s += d[k] * w
    return s

def listed(x):
    d = {0: x, 1: x * x}
    return np.sum(np.array(list(d))) * x

def largest(x):
    d = {0: x, 1: x * x}
    return d[max(d)] * x
"""


@pytest.mark.parametrize(
    "name", ["looped_over", "summed", "unpacked", "zipped", "listed", "largest"]
)
def test_the_keys_of_a_dict_are_not_taken_for_its_values(name: str) -> None:
    """Numbers as keys: what runs over a dict has these, not the entries."""
    file = SourceFile("import numpy as np\n" + DICTS_AS_SEQUENCES, "own.py")
    for mode in ("joint", "split", "jvp"):
        found = file.derive(file.chosen(name, Wish(mode=mode)))
        assert [problem.code for problem in found.problems] == ["SD102"]


def one_row_many_times(a):
    g = [[0.0] * 3] * 2
    g[0][1] = a[0] * a[1]
    return g[1][1] * a[0]


def entry_that_a_list_holds_too(x, w):
    history = []
    s = {"p": x * 1.0}
    for _ in range(3):
        history.append(s["p"])
        s["p"] *= w
    return history[1] * s["p"]


def test_what_a_container_holds_twice_is_not_written_into() -> None:
    """A repeated list holds one row; an update of an entry changes what a list holds of it."""
    given = np.array([0.7, -0.4])
    for function, arguments in (
        (one_row_many_times, (given,)),
        (entry_that_a_list_holds_too, (given, given)),
    ):
        with pytest.raises(DerivationError, match="SD110"):
            derive_backward(function).backward(*arguments)


def last_item_changed_after_it_grew(x, w):
    xs = [1.0]
    while len(xs) < 4:
        xs.append(xs[-1] * 0.5)
        xs[-1] = xs[-1] + x * w
    return xs[0] * xs[3] * x


def test_an_item_is_taken_off_before_the_last_one_is_added_to() -> None:
    agrees(last_item_changed_after_it_grew, np.array([0.7, -0.4]), np.array([0.3, 1.2]))


def test_an_argument_that_only_branches_assign_has_its_value_from_the_start() -> None:
    def f(x, y):
        if y > 0:
            x = x * y
        if y < 1:
            s = x * x * y
        else:
            s = y * y
        return s

    for y in (-0.5, 0.5, 1.5):
        agrees(f, 0.7, y)


def taken_off_and_kept(a, b):
    xs = [a, a * b, b]
    x = b
    total = 0.0
    for _ in range(3):
        total = total + x * x * xs[-1]
        x = xs.pop()
    return total * x


def test_a_list_is_lengthened_again_where_what_was_taken_off_is_restored_too() -> None:
    agrees(taken_off_and_kept, 0.7, 0.9)


def of_a_list_of_dicts(layers, x):
    for layer in layers:
        x = np.tanh(layer["w"] * x + layer["b"])
    return np.sum(x)


def test_hessian_vector_products_go_through_lists_of_dicts() -> None:
    layers = [{"w": 0.3, "b": 0.1}, {"w": -0.7, "b": 0.4}]
    along = [{"w": 1.0, "b": 0.5}, {"w": -0.3, "b": 0.2}]
    found = hvp(of_a_list_of_dicts)(layers, 0.9, along)
    slope = grad(of_a_list_of_dicts)
    for place in (0, 1):
        for key in ("w", "b"):
            ends = []
            for h in (1e-4, -1e-4):
                moved = [
                    {k: v + h * along[i][k] for k, v in layer.items()}
                    for i, layer in enumerate(layers)
                ]
                ends.append(slope(moved, 0.9)[place][key])
            assert found[place][key] == pytest.approx((ends[0] - ends[1]) / 2e-4, rel=1e-6)


def array_that_a_copied_dict_holds_too(x):
    d = {"p": x * 2}
    e = d.copy()
    e["p"][0] = x[1] * x[1]
    return np.sum(d["p"] * e["p"])


def part_of_a_copy_that_is_written_into(x):
    b = x.copy()
    u = b[1:]
    b[1] = u[0] * u[1]
    return np.sum(u * u) * b[0]


def test_a_copied_dict_holds_the_same_arrays_and_a_view_of_a_copied_array_shares_its_memory() -> (
    None
):
    refused_at_a_call = derive_backward(array_that_a_copied_dict_holds_too).backward
    with pytest.raises(DerivationError, match="SD110"):
        refused_at_a_call(np.array([0.7, -0.4]))
    agrees(part_of_a_copy_that_is_written_into, np.array([0.7, -0.4, 1.2]))


def test_sizes_that_dont_fit_are_an_error_while_deriving() -> None:
    def product(a, b):
        return np.sum(a @ b) * 2

    def pair(x):
        a, b = x
        return a * b

    def scaled(a, b):
        return np.dot(a, b) + a[0]

    rows, row = np.ones((2, 3)), np.array([1.0, 2.0])
    calls = ((product, (rows, rows)), (product, (rows, row)), (pair, (np.ones(3),)))
    for function, point in (*calls, (scaled, (np.ones(3), row))):
        with pytest.raises(ValueError, match=r"."):  # NumPy refuses it as well
            function(*point)
        with pytest.raises(DerivationError) as told:
            derive_backward(function).backward(*point)
        assert [d.code for d in told.value.diagnostics] == ["SD107"]
    da, db = derive_backward(product).backward(rows, np.ones((3, 2)))
    assert da.shape == (2, 3)
    assert db.shape == (3, 2)


def test_a_branch_that_isnt_taken_may_have_sizes_that_dont_fit() -> None:
    def either(a, b):
        if a.shape[1] == b.shape[0]:
            out = a @ b
        else:
            out = a @ b.T
        return np.sum(out)

    da, db = derive_backward(either).backward(np.ones((2, 3)), np.ones((2, 3)))
    np.testing.assert_allclose(da, 2 * np.ones((2, 3)))
    np.testing.assert_allclose(db, 2 * np.ones((2, 3)))


def test_other_kinds_of_arrays_are_refused() -> None:
    def squares(x):
        return np.sum(x * x)

    for other in (np.matrix([[1.0, 2.0], [3.0, 4.0]]), np.ma.array([1.0, 2.0], mask=[0, 1])):
        with pytest.raises(DerivationError, match="aren't those of arrays"):
            derive_backward(squares).backward(other)


def two_products(z, x, w):
    if z > 1:
        dx = w * z
        dw = x * z
    else:
        dx = w
        dw = x
    return dx, dw


def last_of_rounds(x, w):
    for _ in range(2):
        a = w * x
        b = x * 2.0
        x = b
    return a, b


def test_results_may_have_names_that_others_have_in_the_helper() -> None:
    """Each gets its value before a name is used again: not dw = dx, and then dv = dw."""

    def f(x, v):
        dw, dv = two_products(2.0, x, v)
        return np.sum(dw * 3 + dv * 5 * dv)

    def g(x, v):
        b, a = last_of_rounds(x, v)
        return np.sum(a * 3 + b * 5 * b)

    x, v = np.array([1.0, 2.0]), np.array([3.0, 7.0])
    for function in (f, g):
        agrees(function, x, v)
        backward = derive_backward(function).backward
        namespace = {}
        exec(backward.source, namespace)
        for place, gradient in enumerate(namespace[f"{function.__name__}_backward"](x, v)):
            np.testing.assert_allclose(gradient, numeric(function, (x, v), place), rtol=1e-6)
        along = jvp(function, (x, v), (np.ones(2), None))[1]
        np.testing.assert_allclose(along, np.sum(numeric(function, (x, v), 0)), rtol=1e-6)


def test_rows_that_are_swapped_and_then_made_an_array() -> None:
    """The gradient of the list is an array there, whose rows are cleared in place."""

    def swapped(x):
        T = [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
        for i in range(2):
            T[i][i] = x[i]
            T[i][i + 1] += x[i] * T[i][i]
        T[0], T[1] = T[1], T[0]
        return np.array(T) @ x

    x, weights = np.array([1.1, -0.7, 0.4]), np.array([0.3, -1.2])
    found = derive_backward(swapped).backward(x, dout=weights)
    for i, step in enumerate(1e-6 * np.eye(3)):
        difference = (swapped(x + step) - swapped(x - step)) / 2e-6
        assert found[i] == pytest.approx(np.sum(weights * difference), rel=1e-6)


def rows_before_a_write(x: np.ndarray, s):
    y = x * s
    first, rest = y[0], y[1:]
    y[0] = first * y[1] + np.sum(rest**2)
    return np.sum(y * np.sin(s))


class RowsBeforeAWrite:
    def forward(self, x: np.ndarray, s):
        y = x * s
        first, rest = y[0], y[1:]
        y[0] = first * y[1] + np.sum(rest**2)
        return np.sum(y * np.sin(s))


def test_views_of_what_a_backward_pass_on_its_own_restores_are_restored_too() -> None:
    """And are again as forward left them when it ends, so that it may be called again."""
    x = np.array([[1.0, 2.0, 0.5], [0.7, 1.1, -0.6], [0.2, 0.8, 1.5]])
    wanted = agrees(rows_before_a_write, x.copy(), 0.8)
    split = derive_backward(rows_before_a_write, mode="split")
    _, cache = split.forward(x, 0.8)
    layer = derive_backward(RowsBeforeAWrite)()
    layer.forward(x, 0.8)
    for _ in range(2):
        for found in (split.backward(1.0, cache), layer.backward(1.0)):
            for gradient, right in zip(found, wanted, strict=True):
                np.testing.assert_allclose(gradient, right, rtol=1e-6)


def test_the_second_derivative_of_what_restores_an_array_has_its_views_restored() -> None:
    def overwritten(x):
        y = x**2.0
        x[0] = y[1] * y[2]
        return np.sum(x * y)

    def joined(x):
        y = x**2.0
        return np.sum(np.concatenate([[y[1] * y[2]], x[1:]]) * y)

    x = np.array([[1.0, 2.0, 0.5], [0.7, 1.1, -0.6], [0.2, 0.8, 1.5]])
    np.testing.assert_allclose(hessian(overwritten)(x), hessian(joined)(x), rtol=1e-12)


def test_an_array_without_axes_takes_a_number_as_upstream_gradient() -> None:
    shifted = derive_backward(lambda a: a + 3.0)
    for upstream in ((), (2.0,), (np.array(2.0),)):
        gradient = shifted.backward(np.array(0.7), *upstream)
        np.testing.assert_array_equal(gradient, [*upstream, 1.0][0])
        assert not any(np.shares_memory(gradient, u) for u in upstream)


def taken_off_in_each_round(x):
    rows = [[x[0], x[1]], [x[2], x[0] * x[1]]]
    total = 0.0
    for j in range(2):
        row = list(rows[j])
        for i in range(2):
            v = row[-1]
            row.pop()
            parts = [0.0, 0.0]
            parts[j] = v
            total += parts[j] * v * (i + 1 + j)
    return total


def taken_off_of_both(x):
    rows = [[x[0], x[1]], [x[2], x[0] * x[1]]]
    total = 0.0
    for j in reversed(range(2)):
        last = rows[-1]
        rows.pop()
        row = list(last)
        for i in range(2):
            v = row[-1]
            row.pop()
            parts = [0.0, 0.0]
            parts[j] = v
            total += parts[j] * v * (i + 1 + j)
    return total


@pytest.mark.parametrize("function", [taken_off_in_each_round, taken_off_of_both])
def test_a_list_that_becomes_shorter_after_it_is_kept_is_right_or_refused(function) -> None:
    """The copy that was kept had all its items, and got those that were taken off once more."""
    point = [0.7, 1.3, -0.4]
    found = derive_backward(function).backward(point)
    for i in range(3):
        ends = [function([v + s * (k == i) for k, v in enumerate(point)]) for s in (1e-6, -1e-6)]
        assert found[i] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6)
    with pytest.raises(DerivationError) as caught:
        print(derive_backward(function).backward.source)
    assert [d.code for d in caught.value.diagnostics] == ["SD110"]


def test_an_array_times_a_list_is_an_array() -> None:
    def f(x):
        parts = [x * [1.0, 2.0, 3.0]]
        rest = parts[0][1:]
        total = np.sum(rest**2)
        parts[0][1] = 5.0 * x[0]
        return total + np.sum(rest**3)

    with pytest.raises(DerivationError, match="SD110"):
        grad(f)(np.array([1.0, 2.0, 3.0]))
