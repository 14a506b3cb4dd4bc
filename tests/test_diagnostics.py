"""Diagnostics: the catalogue is true, places are right, and nothing else ever escapes."""

from __future__ import annotations

import ast
import functools
import importlib.util
import itertools
import operator
import os
import re
import runpy
import shlex
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, Diagnostic, derive_backward
from srcdiff.cli import main
from srcdiff.diagnostics.codes import CATALOGUE, WIDTH, Entry, explanation

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "srcdiff"
CODE = re.compile(r"""["'](SD\d{3})["']""")
TOLD = re.compile(r"^(?P<file>[^:\n]+)(?::(?P<line>\d+):(?P<column>\d+))?: (?P<code>SD\d{3}) \S")
numbers = itertools.count(1)
entries = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command did."""

    status: int
    out: str
    err: str

    def codes(self) -> list[str]:
        return [found["code"] for line in self.err.splitlines() if (found := TOLD.match(line))]


Run = Callable[..., Finished]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Run:
    """Run the command in this process, where whatever isn't told as a diagnostic is raised."""
    monkeypatch.chdir(tmp_path)

    def command(text: str | bytes, *arguments: str) -> Finished:
        path = tmp_path / "model.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(SystemExit) as end:
            main(list(arguments or ["model.py"]))
        shown = capsys.readouterr()
        return Finished(int(end.value.code or 0), shown.out, shown.err)

    return command


