"""scipy's functions, where scipy is installed: however they are imported, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward, grad

scipy = pytest.importorskip("scipy")
linalg = pytest.importorskip("scipy.linalg")
special = pytest.importorskip("scipy.special")

FORMS = {
    "from scipy.special import gammaln": "gammaln(x)",
    "from scipy.special import gammaln as g": "g(x)",
    "from scipy import special": "special.gammaln(x)",
    "import scipy.special": "scipy.special.gammaln(x)",
    "import scipy.special as sc": "sc.gammaln(x)",
    "import scipy": "scipy.special.gammaln(x)",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_function_is_known_by_any_import(form: str, tmp_path: Path) -> None:
    """The command reads the file, and what it prints runs."""
    path = tmp_path / "program.py"
    path.write_text(
        f"import numpy as np\n{form}\n\n\ndef f(x):\n    return np.sum({FORMS[form]} * x)\n"
    )
    command = [sys.executable, "-m", "srcdiff", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    namespace: dict = {}
    exec(run.stdout, namespace)
    x = np.array([0.7, 1.5, 3.2])
    expected = special.digamma(x) * x + special.gammaln(x)
    np.testing.assert_allclose(namespace["f_backward"](x), expected)


def test_a_gaussian_process_by_scipys_factor() -> None:
    def f(x, y):
        k = x @ x.T + np.eye(3)
        factor = linalg.cholesky(k, lower=True)
        alpha = linalg.solve_triangular(factor, y, lower=True)
        return 0.5 * alpha @ alpha + np.sum(np.log(np.diag(factor)))

    x = np.array([[1.0, 0.3, -0.5], [0.2, 1.1, 0.7], [-0.4, 0.6, 0.9]])
    y = np.array([0.5, -1.0, 2.0])
    dx, dy = derive_backward(f).backward(x, y)
    inverse = np.linalg.inv(x @ x.T + np.eye(3))
    np.testing.assert_allclose(dy, inverse @ y)
    dk = 0.5 * inverse - 0.5 * np.outer(inverse @ y, inverse @ y)
    np.testing.assert_allclose(dx, 2 * dk @ x)


def test_an_unknown_derivative_is_refused() -> None:
    """The order of a Bessel function isn't differentiated, and never gets a zero."""

    def f(v, x):
        return special.jv(v, x)

    with pytest.raises(DerivationError) as caught:
        derive_backward(f).backward(1.0, 2.0)
    assert "by v" in str(caught.value)
    dx = derive_backward(f, wrt="x").backward(1.0, 2.0)
    np.testing.assert_allclose(dx, special.jvp(1.0, 2.0))


def test_importing_srcdiff_does_not_import_scipy() -> None:
    code = "import sys, srcdiff; srcdiff.derive_backward; print('scipy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_functions_of_matrices() -> None:
    def f(a):
        return np.sum(linalg.inv(a)) * linalg.det(a) + linalg.norm(linalg.expm(a / 4))

    a = np.array([[2.0, 0.3], [-0.5, 1.5]])
    da = derive_backward(f).backward(a)
    for index in np.ndindex(2, 2):
        step = np.zeros((2, 2))
        step[index] = 1e-6
        slope = (f(a + step) - f(a - step)) / 2e-6
        np.testing.assert_allclose(da[index], slope, rtol=1e-6)


def test_functions_of_stacks_of_matrices_are_refused() -> None:
    stack = np.stack([np.eye(2), 2 * np.eye(2), np.ones((2, 2)) + np.eye(2)])
    for function in (lambda a: np.sum(linalg.expm(a)), lambda a: np.sum(linalg.sqrtm(a))):
        with pytest.raises(DerivationError, match=r"SD103.*of a stack has no rule"):
            grad(function)(stack)
        grad(function)(stack[2])


def test_single_precision_stays_single() -> None:
    x = np.array([0.1, 0.5, 0.3], np.float32)
    for function in (
        *(lambda x: np.sum(special.erf(x)), lambda x: np.sum(special.erfc(x))),
        *(lambda x: np.sum(special.erfcx(x)), lambda x: np.sum(special.erfinv(x))),
        *(lambda x: np.sum(special.ndtr(x)), lambda x: np.sum(special.log_ndtr(x))),
    ):
        assert grad(function)(x).dtype == np.float32
