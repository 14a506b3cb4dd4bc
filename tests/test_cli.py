"""The command line, as a user runs it: real processes on real files."""

from __future__ import annotations

import ast
import difflib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SQUARE = "def f(x: float):\n    y = x * x\n    return y\n"
PRODUCT = "def g(a: float, b: float):\n    y = a * b\n    return y\n"
LOOP = "def f(x: float):\n    for _ in range(3):\n        x = mystery(x)\n    return x\n"
MARK = "# srcdiff: derived from "
LOCATED = re.compile(r"^([^:\n]+):(\d+):(\d+): SD\d{3} \S.*$", re.MULTILINE)
PLACED = re.compile(r"^([^:\n]+)(:\d+:\d+)?: SD\d{3} \S.*$", re.MULTILINE)

Finished = subprocess.CompletedProcess[bytes]


SERVER = """
import io, json, os, sys, traceback
import srcdiff.cli, srcdiff.file, libcst
for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(status, flush=True)
        continue
    os.chdir(order["cwd"])
    for number, name in enumerate(("in", "out", "err")):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY
        os.dup2(os.open(order[name], flags), number)
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False))
    status = 0
    try:
        srcdiff.cli.main(order["arguments"])
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
"""


class Server:
    """Forks a process for each command off one that has imported what every command imports.

    It spares half a second for each; a few tests start fresh processes.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def __call__(self, arguments: list[str], cwd: Path, given: bytes) -> Finished:
        if not hasattr(os, "fork"):
            return fresh(arguments, cwd, given)
        if self.process is None:
            environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            paths = {name: Path(folder) / name for name in ("in", "out", "err")}
            for path in paths.values():
                path.write_bytes(given if path.name == "in" else b"")
            order = {"arguments": arguments, "cwd": str(cwd)}
            order |= {name: str(path) for name, path in paths.items()}
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            status = int(self.process.stdout.readline())
            out, err = paths["out"].read_bytes(), paths["err"].read_bytes()
        return subprocess.CompletedProcess(arguments, status, out, err)

    def stop(self) -> None:
        if self.process is not None:
            self.process.communicate()
            self.process = None


SERVER_PROCESS = Server()


@pytest.fixture(autouse=True, scope="module")
def the_server_stops() -> Iterator[None]:
    yield
    SERVER_PROCESS.stop()


def fresh(arguments: list[str], cwd: Path, given: bytes = b"") -> Finished:
    """Run the command as a process of its own from the start."""
    command = [sys.executable, "-c", "from srcdiff.cli import main; main()", *arguments]
    return subprocess.run(
        command, cwd=cwd, input=given, capture_output=True, timeout=60, check=False
    )


def srcdiff(*arguments: str | Path, cwd: Path, given: bytes = b"") -> Finished:
    """Run the command; whatever happens, users never see a traceback."""
    done = SERVER_PROCESS(list(map(str, arguments)), cwd, given)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def derived(*arguments: str | Path, cwd: Path, given: bytes = b"") -> str:
    """Give the module on standard output, when all went well."""
    done = srcdiff(*arguments, cwd=cwd, given=given)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def in_place(path: Path, *options: str) -> str:
    """Derive in place, when all goes well; give the new text."""
    done = srcdiff(path.name, "--in-place", *options, cwd=path.parent)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    return path.read_text(encoding="utf-8")


def write(folder: Path, text: str, name: str = "model.py") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def names_of(text: str) -> list[str]:
    return [n.name for n in ast.parse(text).body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]


def imported(text: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    return found


def executed(text: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "alone"}
    exec(compile(text, "alone.py", "exec"), namespace)
    return namespace


def block(text: str, name: str) -> str:
    """Give the derived code of a function that stands in a file."""
    start = text.index(f"{MARK}{name}")
    body = text[start:]
    end = re.search(r"\n(?=\S)", body[body.index(f"def {name}_backward(") :].split("):\n", 1)[1])
    tail = body.index("):\n", body.index(f"def {name}_backward(")) + 3
    return body[: tail + end.start()] if end else body


def central(f: Callable[..., float], args: tuple[float, ...], i: int) -> float:
    h = 1e-5
    up, down = list(args), list(args)
    up[i] += h
    down[i] -= h
    return (f(*up) - f(*down)) / (2 * h)


# Standard output.


FULL = '''\
"""A model."""
import math
import os
import numpy as np

RATE = 0.5
UNUSED = 7


def cube(x):
    return x**3


def helper(x, k):
    y = math.sin(k * x) + cube(x)
    return y


def f(x: float, a: float):
    h = helper(x, RATE)
    out = a * h
    return out


def total(v):
    """Sum the squares.

    Parameters
    ----------
    v : ndarray of shape (n,)
    """
    return np.sum(v**2)


open("side_effect", "w").close()
raise SystemExit(3)
'''


def test_standard_output_is_a_module_that_runs_alone(tmp_path: Path) -> None:
    text = derived(write(tmp_path, FULL).name, cwd=tmp_path)
    assert imported(text) <= {"numpy", "math"}
    module = executed(text)
    dx, da = module["f_backward"](0.3, 2.0)
    forward = executed(FULL.partition("open(")[0])["f"]
    assert dx == pytest.approx(central(forward, (0.3, 2.0), 0), rel=1e-9)
    assert da == pytest.approx(central(forward, (0.3, 2.0), 1), rel=1e-9)
    assert module["total_backward"](__import__("numpy").array([1.0, 2.0])).tolist() == [2.0, 4.0]


def test_the_file_is_neither_imported_nor_run(tmp_path: Path) -> None:
    path = write(tmp_path, FULL)
    derived(path.name, cwd=tmp_path)
    in_place(path)
    assert [p.name for p in tmp_path.iterdir()] == ["model.py"]


def test_only_what_the_derived_code_reads_is_carried_over(tmp_path: Path) -> None:
    text = derived(write(tmp_path, FULL).name, "--function", "total", cwd=tmp_path)
    assert names_of(text) == ["total_backward"]
    assert imported(text) == set()
    assert "RATE" not in text
    assert "UNUSED" not in text


def test_the_first_line_says_from_what_and_by_which_version(tmp_path: Path) -> None:
    version = srcdiff("--version", cwd=tmp_path).stdout.decode().split()[-1]
    text = derived(write(tmp_path, SQUARE).name, cwd=tmp_path)
    assert text.splitlines()[0] == f"# Derived from model.py by srcdiff {version}."


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path, FULL)
    assert derived("model.py", cwd=tmp_path) == derived("model.py", cwd=tmp_path)


def test_aliased_imports_keep_their_names(tmp_path: Path) -> None:
    text = (
        "import numpy as xp\nfrom numpy import sin as s\nfrom math import exp as e\n\n\n"
        "def f(x: float):\n    y = s(x) * e(x)\n    return y\n"
    )
    module = derived(write(tmp_path, text).name, cwd=tmp_path)
    assert imported(module) <= {"numpy", "math"}
    found = executed(module)["f_backward"](0.7)
    assert found == pytest.approx(central(executed(text)["f"], (0.7,), 0), rel=1e-9)


def test_a_module_constant_that_is_computed_from_constants_is_carried_over(tmp_path: Path) -> None:
    text = "RATE = 0.5\nSCALE = 2.0 * RATE\n\n\ndef f(x: float):\n    return SCALE * x * x\n"
    module = derived(write(tmp_path, text).name, cwd=tmp_path)
    assert executed(module)["f_backward"](3.0) == 6.0


ARRAY = (
    "import numpy as np\n\nW = np.random.default_rng(0).random(3)\n\n\n"
    "def f(x):\n    y = np.sum(W * x)\n    return y\n"
)


def test_a_module_variable_that_is_no_constant_is_refused_with_a_hint(tmp_path: Path) -> None:
    done = srcdiff(write(tmp_path, ARRAY).name, cwd=tmp_path)
    error = done.stderr.decode()
    assert (done.returncode, done.stdout) == (1, b"")
    assert PLACED.match(error)
    assert " W," in error.splitlines()[0]
    assert "--in-place" in error


def test_in_place_a_module_variable_is_read_where_it_stands(tmp_path: Path) -> None:
    module = executed(in_place(write(tmp_path, ARRAY)))
    assert module["f_backward"](module["W"] * 0).tolist() == module["W"].tolist()


def test_classes_stand_in_the_module_with_what_they_need(tmp_path: Path) -> None:
    text = (
        "from __future__ import annotations\nfrom typing import TYPE_CHECKING\n"
        "import numpy as np\nif TYPE_CHECKING:\n    from jaxtyping import Float\n\n\n"
        'class Scale:\n    w: Float[np.ndarray, "n"]\n\n'
        '    def forward(self, x: Float[np.ndarray, "n"]):\n        return self.w * x\n'
    )
    module = derived(write(tmp_path, text).name, cwd=tmp_path)
    assert imported(module) <= {"numpy", "math", "__future__"}
    assert "Scale" in executed(module)


def test_what_can_be_derived_is_printed_even_if_something_else_cannot(tmp_path: Path) -> None:
    done = srcdiff(write(tmp_path, LOOP + "\n\n" + PRODUCT).name, cwd=tmp_path)
    assert done.returncode == 1
    assert names_of(done.stdout.decode()) == ["g_backward"]
    assert LOCATED.match(done.stderr.decode())


def test_several_files_give_all_their_functions(tmp_path: Path) -> None:
    write(tmp_path, SQUARE, "one.py")
    write(tmp_path, "import math\n" + PRODUCT, "two.py")
    module = executed(derived("one.py", "two.py", cwd=tmp_path))
    assert module["f_backward"](3.0) == 6.0
    assert module["g_backward"](2.0, 3.0) == (3.0, 2.0)


def test_a_dash_reads_standard_input(tmp_path: Path) -> None:
    text = derived("-", cwd=tmp_path, given=SQUARE.encode())
    assert executed(text)["f_backward"](3.0) == 6.0
    assert list(tmp_path.iterdir()) == []


def test_problems_in_standard_input_are_placed_there(tmp_path: Path) -> None:
    done = srcdiff("-", cwd=tmp_path, given=LOOP.encode())
    assert done.returncode == 1
    found = LOCATED.match(done.stderr.decode())
    assert found is not None
    assert found[1] == "<stdin>"


# Which functions, which gradients, which form.


MARKED = """\
import srcdiff
from srcdiff import derive_backward