def alone(folder: Path, text: str, *arguments: str) -> Finished:
    """Run the command as a user does, in a process of its own."""
    (folder / "model.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", "from srcdiff.cli import main; main()"]
    done = subprocess.run(
        [*command, *(arguments or ("model.py",))],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def loaded(folder: Path, text: str) -> types.ModuleType:
    """Import a text as a module of its own, so that its source is to be had."""
    name = f"diagnosed_{next(numbers)}"
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def refused(target: Any, **options: Any) -> list[Diagnostic]:
    """Give what the decorator says against something."""
    with pytest.raises(DerivationError) as caught:
        derive_backward(target, **options)
    return caught.value.diagnostics


def waited(function: Any) -> list[Diagnostic]:
    """Give why there is no general text, where a call says which functions the arguments are."""
    with pytest.raises(DerivationError) as caught:
        _ = derive_backward(function).backward.source
    return list(caught.value.diagnostics)


def codes(diagnostics: list[Diagnostic]) -> list[str]:
    return [diagnostic.code for diagnostic in diagnostics]


# The catalogue


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name != "codes.py":
            yield path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8")


def test_each_code_that_is_raised_is_in_the_catalogue_and_none_besides() -> None:
    raised = {code for _, text in sources() for code in CODE.findall(text)}
    assert len(raised) > 20
    assert raised == set(CATALOGUE)


def test_the_catalogue_is_in_order_and_each_entry_under_its_code() -> None:
    assert list(CATALOGUE) == sorted(CATALOGUE)
    assert all(code == entry.code for code, entry in CATALOGUE.items())
    assert len({entry.title for entry in CATALOGUE.values()}) == len(CATALOGUE)


@entries
def test_an_entry_says_what_and_why_in_whole_sentences(entry: Entry) -> None:
    for text in (entry.what, entry.why):
        assert text[0].isupper() or text.startswith(("derive_backward", "srcdiff"))
        assert text.endswith(".")
    assert not entry.title.endswith(".")
    for text in (entry.example, entry.mend):
        assert text.endswith("\n")
        assert not text.startswith("\n")
        assert max(map(len, text.splitlines())) <= WIDTH - 4


@entries
def test_an_explanation_has_all_the_parts_and_fits_the_screen(entry: Entry) -> None:
    text = explanation(entry.code)
    lines = text.splitlines()
    assert lines[0] == f"{entry.code}: {entry.title}"
    assert max(map(len, lines)) <= WIDTH
    flat = " ".join(text.split())
    assert entry.what in flat
    assert entry.why in flat
    assert f"`{entry.command}`" in text
    assert flat.count("def ") >= 1
    assert (entry.mended_command == entry.command) or f"`{entry.mended_command}`" in text
    assert (entry.mend == entry.example) == (text.count("model.py:\n") + text.count("Instead:") < 2)


@entries
def test_explain_prints_the_entry(entry: Entry, run: Run) -> None:
    done = run("", "explain", entry.code)
    assert done == Finished(0, explanation(entry.code) + "\n", "")


def test_the_page_of_messages_is_fresh() -> None:
    page = runpy.run_path(str(ROOT / "docs" / "make_errors.py"))["page"]
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == page()


# Each example is refused, each mend derives and is right

COMPANIONS = {"SD121": ["SD101", "SD121"]}  # says that nothing was written, after the reason
PLACELESS = {"SD114", "SD117", "SD118", "SD119", "SD121", "SD122", "SD123"}
SPANS = {  # what is marked in the example
    "SD101": "try:",
    "SD102": "{x**2, np.exp(y)}",
    "SD103": "expit",
    "SD104": "heigth",
    "SD105": "loss",
    "SD106": "np.random.shuffle(y)",
    "SD107": "x @ w",
    "SD108": "np.max(z)",
    "SD110": "z[0] += 1.0",
    "SD112": "line",
    "SD113": "remainder",
    "SD115": "rate",
    "SD116": "(",
    "SD120": "square_backward",
    "SD130": "np.conj(psi)",
    "SD131": "gas.T",
    "SD132": "act",
}
POINTS: dict[str, tuple[str, dict[str, Any]]] = {  # function of the mend, its arguments
    "SD101": ("energy", {"x": np.array([1.0, -2.0, 0.5])}),
    "SD102": ("largest", {"x": 1.3, "y": -0.4}),
    "SD103": ("prediction", {"x": 0.7, "w": -1.2, "b": 0.4}),
    "SD104": ("area", {"width": 2.0, "height": 3.5}),
    "SD105": (
        "loss",
        {"prediction": np.array([0.1, 0.9]), "target": np.array([0.0, 2.0])},
    ),
    "SD106": ("squashed", {"x": np.array([0.3, -0.2])}),
    "SD107": (
        "scores",
        {"x": np.arange(15.0).reshape(5, 3) / 7, "w": np.arange(12.0).reshape(4, 3) / 5 - 1},
    ),
    "SD108": ("loudest", {"x": np.array([3.0, 1.0]), "y": np.array([-4.0, 2.0])}),
    "SD109": ("many", {"x": 0.25}),
    "SD110": ("product", {"x": np.array([0.5, -1.5])}),
    "SD112": ("line", {"x": 1.5, "weight": 2.0, "bias": 0.5}),
    "SD113": ("remainder", {"x": np.array([0.25, 3.75])}),
    "SD114": ("loss", {"x": 1.0, "y": 0.25}),
    "SD115": ("step", {"w": 1.0, "gradient": 0.5, "rate": 0.1}),
    "SD116": ("area", {"width": 2.0, "height": 3.5}),
    "SD117": ("area", {"width": 2.0, "height": 3.5}),
    "SD119": ("double", {"x": 2.0}),
    "SD120": ("square", {"x": -1.5}),
    "SD121": ("square", {"x": -1.5}),
    "SD122": ("square", {"x": -1.5}),
    "SD123": ("square", {"x": -1.5}),
    "SD131": ("pressure", {"temperature": 2.5, "volume": 1.4, "n": 0.8}),
    "SD132": ("layer", {"x": np.array([0.4, -0.7]), "w": 1.3, "act": np.tanh}),
    "SD130": (
        "energy",
        {"psi": np.array([1.0 + 0j, 2.0]), "hamiltonian": np.array([[1.0 + 0j, 2.0], [2.0, 3.0]])},
    ),
}
ASKED = {"SD112": ("weight",), "SD117": ("width",), "SD132": ("x", "w")}
CLASSES = {"SD111", "SD118"}


def of_command(entry: Entry) -> bool:
    return entry.command.startswith("srcdiff ")


@entries
def test_an_example_is_refused_with_its_code_alone(entry: Entry, run: Run, tmp_path: Path) -> None:
    wanted = COMPANIONS.get(entry.code, [entry.code])
    if not of_command(entry):
        with pytest.raises(DerivationError) as caught:
            loaded(tmp_path, entry.example)
        assert codes(caught.value.diagnostics) == wanted
        return
    done = run(entry.example, *shlex.split(entry.command)[1:])
    assert (done.status, done.codes()) == (1, wanted)
    assert done.out == "" or entry.code == "SD111"  # the class of the layers is derived
    assert [path.name for path in tmp_path.iterdir()] == ["model.py"]
    assert (tmp_path / "model.py").read_text(encoding="utf-8") == entry.example


def test_a_deep_example_is_refused_in_a_fresh_process_too(tmp_path: Path) -> None:
    assert alone(tmp_path, CATALOGUE["SD109"].example).codes() == ["SD109"]


@entries
def test_an_example_is_marked_where_it_is_wrong(entry: Entry, run: Run) -> None:
    if not of_command(entry):
        return
    lines = run(entry.example, *shlex.split(entry.command)[1:]).err.splitlines()
    found = [TOLD.match(line) for line in lines]
    (at, place), *_ = [
        (at, match) for at, match in enumerate(found) if match and match["code"] == entry.code
    ]
    assert (place["line"] is None) == (entry.code in PLACELESS)
    if entry.code in SPANS:
        source = entry.example.splitlines()[int(place["line"]) - 1]
        assert lines[at + 1] == "    " + source
        start, length = lines[at + 2].index("^"), lines[at + 2].count("^")
        assert lines[at + 1][start : start + length] == SPANS[entry.code]
        assert start - 4 == int(place["column"]) - 1


def derived(entry: Entry, run: Run, folder: Path, name: str) -> Callable[..., Any]:
    """Give the backward function that the mended command makes."""
    done = run(entry.mend, *shlex.split(entry.mended_command)[1:])
    assert (done.status, done.err) == (0, "")
    places = {"-o": folder / "model_grad.py", "--in-place": folder / "model.py"}
    text = done.out
    for option, path in places.items():
        if f" {option}" in entry.mended_command:
            assert text == ""
            text = path.read_text(encoding="utf-8")
    return getattr(loaded(folder, text), f"{name}_backward")  # type: ignore[no-any-return]


def slope(f: Callable[..., Any], args: dict[str, Any], name: str, upstream: Any) -> Any:
    """Give the gradient by central differences, df/da - i df/db for a complex number a + ib."""
    kind = complex if np.iscomplexobj(args[name]) else float
    value = np.asarray(args[name], dtype=kind)
    result = np.zeros(value.shape, kind)
    step = 1e-6
    for place in np.ndindex(value.shape):
        for direction in (1, 1j) if kind is complex else (1,):
            ends = []
            for sign in (1, -1):
                moved = value.copy()
                moved[place] += sign * direction * step
                ends.append(np.sum(upstream * np.asarray(f(**{**args, name: moved[()]}))))
            result[place] += (ends[0] - ends[1]) / (2 * step) / direction
    return result


@entries
def test_a_mend_derives_without_a_word_and_gives_the_right_gradient(
    entry: Entry, run: Run, tmp_path: Path
) -> None:
    if entry.code in CLASSES:
        return  # below
    name, args = POINTS[entry.code]
    forward = getattr(loaded(tmp_path, entry.mend), name)
    out = np.asarray(forward(**args))
    upstream = np.linspace(0.5, 2.0, out.size).reshape(out.shape) if out.shape else 1.5
    if of_command(entry):
        backward = derived(entry, run, tmp_path, name)
        keyword = next(n for n in backward.__code__.co_varnames if n not in args)
        found = backward(**args, **{keyword: upstream})
    else:
        (keyword,) = {"SD117": ("dresult",), "SD119": ("dout",)}[entry.code]
        found = forward.backward(**args, **{keyword: upstream})
    asked = ASKED.get(entry.code, tuple(args))
    assert isinstance(found, tuple) == (len(asked) > 1)
    gradients = found if isinstance(found, tuple) else (found,)
    assert len(gradients) == len(asked)
    for parameter, gradient in zip(asked, gradients, strict=True):
        wanted = slope(forward, args, parameter, upstream)
        np.testing.assert_allclose(gradient, wanted, rtol=1e-6, atol=1e-7)


def test_the_mend_with_two_objects_is_right(run: Run, tmp_path: Path) -> None:
    done = run(CATALOGUE["SD111"].mend)
    assert (done.status, done.err) == (0, "")
    network = loaded(tmp_path, done.out).Network(3.0)
    assert network.forward(2.0) == 18.0
    assert network.backward(1.0) == 9.0
    assert (network.first.dw, network.second.dw) == (6.0, 6.0)  # 2 * 3, by hand


def test_the_mend_with_a_forward_method_is_right(tmp_path: Path) -> None:
    scale = loaded(tmp_path, CATALOGUE["SD118"].mend).Scale(3.0)
    assert scale.forward(2.0) == 6.0
    assert scale.backward(1.0) == 3.0
    assert scale.dw == 2.0


# Diagnostics as values and as text

SEVERAL = """\
import numpy as np


def f(x):
    y = 1
    with x:
        y = x
    z = nothing * x
    x.resize(3)
    return np.sin(z) + nowhere
"""


def test_a_diagnostic_is_a_value_with_code_message_hint_and_place(tmp_path: Path) -> None:
    text = "import numpy as np\n\n\ndef f(x):\n    y = x * (\n        np.nowhere(x)\n    )\n"
    text += "    return y\n"
    module = loaded(tmp_path, text)
    (found,) = refused(module.f)
    place = (found.line, found.column, found.end_line, found.end_column)
    assert (found.code, place) == ("SD104", (6, 9, 6, 19))
    assert found.message == "np has no nowhere."
    assert found.filename == module.__file__
    assert isinstance(found.hint, str)
    assert found == Diagnostic(
        "SD104", found.message, found.hint, found.filename, *place, found.source_line
    )
    assert {found: 1}[found] == 1


def test_the_places_of_a_method_and_of_an_indented_function_are_those_of_the_file(
    tmp_path: Path,
) -> None:
    text = "if True:\n    def f(x):\n        return x * nothing\n\n\nclass A:\n"
    text += "    def forward(self, x):\n        return x * nowhere\n"
    module = loaded(tmp_path, text)
    for target, wanted in ((module.f, (3, 20, 3, 27)), (module.A, (8, 20, 8, 27))):
        (found,) = refused(target)
        assert (found.line, found.column, found.end_line, found.end_column) == wanted
        assert found.source_line == text.splitlines()[found.line - 1]


def test_the_text_shows_the_place_the_line_and_the_marked_span(run: Run) -> None:
    done = run("def f(x):\n    y = 2 * größe(x)\n    return y\n")
    assert done.err.splitlines()[:3] == [
        "model.py:2:13: SD104 nothing defines größe.",
        "        y = 2 * größe(x)",
        "                ^^^^^",
    ]


def test_a_span_of_several_lines_is_marked_to_the_end_of_its_first(run: Run) -> None:
    done = run("def f(x):\n    y = {\n        v for v in x\n    }\n    return y[0]\n")
    assert done.err.splitlines()[:3] == [
        "model.py:2:9: SD102 a set comprehension can't be differentiated yet.",
        "        y = {",
        "            ^",
    ]


def test_a_tab_does_not_shift_the_mark(run: Run) -> None:
    done = run("def f(x):\n\ty = 2 * nothing\n\treturn y\n")
    lines = done.err.splitlines()
    assert lines[0] == "model.py:2:10: SD104 nothing defines nothing."
    assert lines[1][lines[2].index("^") :] == "nothing"


def test_the_error_s_text_is_that_of_its_diagnostics(tmp_path: Path) -> None:
    with pytest.raises(DerivationError) as caught:
        derive_backward(loaded(tmp_path, SEVERAL).f)
    assert str(caught.value) == "\n".join(map(str, caught.value.diagnostics))


def test_an_error_survives_pickling(tmp_path: Path) -> None:
    import pickle

    with pytest.raises(DerivationError) as caught:
        derive_backward(loaded(tmp_path, SEVERAL).f)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert copy.diagnostics == caught.value.diagnostics


def test_all_problems_of_a_function_are_told_at_once_and_in_order(run: Run, tmp_path: Path) -> None:
    wanted = [("SD101", 6), ("SD104", 8), ("SD106", 9), ("SD104", 10)]
    assert [(d.code, d.line) for d in refused(loaded(tmp_path, SEVERAL).f)] == wanted
    assert run(SEVERAL).codes() == [code for code, _ in wanted]


def test_calls_without_a_rule_are_all_told_at_once(tmp_path: Path) -> None:
    text = "import numpy as np\n\n\ndef f(x):\n    y = np.roots(x)\n"
    text += "    z = np.nextafter(x, y)\n    return np.roots(z)\n"
    found = refused(loaded(tmp_path, text).f)
    assert [(d.code, d.line) for d in found] == [("SD103", 5), ("SD103", 6), ("SD103", 7)]


ONE_PROBLEM = (
    "async for v in x:\n        y = v\n",
    "y = {v for v in x}\n",
    "y = lambda a: a\n",
    "try:\n        y = x\n    except ValueError as e:\n        y = 2 * e\n",
    "with x as y:\n        pass\n",
    "match x:\n        case [y, *_]:\n            pass\n",
    "import os as y\n",
    "def y(a):\n        return a\n",
)


@pytest.mark.parametrize("block", ONE_PROBLEM)
def test_a_refused_statement_is_one_problem_whatever_it_binds(block: str, run: Run) -> None:
    done = run(f"def f(x):\n    {block}    return x * y\n")
    assert len(done.codes()) == 1, done.err


def test_the_same_helper_called_twice_tells_its_problem_once(run: Run) -> None:
    text = "def f(x):\n    a = h(x)\n    b = h(a)\n    return a * b\n\n\n"
    text += "def h(x):\n    with x:\n        pass\n    return x\n"
    assert run(text).codes() == ["SD101"]


def stated() -> Iterator[tuple[str, ast.expr]]:
    """Give the messages and hints that stand in the source beside a code."""
    for name, text in sources():
        if name == "syntax/read_rule.py":
            continue  # what it refuses it catches: such a rule isn't inlined
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                values = [getattr(a, "value", None) for a in node.args]
                places = [i for i, v in enumerate(values) if re.fullmatch(r"SD\d{3}", str(v))]
                for place in places[:1]:
                    for text_node in node.args[place + 1 : place + 3]:
                        yield f"{name}:{text_node.lineno}", text_node


def test_messages_and_hints_end_with_a_full_stop() -> None:
    checked = 0
    wrong = []
    for place, node in stated():
        if isinstance(node, ast.JoinedStr):
            node = node.values[-1]
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            checked += 1
            quoted = re.search(
                r"""(: def f\(x\): return \.\.\.|\(".*"\)\.|[^.?!]\.|\]\)\.)$""", node.value
            )
            if not quoted and node.value != ".":
                wrong.append(f"{place}: {node.value}")
    assert checked > 80
    assert wrong == []


# Whatever is thrown at it

H = "import numpy as np\n\n\n"
HOSTILE: dict[str, tuple[str, list[str]]] = {  # text with a function f, codes; none: it derives
    "async": ("async def f(x):\n    return x * 2\n", ["SD101"]),
    "generator": ("def f(x):\n    y = yield x\n    return y * x\n", ["SD102"]),
    "starred parameters": ("def f(x, *rest):\n    return x * 2\n", []),
    "keywords of any name": ("def f(x, **rest):\n    return x * 2\n", []),
    "starred argument": ("def f(x):\n    return max(1.0, *x)\n", ["SD102"]),
    "nested": ("def f(x):\n    class G:\n        pass\n    return x * 2\n", ["SD101"]),
    "class inside": ("def f(x):\n    class A:\n        pass\n    return x * 2\n", ["SD101"]),
    "walrus": ("def f(x):\n    return x * (x := x * 2)\n", ["SD102"]),
    "f-string": ("def f(x):\n    s = f'{x!r:>{x}}'\n    return x * 2\n", []),
    "match": (
        "def f(x):\n    match x:\n        case [0]:\n            y = 1\n    return x\n",
        ["SD101"],
    ),
    "try": (
        "def f(x):\n    try:\n        y = x\n    except ValueError:\n        y = 1\n    return y\n",
        ["SD101"],
    ),
    "with": ("def f(x):\n    with open('a'):\n        y = x\n    return y\n", ["SD101"]),
    "global": ("y = 1\n\n\ndef f(x):\n    global y\n    y = x\n    return x * 2\n", ["SD101"]),
    "assert": ("def f(x):\n    assert x > 0\n    return x * 2\n", []),
    "raise": ("def f(x):\n    raise ValueError(x)\n", ["SD105"]),
    "del": ("def f(x):\n    y = x * 2\n    del y[0]\n    return y\n", ["SD101"]),
    "item write": ("def f(x):\n    y = x * 2\n    y[0] = 1\n    return y\n", []),
    "attribute write": ("def f(x):\n    x.a = 3\n    return x * 2\n", ["SD101"]),
    "dict": ("def f(x):\n    d = {'a': x, **x}\n    return x * 2\n", []),
    "and": ("def f(x, y):\n    return x and y\n", ["SD102"]),
    "no return": ("def f(x):\n    y = x * 2\n", ["SD105"]),
    "bare return": ("def f(x):\n    return\n", ["SD105"]),
    "empty tuple": ("def f(x):\n    return ()\n", ["SD105"]),
    "empty list": ("def f(x):\n    return []\n", ["SD105"]),
    "ellipsis": ("def f(x): ...\n", ["SD105"]),
    "pass": ("def f(x):\n    pass\n", ["SD105"]),
    "docstring alone": ("def f(x):\n    '''Nothing.'''\n", ["SD105"]),
    "nothing but None": ("def f(x):\n    return None\n", ["SD105"]),
    "no parameters": ("def f():\n    return 3.0\n", ["SD113"]),
    "constant": ("def f(x):\n    return 3.0\n", ["SD113"]),
    "string": ("def f(x):\n    return 'x'\n", ["SD113"]),
    "code after return": ("def f(x):\n    return x\n    return x * 2\n", ["SD101"]),
    "recursion": ("def f(x):\n    return x * f(x - 1)\n", []),
    "recursion in a statement": ("def f(x):\n    y = f(x - 1)\n    return x * y\n", []),
    "a parameter that is called": ("def f(x, g):\n    return g(x)\n", ["SD132"]),
    "a result that is called": (H + "def f(x):\n    return np.sin(x)(2)\n", ["SD103"]),
    "a module that is called": (H + "def f(x):\n    return np(x)\n", ["SD103"]),
    "a process that ends": ("def f(x):\n    return x * exit()\n", ["SD103"]),
    "code as a string": ("def f(x):\n    return x * eval('x')\n", ["SD103"]),
    "too many arguments": (H + "def f(x):\n    return np.sin(x, x, x)\n", ["SD103"]),
    "an unknown argument": (H + "def f(x):\n    return np.sum(x, nothing=3)\n", ["SD103"]),
    "read before": ("def f(x):\n    y += x\n    return y\n", ["SD104"]),
    "odd annotations": ("def f(x: 'Float[((', y: 'def') -> 'no[':\n    return x * y\n", []),
    "odd docstring": (
        "def f(x):\n    '''\n    x : array of shape (n,\n    '''\n    return x * x\n",
        [],
    ),
    "one line": ("def f(x): y = x * 2; return y", []),
    "soft keywords": ("def f(match, case):\n    type = match * case\n    return type\n", []),
    "unicode names": ("def f(größe, β_1):\n    ω = größe * β_1\n    return ω\n", []),
    "star import": ("from math import *\n\n\ndef f(x):\n    return sin(x)\n", []),
    "carriage returns": ("def f(x):\r    y = x * 2\r    return y\r", []),
    "a form feed": ("\x0cdef f(x):\n    y = x * 2\n    return y\n", []),
    "a huge power": ("def f(x):\n    return x * 2.0 ** (10 ** 10 ** 10 if 0 else 3)\n", []),
    "a division by zero": ("def f(x):\n    return x * (1 / 0)\n", []),
    "unpacked too few": ("def f(x):\n    a, b = x, x, x\n    return a * b\n", ["SD107"]),
}  # fmt: skip
hostile = pytest.mark.parametrize(("text", "wanted"), HOSTILE.values(), ids=HOSTILE)


@hostile
def test_no_text_gives_the_command_anything_but_diagnostics(
    text: str, wanted: list[str], run: Run
) -> None:
    done = run(text)
    assert done.codes() == wanted
    assert done.status == (1 if wanted else 0)
    assert bool(wanted) or "_backward(" in done.out


@hostile
def test_no_text_gives_the_decorator_anything_but_diagnostics(
    text: str, wanted: list[str], tmp_path: Path
) -> None:
    function = loaded(tmp_path, text).f
    if wanted:
        found = refused(function) if wanted != ["SD132"] else waited(function)
        assert set(codes(found)) == set(wanted)
        for diagnostic in found:
            assert diagnostic.message.endswith(".")
            assert re.search(r"[^.]\.$|\.\.\.$|^$", diagnostic.hint)
            assert diagnostic.filename == function.__code__.co_filename
            assert 0 < diagnostic.line <= diagnostic.end_line <= len(text.splitlines())
            assert diagnostic.column > 0 < diagnostic.end_column
            start = (diagnostic.line, diagnostic.column)
            assert start < (diagnostic.end_line, diagnostic.end_column)
            assert diagnostic.source_line == text.splitlines()[diagnostic.line - 1]
    else:
        assert "_backward(" in derive_backward(function).backward.source


NOT_PYTHON: dict[str, bytes] = {
    "an open parenthesis": b"def f(x:\n    return x\n",
    "bad indentation": b"def f(x):\n\treturn x\n        y\n",
    "a null byte": b"def f(x):\n    return x\0\n",
    "a null byte in a string": b"def f(x):\n    return '\0'\n",
    "Python 2": b"print 'hello'\n",
    "a number too long": b"def f(x):\n    return x * " + b"9" * 5000 + b"\n",
    "too many levels": b"".join(b" " * i + b"if x:\n" for i in range(120)) + b" " * 121 + b"pass\n",
    "a parameter twice": b"def f(x, x):\n    return x\n",
    "a return outside": b"return 3\n",
    "an open string": b"def f(x):\n    return 'x\n",
    "brackets": b"(" * 300 + b")" * 300,
}


@pytest.mark.parametrize("text", NOT_PYTHON.values(), ids=NOT_PYTHON)
def test_what_is_not_python_gives_one_message(text: bytes, run: Run) -> None:
    done = run(text)
    assert (done.status, done.out, done.codes()) == (1, "", ["SD116"])
    message = done.err.splitlines()[0]
    assert re.search(r"[^.?!]\.$|\?$", message), message


UNREADABLE: dict[str, bytes] = {
    "not UTF-8": b"\xff\xfe\x00",
    "an unknown encoding": b"# coding: klingon\n",
    "a broken encoding": b"# coding: ascii\nx = '\xe9'\n",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_text_gives_one_message(text: bytes, run: Run) -> None:
    done = run(text)
    assert (done.status, done.out, done.codes()) == (1, "", ["SD122"])


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "\ufeff", "x = 1", "f = lambda x: x\n"])
def test_a_file_without_functions_gives_no_diagnostic(text: str, run: Run) -> None:
    done = run(text)
    assert (done.status, done.codes()) == (0, [])


