"""Helpers in other modules, found by the command line without running anything."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

X = np.array([[0.3, -0.7, 1.2], [1.1, 0.4, -0.2]])
W = np.array([0.5, -1.5, 0.8])

Files = dict[str, str]

LAYERS = """import numpy as xp
from .constants import eps, SCALE as scale
from pkg.sub import act

gain = 2.0


def norm(x):
    return x / xp.sqrt(xp.sum(x**2) + eps)


def dense(x, w, b=0.5):
    h = xp.dot(x, w) * gain + b
    return norm(act(h)) * scale


def relu(x):
    return xp.maximum(x, 0)
"""
PACKAGE: Files = {
    "pkg/__init__.py": "",
    "pkg/layers.py": LAYERS,
    "pkg/constants.py": "eps: float = 1e-8\nSCALE = 3.0\nHALF = SCALE / 2\n",
    "pkg/sub/__init__.py": "from .acts import act\nfrom .acts import *\n",
    "pkg/sub/acts.py": "import math\nfrom numpy import tanh\n\neps = 0.25\n\n\n"
    "def act(x):\n    return tanh(x) * (1 + eps) * math.pi\n\n\n"
    "def twice(x, max=1.0):\n    return sum([x, 2.0]) * max\n",
}
MODELS: dict[str, tuple[str, Files]] = {
    "relative": (
        (
            "from .layers import dense\n\n\ndef loss(x, w):\n    y = np.sum(dense(x, w) ** 3)\n"
            "    return y\n"
        ),
        PACKAGE,
    ),
    "several names on several lines, one renamed": (
        (
            "from .layers import (\n    dense as d,  # a layer\n    relu,\n)\n\n\ndef loss(x, w):\n"
            "    y = np.sum(d(relu(x), w) ** 3)\n    return y\n"
        ),
        PACKAGE,
    ),
    "absolute, through an alias": (
        (
            "import pkg.layers as L\n\n\ndef loss(x, w):\n    y = np.sum(L.dense(x, w) * L.gain)\n"
            "    return y\n"
        ),
        PACKAGE,
    ),
    "absolute, by its whole name": (
        (
            "import pkg.sub.acts\n\n\ndef loss(x, w):\n"
            "    y = np.sum(pkg.sub.acts.act(x @ w) * pkg.sub.acts.eps)\n    return y\n"
        ),
        PACKAGE,
    ),
    "a module of the package": (
        (
            "from . import layers, constants as c\n\n\ndef loss(x, w):\n"
            "    y = np.sum(layers.dense(x, w) * c.HALF)\n    return y\n"
        ),
        PACKAGE,
    ),
    "a star": (
        (
            "from pkg.sub import *\n\n\ndef loss(x, w):\n    y = np.sum(twice(act(x @ w)))\n"
            "    return y\n"
        ),
        PACKAGE,
    ),
    "names that mean something else in the file": (
        (
            "from .layers import dense\n\neps = 7.0\ngain = 5.0\nxp = 2.0\nmath = 3.0\n\n\n"
            "def norm(x):\n    return x * eps * xp\n\n\ndef loss(x, w):\n"
            "    y = np.sum(norm(dense(x, w)) * gain * math)\n    return y\n"
        ),
        PACKAGE,
    ),
    "a builtin that means something else in the file": (
        (
            "from .sub import twice\n\n\ndef sum(x):\n    return x * 5\n\n\ndef loss(x, w):\n"
            "    y = np.sum(sum(twice(x @ w)))\n    return y\n"
        ),
        PACKAGE,
    ),
    "a name that a helper uses for a variable of its own": (
        (
            "from .layers import norm as h\nfrom .layers import dense\n\n\ndef loss(x, w):\n"
            "    y = np.sum(h(dense(x, w)))\n    return y\n"
        ),
        PACKAGE,
    ),
    "helpers that call back": (
        (
            "from .back import outer\n\n\ndef inner(x):\n    return x**2\n\n\ndef loss(x, w):\n"
            "    y = np.sum(outer(x) * w)\n    return y\n"
        ),
        {
            "pkg/__init__.py": "",
            "pkg/back.py": "from pkg import model\n\n\ndef outer(x):\n"
            "    return model.inner(x) * 3.0\n",
        },
    ),
    "no package: the file's own folder": (
        (
            "from helpers import square, offset\n\n\ndef loss(x, w):\n"
            "    y = np.sum(square(x) * w + offset)\n    return y\n"
        ),
        {"pkg/helpers.py": "offset = 1.5\n\n\ndef square(x):\n    return x * x\n"},
    ),
    "a module in src": (
        (
            "from tools.maths import square\n\n\ndef loss(x, w):\n    y = np.sum(square(x) * w)\n"
            "    return y\n"
        ),
        {"pyproject.toml": "", "src/tools/maths.py": "def square(x):\n    return x * x\n"},
    ),
    "a helper with branches and a loop": (
        (
            "from .solve import root\n\n\ndef loss(x, w):\n    y = np.sum(root(x * x + 1, 4) * w)\n"
            "    return y\n"
        ),
        {
            "pkg/__init__.py": "",
            "pkg/solve.py": "import numpy as np\n\n\ndef root(a, steps):\n    if steps < 0:\n"
            "        return a\n    x = np.ones_like(a)\n    for _ in range(steps):\n"
            "        x = 0.5 * (x + a / x)\n    return x\n",
        },
    ),
    "a function that takes a function": (
        (
            "from .apply import applied\n\n\ndef loss(x, w):\n"
            "    y = np.sum(applied(lambda u: u**3 * w, x))\n    return y\n"
        ),
        {
            "pkg/__init__.py": "",
            "pkg/apply.py": "factor = 2.0\n\n\ndef applied(f, x):\n    return f(x) * factor\n",
        },
    ),
    "an array of constants": (
        (
            "from .tables import TABLE\n\n\ndef loss(x, w):\n    y = np.sum(x * TABLE * w)\n"
            "    return y\n"
        ),
        {
            "pkg/__init__.py": "",
            "pkg/tables.py": "import numpy\n\nTABLE = numpy.array([1.0, 2, 3])\n",
        },
    ),
}
models = pytest.mark.parametrize("name", MODELS)


def written(folder: Path, name: str) -> Path:
    """Write a project; give its pkg/model.py."""
    text, files = MODELS[name]
    return project(folder, {**files, "pkg/model.py": f"import numpy as np\n{text}"})


def project(folder: Path, files: Files) -> Path:
    """Write files; give pkg/model.py."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder / "pkg" / "model.py"


