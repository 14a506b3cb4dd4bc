"""The transforms: what they take, what they give, that they compose, and what they refuse."""

from __future__ import annotations

import builtins
import functools

import numpy as np
import pytest

from srcdiff import (
    DerivationError,
    check_grads,
    derive_backward,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    stop_gradient,
    value_and_grad,
    vjp,
)

X = np.array([1.0, 2.0, -0.5])
A = np.array([[2.0, -1.0, 0.5], [0.0, 1.5, 3.0]])
SCALE = 3.0


def wave(x):
    return np.sum(np.sin(x) * x)


def wave_slope(x):
    return np.cos(x) * x + np.sin(x)


def wave_curvature(x):
    return 2 * np.cos(x) - np.sin(x) * x


def squares(x):
    return np.dot(A, x) ** 2


def measured(f, x, step=1e-5):
    """The gradient of a number by central differences."""
    steps = np.eye(x.size).reshape(-1, *x.shape) * step
    return np.array([(f(x + s) - f(x - s)) / (2 * step) for s in steps]).reshape(x.shape)


# What they take.


def test_a_function_a_lambda_and_numpys_own():
    assert np.allclose(grad(wave)(X), wave_slope(X))
    assert np.allclose(grad(lambda x: np.sum(x**3))(X), 3 * X**2)
    assert np.isclose(grad(np.sin)(0.3), np.cos(0.3))
    assert np.allclose(elementwise_grad(np.tanh)(X), 1 - np.tanh(X) ** 2)
    assert np.allclose(grad(np.sum)(X), 1)
    assert np.allclose(jacobian(np.matmul, argnums=1)(A, X), A)
    assert np.allclose(jacobian(np.sum)(A, axis=0), np.eye(3)[:, None, :] * np.ones((1, 2, 1)))


def test_lambdas_on_one_line_are_told_apart():
    pair = (lambda x: x**2, lambda x: x**3)
    assert [grad(f)(2.0) for f in pair] == [4.0, 12.0]
    twins = (lambda x: x * 5.0, lambda x: x * 5.0)
    assert [grad(f)(2.0) for f in twins] == [5.0, 5.0]


def test_a_lambda_over_several_lines_and_with_a_default():
    (cube,) = (
        lambda x, n=3:
        # the power
        x**n,
    )  # fmt: skip
    assert grad(cube)(2.0) == 12.0
    assert grad(cube)(2.0, 2) == 4.0


def test_functions_made_in_a_loop_see_their_own_closure():
    made = []
    for factor in (1.0, 2.0, 3.0):

        def scaled(x, factor=factor):
            return factor * x**2

        made.append(scaled)
    assert [grad(f)(1.0) for f in made] == [2.0, 4.0, 6.0]


def test_a_closure_over_an_array_sees_its_present_value():
    weights = np.array([1.0, 2.0, 3.0])
    derived = grad(lambda x: np.sum(weights * x**2))
    assert np.allclose(derived(X), 2 * weights * X)
    weights = np.array([3.0, 0.0, 1.0])
    assert np.allclose(derived(X), 2 * weights * X)
    weights = 2.0
    assert np.allclose(derived(X), 4 * X)
    assert np.allclose(hessian(lambda x: np.sum(weights * x**2))(X), np.diag([4.0] * 3))


def test_a_variable_of_the_module_is_read_anew(monkeypatch):
    derived = grad(grad(lambda x: SCALE * x**3))
    assert derived(1.0) == 18.0
    monkeypatch.setitem(globals(), "SCALE", 1.0)
    assert derived(1.0) == 6.0


def test_a_partial_and_keyword_arguments():
    def power(x, y, *, scale=1.0):
        return scale * np.sum(x**y)

    assert np.allclose(grad(functools.partial(power, y=3))(X), 3 * X**2)
    assert np.allclose(
        grad(functools.partial(power, X**2), argnums=0)(2.0), np.sum(X**4 * np.log(X**2))
    )
    assert np.allclose(grad(power)(X, 2, scale=5.0), 10 * X)
    assert np.allclose(grad(power)(X, y=2), 2 * X)


def test_containers_of_any_nesting():
    def model(parameters, x):
        hidden = np.tanh(x @ parameters["layers"][0]["W"] + parameters["layers"][0]["b"])
        return np.sum(hidden * parameters["out"]) + parameters["pair"][1] ** 2

    weights = np.arange(6.0).reshape(3, 2) / 7
    parameters = {
        "layers": [{"W": weights, "b": np.zeros(2)}],
        "out": np.ones(2),
        "pair": (1.0, 3.0),
    }
    gradient = grad(model)(parameters, X)
    assert gradient["pair"] == (0.0, 6.0)
    hidden = np.tanh(X @ weights)
    assert np.allclose(gradient["out"], hidden)
    assert np.allclose(gradient["layers"][0]["b"], 1 - hidden**2)
    assert np.allclose(gradient["layers"][0]["W"], np.outer(X, 1 - hidden**2))
    check_grads(model, (parameters, X), modes=("rev",))