DEEP = {
    "a sum of 5000 terms": "def f(x):\n    return x" + " + x" * 5000 + "\n",
    "a sum of 900 terms": "def f(x):\n    return x" + " + x" * 900 + "\n",
    "a sum of 450 terms": "def f(x):\n    return x" + " + x" * 450 + "\n",
    "a tower of powers": "def f(x):\n    return " + "x ** " * 900 + "x\n",
    "600 signs": "def f(x):\n    return " + "-" * 600 + "x\n",
    "180 calls": H + "def f(x):\n    return " + "np.sin(" * 180 + "x" + ")" * 180 + "\n",
    "600 indices": "def f(x):\n    return x" + "[0]" * 600 + "\n",
    "600 methods": "def f(x):\n    return x" + ".copy()" * 600 + "\n",
    "600 choices": "def f(x):\n    return " + "x if x > 0 else " * 600 + "x\n",
    "600 comparisons": "def f(x):\n    return x if " + "x < " * 600 + "x else 2 * x\n",
    "600 times elif": "def f(x):\n    if x:\n        y = x\n"
    + "    elif x:\n        y = x\n" * 600
    + "    return y\n",
}
deep = pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)


@deep
def test_what_is_too_deep_gives_the_command_one_message(text: str, run: Run) -> None:
    done = run(text)
    assert (done.status, done.out, len(done.codes())) == (1, "", 1)
    assert set(done.codes()) <= {"SD101", "SD109", "SD116"}


