"""Second opinions: derivatives of jax and autograd, where these are installed.

    pip install -e '.[compare]'

A row is a function of a NumPy-like module and the shapes of its arguments. Each is held to jax's
value, gradient, tangent, pulled back upstream and Hessian, at random points and at ties and zeros.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcdiff

Row = tuple[str, tuple[tuple[int, ...], ...], tuple[float, float]]


def row(text: str, *shapes: tuple[int, ...], within: tuple[float, float] = (-2, 2)) -> Row:
    """Give a row; the arguments are x, y, z, and their numbers lie within two bounds."""
    return text, shapes, within


V, W, M, S = (4,), (3,), (3, 4), (3, 3)
POSITIVE, SMALL = (0.3, 2.5), (-0.9, 0.9)
ROWS = [
    *(
        row(f"np.{f}(x)", M)
        for f in ["sin", "cos", "tan", "exp", "expm1", "sinh", "cosh", "tanh", "arctan", "arcsinh"]
    ),
    *(
        row(f"np.{f}(x)", V, within=POSITIVE)
        for f in ["log", "log1p", "log2", "log10", "sqrt", "cbrt"]
    ),
    *(row(f"np.{f}(x)", V, within=SMALL) for f in ["arcsin", "arccos", "arctanh"]),
    *(
        row(f"np.{f}(x)", V)
        for f in ["abs", "square", "exp2", "sinc", "reciprocal", "deg2rad", "negative"]
    ),
    *(row(f"np.{f}(x, y)", M, V) for f in ["add", "subtract", "multiply", "divide", "arctan2"]),
    *(
        row(f"np.{f}(x, y)", M, V)
        for f in ["maximum", "minimum", "logaddexp", "logaddexp2", "hypot"]
    ),
    row("np.power(x, y)", M, V, within=POSITIVE),
    row("x ** 3 - 2 * x / (1 + x * x)", V),
    row("np.where(x > 0, x * x, np.exp(x))", M),
    row("np.clip(x, -1.0, 1.0)", M),
    *(row(f"np.{f}(x)", M) for f in ["sum", "mean", "prod", "max", "min", "var", "std", "ptp"]),
    *(
        row(f"np.{f}(x, axis=1)", M)
        for f in ["sum", "mean", "prod", "max", "min", "var", "std", "ptp"]
    ),
    *(row(f"np.{f}(x, axis=0, keepdims=True)", M) for f in ["sum", "mean", "prod", "max", "std"]),
    row("np.var(x, axis=0, ddof=1)", M),
    row("np.average(x, axis=0, weights=y)", M, W, within=POSITIVE),
    row("np.log(np.sum(np.exp(x), axis=1))", M),
    row("np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True)", M),
    *(
        row(f"np.{f}(x, axis=1)", M)
        for f in ["cumsum", "cumprod", "sort", "median", "diff", "flip", "roll"][:5]
    ),
    row("np.median(x)", V),
    row("np.quantile(x, 0.3)", V),
    row("np.percentile(x, 70.0, axis=1)", M),
    row("x[np.argsort(x)]", V),
    row("x[1:, ::-2]", M),
    row("x[:, None] * x[np.array([0, 0, 2])]", V),
    row("np.take(x, np.array([[0, 2], [2, 2]]), axis=1)", M),
    row("np.concatenate([x, y * 2], axis=0)", M, M),
    row("np.stack([x, y, x], axis=1)", V, V),
    row("np.tile(x, (2, 3))", V),
    row("np.repeat(x, 3, axis=0)", M),
    row("np.pad(x, 2)", M),
    row("np.transpose(x) @ x", M),
    row("np.reshape(x, (2, 6)) @ np.reshape(y, (6, 2))", M, M),
    row("np.swapaxes(x, 0, 1) * y", M, W),
    row("np.dot(x, y)", M, V),
    row("np.outer(x, y)", V, W),
    row("np.inner(x, y)", M, V),
    row("np.kron(x, y)", V, W),
    row("np.cross(x, y)", W, W),
    row("np.tensordot(x, y, axes=([1], [0]))", M, (4, 2)),
    row("np.trace(x)", S),
    row("np.tril(x) + np.triu(x, 1) * 2", S),
    row("np.diag(x)", V),
    row("np.diagonal(x)", S),
    row("np.einsum('ij,jk->ik', x, y)", M, (4, 2)),
    row("np.einsum('ij,ij->i', x, y)", M, M),
    row("np.einsum('ii->', x)", S),
    row("np.convolve(x, y)", V, W),
    row("np.interp(x, np.array([-3.0, 0.0, 3.0]), y)", V, W),
    row("np.linalg.norm(x)", V),
    row("np.linalg.norm(x, 1)", V),
    row("np.linalg.norm(x, np.inf)", V),
    row("np.linalg.norm(x, axis=1)", M),
    row("np.linalg.norm(x, 'nuc')", S),
    row("np.linalg.inv(x + 5 * np.eye(3))", S),
    row("np.linalg.det(x)", S),
    row("np.linalg.slogdet(x + 5 * np.eye(3))[1]", S),
    row("np.linalg.solve(x + 5 * np.eye(3), y)", S, W),
    row("np.linalg.pinv(x)", M),
    row("np.linalg.cholesky(x @ x.T + np.eye(3))", S),
    row("np.linalg.eigvalsh((x + x.T) / 2)", S),
    row("np.linalg.svd(x, compute_uv=False)", M),
    row("np.linalg.matrix_power(x, 3)", S),
    row("np.real(np.fft.fft(x) * np.fft.fft(y))", V, V),
    row("np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(y), 4)", V, V),
    row("np.abs(np.fft.fft2(x)) ** 2", M),
    row("np.real(np.fft.ifft(x * 1j, axis=0))", M),
]
NO_HESSIAN = ("pinv",)
"""Rows whose second derivatives aren't compared: they have no rule of second order."""