@derive_backward(wrt="b")
def bare(a: float, b: float):
    y = a * b
    return y


@srcdiff.derive_backward(wrt=("b", "a"), mode="split")
def halves(a: float, b: float):
    y = a * b
    return y


@derive_backward
def plain(a: float):
    return a * a


def unmarked(a):
    return mystery(a)
"""


def test_only_marked_functions_are_derived_and_as_their_marks_say(tmp_path: Path) -> None:
    text = derived(write(tmp_path, MARKED).name, cwd=tmp_path)
    wanted = ["bare_backward", "halves_forward", "halves_backward", "plain_backward"]
    assert names_of(text) == wanted
    assert imported(text) == set()
    module = executed(text)
    assert module["bare_backward"](2.0, 3.0) == 2.0
    y, cache = module["halves_forward"](2.0, 3.0)
    assert y == 6.0
    assert module["halves_backward"](10.0, cache) == (20.0, 30.0)
    assert module["plain_backward"](3.0) == 6.0


def test_marked_functions_are_fresh_after_derivation_in_place(tmp_path: Path) -> None:
    text = in_place(write(tmp_path, MARKED))
    assert [n for n in names_of(text) if n.endswith("ward")] == [
        "bare_backward",
        "halves_forward",
        "halves_backward",
        "plain_backward",
    ]
    assert srcdiff("model.py", "--check", cwd=tmp_path).returncode == 0
    assert in_place(tmp_path / "model.py") == text


def test_the_mark_is_known_by_any_name(tmp_path: Path) -> None:
    text = "from srcdiff import derive_backward as graded\nimport srcdiff as sd\n\n\n"
    text += f"@graded\n{SQUARE}\n\n@sd.derive_backward\n{PRODUCT}\n\ndef h(a):\n    return no(a)\n"
    assert names_of(derived(write(tmp_path, text).name, cwd=tmp_path)) == [
        "f_backward",
        "g_backward",
    ]


def test_function_chooses_one(tmp_path: Path) -> None:
    write(tmp_path, LOOP + "\n\n" + PRODUCT)
    assert names_of(derived("model.py", "--function", "g", cwd=tmp_path)) == ["g_backward"]


def test_an_unknown_function_is_refused_and_the_known_ones_named(tmp_path: Path) -> None:
    done = srcdiff(write(tmp_path, SQUARE + "\n\n" + PRODUCT).name, "--function", "h", cwd=tmp_path)
    error = done.stderr.decode()
    assert (done.returncode, done.stdout) == (1, b"")
    assert PLACED.match(error)
    assert re.search(r"\bf, g\b", error)


@pytest.mark.parametrize(
    ("wrt", "wanted"),
    [("a", 3.0), ("b", 2.0), ("a,b", (3.0, 2.0)), ("b,a", (2.0, 3.0)), ("b, a", (2.0, 3.0))],
)
def test_one_gradient_comes_bare_and_several_in_the_order_asked_for(
    tmp_path: Path, wrt: str, wanted: object
) -> None:
    text = derived(write(tmp_path, PRODUCT).name, "--wrt", wrt, cwd=tmp_path)
    assert executed(text)["g_backward"](2.0, 3.0) == wanted


def test_an_unknown_parameter_is_refused_at_the_function(tmp_path: Path) -> None:
    done = srcdiff(write(tmp_path, PRODUCT).name, "--wrt", "a,q", cwd=tmp_path)
    found = LOCATED.match(done.stderr.decode())
    assert (done.returncode, done.stdout) == (1, b"")
    assert found is not None
    assert found.groups() == ("model.py", "1", "5")
    assert " q" in found[0]


def test_split_gives_two_functions(tmp_path: Path) -> None:
    text = derived(write(tmp_path, PRODUCT).name, "--mode", "split", cwd=tmp_path)
    module = executed(text)
    y, cache = module["g_forward"](2.0, 3.0)
    assert y == 6.0
    assert module["g_backward"](10.0, cache) == (30.0, 20.0)
    assert names_of(text) == ["g_forward", "g_backward"]


HAND_WRITTEN = SQUARE + "\n\ndef f_backward(x, dy=1.0):\n    return 2 * x * dy  # by hand\n"


def test_a_backward_function_written_by_hand_is_not_overwritten(tmp_path: Path) -> None:
    path = write(tmp_path, HAND_WRITTEN)
    done = srcdiff(path.name, "--in-place", cwd=tmp_path)
    found = LOCATED.match(done.stderr.decode())
    assert done.returncode == 1
    assert found is not None
    assert found.groups() == ("model.py", "6", "5")
    assert path.read_text(encoding="utf-8") == HAND_WRITTEN


def test_a_backward_function_written_by_hand_is_not_itself_derived(tmp_path: Path) -> None:
    assert names_of(derived(write(tmp_path, HAND_WRITTEN).name, cwd=tmp_path)) == ["f_backward"]


# In place.


HARD: dict[str, bytes] = {
    "crlf": b"import numpy as np\r\n\r\n\r\ndef f(x):\r\n    y = np.sin(x)  # sine\r\n"
    b"    return y\r\n\r\n\r\nZ = 1\r\n",
    "no_final_newline": b"def f(x: float):\n    return x * x\n\n\nZ = 1",
    "tabs": b"def f(x: float):\n\ty = x*x\t# squared\n\treturn y\n\n\nif f:\n\tZ = ( 1,\n\t 2)\n",
    "odd_formatting": b"import  numpy  as np ; A = [1,2 ,\n  3]\ndef  f ( x :float , ) :\n"
    b"  y=( x*\\\n     x )  ;  return y\nB  =  { 'a' :1 }   \nclass C : pass\n\n\n\n\n",
    "one_line": b"def f(x: float): return x*x\nZ = 1\ndef g(x: float): return x*x*x\n",
    "latin_1": b"# -*- coding: latin-1 -*-\ndef f(x: float):\n"
    b'    """\xe9t\xe9"""\n    y = x * x  # \xe9\n    return y\n\n\nZ = "\xe9"\n',
    "bom": b"\xef\xbb\xbfdef f(x: float):\n    y = x * x\n    return y\n\n\nZ = '\xc3\xa9'\n",
    "comments": b"# before\n\n# and again\ndef f(x: float):\n    # inside\n    return x * x\n"
    b"    # at its end\n# right below\n\n# further below\n\n\n# above g\ndef g(x: float):\n"
    b"    return x * x\n\n# after all\n",
    "mixed_line_ends": b"X = 1\r\nY = 2\n\n\ndef f(x: float):\n    return x * x\n\r\nZ = 3\n",
    "form_feed": b"X = 1\n\x0c\ndef f(x: float):\n    return x * x\n\x0c\nZ = 3\n",
    "guard": b"import sys\n\n\ndef f(x: float):\n    return x * x\n\n\n"
    b'if __name__  ==  "__main__" :\n    print( f( 3 ) ); sys.exit( 0 )\n',
    "first_comment_is_shebang": b"#!/usr/bin/env python\n'''Doc.'''\ndef f(x: float):\n"
    b"    return x * x\n",
}


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Derive all hard files in place, twice; give what stood there after each time."""
    folder = tmp_path_factory.mktemp("hard")
    for name, data in HARD.items():
        (folder / f"{name}.py").write_bytes(data)
    results = []
    for _ in range(2):
        done = srcdiff(*(f"{name}.py" for name in HARD), "--in-place", cwd=folder)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        results.append({name: (folder / f"{name}.py").read_bytes() for name in HARD})
    return results[0], results[1]