@deep
def test_what_is_too_deep_gives_the_decorator_one_message(text: str, tmp_path: Path) -> None:
    try:
        function = loaded(tmp_path, text).f
    except (RecursionError, SyntaxError):
        return  # Python itself can't compile it
    assert len(refused(function)) == 1


def test_what_is_too_deep_gives_no_traceback_in_a_fresh_process(tmp_path: Path) -> None:
    done = alone(tmp_path, DEEP["a sum of 900 terms"])
    assert (done.status, done.out, len(done.codes())) == (1, "", 1)
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("def f(x):\n    return " + "(" * 150 + "x" + ")" * 150 + " * 2\n", 2.0),
        (H + "def f(x):\n    return " + "np.negative(" * 80 + "x" + ")" * 80 + "\n", 1.0),
        ("def f(x):\n    return x" + " + x" * 99 + "\n", 100.0),
        ("def f(x):\n" + "    x = x * 1.001\n" * 3000 + "    return x\n", 1.001**3000),
    ],
    ids=["150 parentheses", "80 calls", "100 terms", "3000 lines"],
)
def test_what_is_long_but_plain_is_derived(
    text: str, wanted: float, tmp_path: Path, run: Run
) -> None:
    assert derive_backward(loaded(tmp_path, text).f).backward(0.5) == pytest.approx(wanted)
    done = run(text)
    assert (done.status, done.err) == (0, "")
    assert loaded(tmp_path, done.out).f_backward(0.5) == pytest.approx(wanted)


