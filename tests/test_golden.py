"""Golden pairs: a file of forward functions, and beside it the module that srcdiff emits for it.

`pytest --update-golden` rewrites the expected texts; the difference is then reviewed.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(p for p in GOLDEN.glob("*.py") if not p.name.endswith(".expected.py"))


def emitted(path: Path) -> str:
    file = SourceFile(path.read_text(encoding="utf-8"), path.name)
    result = file.derive(file.chosen(None, Wish()))
    assert result.problems == []
    return file.module(result)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_emitted_text_is_the_golden_one(path: Path, update_golden: bool) -> None:
    expected = path.with_suffix(".expected.py")
    text = emitted(path)
    if update_golden:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_deriving_twice_gives_the_same_bytes(path: Path) -> None:
    assert emitted(path) == emitted(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_second_in_place_derivation_changes_nothing(path: Path) -> None:
    def spliced(text: str) -> str:
        file = SourceFile(text, path.name)
        chosen = {**file.written(), **file.chosen(None, Wish())}
        return file.in_place(file.derive(chosen), chosen)

    once = spliced(path.read_text(encoding="utf-8"))
    assert spliced(once) == once


@pytest.mark.skipif(shutil.which("ruff", path=Path(sys.executable).parent) is None, reason="ruff")
def test_the_formatter_and_the_linter_find_nothing() -> None:
    ruff = Path(sys.executable).parent / "ruff"
    expected = [str(path) for path in GOLDEN.glob("*.expected.py")]
    for arguments in (["format", "--check"], ["check", "--select", "E4,E7,E9,F"]):
        run = subprocess.run(
            [ruff, *arguments, "--isolated", *expected],
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr


def statements(text: str, name: str) -> list[str]:
    """Give a function's statements, without docstring and comments, one spelling for all."""
    tree = ast.parse(text)
    function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name)
    body = [n for n in function.body if not isinstance(n, ast.Expr)]
    return [ast.unparse(node) for node in body]


STAGED = """
sigy = 1.0 / (1 + math.exp(-y))
num = x + sigy
sigx = 1.0 / (1 + math.exp(-x))
xpy = x + y
xpysqr = xpy ** 2
den = sigx + xpysqr
invden = 1.0 / den
dnum = invden * df
dinvden = num * df
dden = -invden ** 2 * dinvden
dsigx = dden
dxpysqr = dden
dxpy = 2 * xpy * dxpysqr
dx = dxpy
dy = dxpy
dx += (1 - sigx) * sigx * dsigx
dx += dnum
dsigy = dnum
dy += (1 - sigy) * sigy * dsigy
return (dx, dy)
"""
NEURON = """
s = np.dot(x, w) + b
f = 1.0 / (1 + np.exp(-s))
ds = (1 - f) * f * df
dx, dw = dot_backward(ds, x, w)
db = unbroadcast(ds, b)
return (dw, dx, db)
"""
TWO_HIDDEN_BACKWARD = """
dPred = -dError
dLast_Input = (1 - Pred) * Pred * dPred
dL2 = np.dot(dLast_Input, W2.T)
dW2 = np.dot(L2.T, dLast_Input)
dL2_Input = (1 - L2) * L2 * dL2
dL1 = np.dot(dL2_Input, W1.T)
dW1 = np.dot(L1.T, dL2_Input)
dL1_Input = (1 - L1) * L1 * dL1
dW0 = np.dot(X.T, dL1_Input)
return (dW0, dW1, dW2)
"""
SOFTMAX_BACKWARD = """
ddata_loss = dloss
dW = 2 * W * (reg * dloss)
dprobs = np.zeros_like(probs)
dprobs[np.arange(n), y] = -ddata_loss / n / probs[np.arange(n), y]
dscores = probs * (dprobs - (dprobs * probs).sum(axis=1, keepdims=True))
dW += X.T @ dscores
db = dscores.sum(axis=0)
return (dW, db)
"""


@pytest.mark.parametrize(
    ("file", "function", "wanted"),
    [
        ("staged", "staged", STAGED),
        ("unknown_shapes", "neuron", NEURON),
        ("network", "two_hidden", TWO_HIDDEN_BACKWARD),
        ("network", "softmax_loss", SOFTMAX_BACKWARD),
        ("staged", "relu", "da = dx if a > 0 else 0.0\nreturn da"),
    ],
)
def test_the_text_reads_as_the_course_would_write_it(file: str, function: str, wanted: str) -> None:
    found = statements(emitted(GOLDEN / f"{file}.py"), f"{function}_backward")
    indented = textwrap.indent(wanted.strip(), " ")
    lines = statements(f"def wanted():\n{indented}", "wanted")
    assert found[-len(lines) :] == lines
