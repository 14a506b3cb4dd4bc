"""The contract of `derive_backward`, line by line."""

from __future__ import annotations

import inspect
import math
import traceback
from typing import Any

import numpy as np
import pytest

import srcdiff
from srcdiff import DerivationError, derive_backward
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish


@derive_backward
def neuron(w, x, b):
    s = np.dot(x, w) + b
    f = 1.0 / (1 + np.exp(-s))
    return f


W, X, B = np.array([[2.0], [-3.0]]), np.array([[-1.0, -2.0]]), -3.0


def test_the_function_stays_the_same_object() -> None:
    def f(x):
        return x * x

    assert derive_backward(f) is f
    assert derive_backward(wrt="x")(f) is f
    assert derive_backward(f, wrt=("x",)) is f
    assert f(3.0) == 9.0


def test_gradients_come_in_the_order_of_the_signature() -> None:
    dw, dx, db = neuron.backward(W, X, B)
    f = neuron(W, X, B)
    ds = (1 - f) * f
    np.testing.assert_allclose(dw, X.T @ ds)
    np.testing.assert_allclose(dx, ds @ W.T)
    assert db == pytest.approx(ds.item())
    assert isinstance(db, float)


def test_the_upstream_gradient_is_named_for_the_output_and_is_linear() -> None:
    once, twice = neuron.backward(W, X, B, df=1.0), neuron.backward(W, X, B, df=2.0)
    by_position = neuron.backward(W, X, B, 2.0)
    for one, two, positional in zip(once, twice, by_position, strict=True):
        np.testing.assert_allclose(2 * one, two)
        np.testing.assert_allclose(positional, two)


def test_an_upstream_gradient_of_ints_or_a_list_counts_as_floats() -> None:
    def f(x):
        return x

    assert derive_backward(f).backward(np.ones(2), dx=np.array([1, 2])).dtype == float
    np.testing.assert_allclose(f.backward(np.ones(2), dx=[1, 2]), [1.0, 2.0])


def test_value_and_grad_gives_both() -> None:
    f, grads = neuron.value_and_grad(W, X, B)
    np.testing.assert_allclose(f, neuron(W, X, B))
    for mine, theirs in zip(grads, neuron.backward(W, X, B), strict=True):
        np.testing.assert_allclose(mine, theirs)


def test_the_source_is_a_module_that_runs_alone() -> None:
    namespace: dict = {}
    exec(neuron.backward.source, namespace)
    for mine, theirs in zip(
        namespace["neuron_backward"](W, X, B), neuron.backward(W, X, B), strict=True
    ):
        np.testing.assert_allclose(mine, theirs)
    assert "srcdiff" not in neuron.backward.source


@pytest.mark.parametrize(
    ("wrt", "expected"),
    [
        ("y", 6.0),
        (("y",), (6.0,)),
        (("y", "x"), (6.0, 8.0)),
        (("x", "y", "z"), (8.0, 6.0, 12.0)),
    ],
)
def test_wrt_chooses_and_orders(wrt, expected) -> None:
    def f(x, y, z=2.0):
        return x * y * z

    assert derive_backward(f, wrt=wrt).backward(3.0, 4.0) == expected


def test_a_parameter_without_influence_gets_zeros() -> None:
    def f(x, y):
        return x * 2

    assert derive_backward(f, wrt=("x", "y")).backward(1.0, 5.0) == (2.0, 0.0)
    zeros = derive_backward(f, wrt="y").backward(1.0, np.array([1, 2]))
    assert zeros.dtype == float
    np.testing.assert_array_equal(zeros, [0.0, 0.0])


def test_one_differentiable_parameter_comes_bare() -> None:
    def f(x, n):
        return np.sum(x) / np.floor(n)

    assert derive_backward(f).backward(np.ones(2), 2.5).shape == (2,)


def test_gradients_have_the_structure_of_their_parameters() -> None:
    def f(a, b, c, d):
        return a[0] * b[1] + c["u"] * d

    da, db, dc, dd = derive_backward(f).backward([1.0, 2.0], (3.0, 4.0), {"u": 5.0, "v": 1.0}, 6)
    assert da == [4.0, 0.0]
    assert db == (0.0, 1.0)
    assert dc == {"u": 6.0, "v": 0.0}
    assert (dd, isinstance(dd, float)) == (5.0, True)


def test_several_outputs_need_each_upstream_gradient() -> None:
    def f(x, y):
        a = x * y
        b = x + y
        return a, b

    derive_backward(f)
    assert f.backward(2.0, 3.0, da=1.0, db=0.0) == (3.0, 2.0)
    assert f.backward(2.0, 3.0, da=0.0, db=1.0) == (1.0, 1.0)
    with pytest.raises(TypeError, match="db"):
        f.backward(2.0, 3.0, da=1.0)