def test_a_chain_of_many_helpers_is_derived_or_refused_but_not_called_recursion(
    run: Run, tmp_path: Path
) -> None:
    text = "def h0(x):\n    return x * 3.0\n\n\n"
    for i in range(1, 26):
        text += f"def h{i}(x):\n    return h{i - 1}(x) + 1.0\n\n\n"
    done = run(text, "model.py", "--function", "h25")
    if done.status == 0:
        assert loaded(tmp_path, done.out).h25_backward(2.0) == pytest.approx(3.0)
    assert "calls itself" not in done.err


def test_helpers_that_call_helpers_twice_are_derived_in_reasonable_time(tmp_path: Path) -> None:
    text = "def h0(x):\n    return x * 0.5\n\n\n"
    for i in range(1, 14):
        text += f"def h{i}(x):\n    return h{i - 1}(x) + h{i - 1}(x)\n\n\n"
    module = loaded(tmp_path, text)
    started = os.times().user
    assert derive_backward(module.h13).backward(1.0) == pytest.approx(2**12)
    assert os.times().user - started < 3.0


# The decorator's own arguments


class Plain:
    pass


class NotAMethod:
    forward = 3


class Static:
    @staticmethod
    def forward(x):
        return x * 2


class OfTheClass:
    @classmethod
    def forward(cls, x):
        return x * 2