EDGES = [
    ("np.max(x)", [1.0, 3.0, 3.0]),
    ("np.min(x)", [1.0, 1.0, 3.0]),
    ("np.maximum(x, np.array([1.0, 2.0]))", [1.0, 3.0]),
    ("np.abs(x)", [0.0, -2.0]),
    ("np.sum(np.sort(x) * np.array([1.0, 2.0, 3.0]))", [2.0, 1.0, 1.0]),
    ("np.prod(x)", [2.0, 0.0, 3.0]),
    ("np.prod(x)", [0.0, 0.0, 3.0]),
    ("x ** 2", [0.0, 1.0]),
    ("np.cumprod(x)", [1.0, 0.0, 3.0]),
    ("np.logaddexp(x, x)", [0.0, 700.0]),
    ("np.sinc(x)", [0.0, 1.0]),
    ("np.log(np.sum(np.exp(x - np.max(x)))) + np.max(x)", [800.0, 1.0, 800.0]),
]
DIFFERING = {
    "np.maximum(x, np.array([1.0, 2.0]))": ([0.0, 1.0], "a constant takes the tie, as for ReLU"),
    "np.abs(x)": ([0.0, -1.0], "jax's has the sign 0 or 1 at zero by version; ours is 0"),
    "np.prod(x)": (None, ""),
}
HOLOMORPHIC = ["np.exp(x)", "np.sin(x) * x", "x ** 3", "np.sqrt(x)", "np.log(x)", "1 / x"]
OF_COMPLEX = ["np.sum(np.abs(x) ** 2)", "np.sum(np.real(x * x))", "np.sum(np.imag(np.exp(x)))"]
OF_COMPLEX += ["np.sum(np.abs(x))", "np.sum(np.real(np.conj(x) * x[::-1]))"]
OF_COMPLEX += ["np.sum(np.abs(np.fft.fft(x)) ** 2 * np.arange(3))", "np.sum(np.angle(x))"]


def written(text: str, count: int, np: Any, folder: Any) -> Callable[..., Any]:
    """Give a function of a row's text with a module as its np; it lies in a file of its own."""
    names = ", ".join("xyz"[:count])
    path = folder / "row.py"
    path.write_text(f"import numpy as np\n\n\ndef f({names}):\n    return {text}\n")
    space: dict[str, Any] = {"__name__": "row"}
    exec(compile(path.read_text(), str(path), "exec"), space)
    space["np"] = np
    return space["f"]


def points(shapes: tuple[tuple[int, ...], ...], within: tuple[float, float]) -> list[Any]:
    draws = np.random.default_rng(11)
    return [[draws.uniform(*within, s) for s in shapes] for _ in range(3)]


def close(found: Any, expected: Any) -> None:
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, np.asarray(expected), rtol=1e-7, atol=1e-9)


@pytest.fixture
def jax() -> Any:
    module = pytest.importorskip("jax")
    module.config.update("jax_enable_x64", True)
    return module