def derived(path: Path, *names: str) -> str:
    """Give the module that the command line prints."""
    file = SourceFile(path.read_text(encoding="utf-8"), str(path))
    chosen = {name: Wish() for name in names} or file.chosen(None, Wish())
    result = file.derive(chosen)
    if result.problems:
        raise DerivationError(result.problems)
    return file.module(result)


def in_place(path: Path) -> str:
    """Give what --in-place writes."""
    file = SourceFile(path.read_text(encoding="utf-8"), str(path))
    chosen = file.chosen(None, Wish())
    result = file.derive(chosen)
    if result.problems:
        raise DerivationError(result.problems)
    return file.in_place(result, chosen)


def imported(path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a project's model, as its user would."""
    top = path.parent.parent
    package = (path.parent / "__init__.py").exists()
    for folder in (top / "src", path.parent, top):
        monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    try:
        return importlib.import_module("pkg.model" if package else "model")
    finally:
        for name in set(sys.modules) - before:
            del sys.modules[name]


def check(loss: Callable[..., Any], backward: Callable[..., Any]) -> None:
    """Compare gradients with central differences."""
    found = backward(X, W)
    step = 1e-6
    for place, gradient in enumerate(found):
        at = [X, W]
        for index in np.ndindex(at[place].shape):
            moved = np.zeros_like(at[place])
            moved[index] = step
            high, low = list(at), list(at)
            high[place], low[place] = at[place] + moved, at[place] - moved
            slope = (loss(*high) - loss(*low)) / (2 * step)
            assert gradient[index] == pytest.approx(slope, rel=1e-5, abs=1e-7)


@models
def test_helpers_of_other_modules_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = written(tmp_path, name)
    text = derived(path, "loss")
    assert "pkg" not in text.split("\n", 1)[1]
    assert "import *" not in text
    namespace: dict[str, Any] = {}
    exec(compile(text, "<derived>", "exec"), namespace)
    check(imported(path, monkeypatch).loss, namespace["loss_backward"])


@models
def test_in_place_the_file_s_own_names_are_used_and_a_second_run_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = written(tmp_path, name)
    before = path.read_text(encoding="utf-8")
    after = in_place(path)
    path.write_text(after, encoding="utf-8")
    assert in_place(path) == after
    assert set(before.splitlines()) <= set(after.splitlines())
    module = imported(path, monkeypatch)
    check(module.loss, module.loss_backward)


def test_nothing_is_run(tmp_path: Path) -> None:
    path = written(tmp_path, "relative")
    layers = tmp_path / "pkg" / "layers.py"
    layers.write_text(layers.read_text(encoding="utf-8") + "\n\nraise SystemExit\n")
    assert "def loss_backward(" in derived(path)


HEAD = "import numpy as np\nfrom .helpers import {}\n\n\ndef loss(x, w):\n    y = np.sum({})\n"
REFUSED: dict[str, tuple[str, str, str, str, tuple[str, int, int]]] = {
    "in the other module, at its line": (
        "import torch as t\n\n\ndef g(a):\n    b = 2.0 * a\n    return b * t.relu(a)\n",
        "g",
        "g(x)",
        "SD103",
        ("helpers.py", 6, 16),
    ),
    "at its column before names were changed": (
        (
            "import numpy as numeric\nimport torch\n\n\ndef g(a):\n"
            "    return numeric.exp(a) * numeric.sin(a) * torch.relu(a)\n"
        ),
        "g",
        "g(x)",
        "SD103",
        ("helpers.py", 6, 46),
    ),
    "a variable that its module changes": (
        "import numpy as np\n\ngain = 2.0\n\n\ndef change():\n    global gain\n    gain = 3.0\n",
        "gain",
        "x * gain",
        "SD115",
        ("model.py", 6, 20),
    ),
    "a function that a decorator changes": (
        "def twice(f):\n    return lambda x: 2 * f(x)\n\n\n@twice\ndef g(a):\n    return a * a\n",
        "g",
        "g(x)",
        "SD103",
        ("model.py", 6, 16),
    ),
    "a function that may be another one": (
        "try:\n    from fast import g\nexcept ImportError:\n    def g(x):\n        return x\n",
        "g",
        "g(x)",
        "SD103",
        ("model.py", 6, 16),
    ),
    "a module that isn't there": ("", "nothing", "nothing(x)", "SD103", ("model.py", 6, 16)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_where_it_stands(tmp_path: Path, name: str) -> None:
    text, names, expression, code, (file, line, column) = REFUSED[name]
    model = HEAD.format(names, expression) + "    return y\n"
    path = project(tmp_path, {"pkg/__init__.py": "", "pkg/helpers.py": text, "pkg/model.py": model})
    with pytest.raises(DerivationError) as caught:
        derived(path, "loss")
    told = caught.value.diagnostics[0]
    assert told.code == code
    assert (Path(told.filename).name, told.line, told.column) == (file, line, column)
    if line:
        lines = (path.parent / file).read_text(encoding="utf-8").splitlines()
        assert told.source_line == lines[line - 1]


def test_what_the_file_writes_into_another_module_is_read_there(tmp_path: Path) -> None:
    model = "from . import helpers\n\nhelpers.gain = 3.0\n\n\ndef loss(x):\n"
    model += "    y = x * helpers.gain\n    return y\n"
    path = project(
        tmp_path,
        {"pkg/__init__.py": "", "pkg/helpers.py": "gain = 2.0\n", "pkg/model.py": model},
    )
    text = derived(path)
    assert "from . import helpers" in text
    assert "helpers.gain * dy" in text


RULES = """import numpy as numeric
from srcdiff import rule
import thirdparty as tp
from pkg.sub.acts import act

LIMIT = 5.0


@rule.elementwise(act)
def act_rule(x, *, dy):
    print("limit", LIMIT)
    dx = numeric.clip(dy, -LIMIT, LIMIT)
    return dx


@rule.elementwise(tp.special.erf)
def erf_rule(x, *, dy):
    dx = 2 / numeric.sqrt(numeric.pi) * numeric.exp(-(x**2)) * dy
    return dx
"""
RULED = """import numpy as np
from thirdparty.special import erf
from .sub import act
from .layers import dense


def f(x, w):
    y = erf(x) * act(w)
    return y


def g(x):
    y = act(100 * x)
    return y


def h(x, w):
    y = np.sum(dense(x, w))
    return y
"""


@pytest.mark.parametrize(
    "entries", ['["pkg.rules"]', '["pkg/rules.py"]', '["pkg.rules:erf_rule", "pkg.rules:act_rule"]']
)
def test_rules_that_pyproject_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], entries: str
) -> None:
    toml = f"[tool.srcdiff]\nrules = {entries}\n"
    path = project(
        tmp_path,
        {**PACKAGE, "pkg/rules.py": RULES, "pyproject.toml": toml, "pkg/model.py": RULED},
    )
    text = derived(path)
    assert "from thirdparty.special import erf" in text
    namespace: dict[str, Any] = {}
    own = text.replace("from thirdparty.special import erf", "erf = np.tanh")
    own = own.replace("from .sub import act", "act = np.sinh")
    exec(compile(own, "<derived>", "exec"), namespace)
    dx, dw = namespace["f_backward"](X, 0.5)
    assert np.allclose(dx, 2 / np.sqrt(np.pi) * np.exp(-(X**2)) * np.sinh(0.5))
    assert np.allclose(dw, np.clip(np.tanh(X), -5, 5).sum())
    assert np.allclose(namespace["g_backward"](X, 3.0), 300)
    assert "limit 5.0" in capsys.readouterr().out


@pytest.mark.parametrize(
    "toml",
    [
        '[tool.srcdiff]\nrules = ["pkg.nothing"]\n',
        '[tool.srcdiff]\nrules = "pkg.rules"\n',
        "[tool.srcdiff\n",
    ],
)
def test_wrong_entries_in_pyproject_are_told(tmp_path: Path, toml: str) -> None:
    path = project(tmp_path, {**PACKAGE, "pyproject.toml": toml, "pkg/model.py": RULED})
    with pytest.raises(DerivationError) as caught:
        derived(path)
    (told,) = caught.value.diagnostics
    assert told.code == "SD122"
    assert Path(told.filename).name == "pyproject.toml"


def test_the_command_finds_modules_from_any_folder(tmp_path: Path) -> None:
    path = written(tmp_path, "relative")
    (tmp_path / "elsewhere").mkdir()
    command = [sys.executable, "-m", "srcdiff", os.path.relpath(path, tmp_path / "elsewhere")]
    done = subprocess.run(
        command, cwd=tmp_path / "elsewhere", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "def dense_backward(" in done.stdout


def test_an_operand_that_a_helper_uses_twice_has_a_value_where_forward_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "import numpy as np\n\n\ndef twice(x):\n    return sum([x, x])\n\n\ndef loss(x, w):\n"
    text += "    y = np.sum(5 * twice(x * w) ** 2)\n    return y\n"
    path = project(tmp_path, {"pkg/__init__.py": "", "pkg/model.py": text})
    namespace: dict[str, Any] = {}
    exec(compile(derived(path, "loss"), "<derived>", "exec"), namespace)
    check(imported(path, monkeypatch).loss, namespace["loss_backward"])