class Property:
    @property
    def forward(self):
        return 2


class WithoutSelf:
    def forward():
        return 2


class ByLambda:
    forward = lambda self, x: x * 2  # noqa: E731


class Whole:
    def forward(self, x):
        return x * 2


class Named(type):
    def __setattr__(cls, name, value):
        raise AttributeError("closed")


class Closed(metaclass=Named):
    def forward(self, x):
        return x * 2


def product(x, y):
    return x * y


def made(text: str, name: str) -> Any:
    namespace: dict[str, Any] = {"__name__": "made"}
    exec(text, namespace)
    return namespace[name]


TARGETS: dict[str, tuple[Any, set[str]]] = {
    "a number": (3, {"SD118"}),
    "a name": ("product", {"SD118"}),
    "a builtin": (len, {"SD118"}),
    "a ufunc": (np.sin, {"SD118"}),
    "a module": (np, {"SD118"}),
    "a bound method": (Whole().forward, {"SD118"}),
    "a partial function": (functools.partial(product, 2.0), {"SD118"}),
    "a cached function": (functools.cache(product), {"SD118"}),
    "a vectorized function": (np.vectorize(product), {"SD118"}),
    "a getter": (operator.itemgetter(0), {"SD118"}),
    "a builtin class": (int, {"SD118"}),
    "a class without forward": (Plain, {"SD118"}),
    "a forward that is no method": (NotAMethod, {"SD118"}),
    "a static forward": (Static, {"SD118"}),
    "a class method": (OfTheClass, {"SD118"}),
    "a property": (Property, {"SD118"}),
    "a forward without self": (WithoutSelf, {"SD118", "SD113", "SD105"}),
    "a forward by lambda": (ByLambda, {"SD118"}),
    "a class that can't be changed": (Closed, {"SD118"}),
    "a lambda made by eval": (eval("lambda x: x * 2"), {"SD119"}),
    "a function made by exec": (made("def f(x): return x", "f"), {"SD119"}),
    "a class made by exec": (
        made("class A:\n    def forward(self, x): return x", "A"),
        {"SD119"},
    ),
    "a class made by type": (type("Made", (), {"forward": Whole.forward}), {"SD119"}),
}