def test_argnums_as_a_number_a_sequence_from_the_end_and_by_autograds_word():
    def f(x, y):
        return np.sum(x * y**2)

    y = X + 1
    assert np.allclose(grad(f, 1)(X, y), 2 * X * y)
    assert np.allclose(grad(f, argnum=1)(X, y), 2 * X * y)
    assert np.allclose(grad(f, -1)(X, y), 2 * X * y)
    both = grad(f, argnums=[1, 0])(X, y)
    assert isinstance(both, tuple)
    assert np.allclose(both[0], 2 * X * y)
    assert np.allclose(both[1], y**2)


# What they give.


def test_value_and_grad_gives_both():
    value, gradient = value_and_grad(wave)(X)
    assert np.isclose(value, wave(X))
    assert np.allclose(gradient, wave_slope(X))


def test_vjp_gives_one_entry_for_each_argument():
    def picked(x, name, index, offset):
        return x[index] * 2 if name else offset

    index = np.array([1, 2, 2])
    out, back = vjp(picked, X, "name", index, 4.0)
    assert np.allclose(out, 2 * X[index])
    dx, dname, dindex, doffset = back(np.array([1.0, 10.0, 100.0]))
    assert np.allclose(dx, [0, 2, 220])
    assert dname is None
    assert dindex is None
    assert doffset == 0.0


def test_vjp_takes_the_gradients_of_several_outputs():
    out, back = vjp(lambda x, y: (x * y, np.sum(y)), X, 2.0)
    assert np.allclose(out[0], 2 * X)
    dx, dy = back((np.ones(3), 10.0))
    assert np.allclose(dx, 2)
    assert np.isclose(dy, X.sum() + 10)
    with pytest.raises(ValueError, match="shape"):
        back((np.ones(4), 10.0))


def test_jvp_moves_along_the_tangents():
    out, change = jvp(squares, (X,), (np.ones(3),))
    assert np.allclose(out, squares(X))
    assert np.allclose(change, 2 * (A @ X) * (A @ np.ones(3)))
    _, change = jvp(lambda x, y: x * y, (X, 2.0), (X, 1.0))
    assert np.allclose(change, 3 * X)


def test_jacobian_has_the_axes_of_the_output_then_those_of_the_argument():
    assert np.allclose(jacobian(squares)(X), 2 * (A @ X)[:, None] * A)
    assert jacobian(lambda x: np.outer(x, x))(X).shape == (3, 3, 3)
    assert np.allclose(jacobian(lambda x: x**2)(3.0), 6.0)
    assert jacobian(lambda x: x[:0])(X).shape == (0, 3)


def test_jacobian_of_containers_has_their_structure():
    found = jacobian(lambda p: p["a"] * p["b"])({"a": X, "b": 2.0})
    assert np.allclose(found["a"], 2 * np.eye(3))
    assert np.allclose(found["b"], X)


def test_hessian_and_its_product_with_a_vector():
    assert np.allclose(hessian(wave)(X), np.diag(wave_curvature(X)))
    assert np.allclose(hvp(wave)(X, X), wave_curvature(X) * X)
    table = hessian(lambda x, y: np.sum(x**2 * y), argnums=(0, 1))(X, X)
    assert np.allclose(table[0][1], np.diag(2 * X))
    assert np.allclose(table[1][1], 0)
    curved = hessian(squares)(X)
    assert np.allclose(curved, 2 * A[:, :, None] * A[:, None, :])


@pytest.mark.parametrize("order", range(1, 8))
def test_derivatives_of_any_order(order):
    derived = np.sin
    for _ in range(order):
        derived = grad(derived)
    assert np.isclose(derived(0.3), np.sin(0.3 + order * np.pi / 2))


def _loop(x):
    total = 0.0
    for i in range(len(x)):
        total += x[i] ** 2 * x[i - 1]
    return total


def _branch(x):
    if x[0] > 0:
        z = x * np.sum(x)
    else:
        z = x**2
    return np.dot(z, x)


def _writes(x):
    y = np.zeros(4)
    y[0] = x[0] * x[1]
    y[1:] += x**2
    y *= y
    return np.sum(y)


SECOND = {
    "loop": _loop,
    "branch": _branch,
    "writes": _writes,
    "softmax": lambda x: -np.log(np.exp(x[0]) / np.sum(np.exp(x))),
    "chosen": lambda x: np.sum(np.where(x > 0, x**3, np.exp(x))),
    "largest": lambda x: np.max(x) ** 2 * np.mean(x),
    "product": lambda x: np.sum(np.linalg.inv(np.outer(x, x) + np.eye(3))),
    "cumulative": lambda x: np.sum(np.cumsum(x**2) ** 2),
    "variance": lambda x: np.var(x) * np.std(x),
}


