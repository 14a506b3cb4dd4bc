"""Small programs with calls of NumPy's and math's functions at which wrong numbers once came out.

Each is differentiated for the types of a call, as text for any types, and in forward mode, and
compared with differences.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_rules import differences

from srcdiff import DerivationError, derive_backward, grad, jvp

Program = tuple[str, Any]
V3, V4 = np.array([1.0, -2.0, 3.0]), np.array([1.0, 2.5, -3.0, 4.0])
M23 = np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]])

PROGRAMS: dict[str, list[Program]] = {
    "hypot of a sequence has all its entries": [
        ("math.hypot(*x)", V3),
        ("math.hypot(*x)", V3[:1]),
        ("math.hypot(*x)", [1.0, -2.0, 3.0]),
        ("math.hypot(*(x - x[0] * 0.5))", V3),
        ("math.hypot(*(x[0], x[1] * x[2], x[2]))", V3),
        ("math.hypot(*x[1:]) * x[0]", [1.0, -2.0, 3.0]),
        ("math.hypot(*[a - 0.5 for a in x])", V3),
    ],
    "the axes of einsum may be named Ellipsis": [
        ("np.sum(np.einsum(x, [Ellipsis, 0], [Ellipsis]) ** 2)", M23),
        ("np.sum(np.einsum(x, [Ellipsis, 0], x, [1, 0], [Ellipsis, 1]) ** 2)", M23),
    ],
    "a transform of a real array has a real gradient": [
        (f"np.sum(np.real(np.fft.{name}(x, n)) ** 3)", V4, n)
        for name in ("fft", "ifft")
        for n in (None, 3, 6)
    ],
    "what a reduction leaves out has no gradient inside it either": [
        (f"np.sum(np.{name}(np.log(np.abs(x) + x), where=x > 0{start}))", V4)
        for name, start in (
            *(("sum", ""), ("mean", ""), ("prod", ""), ("std", ", axis=0"), ("var", "")),
            *(("max", ", initial=0.5"), ("min", ", initial=5.0")),
        )
    ],
    "what np.where leaves out has no tangent behind it either": [
        ("np.sum(np.log(np.where(x > 0, x, 0.0)), where=x > 0)", V4),
        ("np.sum(1 / np.where(x > 0, x, 0.0), where=x > 0)", V4),
        ("np.sum(np.arcsin(0.25 * np.where(x < 0, 4.0, x))[[0, 1]])", V4[:3]),
    ],
    "an axis that is None is no axis": [
        (f"np.sum(np.{name}(x, axis=n) * x[0, 0])", M23, axis)
        for name in ("cumsum", "cumprod", "sort", "nancumsum", "nancumprod")
        for axis in (None, 1)
    ],
    "the first argument may have its name": [
        ("np.sum(np.pad(array=x, pad_width=1) ** 2)", M23),
        ("np.linalg.norm(x=x) * np.sum(np.cumsum(a=x))", M23),
        ("np.sum(np.linalg.solve(a=x[:, :2], b=x[:, 2]))", M23),
        ("np.sum(np.stack(arrays=[x, x * 2], axis=0) ** 2)", M23),
    ],
    "other ways to say it": [
        ("x.item((1, 2)) * x.item((0, 1))", M23),
        ("np.sum(np.reshape(x, shape=(3, 2)) ** 2)", M23),
        ("np.sum(np.prod(x, axis=()) * x)", M23),
        ("np.linalg.vector_norm(x, axis=(0, 1))", M23),
        ("np.linalg.vector_norm(x, axis=None) * np.sum(x)", M23),
    ],
}
CASES = pytest.mark.parametrize("claim", PROGRAMS)


def functions(directory: Path, programs: list[Program]) -> Iterator[Callable[..., Any]]:
    """Give each program as a function of x and n."""
    path = directory / "programs.py"
    texts = (f"def f{i}(x, n=None):\n    return {p[0]}\n" for i, p in enumerate(programs))
    path.write_text("import math\n\nimport numpy as np\n\n\n" + "\n\n".join(texts))
    spec = importlib.util.spec_from_file_location("programs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for i in range(len(programs)):
        yield getattr(module, f"f{i}")


def of_text(function: Callable[..., Any], *args: Any) -> Any:
    """Give the gradient by the text that is derived for any types."""
    namespace: dict[str, Any] = {}
    exec(derive_backward(function, wrt="x").backward.source, namespace)
    return namespace[f"{function.__name__}_backward"](*args)


def forwards(function: Callable[..., Any], x: Any, *rest: Any) -> Any:
    """Give the gradient by forward mode, along each direction."""
    directions = np.eye(np.size(x)).reshape(-1, *np.shape(x))
    along = (d.tolist() if isinstance(x, list) else d for d in directions)
    slopes = [jvp(function, (x, *rest), (d, *(None for _ in rest)))[1] for d in along]
    return np.reshape(slopes, np.shape(x))


@np.errstate(all="ignore")
@CASES
def test_programs_with_library_functions(claim: str, tmp_path: Path) -> None:
    """Compare in each mode; the gradients have the argument's type."""
    programs = PROGRAMS[claim]
    for function, (text, *args) in zip(functions(tmp_path, programs), programs, strict=True):
        x, *rest = args
        expected = differences(lambda v, f=function, r=rest: f(v, *r), x, 1.0)
        for way in (grad(function), lambda *a, f=function: of_text(f, *a)):
            found = way(*args)
            np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9, err_msg=text)
            assert np.asarray(found).dtype == np.asarray(x).dtype, text
        np.testing.assert_allclose(
            forwards(function, *args), expected, rtol=1e-7, atol=1e-9, err_msg=text
        )