@pytest.mark.parametrize(("target", "wanted"), TARGETS.values(), ids=TARGETS)
def test_what_is_no_plain_function_or_class_is_refused(target: Any, wanted: set[str]) -> None:
    (found,) = refused(target)
    assert found.code in wanted
    assert found.message.endswith(".")


def test_a_class_in_a_file_is_refused_by_the_command_too(run: Run) -> None:
    mark = "from srcdiff import derive_backward\n\n\n@derive_backward\n"
    assert run(mark + "class A:\n    def go(self, x):\n        return x\n").codes() == ["SD118"]


@pytest.mark.parametrize(
    "method",
    [
        "def forward():\n        return 1.0",
        "@staticmethod\n    def forward(x):\n        return x * 2",
    ],
)
def test_a_forward_that_is_no_method_is_refused_by_the_command(method: str, run: Run) -> None:
    done = run(f"class A:\n    {method}\n")
    assert done.status == 1
    assert len(done.codes()) == 1


@pytest.mark.parametrize("wrt", [0, 1.5, b"x", {"x"}, ("x", 3), (None,), np.array(["x"]), ()])
def test_a_wrt_that_is_no_name_or_names_is_refused(wrt: Any) -> None:
    assert codes(refused(product, wrt=wrt)) == ["SD117"]