@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives_are_those_of_the_first(name):
    f = SECOND[name]
    table = hessian(f)(X)
    gradient = grad(f)
    columns = [measured(lambda x, i=i: gradient(x)[i], X) for i in range(3)]
    assert np.allclose(table, columns, atol=1e-6)
    assert np.allclose(hvp(f)(X, A[0]), table @ A[0])


# What they refuse, as an error that says where.


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: grad(np.tanh)(X), "SD105"),
        (lambda: grad(lambda x: (x, x))(1.0), "SD105"),
        (lambda: value_and_grad(squares)(X), "SD105"),
        (lambda: grad(3.0), "SD118"),
        (lambda: grad(wave, 1)(X), "SD117"),
        (lambda: grad(wave, "x"), "SD117"),
        (lambda: grad(wave, ()), "SD117"),
        (lambda: grad(lambda x, s: x, 1)(1.0, "s"), "SD113"),
        (lambda: grad(wave, 0, argnum=0), "SD117"),
        (lambda: jvp(wave, X, X), "SD117"),
        (lambda: jvp(wave, (X,), ()), "SD117"),
        (lambda: grad(dict)({}), "SD105"),
        (lambda: vjp(lambda s: s, "s"), "SD113"),
        (lambda: grad(eval("lambda x: x"))(1.0), "SD119"),
    ],
)
def test_a_refusal_has_a_code(call, code):
    with pytest.raises(DerivationError) as caught:
        call()
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_a_function_whose_number_has_axes_is_one_number():
    assert np.allclose(grad(lambda x: np.sum(x**2, keepdims=True))(X), 2 * X)


def test_a_wrong_call_is_a_type_error_as_python_gives_it():
    with pytest.raises(TypeError, match="wave"):
        grad(wave)(X, X)


# check_grads.


def test_check_grads_passes_what_is_right():
    check_grads(wave, (X,), order=3)
    check_grads(squares, order=2)(X)
    check_grads(wave, (X.astype(np.float32),))
    check_grads(lambda x, n: x**n, (X[:2], 3))


def test_check_grads_raises_with_a_table_of_what_is_wrong():
    def kink(x):
        return np.sum(np.abs(x))

    at_kink = np.array([0.0, 1.0])
    check_grads(kink, (at_kink + 1,))
    with pytest.raises(AssertionError, match=r"argument 0\[0\]"):
        check_grads(lambda x: np.sum(np.maximum(x, 0.0)), (at_kink,))


def test_check_grads_knows_its_modes():
    with pytest.raises(ValueError, match="mode"):
        check_grads(wave, (X,), modes=("sideways",))


# Speed.


def test_a_call_is_dispatched_without_deriving_again():
    calls = []

    def counted(x):
        return x**2

    derived = grad(counted)
    derived(1.0)
    case = next(iter(derived._cases.values()))
    original = case.live.compiled
    case.live.compiled = lambda *args: calls.append(args) or original(*args)
    assert derived(2.0) == 4.0
    assert derived(3) == 6.0
    assert calls == []


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_vjp_keeps_what_a_branch_that_was_not_taken_would_have_set(sign):
    out, back = vjp(_branch, sign * X)
    assert np.isclose(out, _branch(sign * X))
    assert np.allclose(back(2.0)[0], 2 * measured(_branch, sign * X))


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0], (1.0, 2.0, 3.0), np.array([1.0, 2.0, 3.0])])
def test_an_item_of_a_slice_is_an_item_of_the_whole(values):
    found = grad(lambda x: x[1:][0] ** 2)(values)
    assert type(found) is type(values)
    assert np.allclose(found, [0, 4, 0])


def test_an_item_of_another_slice_of_a_list_is_refused_but_not_one_of_an_array():
    def last(x):
        return x[:-1][-1] ** 2

    assert np.allclose(grad(last)(X), [0, 4, 0])
    with pytest.raises(DerivationError, match="SD102"):
        grad(last)([1.0, 2.0, 3.0])


def test_a_value_taken_out_of_containers_needs_none_of_them():
    def taken(x):
        inner = [1.0, x]
        outer = [2.0, inner]
        y = outer[1][1]
        return y

    assert value_and_grad(taken)(3.0) == (3.0, 1.0)


# Transforms inside functions that are differentiated.


def cube(x):
    return x**3


cube_slope = grad(cube)