each_hard_file = pytest.mark.parametrize("name", HARD)


@each_hard_file
def test_everything_outside_the_companions_stays_byte_for_byte(
    name: str, hard: tuple[dict[str, bytes], dict[str, bytes]]
) -> None:
    before = HARD[name].splitlines(keepends=True)
    after = hard[0][name].splitlines(keepends=True)
    changes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    assert {change[0] for change in changes} == {"equal", "insert"}
    new = b"".join(b"".join(after[c[3] : c[4]]) for c in changes if c[0] == "insert")
    assert new.count(MARK.encode()) == HARD[name].count(b"float") + HARD[name].count(b"def f(x):")
    assert b"import" not in new


@each_hard_file
def test_a_second_time_changes_nothing(
    name: str, hard: tuple[dict[str, bytes], dict[str, bytes]]
) -> None:
    assert hard[0][name] == hard[1][name]


@each_hard_file
def test_the_file_still_runs_and_its_companion_is_right(
    name: str, hard: tuple[dict[str, bytes], dict[str, bytes]], tmp_path: Path
) -> None:
    (tmp_path / "hard.py").write_bytes(hard[0][name])
    code = compile((tmp_path / "hard.py").read_bytes(), "hard.py", "exec")
    namespace: dict[str, Any] = {"__name__": "hard"}
    exec(code, namespace)
    expected = central(namespace["f"], (0.7,), 0)
    assert namespace["f_backward"](0.7) == pytest.approx(expected, rel=1e-9)


