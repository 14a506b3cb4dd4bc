"""Random programs that fill tables element by element, held to laws.

Tables are arrays, arrays of rows, lists and dicts. What is kept for them depends on which elements
are read before they are written, in this round of a loop or another.

At length: python tests/test_random_tables.py 5000
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from test_random_blocks import HEADER, STEP, held_to_laws, main

SIZE = 7
BEGINNINGS = {
    "array": ["np.zeros(7)", "np.ones(7)", "np.concatenate([x, x[:3]])", "np.empty(7) * 0 + a"],
    "rows": ["np.zeros((7, 4))", "np.outer(np.ones(7), x)", "np.ones((7, 4)) * b"],
    "list": [
        "[0.5 for _ in range(7)]",
        "[x[0] * j for j in range(7)]",
        "[0.3] * 7",
        "[a] + [b] * 6",
    ],
    "dict": ["{j: 0.5 * j for j in range(-3, 9)}", "{j: x[1] * j for j in range(-3, 9)}"] * 3
    + ["{}"],
    "named": ['{f"p{j}": 0.1 * j for j in range(-3, 9)}', '{f"p{j}": a for j in range(9)}'] * 3
    + ['{"p0": a, "q0": b}'],
}
ENDS = {
    "array": "np.sum(h[:4] * x) + np.sum(g[2:]) * a",
    "rows": "np.sum(h[1:] * x) + np.sum(g[-1]) * b",
    "list": "h[2] * g[3] + h[SIZE - 1] + a",
    "dict": "h[2] * g[3] + sum(h.values()) + a",
    "named": 'h["p2"] * g["p1"] + sum(h.values()) + b',
}
SEQUENCES = [
    "range(4)",
    "range(1, 5)",
    "range(2, 7, 2)",
    "range(5, 0, -1)",
    "reversed(range(1, 4))",
    "range(len(x))",
]
STEPS = ["{0}", "np.sin({0})", "np.tanh({0} * {1})", "0.5 * {0} + {1}", "np.exp(-({0} ** 2)) * {1}"]


class Filler:
    """Writes one random function of two numbers and an array of four."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.kind = self.draw.choice(["array", "array", "rows", "list", "dict", "named"])
        self.lines: list[str] = []

    def place(self, index: str) -> str:
        """Give an index, near the loop's or a constant."""
        shift = self.draw.choice([-2, -1, -1, 0, 0, 1, 1, 2])
        near = index if shift == 0 else f"{index} {'+' if shift > 0 else '-'} {abs(shift)}"
        chosen = near if self.draw.random() < 0.8 and index else str(self.draw.randrange(SIZE))
        if self.kind == "named":
            letter = self.draw.choice("ppq")
            return (
                f'f"{letter}{{{chosen}}}"' if self.draw.random() < 0.6 else f'"p" + str({chosen})'
            )
        return chosen

    def number(self, index: str) -> str:
        if self.draw.random() < 0.65:
            return f"{self.draw.choice('hg')}[{self.place(index)}]"
        return self.draw.choice(["a", "b", "x[1]", f"x[{index or 0} % 4]"])

    def value(self, index: str) -> str:
        """Give what is written: of elements, or of a helper of these."""
        first, second = self.number(index), self.number(index)
        if self.kind == "rows" and self.draw.random() < 0.3:
            return f"turned({first} + x, a)"
        if self.kind != "rows" and self.draw.random() < 0.2:
            return f"leaning({first}, {second})"
        return self.draw.choice(STEPS).format(first, second)

    def statement(self, index: str, indent: str) -> None:
        kind = self.draw.random()
        place = f"{self.draw.choice('hg')}[{self.place(index)}]"
        if kind < 0.55:
            self.lines.append(f"{indent}{place} = {self.value(index)}")
        elif kind < 0.7:
            self.lines.append(f"{indent}{place} {self.draw.choice(['+=', '*=', '-='])} a")
        elif kind < 0.8:
            mean = "np.mean({})" if self.kind == "rows" else "{}"
            self.lines.append(f"{indent}a = a + 0.1 * np.sin({mean.format(place)})")
        elif kind < 0.9:
            self.lines.append(f"{indent}if b > {round(self.draw.uniform(-1, 1), 2)}:")
            self.lines.append(f"{indent}{STEP}{place} = {self.value(index)}")
        else:
            self.lines.append(f"{indent}t = {self.value(index)}")
            self.lines.append(f"{indent}{place} = t * t")

    def loop(self) -> None:
        indent = STEP
        if self.draw.random() < 0.3:
            self.lines.append(f"{indent}for k in {self.draw.choice(['range(2)', 'range(1, 3)'])}:")
            indent += STEP
            if self.draw.random() < 0.5:
                self.lines.append(f"{indent}g = {self.draw.choice(BEGINNINGS[self.kind])}")
        self.lines.append(f"{indent}for i in {self.draw.choice(SEQUENCES)}:")
        for _ in range(self.draw.choice([1, 1, 2, 3])):
            self.statement("i", indent + STEP)

    def text(self) -> str:
        """Give the module."""
        self.lines += [f"{STEP}{name} = {self.draw.choice(BEGINNINGS[self.kind])}" for name in "hg"]
        for _ in range(self.draw.choice([0, 1, 2])):
            self.statement("", STEP)
        for _ in range(self.draw.choice([1, 1, 2])):
            self.loop()
        self.lines.append(f"{STEP}return {ENDS[self.kind].replace('SIZE', str(SIZE))}")
        return HEADER + "def f(a, b, x):\n" + "\n".join(self.lines) + "\n"


def check(seed: int, folder: Path) -> str:
    """Hold one program to the laws; say whether it was checked, refused or passed over."""
    return held_to_laws(Filler(seed).text(), seed, folder)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("block", range(4))
def test_random_tables_keep_the_laws(block: int, tmp_path: Path) -> None:
    results = [check(seed, tmp_path) for seed in range(25 * block, 25 * block + 25)]
    assert results.count("checked") >= 10


if __name__ == "__main__":
    sys.exit(main(check))
