"""Random programs whose variables take over each other's values, which grow from numbers to arrays.

At length: python tests/test_random_shapes.py 5000
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from test_random_blocks import held_to_laws, main

STEP = "    "
FIRST = ["0.0", "1.0", "a", "b", "x", "x[:1]", "np.zeros(1)", "np.ones((2, 1))", "0", "a * b"]
VALUES = [
    "{0}",
    "{0}",
    "{0}",
    "{0} + {1}",
    "{0} * {1}",
    "0.5 * {0} - {1}",
    "np.tanh({0}) * {1}",
    "np.sin({0} + {1})",
    "np.sum({0})",
    "np.sum({0}, keepdims=True)",
    "{0} * a + b",
    "{0} * x",
    "x",
    "a",
    "mixed({0}, {1})",
    "np.where(x > 0.1, {0}, 0.5 * b)",
]
HEADER = """\
import numpy as np


def mixed(x, y):
    z = x * y
    if np.sum(z) > 0.3:
        z = z + x
    return z


"""


class Writer:
    """Writes one random function of two numbers and an array of four."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.held = self.draw.choice(["names", "names", "names", "dict", "list"])
        self.names = [self.name(place) for place in range(self.draw.randint(2, 4))]

    def name(self, place: int) -> str:
        """Give a variable: a name, an entry of a dict or an item of a list."""
        return {"names": "pqrs"[place], "dict": f'd["{"pqrs"[place]}"]', "list": f"d[{place}]"}[
            self.held
        ]

    def value(self) -> str:
        return self.draw.choice(VALUES).format(*(self.draw.choice(self.names) for _ in range(2)))

    def statement(self, indent: str) -> str:
        kind = self.draw.random()
        one, other = self.draw.sample(self.names, 2)
        if kind < 0.6:
            return f"{indent}{one} = {self.value()}"
        if kind < 0.8:
            return f"{indent}{one}, {other} = {self.draw.choice([other, one])}, {self.value()}"
        if kind < 0.9:
            return f"{indent}if i % 2 == {self.draw.randint(0, 1)}:\n{indent}{STEP}{one} = {other}"
        return f"{indent}{one} = {one} {self.draw.choice('+-*')} {self.value()}"

    def body(self, indent: str) -> list[str]:
        return [self.statement(indent) for _ in range(self.draw.randint(1, 4))]

    def text(self) -> str:
        """Give the module."""
        empty = {"names": [], "dict": ["d = {}"], "list": [f"d = [0.0] * {len(self.names)}"]}
        lines = [STEP + line for line in empty[self.held]]
        lines += [f"{STEP}{name} = {self.draw.choice(FIRST)}" for name in self.names]
        rounds = self.draw.choice(["range(3)", "range(4)", "range(1)", "range(2, 0, -1)"])
        lines.append(f"{STEP}for i in {rounds}:")
        lines += self.body(STEP * 2)
        if self.draw.random() < 0.3:
            lines.append(f"{STEP * 2}for k in range(2):")
            lines += self.body(STEP * 3)
        if self.draw.random() < 0.3:
            lines += [f"{STEP * 2}if np.sum({self.names[0]}) > 0.4:", f"{STEP * 3}break"]
            lines += self.body(STEP * 2)
        total = " + ".join(
            f"{factor} * np.sum({name} * {name})"
            for factor, name in zip((1, 2, 3, 4), self.names, strict=False)
        )
        head = "def f(a, b, x):\n"
        return HEADER + head + "\n".join(lines) + f"\n{STEP}return {total} + a * b + np.sum(x)\n"


def check(seed: int, folder: Path) -> str:
    """Hold one program to the laws; say whether it was checked, refused or passed over."""
    return held_to_laws(Writer(seed).text(), seed, folder)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("block", range(3))
def test_values_that_grow_keep_the_laws(block: int, tmp_path: Path) -> None:
    results = [check(seed, tmp_path) for seed in range(25 * block, 25 * block + 25)]
    assert results.count("checked") >= 15


if __name__ == "__main__":
    sys.exit(main(check))