def test_new_lines_end_as_the_file_s_lines_do(
    hard: tuple[dict[str, bytes], dict[str, bytes]],
) -> None:
    text = hard[0]["crlf"]
    assert b"f_backward" in text
    assert text.count(b"\n") == text.count(b"\r\n")


def test_a_companion_is_refreshed_after_its_forward_is_edited(tmp_path: Path) -> None:
    path = write(tmp_path, SQUARE + "\n\nZ = 1\n")
    old = in_place(path)
    path.write_text(old.replace("y = x * x\n    return", "y = x * x * x\n    return", 1))
    assert srcdiff("model.py", "--check", cwd=tmp_path).returncode == 1
    new = in_place(path)
    assert executed(new)["f_backward"](2.0) == 12.0
    assert names_of(new) == ["f", "f_backward"]
    assert new.endswith("\n\n\nZ = 1\n")


def test_deriving_one_function_keeps_the_blocks_of_the_others(tmp_path: Path) -> None:
    path = write(tmp_path, SQUARE + "\n\n" + PRODUCT)
    first = in_place(path, "--function", "g", "--wrt", "b")
    second = in_place(path, "--function", "f")
    assert block(second, "g") == block(first, "g")
    assert "(--wrt b)" in block(second, "g")
    assert executed(second)["f_backward"](3.0) == 6.0