def test_outputs_left_out_have_no_upstream_gradient() -> None:
    def layer(x, w, b):
        out = x @ w + b
        cache = (x, w, b)
        return out, cache

    x, w, b = np.ones((2, 3)), np.full((3, 2), 2.0), np.zeros(2)
    dx, dw, db = derive_backward(layer, outputs="out").backward(x, w, b)
    np.testing.assert_array_equal(dx, np.full((2, 3), 4.0))
    np.testing.assert_array_equal(dw, np.full((3, 2), 2.0))
    np.testing.assert_array_equal(db, [2.0, 2.0])
    value, _ = layer.value_and_grad(x, w, b)
    np.testing.assert_array_equal(value, x @ w + b)
    with pytest.raises(DerivationError, match=r"(?s)SD112 layer returns no y.*names out, cache"):
        derive_backward(layer, outputs="y")


def test_a_container_has_an_upstream_gradient_of_its_structure() -> None:
    def layer(x, w):
        out = x @ w
        cache = (x, w)
        return out, cache

    x, w = np.ones((2, 3)), np.full((3, 2), 2.0)
    derived = derive_backward(layer)
    dx, dw = derived.backward(x, w, dout=0.0, dcache=(5 * x, 7 * w))
    np.testing.assert_array_equal(dx, 5 * x)
    np.testing.assert_array_equal(dw, 7 * w)


def test_a_returned_expression_is_called_out() -> None:
    def f(x):
        return x * x

    assert derive_backward(f).backward(3.0, dout=2.0) == 12.0


def test_split_gives_forward_with_a_cache_and_backward() -> None:
    def f(x, w):
        h = np.tanh(x @ w)
        return h * w.sum()

    rng = np.random.default_rng(0)
    x, w, g = rng.random((2, 3)), rng.random((3, 2)), rng.random((2, 2))
    derive_backward(f, mode="split")
    out, cache = f.forward(x, w)
    np.testing.assert_allclose(out, f(x, w))
    split = f.backward(g, cache)
    joint = derive_backward(f).backward(x, w, dout=g)
    for mine, theirs in zip(split, joint, strict=True):
        np.testing.assert_allclose(mine, theirs)


def test_positional_only_keyword_only_and_default_parameters() -> None:
    def f(x, /, y, *, k=2.0):
        return x * y * k

    derive_backward(f)
    assert f.backward(3.0, 4.0) == (8.0, 6.0, 12.0)
    assert f.backward(3.0, y=4.0, k=5.0, dout=2) == (40.0, 30.0, 24.0)


def test_every_problem_is_told_at_its_place() -> None:
    def f(x):
        with x:
            x = x * 2
        y = unknown_function(x)  # noqa: F821
        return y

    with pytest.raises(DerivationError) as caught:
        derive_backward(f)
    first, second = caught.value.diagnostics
    start = inspect.getsourcelines(f)[1]
    assert (first.code, first.line, first.column) == ("SD101", start + 1, 9)
    assert (second.code, second.line, second.column) == ("SD104", start + 3, 13)
    assert first.filename == __file__
    assert first.hint
    text = str(caught.value)
    assert f"{__file__}:{start + 1}:9: SD101" in text
    assert "            with x:\n            ^^^" in text
    assert isinstance(caught.value, srcdiff.DerivationError)


def test_a_traceback_and_getsource_show_the_emitted_lines() -> None:
    def g(x, y):
        z = x[0] * y
        return z

    derive_backward(g)
    g.backward([1.0, 2.0], 3.0)
    version = next(iter(g.backward._versions.values()))
    assert "def g_backward(x, y, dz=1.0):" in inspect.getsource(version)
    with pytest.raises(IndexError) as caught:
        version([], 3.0)
    shown = "".join(traceback.format_exception(caught.value))
    assert "dx[0] = y * dz" in shown


def test_an_annotation_that_the_call_contradicts_plays_no_part() -> None:
    def f(x: float, y: float):
        return x * y

    dx, dy = derive_backward(f).backward(np.array([1.0, 2.0]), 3.0, dout=np.ones(2))
    np.testing.assert_allclose(dx, [3.0, 3.0])
    assert dy == 3.0


def test_arguments_left_out_have_their_defaults_in_every_call() -> None:
    @derive_backward
    def f(x: float, y: float = 3.0, *, scale: float = 2.0):
        z = x * y * scale
        return z

    for _ in range(2):
        assert f.backward(5.0) == (6.0, 10.0, 15.0)
        assert f.backward(5.0, 4.0) == (8.0, 10.0, 20.0)
        assert f.backward(5.0, scale=1.0) == (3.0, 5.0, 15.0)

    @derive_backward
    def g(x, y=3.0):
        z = x * y
        return z

    for _ in range(2):
        assert g.backward(5.0) == (3.0, 5.0)
        assert g.backward(5.0, 4.0) == (4.0, 5.0)
        np.testing.assert_array_equal(g.backward(np.ones(2))[0], [3.0, 3.0])