def with_inner_functions(x):
    def inner(y):
        z = y * x
        return z * y

    slope = grad(inner)
    return slope(x) + grad(grad(inner))(x)  # 2 x**2 + 2 x


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: grad(cube)(x) ** 2, 2.0, 288.0),
        (lambda x: cube_slope(x) + x, 2.0, 13.0),
        (lambda x: 2 * grad(grad(cube))(x), 2.0, 12.0),
        (lambda x: grad(lambda y: x * y * y)(x), 3.0, 12.0),
        (lambda x: grad(lambda y, n=2: x * y**n)(x), 3.0, 12.0),
        (with_inner_functions, 3.0, 14.0),
        (lambda x: grad(np.sin)(x) * x, 2.0, np.cos(2) - 2 * np.sin(2)),
        (lambda x: np.dot(grad(wave)(x), x), X, wave_slope(X) + wave_curvature(X) * X),
        (lambda x: grad(lambda a, b: np.sum(a * b**2), 1)(x, x)[0], X, [4 * X[0], 0, 0]),
    ],
)
def test_a_transform_inside_a_function_is_differentiated(f, x, expected):
    assert np.allclose(grad(f)(x), expected)


def loss_after_a_step(w):
    x = np.array([0.3, 0.5, -0.2])
    for _ in range(3):
        value, slope = value_and_grad(lambda w, x: np.sum(np.tanh(w * x) ** 2))(w, x)
        w = w - 0.1 * slope * value
    return np.sum(w**2)


def curvature(x):
    return np.trace(hessian(lambda v: np.sum(v**3) + v[0] * v[1])(x)) * x[0]


def residual(x):
    return np.sum(jacobian(lambda v: np.sin(v) * v[::-1])(x) ** 2) + x[1]


def curvature_along(x):
    return np.sum(hvp(lambda v: np.sum(np.sin(v)) * v[0])(x, x**2) ** 2)


@pytest.mark.parametrize("f", [loss_after_a_step, curvature, residual, curvature_along])
def test_arrays_of_derivatives_inside_a_function_are_differentiated(f):
    x = np.array([0.4, 0.7, -0.3])
    assert np.allclose(grad(f)(x), measured(f, x), rtol=1e-7)
    assert np.allclose(jvp(f, (x,), (X,))[1], np.dot(measured(f, x), X), rtol=1e-7)


def falling(x, n):
    return x if n == 0 else np.sin(falling(x, n - 1)) * x


def test_a_function_that_calls_itself_has_a_tangent():
    x = np.float64(0.7)
    slope = measured(lambda x: falling(float(x[0]), 4), np.array([x]))[0]
    assert np.isclose(jvp(lambda x: falling(x, 4), (0.7,), (1.0,))[1], slope, rtol=1e-8)


@pytest.mark.parametrize("rows", [2, 3, 7])
def test_a_tall_jacobian_is_computed_by_columns_a_wide_one_by_rows(rows):
    A = np.linspace(-1, 1, 3 * rows).reshape(rows, 3)
    derived = jacobian(lambda x: np.tanh(np.dot(A, x)) * x[0])
    found = derived(X)
    steps = np.eye(3) * 1e-5
    f = lambda x: np.tanh(A @ x) * x[0]  # noqa: E731  # the same in one expression
    assert np.allclose(found, np.array([(f(X + s) - f(X - s)) / 2e-5 for s in steps]).T)
    ((case,),) = [derived._cases.values()]
    modes = {mode for _, mode in case._compiled}
    assert ("split" in modes) == (rows <= 3)


def test_what_a_transform_inside_a_function_sees_is_read_anew(monkeypatch):
    def scaled(x):
        return SCALE * x**2

    inner = grad(scaled)
    derived = grad(lambda x: inner(x) * x)
    assert derived(1.0) == 12.0
    monkeypatch.setitem(globals(), "SCALE", 5.0)
    assert derived(1.0) == 20.0


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(jacobian(cube, (0,))(x)[0]),
        lambda x, n=0: grad(cube, n)(x),
    ],
)
def test_what_a_transform_can_t_be_inside_a_function_is_refused(f):
    with pytest.raises(DerivationError):
        grad(f)(2.0)


class Model:
    """An object with attributes that its methods read."""

    def __init__(self, W):
        self.W = W
        self.slope = 0.5

    def activation(self, z):
        return np.tanh(z) * self.slope

    def loss(self, x):
        h = self.activation(x @ self.W)
        for _ in range(2):
            h = h * self.slope + np.sum(x)
        return np.sum(h**2)

    def __call__(self, x):
        return np.sum(self.activation(x) ** 3)


@pytest.mark.parametrize("name", ["loss", "__call__"])
def test_a_method_reads_its_object(name: str) -> None:
    """The attributes are constants, with the values and types that they have at the call."""
    model = Model(np.array([[0.3, -0.7], [1.1, 0.4], [-0.2, 0.9]]))
    x, steps = np.array([0.5, -1.0, 0.25]), np.eye(3) * 1e-6
    function = model if name == "__call__" else model.loss
    gradient = grad(function)
    for slope in (0.5, 2.0) if name == "__call__" else (0.5, np.array([1.0, -2.0])):
        model.slope = slope
        wanted = [(function(x + h) - function(x - h)) / 2e-6 for h in steps]
        np.testing.assert_allclose(gradient(x), wanted, rtol=1e-6, atol=1e-8)
        rows = [(gradient(x + h) - gradient(x - h)) / 2e-6 for h in steps]
        np.testing.assert_allclose(hessian(function)(x), rows, rtol=1e-5, atol=1e-7)


