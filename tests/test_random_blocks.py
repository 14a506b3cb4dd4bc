"""Random programs with branches, loops, jumps and writes in place, held to laws.

At length: python tests/test_random_blocks.py 5000
"""

from __future__ import annotations

import copy
import importlib.util
import random
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward

HEADER = """\
import math

import numpy as np


def bent(x):
    y = math.tanh(x)
    return y * x


def scaled(values, factor):
    values[1:] *= factor


def leaning(x, y):
    return x * math.cos(x) - y * x


def turned(w, k):
    return np.array([w[1], -w[0], k * w[3] * w[2], w[0] * w[1]])


def decay(x, n):
    for _ in range(n):
        x = 0.7 * math.sin(x)
    return x


"""
STEP = "    "
VALUES = [
    "{0} * {1}",
    "{0} + 0.5 * {1}",
    "{0} - {1}",
    "math.sin({0}) * {1}",
    "math.tanh({0})",
    "0.5 * {0} + 0.3",
    "{0} / (1 + {1} ** 2)",
    "max({0}, {1})",
    "bent({0})",
    "decay({0}, 2) + {1}",
    "leaning({0} + {1}, {0})",
    "{0} if {1} > 0.2 else 0.5 * {1}",
]
PLACES = ["0", "1", "-1", "i % 4", "(i + 1) % 4", "k % 4"]
SLICES = [":2", "1:3", "::2", "1:", ":"]