def test_a_plain_refresh_keeps_the_options_that_a_block_was_derived_with(tmp_path: Path) -> None:
    path = write(tmp_path, PRODUCT)
    first = in_place(path, "--function", "g", "--wrt", "b")
    assert in_place(path) == first


def test_a_block_s_options_can_be_changed(tmp_path: Path) -> None:
    path = write(tmp_path, PRODUCT)
    in_place(path, "--function", "g", "--wrt", "b")
    text = in_place(path, "--function", "g", "--wrt", "a")
    assert executed(text)["g_backward"](2.0, 3.0) == 3.0
    assert names_of(text) == ["g", "g_backward"]


def test_a_file_that_lacks_an_import_gets_it_and_keeps_it(tmp_path: Path) -> None:
    path = write(tmp_path, "from numpy import sum\n\n\ndef f(x):\n    return sum(x * x, axis=0)\n")
    once = in_place(path)
    np = pytest.importorskip("numpy")
    assert in_place(path) == once
    assert executed(once)["f_backward"](np.array([1.0, 2.0])).tolist() == [2.0, 4.0]


def test_a_module_constant_does_not_turn_a_scalar_into_an_array(tmp_path: Path) -> None:
    path = write(tmp_path, "RATE = 0.5\n\n\ndef f(x: float):\n    y = RATE * x\n    return y\n")
    text = in_place(path)
    assert type(executed(text)["f_backward"](3.0)) is float
    assert "numpy" not in text


def test_a_caller_may_stand_above_the_function_that_it_calls(tmp_path: Path) -> None:
    called = "def h(t, n):\n    for i in range(n):\n        t = t * t\n    return t\n"
    path = write(tmp_path, f"def g(t):\n    return h(t, 2) * 3\n\n\n{called}")
    text = in_place(path)
    own = [name for name in names_of(text) if name in {"g", "g_backward", "h", "h_backward"}]
    assert own == ["g", "g_backward", "h", "h_backward"]
    assert in_place(path) == text
    assert executed(text)["g_backward"](1.5) == pytest.approx(12 * 1.5**3)


def test_comments_next_to_a_block_are_the_user_s_and_stay(tmp_path: Path) -> None:
    path = write(tmp_path, SQUARE)
    text = in_place(path)
    noted = text.replace(f"\n\n{MARK}", f"\n# my note\n\n\n{MARK}", 1) + "# after\n"
    path.write_text(noted, encoding="utf-8")
    refreshed = in_place(path)
    assert "# my note\n" in refreshed
    assert refreshed.endswith("# after\n")


def test_what_follows_a_block_without_its_companion_is_not_swallowed(tmp_path: Path) -> None:
    path = write(tmp_path, SQUARE + "\n\nKEPT = 1\n\n\ndef own(x: float):\n    return x\n")
    text = in_place(path, "--function", "f").replace("def f_backward", "def f_renamed")
    path.write_text(text, encoding="utf-8")
    refreshed = in_place(path, "--function", "f")
    assert "KEPT = 1" in refreshed
    assert "def own(" in refreshed


def test_a_user_s_function_put_inside_a_block_is_not_swallowed(tmp_path: Path) -> None:
    path = write(tmp_path, PRODUCT)
    text = in_place(path, "--mode", "split")
    own = "def own(x):\n    return x\n\n\n"
    path.write_text(text.replace("def g_backward", own + "def g_backward"), encoding="utf-8")
    srcdiff("model.py", "--in-place", cwd=tmp_path)
    assert "def own(" in path.read_text(encoding="utf-8")