@pytest.mark.parametrize(("text", "shapes", "within"), ROWS, ids=[text for text, *_ in ROWS])
def test_jax_agrees(jax, text, shapes, within, tmp_path) -> None:
    ours, theirs = (written(text, len(shapes), m, tmp_path) for m in (np, jax.numpy))
    every = tuple(range(len(shapes)))
    for args in points(shapes, within):
        value, pulled = srcdiff.vjp(ours, *args)
        wanted, pulled_there = jax.vjp(theirs, *args)
        close(value, wanted)
        upstream = np.cos(1.0 + np.arange(np.size(wanted))).reshape(np.shape(wanted))
        gradients = pulled_there(jax.numpy.asarray(upstream))
        for one, other in zip(pulled(upstream), gradients, strict=True):
            close(one, other)
        tangents = tuple(np.sin(2.0 + a) for a in args)
        close(srcdiff.jvp(ours, args, tangents)[1], jax.jvp(theirs, tuple(args), tangents)[1])
        if np.ndim(wanted) == 0 and not any(name in text for name in NO_HESSIAN):
            found = srcdiff.grad(ours, argnums=every)(*args)
            for one, other in zip(found, jax.grad(theirs, argnums=every)(*args), strict=True):
                close(one, other)
            close(srcdiff.hessian(ours)(*args), jax.hessian(theirs)(*args))


@pytest.mark.parametrize(("text", "at"), EDGES)
def test_jax_agrees_at_ties_and_zeros(jax, text, at, tmp_path) -> None:
    ours, theirs = (written(f"np.sum({text})", 1, m, tmp_path) for m in (np, jax.numpy))
    expected = DIFFERING.get(text, (None, ""))[0]
    x = np.array(at)
    close(srcdiff.grad(ours)(x), jax.grad(theirs)(x) if expected is None else expected)


@pytest.mark.parametrize("text", HOLOMORPHIC)
def test_jax_agrees_on_holomorphic_functions(jax, text, tmp_path) -> None:
    ours, theirs = (written(text, 1, m, tmp_path) for m in (np, jax.numpy))
    x, upstream = np.array([0.5 + 1j, -1.2 + 0.3j]), np.array([1 - 2j, 0.7 + 0.1j])
    close(srcdiff.vjp(ours, x)[1](upstream)[0], jax.vjp(theirs, x)[1](upstream)[0])
    close(srcdiff.jvp(ours, (x,), (upstream,))[1], jax.jvp(theirs, (x,), (upstream,))[1])


@pytest.mark.parametrize("text", OF_COMPLEX)
def test_jax_and_autograd_agree_on_real_functions_of_complex_numbers(jax, text, tmp_path) -> None:
    ours, theirs = (written(text, 1, m, tmp_path) for m in (np, jax.numpy))
    x = np.array([0.5 + 1j, -1.2 + 0.3j, 0.2 - 0.8j])
    close(srcdiff.grad(ours)(x), jax.grad(theirs)(x))


NOT_IN_AUTOGRAD = [
    *["cbrt", "quantile", "percentile", "median", "ptp", "interp", "nuc", "power(x, y)", "roll"],
    *["average", "pinv", "cumprod", "np.sort(x, axis", "np.take(", "np.pad(", "diagonal"],
    *["'ii->'", "norm(x, 1)", "eigvalsh", "convolve", "matrix_power"],
    "norm(x, np.inf)",  # it gives nan at zeros, where srcdiff gives a subgradient
]
AUTOGRAD_ROWS = [r for r in ROWS if not any(n in r[0] for n in NOT_IN_AUTOGRAD)]


@pytest.mark.parametrize(
    ("text", "shapes", "within"), AUTOGRAD_ROWS, ids=[text for text, *_ in AUTOGRAD_ROWS]
)
def test_autograd_agrees(text, shapes, within, tmp_path) -> None:
    autograd = pytest.importorskip("autograd")
    module = pytest.importorskip("autograd.numpy")
    ours, theirs = (written(text, len(shapes), m, tmp_path) for m in (np, module))
    for args in points(shapes, within):
        upstream = np.cos(1.0 + np.arange(np.size(ours(*args)))).reshape(np.shape(ours(*args)))
        pulled = srcdiff.vjp(ours, *args)[1](upstream)
        for place, gradient in enumerate(pulled):
            pull, _ = autograd.core.make_vjp(
                lambda v, i=place, a=args: theirs(*a[:i], v, *a[i + 1 :]), args[place]
            )
            close(gradient, pull(upstream))