REFUSED: dict[str, list[Program]] = {
    "lists of einsum's axes that aren't written out": [
        ("np.sum(np.einsum(x, n) ** 2)", M23, [0, 1]),
        ("np.sum(np.einsum(2 * x, n, x, [0, 1]) ** 2)", M23, [0, 1]),
        ("np.sum(np.einsum(x, range(2)) ** 2)", M23),
    ],
    "what may overwrite its operand": [
        ("np.median(x * x, overwrite_input=True) * x[0]", V3),
        ("np.percentile(np.sin(x), 40, overwrite_input=True)", V3),
        ("np.nanquantile(x.copy(), 0.4, overwrite_input=n)", V3, True),
        ("np.median(x, axis=[0, 1])", M23),
    ],
}


@pytest.mark.parametrize("claim", REFUSED)
def test_what_no_rule_knows_is_refused(claim: str, tmp_path: Path) -> None:
    programs = REFUSED[claim]
    for function, (_, *args) in zip(functions(tmp_path, programs), programs, strict=True):
        function(*args)  # NumPy can
        with pytest.raises(DerivationError, match="SD103"):
            grad(function)(*args)


def test_the_variance_of_one_element_has_no_gradient() -> None:
    """It is NaN, as the variance is, rather than an error."""
    x = np.array([2.0])
    with np.errstate(all="ignore"):
        for function in (lambda x: np.var(x, ddof=1), np.cov):
            assert np.isnan(grad(function)(x)).all()


def test_wrong_subscripts_are_told_by_numpy() -> None:
    for subscripts in ("ij,jk", "ij->k"):
        with pytest.raises(ValueError, match="subscripts"):
            grad(lambda x, s=subscripts: np.sum(np.einsum(s, x)))(M23)


SINGLE = np.array([0.5, 1.2, 0.3], np.float32)
SQUARE = np.array([[1, 2, 3], [0.5, 2, 1], [3, 1, 1]], np.float32)
OF_SINGLE: list[Program] = [
    *((f"np.linalg.norm(x, {order})", SINGLE) for order in ("1", "2", "3", "np.inf", "-np.inf")),
    *((f"np.linalg.norm(x, {order})", SQUARE) for order in ("1", "2", "-2", "np.inf", "'nuc'")),
    ("np.linalg.norm(x, 3, axis=0)[0]", SQUARE),
    *((f"np.{name}", SINGLE) for name in ("quantile(x, 0.4)", "percentile(x, 40)", "trapezoid(x)")),
    *(
        (f"np.sum(np.gradient(x{axis}) ** 2)", x)
        for axis, x in (("", SINGLE), (", axis=0", SQUARE))
    ),
    ("np.trace(x, offset=-1)", SQUARE),
    ("np.sum(np.diagflat(x))", SINGLE),
]


def test_single_precision_stays_single(tmp_path: Path) -> None:
    """In each mode; and what is given back may be written into."""
    for function, (text, x) in zip(functions(tmp_path, OF_SINGLE), OF_SINGLE, strict=True):
        for way in (grad(function), lambda v, f=function: of_text(f, v)):
            found = way(x)
            assert found.dtype == np.float32, text
            assert found.flags.writeable, text
        assert jvp(function, (x,), (np.ones_like(x),))[1].dtype == np.float32, text