def test_nothing_is_written_if_a_function_cannot_be_derived(tmp_path: Path) -> None:
    text = PRODUCT + "\n\n" + LOOP
    path = write(tmp_path, text)
    done = srcdiff(path.name, "--in-place", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert LOCATED.match(done.stderr.decode())
    assert path.read_text(encoding="utf-8") == text
    assert [p.name for p in tmp_path.iterdir()] == ["model.py"]


def test_a_file_that_fails_does_not_keep_the_next_from_being_derived(tmp_path: Path) -> None:
    write(tmp_path, LOOP, "bad.py")
    good = write(tmp_path, SQUARE, "good.py")
    done = srcdiff("bad.py", "missing.py", "good.py", "--in-place", cwd=tmp_path)
    assert done.returncode == 1
    assert "f_backward" in good.read_text(encoding="utf-8")
    told = {match[1] for match in PLACED.finditer(done.stderr.decode())}
    assert told == {"bad.py", "missing.py"}


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions and links")
def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path = write(tmp_path, SQUARE)
    path.chmod(0o755)
    (tmp_path / "link.py").symlink_to(path)
    done = srcdiff("link.py", "--in-place", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "link.py").is_symlink()
    assert "f_backward" in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o755


# -o.


def test_an_output_file_holds_what_standard_output_would(tmp_path: Path) -> None:
    path = write(tmp_path, SQUARE)
    done = srcdiff("model.py", "-o", "out.py", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "out.py").read_text(encoding="utf-8") == derived("model.py", cwd=tmp_path)
    assert path.read_text(encoding="utf-8") == SQUARE
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.py", "out.py"]


def test_the_source_is_never_its_own_output(tmp_path: Path) -> None:
    path = write(tmp_path, SQUARE)
    done = srcdiff("model.py", "-o", "./model.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert path.read_text(encoding="utf-8") == SQUARE


def test_an_output_file_is_left_alone_if_something_cannot_be_derived(tmp_path: Path) -> None:
    write(tmp_path, PRODUCT + "\n\n" + LOOP)
    out = write(tmp_path, "old = 1\n", "out.py")
    done = srcdiff("model.py", "-o", "out.py", cwd=tmp_path)
    assert done.returncode == 1
    assert LOCATED.match(done.stderr.decode())
    assert out.read_text(encoding="utf-8") == "old = 1\n"


@pytest.mark.parametrize("target", ["missing/out.py", "folder"])
def test_an_output_that_cannot_be_written_is_told(tmp_path: Path, target: str) -> None:
    write(tmp_path, SQUARE)
    (tmp_path / "folder").mkdir()
    done = srcdiff("model.py", "-o", target, cwd=tmp_path)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 1
    assert len(lines) == 1
    assert re.match(rf"{target}: SD\d{{3}} ", lines[0])
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["folder", "model.py"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    path = write(folder, SQUARE)
    folder.chmod(0o555)
    try:
        done = srcdiff("locked/model.py", "--in-place", cwd=tmp_path)
    finally:
        folder.chmod(0o755)
    assert done.returncode == 1
    assert re.match(r"locked/model\.py: SD\d{3} ", done.stderr.decode())
    assert path.read_text(encoding="utf-8") == SQUARE
    assert [p.name for p in folder.iterdir()] == ["model.py"]


# --check.


def mending(done: Finished) -> list[str]:
    """Give the command that --check tells to mend what is out of date."""
    found = re.search(r"\bsrcdiff (.*)$", done.stderr.decode().strip())
    assert found is not None
    return shlex.split(found[1])


def stale(folder: Path, *options: str) -> tuple[Path, Finished]:
    """Derive in place, edit the forward function, check."""
    path = write(folder, PRODUCT)
    text = in_place(path, *options)
    edited = text.replace("y = a * b\n    return", "y = a * b * b\n    return", 1)
    path.write_text(edited, encoding="utf-8")
    done = srcdiff("model.py", "--check", cwd=folder)
    assert path.read_text(encoding="utf-8") == edited
    return path, done


def test_check_is_silent_about_what_is_fresh(tmp_path: Path) -> None:
    in_place(write(tmp_path, SQUARE))
    done = srcdiff("model.py", "--check", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("options", [(), ("--function", "g", "--wrt", "b"), ("--mode", "split")])
def test_check_shows_what_is_out_of_date_and_the_command_that_mends_it(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    path, done = stale(tmp_path, *options)
    difference = done.stdout.decode()
    marks = re.findall(rf"^{MARK}.*$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert done.returncode == 1
    assert difference.startswith("--- model.py\n+++ ")
    assert re.search(r"^-.*a \* b$", difference, re.MULTILINE)
    assert re.search(r"^\+.*a \* b \* b$", difference, re.MULTILINE)
    assert srcdiff(*mending(done), cwd=tmp_path).returncode == 0
    mended = path.read_text(encoding="utf-8")
    assert re.findall(rf"^{MARK}.*$", mended, re.MULTILINE) == marks
    again = srcdiff("model.py", "--check", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, b"")


def test_the_mending_command_mends_where_another_function_cannot_be_derived(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, PRODUCT + "\n\n" + LOOP)
    text = in_place(path, "--function", "g")
    path.write_text(text.replace("y = a * b\n    return", "y = a + b\n    return", 1))
    done = srcdiff("model.py", "--check", cwd=tmp_path)
    assert done.returncode == 1
    assert srcdiff(*mending(done), cwd=tmp_path).returncode == 0
    assert srcdiff("model.py", "--check", cwd=tmp_path).returncode == 0


def test_the_difference_that_check_shows_is_what_the_command_changes(tmp_path: Path) -> None:
    path, done = stale(tmp_path, "--function", "g", "--wrt", "b")
    before = path.read_text(encoding="utf-8").splitlines(keepends=True)
    srcdiff(*mending(done), cwd=tmp_path)
    after = path.read_text(encoding="utf-8").splitlines(keepends=True)
    body = [line for line in difflib.unified_diff(before, after) if line[:3] not in ("---", "+++")]
    shown = done.stdout.decode().splitlines(keepends=True)[2:]
    assert shown == body


def test_the_mending_command_quotes_a_path_with_a_space(tmp_path: Path) -> None:
    folder = tmp_path / "my models"
    folder.mkdir()
    write(folder, SQUARE)
    done = srcdiff("my models/model.py", "--check", cwd=tmp_path)
    assert done.returncode == 1
    assert srcdiff(*mending(done), cwd=tmp_path).returncode == 0
    assert srcdiff("my models/model.py", "--check", cwd=tmp_path).returncode == 0


def test_check_fails_where_nothing_was_derived_yet(tmp_path: Path) -> None:
    write(tmp_path, SQUARE)
    done = srcdiff("model.py", "--check", cwd=tmp_path)
    assert done.returncode == 1
    assert "+def f_backward(x: float, dy=1.0):\n" in done.stdout.decode()


def test_check_looks_at_what_was_derived_and_leaves_other_functions_alone(tmp_path: Path) -> None:
    path = write(tmp_path, PRODUCT + "\n\n" + LOOP)
    in_place(path, "--function", "g")
    done = srcdiff("model.py", "--check", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_check_compares_an_output_file(tmp_path: Path) -> None:
    path = write(tmp_path, PRODUCT)
    options = ("-o", "out.py", "--wrt", "b")
    srcdiff("model.py", *options, cwd=tmp_path)
    assert srcdiff("model.py", *options, "--check", cwd=tmp_path).returncode == 0
    path.write_text(PRODUCT.replace("a * b", "a * b * b"), encoding="utf-8")
    before = (tmp_path / "out.py").read_text(encoding="utf-8")
    done = srcdiff("model.py", *options, "--check", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.decode().startswith("--- out.py\n")
    assert (tmp_path / "out.py").read_text(encoding="utf-8") == before
    assert srcdiff(*mending(done), cwd=tmp_path).returncode == 0
    assert srcdiff("model.py", *options, "--check", cwd=tmp_path).returncode == 0


def test_check_tells_of_a_missing_output_file(tmp_path: Path) -> None:
    write(tmp_path, SQUARE)
    done = srcdiff("model.py", "-o", "out.py", "--check", cwd=tmp_path)
    assert done.returncode == 1
    assert not (tmp_path / "out.py").exists()


def test_check_of_several_files_names_the_stale_one(tmp_path: Path) -> None:
    in_place(write(tmp_path, SQUARE, "fresh.py"))
    write(tmp_path, SQUARE, "stale.py")
    done = srcdiff("fresh.py", "stale.py", "--check", cwd=tmp_path)
    assert done.returncode == 1
    assert "fresh.py" not in done.stdout.decode() + done.stderr.decode()
    assert mending(done)[0] == "stale.py"


# Wrong input, wrong usage, help.


UNREADABLE: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, r"model\.py: SD\d{3} .*No such file"),
    "syntax_error": (b"def f(x):\n    return x *\n", r"model\.py:2:\d+: SD\d{3} "),
    "bad_indent": (b"def f(x):\n        y = 1\n    z = 2\n", r"model\.py:3:\d+: SD\d{3} "),
    "unfinished": (b"def f(x):\n    return (x +\n", r"model\.py:2:\d+: SD\d{3} "),
    "binary": (b"\x7fELF\x02\x01\x00\xff\xfe\x00\x00" * 20, r"model\.py(:\d+:\d+)?: SD\d{3} "),
    "null_byte": (b"def f(x):\n    return x\x00\n", r"model\.py(:\d+:\d+)?: SD\d{3} "),
    "not_utf_8": (b"def f(x):\n    return '\xff'\n", r"model\.py(:\d+:\d+)?: SD\d{3} "),
    "unknown_encoding": (
        b"# -*- coding: nonsense -*-\ndef f(x): return x\n",
        r"model\.py(:\d+:\d+)?: SD\d{3} .*nonsense",
    ),
    "too_deep": (
        b"def f(x):\n    return " + b"(" * 400 + b"x" + b")" * 400 + b"\n",
        r"model\.py.*SD",
    ),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_cannot_be_read_gives_one_clear_message(tmp_path: Path, kind: str) -> None:
    data, pattern = UNREADABLE[kind]
    path = tmp_path / "model.py"
    if data is not None:
        path.write_bytes(data)
    done = srcdiff("model.py", "--in-place", cwd=tmp_path)
    error = done.stderr.decode()
    assert (done.returncode, done.stdout) == (1, b"")
    assert re.match(pattern, error)
    assert len(PLACED.findall(error)) == 1
    assert (path.read_bytes() if path.exists() else None) == data


def test_a_directory_gives_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    done = srcdiff("folder", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert re.fullmatch(r"folder: SD\d{3} .*directory\.\n", done.stderr.decode())


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "X = 3\n", "class C:\n    pass\n"])
def test_a_file_without_functions_is_no_failure_and_is_told(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    done = srcdiff("model.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")
    assert re.fullmatch(r"model\.py: .*no functions.*\n", done.stderr.decode())
    assert path.read_text(encoding="utf-8") == text


def test_a_problem_is_placed_and_its_line_marked(tmp_path: Path) -> None:
    text = "import numpy as np\n\n\ndef f(x):\n    y = np.sin(x)\n"
    text += "    z = mystery(y) + 1\n    return z\n"
    done = srcdiff(write(tmp_path, text).name, cwd=tmp_path)
    lines = done.stderr.decode().splitlines()
    found = LOCATED.match(lines[0])
    assert found is not None
    assert found.groups() == ("model.py", "6", "9")
    assert lines[1].endswith("    z = mystery(y) + 1")
    assert lines[1][lines[2].index("^") :].startswith("mystery")


def test_the_problems_of_all_functions_are_told_at_once(tmp_path: Path) -> None:
    text = LOOP + "\n\n" + LOOP.replace("def f", "def h")
    done = srcdiff(write(tmp_path, text).name, cwd=tmp_path)
    assert [m[2] for m in LOCATED.finditer(done.stderr.decode())] == ["3", "9"]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("model.py", "--mode", "both"),
        ("model.py", "--no-such-option"),
        ("model.py", "--in-place", "-o", "out.py"),
        ("-", "--in-place"),
        ("-", "--check"),
        ("model.py", "model.py", "-o", "out.py"),
        ("model.py", "--wrt"),
        ("model.py", "--wrt", ""),
        ("explain",),
        ("explain", "SD999"),
    ],
)
def test_wrong_usage_exits_with_two_and_says_why(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    path = write(tmp_path, SQUARE)
    done = srcdiff(*arguments, cwd=tmp_path, given=SQUARE.encode())
    assert (done.returncode, done.stdout) == (2, b"")
    assert re.match(r"Usage: srcdiff|Error: ", done.stderr.decode())
    assert path.read_text(encoding="utf-8") == SQUARE


def test_help_teaches(tmp_path: Path) -> None:
    done = srcdiff("--help", cwd=tmp_path)
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    for option in ("-o", "--in-place", "--check", "--function", "--wrt", "--mode", "explain"):
        assert option in text
    for example in (
        "srcdiff model.py ",
        "srcdiff model.py -o model_grad.py",
        "srcdiff model.py --in-place",
        "srcdiff model.py --function loss --wrt W,b",
        "srcdiff explain SD101",
    ):
        assert example in text
    assert "never imported or run" in text
    assert "f_backward" in text
    assert max(map(len, text.splitlines())) <= 100


def test_explain_tells_what_why_an_example_and_its_mend(tmp_path: Path) -> None:
    done = srcdiff("explain", "SD101", cwd=tmp_path)
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "SD101" in text.splitlines()[0]
    assert text.count("def ") >= 2
    assert srcdiff("explain", "sd101", cwd=tmp_path).stdout == done.stdout


@pytest.mark.parametrize(
    "arguments",
    [["model.py"], ["model.py", "--check"], ["broken.py"], ["missing.py"], ["--no-such-option"]],
)
def test_a_fresh_process_does_the_same_as_a_forked_one(
    tmp_path: Path, arguments: list[str]
) -> None:
    write(tmp_path, FULL)
    write(tmp_path, LOOP, "broken.py")
    alone, forked = fresh(arguments, tmp_path), srcdiff(*arguments, cwd=tmp_path)
    assert (alone.returncode, alone.stdout) == (forked.returncode, forked.stdout)
    assert alone.stderr == forked.stderr


def test_python_m_is_the_same_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "srcdiff", "-"]
    done = subprocess.run(command, input=SQUARE.encode(), capture_output=True, check=False)
    assert done.returncode == 0
    assert b"def f_backward(" in done.stdout


def test_the_console_script_is_the_same_command(tmp_path: Path) -> None:
    script = Path(sys.executable).parent / "srcdiff"
    if not script.exists():
        pytest.skip("installed without scripts")
    done = subprocess.run([script, "-"], input=SQUARE.encode(), capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stdout.decode() == derived("-", cwd=tmp_path, given=SQUARE.encode())


def test_one_function_that_cant_be_written_out_keeps_no_other_back(tmp_path: Path) -> None:
    """Constants of many forms go along; what isn't one is told at its place."""
    text = (
        "import numpy as np\n\nQ = np.diag([0.1, 0.2]) ** 2\nW, V = 2.0, 3.0\n"
        'RATES = {"slow": 0.5, "fast": [1, 2]}\nTINY = np.float32(0.25)\nA = B = 3.0\n'
        "NOISE = np.random.rand(3)\n\n\ndef form(x):\n    return x @ Q @ x\n\n\n"
        'def scaled(x):\n    return x * W * V * RATES["slow"] * TINY * A * B\n\n\n'
        "def noisy(x):\n    return np.sum(x * NOISE)\n"
    )
    (tmp_path / "model.py").write_text(text, encoding="utf-8")
    done = srcdiff("model.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "model.py:20:23: SD115" in done.stderr.decode()
    emitted: dict = {}
    exec(done.stdout.decode(), emitted)
    x = emitted["np"].array([0.3, 0.4])
    assert emitted["form_backward"](x) == pytest.approx([2 * 0.01 * 0.3, 2 * 0.04 * 0.4])
    assert emitted["scaled_backward"](1.0) == 2 * 3 * 0.5 * 0.25 * 9
    assert "noisy" not in done.stdout.decode()


def test_a_function_that_derived_code_would_hide_is_not_called_in_its_place(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text(
        "import numpy as np\n\n\ndef f(x):\n    return np.sum(x**2)\n\n\n"
        "def f_backward(x):\n    return 5 * np.sum(x)\n\n\n"
        "def g(x):\n    return f_backward(x) ** 2 * f(x)\n"
    )
    done = srcdiff(file, cwd=tmp_path)
    assert done.returncode == 1
    assert b"SD120 f_backward is defined here already" in done.stderr
    emitted: dict[str, Any] = {}
    exec(derived(file, "--function", "g", cwd=tmp_path), emitted)
    x = np.arange(1.0, 4.0)
    expected = 50 * x.sum() * np.sum(x**2) + 25 * x.sum() ** 2 * 2 * x
    np.testing.assert_allclose(emitted["g_backward"](x), expected)