def test_check_grads_takes_complex_numbers():
    z = np.array([1.0 + 2.0j, -0.5 + 0.25j])
    check_grads(lambda z: np.sum(np.abs(z) ** 2), (z,), modes=("rev",))
    check_grads(lambda z: np.real(z) * np.imag(z), (z,), modes=("rev",))
    check_grads(lambda z: z**2, (z,), modes=("rev",))


def scale_first(y):
    y[0] *= 2.0


def test_an_inner_function_may_call_one_whose_statements_are_written_out():
    def inner(x):
        y = x * 1.0
        scale_first(y)
        return np.sum(y**2)

    assert np.allclose(grad(inner)(X), [8 * X[0], 2 * X[1], 2 * X[2]])


def to_the_power(x, n):
    if n == 0:
        return 1.0
    return x * to_the_power(x, n - 1)


def test_a_depth_of_recursion_may_have_a_tangent():
    assert jvp(to_the_power, (0.3, 3), (1.0, 0.0)) == pytest.approx((0.027, 0.27))
    assert jvp(lambda x, n: n * to_the_power(x, 2), (0.3, 3), (1.0, 2.0))[1] == pytest.approx(1.98)


def test_jvp_moves_containers_and_checks_shapes():
    out, change = jvp(lambda p: p["a"] * p["b"], ({"a": X, "b": 2.0},), ({"a": X, "b": 1.0},))
    assert np.allclose(out, 2 * X)
    assert np.allclose(change, 3 * X)
    with pytest.raises(ValueError, match="shape"):
        jvp(wave, (X,), (np.ones(2),))


def scaled(x, *rest):
    return x * rest[0]


def test_starred_parameters_are_written_out_in_a_helper() -> None:
    assert grad(lambda x, y: 3 * scaled(x, y), 1)(1.5, 2.0) == 4.5


def same(x):
    return x


def test_a_parameter_may_have_the_name_of_anothers_tangent():
    assert jvp(lambda x, dx: x * dx, (2.0, 3.0), (1.0, None)) == (6.0, 3.0)
    assert jvp(lambda dx, x: x * dx, (2.0, 3.0), (1.0, 1.0)) == (6.0, 5.0)
    check_grads(same, (np.array([1.0, 2.0]),), order=3)
    jacobians = jacobian(lambda dx, x: np.outer(dx, dx) * x)(np.array([1.0, 2.0]), 3.0)
    assert np.array_equal(jacobians[:, :, 0], [[6, 6], [6, 0]])


def test_elementwise_grad_is_that_of_the_sum_of_all_outputs():
    def several(x):
        return x**2, np.sum(x**3), np.outer(x, x)

    x = np.array([1.0, -2.0, 0.5])
    total = grad(lambda x: sum(np.sum(part) for part in several(x)))(x)
    assert np.allclose(elementwise_grad(several)(x), total)
    check_grads(several, (x,), order=2)


def test_names_that_no_one_can_write_are_no_names_of_a_module(monkeypatch):
    monkeypatch.setitem(globals(), "@own", builtins)
    monkeypatch.setitem(globals(), "tuple", tuple)
    x = np.array([[1.0, 2.0j], [3.0, 5.0 - 1.0j]])
    found = grad(lambda x: np.linalg.norm(2 * x))(x)
    assert np.allclose(found, 2 * np.conj(x) / np.linalg.norm(x))


def of_order(order):
    return lambda x, order=order: np.linalg.norm(x, order)


def test_infinity_may_be_a_default_or_an_argument():
    x = np.array([1.0, -2.0])
    for function in (of_order(np.inf), functools.partial(np.linalg.norm, ord=np.inf)):
        assert np.array_equal(grad(function)(x), [0, -1])
    assert np.array_equal(grad(np.linalg.norm)(x, ord=-np.inf), [1, 0])
    assert grad(np.nan_to_num)(1.0, nan=np.nan) == 1


def layers_loss(layers, x):
    for w, b in layers:
        x = np.tanh(x @ w + b)
    return np.sum(x**2)


def test_tangents_of_containers_have_their_structure():
    layers = [(A.T, np.array([0.1, -0.2])), (np.array([[1.0, 2.0], [0.5, -1.0]]), np.zeros(2))]
    along = jvp(lambda layers: layers_loss(layers, X), (layers,), (layers,))[1]
    ends = [layers_loss([(s * w, s * b) for w, b in layers], X) for s in (1 + 1e-6, 1 - 1e-6)]
    assert np.isclose(along, (ends[0] - ends[1]) / 2e-6)
    check_grads(layers_loss, (layers, X))
    assert jvp(lambda p: p[0] * p[1], ((1.0, 2.0),), ((1, 0),)) == (2, 2)