class Writer:
    """Writes one random function of two numbers and an array of four."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.lines: list[str] = []
        self.left = self.draw.randint(4, 11)
        self.loops = 0
        self.names = ["a", "b"]

    def number(self) -> str:
        """Give something that is a number."""
        if self.draw.random() < 0.3:
            return f"{self.draw.choice('uv')}[{self.place()}]"
        return self.draw.choice(self.names)

    def place(self) -> str:
        places = [p for p in PLACES if self.loops or ("i" not in p and "k" not in p)]
        return self.draw.choice(places)

    def value(self) -> str:
        return self.draw.choice(VALUES).format(self.number(), self.number())

    def test(self) -> str:
        limit = round(self.draw.uniform(-0.8, 0.8), 3)
        if self.loops and self.draw.random() < 0.4:
            return f"i % 2 == {self.draw.randint(0, 1)}"
        return f"{self.number()} {self.draw.choice('<>')} {limit}"

    def block(self, indent: str, depth: int) -> None:
        """Write some statements."""
        count = self.draw.randint(1, 4)
        before = list(self.names)
        for _ in range(count):
            self.statement(indent, depth)
        if depth:
            self.names = before

    def statement(self, indent: str, depth: int) -> None:
        self.left -= 1
        kind = self.draw.random()
        if self.left > 0 and depth < 3 and kind < 0.32:
            self.compound(indent, depth)
        elif kind < 0.55:
            name = self.draw.choice([*"abcd"])
            self.lines.append(f"{indent}{name} = {self.value()}")
            if name not in self.names:
                self.names.append(name)
        elif kind < 0.65:
            name = self.draw.choice(self.names)
            self.lines.append(
                f"{indent}{name} {self.draw.choice(['+=', '*=', '-='])} {self.value()}"
            )
        elif kind < 0.82:
            sign = self.draw.choice(["=", "=", "+=", "*=", "-="])
            self.lines.append(f"{indent}u[{self.place()}] {sign} {self.value()}")
        elif kind < 0.9:
            part = self.draw.choice(SLICES)
            sign = self.draw.choice(["=", "+=", "*="])
            other = self.draw.choice([f"v[{part}]", f"u[{part}] * {self.number()}", self.number()])
            self.lines.append(f"{indent}u[{part}] {sign} {other}")
        elif kind < 0.93:
            self.lines.append(f"{indent}{self.array_write()}")
        elif kind < 0.96:
            left, right = self.draw.sample(["a", "b"], 2)
            self.lines.append(f"{indent}{left}, {right} = {right}, {self.value()}")
        else:
            changed = self.draw.choice(["np.sin(u)", "turned(u + 0.5 * v, a)", "turned(u, b)"])
            self.lines.append(f"{indent}u = {changed} * {self.number()}")

    def array_write(self) -> str:
        """Give a write by a mask, by picked entries that may repeat, through a view or a call."""
        limit = round(self.draw.uniform(-0.5, 0.5), 3)
        sign = self.draw.choice(["=", "+=", "*="])
        number = self.number()
        return self.draw.choice(
            [
                f"u[u > {limit}] {sign} {number}",
                f"u[v < {limit}] = v[v < {limit}] * {number}",
                f"u[[0, 2, 0]] {sign} {number}",
                f"u[[1, 3]] {sign} v[:2] * {number}",
                f"np.add.at(u, [0, 2, 0], {number})",
                f"np.multiply(u, {number}, out=u)",
                f"w = u[1:3]; w {sign} {number}",
                f"w = u[::2]; w[0] {sign} {number}; u[1] += w[0] * w[1]",
                "u[:2], v[:2] = v[:2], u[:2] * 0.5",
                f"scaled(u, {number})",
                f"np.copyto(u, v, where=v > {limit})",
            ]
        )

    def compound(self, indent: str, depth: int) -> None:
        kind = self.draw.random()
        if kind < 0.4:
            self.lines.append(f"{indent}if {self.test()}:")
            self.block(indent + STEP, depth + 1)
            if self.draw.random() < 0.3:
                self.lines.append(f"{indent}elif {self.test()}:")
                self.block(indent + STEP, depth + 1)
            if self.draw.random() < 0.5:
                self.lines.append(f"{indent}else:")
                self.block(indent + STEP, depth + 1)
            elif not self.loops and self.draw.random() < 0.2:
                self.lines.append(f"{indent}{STEP}return {self.value()}")
            return
        index = "i" if self.loops == 0 else "k"
        if self.loops == 0 and kind > 0.85:
            self.lines += [f"{indent}i = 0", f"{indent}while i < {self.draw.randint(0, 4)}:"]
            self.lines.append(f"{indent}{STEP}i += 1")
        else:
            sequence = self.draw.choice(
                ["range(3)", "range(4)", "range(0)", "range(3, 0, -1)", "range(1, 6, 2)"]
            )
            self.lines.append(f"{indent}for {index} in {sequence}:")
        if index == "i":
            self.lines.insert(len(self.lines) - (2 if kind > 0.85 else 1), f"{indent}k = 0")
        self.loops += 1
        self.block(indent + STEP, depth + 1)
        if self.draw.random() < 0.35:
            word = self.draw.choice(["break", "continue", "break"])
            self.lines += [f"{indent}{STEP}if {self.test()}:", f"{indent}{STEP * 2}{word}"]
            self.block(indent + STEP, depth + 1)
        elif self.loops == 1 and self.draw.random() < 0.15:
            self.lines.append(f"{indent}{STEP}if {self.test()}:")
            self.lines.append(f"{indent}{STEP * 2}return {self.value()}")
        self.loops -= 1

    def text(self) -> str:
        """Give the module."""
        self.block(STEP, 0)
        self.lines.append(f"{STEP}return a * b + np.sum(u * v)")
        head = f"def f(a, b, x):\n{STEP}u = x.copy()\n{STEP}v = x * a\n"
        return HEADER + head + "\n".join(self.lines) + "\n"


def load(text: str, path: Path) -> Any:
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def differences(f: Any, args: list[Any], place: int, h: float) -> np.ndarray:
    value = np.atleast_1d(args[place])
    found = np.zeros(value.shape)
    for index in np.ndindex(value.shape):
        ends = []
        for sign in (1, -1):
            moved = value.copy()
            moved[index] += sign * h
            at = list(copy.deepcopy(args))
            at[place] = moved if np.ndim(args[place]) else float(moved[0])
            ends.append(float(f(*at)))
        found[index] = (ends[0] - ends[1]) / (2 * h)
    return found


def check(seed: int, folder: Path) -> str:
    """Hold one program to the laws; say whether it was checked, refused or passed over."""
    return held_to_laws(Writer(seed).text(), seed, folder)


def held_to_laws(text: str, seed: int, folder: Path) -> str:
    """Hold a program of two numbers and an array of four to the laws."""
    draws = np.random.default_rng(seed)
    args = [float(draws.uniform(-1, 1)), float(draws.uniform(-1, 1)), draws.uniform(-1, 1, 4)]
    module = load(text, folder / f"program_{seed}.py")
    try:
        value = float(module.f(*copy.deepcopy(args)))
    except (UnboundLocalError, IndexError, KeyError, TypeError, ValueError, OverflowError):
        return "passed over"  # the program itself reads what it has not written
    refused, allowed = None, {"SD102", "SD110", "SD104", "SD105", "SD101"}
    kept = copy.deepcopy(args)
    try:
        derive_backward(module.f, wrt=("a", "b", "x"))
        allowed = {"SD110"}  # a version for the arguments' types may know less than the text
        found = module.f.backward(*args)
        source = module.f.backward.source
    except DerivationError as error:
        refused = error
    if refused is not None:
        assert {d.code for d in refused.diagnostics} <= allowed, (text, str(refused))
        return "refused"
    general = dict(vars(module))
    exec(source, general)
    try:
        again = general["f_backward"](*args)
    except TypeError as error:
        if "must be a number" not in str(error):
            raise
        return "refused"  # the text takes an item for a number, and says that it is none
    again_value, valued = module.f.value_and_grad(*args)
    np.testing.assert_equal(args, kept)
    assert np.isclose(again_value, value, rtol=1e-10), text
    doubled = module.f.backward(*args, **{next(iter(module.f.backward._upstreams)): 2.0})
    checked = False
    for place in range(3):
        mine = np.atleast_1d(found[place])
        for other, factor in ((again[place], 1), (valued[place], 1), (doubled[place], 0.5)):
            np.testing.assert_allclose(
                np.atleast_1d(other) * factor, mine, rtol=1e-9, atol=1e-9, err_msg=text
            )
        wide, narrow = (differences(module.f, args, place, h) for h in (1e-5, 1e-6))
        smooth = np.isclose(wide, narrow, rtol=1e-4, atol=1e-6)
        if smooth.all() and np.abs(wide).max() < 1e4 and abs(value) < 1e6:
            np.testing.assert_allclose(mine, wide, rtol=1e-4, atol=1e-5, err_msg=text)
            checked = True
    return "checked" if checked else "passed over"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("block", range(4))
def test_random_blocks_keep_the_laws(block: int, tmp_path: Path) -> None:
    results = [check(seed, tmp_path) for seed in range(25 * block, 25 * block + 25)]
    assert results.count("checked") >= 12


def main(check: Callable[[int, Path], str] = check) -> int:
    """Hold as many programs as asked for to the laws, and count."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    start = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    warnings.simplefilter("ignore")
    tally: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(start, start + count):
            try:
                result = check(seed, Path(folder))
            except Exception as error:  # noqa: BLE001  # each kind of failure is to be seen
                result = "failed"
                print(f"--- seed {seed}: {type(error).__name__}: {str(error)[:1500]}")
            tally[result] = tally.get(result, 0) + 1
    print(tally)
    return 1 if "failed" in tally else 0


if __name__ == "__main__":
    sys.exit(main())