@pytest.mark.parametrize("wrt", ["z", "", "x,y", ("x", "z"), ["z"]])
def test_a_wrt_that_names_no_parameter_is_refused_at_the_function(wrt: Any) -> None:
    (found,) = refused(product, wrt=wrt)
    assert found.code == "SD112"
    assert found.source_line == "def product(x, y):"
    assert found.source_line[found.column - 1 : found.end_column - 1] == "product"
    assert "x, y" in found.hint


def test_each_wrong_name_of_wrt_is_told() -> None:
    found = refused(product, wrt=("a", "x", "b"))
    assert [re.findall(r"no parameter (\w+)", d.message) for d in found] == [["a"], ["b"]]


@pytest.mark.parametrize("mode", ["both", "JOINT", "", None, 3, [], ["joint"]])
def test_a_mode_that_does_not_exist_is_refused(mode: Any) -> None:
    assert codes(refused(product, mode=mode)) == ["SD117"]


@pytest.mark.parametrize("options", [{"wrt": "x"}, {"mode": "split"}])
def test_a_class_takes_neither_wrt_nor_mode(options: dict[str, Any]) -> None:
    assert codes(refused(Whole, **options)) == ["SD118"]


@pytest.mark.parametrize("mark", ["wrt=3", "mode='both'", "wrt=names()", "wrong=1", "*given"])
def test_a_mark_that_the_command_cannot_read_is_refused_and_not_left_out(
    mark: str, run: Run
) -> None:
    text = f"from srcdiff import derive_backward\n\n\n@derive_backward({mark})\n"
    assert run(text + "def f(x, y):\n    return x * y\n").codes() == ["SD117"]


def test_a_function_that_a_decorator_replaces_is_never_given_a_wrong_gradient(
    tmp_path: Path, run: Run
) -> None:
    text = """\
import functools


def triple(function):
    @functools.wraps(function)
    def wrapped(x):
        y = function(x)
        return 3.0 * y

    return wrapped


@triple
def f(x):
    y = x * 2.0
    return y


def g(x):
    y = f(x)
    return y
"""
    module = loaded(tmp_path, text)
    for function in (module.f, module.g):
        try:
            gradient = derive_backward(function).backward(1.0)
        except DerivationError:
            continue
        assert gradient == pytest.approx(6.0)
    for name in ("f", "g"):
        done = run(text, "model.py", "--function", name)
        if done.status == 0:
            backward = getattr(loaded(tmp_path, done.out), f"{name}_backward")
            assert backward(1.0) == pytest.approx(6.0)


SHAPES = """\
import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "3"], y: Float[np.ndarray, "2"]):
    {}
"""


@pytest.mark.parametrize(
    ("body", "marked"),
    [
        ("z = x + y\n    return z", "x + y"),
        ("return x + y", "x + y"),
        ("return x @ y", "x @ y"),
        ("return 2.0 * x[0, 1] * y", "x[0, 1]"),
        ("return x * y, x", "x * y"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_where_they_meet(
    body: str, marked: str, tmp_path: Path, run: Run
) -> None:
    text = SHAPES.format(body)
    (found,) = refused(loaded(tmp_path, text).f)
    assert found.code == "SD107"
    assert found.source_line[found.column - 1 : found.end_column - 1] == marked
    assert run(text).codes() == ["SD107"]


def test_arguments_of_a_call_whose_shapes_do_not_fit_give_numpy_s_error_or_a_diagnostic(
    tmp_path: Path,
) -> None:
    text = "def f(x, y):\n    z = x + y\n    return z\n"
    function = derive_backward(loaded(tmp_path, text).f)
    with pytest.raises((DerivationError, ValueError)):
        function.backward(np.ones(2), np.ones(3))


@pytest.mark.parametrize("value", [2j, np.complex64(1), np.array([1j]), [1.0, 2j], (1j,)])
def test_complex_arguments_of_a_rule_for_real_ones_are_refused(value: Any) -> None:
    function = derive_backward(lambda_free())
    with pytest.raises(DerivationError) as caught:
        function.backward(value)
    (found,) = caught.value.diagnostics
    assert found.code == "SD108"


def lambda_free() -> Any:
    """Give a fresh function with one parameter."""

    def largest(x):
        return np.maximum(x, 2)

    return largest


def test_one_line_methods_are_derived(tmp_path: Path) -> None:
    text = "class A:\n    w = 3.0\n\n    def forward(self, x): return x * self.w\n"
    instance = derive_backward(loaded(tmp_path, text).A)()
    instance.forward(2.0)
    assert (instance.backward(1.0), instance.dw) == (3.0, 2.0)