def squares_of_a_dict(p):
    return np.sum(p["a"] ** 3) + np.sum(p["b"] ** 2)


def by_key(held, x):
    return np.sum(np.tanh(held["w"] @ x + held["b"]) ** 2) * held["scale"]


def by_place(held, x):
    return np.sum(np.tanh(held[0] @ x + held[1]) ** 2) * held[2]


def as_dict(parts):
    return dict(zip(("w", "b", "scale"), parts, strict=True))


@pytest.mark.parametrize(
    ("function", "made", "places"),
    [
        (by_key, as_dict, ("w", "b", "scale")),
        (by_place, list, (0, 1, 2)),
        (by_place, tuple, (0, 1, 2)),
    ],
)
def test_a_hessian_by_a_container_holds_a_block_for_each_two_entries(function, made, places):
    x = np.array([0.3, -0.8])
    point = np.array([[0.5, -0.2, 0.7, 0.1], [0.4, 0.9, 0.0, 0.0]]).ravel()[:7]

    def held(flat):
        return made([flat[:4].reshape(2, 2), flat[4:6], float(flat[6])])

    def flat_gradient(flat):
        parts = grad(function)(held(flat), x)
        return np.concatenate([np.ravel(parts[place]) for place in places])

    found = hessian(function)(held(point), x)
    assert type(found) is type(held(point))
    sizes = (4, 2, 1)
    rows = [
        np.hstack([np.reshape(found[p][q], (n, m)) for q, m in zip(places, sizes, strict=True)])
        for p, n in zip(places, sizes, strict=True)
    ]
    assert np.shape(found[places[0]][places[1]]) == (2, 2, 2)
    for h in (1e-4, 1e-5):
        wanted = [
            (flat_gradient(point + h * unit) - flat_gradient(point - h * unit)) / (2 * h)
            for unit in np.eye(7)
        ]
        np.testing.assert_allclose(np.vstack(rows), wanted, rtol=1e-6, atol=1e-7)


def test_an_entry_of_the_gradient_of_a_dict_written_out():
    assert grad(lambda x: grad(lambda p: p["a"] ** 3)({"a": x})["a"])(2.0) == 12.0


def test_a_jacobian_by_a_dict_of_a_jacobian_is_refused():
    with pytest.raises(DerivationError, match="SD101"):
        jacobian(jacobian(lambda held: held["a"] ** 2))({"a": np.ones(3)})


def test_a_tuple_made_of_a_list_or_of_several_results_has_derivatives():
    def of_list(x):
        powers = [x, x**2]
        powers.append(3.0 * x)
        parts = tuple(powers)
        return np.sum(parts[1] * parts[2] + parts[0])

    def of_results(x):
        values, vectors = tuple(np.linalg.eigh(x + x.T))
        return np.sum(values**3) + np.sum(vectors[0] ** 2 * values)

    check_grads(of_list, (X,), order=2)
    check_grads(of_results, (np.array([[1.0, 0.3], [0.2, -0.7]]),), order=1)


def test_a_hessian_vector_product_by_a_dict_is_a_dict():
    at = {"a": np.array([0.5, -1.0, 2.0]), "b": np.array([3.0, 0.0])}
    vector = {"a": np.array([1.0, 2.0, -1.0]), "b": np.array([0.5, 4.0])}
    found = hvp(squares_of_a_dict)(at, vector)
    assert np.allclose(found["a"], 6 * at["a"] * vector["a"])
    assert np.allclose(found["b"], 2 * vector["b"])


def through_layers(layers, x):
    for w, b in layers:
        x = np.tanh(w @ x + b)
    return x


def loss_of_layers(layers, x):
    return np.sum((through_layers(layers, x) - through_layers(layers, 2 * x)) ** 2)


def test_a_helper_that_takes_a_list_of_pairs_twice_adds_up_pair_by_pair():
    draws = np.random.default_rng(3)
    layers = [(draws.normal(size=(2, 2)), draws.normal(size=2)) for _ in range(2)]
    vector = [(draws.normal(size=(2, 2)), draws.normal(size=2)) for _ in range(2)]
    x = draws.normal(size=2)
    check_grads(loss_of_layers, (layers, x), order=1)
    found = hvp(loss_of_layers)(layers, x, vector)
    for h in (1e-5, 1e-6):
        ends = []
        for step in (h, -h):
            pairs = zip(layers, vector, strict=True)
            moved = [(w + step * dw, b + step * db) for (w, b), (dw, db) in pairs]
            ends.append(grad(loss_of_layers)(moved, x))
        for mine, high, low in zip(found, *ends, strict=True):
            for part, up, down in zip(mine, high, low, strict=True):
                assert np.allclose(part, (up - down) / (2 * h), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "outer", [lambda f: jacobian(hessian(f)), lambda f: jacobian(jacobian(jacobian(f)))]
)
def test_third_derivatives_of_a_number_are_jacobians_of_hessians(outer):
    x = np.array([0.3, 0.5])
    found = outer(lambda x: np.sum(x**3) * x[0])(x)
    wanted = np.zeros((2, 2, 2))
    wanted[0, 0, 0] = 24 * x[0]
    wanted[0, 1, 1] = wanted[1, 0, 1] = wanted[1, 1, 0] = 6 * x[1]
    wanted[1, 1, 1] = 6 * x[0]
    assert np.allclose(found, wanted)


