"""Measure the budgets, as ratios in one run: python benchmarks/run.py."""

from __future__ import annotations

import subprocess
import sys
import time
import timeit
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import libcst
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from functions import CASES

from srcdiff import derive_backward
from srcdiff.file import SourceFile, Wish


def seconds(call: Callable[[], Any], repeat: int = 9) -> float:
    """Give the best time of a call."""
    number = max(1, int(0.02 / max(timeit.timeit(call, number=3) / 3, 1e-7)))
    return min(timeit.repeat(call, number=number, repeat=repeat)) / number


def peak(call: Callable[[], Any]) -> int:
    """Give the peak memory of a call, in bytes."""
    tracemalloc.start()
    call()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def emitted_code() -> None:
    """Compare derived gradients with those written by hand."""
    print(f"{'function':14} {'by hand':>10} {'emitted':>8} {'decorator':>10} {'memory':>7}")
    for function, (by_hand, arguments) in CASES.items():
        derived = derive_backward(function).backward
        for mine, theirs in zip(derived(*arguments), by_hand(*arguments), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)
        (version,) = derived._versions.values()
        calls = [lambda f=f, a=arguments: f(*a) for f in (by_hand, version, derived)]
        hand, code, decorator = map(seconds, calls)
        memory = peak(calls[1]) / max(peak(calls[0]), 1)
        print(
            f"{function.__name__:14} {hand * 1e6:8.1f} µs {code / hand:7.2f}x "
            f"{decorator / hand:9.2f}x {memory:6.2f}x   (+{(decorator - code) * 1e6:.2f} µs)"
        )


def text_of(lines: int) -> str:
    """Give a function of so many lines."""
    steps = ["    a = x * y"]
    for index in range(lines - 2):
        name, before = f"v{index}", f"v{index - 1}" if index else "a"
        form = ("np.sin({0}) + x", "{0} * y - a", "{0} / (1 + x**2)", "np.tanh({0})")[index % 4]
        steps.append(f"    {name} = {form.format(before)}")
    steps.append(f"    return v{lines - 3}")
    return "import numpy as np\n\n\ndef f(x: float, y: float):\n" + "\n".join(steps) + "\n"


def deriving() -> None:
    """Compare deriving with libcst's own parse and code generation of the same text."""
    for lines in (20, 100, 300, 1000):
        text = text_of(lines)

        def derive(text: str = text) -> str:
            file = SourceFile(text, "f.py")
            return file.module(file.derive(file.chosen(None, Wish())))

        emitted = derive()
        repeat = 9 if lines < 500 else 3
        mine = min(timeit.repeat(derive, number=1, repeat=repeat))
        parse = min(
            timeit.repeat(lambda t=emitted: libcst.parse_module(t).code, number=1, repeat=repeat)
        )
        print(f"{lines:5} lines: {mine * 1e3:8.1f} ms, {mine / parse:5.1f}x libcst alone")


def importing() -> None:
    """Compare `import srcdiff` with `import numpy`."""

    def best(code: str) -> float:
        times = []
        for _ in range(9):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - start)
        return min(times)

    numpy, both = best("import numpy"), best("import numpy, srcdiff")
    print(f"import numpy {numpy * 1e3:.0f} ms, with srcdiff {(both - numpy) * 1e3:+.1f} ms")


if __name__ == "__main__":
    emitted_code()
    deriving()
    importing()