def loss_or_scores(W, y=None):
    scores = W * 2
    if y is None:
        return scores
    loss = np.sum(scores * y)
    return loss


def test_a_return_that_the_arguments_rule_out_leaves_all_results() -> None:
    """CS231n's networks: scores without targets, the loss with them."""
    W, y = np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([[2.0, 1.0], [-1.0, 0.25]])
    derived = derive_backward(loss_or_scores, wrt="W")
    for value_and_gradient in (derived.value_and_grad, srcdiff.value_and_grad(loss_or_scores)):
        value, gradient = value_and_gradient(W, y)
        np.testing.assert_allclose(value, np.sum(2 * W * y))
        np.testing.assert_allclose(gradient, 2 * y)
    scores, back = srcdiff.vjp(loss_or_scores, W)
    np.testing.assert_allclose(scores, 2 * W)
    np.testing.assert_allclose(back(y)[0], 2 * y)
    loss, back = srcdiff.vjp(lambda W: loss_or_scores(W, y), W)
    np.testing.assert_allclose(loss, np.sum(2 * W * y))
    np.testing.assert_allclose(back(1.0)[0], 2 * y)


def cut_in_a_branch(x, w, c):
    if c > 0:
        x = x[:2]
    return w * np.sum(x > 0)


def cut_in_a_loop(x, w, c):
    for _ in range(2):
        x = x[:-1]
    return w * np.sign(x).sum() * c


def by_layers(x, w, c):
    for layer in [w, w]:
        x = np.stack([x.sum() * layer, x.sum() * c])
    return np.sign(x).sum() * w


@pytest.mark.parametrize("f", [cut_in_a_branch, cut_in_a_loop, by_layers])
def test_a_parameter_that_is_rebound_has_zeros_of_its_own_shape(f: Any) -> None:
    x, w, c = np.array([1.0, -2.0, 3.0, 0.5, -1.0]), 2.0, 1.5
    slope = (f(x, w + 1e-6, c) - f(x, w - 1e-6, c)) / 2e-6
    for gradients in (
        derive_backward(f, wrt=("x", "w")).backward(x, w, c),
        srcdiff.grad(f, argnums=(0, 1))(x, w, c),
        srcdiff.vjp(f, x, w, c)[1](1.0)[:2],
    ):
        np.testing.assert_array_equal(gradients[0], np.zeros(5))
        np.testing.assert_allclose(gradients[1], slope, rtol=1e-6)


def test_the_second_derivative_of_what_is_rebound_has_the_shape_of_the_argument() -> None:
    def product(x, W):
        for w in [W]:
            x = x @ w
        return x.sum()

    x, W = np.ones((3, 4)), np.ones((4, 2))
    second = srcdiff.grad(lambda x, W: np.sum(srcdiff.grad(product)(x, W) * x))(x, W)
    np.testing.assert_allclose(second, np.full((3, 4), 2.0))


def number_or_array(x):
    if np.isscalar(x):
        return math.sin(x) * 2
    return np.cos(x) * x


def array_or_number(x):
    if isinstance(x, np.ndarray):
        return np.exp(x) * x.sum()
    return math.exp(x)


def by_rank(x):
    if np.ndim(x) == 0:
        y = max(x, 0.1)
    else:
        y = np.maximum(x, 0.15)
    return y * x


def chosen_by_kind(x):
    return math.exp(x) if isinstance(x, float) else np.exp(x) * x


@pytest.mark.parametrize("f", [number_or_array, array_or_number, by_rank, chosen_by_kind])
@pytest.mark.parametrize("x", [0.5, np.array([0.1, 0.2, -0.3])], ids=["number", "array"])
def test_what_is_asked_of_a_value_says_nothing_of_it_elsewhere(f: Any, x: Any) -> None:
    """Functions of plain numbers behind such a test don't make a number of an array."""
    text = "import math\n\nimport numpy as np\n\n\n" + inspect.getsource(f)
    file = SourceFile(text, "text.py")
    result = file.derive(file.chosen(f.__name__, Wish()))
    namespace: dict[str, Any] = {}
    exec(file.module(result), namespace)
    weights = np.cos(np.asarray(x) * 3)
    found = namespace[f"{f.__name__}_backward"](x, weights[()])
    total = lambda moved: np.sum(weights * f(moved))  # noqa: E731  # one line
    steps = np.eye(np.size(x)).reshape(np.size(x), *np.shape(x)) * 1e-6
    slopes = [(total((x + step)[()]) - total((x - step)[()])) / 2e-6 for step in steps]
    np.testing.assert_allclose(found, np.reshape(slopes, np.shape(x)), rtol=1e-6)