def scaled_entries(d, x):
    for k in d:
        d[k] = d[k] * x
    return d["a"] * d["b"]


def test_second_derivatives_leave_arguments_alone_that_the_function_writes_into() -> None:
    d = {"a": 0.3, "b": 0.6}
    for second in (hessian(scaled_entries, argnums=1), grad(grad(scaled_entries, 1), 1)):
        assert second(d, 0.7) == pytest.approx(2 * 0.3 * 0.6)
        assert d == {"a": 0.3, "b": 0.6}


def with_a_stop(x):
    return x**2 * stop_gradient(x)


def test_what_is_stopped_stays_so_in_second_derivatives() -> None:
    assert grad(grad(with_a_stop))(3.0) == pytest.approx(2 * 3.0)
    assert hessian(with_a_stop)(3.0) == pytest.approx(2 * 3.0)
    assert hvp(with_a_stop)(3.0, 2.0) == pytest.approx(4 * 3.0)
    assert jvp(grad(with_a_stop), (3.0,), (1.0,))[1] == pytest.approx(2 * 3.0)


def turned_by_a_complex_number(x):
    return x * (1 + 2j)


def test_complex_outputs_of_real_arguments_have_a_jacobian_and_no_gradient() -> None:
    x = np.array([0.5, -1.0])
    np.testing.assert_allclose(jacobian(turned_by_a_complex_number)(x), np.eye(2) * (1 + 2j))
    for transform in (grad, elementwise_grad, value_and_grad):
        with pytest.raises(DerivationError, match="complex numbers for real ones"):
            transform(turned_by_a_complex_number)(1.0)


@pytest.mark.parametrize("function", [np.linalg.eigh, np.linalg.slogdet, np.linalg.qr])
def test_a_function_of_several_results_is_transformed_as_it_is(function):
    a = np.array([[2.0, 0.3], [0.3, 1.0]])
    direction = np.array([[0.4, 0.1], [0.1, -0.7]])
    out, pull = vjp(function, a)
    upstream = tuple(np.full(np.shape(part), 0.3) + 0.1 for part in out)
    _, change = jvp(function, (a,), (direction,))
    along = sum(np.sum(u * c) for u, c in zip(upstream, change, strict=True))
    (gradient,) = pull(upstream)
    assert np.sum(gradient * direction) == pytest.approx(along)
    ends = [function(a + h * direction) for h in (1e-6, -1e-6)]
    differences = sum(np.sum(u * (p - m)) / 2e-6 for u, p, m in zip(upstream, *ends, strict=True))
    assert along == pytest.approx(differences, rel=1e-6)


def stored_energy(q, v, m=1.0, *, g=2.0):
    return 0.5 * m * np.sum(v**2) - np.sum(q**2 * v) * g


def energies_of_two_arguments(q):
    v = np.array([0.3, 0.4])
    by_place = jacobian(stored_energy, 0)(q, v, g=3.0)
    return np.sum(jacobian(stored_energy, 1)(q, v) ** 2) + np.sum(by_place)


def tangent_sum(w, q):
    return np.sum(np.tanh(w * q))


def slopes_of_it(w, q):
    return grad(tangent_sum, 1)(w, q)


def helper_of_expressions(w):
    return np.sum(slopes_of_it(w, w + 0) ** 2) + np.sum(slopes_of_it(w * 2, w))


def first_entry_replaced(a, b):
    x = a.copy()
    x[0] = b
    return x


def replaced_in_a_copy(a):
    return np.sum(first_entry_replaced(a, a[1] * 2) ** 2) + a[0]


@pytest.mark.parametrize(
    "function", [energies_of_two_arguments, helper_of_expressions, replaced_in_a_copy]
)
def test_functions_that_helpers_and_transforms_give_are_called_by_their_own_names(function):
    x = np.array([0.7, 1.2])
    steps = np.eye(2) * 1e-6
    differences = [(function(x + h) - function(x - h)) / 2e-6 for h in steps]
    np.testing.assert_allclose(grad(function)(x), differences, rtol=1e-6)


def with_stars(x, *rest, **options):
    """Grow with every argument more."""
    total = x**2
    for r in rest:
        total = total + np.sum(np.sin(r) * x)
    if options.get("scale"):
        total = total * options["scale"]
    return total


def test_starred_parameters_are_numbered_by_the_call():
    x, y, z = 1.5, 2.0, np.array([1.0, 3.0])
    check_grads(with_stars, (x, y, z), order=2)
    assert np.isclose(grad(with_stars)(x, y, scale=3.0), 3 * (2 * x + np.sin(y)))
    np.testing.assert_allclose(grad(with_stars, 2)(x, y, z), np.cos(z) * x)
    product = lambda *a: np.sum(a[0] * a[1] ** 2)  # noqa: E731  # as users write it
    assert hessian(product, 1)(2.0, 3.0) == 4.0
    assert grad(grad(product, 0), 1)(2.0, 3.0) == 6.0
    out, back = vjp(product, 2.0, 3.0)
    assert (out, *back(1.0)) == (18.0, 9.0, 12.0)


def test_starred_keywords_are_constants_by_name():
    def f(x, **options):
        return np.sum(np.sum(x**2, **options) * np.arange(2.0))

    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(grad(f)(x, axis=0), [[0, 4], [0, 8]])
    np.testing.assert_allclose(grad(f)(x, axis=1), [[0, 0], [6, 8]])


def test_an_error_among_starred_parameters_has_the_line_of_the_file():
    def f(*values):
        """Have a docstring."""
        total = values[0]
        return unknown_to_all(total)  # noqa: F821  # on purpose

    with pytest.raises(DerivationError) as error:
        grad(f)(1.0)
    line = f.__code__.co_firstlineno + 3
    assert error.value.diagnostics[0].line == line
    assert error.value.diagnostics[0].filename == __file__


def test_a_wrapper_of_a_function_is_what_is_differentiated():
    def doubled(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return 2.0 * function(*args, **kwargs)

        return wrapper

    @doubled
    def f(x, y=3.0):
        return x * y

    assert grad(f)(2.0) == 6.0
    assert grad(f, 1)(2.0, 5.0) == 4.0
    assert grad(f)(2.0, y=5.0) == 10.0


def test_check_grads_looks_at_the_arguments_asked_for():
    f = lambda x, y: x**2 * np.floor(y) + stop_gradient(y) ** 3  # noqa: E731  # as users write it
    check_grads(f, argnum=0)(1.5, 2.5)
    check_grads(f, (1.5, 2.5), argnums=(-2,))
    with pytest.raises(AssertionError, match="argument 1"):
        check_grads(f, (1.5, 2.5), argnums=(0, 1))


def test_check_grads_takes_lists_and_complex_values():
    check_grads(lambda x: np.split(np.sin(x), 3), (X,), order=2)
    check_grads(lambda x: np.exp(1j * x), (X,), order=2)
    check_grads(lambda x: {"a": x**2, "b": [np.sin(x), x[0] ** 3]}, (X,), order=2)


def test_a_list_of_operands_that_is_written_into_has_second_derivatives():
    args, places, function = [np.ones(3), np.arange(3.0)], (0,), np.dot

    def called(*given):
        operands = list(args)
        for place, value in zip(places, given, strict=False):
            operands[place] = value**2
        return function(*operands)

    check_grads(called, (X,), order=2)


AXES: list[int] = []


def summed_along(x):
    return np.sum(np.sum(x, *AXES) ** 2)


def test_what_is_spread_from_outside_is_counted_anew() -> None:
    slope, backward = grad(summed_along), derive_backward(summed_along).backward
    for derived in (slope, backward):
        AXES.clear()
        np.testing.assert_allclose(derived(A), np.full((2, 3), 2 * A.sum()))
        AXES.append(0)
        np.testing.assert_allclose(derived(A), [2 * A.sum(0)] * 2)


def test_a_function_that_returns_one_value_in_a_tuple_is_transformed_as_such():
    def squares(x):
        return (x**2,)

    x = np.arange(3.0)
    value, pullback = vjp(squares, x)
    values, changes = jvp(squares, (x,), (x,))
    assert [type(v) for v in (value, values, changes)] == [tuple] * 3
    np.testing.assert_allclose(pullback((np.ones(3),)), [2 * x])
    np.testing.assert_allclose(changes, [2 * x**2])
    np.testing.assert_allclose(jacobian(squares)(x), [np.diag(2 * x)])


@pytest.mark.parametrize("f", [np.prod, lambda x: np.sum(np.einsum("i->i", x) ** 3)])
def test_a_gradient_in_a_tuple_has_a_change_in_a_tuple(f):
    x = np.array([1.0, 2.0, 4.0])
    gradient, (change,) = jvp(grad(f, argnums=(0,)), (x,), (x,))
    np.testing.assert_allclose(gradient, [grad(f)(x)])
    np.testing.assert_allclose(change, hessian(f)(x) @ x)


def test_helpers_with_names_of_numpys_are_told_apart():
    def f(x):
        return np.trapezoid(x[0]) * np.trapezoid(x[1] ** 2, x=x[0])

    x = np.arange(6.0).reshape(2, 3) ** 1.5
    check_grads(f, (x,), order=2)
    assert hessian(f)(x).shape == (2, 3, 2, 3)
